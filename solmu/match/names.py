"""How alike two names are, beyond equality. All names here are folded (``normalise.fold``)."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Sequence
from itertools import permutations

from rapidfuzz.distance import DamerauLevenshtein

from solmu.match.memo import MEMO
from solmu.match.spelling import as_heard
from solmu.normalise.generic_words import is_generic
from solmu.normalise.given_names import known_as
from solmu.normalise.word_list import word_set

FEW_WORDS = 3
"""Words that somebody may write as one, in whatever order."""
_DOUBLED = re.compile(r"(.)\1+")
_ROMAN = word_set("ii iii iv vi vii viii ix xi xii xiii xiv xv xvi xvii xviii xix xx")
_ROLES_IN_A_GROUP = word_set("""
    holding holdings omistus kiinteisto kiinteistot fastighet fastigheter ejendomme eiendom vastgoed immobilien
    immobilier immobiliare inmobiliaria nieruchomosci nemovitosti kinnisvara beteiligung beteiligungs verwaltungs
    participations finanziaria forvaltning invest property properties
""")
"""Words that name what a company of a group is for: the others of that group are other companies."""

_LINES_OF_A_GROUP = word_set("""
    huolto vuokraus rahoitus varaosat maahantuonti tukku uthyrning finans reservdelar underhall
    udlejning utleie reservedele verhuur onderhoud beheer onderdelen serwis wynajem czesci pronajem alquiler aluguer
    rent noleggio finanziaria ricambi manutenzione assistenza estero
    vermietung verwaltung besitz vertriebs service wartung ersatzteile location
    rental rentals hire leasing finance financial aftermarket
""")
"""Words for what a group has companies of their own for: letting, spare parts, maintenance, finance."""
_SIDES = word_set("""
    north south east west nord sud syd ost est ouest ovest vest noord zuid oost norte oeste este sul leste
    norr soder oster vaster norra sodra ostra vastra pohjois pohjoinen etela ita lansi
    sever jih yug zapad vostok vychod polnoc poludnie wschod zachod vorras notos kuzey guney
""")
"""Sides of a country, by which a group tells its companies apart; Este and Oeste are no slips of one another."""
_BRANCH_WORDS = (
    _LINES_OF_A_GROUP
    | _SIDES
    | word_set("""
    kiinteisto kiinteistot toimitilat tytar tehdas toimipiste fastighet fastigheter dotterbolag
    ejendomme eiendom vastgoed nieruchomosci nemovitosti inmobiliaria imoveis kinnisvara immobiliare stabilimento
    immobilien beteiligung beteiligungs grundstucks fabrik immobilier participations filiale sucursal filial
    niederlassung zweigniederlassung succursale sivuliike oddzial pobocka fioktelep bijkantoor vestiging ypokatastima
    real estate realestate property properties
    foundation stiftung saatio stiftelse stiftelsen fondazione fundacion fondation stichting
    trust fund funds pension pensions securities
    plant branch site factory automotive marine energy digital labs ventures
