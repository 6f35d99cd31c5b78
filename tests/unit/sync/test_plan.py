"""What a push would do to one record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from solmu.exchange import FieldInfo
from solmu.mapping.values import Wanted
from solmu.sync.action import (
    Action,
    Change,
    Clash,
    Context,
    GoldenView,
    Kind,
    Owner,
    Parent,
    RemoteView,
    Ruling,
)
from solmu.sync.plan import plan_record

NOBODY = Context()


def agreed(**fields: Any) -> dict[str, dict[str, Any]]:
    return {name: {"hub": value, "target": value} for name, value in fields.items()}


def phone(
    wants: Any,
    holds: Any,
    *,
    last: Any = None,
    rule: str = "hub",
    context: Context = NOBODY,
    remote: Mapping[str, Any] | None = None,
) -> Action:
    """The plan for one field, Phone, of a record that the target has."""
    known: dict[str, Any] = {"observed": {"Phone": holds}, "agreed": {} if last is None else agreed(Phone=last)}
    view = RemoteView("001", **(known | dict(remote or {})))
    golden = GoldenView(1, 1, {"phone": wants}, {"phone": rule}, {"phone": "erp/customers/7"})
    return plan_record(golden, {"Phone": Wanted(wants, "phone")}, view, context)


def pushed(action: Action) -> Any:
    assert (action.kind, action.state) == (Kind.UPDATE, "planned")
    return action.fields["Phone"].new


def left_alone(action: Action) -> bool:
    return (action.kind, action.state, dict(action.fields)) == (Kind.SKIP, "unchanged", {})


# --- updating ---------------------------------------------------------------------------------------------------------


def test_a_difference_becomes_old_and_new_with_rule_and_source() -> None:
    action = phone("2", "1", last="1")
    assert action.fields == {"Phone": Change("1", "2", "hub", "erp/customers/7")}


def test_equal_values_are_left_alone_and_agreed_upon() -> None:
    action = phone("1", " 1 ")
    assert left_alone(action)
    assert action.agreed == {"Phone": {"hub": "1", "target": " 1 "}}


def test_an_agreement_that_is_known_is_not_stored_again() -> None:
    assert phone("1", "1", last="1").agreed == {}


@pytest.mark.parametrize("nothing", [None, "", "  ", []])
@pytest.mark.parametrize("rule", ["hub", "crm", "newest", "ask", "rank"])
def test_what_the_hub_does_not_have_never_clears(nothing: Any, rule: str) -> None:
    assert left_alone(phone(nothing, "1", last="1", rule=rule))


def test_a_value_that_was_agreed_and_cleared_there_stays_cleared_until_the_hub_has_another() -> None:
    assert left_alone(phone("1", None, last="1"))
    assert pushed(phone("2", None, last="1")) == "2"


def test_a_blank_that_was_never_agreed_is_filled() -> None:
    assert pushed(phone("1", None)) == "1"


def test_what_the_target_made_of_our_value_is_no_difference() -> None:
    remote = RemoteView("001", observed={"Phone": "CUT"}, agreed={"Phone": {"hub": "CUT TO LENGTH", "target": "CUT"}})
    golden = GoldenView(1, 1, {"phone": "CUT TO LENGTH"})
    assert left_alone(plan_record(golden, {"Phone": Wanted("CUT TO LENGTH", "phone")}, remote, NOBODY))


def test_a_value_that_is_too_long_is_cut_and_then_equal() -> None:
    context = Context(fields={"Phone": FieldInfo("Phone", length=3)})
    assert pushed(phone("12345", "9", context=context)) == "123"
    assert left_alone(phone("12345", "123", context=context))


def test_under_crm_only_a_create_is_filled() -> None:
    assert left_alone(phone("2", "1", last="1", rule="crm"))
    assert left_alone(phone("2", None, rule="crm"))


def test_under_crm_unless_blank_only_blanks_are_filled() -> None:
    assert left_alone(phone("2", "1", last="1", rule="crm-unless-blank"))
    assert pushed(phone("2", None, rule="crm-unless-blank")) == "2"
    assert left_alone(phone("2", None, last="2", rule="crm-unless-blank"))


def test_under_crm_unless_blank_what_we_filled_in_follows_the_hub_until_somebody_changes_it_there() -> None:
    ours = {"ours": frozenset({"Phone"})}
    assert pushed(phone("2", "1", last="1", rule="crm-unless-blank", remote=ours)) == "2"
    assert left_alone(phone("2", "3", last="1", rule="crm-unless-blank", remote=ours))
    assert left_alone(phone("1", None, last="1", rule="crm-unless-blank", remote=ours))
    # Taken back: both sides agree on what stands there, against the value that the hub has.
    back = {"ours": frozenset({"Phone"}), "agreed": {"Phone": {"hub": "2", "target": "1"}}}
    assert left_alone(phone("2", "1", rule="crm-unless-blank", remote=back))
    assert left_alone(phone("2", "1", last="1", rule="crm", remote=ours))


def test_an_edit_there_that_a_rule_does_not_let_stand_is_marked() -> None:
    assert phone("2", "3", last="1").fields["Phone"].as_dict()["overrides"] is True
    assert "overrides" not in phone("2", "1", last="1").fields["Phone"].as_dict()
    # What stood there before the two ever agreed is nobody's edit, and a blank is no value.
    assert not phone("2", "3").fields["Phone"].overrides
    assert not phone("2", None, last="1").fields["Phone"].overrides


def test_under_ask_an_edit_on_both_sides_is_a_conflict_and_the_other_fields_go_on() -> None:
    remote = RemoteView("001", observed={"Phone": "3", "Name": "Old"}, agreed=agreed(Phone="1", Name="Old"))
    golden = GoldenView(1, 1, {"phone": "2", "name": "New"}, {"phone": "ask", "name": "ask"})
    wanted = {"Phone": Wanted("2", "phone"), "Name": Wanted("New", "name")}
    action = plan_record(golden, wanted, remote, NOBODY)
    assert action.conflicts == {"Phone": Clash("2", "3", "1")}
    assert (action.kind, list(action.fields)) == (Kind.UPDATE, ["Name"])


def test_what_wins_together_waits_together() -> None:
    held = {"Street": "3", "City": "Oulu", "Phone": "1"}
    remote = RemoteView("001", observed=held, agreed=agreed(Street="1", City="Oulu", Phone="1"))
    values = {"street": "2", "city": "Kemi", "phone": "2"}
    golden = GoldenView(1, 1, values, dict.fromkeys(values, "ask"))
    wanted = {name.capitalize(): Wanted(value, name) for name, value in values.items()}
    action = plan_record(golden, wanted, remote, NOBODY)
    assert (list(action.conflicts), list(action.fields)) == (["Street"], ["Phone"])


def test_a_record_with_nothing_but_a_conflict_is_conflicting() -> None:
    action = phone("2", "3", last="1", rule="ask")
    assert (action.kind, action.state) == (Kind.CONFLICT, "conflicting")


def test_under_ask_whoever_alone_has_moved_prevails() -> None:
    assert pushed(phone("2", "1", last="1", rule="ask")) == "2"
    assert left_alone(phone("1", "3", last="1", rule="ask"))


def test_a_ruling_decides_the_conflict_that_it_was_about_and_no_later_one() -> None:
    def ruled(choice: str, wants: str) -> Action:
        context = Context(rulings={"Phone": Ruling(choice, "2", "3")})
        return phone(wants, "3", last="1", rule="ask", context=context)

    assert pushed(ruled("hub", "2")) == "2"
    assert left_alone(ruled("target", "2"))
    assert ruled("hub", "4").state == "conflicting"


def test_a_pinned_value_overrides_every_rule_but_an_edit_there_is_a_conflict() -> None:
    assert pushed(phone("2", "1", last="1", rule="pin")) == "2"
    assert pushed(phone("2", "1", rule="pin")) == "2"
    assert phone("1", "3", last="1", rule="pin").state == "conflicting"


def test_an_opt_out_always_goes_out_and_is_never_taken_back() -> None:
    def opted_out(wants: bool, holds: bool) -> Action:
        remote = RemoteView("001", observed={"NoMail": holds}, agreed=agreed(NoMail=holds))
        golden = GoldenView(1, 1, {"opt_out": wants}, {"opt_out": "crm"})
        return plan_record(golden, {"NoMail": Wanted(wants, "opt_out")}, remote, NOBODY)

    assert opted_out(True, False).fields["NoMail"].new is True
    assert left_alone(opted_out(False, True))


def test_one_of_several_true_values_is_left_where_it_is() -> None:
    remote = RemoteView("001", observed={"Phone": "040 123 4567"})
    golden = GoldenView(1, 1, {"phone": ["+35891234567", "+358401234567"]}, {"phone": "union"})
    context = Context(fields={"Phone": FieldInfo("Phone", type="phone")})
    assert left_alone(plan_record(golden, {"Phone": Wanted("+35891234567", "phone")}, remote, context))


def test_each_of_several_values_names_the_record_that_it_comes_from() -> None:
    golden = GoldenView(1, 1, {"phone": ["1", "2"]}, {}, {"phone": ["erp/customers/7", "sheet/leads/3"]})
    action = plan_record(golden, {"Mobile": Wanted("2", "phone")}, RemoteView("001"), NOBODY)
    assert action.fields["Mobile"].source == "sheet/leads/3"


def test_a_field_that_somebody_keeps_changing_back_stops_and_is_reported() -> None:
    context = Context(written={"Phone": ("2", 3)}, rewritten_times=3)
    action = phone("2", "1", last="2", context=context)
    assert (action.state, action.code, action.field) == ("held", "rewritten", "Phone")
    assert pushed(phone("4", "1", last="2", context=context)) == "4"


def test_an_opt_out_that_somebody_keeps_taking_back_goes_out_each_time_and_is_reported() -> None:
    context = Context(written={"NoMail": (True, 7), "Phone": ("2", 7)}, rewritten_times=3)
    wanted = {"NoMail": Wanted(True, "opt_out"), "Phone": Wanted("2", "phone")}
    golden = GoldenView(1, 1, {"opt_out": True, "phone": "2"}, {"opt_out": "any", "phone": "hub"})
    holds = {"NoMail": False, "Phone": "2"}
    action = plan_record(golden, wanted, RemoteView("001", observed=holds, agreed=agreed(**holds)), context)
    assert (action.state, action.code, action.field) == ("planned", "rewritten", "NoMail")
    assert {name: change.new for name, change in action.fields.items()} == {"NoMail": True}
    assert "each time" in (action.message or "")
    both = {"NoMail": False, "Phone": "1"}
    remote = RemoteView("001", observed=both, agreed=agreed(NoMail=True, Phone="2"))
    action = plan_record(golden, wanted, remote, context)
    assert (action.state, action.field, [*action.fields]) == ("planned", "Phone", ["NoMail"])


def test_a_required_field_that_the_hub_has_lost_is_reported() -> None:
    golden = GoldenView(1, 1, {})
    remote = RemoteView("001", observed={"Name": "Kone Oy"})
    assert plan_record(golden, {"Name": Wanted(None, "name", required=True)}, remote, NOBODY).emptied == ("Name",)


def test_fields_for_creates_owners_and_fields_that_cannot_be_written_are_not_touched() -> None:
    wanted = {
        "Status": Wanted("Open", None, only_on="create"),
        "OwnerId": Wanted(assign=True),
        "Total": Wanted("5", "employees"),
    }
    context = Context(owner=Owner("005", "assign 1"), fields={"Total": FieldInfo("Total", updateable=False)})
    assert left_alone(plan_record(GoldenView(1, 1, {}), wanted, RemoteView("001"), context))


# --- stamping ---------------------------------------------------------------------------------------------------------


def test_a_known_record_without_our_id_is_stamped_together_with_what_differs() -> None:
    action = phone("2", "1", remote={"external_id": "rec_1"}, context=Context(external_id="Solmu_Id"))
    assert action.kind is Kind.LINK
    assert {name: change.new for name, change in action.fields.items()} == {"Phone": "2", "Solmu_Id": "rec_1"}


def test_a_record_that_carries_our_id_is_not_stamped_again() -> None:
    remote = {"external_id": "rec_1", "stamped": True}
    assert left_alone(phone("1", "1", remote=remote, context=Context(external_id="Solmu_Id")))


def test_a_clone_is_stamped_with_an_id_of_its_own() -> None:
    remote = RemoteView("002", "rec_2", observed={"Solmu_Id": "rec_1"})
    action = plan_record(GoldenView(1, 1, {}), {}, remote, Context(external_id="Solmu_Id"))
    assert action.fields == {"Solmu_Id": Change("rec_1", "rec_2", "stamp", None)}


def test_a_target_without_the_field_is_not_stamped() -> None:
    context = Context(external_id="Solmu_Id", fields={"Phone": FieldInfo("Phone")})
    assert left_alone(phone("1", "1", remote={"external_id": "rec_1"}, context=context))


# --- creating ---------------------------------------------------------------------------------------------------------


def test_a_create_holds_all_that_is_wanted_and_an_owner() -> None:
    wanted = {
        "Name": Wanted("Kone Oy", "name", required=True),
        "Phone": Wanted(None, "phone"),
        "Status": Wanted("Open", None, only_on="create"),
        "OwnerId": Wanted(assign=True),
    }
    golden = GoldenView(1, 1, {"name": "Kone Oy"}, {"name": "crm"}, {"name": "erp/customers/7"})
    action = plan_record(golden, wanted, None, Context(owner=Owner("005", "assign 1")))
    assert action.kind is Kind.CREATE
    assert action.fields == {
        "Name": Change(None, "Kone Oy", "crm", "erp/customers/7"),
        "Status": Change(None, "Open", "hub", None),
        "OwnerId": Change(None, "005", "assign 1", None),
    }


def test_a_create_without_an_answer_is_a_create_still() -> None:
    action = plan_record(GoldenView(1, 1, {}), {"Name": Wanted("Kone Oy")}, RemoteView(None, "rec_1"), NOBODY)
    assert action.kind is Kind.CREATE


def test_a_create_that_lacks_a_required_value_is_rejected_before_it_is_sent() -> None:
    action = plan_record(GoldenView(1, 1, {}), {"LastName": Wanted(None, "family_name", required=True)}, None, NOBODY)
    assert (action.state, action.code, action.field) == ("rejected", "required", "LastName")


# --- what the target itself demands -----------------------------------------------------------------------------------


def demanding(*required: FieldInfo, **more: Any) -> Context:
    return Context(fields={each.name: each for each in required}, object="accounts", **more)


TIER = FieldInfo("Tier", "picklist", required=True, values=("A", "B"), restricted=True)


def test_a_mapped_field_that_the_target_demands_is_said_with_where_its_value_may_come_from() -> None:
    wanted = {"City": Wanted(None, "city"), "Name": Wanted("Kone Oy", "name")}
    action = plan_record(GoldenView(1, 1, {}), wanted, None, demanding(FieldInfo("City", required=True)))
    assert (action.kind, action.state, action.code, action.field) == (Kind.CREATE, "rejected", "required", "City")
    assert action.message == (
        "City of accounts is required, and the golden record has no city: one in a source, or a steward's, "
        "or a `default:` of City in the target mapping"
    )


def test_a_field_that_the_target_demands_and_the_mapping_leaves_out_is_said_with_the_line_to_add() -> None:
    action = plan_record(GoldenView(1, 1, {}), {"Name": Wanted("Kone Oy", "name")}, None, demanding(TIER))
    assert (action.state, action.code, action.field) == ("rejected", "required", "Tier")
    assert str(action.message).startswith("Tier of accounts is required by the target")
    assert "a line for Tier there" in str(action.message)
    assert str(action.message).endswith("it takes A, B")
    assert list(action.fields) == ["Name"]


def test_a_demanded_owner_and_a_demanded_parent_are_said_as_such() -> None:
    context = demanding(FieldInfo("Owner", required=True))
    owner = plan_record(GoldenView(1, 1, {}), {"Owner": Wanted(assign=True)}, None, context)
    assert "no rule of `assignment:` gives an owner" in str(owner.message)
    context = demanding(FieldInfo("AccountId", required=True))
    parent = plan_record(GoldenView(1, 1, {}), {"AccountId": Wanted(parent="accounts")}, None, context)
    assert "there is no record of accounts" in str(parent.message)
    coming = demanding(FieldInfo("AccountId", required=True), parents={"accounts": Parent(subject="accounts/rec_1")})
    assert plan_record(GoldenView(1, 1, {}), ACCOUNT, None, coming).state == "planned"


def test_an_unlisted_value_of_a_demanded_field_refuses_the_record() -> None:
    action = plan_record(GoldenView(1, 1, {}), {"Tier": Wanted("C", "tier")}, None, demanding(TIER))
    assert (action.state, action.code, action.field) == ("rejected", "picklist", "Tier")


def test_what_the_connector_writes_itself_or_nobody_can_write_is_not_demanded_of_the_mapping() -> None:
    context = demanding(
        FieldInfo("Solmu_Id", required=True),
        FieldInfo("Number", required=True, createable=False),
        external_id="Solmu_Id",
    )
    assert plan_record(GoldenView(1, 1, {}), {"Name": Wanted("Kone Oy", "name")}, None, context).state == "planned"


def test_an_update_needs_no_more_than_what_it_changes() -> None:
    remote = RemoteView("001", observed={"Name": "Kone"})
    action = plan_record(GoldenView(1, 1, {"name": "Kone Oy"}), {"Name": Wanted("Kone Oy")}, remote, demanding(TIER))
    assert (action.kind, action.state, list(action.fields)) == (Kind.UPDATE, "planned", ["Name"])


# --- parents ----------------------------------------------------------------------------------------------------------

ACCOUNT = {"AccountId": Wanted(parent="accounts")}


def under(parent: Parent | None, holds: Any = None, last: Any = None, *, ours: bool = False) -> Action:
    known = {} if last is None else agreed(AccountId=last)
    written = frozenset({"AccountId"} if ours else ())
    remote = RemoteView("003", observed={"AccountId": holds}, agreed=known, ours=written)
    return plan_record(GoldenView(1, 1, {}), ACCOUNT, remote, Context(parents={"accounts": parent} if parent else {}))


def test_a_child_is_created_under_its_parent() -> None:
    there = plan_record(GoldenView(1, 1, {}), ACCOUNT, None, Context(parents={"accounts": Parent("001")}))
    assert there.fields["AccountId"].new == "001"
    coming = plan_record(
        GoldenView(1, 1, {}), ACCOUNT, None, Context(parents={"accounts": Parent(subject="accounts/rec_1")})
    )
    assert coming.parents == {"AccountId": "accounts/rec_1"}
    assert coming.fields["AccountId"].new is None


def test_the_child_of_a_parent_that_failed_is_blocked() -> None:
    action = plan_record(GoldenView(1, 1, {}), ACCOUNT, None, Context(parents={"accounts": Parent()}))
    assert (action.state, action.code) == ("blocked", "parent")


def test_a_child_moves_when_its_parent_changed_since_it_was_agreed() -> None:
    assert under(Parent("002"), holds="001", last="001").fields["AccountId"].new == "002"


def test_a_child_that_was_put_elsewhere_or_never_agreed_upon_stays() -> None:
    assert left_alone(under(Parent("002"), holds="009", last="001"))
    assert left_alone(under(Parent("002"), holds="009"))


def test_a_child_on_another_record_of_the_same_parent_stays_unless_we_have_hung_it_there() -> None:
    merged = Parent("002", frozenset({"001"}))
    assert left_alone(under(merged, holds="001", last="001"))
    assert under(merged, holds="001", last="001", ours=True).fields["AccountId"].new == "002"


def test_a_person_whose_employer_is_not_known_keeps_the_one_that_the_target_has() -> None:
    assert left_alone(under(None, holds="001", last="001"))


def test_an_existing_child_does_not_wait_for_a_parent_that_failed() -> None:
    assert left_alone(under(Parent(), holds=None))


# --- lists of values --------------------------------------------------------------------------------------------------

SEGMENTS = Context(
    fields={
        "Segment": FieldInfo("Segment", "picklist", values=("Key account", "Mid-market"), restricted=True),
        "Tags": FieldInfo("Tags", "multipicklist", values=("Laser", "Plasma"), restricted=True),
        "Kind": FieldInfo("Kind", "picklist", values=("Customer",)),
    }
)


def made_with(**wanted: Wanted) -> Action:
    golden = GoldenView(1, 1, {want.source: want.value for want in wanted.values() if want.source})
    return plan_record(golden, wanted, None, SEGMENTS)


def test_a_value_that_the_targets_list_has_not_is_left_out_and_the_rest_goes() -> None:
    action = made_with(Name=Wanted("Kone Oy", "name"), Segment=Wanted("Enterprise", "segment"))
    assert (action.kind, action.state, action.code, action.field) == (Kind.CREATE, "planned", "picklist", "Segment")
    assert {name: each.new for name, each in action.fields.items()} == {"Name": "Kone Oy"}
    assert "Key account, Mid-market" in str(action.message)


def test_a_record_that_needs_such_a_value_is_not_sent() -> None:
    action = made_with(Segment=Wanted("Enterprise", "segment", required=True))
    assert (action.state, action.code, action.field) == ("rejected", "picklist", "Segment")


def test_a_value_is_written_as_the_list_writes_it() -> None:
    action = made_with(
        Segment=Wanted("key ACCOUNT", "segment"), Tags=Wanted("plasma;Laser", "tags"), Kind=Wanted("Lead", "kind")
    )
    assert action.code is None
    assert {name: each.new for name, each in action.fields.items()} == {
        "Segment": "Key account",
        "Tags": "Plasma;Laser",
        "Kind": "Lead",  # not restricted: the target takes others as well
    }
    assert made_with(Tags=Wanted("Laser;Saw", "tags")).code == "picklist"


def test_an_update_goes_without_such_a_value_and_says_so_once_nothing_else_is_left() -> None:
    view = RemoteView("001", observed={"Name": "Kone", "Segment": "Mid-market"})
    golden = GoldenView(1, 1, {"name": "Kone Oy", "segment": "Enterprise"})
    wanted = {"Name": Wanted("Kone Oy", "name"), "Segment": Wanted("Enterprise", "segment")}
    both = plan_record(golden, wanted, view, SEGMENTS)
    assert (both.state, list(both.fields), both.code) == ("planned", ["Name"], "picklist")
    alone = plan_record(golden, {"Segment": wanted["Segment"]}, view, SEGMENTS)
    assert (alone.kind, alone.state, list(alone.fields), alone.field) == (
        (Kind.UPDATE, "rejected", ["Segment"], "Segment")
    )
