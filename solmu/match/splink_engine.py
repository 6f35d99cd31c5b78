"""Splink 5 on DuckDB: it trains the models and defines the score.

DuckDB is scratch, in memory, and never the store. Splink and pyarrow are imported here and in ``train`` only, when they
are needed: a night does without them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from solmu.match.comparisons import COMPARISONS, Comparison, Level
from solmu.match.features import Features
from solmu.match.model import Frequencies, Model
from solmu.match.rows import list_columns, row, text_columns
from solmu.model import Entity

ID = "unique_id"


def untrained_settings(entity: Entity) -> dict[str, Any]:
    """Splink's settings for an entity, with our comparisons and nothing learnt yet."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": ID,
        "probability_two_random_records_match": 1e-4,
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
        "comparisons": [_comparison(one) for one in COMPARISONS[entity]],
        # Candidates come from the block index in the store; Splink wants a rule all the same.
        "blocking_rules_to_generate_predictions": [{"blocking_rule": "l.place = r.place", "sql_dialect": "duckdb"}],
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "output_column_name": one.name,
        "comparison_description": one.title,
        "comparison_levels": [_level(level) for level in one.levels],
    }


def _level(level: Level) -> dict[str, Any]:
    settings: dict[str, Any] = {"sql_condition": level.condition.sql, "label_for_charts": level.label}
    if level.null:
        settings["is_null_level"] = True
    if level.frequency is not None:
        settings |= {"tf_adjustment_column": level.frequency, "tf_adjustment_weight": 1.0}
    return settings


def table(entity: Entity, features: Sequence[Features], first_id: int = 0, ids: Sequence[int] | None = None) -> Any:
    """The rows of the features as an Arrow table with typed columns, so that an empty column compares too.

    They are numbered from ``first_id`` on, or by ``ids``.
    """
    import pyarrow

    rows = [row(one) for one in features]
    numbers = range(first_id, first_id + len(rows)) if ids is None else ids
    columns: dict[str, Any] = {ID: pyarrow.array(numbers, pyarrow.int64())}
    for name in text_columns(entity):
        columns[name] = pyarrow.array([one[name] for one in rows], pyarrow.string())
    for name in list_columns(entity):
        columns[name] = pyarrow.array([one[name] for one in rows], pyarrow.list_(pyarrow.string()))
    return pyarrow.table(columns)


def linker(entity: Entity, features: Sequence[Features], settings: Mapping[str, Any]) -> Any:
    """A Splink linker over the features, in a database of its own in memory."""
    from splink import DuckDBAPI, Linker

    database = DuckDBAPI()
    frame = database.register(table(entity, features), dataset_display_name="mentions")
    return Linker(frame, dict(settings), log_level=logging.ERROR)


def score_all(
    model: Model, left: Sequence[Features], right: Sequence[Features], frequencies: Frequencies | None = None
) -> dict[tuple[int, int], tuple[float, float]]:
    """Splink's match weight and probability of each pair of ``left`` × ``right``, by their positions."""
    import pyarrow

    shares = model.frequencies if frequencies is None else frequencies
    splink = linker(model.entity, left, model.settings)
    database = splink._db_api
    for level in (level for one in COMPARISONS[model.entity] for level in one.levels if level.frequency):
        column = level.frequency
        known = shares.get(str(column), {})
        lookup = pyarrow.table(
            {
                str(column): pyarrow.array(known.keys(), pyarrow.string()),
                f"tf_{column}": pyarrow.array(known.values(), pyarrow.float64()),
            }
        )
        splink.table_management.register_term_frequency_lookup(database.register(lookup), column)
    frames = [database.register(table(model.entity, side, start)) for side, start in ((left, 0), (right, len(left)))]
    scored = splink.inference.score_pairs(*frames).as_duckdbpyrelation()
    wanted = f"{ID}_l, {ID}_r, match_weight, match_probability"
    return {
        (one, two - len(left)): (weight, probability)
        for one, two, weight, probability in scored.select(wanted).fetchall()
    }
