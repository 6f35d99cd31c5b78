"""Where a card says that somebody is, as matching compares it. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from solmu.match.memo import MEMO
from solmu.match.towns import state_of, town_and_region
from solmu.normalise.street import postcode_in_line, street_key
from solmu.normalise.text import fold

_BOX = re.compile(
    r"\s*(?:p\.?\s?o\.?\s?box|post\s?box|box|postfach|postboks|pl|bp|casella postale|apartado)\s([\d\s]+)",
    re.IGNORECASE,
)
_COUNTRY_BEFORE = re.compile(r"^[a-z]{1,2}(?=\d{4})")
_ZIP_PLUS_FOUR = re.compile(r"(\d{5})[\s-]?\d{4}")  # what is behind the five digits says which side of the street


def place(values: Mapping[str, Any]) -> dict[str, str | None]:
    """Where a card says that an organisation is: the features from ``street`` to ``country``."""
    street, postcode, city = (values.get(name) or "" for name in ("street", "postcode", "city"))
    if street and not postcode and not city:
        postcode = _postcode_in_line(street) or ""
    town, region = _town(city, values.get("country"))
    return {
        "street": _street(street) if street else None,
        "postcode": _postcode(postcode) if postcode else None,
        "city": town or None,
        "region": region or (town and state_of(values.get("region") or "", values.get("country"))) or None,
        "country": values.get("country"),
    }


def home(values: Mapping[str, Any]) -> dict[str, str | None]:
    """Where a person is; a post-office box is as much one reader's as a house is, while a company has both."""
    found = place(values)
    if found["street"] is None and (box := _BOX.fullmatch(values.get("street") or "")):
        found["street"] = f"box|{re.sub(r'[^0-9]', '', box[1])}"
    return found


_town = functools.lru_cache(maxsize=MEMO)(town_and_region)
_postcode_in_line = functools.lru_cache(maxsize=MEMO)(postcode_in_line)


@functools.lru_cache(maxsize=MEMO)
def _street(text: str) -> str | None:
    key = street_key(text)
    # Without a house number a street says no more than its quarter.
    return key if key.partition("|")[2] else None


@functools.lru_cache(maxsize=MEMO)
def _postcode(text: str) -> str | None:
    if found := _ZIP_PLUS_FOUR.fullmatch(text.strip()):
        return found[1]
    code = _COUNTRY_BEFORE.sub("", fold(text).replace(" ", ""))
    return code if code.strip("0-") else None  # zeros are how forms are filled in
