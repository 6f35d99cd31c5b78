"""The parts of a person's name. nameparser is the authority; plain names don't need to be taken to it."""

import dataclasses
import functools
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from solmu.normalise.word_list import word_set

if TYPE_CHECKING:
    import nameparser

Order = Literal["given-first", "family-first"]


class NameParts(NamedTuple):
    """What a name consists of; a part that it lacks is empty."""

    given: str = ""
    middle: str = ""
    family: str = ""
    title: str = ""
    suffix: str = ""


# Titles of business letters. nameparser's own list has 800, among them King, Bishop, Art and Law: people's names.
TITLES = word_set(
    """
    mr mrs ms miss mx sir dame madam dr prof professor rev eng engr capt captain col lt sgt maj ceo cto cfo coo
    herra hra rouva rva neiti nti tohtori maisteri dipl.ins dipl-ins toim.joht toimjoht tj
    herr hr frau fru hofrat kommerzialrat fröken frk fräulein dipl.-ing dipl.ing dipl.-kfm dipl.-oec mag
    sig sig.ra sig.na signor signora signorina dott dott.ssa dottor dottoressa dr.ssa prof.ssa ing arch avv geom rag
    cav p.i per.ind egr gent.mo gent.ma
    monsieur mme madame mlle mademoiselle maître
    pfarrer pfarrerin pfr reverend
    härra proua preili señor señora sra srta dhr mevr meneer mevrouw
    """
)

DEGREES = word_set(
    """
    phd mba emba md msc bsc llm llb cpa cfa acca pmp dds rn meng beng ceo cto cfo coo cio ktm ktt ft tkt tkl vtm
    htm oti otm ekon dipl.ekon dipl.oec mma
    """
)

GENERATIONS = {
    **dict.fromkeys(("jr", "jnr", "junior", "jun.", "ml.", "ifj.", "nuorempi", "filho", "hijo", "fils"), "jr"),
    **dict.fromkeys(("sr", "snr", "senior", "sen.", "st.", "id.", "vanhempi"), "sr"),
    **{numeral: numeral for numeral in ("ii", "iii", "iv")},
}
"""What stands behind the name of a father or a son. Jun, Sen and St without a full stop are names."""
_MAIDEN_MARKERS = frozenset({"o.s", "omaa sukua", "nata"})  # beside nameparser's own: née, geb., född, …
_SUFFIXES = word_set("jr jnr sr snr junior senior ii iii esq nuorempi vanhempi hijo fils")


def generation_of(word: str) -> str | None:
    """Which of those who bear one name is meant, "jr", "sr", "ii" …, by a word behind the name; None for any other."""
    plain = word.strip(",").lower()
    return GENERATIONS.get(plain) or GENERATIONS.get(plain.rstrip("."))


@functools.cache
def _parser(order: Order) -> "nameparser.Parser":
    from nameparser import FAMILY_FIRST, GIVEN_FIRST, CapsSuffixes, Lexicon, Parser, Policy

    default = Lexicon.default()
    lexicon = dataclasses.replace(
        default,
        titles=TITLES,
        given_name_titles=frozenset({"sir", "dame"}),
        after_given_titles=frozenset(),
        suffix_words=_SUFFIXES,
        suffix_acronyms=DEGREES,
        suffix_acronyms_ambiguous=frozenset(),
        honorific_tails=frozenset(),
        maiden_markers=default.maiden_markers | _MAIDEN_MARKERS,
    )
    return Parser(
        lexicon=lexicon,
        policy=Policy(
            name_order=FAMILY_FIRST if order == "family-first" else GIVEN_FIRST,
            unlisted_dotted_suffixes=False,
            unlisted_caps_suffixes=CapsSuffixes.OFF,
        ),
    )


def name_parts(name: str, order: Order) -> NameParts:
    """The parts of a cleaned name of one person."""
    return plain_parts(name, order) or library_parts(name, order)


def library_parts(name: str, order: Order) -> NameParts:
    """The parts as nameparser has them."""
    parsed = _parser(order).parse(name)
    return NameParts(parsed.given, parsed.middle, parsed.family, parsed.title, parsed.suffix)


# Two or three words, each a capital and small letters of Western and Northern Europe, maybe "Anna-Liisa"; no numeral.
# After the first there may be a comma.
_LETTERS = r"(?![IVX][ivx]+\b)[A-ZÀ-ÖØ-ÞŠŽ][a-zß-öø-ÿšž]+"
_WORD = rf"{_LETTERS}(?:-{_LETTERS})?"
_PLAIN = re.compile(rf"({_WORD})(,?) ({_WORD})(?: ({_WORD}))?")


def plain_parts(name: str, order: Order) -> NameParts | None:
    """The same of a plain name, None of any other: nameparser takes 100 µs for it, and most names are plain.

    Nothing decides about the parts of a name that has neither marks nor a word of the parser's lists but their order.
    """
    found = _PLAIN.fullmatch(name)
    if found is None or not _listed().isdisjoint(name.lower().replace("-", " ").replace(",", "").split()):
        return None
    first, comma, second, third = found.groups("")
    if comma or order == "family-first":
        return NameParts(second, third, first)
    return NameParts(first, second, third) if third else NameParts(first, "", second)


@functools.cache
def _listed() -> frozenset[str]:
    """Every word that says something to the parser: its titles, particles, conjunctions, suffixes, …"""
    lexicon = _parser("given-first").lexicon
    fields = (getattr(lexicon, field.name) for field in dataclasses.fields(lexicon))
    entries = " ".join(entry for field in fields if isinstance(field, frozenset) for entry in field)
    return frozenset(re.split(r"[\s.-]+", entries)) - {""}
