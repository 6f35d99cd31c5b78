from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.ids import DIGITS, check_suffix, full_id, make_id

FIFTEEN = st.text(DIGITS, min_size=15, max_size=15)


def test_the_suffix_is_the_one_that_published_ids_have() -> None:
    # Ids out of the examples in Salesforce's own guides.
    assert check_suffix("001R00000064wdt") == "IAA"
    assert check_suffix("0015000000VALDt") == "AAP"


def test_ids_are_eighteen_characters_that_begin_with_the_prefix_and_never_repeat() -> None:
    made = [make_id("003", number) for number in range(1, 5000)]
    assert len(set(made)) == len(made)
    assert all(len(each) == 18 and each.startswith("003") and full_id(each) == each for each in made)


@given(FIFTEEN)
def test_fifteen_characters_become_eighteen(fifteen: str) -> None:
    assert full_id(fifteen) == fifteen + check_suffix(fifteen)


@given(FIFTEEN)
def test_the_suffix_restores_a_lost_case(fifteen: str) -> None:
    whole = fifteen + check_suffix(fifteen)
    assert full_id(whole.lower()) == whole
    assert full_id(whole.upper()) == whole


def test_what_is_no_id_is_none() -> None:
    assert [full_id(each) for each in ("", "abc", "001-0000000001A", "001R00000064wdtIAAX", None, 7)] == [None] * 6
