"""Each table in golden/ is a list of what people write and what becomes of it; all names and numbers are synthetic.

The first columns are the input, empty ones not given; the others are what comes out, and ``invalid`` is the code of the
error where there is one.
"""

import csv
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from solmu import normalise
from solmu.normalise import Invalid

GOLDEN = Path(__file__).with_name("golden")


def organisation(text: str) -> dict[str, Any]:
    name = normalise.organisation_name(text)
    return {"core": name and name.core, "legal_form": name and name.legal_form, "key": name and name.key}


def person(text: str, order: str | None) -> dict[str, Any]:
    name = normalise.person_name(text, cast(Any, order or "given-first"))
    fields = ("title", "given", "middle", "family", "suffix", "full", "key")
    return {field: name and getattr(name, field) for field in fields}


def person_in_parts(given: str | None, family: str | None) -> dict[str, Any]:
    name = normalise.person_name_parts(given, family)
    return {
        "given_name": name and name.given,
        "family_name": name and name.family,
        "full": name and name.full,
        "key": name and name.key,
    }


def phones(text: str, region: str | None) -> dict[str, Any]:
    found = normalise.phones(text, region)
    return {"numbers": " ".join(phone.value for phone in found), "kinds": " ".join(phone.kind for phone in found)}


def email(text: str) -> dict[str, Any]:
    found = normalise.email(text)
    if found is None:
        return dict.fromkeys(("address", "key", "domain", "is_role", "is_free"))
    return {
        "address": found.address,
        "key": found.key,
        "domain": found.domain,
        "is_role": "yes" if found.is_role else "no",
        "is_free": "yes" if found.is_free else "no",
    }


def business_id(text: str, country: str | None) -> dict[str, Any]:
    found = normalise.business_id(text, country)
    return {
        "scheme": found and found.scheme,
        "value": found and found.value,
        "key": found and found.key,
        "of_country": found and found.country,
    }


def address(street: str | None, postcode: str | None, city: str | None, country: str | None) -> dict[str, Any]:
    found = normalise.address(street, postcode, city, country)
    return {
        "street": found and found.street,
        "house": found and found.house,
        "code": found and found.postcode,
        "town": found and found.city,
        "region": found and found.region,
        "of_country": found and found.country,
    }


def amount(text: str, decimal: str | None) -> dict[str, Any]:
    return {"number": normalise.amount(text, cast(Any, decimal))}


def date(text: str, order: str | None) -> dict[str, Any]:
    return {"day": normalise.date(text, cast(Any, order))}


def timestamp(text: str, timezone: str | None) -> dict[str, Any]:
    moment = normalise.timestamp(text, timezone=timezone or "UTC")
    return {"moment": moment and moment.isoformat()}


# Table: how many columns are input, and what makes the others of them.
TABLES: dict[str, tuple[int, Callable[..., dict[str, Any]]]] = {
    "organisations": (1, organisation),
    "people": (2, person),
    "people_in_parts": (2, person_in_parts),
    "phones": (2, phones),
    "emails": (1, email),
    "business_ids": (2, business_id),
    "countries": (1, lambda text: {"code": normalise.country(text)}),
    "languages": (1, lambda text: {"code": normalise.language(text)}),
    "currencies": (1, lambda text: {"code": normalise.currency(text)}),
    "amounts": (2, amount),
    "domains": (1, lambda text: {"registered": normalise.domain(text)}),
    "addresses": (4, address),
    "streets": (1, lambda text: {"key": normalise.street_key(text)}),
    "postcodes": (2, lambda text, country: {"code": normalise.postcode(text, country)}),
    "dates": (2, date),
    "timestamps": (2, timestamp),
}


def rows() -> Iterator[Any]:
    for table in TABLES:
        with (GOLDEN / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                yield pytest.param(table, row, id=f"{table}:{number}")


@pytest.mark.parametrize(("table", "row"), list(rows()))
def test_what_people_write_becomes_what_the_golden_table_says(table: str, row: dict[str, str]) -> None:
    inputs, normalised = TABLES[table]
    given = list(row.values())[:inputs]
    expected = {name: value for name, value in list(row.items())[inputs:] if name != "invalid"}
    assert outcome(normalised, empty_as_none(given), expected) == (row["invalid"], expected)


def outcome(
    normalised: Callable[..., dict[str, Any]], given: list[str | None], columns: Collection[str]
) -> tuple[str, dict[str, str]]:
    """The code of the error, if any, and the columns as text."""
    try:
        found = normalised(*given)
    except Invalid as invalid:
        return invalid.code, dict.fromkeys(columns, "")
    return "", {name: "" if value is None else str(value) for name, value in found.items()}


def empty_as_none(given: list[str]) -> list[str | None]:
    return [value or None for value in given]


def test_every_golden_table_is_read() -> None:
    assert {path.stem for path in GOLDEN.glob("*.csv")} == set(TABLES)
