"""The connection to a folder: it writes to the ledger, and makes the files when it is closed."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar

from connectors.base import Connector
from connectors.file.layout import Layout, layouts_of
from connectors.file.ledger import NAME, Ledger, Record
from connectors.file.publish import edited, publish
from connectors.file.settings import FileSettings, FileStream
from connectors.file.troubles import named
from solmu.errors import Fatal, SolmuError
from solmu.exchange import Batch, Cursor, FieldInfo, Journal, Remote, Result, StreamInfo, Write
from solmu.report.formats import XLSX_ROWS


class FileConnector(Connector):
    """Writes lists for any CRM's import: CSV, XLSX or Parquet, with deltas.

    What is written goes into the ledger at once, and into the files when the connection closes; a connection that was
    killed before that is made good by the next one that opens.
    """

    Settings = FileSettings
    StreamSettings = FileStream

    # The files are ours to write; nothing comes back from them.
    can_read: ClassVar[bool] = False
    can_write: ClassVar[bool] = True
    can_delete: ClassVar[bool] = True
    upserts_by_external_id: ClassVar[bool] = True
    writes_conditionally: ClassVar[bool] = True
    max_batch: ClassVar[int] = 1000

    settings: FileSettings

    def __init__(self, *, name: str, settings: FileSettings, streams: Mapping[str, Any], folder: Path) -> None:
        super().__init__(name=name, settings=settings, streams=streams, folder=folder)
        self._place = folder / settings.folder.expanduser()
        self._ledger: Ledger | None = None
        self._calls = 0

    # --- looking ------------------------------------------------------------------------------------------------------

    def check(self) -> Sequence[str]:
        self._calls += 1
        with self._naming():
            self._must_have_files_of_their_own()
            if not self._place.is_dir():
                raise FileNotFoundError(2, "no such folder")
            with tempfile.TemporaryFile(dir=self._place) as file:
                file.write(b"Solmu can write here")
            if not (self._place / NAME).exists():
                self._layouts(None)
                return []
            ledger = Ledger(self._place / NAME, create=False)
            try:
                return list(self._notes(ledger))
            finally:
                ledger.close()

    def _notes(self, ledger: Ledger) -> Iterator[str]:
        for layout in self._layouts(ledger).values():
            for form in self.settings.formats if self.settings.full_files else ():
                for part in edited(ledger, self._place, layout.stream, form):
                    yield (
                        f"{part} was changed or removed outside of Solmu; what was entered there is not read, and the "
                        "file is written anew"
                    )
            rows = ledger.count(layout.stream)
            if "xlsx" in self.settings.formats and rows > XLSX_ROWS:
                yield f"{layout.file}: {rows} rows are more than a worksheet holds, so there are several numbered files"

    def discover(self) -> Sequence[StreamInfo]:
        with self._naming():
            layouts = self._layouts(self._opened())
        return [
            StreamInfo(
                name,
                tuple(FieldInfo(each, required=each in self._stream(name).required) for each in layout.own),
                writable=True,
            )
            for name, layout in layouts.items()
        ]

    def shape(self, stream: str) -> StreamInfo:
        return StreamInfo(stream, writable=True)

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Batch]:
        raise Fatal(
            "a folder of files is written to, and nothing is read back from it",
            code="target-only",
            connection=self.name,
            stream=stream,
            field="direction",
            expected="direction: target; what your CRM exports is read by a connection of kind spreadsheet",
        )

    def fetch(self, stream: str, remote_ids: Sequence[str]) -> Iterator[Remote]:
        self._calls += 1
        with self._naming(stream):
            ledger = self._opened()
            for remote_id in remote_ids:
                record = ledger.get(stream, remote_id) if ledger else None
                yield self._remote(record) if record else Remote(remote_id, {}, deleted=True)

    def find(self, stream: str, external_ids: Sequence[str]) -> Iterator[Remote]:
        self._calls += 1
        with self._naming(stream):
            ledger = self._opened()
            found = [ledger.by_external_id(stream, each) for each in external_ids] if ledger else []
            yield from (self._remote(record) for record in found if record is not None)

    def _remote(self, record: Record) -> Remote:
        return Remote(
            record.remote_id,
            record.cells,
            external_id=record.external_id,
            version=str(record.version),
            changed_by_us=record.by == self.name,
            deleted=record.deleted,
        )

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result]:
        if len(writes) > self.max_batch:
            raise ValueError(f"{len(writes)} writes in one call, and at most {self.max_batch} are allowed")
        self._calls += 1
        with self._naming(stream):
            ledger = self._opened(create=True)
            assert ledger is not None
            # All of them in one transaction before the first result is given: an error means that none was done.
            results = ledger.apply(stream, writes, by=self.name, required=self._stream(stream).required)
        yield from results

    def calls_made(self) -> int:
        return self._calls

    def record_url(self, stream: str, remote_id: str) -> str | None:
        file = self._stream(stream).file or stream
        return f"{(self._place / file).absolute().as_uri()}.{self.settings.formats[0]}#{remote_id}"

    # --- making the files ---------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Make the files. Raises Fatal or Retriable for the first that could not be written; the next one that opens
        tries again."""
        ledger = self._ledger
        if ledger is None:
            return
        try:
            with self._naming():
                troubles = publish(ledger, self._place, self.settings, self._layouts(ledger))
            for stream, error in troubles:
                raise self._named(error, stream) from error
        finally:
            self._ledger = None
            ledger.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        elif issubclass(kind, Exception):
            with suppress(SolmuError):  # the first error is the one to tell
                self.close()
        elif self._ledger is not None:
            # Whoever presses Ctrl-C does not wait for files; they are made by the next one that opens.
            self._ledger.close()
            self._ledger = None

    def _opened(self, *, create: bool = False) -> Ledger | None:
        """The ledger; None where nothing was ever written, unless it is to be made."""
        if self._ledger is None:
            if not self._place.is_dir():
                raise FileNotFoundError(2, "no such folder")
            if create or (self._place / NAME).exists():
                self._ledger = Ledger(self._place / NAME)
        return self._ledger

    def _layouts(self, ledger: Ledger | None) -> dict[str, Layout]:
        streams = {name: self._stream(name) for name in self.streams}
        return layouts_of(self.folder, self.settings, streams, ledger.learned if ledger else lambda _: ())

    def _must_have_files_of_their_own(self) -> None:
        files = {name: (self._stream(name).file or name).casefold() for name in self.streams}
        often = [file for file, times in Counter(files.values()).items() if times > 1]
        if often:
            raise Fatal(
                f"the streams {' and '.join(name for name, file in files.items() if file == often[0])} have one file",
                code="file-twice",
                field="file",
                value=often[0],
                expected="a file of its own for each stream",
            )

    def _stream(self, stream: str) -> FileStream:
        settings = self.streams.get(stream)
        return settings if isinstance(settings, FileStream) else FileStream()

    @contextmanager
    def _naming(self, stream: str | None = None) -> Iterator[None]:
        """What goes wrong with the folder says which setting that is."""
        try:
            yield
        except (OSError, sqlite3.Error, SolmuError) as error:
            raise self._named(error, stream) from error

    def _named(self, error: BaseException, stream: str | None) -> SolmuError:
        return named(error, connection=self.name, stream=stream, value=str(self.settings.folder))
