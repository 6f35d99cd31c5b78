"""What a full run is scored with: Splink on DuckDB, or on Spark where one machine is too small.

Both get the same model, the same candidates and the same questions, in SQL that both understand, and give the same
answers. An engine is scratch: what it holds is gone when its block ends.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

from solmu.match.comparisons import frequency_columns
from solmu.match.model import Model
from solmu.match.splink_engine import ID

Name = Literal["duckdb", "spark"]


class Engine(Protocol):
    """A database that Splink can work in."""

    def fill(self, table: str, rows: Any) -> None:
        """Add an Arrow table's rows to a table, which the first of them makes. All have the same columns."""

    def define(self, table: str, query: str) -> None:
        """Make a table of a query's result."""

    def rows(self, query: str) -> Sequence[Sequence[Any]]:
        """A query's result."""

    def splink(self) -> Any:
        """Splink's interface to this database."""

    def settings(self, model: Model) -> dict[str, Any]:
        """The model's settings in this database's SQL."""

    def clear(self) -> None:
        """Forget all tables."""


def require(name: Name) -> None:
    """Raise ConfigurationError where that engine is not to be had: to be asked before anything long begins."""
    if name == "spark":
        from solmu.match.engine_spark import require_spark

        require_spark()


@contextmanager
def engine(name: Name, *, folder: Path, memory_mb: int) -> Iterator[Engine]:
    """The engine of that name, for as long as the block lasts.

    It may use so much memory, and lay in ``folder`` what does not fit. Raises ConfigurationError where Spark is asked
    for and not there.
    """
    if name == "spark":
        from solmu.match.engine_spark import spark

        with spark(memory_mb=memory_mb, folder=folder) as made:
            yield made
    else:
        from solmu.match.engine_duckdb import duckdb_in

        with duckdb_in(folder, memory_mb=memory_mb) as made:
            yield made


def score(engine: Engine, model: Model) -> None:
    """Make ``scores`` (one, other, weight): what Splink says of ``candidates`` (one, other) among ``mentions``."""
    import pyarrow
    from splink import Linker

    api = engine.splink()
    linker = Linker(api.register("mentions"), engine.settings(model), log_level=logging.ERROR)
    for column in frequency_columns(model.entity):
        known: Mapping[str, float] = model.frequencies.get(column, {})
        lookup = pyarrow.table(
            {
                column: pyarrow.array(known.keys(), pyarrow.string()),
                f"tf_{column}": pyarrow.array(known.values(), pyarrow.float64()),
            }
        )
        linker.table_management.register_term_frequency_lookup(api.register(lookup), column)
    engine.define("blocked", "SELECT '0' AS match_key, one AS join_key_l, other AS join_key_r FROM candidates")
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    scored = linker.inference.predict(warning_mode="never")
    engine.define(
        "scores",
        f"SELECT least({ID}_l, {ID}_r) AS one, greatest({ID}_l, {ID}_r) AS other, match_weight AS weight "  # noqa: S608
        f"FROM {scored.physical_name}",
    )
