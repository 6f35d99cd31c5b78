"""From source records to mentions and their claims.

Works from ``dirty`` rows, so that a crash repeats at most one batch. What cannot be mapped waits in quarantine with its
reason; the claim of its last good version stays in force meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, insert, select, update

from solmu.errors import Skippable
from solmu.exchange import Payload, Remote
from solmu.mapping.values import Mapped, MappedConsent, MappedMention
from solmu.model import Entity
from solmu.normalise import Invalid, email
from solmu.store import Store, dirty, time
from solmu.store.ids import public_id
from solmu.store.migrate import hash_key
from solmu.store.payload import canonical, keyed_hash, unpack
from solmu.store.sql import chunks, upsert
from solmu.store.tables import (
    consent,
    golden_alias,
    link,
    mention,
    quarantine,
    recipe,
    source_record,
    source_version,
    tombstone,
)
from solmu.store.tables import dirty as dirty_table
from solmu.sync import ledger
from solmu.sync.fold import Claim, fold
from solmu.sync.hanging import resolve_waiting, store_hanging
from solmu.sync.land import Stream
from solmu.sync.outbox import Seen, observe_all, remotes_of

BATCH = 500


class Maps(Protocol):
    """What this stage needs of a source mapping."""

    @property
    def recipe(self) -> str:
        """Hash of what makes its claims."""

    @property
    def recipe_detail(self) -> Mapping[str, Any]:
        """What the hash is of."""

    def map(self, payload: Mapping[str, Any], *, connection: str) -> Mapped:
        """The mentions of a payload. Raises Skippable."""


@dataclass(frozen=True, slots=True)
class Stage:
    """How one stream becomes mentions.

    ``as_remote`` is given for a connection that is a target too: it reads our external id, the version and who changed
    it last from a landed payload. ``targets`` are the names of all targets, which look again at what changes.
    """

    stream: Stream
    mapping: Maps
    partial: bool
    targets: Sequence[str]
    as_remote: Callable[[str, Payload], Remote] | None = None


@dataclass(slots=True)
class _Record:
    """One record on its way through the stage."""

    id: int
    generation: int
    key: str
    state: str
    version_id: int
    outcome: str
    stamp: int
    payload: Payload | None
    file: str | None
    line: int | None
    remote: Remote | None = None
    mapped: Mapped | None = None
    refusal: Skippable | None = None
    echoes: Collection[str] = ()
    mentions: dict[str, Any] = field(default_factory=dict)


def map_pending(
    store: Store, stage: Stage, *, run_id: str, count: bool, progress: Callable[[int], None] | None = None
) -> None:
    """Map every record of the stream that waits.

    ``count``: these rows were read in this run, so one that is refused moves from its outcome to ``refused`` in the
    ledger. Without it (work left over by an earlier run, a replay) the ledger is left alone.
    """
    with store.read() as connection:
        key = hash_key(connection)
    _remember_recipe(store, stage)
    after = 0
    while True:
        with store.read() as connection:
            records = _load(connection, stage, after)
        if not records:
            return
        after = records[-1].id
        for record in records:
            _map(record, stage)
        with store.write() as connection:
            _store(connection, stage, records, key, run_id, count)
        if progress:
            progress(len(records))


def release_mended(store: Store, stage: Stage, *, everything: bool = False) -> int:
    """Send back to mapping what waits in quarantine because of an older recipe; gives how many.

    ``everything``: also what the present recipe has refused already.
    """
    query = (
        select(quarantine.c.record_id)
        .join(source_record, source_record.c.id == quarantine.c.record_id)
        .where(
            source_record.c.connection == stage.stream.connection,
            source_record.c.stream == stage.stream.name,
            quarantine.c.state == "waiting",
            quarantine.c.stage != "read",
        )
    )
    if not everything:
        query = query.where(quarantine.c.recipe != stage.mapping.recipe)
    with store.write() as connection:
        ids = list(connection.scalars(query))
        for some in chunks(ids):
            connection.execute(update(source_record).where(source_record.c.id.in_(some)).values(state="landed"))
        dirty.mark(connection, "map", ids)
    return len(ids)


def _load(connection: Connection, stage: Stage, after: int) -> list[_Record]:
    query = (
        select(
            source_record.c.id,
            dirty_table.c.generation,
            source_record.c.key,
            source_record.c.state,
            source_record.c.version_id,
            source_version.c.outcome,
            source_version.c.changed_at,
            source_version.c.landed_at,
            source_version.c.payload,
            source_version.c.file,
            source_version.c.line,
        )
        .join(source_record, source_record.c.id == dirty_table.c.id)
        .join(source_version, source_version.c.id == source_record.c.version_id)
        .where(
            dirty_table.c.consumer == "map",
            dirty_table.c.id > after,
            source_record.c.connection == stage.stream.connection,
            source_record.c.stream == stage.stream.name,
        )
        .order_by(dirty_table.c.id)
        .limit(BATCH)
    )
    records = [
        _Record(
            id=row.id,
            generation=row.generation,
            key=row.key,
            state=row.state,
            version_id=row.version_id,
            outcome=row.outcome,
            stamp=row.landed_at if row.changed_at is None else row.changed_at,
            payload=None if row.payload is None else unpack(row.payload),
            file=row.file,
            line=row.line,
        )
        for row in connection.execute(query)
    ]
    by_id = {record.id: record for record in records}
    mentions = (
        select(mention, link.c.golden_id, source_version.c.changed_at, source_version.c.landed_at)
        .outerjoin(link, (link.c.mention_id == mention.c.id) & link.c.until.is_(None))
        .outerjoin(source_version, source_version.c.id == mention.c.version_id)
        .where(mention.c.record_id.in_(by_id))
    )
    for row in connection.execute(mentions):
        by_id[row.record_id].mentions[row.slot] = row
    if stage.as_remote:
        _mark_echoes(connection, stage, records)
    return records


def _mark_echoes(connection: Connection, stage: Stage, records: Sequence[_Record]) -> None:
    """What in these records of a target only repeats what we wrote there."""
    assert stage.as_remote is not None
    for record in records:
        if record.payload is not None:
            record.remote = stage.as_remote(record.key, record.payload)
    there = [record.remote for record in records if record.remote]
    known = remotes_of(
        connection,
        stage.stream.connection,
        stage.stream.name,
        [remote.remote_id for remote in there],
        external_ids={remote.remote_id: remote.external_id for remote in there if remote.external_id},
    )
    for record in records:
        ours = known.get(record.key)
        if ours is not None and record.remote is not None:
            record.echoes = ours.echoes(record.remote)


def _map(record: _Record, stage: Stage) -> None:
    # A row that could not be read has nothing to map; one that is gone has nothing to say any more.
    if record.state != "landed" or record.payload is None:
        return
    try:
        record.mapped = stage.mapping.map(record.payload, connection=stage.stream.connection)
    except Skippable as refusal:
        record.refusal = refusal


def _store(
    connection: Connection, stage: Stage, records: Sequence[_Record], key: bytes, run_id: str, count: bool
) -> None:
    now = time.now()
    born = _store_mentions(connection, stage, records, key, now)
    slots = {(record.id, slot): row["id"] for record in records for slot, row in born.get(record.id, {}).items()}
    told = [record for record in records if record.mapped is not None or record.state == "withdrawn"]
    things = [(record.id, thing) for record in told if record.mapped for thing in record.mapped.hanging]
    store_hanging(connection, things, slots, [record.id for record in told], key=key, targets=stage.targets)
    resolve_waiting(
        connection,
        {
            f"{stage.stream.connection}/{stage.stream.name}/{slot}/{record.key}": row["id"]
            for record in records
            for slot, row in born.get(record.id, {}).items()
            if row["new"]
        },
        targets=stage.targets,
    )
    _store_consents(connection, stage, told, slots, now)
    _store_states(connection, stage, records, now)
    if stage.as_remote:
        _observe(connection, stage, records, slots, now)
    refused = Counter(record.outcome for record in records if record.refusal)
    if count:
        moved = {outcome: -number for outcome, number in refused.items()}
        ledger.add(connection, run_id, "streams", stage.stream.path, {**moved, "refused": refused.total()})
    dirty.done(connection, "map", [(record.id, record.generation) for record in records])


def _store_mentions(
    connection: Connection, stage: Stage, records: Sequence[_Record], key: bytes, now: int
) -> dict[int, dict[str, dict[str, Any]]]:
    """Gives {record id: {slot: {"id", "new"}}} of the mentions that are there now."""
    dead = _tombstones(connection, records, key)
    there: dict[int, dict[str, dict[str, Any]]] = {}
    inserts: list[dict[str, Any]] = []
    updates: list[dict[str, Any]] = []
    changed: list[int] = []
    golden: set[int] = set()
    for record in records:
        told = {each.slot: each for each in record.mapped.mentions} if record.mapped else {}
        for slot, row in record.mentions.items():
            there.setdefault(record.id, {})[slot] = {"id": row.id, "new": False}
            values = _next(record, row, told.get(slot), stage, key, dead)
            if values is not None:
                updates.append(values)
                changed.append(row.id)
                if row.golden_id is not None:
                    golden.add(row.golden_id)
        for slot, each in told.items():
            if slot not in record.mentions:
                inserts.append(_first(record, each, stage, key, dead))
    if updates:
        connection.execute(
            update(mention)
            .where(mention.c.id == bindparam("b_id"))
            .values(
                {name: bindparam(f"b_{name}") for name in ("state", "claim", "claim_hash", "version_id", "recipe")}
            ),
            updates,
        )
    if inserts:
        ids = connection.scalars(insert(mention).returning(mention.c.id, sort_by_parameter_order=True), inserts).all()
        connection.execute(
            insert(golden_alias),
            [{"public_id": row["public_id"], "mention_id": id} for row, id in zip(inserts, ids, strict=True)],
        )
        for row, id in zip(inserts, ids, strict=True):
            there.setdefault(row["record_id"], {})[row["slot"]] = {"id": id, "new": True}
            if row["state"] == "pending":
                changed.append(id)
    dirty.mark(connection, "match", changed)
    dirty.mark(connection, "golden", golden)
    return there


def _first(
    record: _Record, told: MappedMention, stage: Stage, key: bytes, dead: Collection[tuple[int, str]]
) -> dict[str, Any]:
    claim = _claim(record, told, None, stage, previous=None)
    state = "pending"
    if record.mapped is not None and record.mapped.ignored:
        state = "ignored"
    if (record.id, told.slot) in dead:
        state, claim = "erased", {}
    return {
        "record_id": record.id,
        "slot": told.slot,
        "entity": told.entity.value,
        "state": state,
        "public_id": public_id(told.entity),
        "claim": claim,
        "claim_hash": keyed_hash(key, canonical(claim)),
        "version_id": record.version_id,
        "recipe": stage.mapping.recipe,
    }


def _next(
    record: _Record,
    row: Any,
    told: MappedMention | None,
    stage: Stage,
    key: bytes,
    dead: Collection[tuple[int, str]],
) -> dict[str, Any] | None:
    """The new values of a mention that is there already, or None where nothing changed."""
    claim: Claim = row.claim or {}
    hash, version_id, recipe_hash = row.claim_hash, row.version_id, row.recipe
    if row.state == "erased" or (record.id, row.slot) in dead:
        state, claim, hash = "erased", {}, keyed_hash(key, b"{}")
    elif record.refusal or record.state == "refused":
        # What was silent before stays silent: a row that is refused says nothing new.
        state = row.state if row.state in {"withdrawn", "ignored"} else "quarantined"
    elif told is None:
        state = "withdrawn"
    else:
        ignored = record.mapped is not None and record.mapped.ignored
        state = "ignored" if ignored else "pending" if row.golden_id is None else "linked"
        claim = _claim(record, told, claim, stage, previous=_stamp_of(row))
        hash, version_id, recipe_hash = keyed_hash(key, canonical(claim)), record.version_id, stage.mapping.recipe
    if (state, hash, recipe_hash) == (row.state, row.claim_hash, row.recipe):
        return None
    return {
        "b_id": row.id,
        "b_state": state,
        "b_claim": claim,
        "b_claim_hash": hash,
        "b_version_id": version_id,
        "b_recipe": recipe_hash,
    }


def _claim(record: _Record, told: MappedMention, old: Claim | None, stage: Stage, *, previous: int | None) -> Claim:
    observed = record.mapped.observed_at if record.mapped else None
    stamp = record.stamp if observed is None else min(time.micros(observed), record.stamp)
    # A field is an echo only if everything it was read from is.
    repeated = {
        name for name, columns in told.columns.items() if columns and all(column in record.echoes for column in columns)
    }
    fields = dict(told.fields)
    if told.entity is Entity.PERSON and _opted_out(record, told.slot):
        fields["opt_out"] = True
    return fold(old, fields, echoes=repeated, stamp=stamp, previous=previous, partial=stage.partial)


def _opted_out(record: _Record, slot: str) -> bool:
    consents: Sequence[MappedConsent] = record.mapped.consents if record.mapped else ()
    return any(each.slot == slot and each.purpose == "email" and not each.allowed for each in consents)


def _stamp_of(row: Any) -> int | None:
    stamp: int | None = row.landed_at if row.changed_at is None else row.changed_at
    return stamp


def _tombstones(connection: Connection, records: Sequence[_Record], key: bytes) -> set[tuple[int, str]]:
    """(record id, slot) of mentions of people who were erased: a re-import must not bring them back."""
    hashes: dict[bytes, list[tuple[int, str]]] = {}
    for record in records:
        for told in record.mapped.mentions if record.mapped else ():
            for address in told.fields.get("email", ()) if told.entity is Entity.PERSON else ():
                hashes.setdefault(tombstone_hash(key, address), []).append((record.id, told.slot))
    dead: set[tuple[int, str]] = set()
    for some in chunks(hashes):
        for hash in connection.scalars(select(tombstone.c.hash).where(tombstone.c.hash.in_(some))):
            dead.update(hashes[hash])
    return dead


def tombstone_hash(key: bytes, address: str) -> bytes:
    """The keyed hash under which an erased person's e-mail address is remembered."""
    try:
        found = email(address)
    except Invalid:
        found = None
    return keyed_hash(key, f"person email {found.key if found else address}".encode())


