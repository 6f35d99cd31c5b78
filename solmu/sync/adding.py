"""A connection that is being added: tried, looked at and previewed while nothing of it is in the hub yet.

``NewConnection`` holds the answers. Until ``write`` it leaves no trace: secrets are kept in this process, mappings in
memory, and what logging in had to store is removed again by ``close``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, Self

from solmu.config import ConnectionConfig, Hub, StreamConfig
from solmu.config.connections import connection_from
from solmu.config.connectors import connector_class, open_connector
from solmu.config.secrets import remember
from solmu.config.write import connection_text, write_files, write_new
from solmu.config.yaml import parse
from solmu.errors import SolmuError
from solmu.exchange import FieldInfo, Row, StreamInfo
from solmu.mapping import SourceMapping, load_source_mapping
from solmu.mapping.source import source_mapping
from solmu.model import Entity
from solmu.store import Store
from solmu.sync.preview import preview

SAMPLE = 300
"""Rows that are looked at to see what a stream holds."""
SECRETS = "secrets"
"""The folder in the hub for secrets that are kept in files; nobody else may read it, and git leaves it alone."""


@dataclass
class NewStream:
    """One stream. ``options`` are the connector's; ``text`` is the mapping that ``write`` is to make."""

    name: str
    stream: str
    options: dict[str, Any] = field(default_factory=dict)
    mapping: str | None = None
    text: str | None = None

    def as_document(self) -> dict[str, Any]:
        """The stream as its YAML has it."""
        called = {"stream": self.stream} if self.stream != self.name else {}
        mapping = {"mapping": self.mapping} if self.mapping else {}
        return {**called, **mapping, **self.options}


