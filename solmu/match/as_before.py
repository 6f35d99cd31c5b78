"""Pairs of one customer that a CRM has, which the rules would not join now. Pure.

Somebody mends the town of an account, or a source does: read anew, the two cards name two places, which is how sites of
a chain are told apart. Or one of two lists knows where somebody works now, and the other one does not yet. But the CRM
was written as theirs, and to part them would make a second record there of the same customer. So what changed on the
cards themselves does not part them, unless it proves that they are two: then a person is asked, until one has answered.
What changed around them does: a name that turns out to be borne by others as well was never theirs alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from solmu.match.another import is_another, names_related
from solmu.match.features import Features, OrganisationFeatures, PersonFeatures
from solmu.match.known import Known
from solmu.match.mates import Namesakes
from solmu.match.model import Model
from solmu.match.rules import AS_BEFORE, PROVEN, RULES, Band, identity_rule
from solmu.match.told_apart import another_person
from solmu.match.two_companies import two_entities

_OF_OTHERS = frozenset({"name-and-employer", "initial-and-employer"})
"""Rules that rest on who is whose employer: that is found out anew each time."""


def as_before(left: Known, right: Known, *, weight: float, rule: str, model: str, now: Model) -> Band | None:
    """The band of a pair whose ends are linked to one golden record that a CRM has; None where nothing is to be kept.

    ``weight``, ``rule`` and ``model`` are how it was judged last.
    """
    if not _was_joined(weight, rule, model, now):
        return None
    if identity_rule(left.features, right.features, _nobody_else) is not None:
        return None
    # A record of a CRM is who it is, whatever is written there.
    if not (left.traits.crms or right.traits.crms) and _of_somebody_else(left.features, right.features):
        return None
    return Band.ASK if _two(left.features, right.features) else Band.SAME


def _was_joined(weight: float, rule: str, model: str, now: Model) -> bool:
    if rule == PROVEN:
        # By the threshold of now: a steward's answers may have raised it.
        return model == now.name and now.thresholds.same is not None and weight >= now.thresholds.same
    return rule == AS_BEFORE or (rule in RULES and rule not in _OF_OTHERS)


def _of_somebody_else(left: Features, right: Features) -> bool:
    """Whether one of two rows speaks of somebody else by now. A mailbox is no proof to the contrary: whoever changes
    employers may write from the old one for a while."""
    if isinstance(left, OrganisationFeatures) and isinstance(right, OrganisationFeatures):
        return bool(left.compact and right.compact) and not names_related(left, right)
    return is_another(left, right, alone=False)


def _two(left: Features, right: Features) -> bool:
    """Whether the cards prove that these are two."""
    if isinstance(left, OrganisationFeatures) and isinstance(right, OrganisationFeatures):
        return two_entities(left, right) or is_another(left, right, alone=True)
    if isinstance(left, PersonFeatures) and isinstance(right, PersonFeatures):
        return another_person(left, right) or is_another(left, right, alone=True)
    return True


def _nobody_else(_keys: Iterable[str]) -> Namesakes:
    """As if nobody else bore any name."""
    return Namesakes(())
