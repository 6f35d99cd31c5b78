"""A connection that exists, tried: does it answer, what does it offer, and what would another stream of it become?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from solmu.config import ConnectionConfig, Hub
from solmu.config.connectors import open_connector
from solmu.config.edit import set_stream
from solmu.config.write import write_new
from solmu.errors import ConfigurationError, SolmuError
from solmu.mapping import load_target_mapping
from solmu.store import Store
from solmu.sync.adding import NewConnection, NewStream
from solmu.sync.fitting import fitting, target_mappings
from solmu.sync.merging import check as check_merging
from solmu.sync.streams import pointing_nowhere, target_streams

_DOUBLES = (
    "a second record of one customer stays as secondary, and `solmu export doubles` lists it for you to merge there"
)


def checked(hub: Hub, name: str) -> list[str]:
    """Make the connection's real call; gives its notes. An error says on which line of the YAML its setting stands."""
    config = hub.connection(name)
    try:
        with open_connector(hub, config) as connector:
            notes = list(connector.check())
            notes += _owners_at_fault(hub, config, connector)
            notes += _owners_unnamed(connector)
            notes += pointing_nowhere(hub, config)
            notes += _about_doubles(hub, config, connector)
            return notes
    except SolmuError as error:
        error.connection = error.connection or name
        config.locate(error)
        raise


def _about_doubles(hub: Hub, config: ConnectionConfig, connector: Any) -> list[str]:
    """What becomes of two records of one customer. Raises ConfigurationError where they are to be merged and cannot."""
    if not config.is_target:
        return []
    streams = target_streams(hub, config, ())  # which says what is wrong with them
    if config.merge_doubles:
        check_merging([each.name for each in streams if each.merges], connector, config.name)
        return ["records that turn out to be one customer's are merged there; that cannot be undone there"]
    if connector.capabilities.can_merge:
        return [f"{_DOUBLES}; with `merge_doubles: true` in its file Solmu does, which cannot be undone there"]
    return [] if connector.merges_nothing is None else [f"{connector.merges_nothing}; {_DOUBLES}"]


def _owners_at_fault(hub: Hub, config: ConnectionConfig, connector: Any) -> list[str]:
    """Owners of ``assignment:`` whom this target would refuse, if one of its mappings assigns any."""
    mappings = [load_target_mapping(hub, stream.mapping) for stream in config.target_streams.values() if stream.mapping]
    if not any(field.assign for mapping in mappings for field in mapping.fields.values()):
        return []
    given = {f"assignment.rules[{number}]": rule.owner for number, rule in enumerate(hub.settings.assignment.rules)}
    if hub.settings.assignment.default is not None:
        given["assignment.default"] = hub.settings.assignment.default
    unknown = set(connector.unknown_owners(sorted(set(given.values()))))
    return [
        f"{where} in hub.yaml names {owner!r}, and that is the id of nobody who could own a record here: whatever is "
        "assigned so would be refused"
        for where, owner in given.items()
        if owner in unknown
    ]


def _owners_unnamed(connector: Any) -> list[str]:
    """Why people would read ids where they should read names."""
    try:
        next(iter(connector.users()), None)
    except SolmuError as error:
        return [f"its users cannot be listed, so that owners are shown by their ids: {error.message}"]
    return []


def logged_in(hub: Hub, name: str, tell: Callable[[str], object]) -> None:
    """Have somebody log in for the connection, in a browser; ``tell`` shows them where, and with which code."""
    config = hub.connection(name)
    try:
        with open_connector(hub, config) as connector:
            connector.log_in(tell)
    except SolmuError as error:
        error.connection = error.connection or name
        config.locate(error)
        raise


def offered(hub: Hub, name: str) -> list[dict[str, Any]]:
    """What the system offers: each stream with its fields, and ``start``, the settings to begin with."""
    with open_connector(hub, hub.connection(name)) as connector:
        return [{**asdict(info), "start": dict(connector.starting(info))} for info in connector.discover()]


def tried(
    hub: Hub, store: Store, name: str, stream: NewStream, *, kind: str | None = None, rows: int = 10
) -> dict[str, Any]:
    """What one more stream of the connection would become; nothing is stored and nothing written.

    A stream without a mapping gets the one that fits best, or a proposed one. Gives ``stream, options, mapping, text``
    (of a proposed mapping), ``notes`` and ``preview`` (None for what is only written). Raises ConfigurationError where
    no mapping fits and none can be proposed.
    """
    config = hub.connection(name)
    with NewConnection(hub, name, config.connector, config.direction, dict(config.settings)) as new:
        new.streams[stream.name] = stream
        notes = _choose_mapping(new, stream, kind) if stream.mapping is None else ()
        return {
            "connection": name,
            "name": stream.name,
            "stream": stream.stream,
            "options": stream.options,
            "mapping": stream.mapping,
            "text": stream.text,
            "notes": list(notes),
            "preview": new.preview(stream, store, rows=rows) if new.is_source else None,
        }


def add_tried(hub: Hub, found: dict[str, Any]) -> None:
    """Add the stream as it was ``tried``: the proposed mapping's file first, then the connection's."""
    stream = NewStream(found["name"], found["stream"], found["options"], found["mapping"], found["text"])
    config = hub.connection(found["connection"])
    path = None
    if stream.text is not None:
        path = write_new(hub.folder / "mappings" / "sources" / f"{stream.mapping}.yaml", stream.text, "mapping")
    try:
        set_stream(config, stream.name, stream.as_document(), new=True)
    except BaseException:
        if path is not None:
            path.unlink()
        raise


def _choose_mapping(new: NewConnection, stream: NewStream, kind: str | None) -> tuple[str, ...]:
    if new.direction == "source":
        samples, _ = new.sample(stream)
        found = fitting(new, stream, samples, kind=kind or new.kind.rows_are)  # type: ignore[arg-type]
        if found:
            stream.mapping, stream.text = found[0].name, found[0].text
            return found[0].notes
    elif names := target_mappings(new, stream, both=new.is_source):
        stream.mapping = names[0]
        return ()
    raise ConfigurationError(
        f"no mapping fits {stream.name}, and none can be proposed",
        code="no-mapping",
        field="mapping",
        expected="one of the hub's mappings, by its name",
    )
