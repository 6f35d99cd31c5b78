"""The card of one pair: both sides field by field, why it is asked, and what accepting it would make of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from solmu.config import Hub
from solmu.errors import SolmuError
from solmu.golden.recompute import Gathered, gather
from solmu.golden.rules import Rules
from solmu.mapping import load_source_mapping
from solmu.mapping.source import SourceMapping
from solmu.match.anchor import anchor
from solmu.match.comparisons import COMPARISONS
from solmu.match.explain import HELD
from solmu.match.rules import Band
from solmu.model import Entity
from solmu.normalise import fold
from solmu.review.decide import shown, standing_decisions
from solmu.review.decided import decisions_by_id
from solmu.review.names import PairId
from solmu.review.queue import asked_between
from solmu.review.sides import Member, Side, bars_of, evidence_digest
from solmu.store import time
from solmu.store.payload import unpack
from solmu.store.tables import mention, run, source_version


def card(connection: Connection, hub: Hub, pair: PairId) -> dict[str, Any]:
    """Everything that a steward needs to decide a pair. Raises Moved where it is not compared any more.

    ``pair, entity, band, instead`` (the pair that is asked in its place, where there is one), ``asked, seen,
    probability, weight, rule, sentence, held`` (in words, or None), ``bars``
    (``field, title, level, weight``, the heaviest first), ``left`` and ``right`` (``golden_id, name, source, protected,
    others``: the further records of that golden record), ``fields`` (``field, label, same, left, right``; each side
    ``value, raw, since, echo, was`` or None), ``merged`` (``golden_id, fields`` of the golden record that the two would
    become; None where they are one) and ``decisions`` on the two.

    ``seen`` names what is shown: a decision that gives it back is refused if anything changed since. ``same`` is None
    where only one side says something. ``raw`` are the columns as received, by name. An ``echo`` only repeats what we
    wrote there and is no evidence; ``was`` is then the source's own last word, if there was one.
    """
    row, left, right = shown(connection, pair)
    entity = Entity(row.entity)
    rules = Rules.of_hub(hub)
    asked = connection.scalar(select(run.c.started).where(run.c.id == row.run_id))
    held = row.explanation.get("held")
    instead = asked_between(connection, left, right) if row.band == Band.DIFFERENT.value else None
    return {
        "pair": str(pair),
        "entity": entity.value,
        "band": row.band,
        "instead": None if instead is None else str(instead),
        "asked": None if asked is None else time.iso(asked),
        "seen": evidence_digest(row, left, right),
        "probability": round(row.probability, 6),
        "weight": round(row.weight, 2),
        "rule": row.rule,
        "sentence": row.explanation.get("sentence", ""),
        "held": HELD.get(held, held) if held else None,
        "bars": _bars(entity, row.explanation),
        "left": _side(left),
        "right": _side(right),
        "fields": _fields(connection, hub, rules, entity, left, right),
        "merged": _merged(connection, rules, left, right),
        "decisions": decisions_by_id(
            connection, hub.settings.matching, [each.id for each in standing_decisions(connection, pair)]
        ),
    }


def _bars(entity: Entity, explanation: Any) -> list[dict[str, Any]]:
    titles = {each.name: each.title for each in COMPARISONS[entity]}
    bars = [{**bar, "title": titles.get(bar["field"], bar["field"])} for bar in bars_of(explanation)]
    return sorted(bars, key=lambda bar: (-abs(bar["weight"]), bar["field"]))


def _side(side: Side) -> dict[str, Any]:
    return {
        "golden_id": side.public_id,
        "name": side.name,
        "source": side.compared.source,
        "protected": side.protected,
        "others": [each.source for each in side.members if each.id != side.mention_id],
    }


def _fields(
    connection: Connection, hub: Hub, rules: Rules, entity: Entity, left: Side, right: Side
) -> list[dict[str, Any]]:
    """What the two mentions that were compared say, in the model's order."""
    said = [_said(connection, hub, side.compared) for side in (left, right)]
    known = rules.fields[entity]
    names = [name for name in known if name in said[0] or name in said[1]]
    names += sorted((said[0].keys() | said[1].keys()) - known.keys())
    return [
        {
            "field": name,
            "label": known[name].label if name in known else name,
            "same": _alike(said[0].get(name), said[1].get(name)),
            "left": said[0].get(name),
            "right": said[1].get(name),
        }
        for name in names
    ]


def _alike(one: Mapping[str, Any] | None, two: Mapping[str, Any] | None) -> bool | None:
    """Whether two say the same but for case, accents and order; None where one says nothing."""
    if one is None or two is None:
        return None
    words = [side["was"] if side["echo"] else side["value"] for side in (one, two)]
    if None in words:
        return None
    first, second = ({_folded(each) for each in _listed(value)} for value in words)
    return first == second


def _folded(value: Any) -> str:
    return fold(str(value)) or str(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _said(connection: Connection, hub: Hub, member: Member) -> dict[str, dict[str, Any]]:
    query = (
        select(mention.c.claim, source_version.c.payload)
        .outerjoin(source_version, source_version.c.id == mention.c.version_id)
        .where(mention.c.id == member.id)
    )
    row = connection.execute(query).one()
    raw = _raw(hub, member, row.payload)
    return {
        name: {
            "value": entry["value"],
            "raw": raw.get(name, {}),
            "since": time.iso(entry["since"][1]),
            "echo": not entry["own"],
            "was": entry.get("was"),
        }
        for name, entry in (row.claim or {}).items()
    }


def _raw(hub: Hub, member: Member, packed: bytes | None) -> dict[str, dict[str, Any]]:
    """{field: {column: what stood there}}, as far as what was received is kept and can still be mapped."""
    config = hub.connections.get(member.connection)
    stream = config.source_streams.get(member.stream) if config else None
    if packed is None or stream is None or stream.mapping is None:
        return {}
    try:
        payload = unpack(packed)
        mapping: SourceMapping = load_source_mapping(hub, stream.mapping)
        told = mapping.map(payload, connection=member.connection).mention(member.slot)
    except (SolmuError, ValueError):
        # A mapping that was changed since, or a damaged version: doctor tells of those; the card shows the claim alone.
        return {}
    columns = told.columns if told else {}
    return {
        name: {column: payload[column] for column in names if payload.get(column) not in (None, "")}
        for name, names in columns.items()
    }


def _merged(connection: Connection, rules: Rules, left: Side, right: Side) -> dict[str, Any] | None:
    """The golden record that the two would become, computed as it would be, each value with where it comes from."""
    if left.golden_id is None or right.golden_id is None or left.golden_id == right.golden_id:
        return None
    found = gather(connection, [left.golden_id, right.golden_id])
    parts = [found[left.golden_id], found[right.golden_id]]
    together = Gathered(parts[0].entity)
    for part in parts:
        together.voices += part.voices
        together.silent += part.silent
        together.pins += part.pins
        together.links += part.links
    members = {each.id: each for each in (*left.members, *right.members)}
    pinned = {pin.mention for pin in together.pins if pin.field == "public_id"}
    document = together.document(rules)
    known = rules.fields[parts[0].entity]
    return {
        "golden_id": members[anchor(together.links, pinned)].public_id,
        "fields": [
            {
                "field": name,
                "label": known[name].label if name in known else name,
                "value": entry["value"],
                "rule": entry["rule"],
                "source": members[entry["mention"]].source if entry["mention"] in members else None,
                "changes": [
                    side
                    for side, one in (("left", left), ("right", right))
                    if name in one.fields and one.fields[name] != entry["value"]
                ],
            }
            for name, entry in document.items()
        ],
    }
