"""How one name is written otherwise: umlauts written out, other scripts transliterated. Pure.

Folding takes the bare letter of an umlaut and one transliteration of a script. These are the other usual ones, so that
whoever is written by one of them on another card has the very same name. Latin spellings of Russian names are by
BGN/PCGN, by ICAO 9303 (passports) and as newspapers write them; Greek names are folded by ELOT 743, and many write them
letter by letter.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from solmu.match.memo import MEMO
from solmu.normalise.text import fold

_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe"})
_PASSPORT = str.maketrans({"й": "i", "ю": "iu", "я": "ia", "ё": "e", "ъ": "ie", "ц": "ts"})
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_GREEK = re.compile("[\u0370-\u03ff\u1f00-\u1fff]")
_LAST_IY = re.compile(r"[иы]й\b")
_YO = str.maketrans({"ё": "yo"})
_LETTER_BY_LETTER = str.maketrans("υύγμ", "yygm")
_OTHER_LETTERS = re.compile("[\u0370-\u1dff\u1f00-\u1fff\uac00-\ud7af]")  # between Latin and the East's characters
_HAN = re.compile("[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_BETWEEN = re.compile(r"[\s\u30fb·]+")
_HEARD = (
    ("shch", "s"),
    ("sch", "s"),
    ("sh", "s"),
    ("zh", "z"),
    ("kh", "h"),
    ("tch", "c"),
    ("ch", "c"),
    ("ts", "c"),
    ("tz", "c"),
    ("ph", "f"),
    ("th", "t"),
    ("x", "ks"),
    ("w", "v"),
    ("ou", "u"),
    ("yo", "e"),
    ("ye", "e"),
    ("j", "i"),
    ("y", "i"),
)
_DOUBLED = re.compile(r"(.)\1+")
_AT_THE_END = re.compile(r"ff$")


def undivided(text: str) -> str:
    """A name in Chinese or Japanese characters as it is written, without spaces; empty for any other.

    Where given and family name part is not seen there, and characters that sound alike are other names.
    """
    joined = "" if text.isascii() else _BETWEEN.sub("", text)
    return joined if len(joined) > 1 and _HAN.fullmatch(joined) else ""


# Letters of which folding makes one what are two; of kana and of Arabic those are one that writers choose between.
_FOLDED_TOGETHER = re.compile("[\u05d0-\u05ea\u0620-\u06ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_POINTS = re.compile("[\u0591-\u05c7\u0640\u064b-\u065f]")
_ONE_LETTER = str.maketrans(
    {
        **{chr(sign): chr(sign - 0x60) for sign in range(0x30A1, 0x30F7)},
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ة": "ه",
        "ى": "ي",
    }
)


@functools.lru_cache(maxsize=MEMO)
def own_letters(text: str) -> str:
    """The letters of a name, sorted, where folding makes one of names that are two; empty for any other.

    华信 and 华鑫 are both Huaxin, and two companies; Hebrew and Arabic letters are more than Latin has.
    """
    if text.isascii() or not _FOLDED_TOGETHER.search(text):
        return ""
    plain = _POINTS.sub("", unicodedata.normalize("NFKC", text).casefold()).translate(_ONE_LETTER)
    return "".join(sorted(filter(str.isalnum, plain)))


def in_other_letters(text: str) -> bool:
    """Whether a name is written in an alphabet that is transliterated in several ways: Cyrillic, Greek, Arabic …"""
    return not text.isascii() and _OTHER_LETTERS.search(text) is not None


@functools.lru_cache(maxsize=MEMO)
def spellings(text: str, folded: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """A name's folded words as they are spelt otherwise, in the same order; none where it has but one spelling."""
    if text.isascii():
        return frozenset()
    plain = text.casefold()
    words = fold(plain).split()
    found: set[tuple[str, ...]] = set()
    for other in _written_otherwise(plain):
        others = fold(other).split()
        if len(others) == len(words):
            instead = dict(zip(words, others, strict=True))
            found.add(tuple(instead.get(word, word) for word in folded))
    return frozenset(found - {folded})


def _written_otherwise(text: str) -> list[str]:
    if _CYRILLIC.search(text):
        usual = text.translate(_YO)
        short = [_LAST_IY.sub(end, one) for one in (usual, text) for end in ("y", "i")]
        return [text, usual, *short, text.translate(_PASSPORT)]
    if _GREEK.search(text):
        return [text.translate(_LETTER_BY_LETTER), text.replace("γγ", "gg"), text.replace("μπ", "mp")]
    return [text.translate(_WRITTEN_OUT)]


@functools.lru_cache(maxsize=MEMO)
def as_heard(name: str) -> tuple[str, ...]:
    """The words of a folded name without what systems of transliteration differ in: Yuriy and Yury are one."""
    return tuple(sorted(map(_heard, name.split())))


def _heard(word: str) -> str:
    for written, heard in _HEARD:
        word = word.replace(written, heard)
    word = _AT_THE_END.sub("v", word).replace("ie", "e")
    return _DOUBLED.sub(r"\1", word)
