"""Stewards' answers on pairs that a score could merge, as calibration takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from solmu.match.bundles import scores_alike
from solmu.match.calibrate import Answer
from solmu.match.drawn import PairKey, draws, may_merge
from solmu.match.index import Mentions
from solmu.match.model import Model
from solmu.match.rules import PROVEN, SCORE
from solmu.match.standing import places_of
from solmu.store.sql import chunks
from solmu.store.tables import decision, pair

_SHOWN = 0.0005  # bits: a weight is shown with three decimals


def answers(
    connection: Connection, model: Model, mentions: Mentions, population: Mapping[PairKey, float]
) -> tuple[list[Answer], int, int]:
    """Stewards' answers on pairs that a score could merge; how many pairs were drawn, and how many of those still wait.

    The weight is that which the steward saw, if the model of then gives the same weights as this one, else today's.
    ``cluster`` is not worked out yet. "Related" says that the two are not the same, and who is unsure of a pair that
    the machine would merge does not say that it is right.
    """
    alike = scores_alike(connection)
    chances = {one.pair: one.chance for each in draws(connection, model) for one in each.pairs}
    query = (
        select(decision.c.verdict, decision.c.evidence)
        .where(decision.c.entity == model.entity.value, decision.c.rank == "steward", decision.c.withdrawn_at.is_(None))
        .order_by(decision.c.id)
    )
    said: dict[PairKey, tuple[str, dict[str, Any]]] = {}
    for verdict, evidence in connection.execute(query):
        asked = evidence[0] if isinstance(evidence, list) and evidence else {}
        if asked.get("rule") in (SCORE, PROVEN) and "left" in asked and "weight" in asked:
            said[asked["left"], asked["right"]] = verdict, asked
    today = _weights_now(connection, model, said)
    eligible = may_merge(connection, mentions, said)
    known = []
    for key, (verdict, asked) in said.items():
        weight, exact = asked["weight"] if alike(str(asked.get("model")), model) else today.get(key), today.get(key)
        # What was shown is rounded, and a threshold that is rounded up would leave out the very pair it was set by.
        if weight is not None and exact is not None and abs(weight - exact) <= _SHOWN:
            weight = exact
        # Who was only asked about is told by the draw: nobody else's "unsure" speaks of the rest.
        if weight is None or key not in eligible or (verdict == "unsure" and key not in chances):
            continue
        known.append(Answer(key, float(weight), verdict == "same", chances.get(key), cluster=key[0]))
    waiting = len((chances.keys() & population.keys()) - said.keys())
    return known, len(chances), waiting


def clustered(
    connection: Connection, known: Iterable[Answer], population: Mapping[PairKey, float], threshold: float
) -> list[Answer]:
    """The answers, each with the cluster that the threshold would put its pair in."""
    known = list(known)
    joined = {key for key, weight in population.items() if weight >= threshold}
    joined |= {one.pair for one in known if one.weight >= threshold}
    parent: dict[int, int] = {}

    def root(id: int) -> int:
        while parent.setdefault(id, id) != id:
            parent[id] = parent[parent[id]]
            id = parent[id]
        return id

    for id, golden_id in places_of(connection, {id for key in joined for id in key}).items():
        parent[root(id)] = root(golden_id)
    for left, right in joined:
        parent[root(left)] = root(right)
    return [replace(one, cluster=root(one.pair[0])) for one in known]


def _weights_now(connection: Connection, model: Model, pairs: Iterable[PairKey]) -> dict[PairKey, float]:
    wanted = set(pairs)
    found: dict[PairKey, float] = {}
    for some in chunks(sorted({left for left, _ in wanted})):
        query = select(pair.c.left_id, pair.c.right_id, pair.c.weight).where(
            pair.c.left_id.in_(some), pair.c.model == model.name
        )
        found |= {(one, two): weight for one, two, weight in connection.execute(query) if (one, two) in wanted}
    return found
