"""Which deals of a customer become records of their own in a target."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from solmu.sync.admission import Rules
from solmu.sync.deals import OVER, THERE, kept_out_by
from solmu.sync.mirror import Known
from solmu.sync.planned import TargetStream
from solmu.sync.views import Hung, Views

CUSTOMER = 7


def stream(**only: Any) -> TargetStream:
    return TargetStream("opportunities", None, None, "deal", Rules((), ()), {}, None, only=only)  # type: ignore[arg-type]


def hung(id: int, table: str = "deal", **document: Any) -> Hung:
    return Hung(table, id, document, f"erp/quotes/{id}", None)


def known(state: str) -> Known:
    nothing: Any = MappingProxyType({})
    return Known(
        1, "opportunities", "006", "rec_1", True, state, "primary", None, "deal", 1, nothing, nothing, nothing, None
    )


def kept_out(deal: Hung, *others: Hung, there: tuple[str, ...] = (), only: Any = None, **states: str) -> str | None:
    """``states`` are those of the records there, by the letter d and the deal's id."""
    views = Views("crm", "plan_1")
    views.hanging[CUSTOMER] += [deal, *others]
    views.deals_there[CUSTOMER] |= set(there)
    views.hung_remotes |= {("deal", int(name[1:])): known(state) for name, state in states.items()}
    return kept_out_by(views, CUSTOMER, stream(**(only or {})), deal, views.hung_remotes.get(("deal", deal.id)))


@pytest.mark.parametrize("stage", ["Lost", "closed_won", "Closed Lost", "cancelled", "Gewonnen", "Hävitty"])
def test_one_that_is_over_is_not_made_and_goes_on_where_it_is(stage: str) -> None:
    assert kept_out(hung(1, stage=stage)) == OVER
    assert kept_out(hung(1, stage=stage), d1="intended") == OVER
    assert kept_out(hung(1, stage=stage), d1="live") is None


def test_one_without_a_number_or_a_stage_is_made() -> None:
    assert kept_out(hung(1), hung(2)) is None


def test_what_is_no_deal_is_no_business_of_these_rules() -> None:
    assert kept_out(hung(1, "order", number="1", status="Closed"), there=("1",)) is None


def test_one_that_the_target_has_by_its_number_is_not_made() -> None:
    assert kept_out(hung(1, number=" Q-7 "), there=("q-7",)) == THERE


def test_of_two_with_one_number_the_first_goes_or_the_one_that_is_there() -> None:
    first, second = hung(1, number="7"), hung(2, number="7")
    assert (kept_out(first, second), kept_out(second, first)) == (None, THERE)
    assert kept_out(first, second, d2="intended") is None
    assert kept_out(first, second, d2="live") == THERE
    assert kept_out(second, first, d2="live") is None
    assert kept_out(second, hung(1, number="7", stage="Won")) == OVER


def test_one_that_the_stream_does_not_take_stands_in_nobodys_way() -> None:
    first, second = hung(1, number="7", stage="Draft"), hung(2, number="7", stage="Quoted")
    assert kept_out(second, first, only={"stage": "Quoted"}) is None
