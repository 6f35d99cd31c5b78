"""Countries, by code or by name in seven languages."""

import difflib
import functools
import re

from solmu.normalise.invalid import Invalid
from solmu.normalise.text import fold, is_placeholder, tidy

# The languages whose country, language and currency names are known.
LANGUAGES = ("en", "fi", "sv", "it", "de", "fr", "et")

# What people write and no standard lists; keys folded. Parts of the United Kingdom, short names, old names, codes of others.
_ALIASES = {
    "GB": "uk|england|scotland|wales|northern ireland|great britain|britain|englanti|skotlanti|pohjois irlanti|storbritannien"
    "|skottland|inghilterra|gran bretagna|scozia|galles|grossbritannien|schottland|grande bretagne|angleterre|ecosse"
    "|iso britannia|britannia|inglismaa|sotimaa|suurbritannia|u k|gb eng|gb sct|gb wls|gb nir|uk gb|united kingdom of great britain",
    "US": "usa|u s a|u s|united states of america|etats unis d amerique|stati uniti d america|yhdysvallat|amerikan yhdysvallat"
    "|vereinigte staaten von amerika|forenta staterna|amerikas forenta stater|ameerika uhendriigid|the united states",
    "NL": "holland|hollanti|olanda|the netherlands|pays bas|hollande|paesi bassi",
    "CZ": "czech|czechia|czech republic|tsekki|tsekin tasavalta|repubblica ceca|tschechien|tjeckien|republique tcheque|tsehhi",
    "RU": "russia|russian federation|venajan federaatio|federazione russa",
    "KR": "south korea|korea|etela korea|corea del sud|sydkorea|sudkorea|coree du sud|louna korea|republic of korea",
    "GR": "el|hellas|ellada",
    "CN": "prc|peoples republic of china|people s republic of china|kiinan kansantasavalta|p r china",
    "TW": "taiwan r o c|republic of china",
    "AE": "uae|u a e|emirates|arabiemiraatit|emirati arabi",
    "MK": "macedonia|makedonia|fyrom",
    "XK": "kosovo|kosova",
    "VA": "vatican|vatikaani|vaticano",
    "CI": "ivory coast",
    "MM": "burma",
    "CV": "cape verde",
    "SZ": "swaziland",
    "BY": "valko venaja|white russia",
    "TR": "turkey|turkiye",
    "VN": "viet nam",
    "MD": "moldavia",
    "FI": "suomi|sf",
    "IR": "persia",
    "CD": "drc|dr congo",
    "HK": "hong kong",
    "MO": "macau",
    "BO": "bolivia",
    "VE": "venezuela",
    "TZ": "tanzania",
    "SY": "syria",
    "LA": "laos",
    "DE": "brd|ger|federal republic of germany|bundesrepublik deutschland",
    "IE": "eire|republic of ireland",
    "DK": "danimarca",
}

# Not countries, though they stand in country columns; babel's own names of regions are added.
_REGIONS = frozenset(
    """
    baltic|baltics|the baltics|baltic states|baltic countries|baltia|baltian maat|balttian maat|baltikum|baltikumi|paesi baltici
    |pays baltes|baltische staaten|baltimaad|nordic|nordics|the nordics|nordic countries|pohjoismaat|pohjola|norden|scandinavia
    |skandinavia|skandinavien|scandinavie|paesi nordici|pohjamaad|benelux|dach|emea|apac|latam|cis|eu|e u|european union|europe
    |eurooppa|europa|euroopa|eea|efta|asia|aasia|asien|asie|africa|afrikka|afrika|afrique|america|amerikka|amerika|amerique
    |middle east|lahi ita|naher osten|medio oriente|moyen orient|mena|gcc|balkan|balkans|balkan maat|worldwide|world|global
    |international|maailma|kansainvalinen|mondo|welt|monde|ulkomaat|abroad|estero|ausland|utlandet|etranger|row
    |united nations|korea north and south|antilles|caribbean|oceania|other|muu|altro|andere|autre
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
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
    from babel import Locale

    names: dict[str, str] = {}
    for code, aliases in _ALIASES.items():
        for alias in aliases.split("|"):
            names[alias] = code
    for country in pycountry.countries:
        for attribute in ("alpha_3", "name", "common_name", "official_name"):
            name = getattr(country, attribute, None)
            if name:
                names.setdefault(fold(name), country.alpha_2)
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in _codes():
                names.setdefault(fold(name), code)
    return {name: code for name, code in names.items() if name not in _REGIONS}


@functools.cache
def _regions() -> frozenset[str]:
    from babel import Locale

    named = {
        fold(name)
        for language in LANGUAGES
        for code, name in Locale(language).territories.items()
        if code.isdigit() or code in _NO_COUNTRY
    }
    return (_REGIONS | named) - _names().keys() - {""}


def _lookup(folded: str) -> str | None:
    # Two letters are a code before they are a name, and NA is Namibia, not "not available".
    code = folded.upper()
    return code if len(code) == 2 and code in _codes() else _names().get(folded)


def country(text: str | None) -> str | None:
    """The country's ISO 3166-1 alpha-2 code, from a code or a name in English, Finnish, Swedish, Italian, German,
    French or Estonian; None when blank. Kosovo is ``XK``.

    Raises Invalid: ``not-a-country`` for a region of several countries ("Baltic"), else ``unknown-country``.
    """
    tidied = tidy(text or "")
    if not tidied or is_placeholder(tidied):
        return None
    folded = fold(tidied)
    found = _lookup(folded)
    if found is not None:
        return found
    if folded in _regions():
        raise Invalid("not-a-country", tidied, "this is not one country", "the name or code of a country, such as FI")
    # "Finland (FI)", "Suomi/Finland", "FI - Finland": every part must name the same one.
    parts = {_lookup(fold(part)) for part in _PARTS.split(tidied) if part.strip()}
    if len(parts) == 1 and None not in parts:
        return parts.pop()
    near = difflib.get_close_matches(folded, _names(), n=1, cutoff=0.8)
    hint = f"; perhaps {near[0]} ({_names()[near[0]]})" if near else ""
    raise Invalid(
        "unknown-country", tidied, "this country is unknown", f"the name or code of a country, such as FI{hint}"
    )
