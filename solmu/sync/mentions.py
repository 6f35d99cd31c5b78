"""Mentions and their claims, as records say them now: born, changed, silenced; and the consents that come with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from solmu.mapping.values import Mapped, MappedConsent, MappedMention
from solmu.model import Entity
from solmu.normalise import Invalid, email
from solmu.store import dirty, time
from solmu.store.ids import public_id
from solmu.store.payload import canonical, keyed_hash
from solmu.store.sql import chunks, upsert
from solmu.store.tables import consent, golden_alias, mention, tombstone
from solmu.sync.fold import Claim, first, fold
from solmu.sync.stage import Past, Record, Stage


def store_mentions(
    connection: Connection, stage: Stage, records: Sequence[Record], key: bytes, now: int
) -> dict[int, dict[str, dict[str, Any]]]:
    """Gives {record id: {slot: {"id", "new"}}} of the mentions that are there now."""
    dead = _tombstones(connection, records, key)
    there: dict[int, dict[str, dict[str, Any]]] = {}
    inserts: list[dict[str, Any]] = []
    updates: list[dict[str, Any]] = []
    restated: list[dict[str, Any]] = []
    changed: list[int] = []
    golden: set[int] = set()
    for record in records:
        told = {each.slot: each for each in record.mapped.mentions} if record.mapped else {}
        for slot, row in record.mentions.items():
            there.setdefault(record.id, {})[slot] = {"id": row.id, "new": False}
            values = _next(record, slot, row, told.get(slot), stage, key, dead)
            if values is None:
                continue
            if (values["b_state"], values["b_claim_hash"]) == (row.state, row.claim_hash):
                restated.append({name: values[name] for name in ("b_id", "b_version_id", "b_recipe")})
            else:
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
    if restated:
        connection.execute(_RESTATE, restated)
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


_RESTATE = (
    update(mention)
    .where(mention.c.id == bindparam("b_id"))
    .values(version_id=bindparam("b_version_id"), recipe=bindparam("b_recipe"))
)
"""Another recipe, and the same claim: whoever works from claims need not look."""


def _first(
    record: Record, told: MappedMention, stage: Stage, key: bytes, dead: Collection[tuple[int, str]]
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
    record: Record,
    slot: str,
    row: Any,
    told: MappedMention | None,
    stage: Stage,
    key: bytes,
    dead: Collection[tuple[int, str]],
) -> dict[str, Any] | None:
    """The new values of a mention that is there already, or None where nothing changed."""
    claim: Claim = row.claim or {}
    hash, version_id, recipe_hash = row.claim_hash, row.version_id, row.recipe
    if row.state == "erased" or (record.id, slot) in dead:
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


def first_claim(told: MappedMention, mapped: Mapped, stamp: int) -> Claim:
    """The claim of a mention that nothing was known of; ``stamp`` is of ``claim_stamp``."""
    return first(said(told, mapped), stamp)


def _claim(record: Record, told: MappedMention, old: Claim | None, stage: Stage, *, previous: int | None) -> Claim:
    mapped, echoes = record.mapped or Mapped(), record.echoes
    # A field is an echo only if everything it was read from is.
    repeated = {
        name
        for name, columns in (told.columns.items() if echoes else ())
        if columns and all(column in echoes for column in columns)
    }
    stamp, fields = claim_stamp(mapped, record.stamp), said(told, mapped)
    if record.past is not None:
        return _by_another_recipe(record, record.past.get(told.slot), fields, old, repeated, stamp, stage.partial)
    if record.again:
        repeated = _as_before(fields, old, repeated)
    return fold(old, fields, echoes=repeated, stamp=stamp, previous=previous, partial=stage.partial)


def _by_another_recipe(
    record: Record,
    past: Past | None,
    fields: Mapping[str, Any],
    old: Claim | None,
    repeated: Collection[str],
    stamp: int,
    partial: bool,
) -> Claim:
    """The claim where the one that stands was made by another recipe: what differs is as old as the row says."""
    before, previous = past or (None, None)
    anew = fold(before, fields, echoes=(), stamp=stamp, previous=previous, partial=partial)
    fields = {name: entry["value"] for name, entry in anew.items()}
    if record.again:
        repeated = _as_before(fields, old, repeated)
    claim = fold(old, fields, echoes=repeated, stamp=stamp, previous=previous, partial=False)
    for name, entry in claim.items():
        stood = (old or {}).get(name)
        if stood is None or stood["value"] != entry["value"]:
            entry["since"] = anew[name]["since"]
            if record.again and stood is not None and stood["own"]:
                entry.pop("was", None)  # we have not overwritten it: it was read from elsewhere
    return claim


def _as_before(fields: Mapping[str, Any], old: Claim | None, repeated: Collection[str]) -> set[str]:
    """The echoes of a record that has not changed: for a value that stands, the landing has said what it is. Since
    then something else may have been written there, by which it could not be told any more."""
    found = set(repeated)
    for name, value in fields.items():
        entry = (old or {}).get(name)
        if entry is not None and entry["value"] == value:
            (found.discard if entry["own"] else found.add)(name)
    return found


def claim_stamp(mapped: Mapped, stamp: int) -> int:
    """Since when a claim holds at the latest, in microseconds; ``stamp`` is when its version was made."""
    return stamp if mapped.observed_at is None else min(time.micros(mapped.observed_at), stamp)


def said(told: MappedMention, mapped: Mapped) -> dict[str, Any]:
    """The fields of a mention, with an opt-out that its record states beside it."""
    if mapped.consents and told.entity is Entity.PERSON and _opted_out(mapped.consents, told.slot):
        return {**told.fields, "opt_out": True}
    return told.fields


def _opted_out(consents: Sequence[MappedConsent], slot: str) -> bool:
    return any(each.slot == slot and each.purpose == "email" and not each.allowed for each in consents)


def _stamp_of(row: Any) -> int | None:
    stamp: int | None = row.landed_at if row.changed_at is None else row.changed_at
    return stamp


def _tombstones(connection: Connection, records: Sequence[Record], key: bytes) -> set[tuple[int, str]]:
    """(record id, slot) of mentions of people who were erased: a re-import must not bring them back."""
    if not has_tombstones(connection):
        return set()
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


def has_tombstones(connection: Connection) -> bool:
    """Whether anybody was ever erased."""
    return connection.scalar(select(tombstone.c.hash).limit(1)) is not None


def tombstone_hash(key: bytes, address: str) -> bytes:
    """The keyed hash under which an erased person's e-mail address is remembered."""
    try:
        found = email(address)
    except Invalid:
        found = None
    return keyed_hash(key, f"person email {found.key if found else address}".encode())


def store_consents(
    connection: Connection, stage: Stage, records: Sequence[Record], slots: Mapping[tuple[int, str], int], now: int
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
