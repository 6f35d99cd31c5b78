"""The model versions of a hub: what is kept, which one is in force, and how another takes its place.

A version is a bundle for each entity. It lives in the store, beside the pairs that name it: one store has one model,
however many machines work on it, and a copy of the store is whole. A version never changes; what ships with Solmu is a
version too, and is in force until another one is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, select

from solmu.config.nearest import choice_of
from solmu.errors import ConfigurationError
from solmu.match.model import Model, Thresholds, default_model, from_dict
from solmu.model import Entity
from solmu.store import time
from solmu.store.sql import upsert
from solmu.store.tables import audit, meta

SHIPPED = "default"
"""The name under which the version that ships with the installed release can always be asked for."""
_ACTIVE, _VERSION, _LOOK = "model:active", "model:version:", "model:look:"


@dataclass(frozen=True)
class Bundle:
    """One version. ``kind`` is shipped, trained or calibrated; ``made`` in microseconds, None for what ships."""

    version: str
    kind: str
    made: int | None
    models: Mapping[Entity, Model]

    def __call__(self, entity: Entity) -> Model:
        """The model of an entity: a version can be handed to ``resolve`` as it is."""
        return self.models[entity]


def shipped() -> Bundle:
    """What comes with this release."""
    models = {entity: default_model(entity) for entity in Entity}
    return Bundle(models[Entity.ORGANISATION].version, "shipped", None, models)


def in_force(connection: Connection) -> str:
    """The name of the version in force, whether or not this release can use it."""
    row = _read(connection, _ACTIVE)
    return shipped().version if row is None else str(row["version"])


def calibrations(connection: Connection) -> dict[str, Mapping[str, Any]]:
    """By entity what the version in force was last calibrated to; nothing for what ships."""
    row = _read(connection, _VERSION + in_force(connection))
    return {} if row is None else {entity: one.get("calibration") or {} for entity, one in row["models"].items()}


def active(connection: Connection) -> Bundle:
    """The version in force. Raises ConfigurationError where this release cannot use it any more."""
    return load(connection, in_force(connection))


def usable(connection: Connection) -> Bundle:
    """The version in force, or what ships where this release cannot use it any more: to go on from."""
    try:
        return active(connection)
    except ConfigurationError:
        return shipped()


def load(connection: Connection, version: str) -> Bundle:
    """A version by its name. Raises ConfigurationError where there is none, or this release cannot use it."""
    ours = shipped()
    if version in (SHIPPED, ours.version):
        return ours
    row = _read(connection, _VERSION + version)
    if row is None:
        names = [ours.version, *(each["version"] for each in _rows(connection))]
        raise ConfigurationError(
            f"there is no model {version!r}", code="no-model", value=version, expected=choice_of(version, names)
        )
    try:
        models = {Entity(entity): from_dict(one) for entity, one in row["models"].items()}
    except ConfigurationError as error:
        error.expected = (
            f"`solmu match train` for a new one; or what ships: `solmu match --full --model {SHIPPED}` tells what it"
            f" would change, then `solmu match use {SHIPPED}`"
        )
        raise
    return Bundle(row["version"], row["kind"], row["made"], models)


def keep(connection: Connection, bundle: Bundle) -> None:
    """Store a new version. It is not in force yet. A version that is there already is an error: none ever changes."""
    document = {
        "version": bundle.version,
        "kind": bundle.kind,
        "made": bundle.made,
        "models": {entity.value: model.as_dict() for entity, model in bundle.models.items()},
    }
    text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()
    connection.execute(insert(meta).values(name=_VERSION + bundle.version, value=text))


def activate(connection: Connection, version: str, *, who: str, now: int) -> None:
    """Put a version in force from the next resolving on. What it changes must be marked by whoever calls this."""
    bundle = load(connection, version)
    if bundle.kind == "shipped":
        connection.execute(delete(meta).where(meta.c.name == _ACTIVE))
    else:
        _write(connection, _ACTIVE, {"version": bundle.version, "since": now})
    detail = {entity.value: model.hash for entity, model in bundle.models.items()}
    connection.execute(
        insert(audit).values(
            at=now, who=who, what="model in force", subject=f"model:{bundle.version}", digest=None, detail=detail
        )
    )


def versions(connection: Connection) -> list[dict[str, Any]]:
    """All versions, the newest last: ``version, kind, made, active, since, entities``.

    ``entities`` gives for each ``hash, ask, same, figures, calibration``; ``same`` is None where scores only ask.
    """
    row = _read(connection, _ACTIVE)
    ours = shipped()
    used = in_force(connection)
    documents = [
        {
            "version": ours.version,
            "kind": ours.kind,
            "made": None,
            "models": {entity.value: model.as_dict() for entity, model in ours.models.items()},
        },
        *sorted(_rows(connection), key=lambda each: (each["made"], each["version"])),
    ]
    return [
        {
            "version": each["version"],
            "kind": each["kind"],
            "made": None if each["made"] is None else time.iso(each["made"]),
            "active": each["version"] == used,
            "since": time.iso(row["since"]) if row and each["version"] == used else None,
            "entities": {
                entity: {
                    "ask": one["thresholds"]["ask"],
                    "same": one["thresholds"]["same"],
                    "figures": {name: value for name, value in one["notes"].items() if name != "made_by"},
                    "calibration": one.get("calibration") or None,
                }
                for entity, one in each["models"].items()
            },
        }
        for each in documents
    ]


def new_version(connection: Connection, stem: str) -> str:
    """A name that no version has yet: the stem itself, else with a number behind it."""
    taken = {each["version"] for each in _rows(connection)} | {shipped().version, SHIPPED}
    number, name = 1, stem
    while name in taken:
        number += 1
        name = f"{stem}.{number}"
    return name


def with_threshold(
    bundle: Bundle, entity: Entity, same: float | None, *, version: str, calibration: Mapping[str, Any], made: int
) -> Bundle:
    """The bundle with another threshold for what scores merge, and what it rests on. The other entity's model stays."""
    model = bundle.models[entity]
    changed = replace(
        model, version=version, thresholds=Thresholds(model.thresholds.ask, same), calibration=dict(calibration)
    )
    return Bundle(version, "calibrated", made, {**bundle.models, entity: changed})


