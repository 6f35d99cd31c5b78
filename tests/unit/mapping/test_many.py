"""Many rows mapped at once say what each of them says by itself."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from solmu.errors import Skippable
from solmu.exchange import cell_error
from solmu.mapping import Mapped, SourceMapping
from solmu.mapping.cells import Cells
from solmu.mapping.row import Pairs, Row
from tests.unit.mapping.conftest import source
from tests.unit.mapping.test_shipped import SOURCES, sample, shipped_source

ODD: list[Any] = [
    "",
    None,
    " ",
    "n/a",
    "Null",
    5,
    5.5,
    True,
    False,
    Decimal("1.5"),
    ["a@b.fi", "c@d.fi"],
    [],
    {"x": 1},
    cell_error("#REF!"),
    "?@",
    "x@y.fi; z@y.fi",
    "+358 40 1234567",
    "040 1234567",
    "31.2.2024",
    "Finland",
    "Atlantis",
    "00100 Helsinki",
    "Virtanen Oy",
    "\ud800",
]
"""What may stand in any cell."""

EVERYTHING = """
record: lead
observed_at: {from: Date, order: dmy}
ignore_when: {from: Status, in: [Spam]}
require: [[person.email, organisation.name]]
organisation:
  name: {from: [Company, Firm]}
  website: {from: Web, on_invalid: drop}
  email: {from: [Office, Office 2], on_invalid: drop}
  country: {from: Country, default: FI}
  phone: {from: Phone, on_invalid: drop}
  city: City
  tags: {const: [Fair]}
  parent: {stream: firms, key: Parent}
person:
  given_name: First
  family_name: Last
  email: {from: E-mail, on_invalid: drop}
  phone: {from: Phone, region: {from: Country, default: FI}, on_invalid: drop}
  department: {from: Level, as: choice, values: {A: high, B: low}}
person#2:
  name: {from: [Contact, Contact 2]}
  title: Title
  given_name: Called
lead:
  number: No
  interest: {from: [Wish, Wishes], default: Laser}
  on: {from: Date, order: dmy}
  status: {const: new}
consent:
  email: Newsletter
affiliation:
  job_title: Job
"""
COLUMNS = re.findall(
    r"[^,]+",
    "Date,Status,Company,Firm,Web,Office,Office 2,City,Country,Parent,First,Last,E-mail,Phone,Level,Contact,Contact 2,"
    "Title,Called,No,Wish,Wishes,Newsletter,Job",
)
USUAL: dict[str, list[Any]] = {
    "Date": ["3.4.2024", "13.4.2024"],
    "Status": ["Open", "spam"],
    "Company": ["Kotkan Paja Oy", "Rauta Ab"],
    "Web": ["www.paja.example"],
    "Office": ["info@rauta.example"],
    "Office 2": ["info@rauta.example", "myynti@rauta.example"],
    "City": ["Kotka", "48100 Kotka"],
    "Country": ["Suomi", "SE"],
    "First": ["Aino"],
    "Last": ["Laine", "Null"],
    "E-mail": ["aino@paja.example"],
    "Phone": ["040 1234567"],
    "Level": ["A", "b"],
    "Contact": ["Eino Meri", "Dr. Eino Meri"],
    "Newsletter": ["yes", "no"],
}


def plain(result: Mapped | Skippable) -> Any:
    """A result without what is told of single rows only."""
    if isinstance(result, Skippable):
        return result.as_dict()
    mentions = tuple(replace(each, columns={}) for each in result.mentions)
    return replace(result, mentions=mentions, unmapped=())


def one_by_one(mapping: SourceMapping, payloads: Sequence[dict[str, Any]]) -> Iterator[Any]:
    for payload in payloads:
        try:
            yield plain(mapping.map(payload, connection="list"))
        except Skippable as refused:
            yield plain(refused)


def together(mapping: SourceMapping, payloads: Sequence[dict[str, Any]]) -> list[Any]:
    return [plain(each) for each in mapping.map_all(payloads, connection="list")]


def changed(payload: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The payload with other things in some of its cells, and some cells missing."""
    made = {name: chance.choice(ODD) if chance.random() < 0.15 else value for name, value in payload.items()}
    return {name: value for name, value in made.items() if chance.random() < 0.97}


@pytest.mark.parametrize("name", SOURCES)
def test_what_a_shipped_mapping_makes_of_many_rows_it_makes_of_each(name: str) -> None:
    chance = random.Random(3)
    payloads = [changed(each, chance) for each in sample("sources", name) for _ in range(20)]
    mapping = shipped_source(name)

    assert together(mapping, payloads) == list(one_by_one(mapping, payloads))


def test_so_it_is_with_every_key_that_a_mapping_may_have() -> None:
    chance = random.Random(5)
    rows = [{name: chance.choice(USUAL.get(name, ["Text", ""])) for name in COLUMNS} for _ in range(300)]
    rows = [changed(row, chance) if chance.random() < 0.5 else row for row in rows]
    mapping = source(EVERYTHING)
    expected = list(one_by_one(mapping, rows))

    assert together(mapping, rows) == expected
    assert [one for row in rows for one in together(mapping, [row])] == expected
    assert {type(each) for each in expected} == {Mapped, dict}
    assert any(isinstance(each, Mapped) and each.warnings for each in expected)
    assert any(isinstance(each, Mapped) and each.ignored for each in expected)


def test_no_rows_say_nothing() -> None:
    assert source("person: {name: P}").map_all([], connection="list") == []


def noting(made: list[str]) -> Callable[[str], Pairs]:
    """Makes nothing of a text, but notes that it was asked."""

    def make(text: str) -> Pairs:
        made.append(text)
        return ()

    return make


def read(cells: Cells, texts: Sequence[str]) -> None:
    cells.read([Row({"C": text}, "list") for text in texts], set())


def test_each_different_text_is_made_once() -> None:
    made: list[str] = []
    cells = Cells(lambda rows: [row.payload["C"] for row in rows], noting(made), fill)

    read(cells, ["Kotka", "Oulu", "Kotka"])
    read(cells, ["Oulu", "Turku"])

    assert sorted(made) == ["Kotka", "Oulu", "Turku"]


def test_what_nearly_never_comes_again_is_not_remembered() -> None:
    made: list[str] = []
    cells = Cells(lambda rows: [row.payload["C"] for row in rows], noting(made), fill)
    numbers = list(map(str, range(2_000)))

    read(cells, numbers[:1_000])
    read(cells, numbers[1_000:])
    read(cells, numbers[:1_000])
    assert len(made) == 3_000

    read(cells, numbers[:500])
    assert len(made) == 3_000


def fill(row: Row, fields: dict[str, Any], columns: dict[str, Any]) -> None:
    raise AssertionError("every text makes sense")
