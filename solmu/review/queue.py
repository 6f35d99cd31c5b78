"""The queue: which pairs wait for a person, what is worth most first (``priority``).

Whoever looks reads the places that ``priority.rank`` has written, by their index, as many as are shown: a look costs
the same whether a hundred pairs wait or a hundred thousand, as long as it need not count them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, literal, literal_column, or_, select
from sqlalchemy import alias as aliased

from solmu.match.rules import Band
from solmu.model import Entity
from solmu.review.names import PairId
from solmu.review.sides import Side
from solmu.store.owners import owners
from solmu.store.sql import chunks
from solmu.store.tables import decision, decision_mention, golden, link, mention, pair, run, source_record


@dataclass(frozen=True, slots=True)
class Filters:
    """Which pairs. ``source``: a connection that either record came by; ``country`` and ``owner`` (an id or a
    name): of either golden record; ``before``: asked before that time, in microseconds; ``unsure``: those that somebody
    left undecided."""

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
    """The first of the pairs that wait. ``total`` counts all of them, or as far as was asked for, and there are more if
    ``at_least``. ``oldest`` is when the oldest was asked, None where not all were counted."""

    total: int
    oldest: int | None
    pairs: tuple[Waiting, ...]
    at_least: bool = False


COUNTED = 1_000
"""As far as pages count."""

FEW = 10_000
"""Golden records of a country up to which their pairs are sought by them, and not each pair's country looked up."""


# The index of what waits holds asked pairs only, and is found by these very words: never by a parameter.
ASKED: ColumnElement[bool] = pair.c.band == literal_column(f"'{Band.ASK.value}'")


def queue(
    connection: Connection, filters: Filters, *, limit: int | None = None, after: int = 0, most: int | None = None
) -> Queue:
    """The pairs that wait, by priority; ``after`` skips so many. Decided pairs are left out at once, also those whose
    decision no run has followed yet. ``most`` is how far they are counted, to the last if it is left out."""
    chosen = _chosen(connection, filters)
    priority = pair.c.priority if filters.band is Band.ASK else literal(0.0)
    query = (
        select(pair.c.left_id, pair.c.right_id, pair.c.entity, pair.c.probability, priority, pair.c.run_id)
        .where(chosen)
        .order_by(_order(filters.band), pair.c.left_id, pair.c.right_id)
    )
    some = query if limit is None else query.limit(limit).offset(after)
    if most is None:
        counted = select(pair.c.run_id, func.count()).where(chosen).group_by(pair.c.run_id)
        counts = Counter(dict(connection.execute(counted).tuples().all()))
        rows, at_least = connection.execute(some).all(), False
    else:
        # In one go: those that a filter leaves may be few and far between.
        first = connection.execute(query.limit(most + 1)).all()
        at_least = len(first) > most
        counts = Counter(row.run_id for row in first[:most])
        seen = limit is not None and (not at_least or after + limit <= len(first))
        rows = first[after : after + (limit or 0)] if seen else connection.execute(some).all()
    started = _started(connection, counts)
    return Queue(
        counts.total(),
        None if at_least else min(started.values(), default=None),
        tuple(
            Waiting(PairId(left, right), Entity(entity), probability, max(place, 0.0), started.get(run_id))
            for left, right, entity, probability, place, run_id in rows
        ),
        at_least,
    )


def asked_between(connection: Connection, left: Side, right: Side) -> PairId | None:
    """The pair by which it is asked whether these two golden records are one; of their pairs, the strongest is."""
    few, others = sorted((left.ids, right.ids), key=len)
    for some in chunks(sorted(few)):
        query = select(pair.c.left_id, pair.c.right_id).where(
            ASKED, or_(pair.c.left_id.in_(some), pair.c.right_id.in_(some))
        )
        for one, other in connection.execute(query):
            if one in others or other in others:
                return PairId(one, other)
    return None


def count_waiting(connection: Connection) -> int:
    """How many pairs wait for anybody, counted to a thousand."""
    some = select(pair.c.left_id).where(is_waiting()).limit(COUNTED).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0


def is_waiting(entity: Entity | None = None) -> ColumnElement[bool]:
    """The condition for pairs that wait, of an entity or of any."""
    return and_(ASKED, undecided(), _of(entity))


def undecided() -> ColumnElement[bool]:
    """The condition for pairs on which no steward has a say."""
    return ~_decided()


def _started(connection: Connection, runs: Mapping[str, int]) -> dict[str, int]:
    """When these runs began, as far as they are still known."""
    found = connection.execute(select(run.c.id, run.c.started).where(run.c.id.in_(list(runs))))
    return dict(found.tuples().all())


def _order(band: Band) -> ColumnElement[Any]:
    if band is Band.ASK:
        return pair.c.priority.desc()
    # Of what was joined the weakest is worth a look, of what was kept apart the likest.
    return pair.c.weight.asc() if band is Band.SAME else pair.c.weight.desc()


def _chosen(connection: Connection, filters: Filters) -> ColumnElement[bool]:
    if filters.band is Band.ASK:
        conditions = [ASKED, _of(filters.entity)]
    else:
        entities = [filters.entity] if filters.entity else list(Entity)
        conditions = [pair.c.band == filters.band.value, pair.c.entity.in_(entities)]
    if filters.source is not None:
        conditions.append(
            exists(
                select(mention.c.id)
                .join(source_record, source_record.c.id == mention.c.record_id)
                .where(
                    mention.c.id.in_((pair.c.left_id, pair.c.right_id)), source_record.c.connection == filters.source
                )
                .correlate(pair)
            )
        )
    if filters.country is not None:
        conditions.append(_of_country(connection, filters.country.upper()))
    if filters.owner is not None:
        ids = owners(connection).ids(filters.owner)
        conditions.append(_either(golden.c.document[("owner", "value")].as_string().in_(ids)))
    if filters.before is not None:
        conditions.append(pair.c.run_id.in_(select(run.c.id).where(run.c.started < filters.before)))
    if filters.unsure:
        conditions.append(_decided(decision.c.verdict == "unsure"))
    elif filters.band is Band.ASK:
        conditions.append(undecided())
    return and_(*conditions)


def _of(entity: Entity | None) -> ColumnElement[bool]:
    # As an expression: by the index of entity and band a database would read all of them, and sort.
    return literal_column("1") == 1 if entity is None else pair.c.entity.concat("") == entity.value


def _of_country(connection: Connection, country: str) -> ColumnElement[bool]:
    # In the words of its index, or none of the databases would use it.
    of = and_(golden.c.country == country, literal_column("golden.mentions > 0"))
    some = select(golden.c.id).where(of).limit(FEW + 1).subquery()
    if (connection.scalar(select(func.count()).select_from(some)) or 0) > FEW:
        return _either(golden.c.country == country)  # one is soon found among the first pairs
    theirs = (
        select(link.c.mention_id).join(golden, golden.c.id == link.c.golden_id).where(of, link.c.until.is_(None)).cte()
    )
    ids = select(theirs.c.mention_id)
    return or_(pair.c.left_id.in_(ids), pair.c.right_id.in_(ids))


def _either(holds: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether something holds for the golden record of either end."""
    return exists(
        select(golden.c.id)
        .join(link, link.c.golden_id == golden.c.id)
        .where(link.c.mention_id.in_((pair.c.left_id, pair.c.right_id)), link.c.until.is_(None), holds)
        .correlate(pair)
    )


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
