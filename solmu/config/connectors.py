"""Finds connectors by name and opens connections with them. The core imports none: they are plug-ins."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from pydantic import BaseModel, SecretStr

from solmu.config.connections import ConnectionConfig, StreamConfig, StreamDocument
from solmu.config.hub import Hub
from solmu.config.nearest import choice_of
from solmu.config.problems import raise_all, validated
from solmu.config.secrets import is_open_secret, remember, resolve
from solmu.config.yaml import KeyPath
from solmu.errors import ConfigurationError, Fatal

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "solmu.connectors"


class ConnectorClass(Protocol):
    """What this module needs to know of a connector's class; ``connectors/base.py`` has the whole contract."""

    Settings: type[BaseModel]
    StreamSettings: type[BaseModel]

    def __call__(self, *, name: str, settings: BaseModel, streams: Mapping[str, BaseModel], folder: Path) -> Any: ...


def connector_names() -> list[str]:
    """The connectors that are installed, sorted."""
    return sorted(_entry_points())


def connector_class(name: str) -> Any:
    """The class of the connector ``name``. Raises ConfigurationError with the nearest name that is installed,
    and Fatal if the plug-in cannot be imported."""
    points = _entry_points()
    if name not in points:
        raise ConfigurationError(
            f"there is no connector {name!r}",
            code="configuration",
            value=name,
            expected=choice_of(name, sorted(points)),
        )
    try:
        return points[name].load()
    except (ImportError, AttributeError) as error:
        where = points[name].value
        raise Fatal(f"the connector {name} cannot be loaded from {where}: {error}", code="connector-broken") from error


def open_connector(hub: Hub, connection: ConnectionConfig) -> Any:
    """An instance of the connection's connector, its settings checked and its secrets resolved.

    It is called as ``cls(name=…, settings=Settings, streams={stream: StreamSettings}, folder=hub.folder)``, with the
    streams under the names that the connection gives them. Of the hub's own stream keys a connector gets those
    (``key``, ``stream``, ``mapping``) that its ``StreamSettings`` declares. Raises ConfigurationError with file and
    line.
    """
    try:
        found: ConnectorClass = connector_class(connection.connector)
    except ConfigurationError as error:
        raise connection.error(("connector",), error.message, expected=error.expected, value=error.value) from error
    settings = _settings(hub, connection, found)
    streams = {name: _stream_settings(hub, connection, stream, found) for name, stream in connection.streams.items()}
    return found(name=connection.name, settings=settings, streams=streams, folder=hub.folder)


def _settings(hub: Hub, connection: ConnectionConfig, found: ConnectorClass) -> BaseModel:
    written = connection.settings
    _refuse_open_secrets(connection, found.Settings, written)
    data = _resolved(hub, connection, ("settings",), written)
    settings = _validated(connection, found.Settings, data, ("settings",), written)
    for secret in _secrets(settings):
        remember(secret)
    return settings


def _stream_settings(hub: Hub, connection: ConnectionConfig, stream: StreamConfig, found: ConnectorClass) -> BaseModel:
    model, where = found.StreamSettings, ("streams", stream.name)
    own = {"key": stream.key, "stream": stream.stream, "mapping": stream.mapping}
    shared = {name: value for name, value in own.items() if value is not None and name in model.model_fields}
    written = {**stream.options, **shared}
    _refuse_open_secrets(connection, model, written, where)
    data = _resolved(hub, connection, where, written)
    return _validated(connection, model, data, where, written, also=list(StreamDocument.model_fields))


def _validated(
    connection: ConnectionConfig,
    model: type[BaseModel],
    data: dict[str, Any],
    where: KeyPath,
    written: dict[str, Any],
    also: list[str] | None = None,
) -> BaseModel:
    try:
        return validated(model, data, connection.lines, at=where, written=written, also=also or ())
    except ConfigurationError as error:
        error.connection = connection.name
        raise


def _resolved(hub: Hub, connection: ConnectionConfig, where: KeyPath, written: dict[str, Any]) -> dict[str, Any]:
    """The settings with their references replaced; an error names the setting whose reference leads nowhere."""
    data: dict[str, Any] = {}
    problems: list[ConfigurationError] = []
    for key, value in written.items():
        try:
            data[key] = resolve(value, folder=hub.folder)
        except ConfigurationError as error:
            problems.append(connection.error((*where, key), error.message, expected=error.expected))
    if problems:
        raise_all(problems)
    return data


def _refuse_open_secrets(
    connection: ConnectionConfig, model: type[BaseModel], written: dict[str, Any], where: KeyPath = ("settings",)
) -> None:
    for name, field in model.model_fields.items():
        key = field.alias or name
        stated = written.get(key)
        texts = stated if isinstance(stated, list) else [stated]
        if "SecretStr" in str(field.annotation) and any(map(is_open_secret, texts)):
            raise connection.error(
                (*where, key),
                f"`{key}` is a secret and stands here for everyone to read",
                expected=f"${{{key.upper()}}}, file:///… or another reference",
            )


def _secrets(settings: BaseModel) -> list[str]:
    stated = (getattr(settings, name) for name in type(settings).model_fields)
    values = (each for value in stated for each in (value if isinstance(value, tuple) else (value,)))
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


@cache
def _entry_points() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return cast("dict[str, EntryPoint]", {point.name: point for point in entry_points(group=GROUP)})
