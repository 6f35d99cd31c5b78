"""What one heading may mean, by its words alone, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from solmu.propose.words import Meaning, Words, folded, squash

EXACT, TRIMMED, QUALIFIED, PART, SIMILAR = 0.98, 0.95, 0.9, 0.7, 0.65

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_CUSTOM = re.compile(r"(?:__c|__pc)$")
_SIMILARITY = 0.88
_LONG_ENOUGH = 6
_PLACE = ("street", "postcode", "city", "region", "country")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a heading. ``second``: it speaks of another address or number than the usual one."""

    concept: str
    confidence: float
    language: str | None
    second: bool = False


def readings(heading: str, words: Words) -> list[Reading]:
    """The ways to read a heading, best first; none if nothing in it is known."""
    plain = _CAMEL.sub(" ", _CUSTOM.sub("", heading.strip()))
    tries = dict.fromkeys((plain, _BRACKETS.sub(" ", plain), re.sub(r"\s*\d+$", "", _BRACKETS.sub(" ", plain))))
    for number, text in enumerate(tries):
        found = words.meanings.get(squash(text))
        if found:
            return [Reading(each.concept, TRIMMED if number else EXACT, each.language) for each in found]
    tokens = [token for text in list(tries)[1:2] or [plain] for token in folded(text).split()]
    return _sorted([*_qualified(tokens, words), *_part(tokens, words), *_similar(squash("".join(tokens)), words)])


def _sorted(found: list[Reading]) -> list[Reading]:
    return sorted(found, key=lambda each: -each.confidence)


def _qualified(tokens: Sequence[str], words: Words) -> Iterator[Reading]:
    """A known heading with words around it that say whose it is: "Attendee e-mail (work)", "Firma Telefon"."""
    roles: set[str] = set()
    start, end = 0, len(tokens)
    while end - start > 1:
        # The word that is in the way stands at either end; a number of several ("Phone 2") is in the way too.
        if (role := _role(tokens[end - 1], words)) and end - start > 1 and not _known(tokens[start + 1 : end], words):
            end -= 1
        elif role := _role(tokens[start], words):
            start += 1
        elif role := _role(tokens[end - 1], words):
            end -= 1
        else:
            return
        roles.add(role)
        found = _known(tokens[start:end], words)
        for meaning in found:
            yield _with_roles(meaning, roles, QUALIFIED)
        if found:
            return


def _role(token: str, words: Words) -> str | None:
    return "noise" if token.isdigit() else words.qualifiers.get(token)


def _known(tokens: Sequence[str], words: Words) -> tuple[Meaning, ...]:
    return words.meanings.get("".join(tokens), ())


def _with_roles(meaning: Meaning, roles: set[str], confidence: float) -> Reading:
    concept = meaning.concept
    owner, _, field = concept.partition(".")
    if owner == "any":
        if "organisation" in roles:
            concept = f"organisation.{field}"
        elif "person" in roles or ("private" in roles and field in _PLACE):
            concept = f"person.{field}"
        elif "work" in roles and field in _PLACE:
            concept = f"organisation.{field}"
    return Reading(concept, confidence, meaning.language, second="second" in roles)


def _part(tokens: Sequence[str], words: Words) -> Iterator[Reading]:
    """A heading that ends or begins with a known one, unless that one means little by itself."""
    roles = {role for token in tokens if (role := _role(token, words))}
    for length in range(len(tokens) - 1, 0, -1):
        for piece in (tokens[-length:], tokens[:length]):
            text = "".join(piece)
            if text in words.weak:
                continue
            found = [each for each in words.meanings.get(text, ()) if each.concept != "date"]
            for meaning in found:
                yield _with_roles(meaning, roles, PART - 0.03 * (len(tokens) - length - 1))
            if found:
                return


def _similar(text: str, words: Words) -> Iterator[Reading]:
    """A heading that is misspelt."""
    if len(text) < _LONG_ENOUGH:
        return
    for near in get_close_matches(text, words.meanings, n=1, cutoff=_SIMILARITY):
        for meaning in words.meanings[near]:
            yield Reading(meaning.concept, SIMILAR, meaning.language)
