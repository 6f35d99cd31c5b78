"""How what a record says now is folded into what its earlier versions said."""

from solmu.sync.fold import evidence, first, fold


def claim(value: object, low: int | None, high: int, own: bool = True) -> dict[str, object]:
    return {"value": value, "own": own, "since": [low, high]}


def test_the_values_of_a_first_load_are_of_unknown_age() -> None:
    assert fold(None, {"city": "Oulu"}, echoes=(), stamp=10, previous=None, partial=False) == {
        "city": claim("Oulu", None, 10)
    }
    assert first({"city": "Oulu"}, 10) == {"city": claim("Oulu", None, 10)}


def test_a_value_that_changed_did_so_after_the_version_before() -> None:
    old = {"city": claim("Oulu", None, 10), "country": claim("FI", None, 10)}
    new = fold(old, {"city": "Kemi", "country": "FI"}, echoes=(), stamp=20, previous=10, partial=False)
    assert new == {"city": claim("Kemi", 10, 20), "country": claim("FI", None, 10)}


def test_a_whole_row_takes_back_what_it_leaves_out_and_a_partial_one_does_not() -> None:
    old = {"city": claim("Oulu", None, 10)}
    assert fold(old, {}, echoes=(), stamp=20, previous=10, partial=False) == {}
    assert fold(old, {}, echoes=(), stamp=20, previous=10, partial=True) == old


def test_an_echo_is_no_evidence() -> None:
    folded = fold(None, {"city": "Oulu", "phone": ["+358401"]}, echoes={"city"}, stamp=1, previous=None, partial=False)
    assert evidence(folded) == {"phone": ["+358401"]}


def test_a_value_that_turns_from_echo_to_own_was_changed_then() -> None:
    old = {"city": claim("Oulu", None, 10, own=False)}
    new = fold(old, {"city": "Oulu"}, echoes=(), stamp=20, previous=10, partial=False)
    assert new == {"city": claim("Oulu", 10, 20)}


def test_what_we_overwrote_stays_evidence_of_whom_the_record_speaks_of() -> None:
    first = fold(None, {"name": "Kotka Kone"}, echoes=(), stamp=1, previous=None, partial=False)
    written = fold(first, {"name": "Kotka Kone Oy"}, echoes={"name"}, stamp=2, previous=1, partial=False)
    again = fold(written, {"name": "KOTKA KONE OY"}, echoes={"name"}, stamp=3, previous=2, partial=False)
    assert again["name"]["own"] is False
    assert evidence(again) == {"name": "Kotka Kone"}


def test_what_we_wrote_where_nothing_stood_is_evidence_of_nothing() -> None:
    first = fold(None, {}, echoes=(), stamp=1, previous=None, partial=False)
    written = fold(first, {"city": "Kotka"}, echoes={"city"}, stamp=2, previous=1, partial=False)
    assert evidence(written) == {}


def test_a_value_of_its_own_that_we_wrote_in_other_letters_stays_its_own() -> None:
    first = fold(None, {"phone": ["+358141000000"]}, echoes=(), stamp=1, previous=None, partial=False)
    assert fold(first, {"phone": ["+358141000000"]}, echoes={"phone"}, stamp=2, previous=1, partial=False) == first
