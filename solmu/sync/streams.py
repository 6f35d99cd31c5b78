"""The streams of a target as the planner sees them: mapping, admission, what the target says of its fields, order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from solmu.config import ConnectionConfig, Hub, StreamConfig
from solmu.config.nearest import choice_of
from solmu.errors import ConfigurationError
from solmu.exchange import StreamInfo
from solmu.mapping import load_source_mapping, load_target_mapping
from solmu.mapping.files import read_mapping
from solmu.model import Entity, Hanging
from solmu.store.payload import plain_hash
from solmu.sync.admission import Rules
from solmu.sync.planned import TargetStream


def target_streams(hub: Hub, config: ConnectionConfig, infos: Sequence[StreamInfo]) -> list[TargetStream]:
    """The streams that a connection writes to, parents before children.

    Raises ConfigurationError for a stream without a mapping, one whose mapping is broken, and parents that go round.
    """
    described = {info.name: info for info in infos}
    streams = [
        _stream(hub, config, stream, described.get(stream.name) or described.get(stream.stream))
        for stream in config.target_streams.values()
    ]
    _must_point_at_customers(hub, config, streams)
    return in_order(streams, connection=config.name)


def in_order(streams: Sequence[TargetStream], *, connection: str | None = None) -> list[TargetStream]:
    """The streams with their levels, parents before children; streams of one level stay in the order given."""
    parents = {stream.name: stream.parents - {stream.name} for stream in streams}
    levels: dict[str, int] = {}
    while len(levels) < len(streams):
        ready = [
            name
            for name, above in parents.items()
            if name not in levels and all(each in levels for each in above if each in parents)
        ]
        if not ready:
            round_about = ", ".join(sorted(set(parents) - set(levels)))
            raise ConfigurationError(
                f"these streams are each other's parents: {round_about}",
                connection=connection,
                field="parent",
                expected="parents that come before their children",
            )
        for name in ready:
            levels[name] = 1 + max((levels[each] for each in parents[name] if each in levels), default=-1)
    return sorted((replace(stream, level=levels[stream.name]) for stream in streams), key=lambda each: each.level)


def rules_hash(hub: Hub, config: ConnectionConfig) -> str:
    """Hash of everything that a plan depends on beside the data: configuration and mappings."""
    recipes = {
        name: load_target_mapping(hub, stream.mapping).recipe
        for name, stream in config.target_streams.items()
        if stream.mapping is not None
    }
    return plain_hash([hub.config_hash, config.name, recipes])


def _stream(hub: Hub, config: ConnectionConfig, stream: StreamConfig, info: StreamInfo | None) -> TargetStream:
    if stream.mapping is None:
        raise config.error(
            ("streams", stream.name), f"stream {stream.name} has no mapping, so nothing can be written to it"
        )
    mapping = load_target_mapping(hub, stream.mapping)
    if mapping.hanging is Hanging.DEAL:
        _must_be_read_as_it_is_written(hub, config, stream)
    admission = hub.settings.admission
    return TargetStream(
        name=stream.name,
        mapping=mapping.fitted(fields_of(info)),
        entity=None if mapping.entity is None else Entity(mapping.entity),
        hanging=None if mapping.hanging is None else str(mapping.hanging),
        rules=Rules(
            include=_first(stream.include, mapping.include, admission.include),
            exclude=_first(stream.exclude, mapping.exclude, admission.exclude),
        ),
        fields=fields_of(info),
        external_id=mapping.external_id,
        parents=parents_of(mapping.desired({})),
        only=mapping.only,
        taken_back=mapping.taken_back,
        merges=config.merge_doubles and mapping.entity is not None,
    )


def pointing_nowhere(hub: Hub, config: ConnectionConfig) -> list[str]:
    """Fields that stay empty, since the stream that they point at is none that the connection writes to, in words."""
    written = config.target_streams
    return [
        f"{field} of {stream.name} points at {parent}, and {config.name} writes to no such stream: it stays empty "
        f"(expected: {choice_of(parent, [name for name in written if name != stream.name])})"
        for stream in written.values()
        if stream.mapping is not None
        for field, parent in load_target_mapping(hub, stream.mapping).parents.items()
        if parent not in written
    ]


def _must_point_at_customers(hub: Hub, config: ConnectionConfig, streams: Sequence[TargetStream]) -> None:
    """What hangs points at its customer's records, and a person's at the employer's: nothing else would be found."""
    by_name = {stream.name: stream for stream in streams}
    for stream in streams:
        to = [Entity.ORGANISATION] if stream.entity is Entity.PERSON else list(Entity)
        for field, want in stream.mapping.desired({}).items():
            if want.parent not in by_name or by_name[want.parent].entity in to:
                continue
            fits = [each.name for each in streams if each.entity in to]
            _, _, lines = read_mapping(hub, "targets", config.target_streams[stream.name].mapping or "")
            raise lines.error(
                ("fields", field, "parent"),
                f"{want.parent} holds no {' or '.join(to)}, and {stream.name} can point at nothing else",
                value=want.parent,
                expected=", ".join(fits) or "no such field",
            )


def _must_be_read_as_it_is_written(hub: Hub, config: ConnectionConfig, stream: StreamConfig) -> None:
    """A deal that Solmu makes would come back as one more where another stream reads it, and go to other targets."""
    for other in config.source_streams.values():
        if other.stream != stream.stream or other.name == stream.name or other.mapping is None:
            continue
        if any(each.kind is Hanging.DEAL for each in load_source_mapping(hub, other.mapping).hanging):
            raise config.error(
                ("streams", stream.name),
                f"{other.name} reads the deals that {stream.name} writes, and would take them for further ones",
                expected="one stream for both, whose mapping is found in mappings/sources and in mappings/targets",
            )


def fields_of(info: StreamInfo | None) -> Mapping[str, Any]:
    """What the target says of a stream's fields, by name; nothing where it does not describe them."""
    return {} if info is None else {field.name: field for field in info.fields}


def parents_of(wanted: Mapping[str, Any]) -> frozenset[str]:
    """The streams that a mapping's fields point at."""
    return frozenset(want.parent for want in wanted.values() if want.parent)


def _first(*choices: Sequence[str] | None) -> Sequence[str]:
    return next((choice for choice in choices if choice is not None), ())
