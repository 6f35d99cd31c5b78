"""What a web domain says a company is called: ricci-stampi.it is that of Stampi Ricci. Pure."""

from __future__ import annotations

from solmu.match.features import OrganisationFeatures
from solmu.match.names import FEW_WORDS, in_any_order

_TELLING = 6
"""Letters of a domain that are a name's own, and no other's by chance."""
_MORE = 2
"""Letters that a domain has more than a name, at least, if it says more: beyond a country's or a form's."""


def called(domain: str) -> str:
    """What a domain says without its ending and hyphens."""
    return domain.partition(".")[0].replace("-", "")


def spelt_by_domain(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether a domain of one of them is the other's whole name, in whatever order of its words."""
    return not _spelt(left.domains).isdisjoint(_orders(right)) or not _spelt(right.domains).isdisjoint(_orders(left))


def at_their_own_domain(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether a domain that both have says more of one's name than the other is called: tropea-infor.it, of Tropea
    Informatica. Who is called Tropea there is hardly another."""
    short, long = sorted((left, right), key=lambda one: len(one.compact))
    names = {name for name in _spelt(left.domains & right.domains) if len(name) > len(short.compact) + _MORE}
    return any(order.startswith(name) for name in names for order in _orders(long))


def _spelt(domains: frozenset[str]) -> set[str]:
    return {name for name in map(called, domains) if len(name) >= _TELLING}


def _orders(one: OrganisationFeatures) -> set[str]:
    return {one.compact} if len(one.words) > FEW_WORDS else in_any_order(one.words) | one.spellings
