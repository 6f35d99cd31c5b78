"""Pairs that wait for no other reason than their score, by how likely they are: what may be accepted in bulk."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from solmu.match.bundles import active
from solmu.match.drawn import open_draws
from solmu.match.rules import PROTECTED, WAS_ONE
from solmu.model import Entity
from solmu.report.interval import wilson
from solmu.review.names import PairId
from solmu.review.queue import is_waiting
from solmu.store.tables import decision, pair

BULK_REASON = "accepted with its band"
"""What a decision says that nobody made on its pair alone."""
_BOUNDS = (1.0000001, 0.99, 0.95, 0.9, 0.75, 0.5)
"""Probabilities between which bands lie, from the likest down; what is less likely is no matter for bulk."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Pairs of about one likeness. ``answered`` of such pairs were decided, ``right`` of them as the same;
    ``precision`` is the share with its interval, None where nobody answered any."""

    least: float
    most: float
    waiting: int
    answered: int
    right: int

    @property
    def precision(self) -> tuple[float, float, float] | None:
        """Share and 95 % interval (Wilson)."""
        bounds = wilson(self.right, self.answered)
        return None if bounds is None else (self.right / self.answered, *bounds)


def bands(connection: Connection, entity: Entity) -> list[Likeness]:
    """What waits and what was answered, by likeness."""
    waiting = dict.fromkeys(pairwise(_BOUNDS), 0)
    band = case(
        *((pair.c.probability >= least, at) for at, (_, least) in enumerate(waiting)),
        else_=len(waiting),
    )
    counted = select(band, func.count()).where(_free(entity, _BOUNDS[-1], _BOUNDS[0])).group_by(band)
    keys = list(waiting)
    for at, count in connection.execute(counted):
        waiting[keys[at]] = count
    for probability, _ in _drawn(connection, entity):
        for most, least in keys:
            waiting[most, least] -= least <= probability < most
    said: list[tuple[float, bool]] = []
    query = select(decision.c.verdict, decision.c.evidence).where(
        decision.c.entity == entity.value, decision.c.rank == "steward", decision.c.withdrawn_at.is_(None)
    )
    # Of what was accepted in bulk nobody looked at the single pair, so it says nothing of whether bulk is right.
    query = query.where(decision.c.reason.is_(None) | (decision.c.reason != BULK_REASON))
    for verdict, evidence in connection.execute(query):
        if evidence and "probability" in evidence[0] and verdict != "unsure":
            said.append((evidence[0]["probability"], verdict == "same"))
    found = []
    for (most, least), count in waiting.items():
        answers = [right for probability, right in said if least <= probability < most]
        found.append(Likeness(least, most, count, len(answers), sum(answers)))
    return found


def by_likeness(
    connection: Connection, entity: Entity, *, least: float = 0.0, most: float = _BOUNDS[0], limit: int | None = None
) -> list[tuple[float, PairId]]:
    """The pairs of an entity that wait for no other reason than their score, the likest first, with how likely they
    are, from ``least`` to below ``most``.

    What is protected or held apart by rule is looked at one by one, and so is what was drawn for calibration: of what
    nobody looks at, nothing is learnt.
    """
    drawn = {each for _, each in _drawn(connection, entity)}
    query = (
        select(pair.c.probability, pair.c.left_id, pair.c.right_id)
        .where(_free(entity, least, most))
        .order_by(pair.c.probability.desc(), pair.c.left_id, pair.c.right_id)
        .limit(None if limit is None else limit + len(drawn))
    )
    found = [(row.probability, PairId(row.left_id, row.right_id)) for row in connection.execute(query)]
    return [each for each in found if each[1] not in drawn][:limit]


def _free(entity: Entity, least: float, most: float) -> ColumnElement[bool]:
    return and_(
        is_waiting(entity),
        pair.c.probability >= least,
        pair.c.probability < most,
        pair.c.rule.not_in((PROTECTED, WAS_ONE)),
        pair.c.explanation["held"].as_string().is_(None),
    )


def _drawn(connection: Connection, entity: Entity) -> list[tuple[float, PairId]]:
    """Drawn pairs among the free ones that nobody has answered yet."""
    drawn = [each.pair for each in open_draws(connection, active(connection)(entity))]
    found = []
    for one, other in drawn:
        query = select(pair.c.probability).where(
            pair.c.left_id == one, pair.c.right_id == other, _free(entity, 0.0, _BOUNDS[0])
        )
        probability = connection.scalar(query)
        if probability is not None:
            found.append((probability, PairId(one, other)))
    return found
