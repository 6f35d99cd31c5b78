"""``solmu import``: a list that somebody has on the desk, brought in without a line of YAML.

``prepare`` looks at the file and says how it would be read, ``look`` how its rows would land; ``save`` writes that into
the hub, and ``bring_in`` lands and resolves, in a run of its own. Until ``save`` only a scratch folder is written to.

An import is no full list: rows that an earlier one had and this one has not stay as they are.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from solmu.config import ConnectionConfig, Hub, StreamConfig, load_hub
from solmu.config.connectors import open_connector
from solmu.config.mappings import find_mapping
from solmu.config.settings import Notify
from solmu.errors import ConfigurationError, Fatal
from solmu.exchange import Batch
from solmu.propose import Column, Kind, Order, Proposal
from solmu.report.refused import REASON, ROW
from solmu.store import Store
from solmu.sync.import_correct import about, correctable, correction
from solmu.sync.import_landing import kept, land_list, refused_workbook
from solmu.sync.import_mapping import mapped_columns, mapped_kind, must_propose, new_document, telling
from solmu.sync.known_lists import free_stream, known_stream
from solmu.sync.layouts import (
    CONNECTION,
    STREAM,
    connection_of,
    free_name,
    layout,
    slug,
    with_changes,
    write_mapping,
    write_stream,
)
from solmu.sync.mended import OURS
from solmu.sync.preview import LOOKED_AT, preview
from solmu.sync.run import Tell, begin, finish, land_connection, push, reconcile, resolve, to_the_end

_SAMPLE, _LAST = 500, 3
_TO_THE_END = 20_000  # rows that are passed by to see the last ones
_PEEK = "rows"


@dataclass(frozen=True)
class Import:
    """A file that is ready to be imported.

    ``config`` reads it as one stream, ``stream``. ``proposal`` and ``document`` are set where the mapping is a new one,
    which ``save`` writes, or ``corrects`` one that an import made; ``is_new`` where the connection does not have the
    stream yet.
    """

    hub: Hub
    file: Path
    config: ConnectionConfig
    stream: StreamConfig
    columns: tuple[str, ...]
    proposal: Proposal | None = None
    document: dict[str, Any] | None = None
    is_new: bool = True
    corrects: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def mapping(self) -> str:
        """The mapping's name."""
        return str(self.stream.mapping)

    @property
    def dates_undecided(self) -> list[str]:
        """The columns of dates that do not show whether the day or the month stands first."""
        return self.proposal.dates_undecided if self.proposal else []

    def described(self) -> dict[str, Any]:
        """The file, where it lands, and each column with its field and how sure that is."""
        return {
            "file": str(self.file),
            "connection": self.config.name,
            "stream": self.stream.name,
            "mapping": self.mapping,
            "kind": self.proposal.kind if self.proposal else mapped_kind(self.hub, self.mapping),
            "country": self.proposal.country if self.proposal else None,
            "proposed": self.proposal is not None,
            "correctable": self.proposal is not None or correctable(self.hub, self.mapping),
            "dates_undecided": self.dates_undecided,
            "notes": list(self.notes),
            "columns": [
                {
                    "column": each.name,
                    "field": each.field,
                    "confidence": each.confidence if each.field else 0.0,
                    "why": each.why,
                }
                for each in self._columns()
            ],
        }

    def _columns(self) -> Sequence[Column]:
        if self.proposal is not None:
            return self.proposal.columns
        return mapped_columns(self.hub, self.mapping, self.columns)


@contextmanager
def scratch(hub: Hub) -> Iterator[Hub]:
    """The hub with a folder and a store of its own that are gone afterwards; its own are not written to."""
    with tempfile.TemporaryDirectory(prefix="solmu-import-") as name:
        folder = Path(name)
        if (hub.folder / "mappings").is_dir():
            shutil.copytree(hub.folder / "mappings", folder / "mappings")
        settings = hub.settings.model_copy(update={"store": "sqlite:///solmu.db", "notify": Notify()})
        yield replace(hub, folder=folder, settings=settings)


