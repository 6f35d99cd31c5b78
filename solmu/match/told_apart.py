"""What on two cards says that two people are meant, whatever else is alike. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from solmu.match.birthdays import may_be_one_day
from solmu.match.desks import one_mobile, two_mobiles
from solmu.match.features import PersonFeatures
from solmu.match.mailboxes import each_a_mailbox, named_otherwise
from solmu.match.names import slip

_NUMBERED = re.compile(r"(\D+)(\d+)")


def another_person(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether identifiers of one kind, or dates of birth, differ by more than a slip, or one is "Jr" and one "Sr", or
    each bears a number of its own, or has an address with another given name, or one card is a couple's."""
    if left.couple != right.couple:
        return True
    # Where one of two at one house is called "Jr", the other mailbox or mobile phone of that name is the father's.
    if left.generation != right.generation and _two_generations(left, right):
        return True
    if _numbered(left.name, right.name) or named_otherwise(left, right):
        return True
    if left.born is not None and right.born is not None and not may_be_one_day(left.born, right.born):
        return True
    return another_number(left, right)


def _two_generations(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether of two who may be father and son each is told by a word behind the name, or by how they are reached."""
    if (left.generation and right.generation) or two_mobiles(left, right):
        return True
    return each_a_mailbox(left, right) and not one_mobile(left, right)  # in a family firm they have one switchboard


def _numbered(one: str, two: str) -> bool:
    """Whether two names differ by a number at the end, as those who have no name, or are made up, are told apart."""
    first, second = _NUMBERED.fullmatch(one), _NUMBERED.fullmatch(two)
    return first is not None and second is not None and first[1] == second[1] and first[2] != second[2]


def another_number(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether identifiers of one kind differ by more than a slip."""
    kinds = _kinds(left.identifiers) & _kinds(right.identifiers)
    return bool(kinds) and not left.identifiers & right.identifiers and not identifiers_near(left, right)


def identifiers_near(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether an identifier of the one is a slip away from one of the other, or the same."""
    return any(
        one.partition(":")[0] == two.partition(":")[0] and slip(one, two, at_least=6)
        for one in left.identifiers
        for two in right.identifiers
    )


def _kinds(identifiers: Iterable[str]) -> set[str]:
    return {identifier.partition(":")[0] for identifier in identifiers}
