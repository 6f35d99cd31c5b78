"""What another survivorship rule would make of the records whose field waits for a steward. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from solmu.config import Hub
from solmu.golden.recompute import gather
from solmu.golden.rules import Rules
from solmu.model import Entity
from solmu.steward.conflicts import listed
from solmu.store.sql import chunks
from solmu.store.tables import golden

_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Under:
    """One conflict: the hub's value and the target's ``there`` as they wait, and ``then`` the hub's under the rule."""

    conflict: int
    golden_id: str
    name: str
    target: str
    hub: Any
    there: Any
    then: Any


def under_rule(connection: Connection, hub: Hub, would_be: Hub, entity: Entity, field: str) -> list[Under]:
    """The open conflicts about that canonical field, of the first 200 that wait, as the hub ``would_be`` settles it."""
    waiting = [
        each
        for each in listed(connection, hub, limit=_LOOKED_AT)
        if each["hub_field"] == field and each["golden_id"] and each["entity"] == entity.value
    ]
    rules = Rules.of_hub(would_be)
    settled: dict[str, Any] = {}
    for some in chunks(sorted({each["golden_id"] for each in waiting})):
        query = select(golden.c.id, golden.c.public_id).where(golden.c.public_id.in_(some))
        ids = {row.id: row.public_id for row in connection.execute(query)}
        for id, made_of in gather(connection, list(ids)).items():
            settled[ids[id]] = made_of.document(rules).get(field, {}).get("value")
    return [
        Under(
            each["conflict"],
            each["golden_id"],
            each["name"] or each["golden_id"],
            each["target"],
            each["hub"],
            each["there"],
            settled.get(each["golden_id"]),
        )
        for each in waiting
    ]
