"""Terms of a controlled vocabulary."""

import difflib
from collections.abc import Mapping, Sequence

from solmu.normalise.invalid import Invalid
from solmu.normalise.text import clean, fold, tidy

# Tried one after another, so that a term may itself hold a later one: "A/V equipment", "lights, sound".
_SEPARATORS = (";", "\n", "|", ",", "/")
_MOST_NAMED = 12


def terms(text: str | None, vocabulary: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """The terms of a field with one or several, each once, in the field's order; blank gives an empty list.

    ``vocabulary`` maps each term to its synonyms; case, accents and punctuation don't matter. Of a synonym that stands
    under two terms the first counts. Without a vocabulary the field is only split and tidied. Raises Invalid
    (``unknown-term``) that names the nearest terms, or all where they are few.
    """
    if text is None or clean(text) is None:
        return []
    known = None if vocabulary is None else _index(vocabulary)
    found: dict[str, str] = {}
    for term in _split(text, known, _SEPARATORS):
        found.setdefault(fold(term) or term, term)
    return list(found.values())


def _index(vocabulary: Mapping[str, Sequence[str]]) -> dict[str, str]:
    index: dict[str, str] = {}
    for term in vocabulary:
        index.setdefault(_key(term), term)
    for term, synonyms in vocabulary.items():
        for synonym in synonyms:
            index.setdefault(_key(synonym), term)
    return index


def _key(term: str) -> str:
    # Signs alone fold to nothing, and yet "€€" may be a term.
    return fold(term) or tidy(term).casefold()


def _split(text: str, known: Mapping[str, str] | None, separators: Sequence[str]) -> list[str]:
    tidied = clean(text)
    if tidied is None:
        return []
    if known is not None and _key(tidied) in known:
        return [known[_key(tidied)]]
    for at, separator in enumerate(separators):
        if separator in text:
            rest = separators[at + 1 :]
            return [term for part in text.split(separator) for term in _split(part, known, rest)]
    if known is None:
        return [tidied]
    raise _unknown(tidied, known)


def _unknown(term: str, known: Mapping[str, str]) -> Invalid:
    choices = list(dict.fromkeys(known.values()))
    near = [known[key] for key in difflib.get_close_matches(_key(term), known, n=3, cutoff=0.6)]
    shown = list(dict.fromkeys(near)) or (choices if len(choices) <= _MOST_NAMED else [])
    expected = " or ".join(shown) if shown else f"one of the {len(choices)} terms of the vocabulary"
    return Invalid("unknown-term", term, "this term is not in the vocabulary", expected)
