"""A row of sums at the end of a list is no record."""

from __future__ import annotations

import pytest

from solmu.propose.totals import leaving_out, total_rows


@pytest.mark.parametrize(
    "word",
    ["Yhteensä", "TOTALE:", "Total", "Summe", "Summa 12 st", "Yhteensä 34 kpl", "Grand total", "Gesamt: 1 234,50"],
)
def test_a_last_row_that_holds_a_word_for_it_and_numbers_is_a_total(word: str) -> None:
    found = total_rows({"Company": ["Kotka Kone Oy", word], "Amount": ["3", "1 234,50"], "E-mail": ["a@b.example", ""]})
    assert found == {"Company": [word]}
    assert leaving_out(found) == {"ignore_when": {"from": "Company", "in": [word]}}


def test_a_subtotal_before_the_total_is_one_too() -> None:
    found = total_rows({"Nr": ["1", "", ""], "Name": ["Kotka Kone Oy", "Subtotal", "Total"], "Sum": [5, 5, 6]})
    assert found == {"Name": ["Subtotal", "Total"]}


def test_whoever_has_more_than_a_name_and_numbers_is_somebody() -> None:
    assert total_rows({"Company": ["Kotka Kone Oy", "Total"], "City": ["Kotka", "Paris"]}) == {}
    assert total_rows({"Company": ["Total", "Kotka Kone Oy"]}) == {}
    assert total_rows({}) == total_rows({"Company": []}) == leaving_out({}) == {}
