"""From source records to mentions and their claims.

Works from ``dirty`` rows, so that a crash repeats at most one batch. What cannot be mapped waits in quarantine with its
reason; the claim of its last good version stays in force meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from sqlalchemy import Connection, insert, select, update

from solmu.beside.garbage import rarely_collected
from solmu.errors import Skippable
from solmu.exchange import Payload
from solmu.model import Entity
from solmu.store import Store, dirty, time
from solmu.store.migrate import hash_key
from solmu.store.payload import unpack
from solmu.store.sql import chunks
from solmu.store.tables import dirty as dirty_table
from solmu.store.tables import link, mention, quarantine, source_record, source_version
from solmu.sync import ledger
from solmu.sync.anew import ANEW, count_anew
from solmu.sync.carried import carry
from solmu.sync.hand_on import Left, hand_on
from solmu.sync.hanging import resolve_waiting, store_hanging
from solmu.sync.history import look_back
from solmu.sync.left_out import SECTION, count_left_out
from solmu.sync.lost_columns import ever_lost
from solmu.sync.mentions import store_consents, store_mentions
from solmu.sync.mirror import Seen, observe_all, remotes_of
from solmu.sync.set_aside import set_aside
from solmu.sync.stage import Record, Stage, remember_recipe

BATCH = 500


def map_pending(
    store: Store,
    stage: Stage,
    *,
    run_id: str,
    count: bool,
    progress: Callable[[int], None] | None = None,
    consumer: str = "map",
) -> None:
    """Map every record of the stream that waits; as ``consumer`` ANEW, what has not changed, by another mapping.

    ``count``: these rows were read in this run, so one that is refused moves from its outcome to ``refused`` in the
    ledger. Without it (work left over by an earlier run, a replay) the ledger is left alone.
    """
    with store.read() as connection:
        key = hash_key(connection)
        lost = ever_lost(connection, stage.stream)
    remember_recipe(store, stage)
    after, left = 0, Left()
    with rarely_collected():
        while True:
            with store.read() as connection:
                records = _load(connection, stage, after, consumer)
            if not records:
                break
            after = records[-1].id
            for record in records:
                _map(record, stage)
            carry(store, stage, records, lost)
            look_back(store, stage, records)
            with store.write() as connection:
                # What is no more as it was mapped once is for others to map, or for nobody.
                told = [record for record in records if record.mapped or record.refusal or not _done_before(record)]
                _store(connection, stage, told, key, run_id, count)
                count_anew(connection, run_id, stage.stream.path, told)
                done = left.keep(connection, stage, records)
                dirty.done(connection, consumer, [(record.id, record.generation) for record in done])
            if progress:
                progress(len(records))
    hand_on(store, stage, left, consumer)


def release_mended(store: Store, stage: Stage, *, everything: bool = False, only: Collection[int] | None = None) -> int:
    """Send back to mapping what waits in quarantine because of an older recipe; gives how many.

    ``everything``: also what the present recipe has refused already; ``only``: those records and no others.
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
        wanted = None if only is None else frozenset(only)
        ids = [id for id in connection.scalars(query) if wanted is None or id in wanted]
        for some in chunks(ids):
            connection.execute(update(source_record).where(source_record.c.id.in_(some)).values(state="landed"))
        dirty.mark(connection, "map", ids)
    return len(ids)


def _load(connection: Connection, stage: Stage, after: int, consumer: str) -> list[Record]:
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
            dirty_table.c.consumer == consumer,
            dirty_table.c.id > after,
            source_record.c.connection == stage.stream.connection,
            source_record.c.stream == stage.stream.name,
        )
        .order_by(dirty_table.c.id)
        .limit(BATCH)
    )
    records = [
        Record(
            id=row.id,
            generation=row.generation,
            key=row.key,
            state=row.state,
            version_id=row.version_id,
            outcome=row.outcome,
            stamp=row.landed_at if row.changed_at is None else row.changed_at,
            payload=_payload(row.payload, again=consumer == ANEW),
            file=row.file,
            line=row.line,
            again=consumer == ANEW,
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


def _payload(stored: bytes | None, *, again: bool) -> Payload | None:
    try:
        return None if stored is None else unpack(stored)
    except ValueError:
        if not again:
            raise
        return None  # its claim stands; `solmu doctor` tells that what it was made of is damaged


def _mark_echoes(connection: Connection, stage: Stage, records: Sequence[Record]) -> None:
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
            record.echoes, record.made_from = ours.echoes(record.remote), ours.hanging
            if record.again:
                record.remote = None  # the mirror has seen this when it landed, and may know better by now


def _done_before(record: Record) -> bool:
    """Whether it has been mapped: as another mapping finds it, or as a crash left it before ``hand_on``."""
    return record.again or record.state == "mapped"


def _map(record: Record, stage: Stage) -> None:
    # A row that could not be read has nothing to map; one that is gone has nothing to say any more.
    if record.state != ("mapped" if record.again else "landed") or record.payload is None:
        return
    try:
        record.mapped = stage.mapping.map(record.payload, connection=stage.stream.connection)
    except Skippable as refusal:
        record.refusal = refusal


def _store(
    connection: Connection, stage: Stage, records: Sequence[Record], key: bytes, run_id: str, count: bool
) -> None:
    now = time.now()
    set_aside(connection, stage, records)
    born = store_mentions(connection, stage, records, key, now)
    slots = {(record.id, slot): row["id"] for record in records for slot, row in born.get(record.id, {}).items()}
    told = [record for record in records if record.mapped is not None or record.state == "withdrawn"]
    things = [(record.id, thing) for record in told if record.mapped for thing in record.mapped.hanging]
    versions = {record.id: record.version_id for record in told}
    made_from = {each.id: each.made_from for each in told if each.made_from}
    store_hanging(connection, things, slots, versions, key=key, targets=stage.targets, made_from=made_from)
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
    store_consents(connection, stage, told, slots, now)
    _store_states(connection, stage, records, now)
    if stage.as_remote:
        _observe(connection, stage, records, slots, now)
    refused = Counter(record.outcome for record in records if record.refusal)
    if count:
        moved = {outcome: -number for outcome, number in refused.items()}
        ledger.add(connection, run_id, "streams", stage.stream.path, {**moved, "refused": refused.total()})
    left_out: Counter[str] = Counter()
    for record in records:
        if record.mapped is not None:
            count_left_out(left_out, record.mapped)
    if left_out:
        ledger.add(connection, run_id, SECTION, stage.stream.path, left_out)


def _store_states(connection: Connection, stage: Stage, records: Sequence[Record], now: int) -> None:
    states = {
        "mapped": [r.id for r in records if r.mapped and not r.again],
        "refused": [r.id for r in records if r.refusal],
    }
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
    connection: Connection, stage: Stage, records: Sequence[Record], slots: Mapping[tuple[int, str], int], now: int
) -> None:
    """Keep the mirror of the target: what it holds now is what the next plan starts from."""
    seen = []
    for record in records:
        if record.remote is not None:
            mentions = (slots.get((record.id, slot)) for slot in (stage.entity or Entity.ORGANISATION, *Entity))
            mention_id = next((id for id in mentions if id is not None), None)
            converted = record.mapped is not None and record.mapped.converted
            seen.append(Seen(record.remote, mention_id, deleted=record.state == "withdrawn", converted=converted))
    observe_all(connection, stage.stream.connection, stage.stream.name, seen, now=now)
