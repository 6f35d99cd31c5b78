"""From pairs to clusters. Pure, and free of order.

Pairs are taken strongest first, and a pair that would join what must stay apart is refused and held for a steward:
parts that a decision calls different, parts that contradict each other, and parts that must not be joined unasked. The
result depends on the set of mentions, pairs, decisions and traits only, never on the order in which they came; and a
component (mentions connected by pairs or decisions) can be clustered by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from solmu.match.names import id_scheme, people_may_be_one


class Rank(IntEnum):
    """Whose word it is; the lower number prevails. Stewards outrank machines, and CRM users stand between the two."""

    STEWARD = 0
    HUB = 1  # a record that we created for this golden record
    CRM = 2  # somebody merged them in a CRM
    RELATION = 3  # the data say that one is the other's parent, site, brand or dealer


@dataclass(frozen=True, slots=True)
class Decision:
    """Something other than likeness that says that two sets of mentions are the same, or different."""

    id: int
    rank: Rank
    same: bool
    left: frozenset[int]
    right: frozenset[int]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two mentions that the machine would join; ``left`` < ``right``.

    ``identity``: a rule of identity says so, not a score. ``soft``: the rule rests on a name that is unique in its
    surroundings, so it also gives way where the joined parts write from different mailboxes. ``names_aside``: it holds
    whatever given names are written.
    """

    left: int
    right: int
    weight: float
    identity: bool = True
    soft: bool = False
    names_aside: bool = False


@dataclass(frozen=True, slots=True)
class Traits:
    """What a mention has that may keep it apart from others.

    ``crms`` are the CRM connections in which it is a live record; ``business_ids`` are written with their country
    (``FI:…``); ``people`` is a person's given and family name, where both are known in full; ``mailboxes`` are personal
    addresses at an employer's domain.
    """

    protected: bool = False
    crms: frozenset[str] = frozenset()
    business_ids: frozenset[str] = frozenset()
    people: frozenset[tuple[str, str]] = frozenset()
    mailboxes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Held:
    """A pair that was not joined, and why: a code that ``explain`` has a sentence for."""

    left: int
    right: int
    reason: str


@dataclass(frozen=True, slots=True)
class Partition:
    """The clusters, each mention in exactly one, by their smallest mention; and the pairs that were held."""

    clusters: tuple[frozenset[int], ...]
    held: tuple[Held, ...]


NO_TRAITS = Traits()


def cluster(
    mentions: Iterable[int],
    pairs: Iterable[Pair],
    decisions: Iterable[Decision] = (),
    holds: Mapping[int, Traits] | None = None,
) -> Partition:
    """The clusters of the mentions. ``holds`` gives the traits of those that have any.

    Pairs and decisions may name only mentions that are given.
    """
    parts = _Parts(mentions, holds or {})
    held: list[Held] = []
    for decision in sorted(decisions, key=lambda one: (one.rank, one.same, one.id)):
        if decision.same:
            held += parts.join_decided(decision)
        else:
            parts.keep_apart(decision)
    for pair in sorted(pairs, key=lambda one: (not one.identity, one.soft, -one.weight, one.left, one.right)):
        one, two = parts.find(pair.left), parts.find(pair.right)
        if one == two:
            continue
        reason = parts.objection(one, two, soft=pair.soft, names_aside=pair.names_aside)
        if reason is None:
            parts.join(one, two)
        else:
            held.append(Held(pair.left, pair.right, reason))
    still = tuple(one for one in held if parts.find(one.left) != parts.find(one.right))
    return Partition(clusters=parts.clusters(), held=still)


def objection_to(one: Traits, members: Iterable[Traits], *, soft: bool, names_aside: bool) -> str | None:
    """Why one more must not be joined by likeness with mentions that are together; None where nothing says so."""
    holds = dict(enumerate((one, *members)))
    parts = _Parts(holds, holds)
    for id in range(2, len(holds)):
        parts.join(parts.find(1), id)
    return None if len(holds) == 1 else parts.objection(0, parts.find(1), soft=soft, names_aside=names_aside)


@dataclass(slots=True)
class _Part:
    """What is known of the mentions joined so far."""

    members: set[int]
    protected: bool
    crms: frozenset[str]
    business_ids: frozenset[str]
    people: frozenset[tuple[str, str]]
    mailboxes: frozenset[str]
    sides: set[tuple[Rank, int, bool]] = field(default_factory=set)  # (rank, decision, on its left) of "different"