def note_look(connection: Connection, version: str, document: Mapping[str, Any], now: int) -> None:
    """Remember that a version's difference report was made, with its figures: only then may it come in force."""
    _write(connection, _LOOK + version, {"at": now, **document})


def look_at(connection: Connection, version: str) -> dict[str, Any] | None:
    """The figures of a version's newest difference report, ``at`` in microseconds; None where none was made."""
    return _read(connection, _LOOK + version)


def scores_alike(connection: Connection) -> Callable[[str, Model], bool]:
    """Tells whether a pair's model, by the name that pairs keep, gives the same weights as a model at hand."""
    known: dict[str, Bundle | None] = {}

    def alike(name: str, model: Model) -> bool:
        version = name.rpartition(":")[0]
        if version not in known:
            try:
                known[version] = load(connection, version)
            except ConfigurationError:
                known[version] = None
        bundle = known[version]
        return bundle is not None and bundle.models[model.entity].parameters == model.parameters

    return alike


def _rows(connection: Connection) -> list[dict[str, Any]]:
    query = select(meta.c.value).where(meta.c.name.startswith(_VERSION, autoescape=True))
    return [orjson.loads(text) for text in connection.scalars(query)]


def _read(connection: Connection, name: str) -> dict[str, Any] | None:
    text = connection.scalar(select(meta.c.value).where(meta.c.name == name))
    return None if text is None else orjson.loads(text)


def _write(connection: Connection, name: str, document: Mapping[str, Any]) -> None:
    row = {"name": name, "value": orjson.dumps(document).decode()}
    upsert(connection, meta, [row], conflict=("name",))
