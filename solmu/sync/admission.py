"""Which golden records may enter a target. Pure.

A record goes out if at least one of ``include`` holds and none of ``exclude`` does. What belongs together is judged
together: an organisation is let in by what hangs on it or on one of its people, and a person by what hangs on them or,
if they can be reached, with their organisation. The people of a supplier, of a dormant organisation, or of one that a
person is asked about, stay in the hub with it.

What a target has already is kept up to date even if its owner opted out or cannot be reached any more: there is no
other way for the target to learn of an opt-out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from solmu.model import Entity

NOT_INCLUDED = "not-included"
_WITH_IT = frozenset({"supplier", "dormant", "in-review"})
"""What keeps an organisation's people out as well."""


@dataclass(slots=True)
class Facts:
    """What admission looks at. ``lead``, ``order``, ``deal`` and ``activity``: whether a live one hangs on the record.

    ``dormant``: nothing speaks of it any more. ``reachable``: there is an e-mail address or a phone number. ``asked``:
    a person is asked whether it is another one that the target has or gets first. ``streams`` are those of the target
    in which it is, if it is ``in_target``.
    """

    lead: bool = False
    order: bool = False
    deal: bool = False
    activity: bool = False
    in_target: bool = False
    supplier: bool = False
    dormant: bool = False
    opted_out: bool = False
    reachable: bool = True
    asked: bool = False
    streams: frozenset[str] = frozenset()

    def included_by(self, include: Sequence[str]) -> bool:
        """Whether one of the closed list of reasons holds."""
        if "all" in include:
            return True
        holds = {
            "lead": self.lead,
            "order": self.order,
            "deal": self.deal,
            "activity": self.activity,
            "in-target": self.in_target,
        }
        return any(holds[reason] for reason in include)

    def excluded_by(self, exclude: Sequence[str]) -> str | None:
        """The first of the closed list of reasons that holds."""
        if not exclude:
            return None
        holds = {
            "supplier": self.supplier,
            "dormant": self.dormant,
            "opted-out": self.opted_out and not self.in_target,
            "unreachable": not self.reachable and not self.in_target,
            "in-review": self.asked and not self.in_target,
        }
        return next((reason for reason in exclude if holds[reason]), None)


@dataclass(frozen=True, slots=True)
class Rules:
    """The admission rule of one target stream."""

    include: Sequence[str]
    exclude: Sequence[str]


def reasons(rules: Iterable[Rules]) -> frozenset[str]:
    """The reasons that these rules look at: of the others nobody need know whether they hold."""
    found: set[str] = set()
    for each in rules:
        found.update(each.exclude, () if "all" in each.include else each.include)
    return frozenset(found)


def kept_out_by(
    entity: Entity,
    facts: Facts,
    rules: Rules,
    *,
    organisation: Facts | None = None,
    people: Sequence[Facts] = (),
) -> str | None:
    """The rule that keeps a golden record out of a target, or None where it may go.

    ``organisation`` is the person's, ``people`` are the organisation's.
    """
    own = facts.excluded_by(rules.exclude)
    if own is not None:
        return own
    if entity is Entity.ORGANISATION:
        let_in = facts.included_by(rules.include) or any(
            person.included_by(rules.include) and person.excluded_by(rules.exclude) is None for person in people
        )
        return None if let_in else NOT_INCLUDED
    if organisation is not None and not facts.in_target:
        theirs = organisation.excluded_by([each for each in rules.exclude if each in _WITH_IT])
        if theirs is not None:
            return theirs
    if facts.included_by(rules.include):
        return None
    if organisation is not None and facts.reachable and organisation.included_by(rules.include):
        return None
    return NOT_INCLUDED
