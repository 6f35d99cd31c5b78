"""The key by which street lines are compared: street and house, whatever else stands in the line."""

import re
import unicodedata
from collections.abc import Iterator

from solmu.normalise.address import split_street
from solmu.normalise.text import clean, fold
from solmu.normalise.word_list import word_set


def _signs(table: str) -> dict[str, str]:
    """ "sign: words" a line, as word → sign."""
    rows = (line.partition(":") for line in table.strip().splitlines())
    return {word: sign.strip() for sign, _, words in rows for word in words.split()}


# Words for "street" with their abbreviations, under one short sign: before the name, after it, and grown onto it.
_BEFORE_NAME = _signs("""
    via: via v
    vle: viale vle
    cso: corso cso
    pl: piazza pza pzza place platz pl plaza
    ple: piazzale ple
    r: rue r rua
    ave: avenue ave av avenida avda
    blv: boulevard blvd bd boul bvd
    c: calle c
    ctra: carretera ctra crta
    ch: chemin ch
    nam: namesti nam
    tr: trida tr
    leof: leoforos leof
""")
# Words for "street" in Poland, Russia, Ukraine, Greece and Israel, which as many leave out.
_LEFT_OUT = word_set("ul ulica ulitsa vul vulitsya vulytsia odos rhvv")
_SAINTS = word_set("saint sankt sint")
_AFTER_NAME = _signs("""
    st: street st
    rd: road rd
    ave: avenue ave av
    blv: boulevard blvd bd boul bvd
    ln: lane ln
    dr: drive dr
    pl: place pl
    ct: court ct
    sq: square sq
    ter: terrace terr ter
    cir: circle cir
    cres: crescent cres
    hwy: highway hwy
    pkwy: parkway pkwy
    mnt: maantee mnt
    pst: puiestee pst
    tn: tanav tn
    cad: caddesi cad
    u: utca u
""")
_GROWN_ON = _signs("""
    str: strasse str straat
    k: katu k gatan gata g
    t: tie t
    v: vagen vag v
    kj: kuja kj
    p: polku
    pl: platz
    al: allee
""")
# At the end of a word only the whole words, and "str", are safe to take for a street.
_ENDINGS = tuple((word, sign) for word, sign in _GROWN_ON.items() if len(word) > 2)
_WHOLE = {"k": "katu", "g": "gatan", "t": "tie", "v": "vagen", "kj": "kuja"}
_SHORTENED = re.compile(r"(?<=[^\W\d_]{3})(k|g|t|v|kj)\.(?=\s|,|$|\d)", re.IGNORECASE)
_SIDES = {
    **dict(zip(("north", "south", "east", "west"), "nsew", strict=True)),
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
}
_ORDINALS = dict(zip(
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"],
    ["1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th"], strict=True,
))  # fmt: skip

_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
# 丸の内2丁目3番4号 is 丸の内2-3-4; 人民路73號 is 人民路73号; but the first number of
# 第5大街38号 and 北10条西4丁目 is the street's.
_IN_CHARACTERS = re.compile(
    "(?P<road>[^0-9]*[\u3040-\u9fff])(?<!第)(?P<house>[0-9]++(?:(?:丁目|番地?の?|[段巷弄之]|[-‐–ー−])[0-9]++)*+)"
    "(?!\\s?[A-Za-z]|[条條大街路線线])"
)

_FLAT = r"(?:suite|ste|apartment|appartement|appt|apt|unit|flat|room|rm|floor|level|lot|int|interno|scala|lgh)"
# "Suite 900", "Apt. #5", "3rd floor"; "10-II" and "10 hs" are floors of Dutch houses.
_FLAT_ALONE = re.compile(
    rf"(?:{_FLAT}\b\.?\s?#?\s?[\w-]{{1,6}}|\d{{1,3}}(?:st|nd|rd|th)\sfloor|#\s?[\w-]{{1,6}})", re.I
)
_FLAT_BEHIND = re.compile(
    rf"\s+(?:{_FLAT}\b\.?\s?#?\s?[\w-]{{1,6}}|#\s?[\w-]{{1,6}})$|(?<=\d)(?:\s?-\s?[IVX]+|\s?-?\s?hs)$", re.IGNORECASE
)
# Two letters of a state and its code, behind the street and the town.
_STATE_BEHIND = re.compile(r"\s+[A-Z]{2}\s+\d{5}(?:-\d{4})?$")
_STATE_AND_CODE = re.compile(r"[\s,][A-Z]{2}[\s,]+(?P<code>\d{5})(?:-\d{4})?$")
_CODE_AND_TOWN = re.compile(
    r"(?:[A-Z]{1,3}-)?(?P<code>\d{2}-\d{3}|\d{3}\s\d{2}|\d{4}\s?[A-Z]{2}\b|\d{4,6})\s+[^\W\d_].*"
    r"|(?:[^\W\d_]+\s)?(?P<other>[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2})"
)
_NUMBER_ALONE = re.compile(
    r"(?:(?:n|no|nr|num|n[uú]mero|bld|bldg|dom|д|дом|αρ)\b\.?|n°|nº|№|#)?\s?(?P<house>\d{1,5}\s?[^\W\d_]?)",
    re.IGNORECASE,
)


