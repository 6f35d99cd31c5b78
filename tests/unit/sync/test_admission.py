"""Who may enter a target."""

from __future__ import annotations

import pytest

from solmu.model import Entity
from solmu.sync.admission import NOT_INCLUDED, Facts, Rules, kept_out_by, reasons

RULES = Rules(include=("lead", "order", "in-target"), exclude=("supplier", "dormant"))
STRICT = Rules(include=("all",), exclude=("supplier", "dormant", "opted-out", "unreachable"))
ORGANISATION, PERSON = Entity.ORGANISATION, Entity.PERSON


def test_an_organisation_without_lead_order_or_record_there_stays_in_the_hub() -> None:
    assert kept_out_by(ORGANISATION, Facts(activity=True), RULES) == NOT_INCLUDED


@pytest.mark.parametrize("facts", [Facts(lead=True), Facts(order=True), Facts(in_target=True)])
def test_each_reason_of_the_list_lets_it_in(facts: Facts) -> None:
    assert kept_out_by(ORGANISATION, facts, RULES) is None


def test_only_what_a_rule_looks_at_must_be_known() -> None:
    assert reasons([RULES]) == {"lead", "order", "in-target", "supplier", "dormant"}
    assert reasons([STRICT]) == {"supplier", "dormant", "opted-out", "unreachable"}
    assert reasons([RULES, STRICT]) == reasons([RULES]) | reasons([STRICT])


def test_a_supplier_stays_in_the_hub_whatever_it_ordered() -> None:
    assert kept_out_by(ORGANISATION, Facts(order=True, supplier=True), RULES) == "supplier"


def test_an_organisation_comes_along_with_a_person_who_is_a_lead() -> None:
    assert kept_out_by(ORGANISATION, Facts(), RULES, people=[Facts(), Facts(lead=True)]) is None


def test_a_person_comes_along_with_an_organisation_that_is_admitted_if_they_can_be_reached() -> None:
    assert kept_out_by(PERSON, Facts(), RULES, organisation=Facts(order=True)) is None
    assert kept_out_by(PERSON, Facts(reachable=False), RULES, organisation=Facts(order=True)) == NOT_INCLUDED


def test_the_people_of_a_supplier_stay_with_it() -> None:
    assert kept_out_by(PERSON, Facts(lead=True), RULES, organisation=Facts(order=True, supplier=True)) == "supplier"


def test_a_suppliers_person_whom_the_crm_has_already_is_kept_up_to_date() -> None:
    supplier = Facts(supplier=True)
    assert kept_out_by(PERSON, Facts(in_target=True), RULES, organisation=supplier) is None


def test_who_opted_out_is_not_brought_in_but_the_crm_that_has_them_must_learn_of_it() -> None:
    assert kept_out_by(PERSON, Facts(opted_out=True), STRICT) == "opted-out"
    assert kept_out_by(PERSON, Facts(opted_out=True, in_target=True), STRICT) is None
    assert kept_out_by(PERSON, Facts(reachable=False), STRICT) == "unreachable"