class _Parts:
    """Disjoint sets that remember what would speak against joining them."""

    def __init__(self, mentions: Iterable[int], holds: Mapping[int, Traits]) -> None:
        self._parent: dict[int, int] = {}
        self._parts: dict[int, _Part] = {}
        for mention in mentions:
            traits = holds.get(mention, NO_TRAITS)
            self._parent[mention] = mention
            self._parts[mention] = _Part(
                {mention}, traits.protected, traits.crms, traits.business_ids, traits.people, traits.mailboxes
            )

    def find(self, mention: int) -> int:
        root = mention
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[mention] != root:
            self._parent[mention], mention = root, self._parent[mention]
        return root

    def join(self, one: int, two: int) -> None:
        """Join two parts, given by their roots."""
        if len(self._parts[one].members) < len(self._parts[two].members):
            one, two = two, one
        big, small = self._parts[one], self._parts.pop(two)
        self._parent[two] = one
        big.members |= small.members
        big.protected |= small.protected
        big.crms |= small.crms
        big.business_ids |= small.business_ids
        big.people |= small.people
        big.mailboxes |= small.mailboxes
        big.sides |= small.sides

    def join_decided(self, decision: Decision) -> list[Held]:
        """Join all mentions of a "same", but for what a word of higher or equal rank keeps apart."""
        held = []
        first, *rest = sorted(decision.left | decision.right)
        for mention in rest:
            one, two = self.find(first), self.find(mention)
            if one == two:
                continue
            if self._decided_apart(one, two):
                held.append(Held(first, mention, "decided-different"))
            else:
                self.join(one, two)
        return held

    def keep_apart(self, decision: Decision) -> None:
        """Remember a "different". Where the two were joined by higher word already, it says nothing."""
        left = {self.find(mention) for mention in decision.left}
        right = {self.find(mention) for mention in decision.right}
        for roots, on_left in ((left - right, True), (right - left, False)):
            for root in roots:
                self._parts[root].sides.add((decision.rank, decision.id, on_left))

    def objection(self, one: int, two: int, *, soft: bool, names_aside: bool = False) -> str | None:
        """Why two parts must not be joined by likeness; None where nothing speaks against it."""
        first, second = self._parts[one], self._parts[two]
        if self._decided_apart(one, two):
            return "decided-different"
        if _exclude_each_other(first.business_ids, second.business_ids):
            return "different-business-ids"
        if not names_aside and first.people and second.people and not _any_fit(first.people, second.people):
            return "different-people"
        if soft and _different_mailboxes(first.mailboxes, second.mailboxes):
            return "different-mailboxes"
        if first.protected or second.protected:
            # Whoever is like a mention that a key account has got beside the protected one is like the key account.
            return "both-protected" if first.protected and second.protected else "one-protected"
        if not first.crms.isdisjoint(second.crms):
            return "both-in-crm"
        return None

    def clusters(self) -> tuple[frozenset[int], ...]:
        return tuple(sorted((frozenset(part.members) for part in self._parts.values()), key=min))

    def _decided_apart(self, one: int, two: int) -> bool:
        first, second = self._parts[one].sides, self._parts[two].sides
        if len(first) > len(second):
            first, second = second, first
        return any((rank, decision, not on_left) in second for rank, decision, on_left in first)


def _exclude_each_other(one: Collection[str], two: Collection[str]) -> bool:
    """Whether both have business ids of one register, and none in common there."""
    if not one or not two:
        return False
    registers = set(map(id_scheme, one)) & set(map(id_scheme, two))
    return bool(registers - set(map(id_scheme, set(one) & set(two))))


def _any_fit(one: Collection[tuple[str, str]], two: Collection[tuple[str, str]]) -> bool:
    return any(people_may_be_one(first, second) for first in one for second in two)


def _different_mailboxes(one: Collection[str], two: Collection[str]) -> bool:
    """Whether both write from one employer's domain, and from no common address there."""
    domains = {text.partition("@")[2] for text in one} & {text.partition("@")[2] for text in two}
    common = {text.partition("@")[2] for text in set(one) & set(two)}
    return bool(domains - common)
