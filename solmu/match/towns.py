"""Towns under one name: many go by two, and cards of one company carry either."""

from __future__ import annotations

import re

from solmu.match.town_names import NAMES, ONLY_IN
from solmu.normalise.text import fold

# "г. Казань", "大阪府大阪市", "인천시": the kind of place, and the prefecture before it, are no part of a town's name.
_KIND_BEFORE = re.compile(
    r"^(?:(?:г|гр|м)(?:\.\s*|\s+)|(?:город|град|місто)\s+)(?=\w)|^\S{2,3}[都道府県省](?=\S{2,}市$)"
)
_KIND_BEHIND = re.compile(
    r"(?<=[\u3040-\u9fff]{2})市$|(?<=^東京)都$|(?<=[\uac00-\ud7af]{2})(?:특별자치시|특별시|광역시|시|군)$"
)
# "Miami, FL", "Sydney, NSW", "Verona (VR)", "Buchs SG": Springfield, IL is not Springfield, MA. In a text of capitals
# only a state's letters are known for what they are. Which country it is says a field of its own.
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI"
    "|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|PR|AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT|NSW|VIC|QLD|TAS|ACT"
)
_REGION_BEHIND = re.compile(
    r"\s*\((?P<province>[A-Z]{2})\)$|\s*,\s*(?P<state>[A-Z]{2,3})$"
    rf"|(?<=[a-zß-öø-ÿ])\s(?!NV$|SV$)(?P<canton>[A-Z]{{2}})$|(?<=[A-Z]{{3}})\s(?P<capitals>{_STATES})$"
)
_NO_REGION = frozenset({"US", "USA", "UK", "GB"})
_IN_THE_ADDRESS = frozenset({"US", "CA", "AU", "IT"})
"""Countries whose addresses have a state's or province's letters; elsewhere a region may be where somebody sells."""
_LETTERS = re.compile(r"[A-Z]{2,3}")
_QUARTER_BEHIND = re.compile(r"(?<=\w{4})\s(?:[KVSCMNØ]|NV|SV|NØ|SØ)$")  # "Odense C"
_SHORT_WORDS = {"saint": "st", "sainte": "st", "sankt": "st", "sint": "st", "ste": "st"}
_SHORT_AT_FIRST = {"fort": "ft", "mount": "mt"}
# "Helsinki 10", "Paris Cedex 08", "London W1": the district does not make another town.
_DISTRICT = re.compile(r"\s+(?:cedex(?:\s\d+)?|\d{1,3}|[a-z]{1,2}\d{1,2}[a-z]?)$")


def town_and_region(text: str, country: str | None = None) -> tuple[str, str]:
    """A town for comparison: the folded name that stands for it, from any of its names; and the state or province that
    is named behind it, which many leave out: ("miami", "fl"). Empty where nothing is left, or said."""
    bare = " ".join(text.split())
    found = _REGION_BEHIND.search(bare)
    if found and found["capitals"] and country and country not in _IN_THE_ADDRESS:
        found = None  # SON LA in Vietnam is not in Louisiana
    region = next(filter(None, found.groups())) if found else ""
    bare = bare[: found.start()] if found and found.start() else bare
    for cut in (_QUARTER_BEHIND, _KIND_BEFORE, _KIND_BEHIND):
        bare = cut.sub("", bare.strip()) or bare
    folded = _shortened(bare)
    plain = _DISTRICT.sub("", folded) or folded
    town = _ONE_NAME.get(_shortened(text) if found else plain) or _ONE_NAME.get(plain, plain)  # "Mexico DF"
    return town, region.lower() if town and region not in _NO_REGION else ""


def in_its_country(town: str, country: str | None) -> str:
    """A town of ``town_and_region``, where its card names a country in which it goes by that name abroad, too."""
    return _IN_ITS_COUNTRY.get((country, town), town)


def state_of(region: str, country: str | None) -> str:
    """What a field of its own says of the state or province, as ``town_and_region`` has it; empty for anything else."""
    letters = region.strip()
    known = country in _IN_THE_ADDRESS and letters not in _NO_REGION and _LETTERS.fullmatch(letters)
    return letters.lower() if known else ""


def _shortened(text: str) -> str:
    """Folded, with what many write short: St Louis, Ft Worth."""
    words = [_SHORT_WORDS.get(word, word) for word in fold(text).split()]
    return " ".join([_SHORT_AT_FIRST.get(word, word) for word in words[:1]] + words[1:])


_ONE_NAME = {
    _shortened(name): _shortened(line.partition("|")[0])
    for line in NAMES.strip().splitlines()
    if line
    for name in line.split("|")
}
_IN_ITS_COUNTRY: dict[tuple[str | None, str], str] = {
    (country, _shortened(name)): _shortened(town)
    for country, town, *names in (line.split("|") for line in ONLY_IN.strip().splitlines())
    for name in names
}