@dataclass
class NewConnection:
    """The answers so far, and what can be done with them. Use it as a context manager."""

    hub: Hub
    name: str
    connector: str
    direction: str = "source"
    settings: dict[str, Any] = field(default_factory=dict)
    streams: dict[str, NewStream] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    _files: dict[str, str] = field(default_factory=dict)  # reference -> secret that is to be put there
    _before: dict[str, str | None] = field(default_factory=dict)  # environment to be restored
    _made: list[Path] = field(default_factory=list)  # files that are to be gone unless this is written

    @property
    def file(self) -> Path:
        """Where it will stand."""
        return self.hub.folder / "connections" / f"{self.name}.yaml"

    @property
    def kind(self) -> Any:
        """The connector's class."""
        return connector_class(self.connector)

    @property
    def is_source(self) -> bool:
        return self.direction != "target"

    # --- secrets ------------------------------------------------------------------------------------------------------

    def secret_from_environment(self, variable: str, value: str) -> None:
        """Use this value for ``${variable}`` while the connection is tried; it is written nowhere."""
        remember(value)
        self._before.setdefault(variable, os.environ.get(variable))
        os.environ[variable] = value

    def secret_in_file(self, key: str, value: str) -> str:
        """Keep a secret in a file of the hub's, from ``write`` on; gives the reference to it."""
        reference = f"file://{SECRETS}/{self.name}-{key.replace('_', '-')}"
        remember(value)
        self._files[reference] = value
        self.secret_from_environment(_variable(reference), value)
        return reference

    def file_beside(self, suffix: str, text: str) -> Path:
        """A file that somebody needs while this is being asked for; gone again unless this is written."""
        path = self.hub.folder / SECRETS / f"{self.name}{suffix}"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self.made(write_new(path, text, "certificate"))
        return path

    def made(self, path: Path) -> None:
        """A file that trying out has made, and that must go unless the connection is written."""
        self._made.append(path)

    # --- trying -------------------------------------------------------------------------------------------------------

    def config(self) -> ConnectionConfig:
        """The connection as it would be loaded, secrets within reach. Raises ConfigurationError."""
        settings = _within_reach(self.settings, self._files)
        text = connection_text({**self._document(), "settings": settings}, {})
        return connection_from(self.file, *parse(text, str(self.file)))

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """Its connector. What goes wrong in the block is about answers, not about lines of a file that is not there."""
        try:
            with open_connector(self.hub, self.config()) as connector:
                yield connector
        except SolmuError as error:
            if error.file == str(self.file):
                error.file = error.line = None
            error.connection = None
            raise

    def check(self) -> list[str]:
        """Make a real call; gives the notes. Raises what ``check`` of the connector raises."""
        with self.opened() as connector:
            return list(connector.check())

    def offered(self) -> list[tuple[StreamInfo, dict[str, Any]]]:
        """The streams that the system offers, each with settings to begin with."""
        configured, self.streams = self.streams, {}
        try:
            with self.opened() as connector:
                return [(info, dict(connector.starting(info))) for info in connector.discover()]
        finally:
            self.streams = configured

    def sample(self, stream: NewStream) -> tuple[dict[str, list[Any]], dict[str, str]]:
        """Some values of each column that a stream gives, and what the system calls the columns' types."""
        with self._only(stream), self.opened() as connector:
            described = {each.name: each for each in connector.discover()}
            fields: Sequence[FieldInfo] = described[stream.name].fields if stream.name in described else ()
            batches = connector.read(stream.name, None)
            try:
                rows = list(islice(chain.from_iterable(batch.rows for batch in batches), SAMPLE))
            finally:
                batches.close()
        payloads = [row.payload for row in rows if isinstance(row, Row)]
        columns = dict.fromkeys([*(each.name for each in fields), *(name for each in payloads for name in each)])
        values = {name: [each.get(name) for each in payloads] for name in columns}
        return values, {each.name: each.type for each in fields}

    @contextmanager
    def _only(self, stream: NewStream) -> Iterator[None]:
        all_of_them, self.streams = self.streams, {stream.name: stream}
        try:
            yield
        finally:
            self.streams = all_of_them

    def compiled(self, stream: NewStream) -> SourceMapping:
        """The stream's mapping, whether the hub has it or not. Raises ConfigurationError."""
        name = stream.mapping or ""
        if stream.text is None:
            return load_source_mapping(self.hub, name)
        path = self._mapping_file(name)
        known = {entity: self.hub.fields(entity) for entity in Entity}
        return source_mapping(name, path, *parse(stream.text, str(path)), known)

    def preview(self, stream: NewStream, store: Store | None, *, rows: int = 10) -> dict[str, Any]:
        """Its first rows as they would land."""
        config = self.config()
        configured: StreamConfig = config.streams[stream.name]
        only = replace(config, streams={stream.name: configured})
        return preview(self.hub, store, only, configured, rows=rows, mapping=self.compiled(stream))

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self) -> list[Path]:
        """Write the connection, its mappings and its secrets, all or none; gives the files, the connection's first.

        Raises ConfigurationError where one of them exists.
        """
        files = {self._mapping_file(each.mapping or ""): each.text for each in self.streams.values() if each.text}
        secrets = {self.hub.folder / key.removeprefix("file://"): value + "\n" for key, value in self._files.items()}
        written = write_files(self.hub, self.name, self._document(), self.comments, files, secrets)
        made, self._made = [path for path in self._made if path.exists()], []
        return [*written, *made]

    def close(self) -> None:
        """Leave this process, and the hub unless ``write`` was called, as they were."""
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._before.clear()
        for path in self._made:
            path.unlink(missing_ok=True)
            with suppress(OSError):
                path.parent.rmdir()  # only where it is empty
        self._made.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _document(self) -> dict[str, Any]:
        return {
            "connector": self.connector,
            "direction": self.direction,
            "settings": _in_order(self.kind.Settings, self.settings),
            "streams": {name: stream.as_document() for name, stream in self.streams.items()},
        }

    def _mapping_file(self, name: str) -> Path:
        return self.hub.folder / "mappings" / "sources" / f"{name}.yaml"


def _in_order(model: Any, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as their model lists them, however they were asked for."""
    keys = [field.alias or name for name, field in model.model_fields.items()]
    return {key: settings[key] for key in sorted(settings, key=lambda key: keys.index(key) if key in keys else 99)}


def _variable(reference: str) -> str:
    return "SOLMU_TRYING_" + "".join(sign.upper() if sign.isalnum() else "_" for sign in reference)


def _within_reach(value: Any, files: Mapping[str, str]) -> Any:
    """Settings whose secrets are not in their files yet."""
    if isinstance(value, Mapping):
        return {key: _within_reach(each, files) for key, each in value.items()}
    return f"${{{_variable(value)}}}" if isinstance(value, str) and value in files else value
