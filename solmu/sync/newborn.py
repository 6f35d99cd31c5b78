"""Storing what records that are new say; see ``birth`` for what that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from solmu.store import dirty
from solmu.store.sql import add_rows, chunks, new_ids, run_with_ids
from solmu.store.tables import HANGING as TABLES
from solmu.store.tables import consent, mention, quarantine, tombstone
from solmu.sync import ledger
from solmu.sync.birth import MENTION, POSITIONS, REFUSAL, Born, hanging_columns
from solmu.sync.hanging import anything_waits, resolve_waiting
from solmu.sync.left_out import SECTION
from solmu.sync.mentions import has_tombstones
from solmu.sync.stage import Stage
from solmu.sync.versions import Fresh


class Touched(Exception):
    """A record is not as it was when it was given to be mapped."""


def store_born(
    connection: Connection, stage: Stage, batch: Sequence[Fresh], born: Born, *, tombstones: bool, run_id: str, now: int
) -> None:
    """Store it in one transaction, and count in the ledger what was refused.

    Raises Touched, before which the transaction is rolled back, where somebody else has touched one of the records in
    the meantime. They, and whatever looks as if a person in it had been erased, are left to ``map_pending``, for which
    they are still marked.
    """
    if _recalls_the_dead(connection, born, tombstones):
        return
    refused = [row[0] for row in born.refused]
    prepared = born.records + refused
    if dirty.take_new(connection, "map", prepared) < len(prepared):
        raise Touched  # all of the batch goes the slow way: this is rare
    ids = new_ids(connection, mention, len(born.mentions))
    add_rows(connection, mention, MENTION, born.mentions, positions=POSITIONS, ids=ids)
    if ids:
        run_with_ids(connection, _ALIASES, (), ids)
    for name, things in born.hanging.items():
        add_rows(connection, TABLES[name], hanging_columns(name), things, positions=POSITIONS, ids=ids)
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
    if born.left_out:
        ledger.add(connection, run_id, SECTION, stage.stream.path, born.left_out)
    dirty.mark(connection, "match", _to_match(born, ids))
    if anything_waits(connection):
        keys = {fresh.record_id: fresh.key for fresh in batch}
        new = {
            f"{stage.stream.connection}/{stage.stream.name}/{row[_SLOT]}/{keys[row[_RECORD_ID]]}": id
            for id, row in zip(ids, born.mentions, strict=True)
        }
        resolve_waiting(connection, new, targets=stage.targets)


_RECORD_ID, _SLOT = (MENTION.index(name) for name in ("record_id", "slot"))


_ALIASES = "INSERT INTO golden_alias (public_id, mention_id) SELECT public_id, id FROM mention WHERE id IN IDS"
_SET_STATE = "UPDATE source_record SET state = ? WHERE id IN IDS"


def _to_match(born: Born, ids: Sequence[int]) -> Iterable[int]:
    """The mentions that wait for resolving."""
    if not born.quiet:
        return ids
    # Who employs a person is evidence of the person, even where the record itself is ignored.
    told = {row[0] for name in ("affiliation", "relation") for row in born.hanging.get(name, ())}
    told |= {row[1] for row in born.hanging.get("relation", ())}
    silent = set(born.quiet) - told
    return [id for position, id in enumerate(ids) if position not in silent]


def _recalls_the_dead(connection: Connection, born: Born, tombstones: bool) -> bool:
    if not tombstones:
        return has_tombstones(connection)  # somebody was erased since
    return any(
        connection.scalar(select(tombstone.c.hash).where(tombstone.c.hash.in_(some)).limit(1)) is not None
        for some in chunks(born.dead)
    )


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
        run_with_ids(connection, _SET_STATE, (state,), records)
