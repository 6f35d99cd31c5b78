"""Records of which a person is asked whether they are another one that a target has already, or gets first.

To create such a record could double the other one there, and nothing takes that back but a merge in the target.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from solmu.review.queue import undecided
from solmu.store.sql import among, run_with_ids
from solmu.store.tables import golden, link, pair, remote

# In the words of the indexes of what is asked, by either end.
_ASKED = """
SELECT mine.golden_id, pair.left_id, pair.right_id, there.golden_id FROM link AS mine
JOIN pair ON pair.{near} = mine.mention_id
JOIN link AS there ON there.mention_id = pair.{far} AND there.until IS NULL
WHERE pair.band = 'ask' AND there.golden_id <> mine.golden_id AND mine.until IS NULL AND mine.golden_id IN IDS
"""
_ENDS = (("left_id", "right_id"), ("right_id", "left_id"))


def asked_about(connection: Connection, target: str, ids: Collection[int]) -> set[int]:
    """Those of these golden records, none of which the target has, that may be one that it has, or that is older.

    Of two that it has neither of, the older one goes out. Whom a person has looked at waits no longer, whatever came of
    it.
    """
    found: list[tuple[int, int, int, int]] = []
    for near, far in _ENDS:
        found += run_with_ids(connection, _ASKED.format(near=near, far=far), (), ids).tuples().all()
    if not found:
        return set()
    waiting = _waiting(connection, {(left, right) for _, left, right, _ in found})
    others = {other for _, left, right, other in found if (left, right) in waiting}
    there = _in_target(connection, target, others)
    live = _live(connection, others)
    return {
        id
        for id, left, right, other in found
        if (left, right) in waiting and (other in there or (other < id and other in live))
    }


def _waiting(connection: Connection, pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    left = among(connection, pair.c.left_id, sorted({left for left, _ in pairs}))
    rows = connection.execute(select(pair.c.left_id, pair.c.right_id).where(left, undecided())).tuples()
    return pairs & set(rows)


def _in_target(connection: Connection, target: str, ids: Collection[int]) -> set[int]:
    query = (
        select(link.c.golden_id, remote.c.target, remote.c.hanging)
        .join(remote, remote.c.mention_id == link.c.mention_id)
        .where(among(connection, link.c.golden_id, sorted(ids)), link.c.until.is_(None), remote.c.state == "live")
    )
    return {row.golden_id for row in connection.execute(query) if row.target == target and row.hanging is None}


def _live(connection: Connection, ids: Collection[int]) -> set[int]:
    query = select(golden.c.id, golden.c.state).where(among(connection, golden.c.id, sorted(ids)))
    return {row.id for row in connection.execute(query) if row.state == "live"}
