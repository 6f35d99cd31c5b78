"""How two dates of birth differ, and how likely strangers' do."""

from __future__ import annotations

import pytest

from solmu.match.birthdays import by_chance, nearly, possible, telling


@pytest.mark.parametrize(
    ("one", "two", "slipped"),
    [
        ("19670309", "19670308", True),
        ("19670309", "19670903", True),  # day and month
        ("19670309", "19760309", True),  # two neighbours
        ("19670309", "19670328", False),
        ("19670309", "19671109", False),
        ("19670309", "20010309", False),
    ],
)
def test_dates_that_may_be_meant_as_one(one: str, two: str, slipped: bool) -> None:
    found = nearly(one, two)
    assert found is not None
    assert found.slipped is slipped
    assert nearly(two, one) == found


def test_equal_dates_and_dates_far_apart_are_not_nearly_one() -> None:
    assert nearly("19670309", "19670309") is None
    assert nearly("19670309", "19671128") is None


def test_a_month_tells_more_than_a_day_and_a_day_more_than_a_year() -> None:
    month, day, year = (nearly("19670309", other) for other in ("19670409", "19670308", "19660309"))
    assert month
    assert day
    assert year
    assert month.chance < day.chance < year.chance
    mistyped = nearly("19670309", "19671309")
    assert mistyped
    assert mistyped.chance < month.chance / 10


def test_chance_grows_with_the_pairs_of_those_who_bear_a_name() -> None:
    near = nearly("19670309", "19670308")
    assert near
    assert by_chance(1, near) == 0
    assert by_chance(3, near) == pytest.approx(3 * near.chance)


@pytest.mark.parametrize("born", ["14500923", "91851014", "19671310", "19300333", "0000abcd"])
def test_nobody_alive_was_born_on_such_a_date(born: str) -> None:
    assert not possible(born)


def test_the_first_of_january_says_no_day() -> None:
    assert telling("19670309")
    assert not telling("19000101")
