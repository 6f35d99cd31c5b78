"""A person's name as matching compares it: given and family name, without what is no part of them. Pure."""

from __future__ import annotations

import functools
import re

from solmu.match.memo import MEMO
from solmu.normalise.invalid import Invalid
from solmu.normalise.name_parts import DEGREES, GENERATIONS, TITLES, generation_of
from solmu.normalise.person import person_name
from solmu.normalise.text import fold
from solmu.normalise.word_list import word_set

_INITIAL = re.compile(r"[^\W\d_\u1100-\U0010ffff]\.?")  # in Korean or Chinese it is a family's whole name
_OF_A_TITLE = word_set(
    "med dent vet rer nat pol oec phil jur techn theol habil hc kfm phys inf wirt betriebsw math chem biol"
)
"""What follows "Dr." and "Dipl.", once folding has taken the signs: Dipl.-Kfm., Dr. rer. nat."""
_ADDRESSED = word_set("mr mrs ms miss mx madam sir herr frau fru fröken monsieur madame mlle señor señora signora")


@functools.lru_cache(maxsize=MEMO)
def name_in_parts(given: str, family: str, whole: str) -> tuple[str, str, str, str]:
    """Sorted words, given and family name, and generation ("jr"), folded. A split that the source gave is kept."""
    if given and family:
        return _folded(given, family)
    # Where a source has two columns and wrote the whole name into one, it gave no split.
    if not given and not family:
        text = whole
    elif given:
        text = given if len(given.split()) > 1 else ""
    else:
        text = family if "," in family else ""
    try:
        name = person_name(text)
    except Invalid:
        name = None
    if name is None or ((given or family) and not name.family):
        return _folded(given, family)
    return _folded(
        " ".join(filter(None, (name.given, name.middle))), " ".join(filter(None, (name.family, name.suffix)))
    )


def _folded(given: str, family: str) -> tuple[str, str, str, str]:
    first, last, generation = _bare(fold(_undotted(given)).split(), fold(_undotted(family)).split())
    if _INITIAL.fullmatch(family.strip()) and any(len(word) > 1 for word in first):
        first, last = last, first  # "Anna K.": what is written out narrows, and an initial does not
    return " ".join(sorted((*first, *last))), " ".join(first), " ".join(last), generation


def _undotted(name: str) -> str:
    """A name with "jr" for the "jun." behind it: folding takes the full stop, and Jun is a name, too."""
    rest, _, last = name.strip().rpartition(" ")
    generation = generation_of(last) if last.endswith(".") else None
    return f"{rest} {generation}" if rest and generation else name


def _bare(first: list[str], last: list[str]) -> tuple[list[str], list[str], str]:
    """The words of both names without titles and degrees, and which generation; a word of each is kept.

    But for a bare "Mrs", which is nobody's given name.
    """
    if last and len(first) == 1 and first[0] in _ADDRESSED:
        first = []
    titled = False
    while len(first) > 1 and (first[0] in TITLES or first[0] == "dipl" or (titled and first[0] in _OF_A_TITLE)):
        first, titled = first[1:], True
    generation = ""
    while len(last) > 1 and (last[-1] in DEGREES or last[-1] in GENERATIONS):
        last, generation = last[:-1], GENERATIONS.get(last[-1], generation)
    while len(first) > 1 and first[-1] in GENERATIONS:
        first, generation = first[:-1], GENERATIONS[first[-1]]
    return first, last, generation
