"""What one heading may mean, by its words alone, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from solmu.propose.others import holds_two, is_of_somebody_else
from solmu.propose.words import Meaning, Words, folded, squash

EXACT, TRIMMED, QUALIFIED, SEGMENT, PART, SIMILAR = 0.98, 0.95, 0.9, 0.75, 0.7, 0.65
HEAD = 0.46
"""A known word with unknown ones after it is most often something else ("Company anniversary"): too little, unless the
values back it."""

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d_])(?=\d)")
_BRACKETS = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
_CUSTOM = re.compile(r"(?:__c|__pc)$")
_NUMBERED = re.compile(r"^\s*[A-Za-z]?\d{1,2}\s*[.):]\s+")
_SEGMENTS = re.compile(r"\s+[-–>]+\s+|[.:/>|]+|__+")
_SIMILARITY = 0.88
_LONG_ENOUGH = 6
_SHORT = 3
_PLACE = ("street", "postcode", "city", "region", "country")
_SMALLER = {"ignore", "lead.number"}
# In these languages what says more stands behind: "Indirizzo sede legale".
_HEAD_FIRST = frozenset({"it", "fr", "es"})
# In these words grow together: "Gesprächsnotiz", "Firmentelefon", "Besöksadress".
_COMPOUNDING = frozenset({"de", "sv", "fi", "da", "no"})
_GROWN = ("notes", "any.phone", "any.email", "any.street", "any.postcode")
_LINKS = ("s", "en", "n", "es")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a heading. ``second``: it speaks of another address or number than the usual one."""

    concept: str
    confidence: float
    language: str | None
    second: bool = False


def readings(heading: str, words: Words) -> list[Reading]:
    """The ways to read a heading, best first; none if nothing in it is known."""
    if not any(map(str.isalnum, heading)):
        return []
    plain = _WORDS.sub(" ", _CUSTOM.sub("", _NUMBERED.sub("", heading.strip())))
    bare = _BRACKETS.sub(" ", plain)
    aside = {role for text in _BRACKETS.findall(plain) for each in folded(text).split() if (role := _role(each, words))}
    for number, text in enumerate(dict.fromkeys((plain, bare, re.sub(r"\s*\d+\s*$", "", bare)))):
        if found := words.meanings.get(squash(text)):
            sure = TRIMMED if number else EXACT
            return [_with_roles(each, aside, sure) for each in found]
    tokens = folded(bare).split() or folded(plain).split()
    if is_of_somebody_else(folded(plain).split(), words):
        return [Reading("ignore", QUALIFIED, None)]
    if holds_two(tokens, words):
        return []
    found_by = [*_alternatives(bare, words, aside)] or [*_qualified(tokens, words, aside)]
    if not found_by and _is_about(tokens, words):
        return [Reading("ignore", QUALIFIED, None)]
    found_by += _last_segment(bare, words, aside)
    found_by += _part(tokens, words)
    found_by += _compound(tokens, words)
    return sorted(found_by or _similar(squash("".join(tokens)), words), key=lambda each: -each.confidence)


def _alternatives(heading: str, words: Words, aside: set[str]) -> Iterator[Reading]:
    """Two words for one thing: "Company / Organisation", "Title/position"; or one with its smaller part: "Street,
    building", "Adresse, Nr."."""
    parts = [_known(folded(part).split(), words) for part in re.split(r"[/|,&+]", heading)]
    if len(parts) < 2 or not all(parts):
        return
    for each in parts[0]:
        same = {each.concept} | (_SMALLER if each.concept == "any.street" else set())
        if all(any(other.concept in same for other in part) for part in parts[1:]):
            yield _with_roles(each, aside, QUALIFIED)


def _qualified(tokens: Sequence[str], words: Words, aside: set[str]) -> Iterator[Reading]:
    """A known heading with words around it that say whose it is: "Attendee e-mail (work)", "Firma Telefon"."""
    roles = set(aside)
    start, end = 0, len(tokens)
    # "Default address city" is about a city, not about an address.
    lead = next((at for at, token in enumerate(tokens) if _role(token, words) != "noise"), end)
    for at in range(1, min(lead, end - 1) + 1):
        found = _known(tokens[at:], words)
        if found and "".join(tokens[at:]) not in words.weak:
            yield from (_with_roles(each, roles, QUALIFIED) for each in found)
            return
    while end - start > 1:
        # The word that is in the way stands at either end; a number of several ("Phone 2") is in the way too.
        rest = tokens[start + 1 : end]
        if (role := _role(tokens[end - 1], words)) and ("".join(rest) in words.weak or not _known(rest, words)):
            end -= 1
        elif role := _role(tokens[start], words):
            start += 1
        elif role := _role(tokens[end - 1], words):
            end -= 1
        else:
            return
        roles.add(role)
        if found := _known(tokens[start:end], words):
            yield from (_with_roles(each, roles, QUALIFIED) for each in found)
            return


