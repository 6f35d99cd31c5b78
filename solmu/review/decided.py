"""Who decided what, and which decisions rest on evidence that is not what it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from solmu.match.comparisons import COMPARISONS
from solmu.match.decisions import Verdict
from solmu.match.identity import Identity
from solmu.match.index import Mentions
from solmu.match.model import default_model
from solmu.match.score import Scorer
from solmu.model import Entity
from solmu.review.names import PairId
from solmu.review.sides import bars_of, load_sides, pair_rows
from solmu.store import time
from solmu.store.sql import chunks
from solmu.store.tables import decision, decision_mention, link, mention
from solmu.sync.fold import evidence

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Change:
    """A comparison that gives another level now than it did when the decision was made; labels as people read them."""

    field: str
    title: str
    was: str
    now: str


def decisions(
    connection: Connection,
    identity: Identity,
    *,
    verdict: Verdict | None = None,
    who: str | None = None,
    withdrawn: bool = True,
    limit: int = 50,
) -> dict[str, Any]:
    """``{total, decisions: [...]}``, the newest first; withdrawn ones among them unless told otherwise.

    ``identity`` is the hub's ``matching:`` settings, by which it compares.

    Each: ``id, pair, at, who, verdict, rank, reason, entity, left, right`` (``{golden_id, name, source, mentions}``:
    what the source record itself says its name is, since the two may be one golden record now),
    ``withdrawn`` (``{at, who}`` or None) and ``changed``, a list of ``Change`` as dictionaries.
    """
    query = select(decision)
    if verdict is not None:
        query = query.where(decision.c.verdict == verdict.value)
    if who is not None:
        query = query.where(decision.c.who == who)
    if not withdrawn:
        query = query.where(decision.c.withdrawn_at.is_(None))
    total = connection.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = connection.execute(query.order_by(decision.c.id.desc()).limit(limit)).all()
    changed = changes(connection, identity, [row for row in rows if row.withdrawn_at is None])
    return {"total": total, "decisions": _told(connection, rows, changed)}


def decisions_by_id(connection: Connection, identity: Identity, ids: Sequence[int]) -> list[dict[str, Any]]:
    """The same of these decisions, the newest first."""
    rows = connection.execute(select(decision).where(decision.c.id.in_(ids)).order_by(decision.c.id.desc())).all()
    return _told(connection, rows, changes(connection, identity, [row for row in rows if row.withdrawn_at is None]))


def decisions_on(connection: Connection, identity: Identity, golden_id: int) -> list[dict[str, Any]]:
    """The decisions in force that name a mention of this golden record, the newest first."""
    query = (
        select(decision_mention.c.decision_id)
        .join(link, (link.c.mention_id == decision_mention.c.mention_id) & link.c.until.is_(None))
        .join(decision, decision.c.id == decision_mention.c.decision_id)
        .where(link.c.golden_id == golden_id, decision.c.withdrawn_at.is_(None))
        .distinct()
    )
    found: list[dict[str, Any]] = []
    for some in chunks(sorted(connection.scalars(query), reverse=True)):
        found += decisions_by_id(connection, identity, some)
    return found


def outcome(connection: Connection, id: int) -> dict[str, Any]:
    """``{together, left, right}``: whether the two sides of a decision are one golden record now, and whose ids."""
    ends = _ends(connection, [id])
    left, right = min(ends[id, "left"]), min(ends[id, "right"])
    sides = load_sides(connection, (left, right))
    one, other = sides[left].public_id, sides[right].public_id
    return {"together": one == other, "left": one, "right": other}


def changed_decisions(connection: Connection, identity: Identity) -> list[dict[str, Any]]:
    """The decisions of stewards in force whose evidence compares otherwise today, the newest first.

    The cost is that of reading every decided pair, and does not depend on what else the store holds.
    """
    found: list[dict[str, Any]] = []
    before: int | None = None
    while True:
        query = select(decision).where(decision.c.withdrawn_at.is_(None), decision.c.rank == "steward")
        if before is not None:
            query = query.where(decision.c.id < before)
        rows = connection.execute(query.order_by(decision.c.id.desc()).limit(_PAGE)).all()
        if not rows:
            return found
        before = rows[-1].id
        changed = changes(connection, identity, rows)
        found += _told(connection, [row for row in rows if changed.get(row.id)], changed)


def changes(connection: Connection, identity: Identity, rows: Iterable[Any]) -> dict[int, list[Change]]:
    """What compares otherwise today between the two of each decision, by the decision's id.

    A decision without evidence, as a CRM's, and one on somebody who was erased or withdrawn, has nothing to compare.
    """
    seen = {row.id: (Entity(row.entity), row.evidence[0]) for row in rows if row.evidence}
    now = _levels_now(
        connection, identity, {PairId(one["left"], one["right"]): entity for entity, one in seen.values()}
    )
    titles = {each.name: each.title for entity in Entity for each in COMPARISONS[entity]}
    found: dict[int, list[Change]] = {}
    for id, (_, one) in seen.items():
        levels = now.get(PairId(one["left"], one["right"]), {})
        found[id] = [
            Change(bar["field"], titles.get(bar["field"], bar["field"]), bar["level"], levels[bar["field"]])
            for bar in one["bars"]
            if levels.get(bar["field"], bar["level"]) != bar["level"]
        ]
    return found


def _levels_now(
    connection: Connection, identity: Identity, pairs: Mapping[PairId, Entity]
) -> dict[PairId, dict[str, str]]:
    """How these pairs compare today: as the resolver stored it, or anew where it stores nothing, for want of
    likeness."""
    stored = pair_rows(connection, pairs.keys())
    found = {pair: {bar["field"]: bar["level"] for bar in bars_of(row.explanation)} for pair, row in stored.items()}
    for entity in Entity:
        left = [pair for pair, kind in pairs.items() if kind is entity and pair not in stored]
        if left:
            scorer = Scorer(default_model(entity))
            # What protects and what is a CRM plays no part in how two compare.
            mentions = Mentions(entity, crms=(), protected=(), identity=identity)
            known = mentions.load(connection, {id for pair in left for id in (pair.left, pair.right)})
            for pair in left:
                one, other = known.get(pair.left), known.get(pair.right)
                if one is not None and other is not None and one.compared and other.compared:
                    found[pair] = {name: label for name, label, _ in scorer.score_rows(one.row, other.row).levels}
    return found


def _told(connection: Connection, rows: Sequence[Any], changed: Mapping[int, Sequence[Change]]) -> list[dict[str, Any]]:
    ends = _ends(connection, [row.id for row in rows])
    sides = load_sides(connection, {min(ids) for ids in ends.values()})
    names = _own_names(connection, sides)
    told = []
    for row in rows:
        seen = row.evidence[0] if row.evidence else None
        told.append(
            {
                "id": row.id,
                "pair": str(PairId(seen["left"], seen["right"])) if seen else None,
                "at": time.iso(row.at),
                "who": row.who,
                "verdict": row.verdict,
                "rank": row.rank,
                "reason": row.reason,
                "entity": row.entity,
                **{
                    side: {
                        "golden_id": sides[min(ends[row.id, side])].public_id,
                        "name": names.get(min(ends[row.id, side])) or sides[min(ends[row.id, side])].name,
                        "source": sides[min(ends[row.id, side])].compared.source,
                        "mentions": len(ends[row.id, side]),
                    }
                    for side in ("left", "right")
                },
                "withdrawn": {"at": time.iso(row.withdrawn_at), "who": row.withdrawn_by} if row.withdrawn_at else None,
                "changed": [
                    {"field": each.field, "title": each.title, "was": each.was, "now": each.now}
                    for each in changed.get(row.id, ())
                ],
            }
        )
    return told


def _own_names(connection: Connection, mentions: Iterable[int]) -> dict[int, str | None]:
    """What each of these mentions itself says its name is, as far as it says one."""
    found: dict[int, str | None] = {}
    for some in chunks(sorted(mentions)):
        rows = connection.execute(select(mention.c.id, mention.c.claim).where(mention.c.id.in_(some)))
        found |= {row.id: evidence(row.claim).get("name") for row in rows}
    return found


def _ends(connection: Connection, ids: Sequence[int]) -> dict[tuple[int, str], list[int]]:
    ends: dict[tuple[int, str], list[int]] = {}
    for some in chunks(ids):
        query = select(decision_mention).where(decision_mention.c.decision_id.in_(some))
        for row in connection.execute(query):
            ends.setdefault((row.decision_id, row.side), []).append(row.mention_id)
    return ends
