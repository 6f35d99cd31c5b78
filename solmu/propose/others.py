"""Headings that name a known field of somebody else, or two fields at once: columns that are better left alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from solmu.propose.words import Meaning, Words

_STAFF = frozenset({"any.owner", "lead.partner", "agent"})
_CUSTOMER = frozenset({"organisation.name", "person.name"})
_OWNED = frozenset({"email", "phone", "street", "postcode", "city", "region", "country", "website"})
_SHORTEST = 2
_TOWN = frozenset({"postcode", "city"})
_APART = (frozenset({"email", "phone"}), _TOWN, frozenset({"postcode", "region"}))


def is_of_somebody_else(tokens: Sequence[str], words: Words) -> bool:
    """Whether a heading speaks of a second contact ("Contact 2 e-mail", "Toinen yhteyshenkilö") or of one's own people
    ("Säljarens mobil", "E-mail of the account manager")."""
    return _is_of_second_person(tokens, words) or any(
        _is_staff(whose, words) and _fields(what, words) & _OWNED for what, whose in halves(tokens, words)
    )


def holds_two(tokens: Sequence[str], words: Words) -> bool:
    """Whether one column holds two fields that no transform takes apart: "PLZ Ort", "Postnr. og by", "E-mail/phone"; or
    the country that a phone is called in."""
    for one, other in halves(tokens, words):
        first, second = _fields(one, words), _fields(other, words)
        is_weak = "".join(one) in words.weak or "".join(other) in words.weak
        if is_weak and first | second != _TOWN:
            continue
        if len(first) == len(second) == 1 and first != second and first | second in _APART:
            return True
        if first == {"phone"} and second == {"country"}:
            return True
    return False


def halves(tokens: Sequence[str], words: Words) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """A heading parted in two at each place, in both orders, without the small words between."""
    for at in range(1, len(tokens)):
        one, other = tuple(tokens[:at]), list(tokens[at:])
        while len(other) > 1 and words.qualifiers.get(other[0]) == "noise":
            other.pop(0)
        yield one, tuple(other)
        yield tuple(other), one


def _known(tokens: Sequence[str], words: Words) -> tuple[Meaning, ...]:
    return words.meanings.get("".join(tokens), ())


def _fields(tokens: Sequence[str], words: Words) -> frozenset[str]:
    return frozenset(each.concept.rpartition(".")[2] for each in _known(tokens, words))


def stems(word: str, words: Words) -> Iterator[str]:
    """A word and what it may be in its plain form: "säljarens" is of the "säljare", "osoitteen" of the "osoite"."""
    yield word
    for ending, plain in words.endings:
        if word.endswith(ending) and len(word) > len(ending) + _SHORTEST:
            yield word.removesuffix(ending) + plain


def _is_staff(tokens: Sequence[str], words: Words) -> bool:
    for text in stems("".join(tokens), words):
        concepts = {each.concept for each in words.meanings.get(text, ())}
        if concepts:
            return bool(concepts & _STAFF) and not concepts & _CUSTOMER
    return False


def _is_of_second_person(tokens: Sequence[str], words: Words) -> bool:
    for at, token in enumerate(tokens):
        if not _is_person(token, words):
            continue
        after = [each for each in tokens[at + 1 : at + 3] if each != "nr"]
        if after and after[0].isdigit() and 2 <= int(after[0]) <= 9:
            return True
        # "Alternative contact number" is the same person's, though.
        before = [each for each in tokens[max(0, at - 2) : at] if not _is_person(each, words)]
        if before and words.qualifiers.get(before[-1]) == "second" and after[:1] not in (["number"], ["no"]):
            return True
    return False


def _is_person(token: str, words: Words) -> bool:
    if words.qualifiers.get(token) == "person":
        return True
    return any(each.concept == "person.name" for each in words.meanings.get(token, ()))
