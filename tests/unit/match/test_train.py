"""A model of the hub's own data: learnt, kept as a version, and scored by it as Splink scores. All synthetic."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from solmu.match import bundles, learn
from solmu.match.features import Features, organisation_features, person_features
from solmu.match.index import Mentions
from solmu.match.learn import doubtful
from solmu.match.model import Model, default_model
from solmu.match.score import Scorer
from solmu.match.train import Untrainable, _mixed, _silence, train
from solmu.model import Entity
from solmu.store import open_store
from solmu.store.tables import mention
from tests.unit.match.cards import Cards
from tests.unit.match.test_score import agree


@dataclass(frozen=True)
class Settings:
    block_cap: int = 200
    identifiers: tuple[str, ...] = ()
    birth_dates: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    protected: Sequence[str] = ("key_account",)
    max_pairs: int = 20_000


@pytest.fixture(autouse=True)
def only_our_warnings() -> Iterator[None]:
    """Splink and DuckDB warn of their own future; it is pinned."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        yield


def fill(cards: Cards) -> None:
    """Sixty companies, most of them known to two systems, and many of one name."""
    towns = ("Rauma", "Oulu", "Hanko")
    for number in range(60):
        word = f"{'kmrsvt'[number % 6]}{'aeiou'[number % 5]}lo{'bdfghj'[number // 10]}ema"
        values = {
            "name": f"{word} Paja Oy" if number % 4 else "Rauman Metalli Oy",
            "domain": f"{word}{number}.example", "phone": [f"+3584012345{number:02}"],
            "street": f"Satamakatu {number + 1}", "city": towns[number % 3], "country": "FI",
        }  # fmt: skip
        cards.organisation(**values)
        if number % 3:
            other = {**values, "name": str(values["name"]).replace("Paja", "Pajat")}
            del other["street" if number % 2 else "phone"]
            cards.organisation(system="list", **other)
    cards.resolve()


def test_a_version_is_learnt_from_the_store_and_scores_as_splink_does(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learn, "LEAST", 50)
    with open_store(database_url) as store:
        cards = Cards(store)
        fill(cards)
        bundle = learn.learn(store, Settings(), crms=("crm",), now=1_700_000_000_000_000, seed=3)
        model = bundle(Entity.ORGANISATION)
        assert (bundle.version, bundle.kind) == ("2023-11-14", "trained")
        assert model.thresholds.same is None
        assert model.notes["mentions"] == 100
        # Nobody said anything of people, so their model stays what it was.
        assert bundle(Entity.PERSON) is bundles.shipped()(Entity.PERSON)
        # Of names only those are kept that many bear.
        assert set(model.frequencies["name"]) == {"rauman metalli"}
        assert doubtful(model) == []

        with store.write() as connection:
            bundles.keep(connection, bundle)
        with store.read() as connection:
            assert bundles.active(connection).version == bundles.shipped().version
            assert bundles.load(connection, "2023-11-14")(Entity.ORGANISATION).name == model.name
            assert bundles.new_version(connection, "2023-11-14") == "2023-11-14.2"
            ids = [row.id for row in connection.execute(mention.select().limit(24))]
            known = Mentions(Entity.ORGANISATION, crms=(), protected=()).load(connection, ids)
    features = [one.features for one in known.values()]
    agree(model, features[:12], features[12:], {name: dict(values) for name, values in model.frequencies.items()})


def test_who_has_nothing_but_names_keeps_their_model_and_it_is_said_why(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learn, "LEAST", 50)
    said: list[Untrainable] = []
    with open_store(database_url) as store:
        cards = Cards(store)
        fill(cards)
        for number in range(60):
            cards.person(given_name="Aino", family_name=f"Salmela{'abcdefghij'[number % 10]}")
        cards.resolve()
        bundle = learn.learn(store, Settings(), crms=(), now=1, seed=3, warn=said.append)
    assert bundle(Entity.PERSON) is bundles.shipped()(Entity.PERSON)
    assert bundle(Entity.ORGANISATION) is not bundles.shipped()(Entity.ORGANISATION)
    assert [one.code for one in said] == ["nothing-to-compare"]


def test_too_little_teaches_nothing(database_url: str) -> None:
    with open_store(database_url) as store:
        Cards(store).organisation(name="Merivirta Oy")
        with pytest.raises(Untrainable, match="too little"):
            learn.learn(store, Settings(), crms=(), now=1, seed=1)


