"""Who else bears a name: what rules ask before they rest on a name being nobody else's. Pure.

A name is common where those who bear it *look* in many ways, and not where one company stands on many cards: a list of
a company's people names it once for each of them. Cards of one look say the same of name, form, numbers in registers,
domains and place. The phones of the people on them count for nothing there; nor do the company's, where a domain or an
address tells that it is one house.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice, repeat

from solmu.match.features import Features, OrganisationFeatures

MATES = 100
"""A name whose bearers look in more ways than this is common, and no soft rule rests on it."""
BEARERS = 10_000
"""So is one that more mentions bear than this, however they look: more are not read."""
_TOLD = 5
"""Cards of one look that are told apart where cards are counted: more are many."""


@dataclass(frozen=True)
class Namesakes:
    """All that are found under some block keys. What was worked out about them is remembered for the next pair.

    Where they are more than ``MATES``, ``features`` has one for each look, and ``counts`` how many look so.
    """

    features: Sequence[Features]
    counts: Sequence[int] = ()
    answers: dict[Hashable, bool] = field(default_factory=dict)

    def answer(self, question: Hashable, work_out: Callable[[], bool]) -> bool:
        """The answer to a question about them, worked out once."""
        if question not in self.answers:
            self.answers[question] = work_out()
        return self.answers[question]

    def each(self) -> Iterator[Features]:
        """Every one of them, of one look a few at most: for whom it matters how many they are."""
        if not self.counts:
            return iter(self.features)
        pairs = zip(self.features, self.counts, strict=True)
        return chain.from_iterable(repeat(one, min(count, _TOLD)) for one, count in pairs)

    def and_one(self, one: Features) -> Namesakes | None:
        """The same with one more; None where they look in too many ways then."""
        if not self.counts:
            return namesakes([*self.features, one])
        if len(self.features) >= MATES and look(one) not in map(look, self.features):
            return None
        return Namesakes([*self.features, one], [*self.counts, 1])


Mates = Callable[[Iterable[str]], Namesakes | None]
"""Gives all who are found under one of some block keys; None where they look in more ways than ``MATES``."""


def namesakes(features: Iterable[Features]) -> Namesakes | None:
    """These, whose order does not matter; None where they look in too many ways. Reads no further than it must."""
    rest = iter(features)
    first = list(islice(rest, MATES + 1))
    if len(first) <= MATES:
        return Namesakes(first)
    looks: dict[Hashable, list[Features]] = {}
    for one in chain(first, rest):
        looks.setdefault(look(one), []).append(one)
        if len(looks) > MATES:
            return None
    return Namesakes([_standing_for(those) for those in looks.values()], [len(those) for those in looks.values()])


def look(one: Features) -> Hashable:
    """What is equal of two cards that look the same."""
    if not isinstance(one, OrganisationFeatures):
        return one
    said = (one.compact, one.spellings, one.words, one.aliases, one.legal_form, one.business_ids, one.domains)
    place = (one.street, one.postcode, one.city, one.region, one.country)
    return said, place, frozenset() if _has_a_house(one) else one.own_phones


def _has_a_house(one: OrganisationFeatures) -> bool:
    """Whether a domain or an address tells which house it is, whatever phones are written."""
    return bool(one.domains or (one.street and (one.postcode or one.city)))


def _standing_for(those: Sequence[Features]) -> Features:
    """One for all of a look, whichever of them comes first. Where they are of one house, its phones are theirs."""
    first = those[0]
    if not isinstance(first, OrganisationFeatures):
        return first
    organisations = [one for one in those if isinstance(one, OrganisationFeatures)]
    own = frozenset(chain.from_iterable(one.own_phones for one in organisations))
    phones = frozenset(chain.from_iterable(one.phones for one in organisations)) if _has_a_house(first) else own
    readers = frozenset(chain.from_iterable(one.readers for one in organisations))
    nothing: frozenset[str] = frozenset()
    return replace(first, phones=phones, own_phones=own, readers=readers, emails=nothing, numbers=nothing)
