"""What a change would do, before anybody does it. Everything is computed as it would be, and nothing is written.

The second look that people get because their employer changed is not part of it; how many those are is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from solmu.config import Hub
from solmu.golden.rules import Rules
from solmu.model import Entity
from solmu.review.decided import decisions_by_id
from solmu.review.sides import Member
from solmu.steward.consequences import edited_since, moves_along, people_again, remotes, waiting
from solmu.steward.evidence import same_evidence
from solmu.steward.hypothesis import Clustered, Part, try_out
from solmu.steward.intent import Intent, Kind
from solmu.steward.pointing import members
from solmu.steward.resting import because
from solmu.store.sql import chunks
from solmu.store.tables import golden, mention
from solmu.store.tables import mention as mentions_table


def preview(connection: Connection, hub: Hub, intent: Intent) -> dict[str, Any]:
    """What would change, as one document.

    ``change, seen, nothing, because, golden, decisions, crm, moves_along, edited_since, rests_on, hold, waits,
    people_again``. ``because``: where an undoing would change ``nothing``, what else is in force, in words.

    ``golden``: one entry a golden record that changes: ``golden_id, name, entity, becomes`` (new · changed · gone, with
    ``into``), ``mentions`` (``record, slot, from``) and ``fields`` (``field, label, before, after, source``).
    ``decisions``: how many would be recorded, and those that would be taken back or put back. ``crm``: each record in a
    target that hangs on them, its role before and after, and what the next plan would change in it. ``moves_along``
    counts what goes with its mention. ``edited_since`` is what people entered since the records came together; it
    stays. ``rests_on`` are other merges on the same rule and value, and ``hold`` is the command that keeps them apart.
    ``waits`` counts records here that are not resolved yet, ``people_again`` the people who are compared again because
    their employer changes.
    """
    found = [
        (entity, *try_out(connection, hub, replace(intent, entity=entity)))
        for entity in _entities(connection, intent.mentions)
    ]
    parts = [part for _, _, some in found for part in some]
    places = _places(parts)
    rests_on = [line for _, clustered, some in found for line in _evidence(connection, intent, clustered, some)]
    return {
        "change": intent.kind.value,
        "seen": intent.seen,
        "nothing": not parts,
        "because": [] if parts or intent.kind is not Kind.UNDO else because(connection, intent),
        "golden": [one for entity, _, some in found for one in _goldens(connection, hub, entity, some, intent)],
        "decisions": {
            "recorded": len(intent.says),
            "taken_back": decisions_by_id(connection, hub.settings.matching, intent.takes_back),
            "put_back": decisions_by_id(connection, hub.settings.matching, intent.puts_back),
        },
        "crm": _crm(connection, hub, parts),
        "moves_along": moves_along(connection, places),
        "edited_since": edited_since(connection, hub, parts, without_pins=intent.unpins),
        "rests_on": rests_on,
        "hold": _hold(rests_on),
        "waits": waiting(connection, {id for part in parts for id in part.was | part.is_to_be}),
        "people_again": people_again(connection, [id for id, (was, will) in places.items() if was != will]),
    }


def _entities(connection: Connection, ids: Collection[int]) -> list[Entity]:
    found: set[str] = set()
    for some in chunks(sorted(ids)):
        found.update(connection.scalars(select(mention.c.entity).where(mention.c.id.in_(some)).distinct()))
    return [entity for entity in Entity if entity.value in found]


def _places(parts: Iterable[Part]) -> dict[int, tuple[int | None, int | None]]:
    """Where each mention is, and where it would be."""
    was = {id: part.id for part in parts for id in part.was}
    will = {id: part.id for part in parts for id in part.is_to_be}
    return {id: (was.get(id), will.get(id)) for id in sorted(was.keys() | will.keys())}


def _goldens(
    connection: Connection, hub: Hub, entity: Entity, parts: list[Part], intent: Intent
) -> list[dict[str, Any]]:
    places = _places(parts)
    names = _public_ids(connection, {part.id for part in parts})
    there = {each.id: each for each in members(connection, places)}
    labels = {name: field.label for name, field in Rules.of_hub(hub).fields[entity].items()}
    return [_golden(part, entity, places, names, there, labels, intent) for part in parts]


def _crm(connection: Connection, hub: Hub, parts: list[Part]) -> list[dict[str, Any]]:
    names = _public_ids(connection, {part.id for part in parts})
    return [
        {**one, **{name: names.get(one[name]) for name in ("golden_before", "golden_after")}}
        for one in remotes(connection, hub, parts)
    ]


def _golden(
    part: Part,
    entity: Entity,
    places: Mapping[int, tuple[int | None, int | None]],
    names: Mapping[int, str],
    there: Mapping[int, Member],
    labels: Mapping[str, str],
    intent: Intent,
) -> dict[str, Any]:
    gone = not part.is_to_be
    into = sorted({names[will] for id in part.was if (will := places[id][1]) is not None}) if gone else []
    before = part.before or {}
    entry = (part.after or before).get("name")
    return {
        "golden_id": names[part.id],
        "name": entry["value"] if entry else None,
        "entity": entity.value,
        "becomes": "gone" if gone else "changed" if part.was else "new",
        "into": into,
        "mentions": [
            {
                "record": there[id].source,
                "slot": there[id].slot,
                "from": names[was] if (was := places[id][0]) is not None and was != part.id else None,
            }
            for id in sorted(part.is_to_be)
        ],
        "fields": []
        if gone
        else [
            {
                "field": name,
                "label": labels.get(name, name),
                "before": before[name]["value"] if name in before else None,
                "after": part.after[name]["value"] if name in part.after else None,
                "source": _source(part.after.get(name), there, intent),
            }
            for name in dict.fromkeys([*before, *part.after])
            if (before[name]["value"] if name in before else None)
            != (part.after[name]["value"] if name in part.after else None)
        ],
    }


def _source(entry: Mapping[str, Any] | None, there: Mapping[int, Member], intent: Intent) -> str | None:
    if entry is None:
        return None
    if entry["rule"] == "pin":
        return "a steward's pin"
    return there[entry["mention"]].source if entry["mention"] in there else None


def _public_ids(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """The ids that golden records have, or would be born with: their anchors'."""
    found: dict[int, str] = {}
    for some in chunks(sorted(ids)):
        query = select(mentions_table.c.id, mentions_table.c.public_id).where(mentions_table.c.id.in_(some))
        found |= {row.id: row.public_id for row in connection.execute(query)}
        stored = select(golden.c.id, golden.c.public_id).where(golden.c.id.in_(some))
        found |= {row.id: row.public_id for row in connection.execute(stored)}
    return found


def _evidence(
    connection: Connection, intent: Intent, clustered: Clustered, parts: Iterable[Part]
) -> list[dict[str, Any]]:
    """Of what comes apart only; what comes together by a steward's word rests on that word."""
    if intent.kind in (Kind.MERGE, Kind.PIN, Kind.UNPIN):
        return []
    return same_evidence(connection, clustered.component, _places(parts))


def _hold(rests_on: Iterable[Mapping[str, Any]]) -> str | None:
    pairs = dict.fromkeys(each["pair"] for one in rests_on for each in one["merges"])
    return f"solmu hold {' '.join(pairs)}" if pairs else None
