"""Scoring everything with Splink itself, on DuckDB that works on disk or on Spark: what a full run rests on.

Candidates come from the block index, as in every night; Splink scores exactly those. What the compiled scorer stored
for a pair must be what Splink says: a difference is a defect, and is raised.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from solmu.errors import SolmuError
from solmu.match.blocking import candidate_keys
from solmu.match.card import SEEN
from solmu.match.engine import Engine, score
from solmu.match.index import Mentions
from solmu.match.known import Known
from solmu.match.model import Model
from solmu.match.splink_engine import table
from solmu.match.standing import places_of
from solmu.store.sql import chunks
from solmu.store.tables import block_key, mention, pair

DEBT_FACTOR = 20
"""Crowded keys of up to this many times the cap are looked behind."""
_DEBT_PAIRS = 2_000_000  # comparisons behind crowded keys that are made at most
_SAME = 1e-5  # bits; sums of doubles in another order differ by far less, a level by far more
_PAGE = 5_000
_RECORDS = {"id": "int64", "record": "int64", "place": "int64"}
_KEYS = {"key": "string", "id": "int64"}
_STORED = {"one": "int64", "other": "int64", "weight": "float64"}


@dataclass(frozen=True, slots=True)
class Rescored:
    """What Splink said of one entity's candidates.

    ``scored`` counts them; ``stored`` those of them that are stored as pairs, each with the same weight;
    ``crowded`` are keys past the cap, ``behind`` the comparisons that were made behind them, and ``likely`` those of
    these that a steward would be asked about, if the key were not crowded. ``keys`` names the keys with most of them.
    """

    scored: int
    stored: int
    crowded: int
    behind: int
    left_behind: int
    likely: int
    keys: tuple[tuple[str, int, int], ...]


def rescore(
    connection: Connection,
    model: Model,
    mentions: Mentions,
    *,
    cap: int,
    engine: Engine,
    progress: Callable[[int], None] = lambda _: None,
) -> Rescored:
    """Score all candidates of an entity with Splink. Raises SolmuError where a stored weight is another one.

    The engine must be empty. It is left with ``scores`` (one, other, weight), where there were candidates at all.
    """
    with warnings.catch_warnings():
        # Splink, DuckDB and Spark warn of their own future; they are pinned.
        warnings.simplefilter("ignore")
        _load(connection, engine, model, mentions, progress)
        left_behind = _candidates(engine, cap)
        if not _count(engine, "SELECT count(*) FROM candidates"):
            return Rescored(0, 0, *_crowded(engine, cap), left_behind, 0, ())
        score(engine, model)
        stored = _compared(engine, model)
        crowded, behind = _crowded(engine, cap)
        likely, keys = _debt(engine, model, cap)
        scored = _count(engine, "SELECT count(*) FROM candidates WHERE NOT debt")
    return Rescored(scored, stored, crowded, behind, left_behind, likely, keys)


def _load(
    connection: Connection, engine: Engine, model: Model, mentions: Mentions, progress: Callable[[int], None]
) -> None:
    """Features, candidate keys, stored pairs and places of all mentions that are compared."""
    query = (
        select(mention.c.id)
        .where(mention.c.entity == model.entity.value, mention.c.state.in_(SEEN))
        .order_by(mention.c.id)
    )
    _fill(engine, model, [])  # so that the tables are there, whatever the store holds
    _insert(engine, "records", (), _RECORDS)
    _insert(engine, "keys", (), _KEYS)
    _insert(engine, "stored", (), _STORED)
    for some in chunks(list(connection.scalars(query)), _PAGE):
        known = [one for _, one in sorted(mentions.load(connection, some).items()) if one.compared]
        _fill(engine, model, known)
        places = places_of(connection, some)
        records = ((one.id, one.record_id, places.get(one.id, -one.id)) for one in known)
        _insert(engine, "records", records, _RECORDS)
        _insert(engine, "keys", _keys(connection, some), _KEYS)
        progress(len(some))
    query_pairs = select(pair.c.left_id, pair.c.right_id, pair.c.weight).where(
        pair.c.entity == model.entity.value, pair.c.model == model.name
    )
    for rows in connection.execute(query_pairs).partitions(_PAGE):
        _insert(engine, "stored", (tuple(row) for row in rows), _STORED)


def _fill(engine: Engine, model: Model, known: list[Known]) -> None:
    engine.fill("mentions", table(model.entity, [one.features for one in known], ids=[one.id for one in known]))


def _keys(connection: Connection, ids: list[int]) -> Iterator[tuple[str, int]]:
    for some in chunks(ids):
        query = select(block_key.c.key, block_key.c.mention_id).where(block_key.c.mention_id.in_(some))
        found = connection.execute(query).all()
        kept = candidate_keys(row.key for row in found)
        yield from ((row.key, row.mention_id) for row in found if row.key in kept)


def _insert(engine: Engine, name: str, rows: Iterable[tuple[Any, ...]], columns: Mapping[str, str]) -> None:
    import pyarrow

    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    kinds = zip(columns.items(), values, strict=True)
    engine.fill(name, pyarrow.table({column: pyarrow.array(each, kind) for (column, kind), each in kinds}))


def _candidates(engine: Engine, cap: int) -> int:
    """Make ``candidates``: pairs that share a key, ``debt`` where every such key is crowded. Gives how many crowded
    keys were too large to look behind."""
    engine.define("sizes", "SELECT key, count(*) AS size FROM keys GROUP BY key HAVING count(*) > 1")
    pairs = """
        SELECT DISTINCT l.id AS one, r.id AS other FROM keys l JOIN keys r ON l.key = r.key AND l.id < r.id
        JOIN records a ON a.id = l.id JOIN records b ON b.id = r.id AND a.record <> b.record
        JOIN {which} s ON s.key = l.key
    """
    engine.define("open_keys", f"SELECT key FROM sizes WHERE size <= {cap}")  # noqa: S608
    # The smallest crowded keys first: those are the telling ones.
    engine.define(
        "debt_keys",
        f"""
        SELECT key FROM (
            SELECT key, size, sum(size * (size - 1) / 2) OVER (ORDER BY size, key) AS so_far
            FROM sizes WHERE size > {cap} AND size <= {DEBT_FACTOR * cap}
        ) AS crowded WHERE so_far <= {_DEBT_PAIRS}
        """,  # noqa: S608
    )
    engine.define("reached", pairs.format(which="open_keys"))
    engine.define(
        "candidates",
        f"""
        SELECT one, other, false AS debt FROM reached UNION ALL
        SELECT d.one, d.other, true AS debt FROM ({pairs.format(which="debt_keys")}) AS d
        WHERE NOT EXISTS (SELECT 1 FROM reached c WHERE c.one = d.one AND c.other = d.other)
        """,  # noqa: S608
    )
    return _count(engine, f"SELECT count(*) FROM sizes WHERE size > {cap} AND key NOT IN (SELECT key FROM debt_keys)")  # noqa: S608


def _count(engine: Engine, query: str) -> int:
    return int(engine.rows(query)[0][0])


def _compared(engine: Engine, model: Model) -> int:
    """How many stored pairs Splink has scored; raises where it says something else than what is stored."""
    [(count, wrong, largest)] = engine.rows(
        f"""
        SELECT count(*), count(*) FILTER (WHERE abs(s.weight - p.weight) > {_SAME}), max(abs(s.weight - p.weight))
        FROM stored p JOIN scores s ON s.one = p.one AND s.other = p.other
        """  # noqa: S608
    )
    if wrong:
        raise SolmuError(
            f"{wrong} of {count} stored {model.entity.value} pairs have another weight than Splink gives them",
            code="scores-differ",
            value=f"up to {largest:.3g} bits",
            expected="the same weights; this is a defect of Solmu, or of an installed Splink of another version",
        )
    return int(count)


def _crowded(engine: Engine, cap: int) -> tuple[int, int]:
    keys = _count(engine, f"SELECT count(*) FROM sizes WHERE size > {cap}")  # noqa: S608
    return keys, _count(engine, "SELECT count(*) FROM candidates WHERE debt")


def _debt(engine: Engine, model: Model, cap: int) -> tuple[int, tuple[tuple[str, int, int], ...]]:
    """How many likely pairs are hidden behind crowded keys, and behind which: key, mentions, likely pairs."""
    engine.define(
        "hidden",
        f"""
        SELECT c.one, c.other FROM candidates c
        JOIN scores s ON s.one = c.one AND s.other = c.other
        JOIN records a ON a.id = c.one JOIN records b ON b.id = c.other
        WHERE c.debt AND s.weight >= {model.thresholds.ask!r} AND a.place <> b.place
        """,  # noqa: S608
    )
    keys = engine.rows(
        f"""
        SELECT l.key, any_value(z.size), count(*) FROM hidden h JOIN keys l ON l.id = h.one
        JOIN keys r ON r.id = h.other AND r.key = l.key JOIN sizes z ON z.key = l.key AND z.size > {cap}
        GROUP BY l.key ORDER BY count(*) DESC, l.key LIMIT 20
        """  # noqa: S608
    )
    return _count(engine, "SELECT count(*) FROM hidden"), tuple((str(k), int(size), int(n)) for k, size, n in keys)
