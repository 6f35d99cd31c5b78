"""What full runs are scored with: DuckDB, or Spark with the same answers."""

from __future__ import annotations

import importlib.machinery
import re
import sys
import types
from pathlib import Path

import pytest

from solmu.config.settings import Matching
from solmu.errors import ConfigurationError
from solmu.match.bundles import shipped
from solmu.match.engine import engine
from solmu.match.engine_spark import in_sparks_sql
from solmu.match.full import look
from solmu.model import Entity
from solmu.store import open_store
from tests.peers import spark
from tests.unit.match.cards import Cards
from tools.training_data import make

DUCKDBS_OWN = re.compile(r"\b(list_\w+|jaro_winkler_similarity)\(")


@pytest.mark.parametrize("entity", Entity)
def test_every_condition_of_the_model_is_said_in_sparks_words(entity: Entity) -> None:
    settings = shipped()(entity).settings
    levels = [each for one in settings["comparisons"] for each in one["comparison_levels"]]
    said = [each for one in in_sparks_sql(settings)["comparisons"] for each in one["comparison_levels"]]
    assert any(DUCKDBS_OWN.search(each["sql_condition"]) for each in levels)
    assert not [each for each in said if DUCKDBS_OWN.search(each["sql_condition"])]
    # Nothing else of the model is another one.
    left_out = {"sql_condition": None}
    assert [{**each, **left_out} for each in said] == [{**each, **left_out} for each in levels]


def test_whoever_asks_for_spark_without_pyspark_is_told_before_anything_begins(
    cards: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(ConfigurationError) as refused:
        look(cards.store, Matching(engine="spark"), crms=())
    assert (refused.value.code, refused.value.field) == ("no-spark", "matching.engine")
    assert refused.value.expected is not None
    assert "solmu[spark]" in refused.value.expected


def test_whoever_asks_for_spark_without_java_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = types.ModuleType("pyspark")
    there.__spec__ = importlib.machinery.ModuleSpec("pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark", there)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with (
        pytest.raises(ConfigurationError, match="no Java") as refused,
        engine("spark", folder=tmp_path, memory_mb=512),
    ):
        raise AssertionError("it began")
    assert refused.value.code == "no-java"


@pytest.mark.slow
@pytest.mark.peer("spark")
@pytest.mark.timeout(600)  # a minute where nothing else runs
def test_spark_says_of_every_pair_what_duckdb_says(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'solmu.db'}"
    with open_store(url) as store:
        cards = Cards(store)
        world = make(7, 60)
        for one in world.organisations:
            cards.add(one.values, *one.people, system=one.system)
        cards.resolve()
    found = spark.run("tests.peers.spark_scores", url, str(tmp_path), "4", seconds=540)
    for entity in Entity:
        ours, theirs = found["duckdb"][entity.value], found["spark"][entity.value]
        assert ours["said"] == theirs["said"]
        # Behind crowded keys too, and there are some.
        assert {behind for *_, behind in ours["pairs"]} == {False, True}
        assert [(one, two, behind) for one, two, _, behind in ours["pairs"]] == [
            (one, two, behind) for one, two, _, behind in theirs["pairs"]
        ]
        differ = [abs(one[2] - two[2]) for one, two in zip(ours["pairs"], theirs["pairs"], strict=True)]
        assert max(differ) < 1e-6


@pytest.mark.slow
@pytest.mark.peer("spark")
@pytest.mark.timeout(600)
def test_a_full_run_reports_the_same_on_either_engine(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'solmu.db'}"
    with open_store(url) as store:
        cards = Cards(store)
        world = make(7, 40)
        ids = [cards.add(one.values, *one.people, system=one.system) for one in world.organisations]
        cards.resolve()
        # Something that no run has matched yet, so that there is a difference to report.
        for one, (first, *_) in list(zip(world.organisations, ids, strict=True))[::5]:
            cards.change(first, **{**one.values, "name": f"{one.values['name']} Huolto"})
    found = spark.run("tests.peers.spark_scores", url, str(tmp_path), "4", "--reports", seconds=540)
    ours, theirs = found["duckdb"], found["spark"]
    assert ours["report"].pop("made") <= theirs["report"].pop("made")
    assert ours == theirs
    assert ours["changed"]
    assert ours["report"]["splink"]["organisation"]["scored"] > 0
