"""Drawing pairs at random for stewards to answer, blind: what a threshold is proven on.

What is drawn from are the pairs that a score could merge unasked: those that are asked because of their score, and
those that a proven threshold has merged. Half of the draws are near the threshold that is looked for, where errors are
likely, and each pair keeps the chance with which it was drawn. The draws stand in the store, so that the queue can mix
them in, and calibration can tell them from what stewards picked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson
from sqlalchemy import Connection, and_, insert, or_, select

from solmu.match.index import Mentions
from solmu.match.model import Model
from solmu.match.rules import PROVEN, SCORE, contradict
from solmu.store import time
from solmu.store.sql import chunks
from solmu.store.tables import decision, decision_mention, meta, pair

NEAR = 2.0
"""Bits on either side of the threshold that count as near it."""
_SHARES = (("near", 0.5), ("above", 0.4), ("below", 0.1))
_DRAW = "calibration:draw:"
_MOST = 200_000  # pairs of an entity that are looked at; a larger store draws from a random part of them

PairKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A pair that was drawn, with its weight then, and the chance that it had."""

    pair: PairKey
    weight: float
    chance: float


@dataclass(frozen=True, slots=True)
class Draw:
    """One drawing. ``population`` counts what there was to draw from, by stratum; ``at`` in microseconds."""

    at: int
    seed: int
    threshold: float
    population: dict[str, int]
    pairs: tuple[Drawn, ...]


def draw(connection: Connection, model: Model, mentions: Mentions, count: int, *, seed: int, now: int) -> Draw:
    """Draw up to ``count`` pairs that were neither drawn nor decided before, and remember them."""
    known = {one.pair for each in draws(connection, model) for one in each.pairs}
    weights = {key: weight for key, weight in mergeable(connection, model, mentions).items() if key not in known}
    decided = _decided(connection, weights)
    pool = sorted((weight, key) for key, weight in weights.items() if key not in decided)
    middle = likely_threshold(model, [weight for weight, _ in pool])
    strata: dict[str, list[tuple[float, PairKey]]] = {name: [] for name, _ in _SHARES}
    for weight, key in pool:
        near = abs(weight - middle) <= NEAR
        strata["near" if near else "above" if weight > middle else "below"].append((weight, key))
    random = Random(seed)  # noqa: S311 (a sample, no secret)
    found: list[Drawn] = []
    for name, wanted in _allotted({name: len(each) for name, each in strata.items()}, count).items():
        members = strata[name]
        chance = wanted / len(members) if members else 0.0
        found += [Drawn(key, weight, chance) for weight, key in random.sample(members, wanted)]
    random.shuffle(found)
    made = Draw(now, seed, middle, {name: len(each) for name, each in strata.items()}, tuple(found))
    if found:
        name = f"{_DRAW}{model.entity.value}:{now:020}:{seed}"
        connection.execute(insert(meta).values(name=name, value=orjson.dumps(_as_row(made)).decode()))
    return made


def draws(connection: Connection, model: Model) -> list[Draw]:
    """All drawings of an entity's pairs, the oldest first."""
    name = f"{_DRAW}{model.entity.value}:"
    query = select(meta.c.value).where(meta.c.name.startswith(name, autoescape=True)).order_by(meta.c.name)
    return [_from_row(orjson.loads(text)) for text in connection.scalars(query)]


def open_draws(connection: Connection, model: Model) -> list[Drawn]:
    """Drawn pairs that still wait for an answer, as drawn: what a review queue mixes in, unmarked."""
    found = {one.pair: one for each in draws(connection, model) for one in each.pairs}
    done = _decided(connection, found)
    there = _still_compared(connection, found)
    return [one for key, one in found.items() if key not in done and key in there]


