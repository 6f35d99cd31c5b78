"""Countries, by code, by name in seven languages and in their own."""

import difflib
import functools
import re

from solmu.normalise.invalid import Invalid
from solmu.normalise.locale_names import locale_names
from solmu.normalise.text import fold, is_placeholder, tidy
from solmu.normalise.word_list import phrase_set

# What people write and no standard lists, folded: parts of the United Kingdom, short names, old names, other codes.
# A single letter is the one on a country's cars, as before a postcode.
_ALIASES = {
    "AT": "a",
    "BE": "b",
    "ES": "e",
    "FR": "f",
    "HU": "h",
    "IT": "i",
    "LU": "l",
    "NO": "n",
    "PT": "p",
    "SE": "s",
    "AE": "uae|u a e|emirates|arabiemiraatit|emirati arabi",
    "BO": "bolivia",
    "BY": "valko venaja|white russia",
    "CD": "drc|dr congo",
    "CI": "ivory coast",
    "CN": "prc|people s republic of china|kiinan kansantasavalta|p r china",
    "CV": "cape verde",
    "CZ": "czech|czechia|czech republic|tsekki|tsekin tasavalta|repubblica ceca|tschechien|tjeckien|tsehhi",
    "DE": "d|brd|ger|federal republic of germany|bundesrepublik deutschland",
    "DK": "danimarca",
    "FI": "suomi|sf",
    "GB": """
        uk|u k|united kingdom of great britain|great britain|britain|england|scotland|wales|northern ireland
        iso britannia|britannia|englanti|skotlanti|pohjois irlanti|storbritannien|skottland
        gran bretagna|inghilterra|scozia|galles|grossbritannien|schottland|grande bretagne|angleterre|ecosse
        suurbritannia|inglismaa|sotimaa|gb eng|gb sct|gb wls|gb nir
    """,
    "GR": "el|hellas|ellada",
    "HK": "hong kong",
    "IE": "eire|republic of ireland",
    "IR": "persia",
    "KR": "korea|south korea|republic of korea|etela korea|corea del sud|sydkorea|sudkorea|coree du sud|louna korea",
    "LA": "laos",
    "MD": "moldavia",
    "MK": "macedonia|makedonia|fyrom",
    "MM": "burma",
    "MO": "macau",
    "NL": "holland|hollanti|olanda|the netherlands|pays bas|hollande|paesi bassi",
    "RU": "russia|russian federation|venajan federaatio|federazione russa",
    "SY": "syria",
    "SZ": "swaziland",
    "TR": "turkey|turkiye",
    "TW": "taiwan r o c|republic of china",
    "TZ": "tanzania",
    "US": """
        usa|u s a|u s|the united states|united states of america|yhdysvallat|amerikan yhdysvallat|ameerika uhendriigid
        stati uniti d america|etats unis d amerique
        vereinigte staaten von amerika|forenta staterna|amerikas forenta stater
    """,
    "VA": "vatican|vatikaani|vaticano",
    "VE": "venezuela",
    "VN": "viet nam",
    "XK": "kosovo|kosova",
}

# Not countries, though they stand in country columns; babel's own names of regions are added.
_REGIONS = phrase_set(
    """
    baltic|baltics|the baltics|baltic states|baltic countries|baltia|baltian maat|baltikum|baltikumi|baltimaad
    paesi baltici|pays baltes|baltische staaten
    nordic|nordics|the nordics|nordic countries|pohjoismaat|pohjola|norden|paesi nordici|pohjamaad
    scandinavia|skandinavia|skandinavien|scandinavie|benelux|dach|emea|apac|latam|cis|balkan|balkans|balkan maat
    eu|e u|european union|europe|eurooppa|europa|euroopa|eea|efta|asia|aasia|asien|asie|africa|afrikka|afrika|afrique
    america|amerikka|amerika|amerique|middle east|lahi ita|naher osten|medio oriente|moyen orient|mena|gcc
    caribbean|oceania|worldwide|world|global|international|maailma|kansainvalinen|mondo|welt|monde
    abroad|ulkomaat|estero|ausland|utlandet|etranger|row|other|muu|altro|andere|autre|united nations
    """
)

# In babel's tables and yet no country of ISO 3166.
_NO_COUNTRY = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"})

_PARTS = re.compile(r"[()/,;|]|\s-\s")


@functools.cache
def _codes() -> frozenset[str]:
    import pycountry

    return frozenset({country.alpha_2 for country in pycountry.countries} | {"XK"})


@functools.cache
def _names() -> dict[str, str]:
    """Folded names and three-letter codes, with the two-letter code of each."""
    import pycountry

    names: dict[str, str] = {}
    for code, aliases in _ALIASES.items():
        for alias in phrase_set(aliases):
            names[alias] = code
    for country in pycountry.countries:
        for attribute in ("alpha_3", "name", "common_name", "official_name"):
            name = getattr(country, attribute, None)
            if name:
                names.setdefault(fold(name), country.alpha_2)
    for code, name in locale_names("territories"):
        if code in _codes():
            names.setdefault(name, code)
    return {name: code for name, code in names.items() if name not in _REGIONS}


@functools.cache
def _own_names() -> dict[str, str]:
    """What countries are called at home, folded: Nederland, Polska, España."""
    from babel import Locale, UnknownLocaleError
    from babel.languages import get_official_languages

    names: dict[str, str] = {}
    for code in sorted(_codes()):
        for language in get_official_languages(code, de_facto=True):
            try:
                name = Locale.parse(language).territories.get(code)
            except (UnknownLocaleError, ValueError):
                continue
            if name:
                names.setdefault(fold(name), code)
    return names


@functools.cache
def _regions() -> frozenset[str]:
    named = {name for code, name in locale_names("territories") if code.isdigit() or code in _NO_COUNTRY}
    return (_REGIONS | named) - _names().keys() - {""}


def _lookup(folded: str) -> str | None:
    # Two letters are a code before they are a name, and NA is Namibia, not "not available".
    code = folded.upper()
    if len(code) == 2 and code in _codes():
        return code
    return _names().get(folded) or (None if folded in _regions() else _own_names().get(folded))


def known_country(text: str) -> str | None:
    """The same as ``country`` for one text, and None where it is no country's name or code: for texts of any kind, of
    which nobody wants to know what they nearly are."""
    tidied = tidy(text)
    found = _lookup(fold(tidied))
    if found is None:
        # "Finland (FI)", "Suomi/Finland", "FI - Finland": every part must name the same one.
        parts = {_lookup(fold(part)) for part in _PARTS.split(tidied) if part.strip()}
        found = parts.pop() if len(parts) == 1 else None
    return found


def country(text: str | None) -> str | None:
    """The country's ISO 3166-1 alpha-2 code, from a code or a name in English, Finnish, Swedish, Italian, German,
    French, Estonian or a language of its own; None when blank. Kosovo is ``XK``.

    Raises Invalid: ``not-a-country`` for a region of several countries ("Baltic"), else ``unknown-country``.
    """
    tidied = tidy(text or "")
    if not tidied or is_placeholder(tidied):
        return None
    found = known_country(tidied)
    if found is not None:
        return found
    folded = fold(tidied)
    if folded in _regions():
        raise Invalid("not-a-country", tidied, "this is not one country", "the name or code of a country, such as FI")
    near = difflib.get_close_matches(folded, _names(), n=1, cutoff=0.8)
    hint = f"; perhaps {near[0]} ({_names()[near[0]]})" if near else ""
    raise Invalid(
        "unknown-country", tidied, "this country is unknown", f"the name or code of a country, such as FI{hint}"
    )
