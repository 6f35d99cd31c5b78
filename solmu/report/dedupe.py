"""The dedupe report: what was merged and why, what waits, what was refused, and how far the machine can be trusted.

It names customers, so its files are for their owner alone. Whatever is counted is counted by the database; of records,
only those that are shown are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from sqlalchemy import Connection, and_, case, func, select

from solmu.match.blocking import candidate_keys
from solmu.match.decisions import Verdict
from solmu.match.explain import HELD
from solmu.match.identity import Identity
from solmu.match.proof import Promise
from solmu.model import Entity
from solmu.report.bridges import weakest_bridges
from solmu.report.trust import trust
from solmu.review.decided import decisions
from solmu.review.listing import listing
from solmu.review.names import PairId
from solmu.review.queue import Filters, queue
from solmu.review.sides import load_sides
from solmu.store import time
from solmu.store.sql import chunks
from solmu.store.tables import block_key, decision, golden, link, mention, pair, source_record

SHOWN = 20
_DEBTS = 50

Report = dict[str, Any]


class Settings(Promise, Protocol):
    """What the report needs of the hub's ``matching:`` settings."""

    @property
    def block_cap(self) -> int:
        """How many mentions a block key may hold before it makes no new pairs."""


def dedupe_report(
    connection: Connection, settings: Settings, *, crms: Iterable[str], now: int, shown: int = SHOWN
) -> Report:
    """``{made, clusters, why, rules, waiting, refused, decisions, biggest, bridges, recall_debt, trust}``.

    ``clusters`` by entity: golden records, mentions, those of several mentions (``merged``), the largest. ``why``:
    links by entity and reason. ``rules``: pairs by entity, band and rule. ``waiting`` as ``review list`` has it, with
    ``unsure``. ``refused``: ``reasons`` by what held pairs apart (``waiting`` for somebody, or ``beside`` another
    question on the same two), ``examples``, and what stewards ``decided``. ``recall_debt``: block keys that more
    mentions than the cap hold, so that they make no new pairs: ``keys`` counts them, ``comparisons`` is how many
    were not made at most. ``trust`` by entity: see there. ``settings`` are the hub's ``matching:`` settings, ``crms``
    the connections that are CRMs, ``now`` is in microseconds.
    """
    return {
        "made": time.iso(now),
        "clusters": _clusters(connection),
        "why": _why(connection),
        "rules": _rules(connection),
        "waiting": {
            **listing(connection, settings, Filters(), limit=shown),
            "unsure": queue(connection, Filters(unsure=True), limit=0).total,
        },
        "refused": _refused(connection, settings, shown),
        "decisions": _decisions(connection),
        "biggest": _biggest(connection, shown),
        "bridges": weakest_bridges(connection, limit=shown),
        "recall_debt": _recall_debt(connection, settings.block_cap),
        "trust": trust(connection, settings, crms=crms),
    }


def _clusters(connection: Connection) -> dict[str, dict[str, int]]:
    query = (
        select(
            golden.c.entity,
            func.count().label("golden"),
            func.sum(golden.c.mentions).label("mentions"),
            func.sum(case((golden.c.mentions > 1, 1), else_=0)).label("merged"),
            func.max(golden.c.mentions).label("largest"),
        )
        .where(golden.c.state != "merged")
        .group_by(golden.c.entity)
    )
    names = ("golden", "mentions", "merged", "largest")
    found = {row.entity: {name: int(getattr(row, name)) for name in names} for row in connection.execute(query)}
    return {entity.value: found.get(entity.value, dict.fromkeys(names, 0)) for entity in Entity}


def _why(connection: Connection) -> list[Report]:
    query = (
        select(golden.c.entity, link.c.why, func.count().label("links"))
        .join(golden, golden.c.id == link.c.golden_id)
        .where(link.c.until.is_(None))
        .group_by(golden.c.entity, link.c.why)
        .order_by(golden.c.entity, func.count().desc())
    )
    return [{"entity": row.entity, "why": row.why, "links": row.links} for row in connection.execute(query)]


def _rules(connection: Connection) -> list[Report]:
    query = (
        select(pair.c.entity, pair.c.band, pair.c.rule, func.count().label("pairs"))
        .group_by(pair.c.entity, pair.c.band, pair.c.rule)
        .order_by(pair.c.entity, pair.c.band, func.count().desc(), pair.c.rule)
    )
    return [
        {"entity": row.entity, "band": row.band, "rule": row.rule, "pairs": row.pairs}
        for row in connection.execute(query)
    ]


