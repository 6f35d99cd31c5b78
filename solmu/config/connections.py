"""Reads ``connections/*.yaml``: one file a system, named as the connection."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field

from solmu.config.problems import raise_all, validated
from solmu.config.settings import Block, Exclude, Include
from solmu.config.yaml import KeyPath, Lines, load
from solmu.errors import ConfigurationError, SolmuError

Direction = Literal["source", "target", "both"]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
"""What a connection or a stream may be called: it stands in file names, in addresses and before a slash."""


class StreamDocument(Block):
    """One stream of a connection; keys beside these are the connector's own."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    stream: str | None = Field(None, description="what the connector calls it; default: the same name")
    mapping: str | None = Field(None, description="the mapping, as in mappings/sources/… or mappings/targets/…")
    direction: Direction | None = Field(None, description="default: the connection's")
    key: tuple[str, ...] | None = Field(
        None, description="columns that make a row's key, where the system has no key", min_length=1
    )
    include: tuple[Include, ...] | None = Field(
        None, description="what lets records into this target; default: hub.yaml's"
    )
    exclude: tuple[Exclude, ...] | None = Field(None, description="what keeps them out; default: hub.yaml's")


class ConnectionDocument(Block):
    """A file in ``connections/``."""

    connector: str = Field(description="the kind of system, such as spreadsheet or salesforce", min_length=1)
    direction: Direction = Field(description="source, target or both")
    enabled: bool = Field(True, description="whether runs use it")
    merge_doubles: bool = Field(
        False,
        description="whether records that turn out to be one customer's are merged in the system, where it can; "
        "that cannot be undone there",
    )
    settings: dict[str, Any] = Field({}, description="the connector's settings")
    streams: dict[str, StreamDocument] = Field({}, description="what is read from it or written to it")


@dataclass(frozen=True, slots=True)
class StreamConfig:
    """One kind of thing that a connection reads or writes. ``stream`` is the connector's name of it."""

    name: str
    stream: str
    mapping: str | None = None
    direction: Direction | None = None
    key: list[str] | None = None
    include: list[Include] | None = None
    exclude: list[Exclude] | None = None
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConnectionConfig:
    """One configured link to one real system. ``settings`` are as written: secrets are references still."""

    name: str
    connector: str
    direction: Direction
    settings: dict[str, Any]
    streams: dict[str, StreamConfig]
    enabled: bool
    file: Path
    merge_doubles: bool = False
    lines: Lines = field(repr=False, compare=False, default_factory=lambda: Lines(""))

    @property
    def is_source(self) -> bool:
        return self.direction != "target"

    @property
    def is_target(self) -> bool:
        return self.direction != "source"

    @property
    def source_streams(self) -> dict[str, StreamConfig]:
        """The streams that are read."""
        return {name: stream for name, stream in self.streams.items() if self._direction(stream) != "target"}

    @property
    def target_streams(self) -> dict[str, StreamConfig]:
        """The streams that are written."""
        return {name: stream for name, stream in self.streams.items() if self._direction(stream) != "source"}

    def _direction(self, stream: StreamConfig) -> Direction:
        return stream.direction or self.direction

    def error(self, path: KeyPath, message: str, **more: Any) -> ConfigurationError:
        """An error about a key of this connection's file."""
        error = self.lines.error(path, message, **more)
        error.connection = self.name
        return error

    def locate(self, error: SolmuError) -> None:
        """Where an error is about a setting that stands in this connection's file, let it say on which line."""
        if error.file is not None or error.field is None:
            return
        keys = tuple(error.field.split("."))
        within = (("streams", error.stream), ("settings",), ()) if error.stream else (("settings",), ())
        places: list[KeyPath] = [(*block, *keys[:end]) for end in range(len(keys), 0, -1) for block in within]
        stated = next((place for place in places if self.lines.has(place)), None)
        if stated is not None:
            error.file, error.line = self.lines.file, self.lines.of(stated)


def load_connection(path: Path) -> ConnectionConfig:
    """The connection that a file describes. Raises ConfigurationError that names file, line and what would be right."""
    data, lines = load(path)
    return connection_from(path, data, lines)


def connection_from(path: Path, data: Any, lines: Lines) -> ConnectionConfig:
    """The same, of a document that is already read."""
    name = path.stem
    document = validated(ConnectionDocument, data, lines)
    problems = [_misnamed(lines, (), "connection", name)] if not NAME.fullmatch(name) else []
    for stream, settings in document.streams.items():
        if not NAME.fullmatch(stream):
            problems.append(_misnamed(lines, ("streams", stream), "stream", stream))
        if settings.direction and document.direction not in ("both", settings.direction):
            problems.append(
                lines.error(
                    ("streams", stream, "direction"),
                    f"stream {stream} cannot be {settings.direction}: the connection is a {document.direction} only",
                    expected=document.direction,
                    value=settings.direction,
                )
            )
    if problems:
        for problem in problems:
            problem.connection = name
        raise_all(problems)
    return ConnectionConfig(
        name=name,
        connector=document.connector,
        direction=document.direction,
        settings=dict(document.settings),
        streams={stream: _stream(stream, settings) for stream, settings in document.streams.items()},
        enabled=document.enabled,
        file=path,
        merge_doubles=document.merge_doubles,
        lines=lines,
    )


def _stream(name: str, document: StreamDocument) -> StreamConfig:
    return StreamConfig(
        name=name,
        stream=document.stream or name,
        mapping=document.mapping,
        direction=document.direction,
        key=_list(document.key),
        include=_list(document.include),
        exclude=_list(document.exclude),
        options=dict(document.model_extra or {}),
    )


def _list(values: tuple[Any, ...] | None) -> list[Any] | None:
    return None if values is None else list(values)


def _misnamed(lines: Lines, path: KeyPath, what: str, name: str) -> ConfigurationError:
    return lines.error(
        path, f"a {what} cannot be called {name!r}", value=name, expected="letters, digits, - and _ (erp-orders)"
    )