def _role(token: str, words: Words) -> str | None:
    return "noise" if token.isdigit() else words.qualifiers.get(token)


def _known(tokens: Sequence[str], words: Words) -> tuple[Meaning, ...]:
    return words.meanings.get("".join(tokens), ())


def _with_roles(meaning: Meaning, roles: set[str], confidence: float) -> Reading:
    concept = meaning.concept
    if "other" in roles:
        # The phone of the assistant, the e-mail of the salesperson: nothing of the customer.
        return Reading("ignore", confidence, meaning.language)
    owner, _, field = concept.partition(".")
    if owner == "any" and field != "title":
        if "organisation" in roles:
            concept = f"organisation.{field}"
        elif "person" in roles or ("private" in roles and field in _PLACE):
            concept = f"person.{field}"
        elif "work" in roles and field in _PLACE:
            concept = f"organisation.{field}"
    return Reading(concept, confidence, meaning.language, second=meaning.second or "second" in roles)


def _is_about(tokens: Sequence[str], words: Words) -> bool:
    """Whether a heading speaks of a known one without being it: "E-mail status", "Phone type"."""
    return len(tokens) > 1 and (tokens[-1] in words.meta or tokens[0] in words.meta)


def _last_segment(heading: str, words: Words, aside: set[str]) -> Iterator[Reading]:
    """A path whose last step is known: "properties.email", "Attendee > Company"."""
    steps = [folded(step).split() for step in _SEGMENTS.split(heading)]
    if len(steps) < 2 or not steps[-1]:
        return
    roles = aside | {role for step in steps[:-1] for each in step if (role := _role(each, words))}
    is_weak = "".join(steps[-1]) in words.weak
    for each in _known(steps[-1], words):
        if each.concept != "date" and (not is_weak or each.concept.rpartition(".")[2] in _PLACE):
            yield _with_roles(each, roles, SEGMENT)


def _part(tokens: Sequence[str], words: Words) -> Iterator[Reading]:
    """A heading that ends or begins with a known one, unless that one means little by itself."""
    roles = {role for token in tokens if (role := _role(token, words))}
    for length in range(len(tokens) - 1, 0, -1):
        for piece in (tokens[-length:], tokens[:length]):
            text = "".join(piece)
            if text in words.weak or len(text) < _SHORT:
                continue
            found = [each for each in words.meanings.get(text, ()) if each.concept != "date"]
            if not found:
                continue
            last = piece == tokens[-length:]
            sure = PART - 0.03 * (len(tokens) - length - 1)
            if not last and not {each.language for each in found} <= _HEAD_FIRST:
                yield from (_with_roles(each, roles, PART if each.concept == "notes" else HEAD) for each in found)
            else:
                yield from (_with_roles(each, roles, sure) for each in found)
            return


def _compound(tokens: Sequence[str], words: Words) -> Iterator[Reading]:
    """One long word that ends with a known one: "Gesprächsnotiz"; "Firmentelefon" says whose it is too."""
    if len(tokens) != 1:
        return
    word = tokens[0]
    for at in range(3, len(word) - 3):
        tail = word[at:]
        found = [each for each in words.meanings.get(tail, ()) if each.language in _COMPOUNDING]
        if not found or tail in words.weak:
            continue
        before = (word[:at], *(word[:at].removesuffix(link) for link in _LINKS))
        role = next((role for each in before if (role := words.qualifiers.get(each))), None)
        for each in found:
            if role is not None:
                yield _with_roles(each, {role}, QUALIFIED - 0.05)
            elif each.concept in _GROWN:
                yield Reading(each.concept, PART, each.language)
        return


def _similar(text: str, words: Words) -> Iterator[Reading]:
    """A heading that is misspelt."""
    if len(text) < _LONG_ENOUGH:
        return
    for near in get_close_matches(text, words.meanings, n=1, cutoff=_SIMILARITY):
        if near[0] == text[0]:
            yield from (Reading(each.concept, SIMILAR, each.language) for each in words.meanings[near])
