"""The rest of a group whose winner says only some of it. Pure.

A street, its postcode and its town win together. But a salesperson who mends the postcode of an address that we wrote
says that alone: street and town there only repeat us, and whoever said them goes on to say them. And where two say the
same address, what the winner leaves blank is the other's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solmu.golden.voice import Entry, Voice, blank, plain

_WIDE = frozenset({"country", "region"})
"""To have these alone in common makes no two addresses one."""


def together(names: Sequence[str], winner: Voice, others: Sequence[Voice]) -> dict[str, tuple[Voice, Any]]:
    """Who says each field of a group that ``winner`` has won, and what; ``others`` are those beside, best first."""
    stands = {
        name: entry for name in names if (entry := winner.claim.get(name)) is not None and not blank(entry["value"])
    }
    found: dict[str, tuple[Voice, Any]] = {}
    for name, entry in stands.items():
        behind = None if entry["own"] else _behind(name, entry, stands, others)
        found[name] = (winner, entry["value"]) if behind is None else (behind, behind.claim[name]["value"])
    for other in others:
        theirs = {name: entry["value"] for name in names if (entry := other.own(name)) is not None}
        if theirs.keys() - found.keys() and _is_the_same(theirs, {name: value for name, (_, value) in found.items()}):
            found |= {name: (other, value) for name, value in theirs.items() if name not in found}
    return found


def _behind(name: str, echo: Entry, stands: Mapping[str, Entry], others: Sequence[Voice]) -> Voice | None:
    """Whom an echo repeats: who says it, or who has said something else in its place since; None: nobody does now."""
    says = [(other, entry) for other in others if (entry := other.own(name)) is not None]
    echoed = plain(echo["value"])
    for other, entry in says:
        if plain(entry["value"]) == echoed:
            return other
    # Two have mended one address, each another part of it: both are right.
    for other, entry in says:
        if entry["since"][0] is not None and _leaves(stands, other, echo):
            return other
    return None


def _leaves(stands: Mapping[str, Entry], other: Voice, echo: Entry) -> bool:
    """Whether somebody says nothing newer of what the winner says of its own.

    Who has changed that too since we wrote ``echo`` speaks of another address, whoever was later.
    """
    for name, entry in stands.items():
        if entry["own"]:
            theirs = other.own(name)
            if theirs is None:
                return False
            low, high = theirs["since"]
            newer = high > entry["since"][1] or (low is not None and high > echo["since"][1])
            if newer and plain(theirs["value"]) != plain(entry["value"]):
                return False
    return True


def _is_the_same(theirs: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether these are one address, one name: they agree in all that both say, which is all that is known of it, or
    more than the country."""
    shared = theirs.keys() & found.keys()
    if not shared or any(plain(theirs[name]) != plain(found[name]) for name in shared):
        return False
    return bool(shared - _WIDE) or shared == found.keys()
