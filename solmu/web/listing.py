"""Tables that sort, filter, page and export, from the server: their whole state stands in the page's address.

``?sort=-name`` sorts (a minus: downwards), ``?page=2`` pages, ``?<column>=…`` filters, ``?format=csv`` or ``xlsx``
exports all rows that fit. However large the store is, a page reads no more than it shows, and counts no further than
``COUNTED``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, select
from starlette.background import BackgroundTask
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from solmu.report.export import Sheet
from solmu.report.formats import Share, write
from solmu.store import time
from solmu.store.prepared import Prepared, beginning, begins_with, escaped
from solmu.web.show import day, lines, moment, number, plain, share
from solmu.web.texts import texts

PER_PAGE = 50
COUNTED = 10_000
FURTHEST = COUNTED // PER_PAGE
"""The last page that is shown: who needs what lies beyond filters, sorts or exports."""

STREAMED = 2_000
_Build = Callable[[Connection, QueryParams], Select[Any]]
_SHOWN: Mapping[str, Callable[[Any], str]] = {
    "number": number,
    "share": share,
    "moment": moment,
    "day": day,
    "lines": lines,
}
MEDIA = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``label`` is the key of a text. ``kind``: text · number · share · moment · day · lines.

    ``filter``: ``equals`` (one of ``choices``, value -> label, or typed), ``starts`` (an indexed, lower-case column),
    ``contains`` (small tables only). ``there`` gives, of a large table, a condition that an index settles at once:
    whether any row has the value; whoever mistypes one should not wait until all rows are looked through. ``link``
    gives the address that a cell leads to, and ``words`` what it shows, from its whole row; ``told`` gives what an
    export says instead of the value.
    """

    name: str
    label: str
    value: ColumnElement[Any]
    kind: str = "text"
    sort: bool = False
    filter: str | None = None
    there: Callable[[ColumnElement[Any]], ColumnElement[bool]] | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    link: Callable[[Any], str] | None = None
    words: Callable[[Any], str] | None = None
    told: Callable[[Any], str] | None = None
    shown: bool = True  # otherwise it is for links and exports
    exported: bool = True

    def text(self, row: Any) -> str:
        """What its cell shows of a row."""
        value = row[self.name]
        if self.words is not None:
            return self.words(row)
        if self.kind in _SHOWN:
            return _SHOWN[self.kind](value)
        return self.choices[value] if self.choices and value in self.choices else plain(value)


@dataclass(frozen=True, slots=True)
class Listing:
    """A table: its columns, the rows it is made of (a SELECT whose columns are replaced), and how it is sorted first.

    ``key`` makes the order of equal rows a fixed one. ``file`` is the name of its export. ``same`` is a column that has
    one value in all rows, the first of the index that has them in the order of ``sort``: PostgreSQL finds that order
    only by name of both, where the one value is null. A listing that serves many requests is ``kept``: what it asks is
    put together once for each way to sort and filter it.
    """

    file: str
    columns: Sequence[Column]
    rows: Select[Any]
    key: ColumnElement[Any]
    sort: str
    same: ColumnElement[Any] | None = None
    kept: bool = False
    _prepared: dict[tuple[str, ...], Prepared] = field(default_factory=dict, init=False, repr=False)

    def look(self, connection: Connection, asked: QueryParams) -> Look:
        """The page that the address asks for."""
        number = min(max(_whole(asked.get("page")), 1), FURTHEST)
        values = {**self._values(asked), "wanted": PER_PAGE + 1, "skipped": (number - 1) * PER_PAGE}
        found = self._asked(connection, asked, values, self._page)
        count = len(found)
        if number > 1 or count > PER_PAGE:
            count = self._asked(connection, asked, values, self._count)[0].number
        return Look(self, found[:PER_PAGE], number, min(count, COUNTED), count > COUNTED, len(found) > PER_PAGE, asked)

    def export(self, connection: Connection, asked: QueryParams, form: str) -> Response:
        """All rows that fit as a file; no cell of it is a formula."""
        columns = [column for column in self.columns if column.exported]
        options = {"stream_results": True, "yield_per": STREAMED}
        rows = connection.execute(self._query(connection, asked), self._values(asked), execution_options=options)
        sheet = Sheet(self.file, tuple(texts()(each.label) for each in columns), _cells(rows, columns))
        return as_file(sheet, form)

    def answer(self, request: Request, connection: Connection) -> Look | Response:
        """The export if the address asks for one, else the page to show."""
        form = request.query_params.get("format")
        if form in MEDIA:
            return self.export(connection, request.query_params, form)
        return self.look(connection, request.query_params)

    def sorted_by(self, asked: QueryParams) -> str:
        """The name of the column that it is sorted by, with a minus for downwards."""
        wanted = asked.get("sort", "")
        names = {column.name for column in self.columns if column.sort}
        return wanted if wanted.removeprefix("-") in names else self.sort

    def _asked(
        self, connection: Connection, asked: QueryParams, values: Mapping[str, Any], build: _Build
    ) -> Sequence[Any]:
        if not self.kept:
            return connection.execute(build(connection, asked), values).all()
        shape = (build.__name__, self.sorted_by(asked), *(column.name for column, _ in self._filtered(asked)))
        question = self._prepared.get(shape)
        if question is None:
            question = self._prepared[shape] = Prepared(lambda connection: build(connection, asked))
        return question.rows(connection, **values)

    def _page(self, connection: Connection, asked: QueryParams) -> Select[Any]:
        return self._query(connection, asked).limit(bindparam("wanted")).offset(bindparam("skipped"))

    def _count(self, connection: Connection, asked: QueryParams) -> Select[Any]:
        keys = self._query(connection, asked).order_by(None).with_only_columns(self.key.label("key"))
        return select(func.count().label("number")).select_from(keys.limit(COUNTED + 1).subquery())

    def _query(self, connection: Connection, asked: QueryParams) -> Select[Any]:
        """All rows that fit, with places for what is filtered by."""
        query = self.rows.with_only_columns(
            *(column.value.label(column.name) for column in self.columns), self.key.label("key")
        )
        query = query.where(*(_fits(connection, column) for column, _ in self._filtered(asked)))
        by = self.sorted_by(asked)
        chosen = next(column for column in self.columns if column.name == by.removeprefix("-"))
        order = chosen.value.desc() if by.startswith("-") else chosen.value.asc()
        return query.order_by(*([self.same] if self.same is not None and by == self.sort else []), order, self.key)

    def _filtered(self, asked: QueryParams) -> list[tuple[Column, str]]:
        said = ((column, asked.get(column.name, "").strip()) for column in self.columns if column.filter)
        return [(column, value) for column, value in said if value]

    def _values(self, asked: QueryParams) -> dict[str, Any]:
        """For the places."""
        values: dict[str, Any] = {}
        for column, value in self._filtered(asked):
            place = _place(column)
            if column.filter == "starts":
                values |= beginning(value.lower(), place)
            else:
                values[place] = value if column.filter == "equals" else f"%{escaped(value.lower())}%"
        return values


