"""What counts as the same value in a target."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solmu.exchange import FieldInfo
from solmu.sync.equal import blank, fit, same


def info(type: str = "text", length: int | None = None) -> FieldInfo:
    return FieldInfo("F", type=type, length=length)


@pytest.mark.parametrize(
    ("left", "right", "field"),
    [
        (" Kone Oy ", "Kone Oy", None),
        (None, "", None),
        ("", "   ", None),
        ([], None, None),
        ("line\r\nline", "line\nline", None),
        ("A\u0308rja\u0308", "Ärjä", None),
        (1200, "1200.00", None),
        (1200.5, 1200.50, None),
        ("1200", "1200.00", info("currency")),
        (True, "true", info("boolean")),
        (None, False, info("boolean")),
        ("2026-03-01", "2026-03-01T00:00:00.000+0000", None),
        ("2026-03-01T12:00:00Z", "2026-03-01T14:00:00+02:00", None),
        ("b;a", "a;b", info("multipicklist")),
        (["a", "b"], "b;a", info("multipicklist")),
        ("Arctic Cutting Machines", "Arctic Cut", info(length=10)),
        ("Anna@Example.com", "anna@example.com", info("email")),
        ("https://www.example.com/", "www.example.com", info("url")),
        ("+358401234567", "040 123 4567", info("phone")),
        ("+358401234567", "00358 40 123 45 67", info("phone")),
        ("+358401234567;ext=12", "040-1234567 ext. 12", info("phone")),
    ],
)
def test_a_target_keeps_these_as_one_value(left: Any, right: Any, field: FieldInfo | None) -> None:
    assert same(left, right, field)
    assert same(right, left, field)


@pytest.mark.parametrize(
    ("left", "right", "field"),
    [
        ("Kone Oy", "Kone", None),
        ("0123", "123", None),
        ("kone", "KONE", None),
        (True, "yes", None),
        (0, None, None),
        ("2026-03-01", "2026-03-02", None),
        ("not a number", "5", info("number")),
        ("+358401234567", "+46401234567", info("phone")),
        ("+358401234567", "040 123 4568", info("phone")),
        ("+358401234567;ext=12", "+358401234567", info("phone")),
        ("4567", "+358401234567", info("phone")),
    ],
)
def test_these_are_two_values(left: Any, right: Any, field: FieldInfo | None) -> None:
    assert not same(left, right, field)
    assert not same(right, left, field)


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.lists(st.text())))
def test_every_value_is_the_same_as_itself(value: Any) -> None:
    assert same(value, value)


@given(st.text(), st.integers(min_value=1, max_value=20))
def test_what_was_cut_to_fit_is_the_same_as_the_whole(text: str, length: int) -> None:
    assert same(text, fit(text, info(length=length)), info(length=length))


def test_only_text_is_cut_to_fit() -> None:
    assert fit("  Arctic Cutting Machines", info(length=10)) == "Arctic Cut"
    assert fit("anna.virtanen@example.com", info("email", length=10)) == "anna.virtanen@example.com"
    assert fit(12345678901, info(length=10)) == 12345678901


def test_nothing_is_blank_and_no_is_not() -> None:
    assert all(blank(value) for value in (None, "", " ", [], [" "]))
    assert not any(blank(value) for value in (False, 0, "0", ["x"]))
