"""Fields that people can edit in a two-way target, and the survivorship rules that would take that back every night."""

from __future__ import annotations

from collections.abc import Iterator

from solmu.config.hub import Hub
from solmu.config.settings import WINNABLE
from solmu.errors import ConfigurationError
from solmu.mapping.target import load_target_mapping
from solmu.model import Entity


def editable_fields(hub: Hub) -> Iterator[tuple[Entity, str, str]]:
    """Entity, canonical field and connection of every field that a two-way target holds."""
    for connection in hub.connections.values():
        if connection.direction != "both":
            continue
        sources = connection.source_streams
        for stream in connection.target_streams.values():
            if stream.mapping is None or stream.name not in sources:
                continue
            mapping = load_target_mapping(hub, stream.mapping)
            if mapping.entity is not None:
                for each in mapping.fields.values():
                    for field in each.reads:
                        yield mapping.entity, field, connection.name


def unwinnable_rules(hub: Hub) -> list[ConfigurationError]:
    """Rules such as ``longest`` on such a field: it would restore every night what a salesperson shortened."""
    stated = hub.settings.survivorship
    problems: dict[tuple[str, ...], ConfigurationError] = {}
    for entity, name, connection in editable_fields(hub):
        field = hub.fields(entity)[name]
        rule = stated.rule(entity, field)
        if rule in WINNABLE:
            continue
        own = stated.rules(entity)
        key = name if name in own else field.group if field.group in own else None
        where = ("survivorship", entity.value, key) if key else ("survivorship", "default")
        message = f"`{rule}` on {entity}.{name} would undo every night what people edit in {connection}"
        expected = "a rule that people can win by: " + ", ".join(sorted(WINNABLE - {"union"}))
        problems.setdefault(where, hub.lines.error(where, message, value=rule, expected=expected))
    return list(problems.values())
