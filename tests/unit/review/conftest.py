"""A store of cards with a queue in it. All companies are made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from solmu.golden.recompute import recompute
from solmu.golden.rules import Rules
from solmu.match.decisions import Verdict
from solmu.review.decide import Decided
from solmu.review.decide import decide as decide_pair
from solmu.review.names import PairId
from solmu.review.priority import rank
from solmu.store import open_store
from tests.unit.match.cards import Cards

Decide = Callable[..., Decided]

SHEET_METAL = {"name": "Merivirta Oy", "street": "Satamakatu 1", "city": "Rauma", "country": "FI"}
HYDRAULICS = {"name": "Kuulas Hydrauliikka Oy", "street": "Tehtaankatu 5", "city": "Oulu", "country": "FI"}


class Hub(Cards):
    """Cards, resolved with their golden records computed."""

    def settle(self) -> None:
        self.resolve()
        recompute(self.store, Rules(sources=("erp", "crm")), targets=())
        rank(self.store)

    def asked(self, **values: object) -> PairId:
        """Two live records of one CRM, which are never joined unasked."""
        one, two = (self.organisation(system="crm", **values) for _ in range(2))
        return PairId(one, two)


@pytest.fixture
def hub(database_url: str) -> Iterator[Hub]:
    with open_store(database_url) as store:
        yield Hub(store)


@pytest.fixture
def decide(hub: Hub) -> Decide:
    """Decides a pair in a transaction of its own, as Anna unless told otherwise."""

    def decided(pair: PairId, verdict: Verdict, *, who: str = "anna", seen: str | None = None) -> Decided:
        with hub.store.write() as connection:
            return decide_pair(connection, pair, verdict, who=who, now=1_700_000_000_000_000, seen=seen)

    return decided
