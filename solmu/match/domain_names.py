"""What a web domain says a company is called: ricci-stampi.it is that of Stampi Ricci. Pure."""

from __future__ import annotations

from solmu.match.features import OrganisationFeatures
from solmu.match.names import FEW_WORDS, in_any_order

_TELLING = 6
"""Letters of a domain that are a name's own, and no other's by chance."""


def called(domain: str) -> str:
    """What a domain says without its ending and hyphens."""
    return domain.partition(".")[0].replace("-", "")


def spelt_by_domain(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether a domain of one of them is the other's whole name, in whatever order of its words."""
    return not _spelt(left.domains).isdisjoint(_orders(right)) or not _spelt(right.domains).isdisjoint(_orders(left))


def _spelt(domains: frozenset[str]) -> set[str]:
    return {name for name in map(called, domains) if len(name) >= _TELLING}


def _orders(one: OrganisationFeatures) -> set[str]:
    return {one.compact} if len(one.words) > FEW_WORDS else in_any_order(one.words) | one.spellings
