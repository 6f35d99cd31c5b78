"""Fields that follow from others of the same row: a whole name, an organisation's domain, the postcode in a city."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

from solmu.exchange import error_in
from solmu.mapping.cells import STRANGE, Cells, ReadsMany, plainly, texts_of
from solmu.mapping.columns import ShowsError, Unusable, not_one_value
from solmu.mapping.row import Columns, Fill, Pairs, Row, never
from solmu.mapping.specs import MEMO, MISSING, Spec
from solmu.mapping.transforms import person_name_of_parts
from solmu.normalise import Invalid, address, clean, domain, is_free_domain

NAME_PARTS = ("given_name", "family_name")
OWN_ADDRESSES = ("website", "email")


Derive = Callable[[dict[str, Any]], tuple[str, Pairs]]
"""What follows from the fields of an entity: the field that it follows from, and the fields that it sets."""


def name_of_parts(specs: Mapping[str, Spec]) -> tuple[Fill, ReadsMany]:
    """A person's name of which the source has the parts: they are kept, and make up the whole one."""
    memo: dict[tuple[str | None, str | None], Any] = {}
    drop = next((spec.drop for spec in specs.values() if spec.drop is not never), never)
    given_columns = specs["given_name"].columns if "given_name" in specs else []
    family_columns = specs["family_name"].columns if "family_name" in specs else []
    sources = [[(each.get, each.names) for each in columns] for columns in (given_columns, family_columns)]

    def made(given: str | None, family: str | None) -> Pairs | Invalid | None:
        try:
            return person_name_of_parts(given, family)
        except Invalid as problem:
            return problem

    def part(row: Row, number: int) -> tuple[str | None, Columns]:
        found: tuple[str | None, Columns] = (None, ())
        for get, names in sources[number]:
            try:
                text = get(row.payload)
            except Unusable:
                continue
            error = error_in(text)
            if error is not None:
                row.invalid(NAME_PARTS[number], names[0], not_one_value(ShowsError(error)), drop=drop)
            if text and isinstance(text, str):
                found = (text, names)  # even of "Null", which is the name of some, the whole name will tell
                if clean(text) is not None:
                    break
        return found

    def fill(row: Row, fields: dict[str, Any], columns: dict[str, Columns]) -> None:
        given, from_given = part(row, 0)
        family, from_family = part(row, 1)
        if given is None and family is None:
            return
        value = memo.get((given, family), MISSING)
        if value is MISSING:
            value = made(given, family)
            if len(memo) >= MEMO:
                memo.clear()
            memo[given, family] = value
        if isinstance(value, Invalid):
            row.invalid("name", (from_family or from_given)[0], value, drop=drop)
            return
        origins = {"given_name": from_given, "family_name": from_family}
        for name, each in value or ():
            fields[name] = each
            columns[name] = origins.get(name, from_given + from_family)

    def pairs(key: tuple[Any, Any]) -> Pairs | None:
        if STRANGE in key:
            return None
        given, family = key
        value = made(given or None, family or None) if given or family else ()
        return None if isinstance(value, Invalid) else value or ()

    if len(given_columns) > 1 or len(family_columns) > 1:
        return fill, plainly(fill)
    texts = [texts_of(each[0]) if each else _no_texts for each in (given_columns, family_columns)]
    return fill, Cells(lambda rows: zip(*(each(rows) for each in texts), strict=True), pairs, fill)


def _no_texts(rows: Sequence[Row]) -> Iterable[None]:
    return repeat(None, len(rows))


def own_domain() -> Derive:
    """An organisation's domain from its own website, else from its own e-mail address; never from a person's."""
    memo: dict[str, str | None] = {}

    def derive(fields: dict[str, Any]) -> tuple[str, Pairs]:
        for name in OWN_ADDRESSES:
            value = fields.get(name)
            for text in value if isinstance(value, list) else [value] if value else ():
                found = memo.get(text, MISSING)
                if found is MISSING:
                    found = _business_domain(text)
                    if len(memo) >= MEMO:
                        memo.clear()
                    memo[text] = found
                if found:
                    return name, (("domain", found),)
        return "", ()

    return derive


def _business_domain(text: str) -> str | None:
    try:
        found = domain(text)
    except Invalid:  # the website says something; that it is no domain is no reason to refuse the row
        return None
    return None if found is None or is_free_domain(found) else found


def city_with_postcode() -> Derive:
    """ "00100 Helsinki" in the city's cell, or "Milano (MI)": the other parts of the address are found there."""
    memo: dict[tuple[str, str | None], tuple[tuple[str, str], ...]] = {}

    def derive(fields: dict[str, Any]) -> tuple[str, Pairs]:
        city = fields.get("city")
        if not city or ("postcode" in fields and "region" in fields):
            return "", ()
        key = (city, fields.get("country"))
        parts = memo.get(key)
        if parts is None:
            parts = _parts_of_city(*key)
            if len(memo) >= MEMO:
                memo.clear()
            memo[key] = parts
        return "city", () if any(name in fields for name, _ in parts if name != "city") else parts

    return derive


def _parts_of_city(city: str, country: str | None) -> tuple[tuple[str, str], ...]:
    try:
        found = address(None, None, city, country)
    except Invalid:
        return ()
    if found is None or found.city in (None, city):
        return ()
    parts = (("city", found.city), ("postcode", found.postcode), ("region", found.region))
    return tuple((name, value) for name, value in parts if value)