def _refused(connection: Connection, identity: Identity, shown: int) -> Report:
    held = pair.c.explanation["held"].as_string()
    there = and_(pair.c.entity.in_(list(Entity)), pair.c.band.in_(("ask", "different")), held.is_not(None))
    counted = (
        select(held.label("held"), pair.c.band, func.count().label("pairs"))
        .where(there)
        .group_by(held, pair.c.band)
        .order_by(func.count().desc())
    )
    reasons: dict[str, Report] = {}
    for row in connection.execute(counted):
        reason = reasons.setdefault(
            row.held, {"reason": row.held, "sentence": HELD.get(row.held, row.held), "waiting": 0, "beside": 0}
        )
        reason["waiting" if row.band == "ask" else "beside"] += row.pairs
    # Of several comparisons between the same two golden records the one that is asked stands for all.
    query = (
        select(pair)
        .where(there, pair.c.band == "ask")
        .order_by(pair.c.weight.desc(), pair.c.left_id, pair.c.right_id)
        .limit(shown)
    )
    rows = connection.execute(query).all()
    sides = load_sides(connection, {id for row in rows for id in (row.left_id, row.right_id)})
    examples = [
        {
            "pair": str(PairId(row.left_id, row.right_id)),
            "entity": row.entity,
            "band": row.band,
            "left": _short(sides[row.left_id]),
            "right": _short(sides[row.right_id]),
            "sentence": row.explanation["sentence"],
            "held": HELD.get(row.explanation["held"], row.explanation["held"]),
        }
        for row in rows
    ]
    apart = [
        each
        for verdict in (Verdict.DIFFERENT, Verdict.RELATED)
        for each in decisions(connection, identity, verdict=verdict, withdrawn=False, limit=shown)["decisions"]
    ]
    return {"reasons": list(reasons.values()), "examples": examples, "decided": apart}


def _short(side: Any) -> Report:
    return {"golden_id": side.public_id, "name": side.name, "source": side.compared.source}


def _decisions(connection: Connection) -> Report:
    query = (
        select(decision.c.verdict, decision.c.withdrawn_at.is_(None), func.count())
        .where(decision.c.rank == "steward")
        .group_by(decision.c.verdict, decision.c.withdrawn_at.is_(None))
    )
    counts: Report = {"same": 0, "different": 0, "unsure": 0, "related": 0, "withdrawn": 0}
    for verdict, in_force, number in connection.execute(query):
        counts[verdict if in_force else "withdrawn"] += number
    return counts


def _biggest(connection: Connection, shown: int) -> list[Report]:
    """The golden records with the most mentions: where they come from, and what joined them."""
    query = (
        select(golden.c.id, golden.c.public_id, golden.c.entity, golden.c.name, golden.c.mentions)
        .where(golden.c.state != "merged", golden.c.mentions > 1)
        .order_by(golden.c.mentions.desc(), golden.c.id)
        .limit(shown)
    )
    rows = connection.execute(query).all()
    sources: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    why: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    for some in chunks(list(sources)):
        of = (
            select(link.c.golden_id, source_record.c.connection, link.c.why, func.count().label("mentions"))
            .join(mention, mention.c.id == link.c.mention_id)
            .join(source_record, source_record.c.id == mention.c.record_id)
            .where(link.c.golden_id.in_(some), link.c.until.is_(None))
            .group_by(link.c.golden_id, source_record.c.connection, link.c.why)
            .order_by(source_record.c.connection, link.c.why)
        )
        for each in connection.execute(of):
            for counts, key in ((sources[each.golden_id], each.connection), (why[each.golden_id], each.why)):
                counts[key] = counts.get(key, 0) + each.mentions
    return [
        {
            "golden_id": row.public_id,
            "entity": row.entity,
            "name": row.name,
            "mentions": row.mentions,
            "sources": sources[row.id],
            "why": why[row.id],
        }
        for row in rows
    ]


def _recall_debt(connection: Connection, cap: int) -> Report:
    crowded = (
        select(block_key.c.key, func.count().label("mentions"))
        .group_by(block_key.c.key)
        .having(func.count() > cap)
        .order_by(func.count().desc(), block_key.c.key)
    )
    found = [(key, size) for key, size in connection.execute(crowded) if candidate_keys([key])]
    return {
        "cap": cap,
        "keys": len(found),
        "comparisons": sum(size * (size - 1) // 2 for _, size in found),
        "largest": [_debt(key, size) for key, size in found[:_DEBTS]],
    }


def _debt(key: str, size: int) -> Report:
    entity, kind, value = key.split("|", 2)
    name = Entity.ORGANISATION if entity == "o" else Entity.PERSON
    return {"entity": name.value, "kind": kind, "value": value, "mentions": size}
