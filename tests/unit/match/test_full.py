"""Matching everything anew: a report that changes nothing, and taking it over."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from solmu.errors import Busy, ConfigurationError, SolmuError
from solmu.match import bundles
from solmu.match.engine import Name, engine
from solmu.match.full import look, take_over
from solmu.match.index import Mentions
from solmu.match.model import Thresholds
from solmu.match.rescore import rescore
from solmu.match.resolve import resolve
from solmu.model import Entity
from solmu.store.lease import lease
from solmu.store.tables import block_key, dirty, link, pair
from tests.unit.match.cards import Cards
from tests.unit.match.test_incremental import muddle


@dataclass(frozen=True)
class Settings:
    block_cap: int = 200
    identifiers: tuple[str, ...] = ()
    birth_dates: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    protected: Sequence[str] = ("key_account",)
    engine: Name = "duckdb"
    memory_mb: int = 256


def report_of(cards: Cards, version: str | None = None, **settings: Any) -> tuple[dict[str, Any], set[int]]:
    return look(cards.store, Settings(**settings), crms=cards.crms, version=version)


def follow(cards: Cards) -> None:
    """Resolve what is marked, by the model in force."""
    with cards.store.read() as connection:
        models = bundles.active(connection)
    moment = next(cards.clock)
    resolve(cards.store, cards.settings, run_id=f"r{moment}", now=moment, remotes=cards.crms, models=models)


def with_prior(cards: Cards, factor: float, *, ask: float | None = None) -> str:
    """Keep a version that thinks likenesses likelier by chance than what ships does."""
    with cards.store.write() as connection:
        ours = bundles.shipped()
        models = {}
        for entity, model in ours.models.items():
            prior = model.settings["probability_two_random_records_match"] * factor
            settings = {**model.settings, "probability_two_random_records_match": prior}
            thresholds = Thresholds(model.thresholds.ask if ask is None else ask)
            models[entity] = dataclasses.replace(model, version="other", settings=settings, thresholds=thresholds)
        bundles.keep(connection, bundles.Bundle("other", "trained", 5, models))
    return "other"


def everything(cards: Cards) -> list[Any]:
    return [cards.rows(table) for table in (link, pair, dirty)]


def test_what_is_matched_night_by_night_is_what_matching_anew_finds(cards: Cards) -> None:
    ids = muddle(cards, 1)
    cards.resolve()
    before = everything(cards)
    report, changed = report_of(cards)
    assert changed == set()
    for each in report["pairs"].values():
        assert (each["gained"], each["lost"], each["moved"], each["rescored"]) == ({}, {}, {}, 0)
    stored = len(cards.pairs())
    assert sum(each["unchanged"] for each in report["pairs"].values()) == stored
    # Splink scored them all, and more that were not worth storing.
    assert sum(each["stored"] for each in report["splink"].values()) == stored
    assert sum(each["scored"] for each in report["splink"].values()) >= stored
    assert report["mentions"] == len(ids)
    assert everything(cards) == before


def test_keys_that_an_earlier_release_did_not_make_come_in_with_it(cards: Cards) -> None:
    ids = muddle(cards, 1)
    cards.resolve()
    before = set(cards.rows(block_key))
    with cards.store.write() as connection:
        connection.execute(delete(block_key).where(block_key.c.mention_id == ids[0]))
    _, changed = report_of(cards)
    assert changed == {ids[0]}
    with cards.store.read() as connection:
        take_over(cards.store, bundles.active(connection), changed, who="a steward")
    follow(cards)
    assert set(cards.rows(block_key)) == before


def test_a_stored_weight_that_is_not_splinks_is_a_defect(cards: Cards, tmp_path: Path) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567")
    two = cards.organisation(name="Merivirta Oy", business_id="FI:01234567")
    cards.resolve()
    model = bundles.shipped()(Entity.ORGANISATION)
    mentions = Mentions(Entity.ORGANISATION, crms=(), protected=())
    with cards.store.write() as connection:
        here = (pair.c.left_id == one) & (pair.c.right_id == two)
        connection.execute(update(pair).where(here).values(weight=pair.c.weight + 0.01))
    with (
        engine("duckdb", folder=tmp_path, memory_mb=256) as scratch,
        cards.store.read() as connection,
        pytest.raises(SolmuError, match="1 of 1 stored organisation pairs"),
    ):
        rescore(connection, model, mentions, cap=200, engine=scratch)


def test_another_model_is_shown_before_it_changes_anything_and_then_taken_over(cards: Cards) -> None:
    muddle(cards, 2, size=6)
    cards.resolve()
    version = with_prior(cards, 0.5)
    with cards.store.read() as connection:
        other = bundles.load(connection, version)
    with pytest.raises(ConfigurationError, match="nobody has seen yet") as refused:
        take_over(cards.store, other, None, who="anna")
    assert refused.value.expected == "`solmu match --full --model other` first"
    before = everything(cards)
    report, changed = report_of(cards, version)
    assert (report["version"], report["in_force"]) == ("other", bundles.shipped().version)
    assert sum(each["rescored"] for each in report["pairs"].values()) > 0
    assert everything(cards) == before

    assert take_over(cards.store, other, changed, who="anna") == len(cards.places())
    follow(cards)
    assert {row.model.partition(":")[0] for row in cards.pairs().values()} == {"other"}
    _, left = report_of(cards)
    assert left == set()
    with cards.store.read() as connection:
        assert [each["version"] for each in bundles.versions(connection) if each["active"]] == ["other"]


def test_a_model_of_another_release_makes_way_for_the_one_that_ships(cards: Cards) -> None:
    muddle(cards, 2, size=6)
    cards.resolve()
    with cards.store.write() as connection:
        models = {}
        for entity, model in bundles.shipped().models.items():
            settings = {**model.settings, "comparisons": model.settings["comparisons"][1:]}
            models[entity] = dataclasses.replace(model, version="old", settings=settings)
        bundles.keep(connection, bundles.Bundle("old", "trained", 1, models))
        bundles._write(connection, bundles._ACTIVE, {"version": "old", "since": 1})
    with pytest.raises(ConfigurationError, match="other comparisons") as refused, cards.store.read() as connection:
        bundles.active(connection)
    assert "solmu match --full --model default" in str(refused.value.expected)

    report, _ = report_of(cards, bundles.SHIPPED)
    assert (report["in_force"], report["version"]) == ("old", bundles.shipped().version)
    assert take_over(cards.store, bundles.shipped(), None, who="anna") == len(cards.places())
    with cards.store.read() as connection:
        assert bundles.active(connection).version == bundles.shipped().version


def test_what_would_come_together_and_apart_is_named(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567")
    two = cards.organisation(name="Kuulas Optiikka Oy", business_id="FI:01234567")
    cards.resolve()
    assert cards.together(one, two)
    # Somebody has put one of them elsewhere, behind Solmu's back.
    other = cards.organisation(name="Honkaniemen Paja Oy", city="Oulu", country="FI")
    cards.resolve()
    with cards.store.write() as connection:
        connection.execute(update(link).where(link.c.mention_id == two, link.c.until.is_(None)).values(until=77))
        connection.execute(
            link.insert().values(mention_id=two, golden_id=other, since=77, why="born", run_id="by hand")
        )
    report, changed = report_of(cards)
    assert two in changed
    merge, split = (report["clusters"]["organisation"][name] for name in ("merge", "split"))
    assert (merge["count"], split["count"]) == (1, 1)
    assert len(merge["examples"][0]["with"]) == 1
    assert take_over(cards.store, bundles.shipped(), changed, who="anna") == len(changed)
    follow(cards)
    assert cards.together(one, two)


def test_likely_pairs_behind_a_crowded_key_are_found(cards: Cards) -> None:
    for number in range(6):
        cards.person(given_name="Aino", family_name="Salmela", phone=["+358401234567"], city=f"Town {number}")
    cards.settings = dataclasses.replace(cards.settings, block_cap=3)
    cards.resolve()
    assert cards.pairs() == {}
    report, _ = report_of(cards, block_cap=3)
    people = report["splink"]["person"]
    assert people["scored"] == 0
    assert people["behind"] == people["likely"] == 15
    assert ("p|tel|+358401234567", 6) in [(each[0], each[1]) for each in people["keys"]]
    # With a higher cap they are pairs, and matching anew finds them.
    report, changed = report_of(cards, block_cap=10)
    assert len(changed) == 6
    assert sum(report["pairs"]["person"]["gained"].values()) == 15


def test_nobody_is_waited_for_who_resolves_just_now(cards: Cards) -> None:
    with lease(cards.store, "resolve"), pytest.raises(Busy):
        report_of(cards)


def test_a_version_never_changes(cards: Cards) -> None:
    with_prior(cards, 0.5)
    with cards.store.read() as connection:
        kept = bundles.load(connection, "other")
        assert kept(Entity.PERSON).thresholds.same is None
        with pytest.raises(ConfigurationError, match="no model 'othr'") as unknown:
            bundles.load(connection, "othr")
    assert unknown.value.expected is not None
    assert "other" in unknown.value.expected
    assert isinstance(unknown.value, SolmuError)
