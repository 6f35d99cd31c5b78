"""Columns are read by name; a JMESPath is for nested payloads."""

from __future__ import annotations

from typing import Any

import pytest

from solmu.mapping.columns import Unusable, as_text, column, path_roots, path_search


@pytest.mark.parametrize(
    "name",
    ["E-mail", "Contact person", "Nr.", "Company (legal)", "Puh/GSM", "2024", "Customer?", "Y-tunnus", "Amount €"],
)
def test_a_columns_name_may_hold_anything(name: str) -> None:
    read = column(name)

    assert read.get({name: "x"}) == "x"
    assert read.names == (name,)
    assert read.get({}) is None


def test_a_key_of_exactly_that_name_goes_before_the_path() -> None:
    read = column("P.IVA")

    assert read.get({"P.IVA": "flat", "P": {"IVA": "nested"}}) == "flat"
    assert read.get({"P": {"IVA": "nested"}}) == "nested"
    assert read.names == ("P.IVA", "P")


@pytest.mark.parametrize(
    ("path", "payload", "value"),
    [
        ("Address.City", {"Address": {"City": "Kotka"}}, "Kotka"),
        ("Phones[?kind=='work'].number | [0]", {"Phones": [{"kind": "work", "number": "1"}]}, "1"),
        ('Name && "E-mail"', {"Name": "Aino", "E-mail": "a@b.example"}, "a@b.example"),
        ('Name && "E-mail"', {"Name": "", "E-mail": "a@b.example"}, ""),
    ],
)
def test_a_path_reaches_into_a_payload(path: str, payload: dict[str, Any], value: Any) -> None:
    assert column(path).get(payload) == value


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("Address.City", ("Address",)),
        ("a.b || c[0].d", ("a", "c")),
        ("Phones[?kind=='work'].number", ("Phones",)),
        ("sort_by(people, &name)[0].name", ("people",)),
        ("{x: a.b, y: c}", ("a", "c")),
        ("custom.machine", ("custom.machine",)),
        ("custom.tags[0]", ("custom.tags",)),
    ],
)
def test_a_path_knows_which_columns_it_begins_with(path: str, names: tuple[str, ...]) -> None:
    assert path_roots(path) == names


@pytest.mark.parametrize("path", ["Contact person", "Company (legal)", "a.", "nofunction(a)"])
def test_what_is_no_path_is_refused_where_one_is_needed(path: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        path_roots(path)


def test_a_path_that_does_not_fit_the_payload_is_unusable() -> None:
    with pytest.raises(Unusable, match="does not fit"):
        column("length(Size)").get({"Size": 5})


def test_a_field_of_the_hubs_own_is_found_though_it_has_a_dot() -> None:
    assert path_search("custom.machine")({"custom.machine": "Laser"}) == "Laser"
    assert path_search("custom.tags[0]")({"custom.tags": ["a", "b"]}) == "a"


@pytest.mark.parametrize(
    ("raw", "text"),
    [("x", "x"), (None, None), (True, "true"), (1001, "1001"), (1001.0, "1001"), (0.1, "0.1"), (1e22, "1" + "0" * 22)],
)
def test_a_scalar_is_written_as_people_would(raw: Any, text: str | None) -> None:
    assert as_text(raw) == text


def test_a_block_and_a_list_are_not_one_value() -> None:
    with pytest.raises(Unusable, match="a block"):
        as_text({"a": 1})
    with pytest.raises(Unusable, match="a list"):
        as_text([1])
