"""Splink from the claims of a store to clusters in it: training, prediction, clusters, and a table of who is in which.

Settings follow Splink's documentation: comparisons of its library with term frequencies for names, several blocking
rules that a slip elsewhere leaves untouched, u by random sampling, m by expectation maximisation in two sessions that
hold other columns fixed, clusters at a probability of 0.95. https://moj-analytical-services.github.io/splink/
"""

from __future__ import annotations

import logging
import sqlite3
import warnings
from pathlib import Path
from typing import Any

_COLUMNS = {
    "organisation": ("name", "domain", "country", "city", "postcode"),
    "person": ("name", "email", "phone", "company"),
}
_SEVERAL = ("email", "phone")
_PAGE = 10_000


def clusters_into(database: Path) -> dict[str, int]:
    """Write ``splink_cluster`` (mention_id, cluster_id) into the store; gives the number of clusters by entity."""
    counts: dict[str, int] = {}
    store = sqlite3.connect(database)
    store.execute("CREATE TABLE splink_cluster (mention_id INTEGER PRIMARY KEY, cluster_id INTEGER NOT NULL)")
    for entity in _COLUMNS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows = _clusters(entity, _table(store, entity))
        with store:
            for page in rows.to_batches(max_chunksize=_PAGE):
                pairs = zip(page["unique_id"].to_pylist(), page["cluster_id"].to_pylist(), strict=True)
                store.executemany("INSERT INTO splink_cluster VALUES (?, ?)", pairs)
        found = store.execute(
            "SELECT count(DISTINCT cluster_id) FROM splink_cluster JOIN mention ON id = mention_id WHERE entity = ?",
            [entity],
        )
        counts[entity] = found.fetchone()[0]
    store.close()
    return counts


def _table(store: sqlite3.Connection, entity: str) -> Any:
    """The claims as columns, taken out of them by the database; of what there may be several of, the first."""
    import pyarrow

    names = _COLUMNS[entity]
    # By record and slot, which is an index; by record and entity SQLite would read all organisations for each person.
    rows = store.execute(
        f"""
        SELECT m.id, {", ".join(map(_value, names))} FROM mention m
        LEFT JOIN mention o ON o.record_id = m.record_id AND o.slot = 'organisation'
        WHERE m.entity = ? ORDER BY m.id
        """,
        [entity],
    )
    kinds = [pyarrow.field("unique_id", pyarrow.int64()), *(pyarrow.field(name, pyarrow.string()) for name in names)]
    schema = pyarrow.schema(kinds)
    batches = []
    while page := rows.fetchmany(_PAGE):
        columns = zip(*page, strict=True)
        arrays = [pyarrow.array(values, kind.type) for values, kind in zip(columns, schema, strict=True)]
        batches.append(pyarrow.record_batch(arrays, schema=schema))
    return pyarrow.Table.from_batches(batches, schema)


def _value(name: str) -> str:
    if name == "company":
        return "json_extract(o.claim, '$.name.value')"
    return f"json_extract(m.claim, '$.{name}.value{'[0]' if name in _SEVERAL else ''}')"


def _clusters(entity: str, table: Any) -> Any:
    from splink import DuckDBAPI, Linker, SettingsCreator

    comparisons, blocking, certain, sessions = _settings(entity)
    settings = SettingsCreator(
        link_type="dedupe_only", comparisons=comparisons, blocking_rules_to_generate_predictions=blocking
    )
    linker = Linker(DuckDBAPI().register(table), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(certain, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for session in sessions:
        linker.training.estimate_parameters_using_expectation_maximisation(session)
    scored = linker.inference.predict(threshold_match_probability=0.9)
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(scored, threshold_match_probability=0.95)
    # Clusters are named by one of their records.
    return found.as_duckdbpyrelation().select("unique_id, cluster_id").to_arrow_table()


def _settings(entity: str) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    import splink.comparison_library as cl
    from splink import block_on

    if entity == "organisation":
        return (
            [
                cl.JaroWinklerAtThresholds("name", [0.92, 0.88]).configure(term_frequency_adjustments=True),
                cl.ExactMatch("domain"),
                cl.LevenshteinAtThresholds("city", [1, 2]),
                cl.ExactMatch("postcode"),
                cl.ExactMatch("country"),
            ],
            [block_on("name"), block_on("domain"), block_on("substr(name, 1, 6)", "city")],
            [block_on("name", "city"), block_on("domain")],
            [block_on("name"), block_on("domain")],
        )
    return (
        [
            cl.JaroWinklerAtThresholds("name", [0.92, 0.88]).configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
            cl.LevenshteinAtThresholds("phone", [1, 2]),
            cl.JaroWinklerAtThresholds("company", [0.92]),
        ],
        [block_on("email"), block_on("phone"), block_on("name"), block_on("company", "substr(name, 1, 4)")],
        [block_on("email"), block_on("phone", "name")],
        [block_on("email"), block_on("company")],
    )
