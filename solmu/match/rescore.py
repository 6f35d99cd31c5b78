"""Scoring everything with Splink itself, on DuckDB that works on disk: what a full run rests on.

Candidates come from the block index, as in every night; Splink scores exactly those. What the compiled scorer stored
for a pair must be what Splink says: a difference is a defect, and is raised.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from solmu.errors import SolmuError
from solmu.match.blocking import candidate_keys
from solmu.match.comparisons import frequency_columns
from solmu.match.index import SPEAKS, Known, Mentions
from solmu.match.model import Model
from solmu.match.splink_engine import ID, table
from solmu.store.sql import chunks
from solmu.store.tables import block_key, link, mention, pair

DEBT_FACTOR = 20
"""Crowded keys of up to this many times the cap are looked behind."""
_DEBT_PAIRS = 2_000_000  # comparisons behind crowded keys that are made at most
_SAME = 1e-5  # bits; sums of doubles in another order differ by far less, a level by far more
_PAGE = 5_000


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
    folder: Path,
    memory_mb: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Rescored:
    """Score all candidates of an entity with Splink. Raises SolmuError where a stored weight is another one."""
    import duckdb

    file = folder / f"{model.entity.value}.duckdb"
    options: dict[str, Any] = {"memory_limit": f"{memory_mb}MB", "temp_directory": str(folder / "spill")}
    with duckdb.connect(str(file), config=options) as database, warnings.catch_warnings():
        # Splink and DuckDB warn of their own future; it is pinned.
        warnings.simplefilter("ignore")
        _load(connection, database, model, mentions, progress)
        left_behind = _candidates(database, cap)
        if not database.execute("SELECT count(*) FROM candidates").fetchall()[0][0]:
            return Rescored(0, 0, *_crowded(database, cap), left_behind, 0, ())
        _score(database, model)
        stored = _compared(database, model)
        crowded, behind = _crowded(database, cap)
        likely, keys = _debt(database, model, cap)
        scored = database.execute("SELECT count(*) FROM candidates WHERE NOT debt").fetchall()[0][0]
    file.unlink(missing_ok=True)
    return Rescored(scored, stored, crowded, behind, left_behind, likely, keys)


def _load(
    connection: Connection, database: Any, model: Model, mentions: Mentions, progress: Callable[[int], None]
) -> None:
    """Features, candidate keys, stored pairs and places of all mentions that are evidence."""
    database.execute("CREATE TABLE keys (key VARCHAR, id BIGINT)")
    database.execute("CREATE TABLE records (id BIGINT, record BIGINT, place BIGINT)")
    database.execute("CREATE TABLE stored (one BIGINT, other BIGINT, weight DOUBLE)")
    query = (
        select(mention.c.id)
        .where(mention.c.entity == model.entity.value, mention.c.state.in_(SPEAKS))
        .order_by(mention.c.id)
    )
    ids = list(connection.scalars(query))
    first = True
    for some in chunks(ids, _PAGE):
        known = [one for _, one in sorted(mentions.load(connection, some).items())]
        _append(database, model, known, first=first)
        first = False
        places = _places(connection, some)
        _insert(database, "records", ((one.id, one.record_id, places.get(one.id, -one.id)) for one in known), 3)
        _insert(database, "keys", _keys(connection, some), 2)
        progress(len(some))
    if first:
        _append(database, model, [], first=True)
    query_pairs = select(pair.c.left_id, pair.c.right_id, pair.c.weight).where(
        pair.c.entity == model.entity.value, pair.c.model == model.name
    )
    for rows in connection.execute(query_pairs).partitions(_PAGE):
        _insert(database, "stored", (tuple(row) for row in rows), 3)


def _append(database: Any, model: Model, known: list[Known], *, first: bool) -> None:
    arrow = table(model.entity, [one.features for one in known], ids=[one.id for one in known])
    database.register("batch", arrow)
    database.execute("CREATE TABLE mentions AS FROM batch" if first else "INSERT INTO mentions FROM batch")
    database.unregister("batch")


def _keys(connection: Connection, ids: list[int]) -> Iterator[tuple[str, int]]:
    for some in chunks(ids):
        query = select(block_key.c.key, block_key.c.mention_id).where(block_key.c.mention_id.in_(some))
        found = connection.execute(query).all()
        kept = candidate_keys(row.key for row in found)
        yield from ((row.key, row.mention_id) for row in found if row.key in kept)


def _places(connection: Connection, ids: list[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for some in chunks(ids):
        query = select(link.c.mention_id, link.c.golden_id).where(link.c.mention_id.in_(some), link.c.until.is_(None))
        found |= {row.mention_id: row.golden_id for row in connection.execute(query)}
    return found


def _insert(database: Any, name: str, rows: Iterable[tuple[Any, ...]], columns: int) -> None:
    import pyarrow

    values = list(zip(*rows, strict=True))
    if values:
        arrow = pyarrow.table({f"c{place}": pyarrow.array(values[place]) for place in range(columns)})
        database.register("batch", arrow)
        database.execute(f"INSERT INTO {name} FROM batch")
        database.unregister("batch")


def _candidates(database: Any, cap: int) -> int:
    """Fill ``candidates``: pairs that share a key, ``debt`` where every such key is crowded. Gives how many crowded
    keys were too large to look behind."""
    database.execute("CREATE TABLE sizes AS SELECT key, count(*) AS size FROM keys GROUP BY key HAVING count(*) > 1")
    pairs = """
        SELECT DISTINCT l.id AS one, r.id AS other FROM keys l JOIN keys r ON l.key = r.key AND l.id < r.id
        JOIN records a ON a.id = l.id JOIN records b ON b.id = r.id AND a.record <> b.record
        JOIN {which} s ON s.key = l.key
    """
    database.execute("CREATE TEMP TABLE open_keys AS SELECT key FROM sizes WHERE size <= ?", [cap])
    # The smallest crowded keys first: those are the telling ones.
    database.execute(
        """
        CREATE TEMP TABLE debt_keys AS SELECT key FROM (
            SELECT key, size, sum(size * (size - 1) / 2) OVER (ORDER BY size, key) AS so_far
            FROM sizes WHERE size > ? AND size <= ?
        ) WHERE so_far <= ?
        """,
        [cap, DEBT_FACTOR * cap, _DEBT_PAIRS],
    )
    database.execute(f"CREATE TABLE candidates AS SELECT *, false AS debt FROM ({pairs.format(which='open_keys')})")  # noqa: S608
    database.execute(
        f"""
        INSERT INTO candidates SELECT one, other, true FROM ({pairs.format(which="debt_keys")}) AS d
        WHERE NOT EXISTS (SELECT 1 FROM candidates c WHERE c.one = d.one AND c.other = d.other)
        """  # noqa: S608
    )
    rows = database.execute(
        "SELECT count(*) FROM sizes WHERE size > ? AND key NOT IN (SELECT key FROM debt_keys)", [cap]
    ).fetchall()
    return int(rows[0][0])


def _score(database: Any, model: Model) -> None:
    """Fill ``scores`` with what Splink says of the candidates."""
    import pyarrow
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI(connection=database)
    linker = Linker(api.register("mentions", dataset_display_name="mentions"), dict(model.settings),
                    log_level=logging.ERROR)  # fmt: skip
    for column in frequency_columns(model.entity):
        known = model.frequencies.get(column, {})
        lookup = pyarrow.table(
            {
                column: pyarrow.array(known.keys(), pyarrow.string()),
                f"tf_{column}": pyarrow.array(known.values(), pyarrow.float64()),
            }
        )
        linker.table_management.register_term_frequency_lookup(api.register(lookup), column)
    database.execute(
        "CREATE TABLE blocked AS SELECT '0' AS match_key, one AS join_key_l, other AS join_key_r FROM candidates"
    )
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    scored = linker.inference.predict(warning_mode="never")
    database.execute(
        f"""
        CREATE TABLE scores AS SELECT least({ID}_l, {ID}_r) AS one, greatest({ID}_l, {ID}_r) AS other,
        match_weight AS weight FROM {scored.physical_name}
        """  # noqa: S608
    )


def _compared(database: Any, model: Model) -> int:
    """How many stored pairs Splink has scored; raises where it says something else than what is stored."""
    rows = database.execute(
        """
        SELECT count(*), count(*) FILTER (abs(s.weight - p.weight) > ?), max(abs(s.weight - p.weight))
        FROM stored p JOIN scores s ON s.one = p.one AND s.other = p.other
        """,
        [_SAME],
    ).fetchall()
    count, wrong, largest = rows[0]
    if wrong:
        raise SolmuError(
            f"{wrong} of {count} stored {model.entity.value} pairs have another weight than Splink gives them",
            code="scores-differ",
            value=f"up to {largest:.3g} bits",
            expected="the same weights; this is a defect of Solmu, or of an installed Splink of another version",
        )
    return int(count)


def _crowded(database: Any, cap: int) -> tuple[int, int]:
    keys = database.execute("SELECT count(*) FROM sizes WHERE size > ?", [cap]).fetchall()[0][0]
    behind = database.execute("SELECT count(*) FROM candidates WHERE debt").fetchall()[0][0]
    return int(keys), int(behind)


def _debt(database: Any, model: Model, cap: int) -> tuple[int, tuple[tuple[str, int, int], ...]]:
    """How many likely pairs are hidden behind crowded keys, and behind which: key, mentions, likely pairs."""
    database.execute(
        """
        CREATE TABLE hidden AS SELECT c.one, c.other FROM candidates c
        JOIN scores s ON s.one = c.one AND s.other = c.other
        JOIN records a ON a.id = c.one JOIN records b ON b.id = c.other
        WHERE c.debt AND s.weight >= ? AND a.place <> b.place
        """,
        [model.thresholds.ask],
    )
    likely = database.execute("SELECT count(*) FROM hidden").fetchall()[0][0]
    keys = database.execute(
        """
        SELECT l.key, any_value(z.size), count(*) FROM hidden h JOIN keys l ON l.id = h.one
        JOIN keys r ON r.id = h.other AND r.key = l.key JOIN sizes z ON z.key = l.key AND z.size > ?
        GROUP BY l.key ORDER BY count(*) DESC, l.key LIMIT 20
        """,
        [cap],
    ).fetchall()
    return int(likely), tuple((str(key), int(size), int(count)) for key, size, count in keys)
