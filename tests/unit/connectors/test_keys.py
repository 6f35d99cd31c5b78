"""Keys of rows that have none of their own."""

from __future__ import annotations

from connectors.keys import Keys, row_hash


def test_the_parts_are_joined_and_trimmed() -> None:
    assert Keys(["Partner", "Nr"]).of({"Partner": " Oy Kone ", "Nr": 7, "Note": "x"}) == "Oy Kone|7"


def test_parts_that_contain_the_joiner_stay_apart() -> None:
    keys = Keys(["a", "b"])
    assert keys.of({"a": "x|y", "b": "z"}) != keys.of({"a": "x", "b": "y|z"})
    assert keys.of({"a": "x\\", "b": "y"}) != keys.of({"a": "x", "b": "\\y"})


def test_a_blank_part_falls_back_to_the_rows_hash() -> None:
    row = {"Partner": "Oy Kone", "E-mail": " ", "Note": "x"}
    assert Keys(["Partner", "E-mail"]).of(row) == f"Oy Kone|{row_hash(row)}"
    assert Keys(["Partner", "Gone"]).of(row) == f"Oy Kone|{row_hash(row)}"


def test_without_columns_the_hash_is_the_key_and_identical_rows_are_numbered() -> None:
    keys = Keys([])
    row = {"Name": "Oy Kone"}
    digest = row_hash(row)
    assert [keys.of(row) for _ in range(3)] == [digest, f"{digest}#2", f"{digest}#3"]
    assert keys.of({"Name": "Other"}) == row_hash({"Name": "Other"})


def test_the_hash_does_not_depend_on_the_order_of_columns() -> None:
    assert row_hash({"a": 1, "b": "ä"}) == row_hash({"b": "ä", "a": 1})
    assert row_hash({"a": 1}) != row_hash({"a": "1"})


def test_rows_that_claim_one_key_come_out_equal() -> None:
    keys = Keys(["Nr"])
    assert keys.of({"Nr": 1, "Name": "A"}) == keys.of({"Nr": 1, "Name": "B"}) == "1"


def test_many_rows_are_told_apart() -> None:
    keys = Keys([])
    assert len({keys.of({"n": number}) for number in range(20_000)}) == 20_000
    assert keys.of({"n": 12_345}).endswith("#2")
