"""When a stream's mapping changes, its rows are mapped anew, though none of them has changed.

Work follows change, and a mapping that was mended is a change: what it made wrong of a thousand rows must not stand
until each of them happens to change. The recipe that a stream's rows are mapped by is kept in ``meta``; where it is
another one, every live row of the stream is marked, once, and mapped from the payload that is stored. A run that is
killed meanwhile leaves the marks of what it had not mapped yet.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from solmu.mapping.recipe import recipe_hash
from solmu.store import Store, dirty
from solmu.store.sql import upsert
from solmu.store.tables import dirty as dirty_table
from solmu.store.tables import meta, recipe, source_record, source_version
from solmu.sync import ledger
from solmu.sync.stage import Maps, Record, Stage
from solmu.sync.stream import Stream

ANEW = "anew"
"""The consumer whose work is to map what has not changed."""

SECTION = "anew"
"""Where the ledger counts rows that were mapped anew: by stream, the reason, and how many were refused."""

MAPPING, FIELDS, UPGRADE = "its mapping changed", "the hub's own fields changed", "Solmu was upgraded"
_REFUSED = "refused"
_PAGE = 5_000


def mark_anew(store: Store, stage: Stage, *, progress: Callable[[int], None] | None = None, big: bool = True) -> None:
    """Mark the live rows of a stream that another recipe was applied to until now.

    The new recipe is noted with the last of the marks, so that a crash in between marks again. Without ``big``, only a
    stream that has no rows yet is dealt with, of which it is noted that all that come are mapped by this recipe.
    """
    with store.read() as connection:
        before = _noted(connection, stage.stream, _RECIPE)
        if before == stage.mapping.recipe:
            return
        why = _reason(connection, before, stage.mapping)
    after = ""
    while True:
        page = _live(stage.stream, source_record.c.id, source_record.c.key)
        page = page.where(source_record.c.key > after).order_by(source_record.c.key).limit(_PAGE)
        with store.write() as connection:
            rows = connection.execute(page).all()
            if rows and not big:
                return
            dirty.mark(connection, ANEW, [row.id for row in rows])
            if len(rows) < _PAGE:
                _note(connection, stage.stream, {_RECIPE: stage.mapping.recipe, _WHY: why})
                return
        after = rows[-1].key
        if progress:
            progress(0)


def is_followed(connection: Connection, stream: Stream, mapping: Maps) -> bool:
    """Whether all rows of a stream are mapped by this mapping, or marked."""
    return _noted(connection, stream, _RECIPE) == mapping.recipe


def waiting_anew(connection: Connection, stream: Stream, mapping: Maps) -> int:
    """How many rows of a stream the next run would map anew if it were to be read by this mapping."""
    if is_followed(connection, stream, mapping):
        query = (
            select(func.count())
            .select_from(dirty_table.join(source_record, source_record.c.id == dirty_table.c.id))
            .where(dirty_table.c.consumer == ANEW, *_of(stream))
        )
    else:
        query = _live(stream, func.count())
    return connection.scalar(query) or 0


def count_anew(connection: Connection, run_id: str, path: str, records: Collection[Record]) -> None:
    """Add to the ledger those of ``records``, of the stream ``path``, that were mapped anew."""
    again = [record for record in records if record.again]
    if again:
        why = connection.scalar(select(meta.c.value).where(meta.c.name == f"{_WHY}{path}")) or MAPPING
        refused = sum(1 for record in again if record.refusal)
        ledger.add(connection, run_id, SECTION, path, {why: len(again), _REFUSED: refused})


def mapped_anew(connection: Connection, run_id: str) -> dict[str, dict[str, Any]]:
    """What a run has mapped anew: ``{connection/stream: {rows, refused, why}}``."""
    return {
        path: {
            "rows": sum(number for what, number in counted.items() if what != _REFUSED),
            "refused": counted.get(_REFUSED, 0),
            "why": ", ".join(sorted(what for what in counted if what != _REFUSED)),
        }
        for path, counted in sorted(ledger.counts(connection, run_id, SECTION).items())
    }


_RECIPE, _WHY = "mapped-by:", "mapped-anew:"


def _noted(connection: Connection, stream: Stream, what: str) -> str | None:
    value: str | None = connection.scalar(select(meta.c.value).where(meta.c.name == f"{what}{stream.path}"))
    return value


def _note(connection: Connection, stream: Stream, what: Mapping[str, str]) -> None:
    rows = [{"name": f"{name}{stream.path}", "value": value} for name, value in what.items()]
    upsert(connection, meta, rows, conflict=("name",))


def _reason(connection: Connection, before: str | None, mapping: Maps) -> str:
    """Which part of the recipe is another one; what nothing was noted of was mapped by a Solmu that noted nothing."""
    detail = connection.scalar(select(recipe.c.detail).where(recipe.c.hash == before))
    if detail is None:
        return UPGRADE if before is None else MAPPING
    for part, why in (("mapping", MAPPING), ("fields", FIELDS)):
        if recipe_hash({part: detail.get(part)}) != recipe_hash({part: mapping.recipe_detail.get(part)}):
            return why
    return UPGRADE


def _of(stream: Stream) -> tuple[ColumnElement[bool], ...]:
    return source_record.c.connection == stream.connection, source_record.c.stream == stream.name


def _live(stream: Stream, *columns: Any) -> Select[Any]:
    """The rows that have a say and can be mapped from what is stored; those in quarantine are tried again anyway."""
    return (
        select(*columns)
        .select_from(source_record)
        .join(source_version, source_version.c.id == source_record.c.version_id)
        .where(*_of(stream), source_record.c.state == "mapped", source_version.c.payload.is_not(None))
    )
