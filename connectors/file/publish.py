"""Makes the files from the ledger: each delta once, and full lists where something changed.

A delta is written whole into a hidden file; then it is noted in the ledger as ready, together with how far deltas
reach; then it is renamed, and noted as done. Whatever crashes in between, the hidden file tells: while it is there the
delta was not put in its place, and once it is gone it was. So no delta comes twice, even if somebody has taken the
first away by then, and none is left out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from connectors.file.layout import Layout
from connectors.file.ledger import Ledger
from connectors.file.settings import FileSettings, Form
from connectors.file.tables import put, write_parts
from solmu.store.payload import plain_hash

DELTAS = "deltas"
_REMEMBERED = 20_000
"""Records of other streams that are kept in memory while a list shows something of them."""


def publish(
    ledger: Ledger, folder: Path, settings: FileSettings, layouts: Mapping[str, Layout]
) -> list[tuple[str, Exception]]:
    """Bring every file up to date. One that cannot be written does not stop the others; gives what went wrong, by
    stream. The next call goes on where this one ended."""
    troubles: list[tuple[str, Exception]] = []
    maker = _Maker(ledger, folder, settings)
    for layout in layouts.values():
        for step in (maker.deliver, maker.renew):
            try:
                step(layout)
            except (OSError, sqlite3.Error) as error:
                troubles.append((layout.stream, error))
    return troubles


def edited(ledger: Ledger, folder: Path, stream: str, form: Form) -> list[str]:
    """The parts of a full list that are not as they were written, or are not there."""
    return [part[0] for part in ledger.file(stream, form)[2] if _seen(folder, part[0]) != part]


class _Maker:
    def __init__(self, ledger: Ledger, folder: Path, settings: FileSettings) -> None:
        self.ledger = ledger
        self.folder = folder
        self.settings = settings
        self.get = lru_cache(_REMEMBERED)(ledger.get)

    # --- deltas -------------------------------------------------------------------------------------------------------

    def deliver(self, layout: Layout) -> None:
        """Write what changed since the last delta into the next one."""
        self._put_ready(layout.stream)
        if self.ledger.newest(layout.stream) <= self.ledger.delivered(layout.stream)[0]:
            return
        with self.ledger.transaction():
            self._write_delta(layout)
        self._put_ready(layout.stream)
        self._drop_old(layout.stream)

    def _write_delta(self, layout: Layout) -> None:
        stream, ledger = layout.stream, self.ledger
        self.get.cache_clear()
        newest, (delivered, number) = ledger.newest(stream), ledger.delivered(stream)
        rows = self._delta_rows(layout, delivered)
        first = next(rows, None) if self.settings.deltas else None
        if first is None:
            ledger.deliver(stream, newest, number)
            return
        number += 1
        (self.folder / DELTAS).mkdir(exist_ok=True)
        name = f"{layout.file}-{number:06}"
        all_rows = _again(first, rows)
        parts = write_parts(
            self.folder / DELTAS, name, layout.delta_header, all_rows, self.settings.formats[0], self.settings
        )
        ledger.put_delta(stream, number, "ready", parts)
        ledger.deliver(stream, newest, number)

    def _delta_rows(self, layout: Layout, delivered: int) -> Iterator[list[Any]]:
        all_cells = self.settings.delta_cells == "all"
        for record in self.ledger.changed_after(layout.stream, delivered):
            if not (record.deleted and record.created > delivered):  # nobody has heard of that one
                yield layout.delta_row(record, self.get, delivered, all_cells=all_cells)

    def _put_ready(self, stream: str) -> None:
        for number, parts in self.ledger.deltas(stream, "ready"):
            put(self.folder / DELTAS, parts)
            with self.ledger.transaction():
                self.ledger.put_delta(stream, number, "done", parts)

    def _drop_old(self, stream: str) -> None:
        keep = self.settings.keep_deltas
        for number, parts in self.ledger.deltas(stream, "done")[:-keep] if keep else ():
            for part in parts:
                (self.folder / DELTAS / part).unlink(missing_ok=True)
            with self.ledger.transaction():
                self.ledger.put_delta(stream, number, "dropped", parts)

    # --- full lists ---------------------------------------------------------------------------------------------------

    def renew(self, layout: Layout) -> None:
        """Write the full list in every format in which it is not up to date, or not as we left it."""
        sequence = max(map(self.ledger.newest, (layout.stream, *layout.shown_streams)))
        if not self.settings.full_files or not self.ledger.newest(layout.stream):
            return
        for form in self.settings.formats:
            shape = self._shape(layout, form)
            known = self.ledger.file(layout.stream, form)
            if known[:2] != (sequence, shape) or edited(self.ledger, self.folder, layout.stream, form):
                with self.ledger.transaction():
                    self._write_full(layout, form, shape)

    def _write_full(self, layout: Layout, form: Form, shape: str) -> None:
        stream, ledger = layout.stream, self.ledger
        self.get.cache_clear()
        sequence = max(map(ledger.newest, (stream, *layout.shown_streams)))
        rows = (layout.row(record, self.get) for record in ledger.records(stream))
        parts = write_parts(self.folder, layout.file, layout.header, rows, form, self.settings)
        put(self.folder, parts)
        for before in (part[0] for part in ledger.file(stream, form)[2]):
            if before not in parts:
                with suppress(FileNotFoundError):
                    (self.folder / before).unlink()
        ledger.put_file(stream, form, sequence, shape, [_seen(self.folder, part) for part in parts])

    def _shape(self, layout: Layout, form: Form) -> str:
        settings = self.settings
        how = [settings.delimiter, settings.encoding, settings.decimal, settings.guard_formulas]
        return plain_hash(
            [layout.file, layout.header, [str(each) for each in layout.columns], how if form == "csv" else form]
        )


def _again(first: list[Any], rest: Iterator[list[Any]]) -> Iterator[list[Any]]:
    yield first
    yield from rest


def _seen(folder: Path, name: str) -> list[Any]:
    """A file's name, size in bytes and time of change in nanoseconds; only the name where it is not there."""
    try:
        stat = (folder / name).stat()
    except FileNotFoundError:
        return [name]
    return [name, stat.st_size, stat.st_mtime_ns]
