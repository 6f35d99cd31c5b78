"""What we wrote into a target is no evidence when it comes back."""

from __future__ import annotations

from solmu.sync.echo import awaited, echoes, standing

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


def test_the_mark_of_a_field_falls_with_the_first_edit_so_that_retyping_our_value_is_evidence() -> None:
    payload = {"Name": "Kone Oyj"}
    left = standing(WRITTEN, payload, echoes(payload, WRITTEN, {"Name": "Kone Oy"}))
    assert left == {"Phone": "+358401234567"}
    assert echoes({"Name": "Kone Oy"}, left, {"Name": "Kone Oyj"}) == frozenset()
