"""Whether a row that keeps its key speaks of somebody else. Synthetic names."""

from __future__ import annotations

from typing import Any

import pytest

from solmu.match.another import replaced

FIRM: dict[str, Any] = {
    "name": "Hangon Hitsi Oy",
    "domain": "hangonhitsi.example",
    "phone": ["+358401234567"],
    "street": "Satamakatu 1",
    "city": "Hanko",
    "country": "FI",
}
OTHER: dict[str, Any] = {
    "name": "Salon Saha Oy",
    "domain": "salonsaha.example",
    "phone": ["+358407654321"],
    "street": "Sahatie 4",
    "city": "Salo",
    "country": "FI",
}
AHO: dict[str, Any] = {"given_name": "Onni", "family_name": "Aho", "email": ["onni.aho@hangonhitsi.example"]}
LIND: dict[str, Any] = {"given_name": "Eeva", "family_name": "Lind", "email": ["eeva.lind@salonsaha.example"]}


def of_firm(before: dict[str, Any], now: dict[str, Any]) -> bool:
    return bool(replaced({"organisation": before}, {"organisation": now}))


def of_person(before: dict[str, Any], now: dict[str, Any]) -> bool:
    return bool(replaced({"person": before}, {"person": now}))


def test_a_card_on_which_all_is_another_firms_speaks_of_another_firm() -> None:
    assert of_firm(FIRM, OTHER)


@pytest.mark.parametrize("kept", ["domain", "phone"])
def test_a_firm_with_a_new_name_that_is_reached_as_before_is_the_same(kept: str) -> None:
    assert not of_firm(FIRM, OTHER | {kept: FIRM[kept]})


def test_a_firm_with_a_new_name_at_its_address_is_the_same() -> None:
    assert not of_firm(FIRM, OTHER | {name: FIRM[name] for name in ("street", "city")})


@pytest.mark.parametrize("number", ["business_id", "customer_number"])
def test_a_firm_with_its_own_number_is_the_same_whatever_else_changes(number: str) -> None:
    value = "FI:20925406" if number == "business_id" else "1007"
    assert not of_firm(FIRM | {number: value}, OTHER | {number: value})


@pytest.mark.parametrize(
    "name", ["Hangon Hitsi", "Hangon Hitsaus Oy", "Hango Hitsi Oy", "HH Oy", "Hitsi Hanko Ab (ent. Hangon Hitsi)"]
)
def test_a_name_that_is_mended_is_no_other_firms(name: str) -> None:
    assert not of_firm(FIRM, OTHER | {"name": name})


def test_a_firm_of_which_only_the_name_is_known_may_have_a_new_one() -> None:
    assert not of_firm({"name": "Hangon Hitsi Oy"}, {"name": "Salon Saha Oy"})


def test_a_person_who_gives_another_firm_has_left_the_first() -> None:
    before = {"organisation": {"name": "Hangon Hitsi Oy"}, "person": AHO}
    now = {"organisation": {"name": "Salon Saha Oy"}, "person": AHO | {"email": ["onni.aho@salonsaha.example"]}}
    assert replaced(before, now) == ["organisation"]


def test_a_firm_whose_contact_has_left_has_another() -> None:
    before, now = {"organisation": FIRM, "person": AHO}, {"organisation": FIRM, "person": LIND}
    assert replaced(before, now) == ["person"]


def test_a_row_that_is_another_rows_now_speaks_of_others() -> None:
    before, now = {"organisation": FIRM, "person": AHO}, {"organisation": OTHER, "person": LIND}
    assert replaced(before, now) == ["organisation", "person"]


@pytest.mark.parametrize(
    "now",
    [
        {"family_name": "Lind", "email": ["onni.lind@hangonhitsi.example"]},  # who marries
        {"given_name": "O.", "email": ["oa@other.example"]},
        {"given_name": "Aho", "family_name": "Onni", "email": []},
        {"given_name": "Onnni", "family_name": "Ahoo", "email": ["x@other.example"]},
        {"given_name": "Eeva", "family_name": "Lind"},  # at the same address: whoever that is, the key says it is one
    ],
)
def test_a_person_whose_name_is_mended_is_no_other(now: dict[str, Any]) -> None:
    assert not of_person(AHO, AHO | now)


def test_a_name_in_another_script_is_no_other() -> None:
    assert not of_firm(FIRM, OTHER | {"name": "Хангон Хитси"})


def test_a_slot_that_is_new_or_empty_now_replaces_nobody() -> None:
    assert not replaced({"person": AHO}, {"organisation": FIRM})
    assert not replaced({"person": AHO, "organisation": FIRM}, {"organisation": FIRM})
