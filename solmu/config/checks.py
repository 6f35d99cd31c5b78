"""Checks on ``hub.yaml`` that need more than one of its lines: names that must exist elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from solmu.config.nearest import choice_of
from solmu.config.protection import protection
from solmu.config.settings import FOR_ALL, HubSettings
from solmu.config.yaml import KeyPath, Lines
from solmu.errors import ConfigurationError
from solmu.model import CUSTOM_PREFIX, FIELDS, CanonicalField, Entity

_CUSTOM_NAME = re.compile(r"custom\.[a-z][a-z0-9_]*")
_CRON_FIELDS = 5


def check_settings(settings: HubSettings, lines: Lines, connections: Collection[str]) -> list[ConfigurationError]:
    """Every name in ``hub.yaml`` that means nothing, with its line and the nearest one that does."""
    fields = {entity: {**FIELDS[entity], **{f.name: f for f in settings.custom_fields(entity)}} for entity in Entity}
    return [
        *_custom_names(settings, lines),
        *_groups(settings, lines, fields),
        *_survivorship(settings, lines, fields, connections),
        *_assignment(settings, lines, fields[Entity.ORGANISATION]),
        *_protected(settings, lines, fields),
        *_identity(settings, lines, fields),
        *_schedules(settings, lines),
    ]


def _custom_names(settings: HubSettings, lines: Lines) -> Iterator[ConfigurationError]:
    for entity, fields in settings.fields.items():
        for name in fields:
            if not _CUSTOM_NAME.fullmatch(name):
                where = ("fields", entity.value, name)
                yield lines.error(where, f"a field of your own cannot be called {name!r}", expected=_named(name))


def _groups(
    settings: HubSettings, lines: Lines, fields: dict[Entity, dict[str, CanonicalField]]
) -> Iterator[ConfigurationError]:
    """A field that is alone in its group wins together with nobody: the group was mistyped."""
    for entity, own in settings.fields.items():
        members = Counter(field.group for field in fields[entity].values() if field.group)
        for name, field in own.items():
            if field.group and members[field.group] == 1:
                where = ("fields", entity.value, name, "group")
                others = [group for group in members if group != field.group]
                message = f"no other field of {entity.value} is of the group {field.group!r}"
                yield lines.error(where, message, value=field.group, expected=choice_of(field.group, others))


def _named(name: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", name.removeprefix(CUSTOM_PREFIX).lower()).strip("_")
    return CUSTOM_PREFIX + (words or "name")


def _survivorship(
    settings: HubSettings,
    lines: Lines,
    fields: dict[Entity, dict[str, CanonicalField]],
    connections: Collection[str],
) -> Iterator[ConfigurationError]:
    stated = settings.survivorship
    where: KeyPath
    for number, source in enumerate(stated.sources):
        if source not in connections and not set(source) & set("*?["):
            where = ("survivorship", "sources", number)
            expected = choice_of(source, connections)
            yield lines.error(where, f"there is no connection {source!r}", value=source, expected=expected)
    for entity in Entity:
        known = fields[entity]
        groups = {field.group for field in known.values() if field.group}
        for name, rule in stated.rules(entity).items():
            where = ("survivorship", entity.value, name)
            if name not in known and name not in groups:
                yield lines.error(
                    where, f"{entity} has no field {name!r}", value=name, expected=choice_of(name, {*known, *groups})
                )
            elif name in FOR_ALL:
                message = f"no rule changes {name}: it holds as soon as any source says so"
                yield lines.error(where, message, value=rule, expected="no rule for it")
            elif rule == "union" and not (name in known and known[name].many):
                many = [field.name for field in known.values() if field.many]
                message = f"`union` keeps all values, and {name} holds one"
                yield lines.error(where, message, value=rule, expected=f"another rule; union is for {', '.join(many)}")
    if stated.default == "union":
        yield lines.error(
            ("survivorship", "default"),
            "`union` keeps all values, and most fields hold one",
            value="union",
            expected="another default; fields that hold many have union by themselves",
        )


def _assignment(settings: HubSettings, lines: Lines, fields: dict[str, CanonicalField]) -> Iterator[ConfigurationError]:
    known = [*fields, "partner"]
    for number, rule in enumerate(settings.assignment.rules):
        for name, values in rule.when.items():
            where = ("assignment", "rules", number, "when", name)
            if name not in known:
                yield lines.error(
                    where, f"organisation has no field {name!r}", value=name, expected=choice_of(name, known)
                )
            elif not all(isinstance(value, str | int | float | bool) for value in values):
                yield lines.error(where, f"`{name}` takes a value, or a list of values", expected="FI, or [FI, SE]")


def _protected(
    settings: HubSettings, lines: Lines, fields: dict[Entity, dict[str, CanonicalField]]
) -> Iterator[ConfigurationError]:
    every = [field for known in fields.values() for field in known.values()]
    worded = sorted({field.name for field in every if field.kind == "text"})
    alone = sorted({field.name for field in every if field.kind == "flag" or (field.kind == "text" and field.many)})
    for number, text in enumerate(settings.matching.protected):
        name, term = protection(text)
        if name not in (worded if term else alone):
            where = ("matching", "protected", number)
            if name in worded:
                message, expected = f"{name} protects by a term only", f"{name}=TERM"
            elif name in alone:
                message, expected = f"{name} is true or false", name
            else:
                message, expected = f"{name!r} is no flag of an entity", choice_of(name, alone)
            yield lines.error(where, message, value=text, expected=expected)


def _identity(
    settings: HubSettings, lines: Lines, fields: dict[Entity, dict[str, CanonicalField]]
) -> Iterator[ConfigurationError]:
    own = sorted({name for known in fields.values() for name in known if name.startswith(CUSTOM_PREFIX)})
    for key in ("identifiers", "birth_dates", "contacts"):
        for number, name in enumerate(getattr(settings.matching, key)):
            if name not in own:
                where = ("matching", key, number)
                message = f"{name!r} is no field of your own"
                expected = (
                    choice_of(name, own)
                    if own
                    else f"one that is stated under `fields:`, such as {CUSTOM_PREFIX}number"
                )
                yield lines.error(where, message, value=name, expected=expected)


def _schedules(settings: HubSettings, lines: Lines) -> Iterator[ConfigurationError]:
    for name, cron in settings.schedules.items():
        if len(cron.split()) != _CRON_FIELDS:
            where = ("schedules", name)
            message = f"`{name}` is no cron line: it has {len(cron.split())} parts"
            yield lines.error(where, message, value=cron, expected='minute, hour, day, month, weekday: "30 3 * * *"')
