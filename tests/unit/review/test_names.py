"""A pair's name is short and stable, and a slip of the pen is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solmu.review.names import PairId, read_pair_id

IDS = st.integers(1, 2**63 - 2)


@given(IDS, IDS)
def test_a_name_leads_back_to_its_pair_however_it_is_typed(one: int, two: int) -> None:
    if one == two:
        return
    pair = PairId(min(one, two), max(one, two))
    assert read_pair_id(f" {str(pair).upper()} ") == pair


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.data())
def test_one_wrong_character_makes_it_no_name(one: int, more: int, data: st.DataObject) -> None:
    name = str(PairId(one, one + more))
    place = data.draw(st.integers(1, len(name) - 1).filter(lambda at: name[at] != "-"))
    wrong = data.draw(st.sampled_from("0123456789abcdefghjkmnpqrstvwxy").filter(lambda each: each != name[place]))
    assert read_pair_id(name[:place] + wrong + name[place + 1 :]) is None


@pytest.mark.parametrize("text", ["", "p", "p-", "-", "pa-", "412", "p1-1z", "=1+1", "p" + "y" * 50 + "-1a", "p2-11"])
def test_what_is_no_name_gives_none(text: str) -> None:
    assert read_pair_id(text) is None
