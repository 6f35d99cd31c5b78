"""Which pair a steward is shown next.

Every fifth is one that was drawn for calibration, as long as any waits (`solmu match sample`): drawn at random and
shown among the others, so that whoever answers does not know which it is, and the answers speak for all.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from solmu.match.bundles import active
from solmu.match.drawn import open_draws
from solmu.model import Entity
from solmu.review.names import PairId
from solmu.review.queue import COUNTED, Filters, queue
from solmu.store.tables import decision

EVERY = 5
"""How often a drawn pair comes."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The next pair, None where nothing waits. ``total`` counts those that wait, if ``at_least`` there are more;
    ``oldest`` is when the oldest was asked, in microseconds, and ``at`` the place of the pair in the queue, from 0."""

    pair: PairId | None
    total: int
    oldest: int | None
    at: int
    at_least: bool = False


def next_pair(connection: Connection, filters: Filters, *, who: str, skip: int = 0) -> Turn:
    """The pair that ``who`` is to look at, ``skip`` places down the queue."""
    at = skip
    waiting = queue(connection, filters, limit=1, after=skip, most=COUNTED)
    if not waiting.pairs and waiting.total:  # the end was passed, or others have decided what stood there
        at = skip - 1 if waiting.at_least else waiting.total - 1
        waiting = queue(connection, filters, limit=1, after=at, most=COUNTED)
    pair = waiting.pairs[0].pair if waiting.pairs else None
    if skip == 0 and filters == Filters(entity=filters.entity) and _is_drawn_ones_turn(connection, who):
        pair = _drawn(connection, filters.entity) or pair
    return Turn(pair, waiting.total, waiting.oldest, at, waiting.at_least)


def _is_drawn_ones_turn(connection: Connection, who: str) -> bool:
    said = connection.scalar(select(func.count()).where(decision.c.who == who, decision.c.rank == "steward")) or 0
    return said % EVERY == EVERY - 1


def _drawn(connection: Connection, entity: Entity | None) -> PairId | None:
    models = active(connection).models
    for each in [entity] if entity else list(Entity):
        if found := open_draws(connection, models[each]):
            return PairId(*found[0].pair)
    return None
