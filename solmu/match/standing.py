"""What clustering reads of the store: pairs, links, relations and pins of some mentions, always by index."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from solmu.match.card import SPEAKS
from solmu.match.cluster import Decision, Rank
from solmu.model import BECAME
from solmu.store.sql import among, run_with_ids
from solmu.store.tables import pair


class Judged(NamedTuple):
    """A stored pair as clustering needs it."""

    left_id: int
    right_id: int
    weight: float
    band: str
    rule: str
    held: str | None


class Live(NamedTuple):
    """A link that has not ended."""

    id: int
    mention_id: int
    golden_id: int


def pairs_of(connection: Connection, ids: Iterable[int]) -> list[Any]:
    """The stored pairs that these mentions have, whole: with ``left_id, right_id, weight, band, rule, explanation``."""
    columns = (pair.c.left_id, pair.c.right_id, pair.c.weight, pair.c.band, pair.c.rule, pair.c.explanation)
    wanted = sorted(ids)
    found: dict[tuple[int, int], Any] = {}
    for end in (pair.c.left_id, pair.c.right_id):
        query = select(*columns).where(among(connection, end, wanted))
        found |= {(row[0], row[1]): row for row in connection.execute(query)}
    return list(found.values())


# What came together was not held, and to look into an explanation takes longer than all else.
_JUDGED = """
SELECT left_id, right_id, weight, band, rule, CASE WHEN band <> 'same' THEN {held} END FROM pair WHERE {end} IN IDS
"""
_HELD = {"sqlite": "json_extract(explanation, '$.held')", "postgresql": "explanation ->> 'held'"}


def judged_pairs(connection: Connection, ids: Collection[int]) -> dict[tuple[int, int], Judged]:
    """The same by their ends, without explanations: ``held`` is all of them that clustering needs."""
    found: dict[tuple[int, int], Judged] = {}
    for end in ("left_id", "right_id"):
        query = _JUDGED.format(held=_HELD[connection.dialect.name], end=end)
        found |= {(row[0], row[1]): Judged(*row) for row in run_with_ids(connection, query, (), ids).all()}
    return found


LIVE_OF_MENTIONS = "SELECT id, mention_id, golden_id FROM link WHERE until IS NULL AND mention_id IN IDS"
LIVE_OF_GOLDENS = "SELECT id, mention_id, golden_id FROM link WHERE until IS NULL AND golden_id IN IDS"
_MADE_AS = "SELECT mention_id, id, golden_id FROM link WHERE why = 'created-by-us' AND mention_id IN IDS"
_MADE_FROM = "SELECT mention_id FROM link WHERE why = 'created-by-us' AND golden_id IN IDS"
_RECORDS = """
SELECT golden_id, connection, mention.state FROM link JOIN mention ON mention.id = mention_id
JOIN source_record ON source_record.id = record_id WHERE until IS NULL AND golden_id IN IDS
"""
_AS_JUDGED = """
SELECT left_id, right_id FROM pair JOIN run AS judged ON judged.id = pair.run_id
JOIN mention AS one ON one.id = left_id JOIN mention AS other ON other.id = right_id
JOIN source_version AS ones ON ones.id = one.version_id JOIN run AS ones_run ON ones_run.id = ones.run_id
JOIN source_version AS others ON others.id = other.version_id JOIN run AS others_run ON others_run.id = others.run_id
WHERE ones_run.started <= judged.started AND others_run.started <= judged.started AND left_id IN IDS
"""
_RELATED = """
SELECT id, mention_id, other_mention_id, kind FROM relation
WHERE mention_id <> other_mention_id AND state = 'live' AND mention_id IN IDS
"""
_RELATED_TO = _RELATED.replace("AND mention_id IN", "AND other_mention_id IN")
_PINNED = "SELECT mention_id FROM pin WHERE field = 'public_id' AND withdrawn_at IS NULL AND mention_id IN IDS"


def live_links(connection: Connection, query: str, ids: Collection[int]) -> dict[int, Live]:
    """The links that have not ended, by mention: of these mentions, or of these golden records, as the query says."""
    if not ids:
        return {}
    return {row[1]: Live(*row) for row in run_with_ids(connection, query, (), ids).all()}


def places_of(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """The golden record that each of these mentions is linked to, as far as it is."""
    return {id: one.golden_id for id, one in live_links(connection, LIVE_OF_MENTIONS, ids).items()}


def created_by_us(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """Mentions of records that we created -> the anchor of what they were made from, where either is among ``ids``.

    The first such link says it; later ones follow where that mention went.
    """
    made = set(run_with_ids(connection, _MADE_FROM, (), ids).scalars())
    found: dict[int, tuple[int, int]] = {}
    for mention_id, id, golden_id in run_with_ids(connection, _MADE_AS, (), made.union(ids)).all():
        found[mention_id] = min(found.get(mention_id, (id, golden_id)), (id, golden_id))
    return {mention_id: origin for mention_id, (_, origin) in found.items() if mention_id in ids or origin in ids}


def in_crms(connection: Connection, goldens: Collection[int], crms: Collection[str]) -> set[int]:
    """Those of these golden records of which one of the CRMs has a record, its own or one that we made there."""
    rows = run_with_ids(connection, _RECORDS, (), goldens).all() if goldens else ()
    return {golden_id for golden_id, system, state in rows if system in crms and state in SPEAKS}


def as_judged(connection: Connection, ends: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of these pairs of which neither card has come anew since they were last found to be as they stand."""
    if not ends:
        return set()
    rows = run_with_ids(connection, _AS_JUDGED, (), {left for left, _ in ends}).all()
    return {(left, right) for left, right in rows if (left, right) in ends}


def relations_of(connection: Connection, known: Collection[int]) -> dict[int, Decision]:
    """Relations in the data that these mentions have: a parent, site, brand or dealer is not the same one; a record
    that was converted into another is, by the word of whoever converted it."""
    found: dict[int, Decision] = {}
    for query in (_RELATED, _RELATED_TO):
        for id, one, other, kind in run_with_ids(connection, query, (), known).all():
            same = kind == BECAME
            rank = Rank.CRM if same else Rank.RELATION
            found[id] = Decision(id, rank, same, frozenset({one}), frozenset({other}))
    return found


def pinned_of(connection: Connection, known: Collection[int]) -> set[int]:
    """Mentions whose public id a steward has pinned: their cluster carries it."""
    return set(run_with_ids(connection, _PINNED, (), known).scalars())
