"""Full runs on Spark, for hubs that one machine cannot score in a night.

Which cluster, and with what rights, is said where Spark looks for it (``SPARK_CONF_DIR``, ``spark-defaults.conf``,
``PYSPARK_PYTHON``); with nothing said it works on this machine. Splink's own jar brings the Damerau–Levenshtein
distance. Its Jaro–Winkler similarity counts transpositions otherwise than DuckDB and rapidfuzz do (the two differ in
about one pair of sixteen that are alike), so that one comes from rapidfuzz, which every worker's Python must have.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from solmu.errors import ConfigurationError, SolmuError
from solmu.match.model import Model

_JARO_WINKLER = "solmu_jaro_winkler"
_LEAST_MEMORY_MB = 512  # Spark's driver does not start with less
# What DuckDB's SQL calls otherwise. Null in, null or false out, as there.
_FUNCTIONS = (
    (re.compile(r"list_has_any\((\w+), (\w+)\)"), r"arrays_overlap(\1, \2)"),
    (re.compile(r"list_has_all\((\w+), (\w+)\)"), r"(size(array_except(\2, \1)) = 0)"),
    (re.compile(r"jaro_winkler_similarity\("), f"{_JARO_WINKLER}("),
)


class Spark:
    """See ``engine.Engine``."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._waiting: dict[str, list[Any]] = {}  # filled, and not handed to Spark yet

    def fill(self, table: str, rows: Any) -> None:
        self._waiting.setdefault(table, []).append(rows)

    def define(self, table: str, query: str) -> None:
        self._hand_over()
        self._session.sql(query).persist().createOrReplaceTempView(table)

    def rows(self, query: str) -> Sequence[Sequence[Any]]:
        self._hand_over()
        return [tuple(row) for row in self._session.sql(query).collect()]

    def splink(self) -> Any:
        from splink.backends.spark import SparkAPI

        self._hand_over()
        # Splink's default writes files that driver and workers must both see; what is persisted needs none.
        make: Any = SparkAPI
        api = make(spark_session=self._session, break_lineage_method="persist")
        self._session.udf.register(_JARO_WINKLER, _jaro_winkler())
        return api

    def settings(self, model: Model) -> dict[str, Any]:
        return in_sparks_sql(model.settings)

    def clear(self) -> None:
        self._waiting.clear()
        catalog = self._session.catalog
        for table in catalog.listTables():
            catalog.dropTempView(table.name)
        catalog.clearCache()

    def _hand_over(self) -> None:
        import pyarrow

        while self._waiting:
            table, batches = self._waiting.popitem()
            self._session.createDataFrame(pyarrow.concat_tables(batches)).persist().createOrReplaceTempView(table)


@contextmanager
def spark(*, memory_mb: int, folder: Path) -> Iterator[Spark]:
    """A session, which ends with the block. Raises ConfigurationError where pyspark or Java is not there, SolmuError
    where Spark does not start."""
    session = _session(max(memory_mb, _LEAST_MEMORY_MB), folder)
    try:
        yield Spark(session)
    finally:
        session.stop()


def in_sparks_sql(settings: Mapping[str, Any]) -> dict[str, Any]:
    """A model's settings with every condition in Spark's words."""
    comparisons = [
        {
            **comparison,
            "comparison_levels": [
                {**level, "sql_condition": _translated(level["sql_condition"])}
                for level in comparison["comparison_levels"]
            ],
        }
        for comparison in settings["comparisons"]
    ]
    rules = [{**rule, "sql_dialect": "spark"} for rule in settings["blocking_rules_to_generate_predictions"]]
    return {**settings, "comparisons": comparisons, "blocking_rules_to_generate_predictions": rules}


def _translated(condition: str) -> str:
    for pattern, words in _FUNCTIONS:
        condition = pattern.sub(words, condition)
    return condition


def require_spark() -> None:
    """Raise ConfigurationError where pyspark or Java is not there."""
    if find_spec("pyspark") is None:
        raise ConfigurationError(
            "hub.yaml asks for Spark, and pyspark is not installed",
            code="no-spark",
            field="matching.engine",
            value="spark",
            expected="pip install 'solmu[spark]', or `engine: duckdb`",
        )
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and Path(home, "bin", "java").exists()):
        raise ConfigurationError(
            "hub.yaml asks for Spark, and there is no Java on this machine",
            code="no-java",
            field="matching.engine",
            value="spark",
            expected="Java 17 or later on PATH or in JAVA_HOME, or `engine: duckdb`",
        )


def _session(memory_mb: int, folder: Path) -> Any:
    require_spark()
    from pyspark.sql import SparkSession
    from splink.backends.spark import similarity_jar_location

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # for the workers on this machine
    builder = (
        SparkSession.builder.appName("solmu match --full")
        .config("spark.jars", similarity_jar_location())
        .config("spark.driver.memory", f"{memory_mb}m")
        .config("spark.local.dir", str(folder))
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
    )
    try:
        session = builder.getOrCreate()
    except Exception as error:
        raise SolmuError(
            "Spark does not start",
            code="spark-failed",
            field="matching.engine",
            value=str(error).partition("\n")[0],
            expected="a Spark that `pyspark` starts with in the same environment; its log is above",
        ) from error
    session.sparkContext.setLogLevel("ERROR")
    if session.sparkContext.master.startswith("local"):
        # Its default of 200 is for clusters: here it would be 200 small files for each step.
        session.conf.set("spark.sql.shuffle.partitions", str(session.sparkContext.defaultParallelism))
    return session


def _jaro_winkler() -> Callable[..., Any]:
    """The similarity over Arrow arrays. Made here, so that it travels to workers whose Python has no Solmu."""
    from pyspark.sql.functions import ArrowUDFType, arrow_udf

    def similarity(left: Any, right: Any) -> Any:
        import pyarrow
        from rapidfuzz.distance import JaroWinkler

        pairs = zip(left.to_pylist(), right.to_pylist(), strict=True)
        found = [None if one is None or two is None else JaroWinkler.similarity(one, two) for one, two in pairs]
        return pyarrow.array(found, pyarrow.float64())

    made: Callable[..., Any] = arrow_udf(similarity, "double", ArrowUDFType.SCALAR)
    return made
