"""The partition as it would be under other decisions: loaded once, clustered as the resolver does, never written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from solmu.config import Hub
from solmu.golden.recompute import Gathered, gather_clusters
from solmu.golden.rules import Rules
from solmu.golden.survive import Document, Pin
from solmu.match.bundles import active
from solmu.match.component import Component, Outcome
from solmu.match.decisions import InForce, Stored, by_id
from solmu.match.index import Mentions
from solmu.model import Entity
from solmu.steward.intent import Intent, assumed
from solmu.store import time
from solmu.store.sql import chunks
from solmu.store.tables import golden, pin

_ID = "public_id"


@dataclass(frozen=True, slots=True)
class Clustered:
    """Components and what clustering made of them."""

    component: Component
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Part:
    """One golden record that the change touches. ``before`` is None for one that is not there yet.

    ``was`` and ``is_to_be`` are its mentions; of a golden record that goes into another, none are left.
    """

    id: int
    was: frozenset[int]
    is_to_be: frozenset[int]
    before: Document | None
    after: Document


def cluster_under(
    connection: Connection, hub: Hub, entity: Entity, mentions: Iterable[int], would_be: InForce,
    repinned: Mapping[int, bool] | None = None, *, crms: Iterable[str] | None = None,
) -> Clustered:  # fmt: skip
    """The components around these mentions, clustered under the decisions that would be in force.

    ``repinned`` says of mentions whose id would be pinned, or not any more; ``crms``, if not the hub's, in which
    systems two live records keep two parts from being joined.
    """
    loaded = Mentions(
        entity,
        crms=[each.name for each in hub.connections.values() if each.is_target] if crms is None else list(crms),
        protected=hub.settings.matching.protected,
        identity=hub.settings.matching,
    )
    component = Component.around(connection, mentions, loaded, active(connection)(entity), would_be)
    for id, pinned in (repinned or {}).items():
        (component.pinned.add if pinned else component.pinned.discard)(id)
    return Clustered(component, component.cluster())


def try_out(connection: Connection, hub: Hub, intent: Intent) -> tuple[Clustered, list[Part]]:
    """What an intent would make of the golden records it touches; those that it leaves as they are, left out."""
    put_back: dict[int, Stored] = {one.id: one for one in by_id(connection, intent.puts_back)}
    would_be = assumed(intent.says, intent.takes_back, put_back)
    ended = _pins(connection, intent.unpins)
    begun = _pins(connection, intent.repins)
    unpinned = {row.mention_id for row in ended.values() if row.field == _ID}
    repinned = dict.fromkeys(unpinned - _pinned_besides(connection, unpinned, intent.unpins), False)
    repinned |= {row.mention_id: True for row in begun.values() if row.field == _ID}
    repinned |= {each.mention: True for each in intent.pins if each.field == _ID}
    found = cluster_under(connection, hub, intent.entity, intent.mentions, would_be, repinned)
    links = {id: found.component.links[id].golden_id for id in found.component.known if id in found.component.links}
    was, will = _parts(links), _parts(found.outcome.golden_of)
    pins = [Pin(each.field, each.value, each.mention, time.now()) for each in intent.pins if each.field != _ID]
    pins += [Pin(row.field, row.value, row.mention_id, row.at) for row in begun.values() if row.field != _ID]
    about_values = {each.mention for each in pins} | {row.mention_id for row in ended.values()}
    touched = {id for id in was.keys() | will.keys() if was.get(id) != will.get(id)}
    touched |= {id for id, those in will.items() if not those.isdisjoint(about_values)}
    return found, _computed(connection, hub, intent, touched, was, will, pins)


def _computed(
    connection: Connection,
    hub: Hub,
    intent: Intent,
    touched: set[int],
    was: Mapping[int, frozenset[int]],
    will: Mapping[int, frozenset[int]],
    pins: Iterable[Pin],
) -> list[Part]:
    rules = Rules.of_hub(hub)
    gathered = gather_clusters(
        connection, intent.entity, {id: will[id] for id in touched if id in will}, without_pins=intent.unpins
    )
    for each in pins:
        for id in touched:
            if each.mention in will.get(id, ()):
                gathered[id].pins.append(each)
    before: dict[int, Document] = {}
    for some in chunks(sorted(touched)):
        query = select(golden.c.id, golden.c.document).where(golden.c.id.in_(some), golden.c.state != "merged")
        before |= {row.id: row.document for row in connection.execute(query)}
    nobody = Gathered(intent.entity)
    return [
        Part(
            id,
            was.get(id, frozenset()),
            will.get(id, frozenset()),
            before.get(id),
            gathered.get(id, nobody).document(rules) if id in will else {},
        )
        for id in sorted(touched)
    ]


def _parts(places: Mapping[int, int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for id, place in places.items():
        found.setdefault(place, set()).add(id)
    return {place: frozenset(those) for place, those in found.items()}


def _pinned_besides(connection: Connection, mentions: set[int], unpins: Iterable[int]) -> set[int]:
    """Those whose id another pin keeps as well."""
    query = select(pin.c.mention_id).where(
        pin.c.mention_id.in_(mentions), pin.c.field == _ID, pin.c.withdrawn_at.is_(None), pin.c.id.not_in(list(unpins))
    )
    return set(connection.scalars(query))


def _pins(connection: Connection, ids: Iterable[int]) -> dict[int, Any]:
    return {row.id: row for row in connection.execute(select(pin).where(pin.c.id.in_(list(ids))))}