def named(count: int, **more: Any) -> list[Features]:
    """So many companies, each on two cards, that have a name and nothing else but what is given."""
    draw = random.Random(5)
    words = ["".join(draw.choices(("ka", "lo", "mi", "ve", "ru", "to", "sa"), k=4)) for _ in range(count)]
    cards: list[Features] = []
    for number, word in enumerate(words):
        values = {"name": f"{word} Paja", **{key: value[number % len(value)] for key, value in more.items()}}
        cards += [organisation_features(values), organisation_features(values)]
    return cards


def taught(entity: Entity, features: Sequence[Features]) -> Model:
    base = default_model(entity)
    return train(entity, features, version="t", thresholds=base.thresholds, seed=3, max_pairs=100_000, base=base)


def test_where_there_is_nothing_but_names_nothing_is_learnt_and_it_is_said_what_would_help() -> None:
    with pytest.raises(Untrainable, match="nothing here tells the organisations apart") as raised:
        taught(Entity.ORGANISATION, named(100))
    assert raised.value.code == "nothing-to-compare"
    with pytest.raises(Untrainable, match="but one thing to compare"):
        taught(Entity.ORGANISATION, [*named(100), *named(1, city=("Oulu",))])
    people = [person_features({"given_name": "Aino", "family_name": f"Salmela{number % 9}"}) for number in range(60)]
    with pytest.raises(Untrainable, match="nothing here tells the persons apart") as raised:
        taught(Entity.PERSON, people)
    assert "an e-mail, a phone" in str(raised.value.expected)


def test_what_true_pairs_share_is_not_taken_for_chance() -> None:
    cards = named(120, city=("Rauma", "Oulu", "Hanko", "Turku", "Vaasa", "Kemi", "Pori"))
    model = taught(Entity.ORGANISATION, cards)
    # Every other card is a second one; of random pairs nearly all that share a name are those.
    assert Scorer(model).score(cards[0], cards[1]).probability > 0.9
    assert model.settings["probability_two_random_records_match"] == pytest.approx(1 / 239, rel=0.1)


def test_the_data_say_nearly_all_and_the_base_model_a_little() -> None:
    mixed = _mixed([80.0, 20.0, 0.0], [0.5, 0.3, 0.2], [True, True, True])
    assert mixed == pytest.approx([0.785, 0.205, 0.01])
    # A base model that knows nothing of it lends nothing.
    assert _mixed([80.0, 20.0, 0.0], [0.0, 0.0, 0.0], [True, True, True]) == pytest.approx([0.8, 0.2, 0.0], abs=1e-4)


def test_where_the_data_say_nothing_the_base_models_word_stands() -> None:
    assert _mixed([0.0, 0.0], [0.7, 0.3], [True, True]) == pytest.approx([0.7, 0.3])


def test_what_is_counted_borrows_nothing_and_what_was_never_seen_is_rare_and_not_impossible() -> None:
    mixed = _mixed([0.99, 0.01, 0.0], [0.2, 0.2, 0.6], [False, False, False])
    assert mixed == pytest.approx([0.99, 0.01, 0.0], abs=1e-4)
    assert mixed[2] > 0
    assert sum(mixed) == pytest.approx(1)


Named = tuple[dict[str, Any], dict[str, Any], tuple[str, str]]


def levels(*found: tuple[float, float, float]) -> list[Named]:
    """Levels with m and u as settled, and the m of a base model."""
    return [
        ({"m_probability": m, "u_probability": u}, {"m_probability": lent}, ("name", str(place)))
        for place, (m, u, lent) in enumerate(found)
    ]


def test_a_likeness_that_no_true_pair_has_says_nothing_and_the_others_keep_their_proportions() -> None:
    found = levels((0.6, 0.01, 0.5), (0.00001, 0.04, 0.0), (0.4, 0.95, 0.5))
    _silence(found, {("name", "0"): 0.6, ("name", "2"): 0.4})
    best, silent, worst = (mine for mine, _, _ in found)
    assert silent["m_probability"] == silent["u_probability"] == 0.04
    assert best["m_probability"] == pytest.approx(0.576, abs=1e-4)
    assert worst["m_probability"] == pytest.approx(0.384, abs=1e-4)


def test_a_likeness_that_a_base_model_knows_or_that_is_the_last_is_not_silenced() -> None:
    found = levels((0.6, 0.01, 0.5), (0.01, 0.04, 0.2), (0.39, 0.95, 0.0))
    before = [dict(mine) for mine, _, _ in found]
    _silence(found, {("name", "0"): 0.6})
    assert [mine for mine, _, _ in found] == [pytest.approx(mine) for mine in before]


def test_where_every_likeness_is_silent_all_stay_as_they_are() -> None:
    found = levels((0.1, 0.01, 0.0), (0.9, 0.99, 0.0))
    _silence(found, {})
    assert [mine["m_probability"] for mine, _, _ in found] == [0.1, 0.9]