def mergeable(connection: Connection, model: Model, mentions: Mentions) -> dict[PairKey, float]:
    """The pairs that a score could merge unasked, or has merged, with their weights.

    Left out is what never merges by its score: what is protected, what contradicts itself, and what clustering holds.
    """
    query = (
        select(pair.c.left_id, pair.c.right_id, pair.c.weight, pair.c.rule, pair.c.explanation)
        .where(
            pair.c.entity == model.entity.value,
            or_(and_(pair.c.band == "ask", pair.c.rule == SCORE), and_(pair.c.band.in_(("ask", "same")),
                                                                       pair.c.rule == PROVEN)),
        )
        .order_by(pair.c.left_id, pair.c.right_id)
    )  # fmt: skip
    rows = [row for row in connection.execute(query) if not (row.explanation or {}).get("held")]
    if len(rows) > _MOST:
        rows = Random(0).sample(rows, _MOST)  # noqa: S311 (a sample, no secret)
    weights = {(row.left_id, row.right_id): row.weight for row in rows}
    kept = may_merge(connection, mentions, weights)
    return {key: weight for key, weight in weights.items() if key in kept}


def may_merge(connection: Connection, mentions: Mentions, pairs: Iterable[PairKey]) -> set[PairKey]:
    """Those of the pairs that nothing but a threshold keeps apart, as far as both ends are still there."""
    found: set[PairKey] = set()
    for some in chunks(sorted(pairs)):
        known = mentions.load(connection, {id for key in some for id in key})
        for key in some:
            left, right = known.get(key[0]), known.get(key[1])
            if left is None or right is None or left.traits.protected or right.traits.protected:
                continue
            if left.traits.crms & right.traits.crms or contradict(left.features, right.features):
                continue
            found.add(key)
    return found


def likely_threshold(model: Model, weights: list[float]) -> float:
    """Where a threshold may come to lie: the one in force, else the middle of what is asked."""
    if model.thresholds.same is not None:
        return model.thresholds.same
    return sorted(weights)[len(weights) // 2] if weights else model.thresholds.ask


def _allotted(sizes: dict[str, int], count: int) -> dict[str, int]:
    """How many to draw of each stratum; what one cannot give, the others do."""
    wanted = {name: min(sizes[name], round(share * count)) for name, share in _SHARES}
    for name, _ in _SHARES:
        wanted[name] += max(0, min(sizes[name] - wanted[name], count - sum(wanted.values())))
    return wanted


def _decided(connection: Connection, pairs: Iterable[PairKey]) -> set[PairKey]:
    """Those of the pairs on which a steward's decision is in force."""
    wanted = set(pairs)
    sides: dict[int, dict[str, set[int]]] = {}
    for some in chunks(sorted({id for key in wanted for id in key})):
        query = (
            select(decision_mention.c.decision_id, decision_mention.c.mention_id, decision_mention.c.side)
            .join(decision, decision.c.id == decision_mention.c.decision_id)
            .where(
                decision_mention.c.mention_id.in_(some),
                decision.c.withdrawn_at.is_(None),
                decision.c.rank == "steward",
            )
        )
        for id, mention_id, side in connection.execute(query):
            sides.setdefault(id, {"left": set(), "right": set()})[side].add(mention_id)
    by_mention: dict[int, list[dict[str, set[int]]]] = {}
    for each in sides.values():
        for id in each["left"] | each["right"]:
            by_mention.setdefault(id, []).append(each)
    return {
        (one, two)
        for one, two in wanted
        if any(
            (one in each["left"] and two in each["right"]) or (one in each["right"] and two in each["left"])
            for each in by_mention.get(one, ())
        )
    }


def _still_compared(connection: Connection, pairs: Iterable[PairKey]) -> set[PairKey]:
    wanted = set(pairs)
    found: set[PairKey] = set()
    for some in chunks(sorted({left for left, _ in wanted})):
        query = select(pair.c.left_id, pair.c.right_id).where(pair.c.left_id.in_(some))
        found |= {(row.left_id, row.right_id) for row in connection.execute(query)} & wanted
    return found


def _as_row(one: Draw) -> dict[str, Any]:
    return {
        "at": one.at,
        "made": time.iso(one.at),
        "seed": one.seed,
        "threshold": one.threshold,
        "population": one.population,
        "pairs": [[*each.pair, each.weight, each.chance] for each in one.pairs],
    }


def _from_row(row: dict[str, Any]) -> Draw:
    pairs = tuple(Drawn((left, right), weight, chance) for left, right, weight, chance in row["pairs"])
    return Draw(row["at"], row["seed"], row["threshold"], row["population"], pairs)