def _store_consents(
    connection: Connection, stage: Stage, records: Sequence[_Record], slots: Mapping[tuple[int, str], int], now: int
) -> None:
    rows = [
        {
            "mention_id": slots[(record.id, each.slot)],
            "purpose": each.purpose,
            "allowed": each.allowed,
            "source": f"{stage.stream.path}/{record.key}",
            "at": record.stamp,
        }
        for record in records
        if record.mapped
        for each in record.mapped.consents
        if (record.id, each.slot) in slots
    ]
    upsert(connection, consent, rows, conflict=("mention_id", "purpose"))


def _store_states(connection: Connection, stage: Stage, records: Sequence[_Record], now: int) -> None:
    states = {"mapped": [r.id for r in records if r.mapped], "refused": [r.id for r in records if r.refusal]}
    for state, ids in states.items():
        for some in chunks(ids):
            connection.execute(update(source_record).where(source_record.c.id.in_(some)).values(state=state))
            # Whatever waited before is answered, or replaced by the reason of now.
            connection.execute(
                update(quarantine)
                .where(quarantine.c.record_id.in_(some), quarantine.c.state == "waiting")
                .values(state="released", until=now)
            )
    rows = [
        {
            "record_id": record.id,
            "version_id": record.version_id,
            "state": "waiting",
            "stage": refusal.stage,
            "code": refusal.code,
            "message": refusal.message,
            "field": refusal.field,
            "value": None if refusal.value is None else str(refusal.value),
            "expected": refusal.expected,
            "recipe": stage.mapping.recipe,
            "since": now,
        }
        for record in records
        if (refusal := record.refusal)
    ]
    if rows:
        connection.execute(insert(quarantine), rows)


def _observe(
    connection: Connection, stage: Stage, records: Sequence[_Record], slots: Mapping[tuple[int, str], int], now: int
) -> None:
    """Keep the mirror of the target: what it holds now is what the next plan starts from."""
    seen = []
    for record in records:
        if record.remote is not None:
            mentions = (slots.get((record.id, slot)) for slot in ("organisation", "person"))
            mention_id = next((id for id in mentions if id is not None), None)
            seen.append(Seen(record.remote, mention_id, deleted=record.state == "withdrawn"))
    observe_all(connection, stage.stream.connection, stage.stream.name, seen, now=now)


def _remember_recipe(store: Store, stage: Stage) -> None:
    row = {"hash": stage.mapping.recipe, "detail": dict(stage.mapping.recipe_detail), "made_at": time.now()}
    with store.write() as connection:
        upsert(connection, recipe, [row], conflict=("hash",), update=())