def prepare(
    hub: Hub,
    file: Path | str,
    *,
    mapping: str | None = None,
    partner: str | None = None,
    event: str | None = None,
    kind: Kind | None = None,
    save: str | None = None,
    chosen: Mapping[str, str | None] | None = None,
    order: Order | None = None,
    place: Mapping[str, Any] | None = None,
) -> Import:
    """Say how a file is to be read. Writes nothing.

    ``mapping`` names one that exists; without it, a list whose columns were imported before is read as then, and for
    any other a mapping is proposed. ``partner`` is who reported these leads; ``event`` is what these people attended,
    where no column says it; ``kind`` is what each row is, where the proposal would be wrong. ``save`` is the name that
    the list is known by from now on. ``chosen`` is the field of each column that somebody has corrected, None for one
    that is to be left alone: for a list whose mapping an import made, and nobody changed, it corrects that mapping.
    ``order`` is how dates are written that do not show it. ``place`` is where in the file the list stands, as a
    stream's ``sheet`` and ``header`` say it. Raises Stopped("columns-changed") for a list that has lost columns,
    ConfigurationError for a file, a mapping or a name that cannot be used, and what reading the file raises.
    """
    path = Path(os.path.abspath(Path(file).expanduser()))
    if not _is_file(path):
        raise ConfigurationError(
            "there is no such file",
            code="no-file",
            file=str(path),
            expected="the path of an xlsx, xls, ods, csv or tsv file",
        )
    samples, origin, told = _peek(hub, path, place or {})
    columns = tuple(samples)
    if origin is not None and origin[0] in hub.connections and origin[1] in hub.connections[origin[0]].streams:
        return _again(hub, path, *origin, columns)
    name = save or CONNECTION
    config = connection_of(hub, name, path.parent)
    if event is not None or partner is not None:
        # Who names an event says that these are its attendees; who names a partner, that these are leads.
        kind = kind or ("participant" if event is not None else "lead")
    known = known_stream(hub, config, path, columns, partner=partner, event=event, kind=kind, named=save is not None)
    if known is not None:
        if mapping not in (None, known.mapping):
            raise ConfigurationError(
                f"{name}/{known.name} is read by the mapping {known.mapping}",
                connection=name,
                stream=known.name,
                file=str(config.file),
                field="--mapping",
                value=mapping,
                expected=f"{known.mapping}; or another name for this list: --save NAME",
            )
        if chosen and known.mapping and correctable(hub, known.mapping):
            document, proposal, notes = correction(hub, samples, known.mapping, chosen, order, path)
            more: dict[str, Any] = {"document": document, "proposal": proposal, "corrects": True}
            ready = _ready(hub, path, config, known, columns, place, is_new=False, **more)
            return _told(ready, (*notes, *told))
        must_propose(order, known.mapping)
        return _told(_ready(hub, path, config, known, columns, place, is_new=False), told)
    must_propose(order, mapping)
    stream = STREAM if save else free_stream(config, slug(f"{path.stem} {partner or ''}"))
    with telling(told):
        document, proposal, notes = new_document(hub, samples, mapping, partner, kind, event, path, chosen or {}, order)
    called = mapping if document is None else free_name(hub, name if save else f"{name}/{stream}")
    new = StreamConfig(
        stream, stream, mapping=called, options={"files": path.name, "columns": list(columns), **(place or {})}
    )
    ready = _ready(hub, path, config, new, columns, place, is_new=True, proposal=proposal, document=document)
    return _told(ready, (*notes, *told))


def look(
    ready: Import, workbench: Hub, store: Store | None = None, *, rows: int = 10, looked_at: int = LOOKED_AT
) -> dict[str, Any]:
    """What ``described`` says, and ``rows`` rows as they would land, of the first ``looked_at``; ``workbench`` is a
    ``scratch`` hub."""
    hub = _on(ready, workbench)
    shown = preview(hub, store, ready.config, ready.stream, rows=rows, looked_at=looked_at)
    shown["columns_ignored"] = [column for column in shown["columns_ignored"] if column not in OURS]
    return {**ready.described(), "preview": shown}


def save(ready: Import) -> Hub:
    """Write the mapping and the stream, if they are new, into the hub; gives the hub as it is then."""
    if ready.document is not None:
        told = about(ready.file.name, ready.document if ready.proposal else None)
        write_mapping(ready.hub.folder, ready.mapping, ready.document, told, anew=ready.corrects)
    if ready.is_new:
        write_stream(ready.hub, ready.config, ready.stream)
    return load_hub(ready.hub.folder)


def try_out(ready: Import, workbench: Hub, *, tell: Tell | None = None) -> dict[str, Any]:
    """Import into the scratch hub and its empty store; gives the run report. Nothing else is written."""
    from solmu.store import open_store

    hub = _on(ready, workbench)
    with open_store(hub.store_url) as store:
        return bring_in(hub, store, ready, tell=tell)


