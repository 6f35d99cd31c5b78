"""What one heading may mean, by its words alone, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from solmu.propose.others import holds_two, is_of_somebody_else, stems
from solmu.propose.pairs import is_graded, of_event
from solmu.propose.reading import EXACT, HEAD, LAST, PART, QUALIFIED, SEGMENT, TRIMMED, Reading
from solmu.propose.shorts import COMPOUNDING, written_out
from solmu.propose.unlisted import abbreviated, second_opinion
from solmu.propose.words import Meaning, Words, folded, squash

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d_])(?=\d)")
_BRACKETS = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
_CUSTOM = re.compile(r"__(?:c|pc)$|(?<=\w)__r(?=\.)")
_NUMBERED = re.compile(r"^\s*[A-Za-z]?\d{1,2}\s*[.):]\s+")
_SEGMENTS = re.compile(r"\s+[-–>]+\s+|[.:/>|]+|__+")
_WRITTEN_OUT = 0.97
_SHORT = 3
_PLACE = ("street", "postcode", "city", "region", "country")
_SMALLER = {"ignore", "lead.number"}
# In these languages what says more stands behind: "Indirizzo sede legale".
_HEAD_FIRST = frozenset({"it", "fr", "es"})
# In compounding languages words grow together: "Gesprächsnotiz", "Markkinasegmentti".
_GROWN = frozenset(
    {
        "notes", "any.phone", "any.email", "any.street", "any.postcode", "any.owner", "any.language", "lead.partner",
        "organisation.segment", "organisation.industry", "organisation.business_id", "person.job_title",
    }
)  # fmt: skip
# "Yrityksen postinumero", "Referente telefono"; of an address only its parts are spoken of: "Besöksadress ort".
_OWNERS = (
    ("organisation.name", "organisation"),
    ("person.name", "person"),
    ("any.street", "place"),
    ("any.owner", "other"),
    ("lead.partner", "other"),
)
_WHOSE = frozenset({"organisation", "person", "private", "work"})
_LINKS = ("s", "en", "n", "es")


def readings(heading: str, words: Words) -> list[Reading]:
    """The ways to read a heading, best first; none if nothing in it is known."""
    if not any(map(str.isalnum, heading)):
        return []
    found = _readings(heading, words)
    if any(each.confidence > SEGMENT for each in found):
        return found
    longer = [_readings(text, words) for text in written_out(_WORDS.sub(" ", heading), words.shorts)]
    # What is short for one thing in one language is short for another in the next: the sheet's language decides.
    best = max(map(_surest, longer), default=0.0)
    if best <= _surest(found):
        return found
    return [
        replace(each, confidence=each.confidence * _WRITTEN_OUT)
        for read in longer
        for each in read
        if each.confidence == best
    ]


def _surest(found: Sequence[Reading]) -> float:
    return max((each.confidence for each in found), default=0.0)


def _readings(heading: str, words: Words) -> list[Reading]:
    plain = _WORDS.sub(" ", _CUSTOM.sub("", _NUMBERED.sub("", heading.strip())))
    bare = _BRACKETS.sub(" ", plain)
    # "Do not allow e-mails" says the contrary of what it ends with.
    no = {"not"} & {words.qualifiers.get(each) for each in folded(plain).split()}
    aside = no | {
        role for text in _BRACKETS.findall(plain) for each in folded(text).split() if (role := _role(each, words))
    }
    if is_graded(plain, words):
        return [Reading("ignore", QUALIFIED, None)]
    is_other = is_of_somebody_else(folded(plain).split(), words)
    # "Contact 2" is no contact with a number to be left out.
    unnumbered = [] if is_other else [re.sub(r"\s*\d+\s*$", "", bare)]
    for number, text in enumerate(dict.fromkeys((plain, bare, *unnumbered))):
        if found := words.meanings.get(squash(text)):
            sure = TRIMMED if number else EXACT
            if number and (part := _part_of_address(found, plain, words)):
                return [_with_roles(each, aside, sure) for each in part]
            return [_with_roles(each, aside, sure) for each in found]
    tokens = folded(bare).split() or folded(plain).split()
    if is_other:
        return [Reading("ignore", QUALIFIED, None)]
    if first := words.firsts.get(tokens[0]) if len(tokens) > 1 and not _is_about(tokens, words) else None:
        return [_with_roles(first, aside, SEGMENT)]
    if holds_two(tokens, words):
        return []
    if of := of_event(tokens, words):
        return [Reading(of, EXACT, None)]
    found_by = [*_alternatives(bare, words, aside)] or [*_qualified(tokens, words, aside)]
    if not found_by and _is_about(tokens, words):
        return [Reading("ignore", QUALIFIED, None)]
    found_by += _last_segment(bare, words, aside)
    found_by += _part(tokens, words, aside)
    found_by += _compound(tokens, words)
    if not found_by:
        found_by += abbreviated(tokens, words) if bare.rstrip().endswith(".") else _inflected(tokens, words)
    found_by = second_opinion(sorted(found_by, key=lambda each: -each.confidence), " ".join(tokens), words)
    return found_by if any(each.confidence > HEAD for each in found_by) else _by_last_word(tokens, words) or found_by


def _part_of_address(found: Sequence[Meaning], heading: str, words: Words) -> list[Meaning]:
    """What of an address stands in brackets: "Postanschrift (Ort)"."""
    if not any(each.concept == "any.street" for each in found):
        return []
    inside = (each for text in _BRACKETS.findall(heading) for each in words.meanings.get(squash(text), ()))
    return [each for each in inside if each.concept.startswith("any.") and _field(each.concept) in _PLACE]


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
    """What a word says of the one beside it: whose that is, or nothing of weight ("noise")."""
    if token.isdigit():
        return "noise"
    if role := words.qualifiers.get(token):
        return role if role != "not" else None
    for plain in stems(token, words):
        if (role := words.qualifiers.get(plain)) in _WHOSE and len(plain) > _SHORT:
            return role
        concepts = {each.concept for each in words.meanings.get(plain, ())}
        for concept, role in _OWNERS:
            if concept in concepts and (plain != token or plain not in words.weak):
                return role
    return None


def _known(tokens: Sequence[str], words: Words) -> tuple[Meaning, ...]:
    return words.meanings.get("".join(tokens), ())


def _with_roles(meaning: Meaning, roles: set[str], confidence: float) -> Reading:
    concept = meaning.concept
    if "not" in roles and concept == "consent":
        concept = "person.opt_out"
    if "other" in roles:
        # The phone of the assistant, the e-mail of the salesperson: nothing of the customer.
        return Reading("ignore", confidence, meaning.language)
    owner, _, field = concept.partition(".")
    if concept == "number" and "organisation" in roles:
        concept = "organisation.customer_number"
    if (concept == "number" and roles) or ("place" in roles and field not in _PLACE):
        confidence = min(confidence, HEAD)
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


def _part(tokens: Sequence[str], words: Words, aside: set[str]) -> Iterator[Reading]:
    """A heading that ends or begins with a known one, unless that one means little by itself."""
    roles = aside | {role for token in tokens if (role := _role(token, words))}
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
        found = [each for each in words.meanings.get(tail, ()) if each.language in COMPOUNDING]
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


def _by_last_word(tokens: Sequence[str], words: Words) -> list[Reading]:
    """Who did it, or when, whatever it was: "Gespräch geführt von", "Uppringd den"."""
    last = words.lasts.get(tokens[-1]) if len(tokens) > 1 else None
    return [Reading(last.concept, LAST, last.language)] if last else []


def _inflected(tokens: Sequence[str], words: Words) -> Iterator[Reading]:
    """A heading in another form: "Accounts", "Päivän"."""
    for plain in stems("".join(tokens), words):
        yield from (_with_roles(each, set(), QUALIFIED) for each in words.meanings.get(plain, ()))


def _field(concept: str) -> str:
    return concept.rpartition(".")[2]
