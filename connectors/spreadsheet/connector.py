"""The connector: a folder of sheets as lists of rows."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.keys import Keys, row_hash
from connectors.spreadsheet import delimited, workbook
from connectors.spreadsheet.files import File, Kind, digest_of, find, kind_of, sheets_in
from connectors.spreadsheet.header import (
    LOOKED_AT,
    apart_from_the_rest,
    column_letters,
    column_names,
    find_header,
    is_blank,
)
from connectors.spreadsheet.settings import SheetStream, SpreadsheetSettings
from solmu.errors import Fatal
from solmu.exchange import Batch, Cursor, FieldInfo, Row, StreamInfo, Unreadable

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet with its header found. ``rows`` gives the rows below it, once: number and values.

    ``where`` is how a person finds it ("leads.xlsx, sheet Leads"); ``word`` is what a row is counted in there.
    """

    columns: tuple[str, ...]
    rows: Iterator[tuple[int, Sequence[Any]]]
    digest: str
    where: str
    word: str
    header_row: int
    is_text: bool
    nameless: tuple[str, ...]
    header: list[Any]
    notes: tuple[str, ...] = ()


class SpreadsheetConnector(Connector):
    """Reads lists out of the sheets that people keep or send. It never writes to them."""

    Settings = SpreadsheetSettings
    StreamSettings = SheetStream

    settings: SpreadsheetSettings

    @property
    def _folder(self) -> Path:
        return self.folder / self.settings.folder.expanduser()

    def check(self) -> Sequence[str]:
        notes: list[str] = []
        with self.naming():
            sheets_in(self._folder)
        for stream, settings in self.streams.items():
            with self.naming(stream):
                for file in find(self._folder, settings.patterns):
                    notes += self._open(file, settings).notes
        return notes

    def discover(self) -> Sequence[StreamInfo]:
        """The configured streams; where there are none yet, each file in the folder as one."""
        streams = self.streams
        if not streams:
            with self.naming():
                streams = {name: SheetStream(files=(file,)) for name, file in self._offered().items()}
        return [self._describe(stream, settings) for stream, settings in streams.items()]

    def starting(self, info: StreamInfo) -> Mapping[str, Any]:
        with self.naming():
            return {"files": self._offered().get(info.name, info.name)}

    def _offered(self) -> dict[str, str]:
        """The files of the folder, by their names without an ending where that is enough to tell them apart."""
        files = sheets_in(self._folder)
        stems = Counter(Path(file).stem for file in files)
        return {Path(file).stem if stems[Path(file).stem] == 1 else file: file for file in files}

    def shape(self, stream: str) -> StreamInfo:
        return StreamInfo(stream, key=self.stream_settings(stream, SheetStream).key, full=True)

    def _describe(self, stream: str, settings: SheetStream) -> StreamInfo:
        columns: dict[str, str] = {}
        with self.naming(stream):
            for file in find(self._folder, settings.patterns):
                table = self._open(file, settings)
                sample = list(islice(table.rows, 50))
                for index, column in enumerate(table.columns):
                    if column in table.nameless and all(index >= len(row) or is_blank(row[index]) for _, row in sample):
                        continue  # room between columns
                    columns.setdefault(column, _type([row[index] for _, row in sample if index < len(row)]))
        fields = tuple(FieldInfo(name, kind) for name, kind in columns.items())
        return StreamInfo(stream, fields, settings.key, full=True)

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Batch]:
        settings = self.stream_settings(stream, SheetStream)
        with self.naming(stream):
            yield from self._read(settings, cursor or {})

    def _read(self, settings: SheetStream, cursor: Cursor) -> Iterator[Batch]:
        known: dict[str, Any] = cursor.get("files", {})
        files = find(self._folder, settings.patterns)
        done: dict[str, Any] = {}
        keys = Keys(settings.key)
        waiting: list[Row | Unreadable] = []
        skipped = False
        for file in files:
            before = known.get(file.name)
            if settings.skip_unchanged_files and file.is_unchanged(before):
                done[file.name] = before
                skipped = True
                continue
            table = self._open(file, settings)
            alike = before or (next(iter(known.values())) if len(known) == len(files) == 1 else None)
            _must_not_lose_columns(file, table, settings, alike)
            for row in _rows(file, table, settings, keys):
                waiting.append(row)
                if len(waiting) > _BATCH:
                    # One row stays behind, so that the last batch is known to be the last, and comes after the check
                    # that nothing changed meanwhile.
                    yield Batch(waiting[:_BATCH])
                    del waiting[:_BATCH]
            file.must_be_unchanged()
            done[file.name] = file.fingerprint(table.digest, table.columns)
        yield Batch(waiting, {"files": done}, complete=not skipped)

    def _open(self, file: File, settings: SheetStream) -> Table:
        """Read as much of a file as it takes to know its columns."""
        kind = kind_of(file)
        if kind is Kind.TEXT:
            how = delimited.examine(file, settings.encoding, settings.delimiter)
            file.must_be_unchanged()
            return _table(file, settings, delimited.rows(file, how), how.digest, file.name, "line", is_text=True)
        sheet = workbook.read_sheet(file, kind, settings.sheet, self.settings.max_cells)
        file.must_be_unchanged()
        where = f"{file.name}, sheet {sheet.name}"
        read, digest = sheet.rows(), digest_of(file.path)
        table = _table(file, settings, read, digest, where, "row", is_text=False, spread=sheet.spread)
        return replace(table, notes=(*table.notes, *(f"{file.name}: {note}" for note in sheet.notes)))


