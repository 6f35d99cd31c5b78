"""A hub: the folder that holds one company's configuration, read and checked."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from solmu.config.checks import check_settings
from solmu.config.connections import ConnectionConfig, StreamConfig, load_connection
from solmu.config.mappings import Side, find_mapping
from solmu.config.nearest import choice_of
from solmu.config.problems import raise_all, validated
from solmu.config.secrets import resolve, without_secrets
from solmu.config.settings import WINNABLE, HubSettings
from solmu.config.yaml import Lines, load
from solmu.errors import ConfigurationError
from solmu.model import FIELDS, CanonicalField, Entity

FILE = "hub.yaml"


@dataclass(frozen=True)
class Hub:
    """``folder`` is absolute. ``lines`` tells where in ``hub.yaml`` a setting stands."""

    folder: Path
    settings: HubSettings
    connections: Mapping[str, ConnectionConfig]
    lines: Lines = field(repr=False, compare=False)

    def connection(self, name: str) -> ConnectionConfig:
        """The connection of that name. Raises ConfigurationError with the nearest one there is."""
        if name not in self.connections:
            raise ConfigurationError(
                f"there is no connection {name!r}",
                code="configuration",
                connection=name,
                file=str(self.folder / "connections"),
                expected=choice_of(name, self.connections),
            )
        return self.connections[name]

    def fields(self, entity: Entity) -> dict[str, CanonicalField]:
        """The canonical fields of an entity, the hub's own among them."""
        return {**FIELDS[entity], **{each.name: each for each in self.settings.custom_fields(entity)}}

    @cached_property
    def store_url(self) -> str:
        """The address of the store, secrets resolved; a relative SQLite file is in the hub's folder."""
        try:
            url = str(resolve(self.settings.store, folder=self.folder))
        except ConfigurationError as error:
            raise self.lines.error(("store",), error.message, expected=error.expected) from error
        scheme, marker, path = url.partition(":///")
        if not scheme.startswith("sqlite") or not marker or path in ("", ":memory:"):
            return url
        return f"{scheme}:///{self.folder / path}"

    def resolved(self) -> dict[str, Any]:
        """The whole configuration with its defaults, as plain values, without secrets; a run keeps it.

        Mappings stand in it by the hash of their files, since a change to one changes what a run does.
        """
        connections = {
            name: {
                "connector": connection.connector,
                "direction": connection.direction,
                "enabled": connection.enabled,
                "settings": connection.settings,
                "streams": {stream.name: _stream(stream) for stream in connection.streams.values()},
            }
            for name, connection in sorted(self.connections.items())
        }
        document = {
            "settings": self.settings.model_dump(mode="json"),
            "connections": connections,
            "mappings": dict(sorted(_mapping_hashes(self))),
        }
        plain: dict[str, Any] = json.loads(json.dumps(without_secrets(document), default=str))
        return plain

    @cached_property
    def config_hash(self) -> str:
        """Hash of ``resolved()``: two runs with the same one were configured the same."""
        document = json.dumps(self.resolved(), sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(document.encode(), digest_size=16).hexdigest()


def find_hub(folder: Path | str | None = None, *, start: Path | None = None) -> Path:
    """The hub that is meant: the folder given, else ``SOLMU_HUB``, else the nearest one upwards from ``start``.

    ``start`` is the current folder by default. Raises ConfigurationError if there is no ``hub.yaml``.
    """
    named = folder or os.environ.get("SOLMU_HUB")
    if named:
        found = Path(named).expanduser().absolute()
        if not (found / FILE).is_file():
            raise ConfigurationError(
                f"{found} is no hub: it has no {FILE}", code="no-hub", expected=f"a folder made by `solmu init {named}`"
            )
        return found
    here = (start or Path.cwd()).absolute()
    for candidate in (here, *here.parents):
        if (candidate / FILE).is_file():
            return candidate
    raise ConfigurationError(
        f"neither {here} nor a folder above it is a hub",
        code="no-hub",
        expected="--hub DIR, the environment variable SOLMU_HUB, or `solmu init DIR`",
    )


def load_hub(folder: Path | str) -> Hub:
    """Read and check a hub's configuration, its connections included. Connectors and secrets are not touched yet.

    Raises ConfigurationError for the first thing that is wrong, with the others in its notes.
    """
    home = Path(folder).absolute()
    return hub_from(home, *load(home / FILE))


def hub_from(home: Path, data: Any, lines: Lines) -> Hub:
    """The same with a ``hub.yaml`` that is already parsed, its connections read from the absolute folder ``home``."""
    settings = validated(HubSettings, data, lines)
    connections: dict[str, ConnectionConfig] = {}
    problems: list[ConfigurationError] = []
    for path in sorted((home / "connections").glob("*.yaml")):
        try:
            connections[path.stem] = load_connection(path)
        except ConfigurationError as error:
            error.connection = path.stem
            problems.append(error)
    problems += check_settings(settings, lines, connections)
    if problems:
        raise_all(problems)
    hub = Hub(home, settings, connections, lines)
    _check_two_way_rules(hub)
    return hub


def _check_two_way_rules(hub: Hub) -> None:
    """Refuse rules that people could not win by, on fields that they can edit in a two-way target.

    The mappings say which fields those are; they are read only where such a rule stands at all.
    """
    stated = hub.settings.survivorship
    rules = {stated.default, *stated.organisation.values(), *stated.person.values()}
    if not rules <= WINNABLE:
        from solmu.mapping.editable import unwinnable_rules  # mappings know settings; this one check looks back

        problems = unwinnable_rules(hub)
        if problems:
            raise_all(problems)


def _stream(stream: StreamConfig) -> dict[str, Any]:
    return {each.name: getattr(stream, each.name) for each in fields(stream) if each.name != "name"}


def _mapping_hashes(hub: Hub) -> Iterator[tuple[str, str]]:
    for connection in hub.connections.values():
        sides: tuple[tuple[Side, dict[str, StreamConfig]], ...] = (
            ("sources", connection.source_streams),
            ("targets", connection.target_streams),
        )
        for side, streams in sides:
            for name in {stream.mapping for stream in streams.values() if stream.mapping}:
                path = find_mapping(hub.folder, side, name)
                if path is not None:
                    yield f"{side}/{name}", hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