def street_key(text: str | None) -> str:
    """A street line folded for comparison: street, ``|``, house number. Empty for blank.

    "Aleksanterinkatu 5 B", "Aleksanterink. 5 b" and "ALEKSANTERINKATU 5B" give ``aleksanterink|5b``; "Hauptstr. 5" and
    "Haupt-Straße 5" ``hauptstr|5``; "V.le Monza 12" ``vle monza|12``. The flat after the entrance does not count, nor
    do a building's name before the street, and the town behind it.
    """
    cleaned = clean(text)
    if cleaned is None:
        return ""
    if not cleaned.isascii() and (found := _IN_CHARACTERS.match(unicodedata.normalize("NFKC", cleaned))):
        return f"{fold(found['road'])}|{'-'.join(re.findall('[0-9]+', found['house']))}"
    road, house = _street_and_house(cleaned)
    # "V.le" and "C.so" are one word; "Aleksanterink." is Aleksanterinkatu.
    road = re.sub(r"(?<=\b[^\W\d_])\.(?=[^\W\d_])|(?<=\bp)\.(?=z)", "", road, flags=re.IGNORECASE)
    road = _SHORTENED.sub(lambda found: _WHOLE[found[1].lower()], road)
    named: list[str] = []
    for at, word in enumerate(words := _without_street(fold(_POSSESSIVE.sub("s", road)).split())):
        if word in _SIDES and _is_a_side(at, words):
            named.append(_SIDES[word])  # "10 East 53rd St" is 10 E 53rd St
        elif word in _ORDINALS and words[at + 1 : at + 2] and words[at + 1] in _AFTER_NAME:
            named.append(_ORDINALS[word])
        elif word in _SAINTS and at < len(words) - 1:
            named.append("st")
        elif at and word in _GROWN_ON and (len(word) > 1 or at == len(words) - 1):
            named[-1] += _GROWN_ON[word]  # "Haupt Straße" is Hauptstraße
        elif at and word in _AFTER_NAME:
            named.append(_AFTER_NAME[word])
        elif not at and len(words) > 1 and word in _BEFORE_NAME:
            named.append(_BEFORE_NAME[word])
        else:
            named.append(_with_short_ending(word))
    return f"{' '.join(named)}|{_house_key(house)}" if named else ""


def _without_street(words: list[str]) -> list[str]:
    if len(words) > 1 and words[0] in _LEFT_OUT:
        return words[1:]
    return words[:-1] if len(words) > 1 and words[-1] in _LEFT_OUT else words


def _street_and_house(line: str) -> tuple[str, str | None]:
    """The street and the house in a line, which may hold a building, a flat, and the town as well."""
    for part in _parts(line):
        road, house = split_street(part)
        if house:
            return road, house
    return split_street(line)


def _parts(line: str) -> Iterator[str]:
    """What stands between commas and may be a street with its house, without flats."""
    parts = _pieces(line)
    for at, part in enumerate(parts):
        number = _NUMBER_ALONE.fullmatch(parts[at + 1]) if at + 1 < len(parts) else None
        if number and not re.match(r"\d", part):
            yield f"{part} {number['house']}"  # "Via Roma, 12"
        yield _FLAT_BEHIND.sub("", _STATE_BEHIND.sub("", part))


def _pieces(line: str) -> list[str]:
    return [part for piece in line.split(",") if (part := piece.strip()) and not _FLAT_ALONE.fullmatch(part)]


def postcode_in_line(text: str | None) -> str | None:
    """The postcode behind the street and its house in a line that holds a whole address; None where there is none.

    "Via Roma 12, 20121 Milano" has 20121, "12 Main St, Springfield, OH 45501" 45501.
    """
    line = clean(text) or ""
    if found := _STATE_AND_CODE.search(line):
        return found["code"]
    parts = _pieces(line)
    behind = next((at for at, part in enumerate(parts, 1) if split_street(part)[1]), len(parts))
    codes = filter(None, map(_CODE_AND_TOWN.fullmatch, parts[behind:]))
    return next((found["code"] or found["other"] for found in codes), None)


def _is_a_side(at: int, words: list[str]) -> bool:
    """Whether a word is a side of the town, before a street's name or behind all of it: no West Street is one."""
    if at == 0:
        return len(words) > 1 and words[1] not in _AFTER_NAME
    return at == len(words) - 1 and words[at - 1] in _AFTER_NAME


def _with_short_ending(word: str) -> str:
    for ending, sign in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word.removesuffix(ending) + sign
    return word


def _house_key(house: str | None) -> str:
    found = re.match(r"(\d+)\s?(?:[-–]\s?(\d+))?[\s/]*([a-z](?![a-z]))?", (house or "").casefold())
    if not found:
        return ""
    until = f"-{found[2]}" if found[2] else ""
    return f"{found[1]}{until}{found[3] or ''}"
