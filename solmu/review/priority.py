"""What a pair is worth a steward's time: its place in the queue, kept with the pair.

The place is *value x uncertainty*. Value grows with what hangs on the two golden records (mentions, and orders, deals
and leads, which count three times), from 1 to 10, and 5 more where either is protected. Uncertainty is highest where
the score says one in two. It never falls to nothing: a pair that the machine is sure of, and may not join unasked,
waits for somebody all the same.

A pair gets its place in the run that compares it, or makes a question of it. What hangs on a golden record may grow
later without that: each run looks at the first pairs of the queue again, and the others keep their places until they
are compared anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, literal, or_, select, update
from sqlalchemy import alias as aliased

from solmu.review.queue import ASKED
from solmu.store import Store
from solmu.store.tables import deal, golden, lead, link, order, pair

AGAIN = 500
"""Pairs at the head of the queue whose places are worked out again in every run."""
_PAGE = 500

_left_link, _right_link = aliased(link, name="ll"), aliased(link, name="lr")
_left_golden, _right_golden = aliased(golden, name="gl"), aliased(golden, name="gr")


def rank(store: Store) -> int:
    """Give each asked pair that has none its place, and the first ones theirs again; gives how many were written."""
    written = 0
    while new := _ranked(store, _worth().where(pair.c.priority < 0).limit(_PAGE)):
        _keep(store, new)
        written += len(new)
    head = _worth().order_by(pair.c.priority.desc(), pair.c.left_id, pair.c.right_id).limit(AGAIN)
    moved = [row for row in _ranked(store, head) if row.worth != row.priority]
    _keep(store, moved)
    return written + len(moved)


def _ranked(store: Store, query: Select[Any]) -> Sequence[Any]:
    with store.read() as connection:
        return connection.execute(query).all()


def _keep(store: Store, rows: Sequence[Any]) -> None:
    if rows:
        with store.write() as connection:
            connection.execute(
                update(pair)
                .where(pair.c.left_id == bindparam("b_left"), pair.c.right_id == bindparam("b_right"))
                .values(priority=bindparam("b_priority")),
                [{"b_left": row.left_id, "b_right": row.right_id, "b_priority": row.worth} for row in rows],
            )


def _worth() -> Select[Any]:
    size = (
        func.coalesce(_left_golden.c.mentions, 1)
        + func.coalesce(_right_golden.c.mentions, 1)
        + 3 * (_hanging(_left_golden) + _hanging(_right_golden))
    )
    protected = case((or_(_left_golden.c.protected, _right_golden.c.protected), 5.0), else_=0.0)
    value = 1.0 + 9.0 * size / (size + 20.0) + protected
    uncertainty = 0.1 + 3.6 * pair.c.probability * (1.0 - pair.c.probability)
    return (
        select(pair.c.left_id, pair.c.right_id, pair.c.priority, (value * uncertainty).label("worth"))
        .select_from(pair)
        .outerjoin(_left_link, and_(_left_link.c.mention_id == pair.c.left_id, _left_link.c.until.is_(None)))
        .outerjoin(_right_link, and_(_right_link.c.mention_id == pair.c.right_id, _right_link.c.until.is_(None)))
        .outerjoin(_left_golden, _left_golden.c.id == _left_link.c.golden_id)
        .outerjoin(_right_golden, _right_golden.c.id == _right_link.c.golden_id)
        .where(ASKED)
    )


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