""")
)
"""Words by which a group tells its companies and branches apart: beside those that ``normalise`` calls generic."""
_BRANCH_ENDINGS = ("fengongsi", "fendian", "zhidian", "zhishe", "yingyesuo", "jijeom")
"""分公司, 分店, 支店, 支社, 営業所 and 지점, folded: branches in the East, grown onto the names of their places."""


@functools.lru_cache(maxsize=MEMO)
def id_scheme(business_id: str) -> str:
    """Which register a business id is of: ``FI`` of ``FI:01234567``, ``EE:VAT`` of ``EE:VAT101234567``.

    Two ids of one register tell two companies apart; an id of one and an id of another say nothing.
    """
    country, _, number = business_id.partition(":")
    letters = number[: next((at for at, character in enumerate(number) if character.isdigit()), 0)]
    return f"{country}:{letters}" if letters else country


def of_a_register(number: str) -> bool:
    """Whether a number begins with a country, as a register's does: one of the hub's own begins with its field."""
    return number[2:3] == ":"


def numbers_exclude(mine: Collection[str], theirs: Collection[str]) -> bool:
    """Whether both have numbers of one register, and none in common."""
    registers = set(map(id_scheme, mine)) & set(map(id_scheme, theirs))
    return bool(registers) and set(mine).isdisjoint(theirs)


def in_any_order(words: Sequence[str]) -> set[str]:
    """What a name is that somebody writes together, in whatever order; for names of up to ``FEW_WORDS``."""
    return {"".join(each) for each in permutations(words)}


def given_names_fit(one: str, two: str, *, slips: bool = True) -> bool:
    """Whether two given names may be one person's: equal, an initial, a short or pet form, one of several names.

    Sisters may have a second name in common, so the first one of either must be among the other's.
    ``slips``: or one letter off, in long names two, which may be a slip, and may make Marja of Maria.
    """
    if not one or not two:
        return True
    first, second = one.split(), two.split()
    if len(first[0]) == 1 or len(second[0]) == 1:
        return first[0][0] == second[0][0]
    if first[0] in second or second[0] in first or known_as(first[0], second[0]) or spelt_alike(one, two):
        return True
    if signed_alike(one, two):
        return True
    short, long = sorted((first[0], second[0]), key=len)
    return (len(short) >= 3 and long.startswith(short)) or (
        slips and (misspelt(short, long) or as_heard(short) == as_heard(long))
    )


def signed_alike(one: str, two: str) -> bool:
    """Whether one is how two given names are signed: JP, of Juha Pekka. With a vowel it may be a name: Ed, Jo."""
    letters = {"".join(name[0] for name in names.split()) for names in (one, two) if " " in names}
    return any(text in letters and set(text).isdisjoint("aeiouy") for text in (one, two))


def people_may_be_one(one: tuple[str, str], two: tuple[str, str], *, slips: bool = True) -> bool:
    """Whether two people (given and family name) may be one: the given names fit, or one card has its names swapped."""
    return (
        given_names_fit(one[0], two[0], slips=slips)
        or (one[0] == two[1] and given_names_fit(one[1], two[0], slips=slips))
        or (one[1] == two[0] and given_names_fit(one[0], two[1], slips=slips))
    )


def spelt_alike(one: str, two: str) -> bool:
    """Whether two names are equal but for spaces and for umlauts written out: Mueller and Muller, Annamaria."""
    return one == two or _one_spelling(one) == _one_spelling(two)


@functools.lru_cache(maxsize=MEMO)
def _one_spelling(name: str) -> str:
    plain = name.replace(" ", "")
    for letters, one in (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a")):
        plain = plain.replace(letters, one)
    return plain


def slip(one: str, two: str, *, at_least: int) -> bool:
    """Equal but for one letter too many, missing, changed or swapped; both of ``at_least`` letters."""
    if min(len(one), len(two)) < at_least or abs(len(one) - len(two)) > 1:
        return False
    return DamerauLevenshtein.distance(one, two, score_cutoff=1) <= 1


@functools.lru_cache(maxsize=MEMO)
def letters_once(name: str) -> str:
    """A name in which no letter is doubled: nobody hears whether it is."""
    return _DOUBLED.sub(r"\1", name)


def misspelt(one: str, two: str) -> bool:
    """Whether one of two names of a person may be the other, misspelt: a letter off, in a long name two."""
    if slip(one, two, at_least=4):
        return True
    return min(len(one), len(two)) >= 7 and DamerauLevenshtein.distance(one, two, score_cutoff=2) <= 2


@functools.lru_cache(maxsize=MEMO)
def any_telling(words: tuple[str, ...]) -> bool:
    """Whether any word of an organisation's name tells it from others."""
    return any(map(telling, words))


@functools.lru_cache(maxsize=MEMO)
def short_but_telling(words: tuple[str, ...]) -> bool:
    """Whether a name is all short words, none of which says what companies do: HP, 3M, Jo Jo. Whole, it is a name.

    So is a side of the country, for many a family is called Güney, Öster or Sever.
    """
    plain = [word for word in words if not word.isdigit()]
    whole = len(plain) == 1 and plain[0] in _SIDES
    return len("".join(plain)) > 1 and (whole or not any(is_generic(word) or word in _BRANCH_WORDS for word in plain))


def telling(word: str) -> bool:
    """Whether a word of an organisation's name tells it from others."""
    return len(word) >= 3 and not word.isdigit() and not is_generic(word) and word not in _BRANCH_WORDS


def marks_a_branch(words: Collection[str]) -> bool:
    """Whether words that one name has and the other lacks may be what tells a subsidiary, branch or site apart."""
    return any(is_generic(word) or is_number(word) or names_a_branch(word) for word in words)


def is_number(word: str) -> bool:
    """Whether a word is a number, in figures or as Romans wrote it; a single letter may be an initial."""
    return word.isdigit() or word in _ROMAN


@functools.lru_cache(maxsize=MEMO)
def names_a_branch(word: str) -> bool:
    """Whether a word is one by which a group tells its companies apart, or that word misspelt."""
    return (
        word in _BRANCH_WORDS
        or word.endswith(_BRANCH_ENDINGS)
        or any(slip(word, one, at_least=7) for one in _BRANCH_WORDS)
    )


def tells_companies_apart(one: Collection[str], two: Collection[str]) -> bool:
    """Whether a word of just one of two names is a number, or says what a company of a group is for."""
    return any(is_number(word) or word in _ROLES_IN_A_GROUP for word in set(one) ^ set(two))


def other_lines_of_a_group(one: Collection[str], two: Collection[str]) -> bool:
    """Whether only lines of business that groups have a company for are not in both: Bouw and Bouw Verhuur."""
    apart = set(one) ^ set(two)
    return bool(apart) and apart <= _LINES_OF_A_GROUP


def name_two_sides(one: Collection[str], two: Collection[str]) -> bool:
    """Whether both names have a side of the country, and not the same."""
    here, there = _SIDES.intersection(one), _SIDES.intersection(two)
    return bool(here and there) and here != there


def abbreviates(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether the first name is put together from beginnings of the other's words, in their order.

    So are "KTS" and "kone telakka" made of "konepaja telakka suomi". The first words begin alike.
    """
    text = "".join(short)
    if len(text) < 2 or len(long) < 2 or len(text) >= sum(map(len, long)) or text[0] != long[0][0]:
        return False
    left = {text}
    for word in long:
        left |= {
            rest[size:]
            for rest in left
            for size in range(1, min(len(word), len(rest)) + 1)
            if rest.startswith(word[:size])
        }
    return "" in left
