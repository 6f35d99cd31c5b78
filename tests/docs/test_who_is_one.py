"""The examples of the page that says who is one customer come out as it says, each pair of cards alone in a hub."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from solmu.config import Hub, init_hub, load_hub
from solmu.mapping import load_source_mapping, map_batch
from solmu.mapping.source import SourceMapping
from solmu.model import Entity
from solmu.store import open_store
from tests.docs.pages import DOCS, Page
from tests.unit.match.cards import Cards, Settings

PAGE = Page(DOCS / "explanation" / "who-is-one.md")
OUTCOMES = {"one": "same", "asked": "ask", "two": None}
ORGANISATIONS, PEOPLE = "One company", "One person"
"""How the first column of a table is called says of whom it speaks."""

HUB = """
name: Examples
fields:
  person:
    custom.born: {kind: date, label: Born}
"""
MAPPING = """
record: card
organisation:
  name: {from: Company}
  business_id: {from: Business id, country: &country {from: Country, default: FI}}
  website: {from: Website}
  domain: {from: Website, on_invalid: drop}
  email: {from: E-mail of the company}
  phone: {from: Phone of the company, region: *country}
  street: {from: Street}
  postcode: {from: Postcode, country: *country}
  city: {from: City}
  country: {from: Country}
person:
  given_name: {from: Given name}
  family_name: {from: Family name}
  email: {from: E-mail}
  phone: {from: Phone, region: *country}
  custom.born: {from: Born}
  city: {from: City of the person}
"""


def told(page: Page) -> Iterator[tuple[str, str, str, str]]:
    """Every example: of whom it speaks, its two cards, and what comes of them."""
    of = None
    for line in page.prose.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if len(cells) != 3:
            of = None
        elif cells[0] in (ORGANISATIONS, PEOPLE):
            of = cells[0]
        elif of is not None and cells[0].strip("-"):
            yield of, cells[0], cells[1], cells[2]


EXAMPLES = list(told(PAGE))


def row(of: str, card: str) -> dict[str, str]:
    """A card as the page writes it, as a row: the name, and behind it what else it says, each by its own look."""
    company = of == ORGANISATIONS
    name, *rest = (part.strip() for part in card.split("·"))
    given, _, family = name.rpartition(" ")
    found = {"Company": name} if company else {"Given name": given, "Family name": family}
    for part in rest:
        if "@" in part:
            found["E-mail of the company" if company else "E-mail"] = part
        elif part.startswith("+"):
            found["Phone of the company" if company else "Phone"] = part
        elif part.startswith("www."):
            found["Website"] = part
        elif part.startswith("born "):
            found["Born"] = part.removeprefix("born ")
        elif part.startswith("at "):
            found["Company"] = part.removeprefix("at ")
        elif part.startswith("No. "):
            found["Business id"] = part.removeprefix("No. ")
        elif re.fullmatch("[A-Z]{2}", part):
            found["Country"] = part
        elif place := re.fullmatch(r"in (?:(\d{4,5}) )?(.+)", part):
            found["Postcode"] = place[1] or ""
            found["City" if company else "City of the person"] = place[2]
        else:
            found["Street"] = part
    return {column: value for column, value in found.items() if value}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Hub:
    folder: Path = tmp_path_factory.mktemp("examples")
    init_hub(folder)
    (folder / "hub.yaml").write_text(HUB, encoding="utf-8")
    mapping = folder / "mappings" / "sources" / "cards.yaml"
    mapping.parent.mkdir(parents=True, exist_ok=True)
    mapping.write_text(MAPPING, encoding="utf-8")
    return load_hub(folder)


@pytest.fixture(scope="module")
def mapping(hub: Hub) -> SourceMapping:
    return load_source_mapping(hub, "cards")


def test_there_are_examples() -> None:
    assert {of for of, *_ in EXAMPLES} == {ORGANISATIONS, PEOPLE}
    assert {outcome for *_, outcome in EXAMPLES} == OUTCOMES.keys()


@pytest.mark.parametrize(("of", "one", "other", "outcome"), EXAMPLES, ids=[f"{a} | {b}" for _, a, b, _ in EXAMPLES])
def test_an_example_comes_out_as_the_page_says(
    of: str, one: str, other: str, outcome: str, mapping: SourceMapping
) -> None:
    entity = Entity.ORGANISATION if of == ORGANISATIONS else Entity.PERSON
    with open_store("sqlite://") as store:
        cards = Cards(store, Settings(birth_dates=("custom.born",)))
        ids = []
        for mapped in map_batch(mapping, [row(of, one), row(of, other)], mapping.name):
            said = {each.entity: each.fields for each in mapped.mentions}
            people = [said[Entity.PERSON]] if entity is Entity.PERSON else []
            ids.append(cards.add(said.get(Entity.ORGANISATION), *people)[-1])
        cards.resolve()
        assert cards.together(*ids) == (outcome == "one")
        assert cards.band(*ids) == OUTCOMES[outcome]