def bring_in(hub: Hub, store: Store, ready: Import, *, send: bool = False, tell: Tell | None = None) -> dict[str, Any]:
    """Land the file and resolve, in a run of kind ``import``; with ``send``, push to every target too.

    ``hub`` is as ``save`` gave it. Gives the run report, with ``import`` beside what every report has: the file, where
    it landed, and ``refused_file``, the workbook with the rows that were refused, or None.
    """
    config = _reading(hub.connection(ready.config.name), ready)
    detail = {"file": str(ready.file), "stream": f"{config.name}/{ready.stream.name}"}
    run = begin(hub, store, kind="import", detail=detail, tell=tell)
    keys: dict[str, int] = {}
    with to_the_end(run):
        with kept(run, config.name):
            land_list(run, config, ready, keys)
        if send:
            # What a target holds must be known before anything is matched with it, or planned for it.
            for name in run.targets:
                if hub.connection(name).is_source:
                    land_connection(run, name)
        resolve(run)
        if send:
            for name in run.targets:
                push(run, name)
                reconcile(run, name)
    report = finish(run)
    path = refused_workbook(run, ready, keys)
    return {**report, "import": {**detail, "mapping": ready.mapping, "refused_file": str(path) if path else None}}


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except PermissionError as error:
        raise Fatal(
            f"there is no permission to look into {path.parent}",
            code="no-permission",
            file=str(path),
            expected="a folder and a file that the user who runs Solmu may read",
        ) from error


# --- reading --------------------------------------------------------------------------------------------------------


def _peek(
    hub: Hub, path: Path, place: Mapping[str, Any]
) -> tuple[dict[str, list[Any]], tuple[str, str] | None, tuple[str, ...]]:
    """The columns with some of their values, those of the last row at the end unless it is far away; of a workbook of
    refused rows, the stream that refused them; and what is to be said of the file, as of sheets that are not read."""
    stream = StreamConfig(_PEEK, _PEEK, options={"files": path.name, **place})
    config = connection_of(replace(hub, connections={}), CONNECTION, path.parent)
    with open_connector(hub, with_changes(config, streams={_PEEK: stream})) as connector:
        told = tuple(connector.check())
        (info,) = connector.discover()
        batches: Iterator[Batch] = connector.read(_PEEK, None)
        all_rows = chain.from_iterable(batch.rows for batch in batches)
        rows = list(islice(all_rows, _SAMPLE))
        last = list(deque(islice(all_rows, _TO_THE_END), maxlen=_LAST))
        if next(all_rows, None) is None:
            rows += last
    if not rows:
        raise Fatal("there are no rows below the header", code="no-rows", file=path.name, expected="a header and rows")
    origin = next((str(row.payload[ROW]).split("/") for row in rows if row.payload.get(ROW)), [])
    columns = [each.name for each in info.fields if each.name not in OURS]
    samples = {column: [row.payload.get(column) for row in rows] for column in columns}
    return samples, (origin[0], origin[1]) if len(origin) > 2 else None, told


def _told(ready: Import, notes: Sequence[str]) -> Import:
    return replace(ready, notes=(*ready.notes, *notes))


def _again(hub: Hub, path: Path, name: str, stream: str, columns: tuple[str, ...]) -> Import:
    """Rows that this hub has refused, mended or not, go where they came from."""
    known = hub.connections[name].streams[stream]
    return _ready(hub, path, connection_of(hub, name, path.parent), known, columns, None, is_new=False)


def _ready(
    hub: Hub,
    path: Path,
    config: ConnectionConfig,
    stream: StreamConfig,
    columns: tuple[str, ...],
    place: Mapping[str, Any] | None,
    **more: Any,
) -> Import:
    reading = replace(stream, options={**stream.options, "files": path.name, **(place or {})})
    before = layout(stream)
    new = [column for column in columns if before and column not in before]
    notes = (f"columns that this list did not have before: {', '.join(new)}",) if new else ()
    config = with_changes(config, streams={stream.name: reading})
    return Import(hub, path, config, reading, columns, notes=notes, **more)


def _on(ready: Import, workbench: Hub) -> Hub:
    """The scratch hub with this import's mapping and connection in it."""
    if ready.document is not None and (
        ready.corrects or find_mapping(workbench.folder, "sources", ready.mapping) is None
    ):
        write_mapping(workbench.folder, ready.mapping, ready.document, (), anew=ready.corrects)
    return replace(workbench, connections={**workbench.connections, ready.config.name: ready.config})


def _reading(config: ConnectionConfig, ready: Import) -> ConnectionConfig:
    """The hub's connection, reading this file only."""
    settings = {**config.settings, "folder": str(ready.file.parent)}
    stream = replace(config.streams[ready.stream.name], options=ready.stream.options)
    return with_changes(config, settings=settings, streams={stream.name: stream})


__all__ = ["LOOKED_AT", "REASON", "ROW", "Import", "bring_in", "look", "prepare", "save", "scratch", "try_out"]
