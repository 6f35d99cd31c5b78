"""A model of the hub's own data: learnt, kept as a version, and scored by it as Splink scores. All synthetic."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from solmu.match import bundles, learn
from solmu.match.index import Mentions
from solmu.match.learn import doubtful
from solmu.match.train import Untrainable
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


def test_too_little_teaches_nothing(database_url: str) -> None:
    with open_store(database_url) as store:
        Cards(store).organisation(name="Merivirta Oy")
        with pytest.raises(Untrainable, match="too little"):
            learn.learn(store, Settings(), crms=(), now=1, seed=1)
