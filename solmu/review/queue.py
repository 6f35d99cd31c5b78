"""The queue: which pairs wait for a person, what is worth most first.

A pair's place is *value x uncertainty*. Value grows with what hangs on the two golden records (mentions, and orders,
deals and leads, which count three times), from 1 to 10, and 5 more where either is protected. Uncertainty is highest
where the score says one in two. It never falls to nothing: a pair that the machine is sure of, and may not join
unasked, waits for somebody all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy import alias as aliased

from solmu.match.rules import Band
from solmu.model import Entity
from solmu.review.names import PairId
from solmu.store.tables import (
    deal,
    decision,
    decision_mention,
    golden,
    lead,
    link,
    mention,
    order,
    pair,
    run,
    source_record,
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which pairs. ``source``: a connection that either record came by; ``country`` and ``owner``: of either golden
    record; ``before``: asked before that time, in microseconds; ``unsure``: those that somebody left undecided."""

    entity: Entity | None = None
    source: str | None = None
    country: str | None = None
    owner: str | None = None
    before: int | None = None
    band: Band = Band.ASK
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pair in the queue. ``asked``: when it was compared, in microseconds, where the run is still known."""

    pair: PairId
    entity: Entity
    probability: float
    priority: float
    asked: int | None


@dataclass(frozen=True, slots=True)
class Queue:
    """The first of the pairs that wait. ``total`` counts all of them; ``oldest`` is when the oldest was asked."""

    total: int
    oldest: int | None
    pairs: tuple[Waiting, ...]


_left, _right = aliased(mention, name="ml"), aliased(mention, name="mr")
_left_record, _right_record = aliased(source_record, name="sl"), aliased(source_record, name="sr")
_left_link, _right_link = aliased(link, name="ll"), aliased(link, name="lr")
_left_golden, _right_golden = aliased(golden, name="gl"), aliased(golden, name="gr")


def queue(connection: Connection, filters: Filters, *, limit: int | None = None, after: int = 0) -> Queue:
    """The pairs that wait, by priority; ``after`` skips so many. Decided pairs are left out at once, also those whose
    decision no run has followed yet."""
    counted = _from(select(func.count(), func.min(run.c.started)), filters)
    total, oldest = connection.execute(counted).one()
    priority = _priority() if filters.band is Band.ASK else literal(0.0)
    query = _from(
        select(
            pair.c.left_id,
            pair.c.right_id,
            pair.c.entity,
            pair.c.probability,
            priority.label("priority"),
            run.c.started,
        ),
        filters,
    ).order_by(*_order(filters.band, priority), pair.c.left_id, pair.c.right_id)
    if limit is not None:
        query = query.limit(limit).offset(after)
    rows = connection.execute(query)
    return Queue(
        total,
        oldest,
        tuple(
            Waiting(PairId(row.left_id, row.right_id), Entity(row.entity), row.probability, row.priority, row.started)
            for row in rows
        ),
    )


def count_waiting(connection: Connection) -> int:
    """How many pairs wait for anybody."""
    query = select(func.count()).select_from(pair).where(pair.c.band == Band.ASK.value, ~_decided())
    return connection.scalar(query) or 0


def undecided() -> ColumnElement[bool]:
    """The condition for pairs on which no steward has a say."""
    return ~_decided()


def _order(band: Band, priority: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    if band is Band.ASK:
        return priority.desc(), pair.c.weight.desc()
    # Of what was joined the weakest is worth a look, of what was kept apart the likest.
    return (pair.c.weight.asc(),) if band is Band.SAME else (pair.c.weight.desc(),)


def _from(query: Select[Any], filters: Filters) -> Select[Any]:
    query = (
        query.select_from(pair)
        .outerjoin(run, run.c.id == pair.c.run_id)
        .outerjoin(_left_link, and_(_left_link.c.mention_id == pair.c.left_id, _left_link.c.until.is_(None)))
        .outerjoin(_right_link, and_(_right_link.c.mention_id == pair.c.right_id, _right_link.c.until.is_(None)))
        .outerjoin(_left_golden, _left_golden.c.id == _left_link.c.golden_id)
        .outerjoin(_right_golden, _right_golden.c.id == _right_link.c.golden_id)
        .where(pair.c.band == filters.band.value)
        .where(pair.c.entity.in_([filters.entity] if filters.entity else list(Entity)))
    )
    if filters.source is not None:
        query = (
            query.join(_left, _left.c.id == pair.c.left_id)
            .join(_right, _right.c.id == pair.c.right_id)
            .join(_left_record, _left_record.c.id == _left.c.record_id)
            .join(_right_record, _right_record.c.id == _right.c.record_id)
            .where(or_(_left_record.c.connection == filters.source, _right_record.c.connection == filters.source))
        )
    if filters.country is not None:
        country = filters.country.upper()
        query = query.where(or_(_left_golden.c.country == country, _right_golden.c.country == country))
    if filters.owner is not None:
        owners = [each.c.document[("owner", "value")].as_string() for each in (_left_golden, _right_golden)]
        query = query.where(or_(*(owner == filters.owner for owner in owners)))
    if filters.before is not None:
        query = query.where(run.c.started < filters.before)
    if filters.unsure:
        query = query.where(_decided(decision.c.verdict == "unsure"))
    elif filters.band is Band.ASK:
        query = query.where(~_decided())
    return query


def _decided(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    one, other = aliased(decision_mention, name="d1"), aliased(decision_mention, name="d2")
    return exists(
        select(decision.c.id)
        .join(one, one.c.decision_id == decision.c.id)
        .join(other, other.c.decision_id == decision.c.id)
        .where(
            decision.c.withdrawn_at.is_(None),
            decision.c.rank == "steward",
            one.c.side != other.c.side,
            one.c.mention_id == pair.c.left_id,
            other.c.mention_id == pair.c.right_id,
            *which,
        )
        .correlate(pair)
    )


def _priority() -> ColumnElement[Any]:
    size = (
        func.coalesce(_left_golden.c.mentions, 1)
        + func.coalesce(_right_golden.c.mentions, 1)
        + 3 * (_hanging(_left_golden) + _hanging(_right_golden))
    )
    protected = case((or_(_left_golden.c.protected, _right_golden.c.protected), 5.0), else_=0.0)
    value = 1.0 + 9.0 * size / (size + 20.0) + protected
    uncertainty = 0.1 + 3.6 * pair.c.probability * (1.0 - pair.c.probability)
    return value * uncertainty


def _hanging(one: Any) -> ColumnElement[Any]:
    """How many orders, deals and leads hang on a golden record."""
    total: ColumnElement[Any] = literal(0)
    for table in (order, deal, lead):
        there = aliased(link)
        total = total + (
            select(func.count())
            .select_from(there)
            .join(table, table.c.mention_id == there.c.mention_id)
            .where(there.c.golden_id == one.c.id, there.c.until.is_(None), table.c.state == "live")
            .correlate(one)
            .scalar_subquery()
        )
    return total
