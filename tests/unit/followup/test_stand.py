"""How one customer stands."""

from __future__ import annotations

from typing import Any

import pytest

from solmu.followup.stand import Known, Standing, silence, standing

TODAY = "2026-11-22"


def document(**values: Any) -> dict[str, Any]:
    return {name: {"value": value} for name, value in values.items()}


def stands(known: Known, complete: tuple[str, ...] = ("city",)) -> Standing:
    found = standing(known, today=TODAY, complete=complete)
    assert found is not None
    return found


def test_a_customer_is_in_a_crm_or_has_ordered_and_is_no_supplier() -> None:
    assert standing(Known({}), today=TODAY, complete=()) is None
    assert standing(Known({}, in_crm=True), today=TODAY, complete=()) is not None
    assert standing(Known({}, ordered=True), today=TODAY, complete=()) is not None
    assert standing(Known(document(supplier=True), ordered=True), today=TODAY, complete=()) is None


@pytest.mark.parametrize(
    ("activities", "deals", "next_on"),
    [
        ([], [], None),
        ([("open", "2026-12-01"), ("open", "2026-11-22")], [], "2026-11-22"),
        ([("Completed", "2026-12-01")], [], None),
        ([("open", "2026-11-21")], [], None),
        ([], [("Negotiation", "")], "open"),
        ([], [("Closed Won", ""), ("closed-lost", ""), ("CLOSED_WON", "")], None),
    ],
)
def test_the_next_step_is_what_is_planned_or_an_open_deal(
    activities: list[tuple[str, str]], deals: list[tuple[str, str]], next_on: str | None
) -> None:
    assert stands(Known({}, in_crm=True, activities=activities, deals=deals)).next_on == next_on


def test_the_last_contact_is_the_newest_that_is_past() -> None:
    known = Known({}, in_crm=True, heard=["2026-01-01", "", "2027-01-01"], activities=[("done", "2026-03-01")])
    assert stands(known).contacted_on == "2026-03-01"
    assert stands(Known({}, in_crm=True)).contacted_on == ""


def test_one_who_opted_out_of_mail_is_reachable_by_phone_only() -> None:
    out = document(email=["a@example.com"], opt_out=True)
    assert not stands(Known({}, in_crm=True, people=[out])).reachable
    assert stands(Known({}, in_crm=True, people=[out | document(phone=["+3581"])])).reachable
    assert stands(Known({}, in_crm=True, people=[out, document(email=["b@example.com"])])).reachable
    assert stands(Known(document(phone=["+3581"]), in_crm=True)).reachable


def test_completeness_counts_what_is_known() -> None:
    known = Known(document(city="Oulu", phone=[], supplier=False), in_crm=True)
    assert stands(known, ("city", "phone", "supplier", "industry")).filled == 0.5
    assert stands(known, ()).filled == 1.0


def test_a_key_account_is_a_tier_of_its_own() -> None:
    assert stands(Known(document(key_account=True, segment="A"), in_crm=True)).tier == "key account"
    assert stands(Known(document(key_account=False, segment="A"), in_crm=True)).tier == "A"


def test_a_partner_is_silent_after_three_times_its_usual_gap() -> None:
    assert silence([1, 21, 41, 41], least=30) == 60
    assert silence([1, 2, 3], least=30) == 30
    assert silence([5], least=30) == 30


def test_an_owner_in_the_crm_counts_where_no_source_names_one() -> None:
    assert stands(Known({}, in_crm=True)).owner is None
    assert stands(Known({}, in_crm=True, owner_there="005")).owner == "005"
    assert stands(Known(document(owner="004"), in_crm=True, owner_there="005")).owner == "004"
