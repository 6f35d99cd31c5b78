"""Whom a new record goes to."""

from __future__ import annotations

from solmu.config.settings import Assignment
from solmu.sync.action import Owner
from solmu.sync.assign import naming_rule, owner_of

RULES = Assignment.model_validate(
    {
        "rules": [
            {"when": {"partner": "Oy Kone"}, "owner": "005-partner"},
            {"when": {"country": ["FI", "EE"], "industry": "Metal"}, "owner": "005-metal"},
            {"when": {"country": "FI"}, "owner": "005-finland"},
        ],
        "default": "005-desk",
    }
)


def test_the_first_rule_that_fits_in_all_its_conditions_decides() -> None:
    assert owner_of(RULES, {"country": "FI", "industry": "metal"}) == Owner("005-metal", "assign 2")
    assert owner_of(RULES, {"country": "FI", "industry": "Food"}) == Owner("005-finland", "assign 3")


def test_the_partner_who_reported_first_counts() -> None:
    assert owner_of(RULES, {"country": "FI"}, ["Oy Kone", "Other"]) == Owner("005-partner", "assign 1")
    assert owner_of(RULES, {"country": "FI"}, ["Other", "Oy Kone"]) == Owner("005-finland", "assign 3")


def test_what_no_rule_fits_goes_to_the_default_by_name() -> None:
    assert owner_of(RULES, {"country": "SE"}) == Owner("005-desk", "assign default")
    assert owner_of(RULES, {}) == Owner("005-desk", "assign default")


def test_without_a_default_the_target_decides() -> None:
    assert owner_of(Assignment(), {"country": "SE"}) is None


def test_any_of_several_values_may_fit() -> None:
    rules = Assignment.model_validate({"rules": [{"when": {"tags": "VIP"}, "owner": "005-vip"}]})
    assert owner_of(rules, {"tags": ["new", "vip"]}) == Owner("005-vip", "assign 1")


def test_a_refused_owner_is_told_with_the_rule_that_named_it() -> None:
    assert naming_rule("Owner ID: no such id", "assign default") == (
        "Owner ID: no such id (the owner is from assignment.default in hub.yaml)"
    )
    assert naming_rule("no", "assign 2") == "no (the owner is from rule 2 of assignment in hub.yaml)"
    assert naming_rule("no", "newest") == "no"
