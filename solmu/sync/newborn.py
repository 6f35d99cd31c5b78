"""Storing what records that are new say; see ``birth`` for what that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from solmu.store import dirty
from solmu.store.sql import add_rows, among, chunks, new_ids
from solmu.store.tables import HANGING as TABLES
from solmu.store.tables import consent, golden_alias, mention, quarantine, source_record, tombstone
from solmu.sync import ledger
from solmu.sync.birth import HANGING, MENTION, REFUSAL, Born
from solmu.sync.hanging import TYPED, anything_waits, resolve_waiting
from solmu.sync.stage import Stage
from solmu.sync.versions import Fresh


def store_born(
    connection: Connection, stage: Stage, batch: Sequence[Fresh], born: Born, *, tombstones: bool, run_id: str, now: int
) -> None:
    """Store it in one transaction, and count in the ledger what was refused.

    A record that somebody else has touched in the meantime, and whatever looks as if a person in it had been erased,
    is left to ``map_pending``, for which it is still marked.
    """
    if _recalls_the_dead(connection, born, tombstones):
        return
    refused = [row[0] for row in born.refused]
    prepared = born.records + refused
    taken = dirty.take_new(connection, "map", prepared)
    if len(taken) < len(prepared):
        # What is left of the batch goes the slow way, all of it: this is rare.
        dirty.mark(connection, "map", taken)
        return
    ids = new_ids(connection, mention, len(born.mentions))
    add_rows(connection, mention, ("id", *MENTION), [(id, *row) for id, row in zip(ids, born.mentions, strict=True)])
    add_rows(
        connection,
        golden_alias,
        ("public_id", "mention_id"),
        [(row[_PUBLIC_ID], id) for id, row in zip(ids, born.mentions, strict=True)],
    )
    for name, rows in born.hanging.items():
        _hang(connection, name, rows, ids)
    _store_consents(connection, stage, batch, born, ids)
    _set_state(connection, "mapped", born.records)
    _set_state(connection, "refused", refused)
    columns = (*REFUSAL, "state", "recipe", "since")
    rows = [(*row, "waiting", stage.mapping.recipe, now) for row in born.refused]
    add_rows(connection, quarantine, columns, rows)
    if refused:
        gone = set(refused)
        moved = Counter(fresh.outcome for fresh in batch if fresh.record_id in gone)
        counts = {outcome: -number for outcome, number in moved.items()}
        ledger.add(connection, run_id, "streams", stage.stream.path, {**counts, "refused": len(refused)})
    pending = [id for id, row in zip(ids, born.mentions, strict=True) if row[_STATE] == "pending"]
    # Who employs a person is evidence of the person, even where the record itself is ignored.
    tied = [
        ids[row[0]] for name in ("affiliation", "relation") for row in born.hanging.get(name, ()) if row[0] is not None
    ]
    others = [ids[row[1]] for row in born.hanging.get("relation", ()) if row[1] is not None]
    dirty.mark(connection, "match", (*pending, *tied, *others))
    if anything_waits(connection):
        keys = {fresh.record_id: fresh.key for fresh in batch}
        new = {
            f"{stage.stream.connection}/{stage.stream.name}/{row[_SLOT]}/{keys[row[0]]}": id
            for id, row in zip(ids, born.mentions, strict=True)
        }
        resolve_waiting(connection, new, targets=stage.targets)


_SLOT, _STATE, _PUBLIC_ID = (MENTION.index(name) for name in ("slot", "state", "public_id"))


def _recalls_the_dead(connection: Connection, born: Born, tombstones: bool) -> bool:
    if not tombstones:
        return has_tombstones(connection)  # somebody was erased since
    return any(
        connection.scalar(select(tombstone.c.hash).where(tombstone.c.hash.in_(some)).limit(1)) is not None
        for some in chunks(born.dead)
    )


def has_tombstones(connection: Connection) -> bool:
    """Whether anybody was ever erased."""
    return connection.scalar(select(tombstone.c.hash).limit(1)) is not None


def _hang(connection: Connection, name: str, rows: Sequence[tuple[Any, ...]], ids: Sequence[int]) -> None:
    table = TABLES[name]
    typed = [place for place, each in enumerate(TYPED) if each in table.c]
    two_sided = "other_mention_id" in table.c
    columns = ("mention_id", *(["other_mention_id"] if two_sided else []), *HANGING, *(TYPED[place] for place in typed))
    ready = []
    for of, other, values, fields in rows:
        ends = [None if each is None else ids[each] for each in ((of, other) if two_sided else (of,))]
        ready.append((*ends, *values, *[fields[place] for place in typed]))
    add_rows(connection, table, columns, ready)


def _store_consents(
    connection: Connection, stage: Stage, batch: Sequence[Fresh], born: Born, ids: Sequence[int]
) -> None:
    if not born.consents:
        return
    keys = {fresh.record_id: fresh.key for fresh in batch}
    said = {
        (ids[position], purpose): (allowed, f"{stage.stream.path}/{keys[record_id]}", stamp)
        for position, purpose, allowed, record_id, stamp in born.consents
    }
    columns = ("mention_id", "purpose", "allowed", "source", "at")
    add_rows(connection, consent, columns, [(*who, *what) for who, what in said.items()])


def _set_state(connection: Connection, state: str, records: Sequence[int]) -> None:
    if records:
        connection.execute(
            update(source_record).where(among(connection, source_record.c.id, records)).values(state=state)
        )
