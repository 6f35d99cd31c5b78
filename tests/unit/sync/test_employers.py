"""Since when a list names whom as somebody's employer."""

from __future__ import annotations

from solmu.sync.employers import Named, named_since

KONE, SAHA = 1, 2


def was(organisation: int, since: int) -> Named:
    return Named(organisation, since, live=False)


def now(organisation: int, since: int) -> Named:
    return Named(organisation, since, live=True)


def test_an_employer_is_named_since_the_row_that_does() -> None:
    assert named_since([now(KONE, 7)]) == {KONE: 7}


def test_rows_that_change_places_name_nobody_anew() -> None:
    assert named_since([was(KONE, 1), was(KONE, 5), now(KONE, 9)]) == {KONE: 1}


def test_another_employer_is_news_and_so_is_the_way_back() -> None:
    assert named_since([was(KONE, 1), now(SAHA, 5)]) == {SAHA: 5}
    assert named_since([was(KONE, 1), was(SAHA, 5), now(KONE, 9)]) == {KONE: 9}
    assert named_since([was(KONE, 1), was(SAHA, 5), was(KONE, 9), now(KONE, 12)]) == {KONE: 9}


def test_who_works_for_two_is_named_with_both_whatever_is_sorted_anew() -> None:
    assert named_since([was(KONE, 1), was(SAHA, 2), now(KONE, 10), now(SAHA, 11)]) == {KONE: 1, SAHA: 2}


def test_what_no_row_names_any_more_is_named_by_nobody() -> None:
    assert named_since([was(KONE, 1)]) == {}


def test_of_rows_that_were_stored_before_the_version_was_kept_nothing_is_known() -> None:
    assert named_since([was(KONE, 0), now(KONE, 3)]) == {KONE: 0}