def _table(
    file: File,
    settings: SheetStream,
    rows: Iterator[tuple[int, Sequence[Any]]],
    digest: str,
    where: str,
    word: str,
    *,
    is_text: bool,
    spread: frozenset[int] = frozenset(),
) -> Table:
    """Find the header. Raises Fatal if there is none, or a column is missing that must be there."""
    wanted = tuple(dict.fromkeys((*settings.columns, *settings.key)))
    depth = LOOKED_AT if settings.header == "auto" else settings.header
    top = list(islice(rows, depth))
    if not any(not is_blank(cell) for _, row in top for cell in row):
        raise Fatal("there is nothing in it", code="empty-sheet", file=file.name, expected="a header and rows")
    if settings.header == "auto":
        wide = {index for index, (number, _) in enumerate(top) if number in spread}
        index = find_header([row for _, row in top], wanted, wide)
    else:
        index = next((index for index, (number, _) in enumerate(top) if number == settings.header), None)
    if index is None:
        raise Fatal(
            "no header can be seen: the first rows look like data, or like nothing that has columns",
            code="no-header",
            file=file.name,
            line=top[0][0],
            field="header",
            expected="a row with the columns' names, or its number in the stream's `header`",
        )
    number, header = top[index]
    named = list(_without_blank_end(header))
    columns = tuple(column_names(named))
    missing = [column for column in wanted if column not in columns]
    if missing:
        raise Fatal(
            f"no column {', '.join(map(repr, missing))} among: {', '.join(columns)}",
            code="columns-changed",
            file=file.name,
            line=number,
            field=missing[0],
            expected=", ".join(wanted),
        )
    found = settings.header == "auto" and number > 1
    notes = [f"{where}: the header was found in {word} {number}: {', '.join(columns)}"] if found else []
    apart = apart_from_the_rest(header, [row for _, row in top[index + 1 :]])
    if apart:
        said = ", ".join(columns[at] for at in apart)
        notes.append(
            f"{where}: the columns {said} stand apart from the others; if they are a table of their own, leave them"
            " alone here, and put that table into a sheet of its own"
        )
    where = f"{where} (header in {word} {number})" if found else where
    below = chain(top[index + 1 :], rows)
    nameless = tuple(name for name, cell in zip(columns, header, strict=False) if is_blank(cell))
    return Table(columns, below, digest, where, word, number, is_text, nameless, named, tuple(notes))


def _must_not_lose_columns(file: File, table: Table, settings: SheetStream, before: dict[str, Any] | None) -> None:
    """A sheet that was read before may not lose columns unasked: the mapping would take them for blank."""
    if before is None or settings.columns:
        return
    gone = [column for column in before["columns"] if column not in table.columns]
    if gone:
        new = [column for column in table.columns if column not in before["columns"]]
        raise Fatal(
            f"the columns are not those of the last time; gone: {', '.join(gone)}; new: {', '.join(new) or 'none'}",
            code="columns-changed",
            file=file.name,
            line=table.header_row,
            field=gone[0],
            expected="the earlier columns; or, if they are to change, the new ones listed in the stream's `columns`",
        )


def _rows(file: File, table: Table, settings: SheetStream, keys: Keys) -> Iterator[Row | Unreadable]:
    """The records of a table: not its blank rows, nor its footer, nor its header where it comes again (as on each page
    of what was made to be printed)."""
    width = len(table.header)
    again = table.header if sum(not is_blank(cell) for cell in table.header) > 1 else [object()]  # no row is that
    held: deque[tuple[int, Sequence[Any]]] = deque()
    for row in table.rows:
        cells = row[1]
        if all(map(is_blank, cells)):
            continue
        # Most rows differ from the header in their first cell already.
        if cells[0] == again[0] and cells[:width] == again and all(map(is_blank, cells[width:])):
            continue
        held.append(row)
        if len(held) > settings.skip_footer:
            yield _record(file, table, *held.popleft(), keys)


def _record(file: File, table: Table, number: int, cells: Sequence[Any], keys: Keys) -> Row | Unreadable:
    width = len(table.columns)
    payload = dict(zip(table.columns, cells, strict=False))
    place = f"{table.where}, {table.word} {number}"
    if len(cells) == width and not table.nameless:
        return Row(keys.of(payload), payload, place=place, file=file.name, line=number)
    for index in range(len(cells), width):
        payload[table.columns[index]] = ""
    for name in table.nameless:
        if is_blank(payload[name]):
            del payload[name]
    extra = {f"column {column_letters(at)}": cells[at] for at in range(width, len(cells)) if not is_blank(cells[at])}
    if not extra:
        return Row(keys.of(payload), payload, place=place, file=file.name, line=number)
    payload |= extra
    if not table.is_text:
        # Notes that people write beside a table.
        return Row(keys.of(payload), payload, place=place, file=file.name, line=number)
    return Unreadable(
        row_hash(payload),
        payload,
        code="too-many-cells",
        message=f"the line has {len(cells)} cells, and the header {width} columns",
        expected="cells with the delimiter in them in quotation marks",
        place=place,
        file=file.name,
        line=number,
    )


def _without_blank_end(cells: Sequence[Any]) -> Sequence[Any]:
    end = len(cells)
    while end and is_blank(cells[end - 1]):
        end -= 1
    return cells[:end]


def _type(values: Sequence[Any]) -> str:
    """What most of a column's values are."""
    filled = [value for value in values if not is_blank(value)]
    if filled and all(isinstance(value, bool) for value in filled):
        return "boolean"
    if filled and all(isinstance(value, int | float) for value in filled):
        return "number"
    return "text"
