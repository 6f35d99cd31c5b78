"""Limits that stop a run before it does something surprising."""

from __future__ import annotations

import pytest

from solmu.config.settings import Guards
from solmu.errors import Stopped
from solmu.sync.guard import Push, look_at_push, look_at_stream, stop

LIMITS = Guards()


def names(push: Push, **more: object) -> list[str]:
    return [each.guard for each in look_at_push(push, LIMITS, **more)]  # type: ignore[arg-type]


def test_an_ordinary_night_trips_nothing() -> None:
    assert names(Push(created=40, changed=90, base=1000, calls=3, calls_left=10_000)) == []


def test_more_than_half_of_the_records_changed_trips() -> None:
    assert names(Push(changed=501, base=1000)) == ["changed-share"]
    assert names(Push(changed=500, base=1000)) == []


def test_all_accounts_renamed_trip_although_they_are_few_among_all_records() -> None:
    push = Push(changed=120, base=360, of_objects={"accounts": (120, 120), "contacts": (0, 240)})
    assert names(push) == ["changed-share"]
    assert look_at_push(push, LIMITS)[0].message == "120 of 120 accounts would change, and the limit is 50%"


def test_shares_say_nothing_of_a_handful_of_records() -> None:
    assert names(Push(changed=49, base=49)) == []


def test_the_first_contact_may_change_many_but_not_create_without_limit() -> None:
    assert names(Push(changed=900, base=1000, first_contact=True)) == []
    assert names(Push(created=5001, first_contact=True)) == ["created-count"]


def test_absolute_limits_hold_whatever_the_share() -> None:
    assert names(Push(changed=5001, base=1_000_000)) == ["changed-count"]


def test_a_required_field_that_many_records_have_lost_trips() -> None:
    assert names(Push(emptied={"Name": 51, "Phone": 3})) == ["emptied-count"]


def test_a_plan_leaves_others_their_share_of_the_api_budget() -> None:
    assert names(Push(calls=901, calls_left=1000)) == ["api-reserve"]
    assert names(Push(calls=900, calls_left=1000)) == []
    assert names(Push(calls=10**9, calls_left=None)) == []


def test_an_overridden_guard_lets_pass_and_the_others_hold() -> None:
    push = Push(created=5001, changed=5001, base=1_000_000)
    assert names(push, overridden={"created-count"}) == ["changed-count"]


def test_a_mapping_that_suddenly_refuses_many_rows_trips() -> None:
    assert [each.guard for each in look_at_stream(read=100, refused=31, limits=LIMITS)] == ["refused-share"]
    assert look_at_stream(read=100, refused=30, limits=LIMITS) == []
    assert look_at_stream(read=10, refused=10, limits=LIMITS) == []


def test_stopping_names_the_guard_and_tells_what_would_have_happened() -> None:
    with pytest.raises(Stopped, match="5001 records would be created") as stopped:
        stop(look_at_push(Push(created=5001), LIMITS), connection="crm")
    assert stopped.value.guard == "created-count"
    assert stopped.value.exit_code == 4
    assert "a look at the plan" in str(stopped.value.expected)
    stop([], connection="crm")


def test_a_stop_on_the_way_in_tells_where_to_see_what_was_refused() -> None:
    with pytest.raises(Stopped) as stopped:
        stop(look_at_stream(read=100, refused=31, limits=LIMITS), connection="one", stream="leads")
    assert "solmu export quarantine" in str(stopped.value.expected)
    assert "plan" not in str(stopped.value.expected)
