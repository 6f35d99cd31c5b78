"""Candidates of a set of a million records, some hundred million: scored by DuckDB, as full runs are."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from solmu.match.engine import engine, score
from solmu.match.features import Features
from solmu.match.model import Model
from solmu.match.splink_engine import table

_PAGE = 50_000
_PAIRS = 1_000_000
_MEMORY_MB = 4_000


def likely_pairs(
    features: Sequence[Features], model: Model, candidates: Iterable[tuple[int, int]], *, least: float
) -> tuple[float, Iterator[tuple[int, int, float, float]]]:
    """The candidates that are the same with a probability of ``least``: left, right, weight, probability.

    Before them, how many of the others are the same, as the model has it. Candidates are numbers of features.
    """
    import pyarrow

    with (
        warnings.catch_warnings(),
        tempfile.TemporaryDirectory() as folder,
        engine("duckdb", folder=Path(folder), memory_mb=_MEMORY_MB) as scratch,
    ):
        warnings.simplefilter("ignore")  # Splink and DuckDB warn of their own future; they are pinned
        for first in range(0, len(features), _PAGE):
            scratch.fill("mentions", table(model.entity, features[first : first + _PAGE], first))
        waiting = iter(candidates)
        while some := list(islice(waiting, _PAIRS)):
            ones, others = zip(*some, strict=True)
            scratch.fill("candidates", pyarrow.table({"one": ones, "other": others}))
        score(scratch, model)
        scratch.define("chances", "SELECT one, other, weight, 1 - 1 / (1 + pow(2, weight)) AS chance FROM scores")
        [[unlikely]] = scratch.rows(f"SELECT coalesce(sum(chance), 0) FROM chances WHERE chance < {least}")
        likely = scratch.rows(f"SELECT * FROM chances WHERE chance >= {least} ORDER BY one, other")
    return float(unlikely), ((int(one), int(other), weight, chance) for one, other, weight, chance in likely)
