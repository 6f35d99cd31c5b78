"""What a web domain says a company is called: ricci-stampi.it is that of Stampi Ricci. Pure."""

from __future__ import annotations

from itertools import permutations

from solmu.match.features import OrganisationFeatures

_WORDS = 3
"""Words of a name whose every order is looked for; longer names are written as they are."""
_TELLING = 6
"""Letters of a domain that are a name's own, and no other's by chance."""


def spelt_by_domain(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether a domain of one of them is the other's whole name, in whatever order of its words."""
    return not _spelt(left.domains).isdisjoint(_orders(right)) or not _spelt(right.domains).isdisjoint(_orders(left))


def _spelt(domains: frozenset[str]) -> set[str]:
    names = {domain.partition(".")[0].replace("-", "") for domain in domains}
    return {name for name in names if len(name) >= _TELLING}


def _orders(one: OrganisationFeatures) -> set[str]:
    if len(one.words) > _WORDS:
        return {one.compact}
    return {"".join(words) for words in permutations(one.words)} | one.spellings
