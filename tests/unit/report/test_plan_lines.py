"""The lines of a plan, at a glance and by where their values come from."""

from __future__ import annotations

from typing import Any

from solmu.report.plan_lines import SHOWN, brief, groups


def said(old: Any, new: Any, rule: str = "rank", source: str | None = "erp/customers/1", **more: Any) -> dict[str, Any]:
    return {"old": old, "new": new, "rule": rule, "source": source, **more}


FIELDS = {
    "Solmu_Id__c": said(None, "slm_1", "stamp", None),
    "City": said(None, "Oulu"),
    "Website": said("", "sorvi.example"),
    "Phone": said("+358401111111", "+358402222222", overrides=True),
    "Name": said(None, "Suomen Sorvi Oy", "longest", "one/leads/2"),
    "Street": said(None, "Katu 1"),
}


def test_what_is_replaced_is_seen_before_what_is_filled_in() -> None:
    shown = brief(FIELDS)
    assert [each.name for each in shown.changes] == ["Phone", "City", "Website"]
    assert (shown.changes[0].overrides, shown.changes[0].fills, shown.changes[1].fills) == (True, False, True)
    assert (len(shown.changes), shown.more) == (SHOWN, 2)


def test_a_new_record_is_not_said_to_be_called_as_it_is_called() -> None:
    assert "Name" in [each.name for each in brief({"Name": FIELDS["Name"]}).changes]
    assert brief({"Name": FIELDS["Name"]}, "Suomen Sorvi Oy").changes == []
    renamed = {"Name": said("Sorvi", "Suomen Sorvi Oy")}
    assert [each.name for each in brief(renamed, "Suomen Sorvi Oy").changes] == ["Name"]


def test_an_id_of_our_own_is_not_what_a_line_is_about() -> None:
    shown = brief({"Solmu_Id__c": FIELDS["Solmu_Id__c"]})
    assert (shown.changes, shown.more) == ([], 0)


def test_fields_of_one_source_and_rule_stand_together() -> None:
    assert [(group.rule, group.source, [each.name for each in group.changes]) for group in groups(FIELDS)] == [
        ("rank", "erp/customers/1", ["City", "Website", "Phone", "Street"]),
        ("longest", "one/leads/2", ["Name"]),
        ("stamp", None, ["Solmu_Id__c"]),
    ]


def test_a_value_that_goes_is_told_from_one_that_comes() -> None:
    [gone] = brief({"Fax": said("+35891234567", None)}).changes
    assert (gone.empties, gone.fills) == (True, False)


def test_a_line_without_fields_says_nothing() -> None:
    assert (brief({}).changes, brief({}).more, groups({})) == ([], 0, [])
