"""Keys that more mentions hold than may be compared with one another: whoever they speak of, it may be one.

A list of a company's people names it on every row; an export of orders repeats one customer a thousand times. To
compare all of them with all would cost their square, to compare none would make each a customer of its own. Where they
look in few ways, as ``mates`` counts it, each is compared with the first of every look, and so all are joined who are
one. Where they look in many, the key tells of many, and makes no pairs.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from solmu.match.bearers import in_order
from solmu.match.blocking import CROWDS
from solmu.match.index import Mentions, holders, sizes
from solmu.match.mates import BEARERS, MATES, look

_COMPARED = 100_000
"""Comparisons behind one key, at most."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """All who hold a crowded key, and those who stand for the others: the first of each look."""

    members: frozenset[int]
    firsts: frozenset[int]

    def beside(self, id: int) -> frozenset[int]:
        """With whom one of them is compared. It holds both ways: whoever is compared with one has that one beside."""
        return self.members if id in self.firsts else self.firsts


class Crowds:
    """Looks behind crowded keys, and remembers what it saw: for one pass, in which the index does not change."""

    def __init__(self, mentions: Mentions) -> None:
        self._mentions = mentions
        self._seen: dict[str, Crowd | None] = {}

    def behind(self, connection: Connection, keys: Iterable[str]) -> dict[str, Crowd]:
        """Those of these crowded keys whose holders look in few ways."""
        new = {key for key in keys if key.startswith(CROWDS)} - self._seen.keys()
        held, _ = holders(connection, new, BEARERS)
        self._seen |= {key: self._crowd(connection, held.get(key, ())) for key in new}
        return {key: crowd for key in keys if (crowd := self._seen.get(key)) is not None}

    def _crowd(self, connection: Connection, ids: Iterable[int]) -> Crowd | None:
        members = frozenset(ids)
        firsts = first_of_each_look(connection, self._mentions, members)
        if not firsts or len(firsts) * len(members) > _COMPARED:
            return None
        return Crowd(members, frozenset(firsts.values()))


def first_of_each_look(connection: Connection, mentions: Mentions, ids: Iterable[int]) -> dict[Hashable, int] | None:
    """The lowest id of each look among these; None where they look in more ways than ``MATES``."""
    firsts: dict[Hashable, int] = {}
    for one in in_order(connection, mentions, ids):
        firsts.setdefault(look(one.features), one.id)
        if len(firsts) > MATES:
            return None
    return firsts


def unsettled(
    connection: Connection,
    mentions: Mentions,
    names: Iterable[str],
    wide: Iterable[str],
    changed: Collection[int],
    cap: int,
) -> set[int]:
    """Of who holds a common name, or a key that is crowded, those for whom a change of others may matter.

    ``names`` are more than ``MATES`` mentions', ``wide`` are of kinds behind which a crowd is looked for. That a key
    tells of many is no news where those who did not change look in many ways: nothing rested on it before, and nothing
    does now.
    """
    many = {*names, *(key for key, size in sizes(connection, wide).items() if size >= cap)}
    held, _ = holders(connection, many, 2 * BEARERS)
    found: set[int] = set()
    for ids in held.values():
        rest = set(ids).difference(changed, found)
        if 0 < len(rest) <= BEARERS and first_of_each_look(connection, mentions, rest) is not None:
            found |= rest
    return found