@dataclass(frozen=True, slots=True)
class Look:
    """One page of a listing; the macro ``listing`` shows it."""

    listing: Listing
    rows: Sequence[Any]  # tuples with names
    number: int
    count: int
    at_least: bool
    more: bool
    asked: QueryParams

    @property
    def columns(self) -> list[Column]:
        """Those that are shown."""
        return [column for column in self.listing.columns if column.shown]

    def cells(self) -> Iterator[list[tuple[str, bool, str | None, str]]]:
        """The rows as they are shown, each cell as label, whether it is a number, where it leads to, and text."""
        # Not in the template: fifty rows of eight columns are many calls of a macro.
        columns = [(each, texts()(each.label), each.kind in ("number", "share")) for each in self.columns]
        for found in self.rows:
            row = found._asdict()
            yield [
                (label, number, each.link(row) if each.link and row[each.name] is not None else None, each.text(row))
                for each, label, number in columns
            ]

    @property
    def filters(self) -> list[Column]:
        """Those that it can be filtered by."""
        return [column for column in self.listing.columns if column.filter]

    @property
    def filtered(self) -> bool:
        """Whether it is."""
        return any(self.asked.get(column.name, "").strip() for column in self.filters)

    @property
    def first(self) -> int:
        """The number of the first row, from 1."""
        return (self.number - 1) * PER_PAGE + 1

    def direction(self, column: Column) -> str | None:
        """``ascending`` or ``descending`` for the column that it is sorted by."""
        by = self.listing.sorted_by(self.asked)
        if by.removeprefix("-") != column.name:
            return None
        return "descending" if by.startswith("-") else "ascending"

    def turned(self, column: Column) -> str:
        """What to sort by when somebody clicks on that column."""
        return f"-{column.name}" if self.direction(column) == "ascending" else column.name


def as_file(sheet: Sheet, form: str) -> Response:
    """A table to be kept, ``form`` one of ``MEDIA``; no cell of it is a formula."""
    with tempfile.NamedTemporaryFile(prefix="solmu-", suffix=f".{form}", delete=False) as file:
        path = Path(file.name)
    try:
        write(sheet, form, path)
    except BaseException:
        path.unlink()
        raise
    return FileResponse(
        path, media_type=MEDIA[form], filename=f"{sheet.name}.{form}", background=BackgroundTask(path.unlink)
    )


def _fits(connection: Connection, column: Column) -> ColumnElement[bool]:
    if column.filter == "starts":
        return begins_with(connection, column.value, _place(column))
    place: ColumnElement[Any] = bindparam(_place(column))
    if column.filter == "equals":
        fits = column.value == place
        return fits if column.there is None else and_(column.there(place), fits)
    return func.lower(column.value).like(place, escape="/")


def _place(column: Column) -> str:
    return f"_of_{column.name}"


def _cells(rows: Any, columns: Sequence[Column]) -> Iterator[list[Any]]:
    for row in rows:
        yield [_cell(column, getattr(row, column.name)) for column in columns]


def _cell(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.told is not None:
        return column.told(value)
    if column.kind == "moment":
        return time.iso(value)
    if column.kind == "share":
        return Share(value)
    if column.kind == "number":
        return value
    return plain(value)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 1
