"""What we wrote into a target is no evidence when it comes back."""

from __future__ import annotations

from typing import Any

import pytest

from solmu.sync.echo import agreed_after, agreed_again, arriving, awaited, echoes, standing

WRITTEN = {"Name": "Kone Oy", "Phone": "+358401234567"}


def test_a_value_equal_to_what_was_written_is_an_echo() -> None:
    assert echoes({"Name": "Kone Oy", "City": "Oulu"}, WRITTEN, {}) == {"Name"}


def test_a_value_equal_to_what_the_target_made_of_it_is_an_echo() -> None:
    assert echoes({"Phone": "040 1234567"}, WRITTEN, {"Phone": "040 1234567"}) == {"Phone"}


def test_another_value_is_an_edit() -> None:
    assert echoes({"Name": "Kone Oyj"}, WRITTEN, {"Name": "Kone Oy"}) == frozenset()


def test_a_field_that_was_never_written_is_evidence_even_if_it_was_seen_before() -> None:
    assert echoes({"City": "Oulu"}, WRITTEN, {"City": "Oulu"}) == frozenset()


def test_the_first_sight_of_a_written_value_is_an_echo_in_whatever_form() -> None:
    assert echoes({"Phone": "(040) 1234567"}, WRITTEN, {}, awaiting={"Phone"}) == {"Phone"}


def test_a_read_back_is_ours_only_from_our_user_and_in_our_version() -> None:
    agreed = {"Phone": {"hub": "+358401234567"}, "Name": {"hub": "Kone Oy", "target": "KONE OY"}}

    def waits(version: str | None, by_us: bool, known: str | None = "7") -> frozenset[str]:
        return awaited(agreed, known_version=known, version=version, changed_by_us=by_us)

    assert waits("7", True) == {"Phone"}
    assert waits("8", True) == frozenset()
    assert waits("7", False) == frozenset()
    assert waits("8", True, known=None) == {"Phone"}


@pytest.mark.parametrize(
    ("known", "version", "by_us", "holds", "may_have_arrived"),
    [
        ("7", "7", True, "Kone Oy", False),  # the version that our last answered write returned
        ("7", "8", True, "Kone Oyj", True),
        ("7", "8", False, "Kone Oyj", True),  # and somebody has changed something else since
        (None, "8", True, "Kone Oy", False),  # we were the last, and what we wrote before still stands
        (None, "8", True, "KONE OYJ", True),
        (None, "8", False, "Kone Oy", True),  # it may have arrived, and been taken back by hand
    ],
)
def test_what_was_sent_and_cannot_have_arrived_is_not_on_the_way(
    known: str | None, version: str, by_us: bool, holds: Any, may_have_arrived: bool
) -> None:
    sent = {"Name": "Kone Oyj"}
    found = arriving(sent, WRITTEN, {"Name": holds}, known_version=known, version=version, changed_by_us=by_us)
    assert found == (sent if may_have_arrived else {})


def test_the_mark_of_a_field_falls_with_the_first_edit_so_that_retyping_our_value_is_evidence() -> None:
    payload = {"Name": "Kone Oyj"}
    left = standing(WRITTEN, payload, echoes(payload, WRITTEN, {"Name": "Kone Oy"}))
    assert left == {"Phone": "+358401234567"}
    assert echoes({"Name": "Kone Oy"}, left, {"Name": "Kone Oyj"}) == frozenset()


def test_an_edit_before_our_write_was_ever_seen_does_not_bear_our_name_after_the_next_write() -> None:
    """Created, edited by a salesperson before the record was read, then written by us in another field."""
    created = agreed_after({}, {"City": "Oulu", "Phone": "1"}, {}, unedited=True)
    landed = {"City": "Kemi", "Phone": "1"}
    read = agreed_again(created, landed, (), {}, changed_by_us=False)
    assert read["City"] == {"hub": "Oulu", "target": "Oulu"}
    written = agreed_after(read, {"Phone": "2"}, {}, unedited=True)
    assert awaited(written, known_version="3", version="3", changed_by_us=True) == {"Phone"}
