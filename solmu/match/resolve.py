"""The resolver: from dirty mentions to pairs, clusters and links. What the night calls.

Organisations first, then people, whose employers are part of their evidence. For each entity two passes over the
changed mentions. First all their block keys go into the index. Then, neighbours together, candidates are looked up
there, scored and stored as pairs, and the components that this touched are clustered anew from all their pairs. Since
the index is whole by then, each is compared once; since neighbours come together, each is read once for it, however
many there are.

Every write is a short transaction, and nothing is scored in one. A crash at any point repeats work and loses none: a
mention's dirty row goes in the transaction that stores its links, after everything that rests on it.

Whoever is named like a changed mention is looked at again too, because rules may rest on a name being nobody else's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection, text

from solmu.beside.ahead import Ahead
from solmu.match.blocking import CROWDS, mates_keys
from solmu.match.crowds import unsettled
from solmu.match.due import marked, organisations_on_cards
from solmu.match.identity import Identity
from solmu.match.index import Mentions, holders, nobody_has_keys, sizes, store_keys
from solmu.match.known import Page, Seen, unpacked
from solmu.match.linking import Linking, mark_people
from solmu.match.mates import MATES
from solmu.match.model import Model, default_model
from solmu.match.pairing import Compared, Pairing
from solmu.match.rules import Band
from solmu.model import Entity
from solmu.store import Store, dirty
from solmu.store.sql import chunks, run_with_ids

PAGE = 3_000
"""Mentions that are compared, and their pairs stored, together."""
SEEN = 5_000
"""Mentions that are read together for their keys."""
KEYED, LINKED = 60_000, 30_000
"""Mentions whose keys, and whose pairs or links, are stored in one transaction at most. They lie all over the store:
few at a time would write the same pages of a large one over and over."""
SLICE = 1_000_000
"""Dirty mentions whose keys are all in the index before the first of them is compared. Only their ids are held, and
the order in which they come."""
_DEBTS = 100  # the largest crowded keys that are reported


class Settings(Identity, Protocol):
    """What the resolver needs of the hub's ``matching:`` settings."""

    @property
    def block_cap(self) -> int:
        """How many mentions a block key may hold before it makes no new pairs."""

    @property
    def protected(self) -> Sequence[str]:
        """Flags that protect from unasked merges."""


@dataclass(slots=True)
class Resolved:
    """What a run of the resolver did.

    ``pairs`` counts those that were compared, by what became of them. ``recall_debt`` lists block keys that made no
    pairs because more mentions than the cap hold them, the largest first. ``touched`` counts golden records whose links
    changed, ``rematched_people`` those looked at again because their employer changed.
    """

    pairs: dict[str, int] = field(default_factory=lambda: {band.value: 0 for band in Band})
    recall_debt: list[tuple[str, int]] = field(default_factory=list)
    touched: int = 0
    mentions: int = 0
    rematched_people: int = 0


def resolve(
    store: Store,
    settings: Settings,
    *,
    run_id: str,
    now: int,
    remotes: Collection[str],
    progress: Callable[[int], None] | None = None,
    models: Callable[[Entity], Model] = default_model,
    ahead: Ahead | None = None,
) -> Resolved:
    """Resolve every mention that is marked. The caller holds the lease ``resolve``.

    ``now`` is when links begin and end, in microseconds; ``remotes`` are the connections that are CRMs; ``progress`` is
    told how many more mentions are done; ``ahead`` works out what ``Beside`` does.
    """
    ahead = ahead or Ahead()
    resolved = Resolved()
    crowded: set[str] = set()
    touched: set[int] = set()
    passes = 0
    with store.read() as connection:
        cards = organisations_on_cards(connection)
    for entity in (Entity.ORGANISATION, Entity.PERSON):
        after = 0
        while True:
            with store.read() as connection:
                work, reached = marked(connection, entity, SLICE, after=after)
            extra = cards if entity is Entity.ORGANISATION else set()
            if work or extra:
                mentions = mentions_of(entity, settings, remotes)
                model = models(entity)
                changed: dict[int, int] = dict(work)
                pairing = Pairing(
                    store, mentions, model, changed.keys(), cap=settings.block_cap, crms=remotes, run_id=run_id
                )
                linking = Linking(store, mentions, model, crms=remotes, run_id=run_id, now=now)
                passes += 1
                one = _Pass(
                    store,
                    entity,
                    mentions,
                    pairing,
                    linking,
                    changed,
                    resolved,
                    settings.block_cap,
                    ahead,
                    passes,
                )
                # What another process has read is kept, however little it is.
                with mentions.shelved() if ahead.is_helped else mentions.shelved(len(changed)):
                    one.run(extra, progress)
                crowded |= pairing.crowded
                touched |= linking.touched
                cards = set()
            elif not after:
                break
            # At the end from the beginning: passes mark what they find there.
            after = reached if work else 0
    resolved.touched = len(touched)
    with store.read() as connection:
        debts = sizes(connection, crowded)
    resolved.recall_debt = sorted(debts.items(), key=lambda one: (-one[1], one[0]))[:_DEBTS]
    return resolved


def mentions_of(entity: Entity, settings: Settings, remotes: Collection[str]) -> Mentions:
    """An entity's mentions, as ``resolve`` reads them."""
    return Mentions(entity, crms=remotes, protected=settings.protected, identity=settings)


@dataclass(slots=True)
class _Pass:
    """One slice of one entity's changed mentions on its way through the two passes."""

    store: Store
    entity: Entity
    mentions: Mentions
    pairing: Pairing
    linking: Linking
    changed: dict[int, int]  # those that are compared, later mates included, each with its dirty row's generation
    resolved: Resolved
    cap: int
    ahead: Ahead
    number: int
    order: list[tuple[str, int]] = field(default_factory=list)  # the same, by neighbourhood

    def run(self, extra: Collection[int], progress: Callable[[int], None] | None) -> None:
        """Resolve them, and ``extra``."""
        tell = progress or (lambda _: None)  # of each page, so that whoever is to stop hears of it in time
        self.resolved.mentions += len(self.changed)
        with self.store.read() as connection:
            alone = nobody_has_keys(connection, self.entity)
        with self.store.write() as connection:
            self._call(connection, extra)
        mates = self._index(tell, alone=alone)
        for ids in chunks(sorted(mates), SEEN):
            self._line_up(self._see(self._page(ids)))
        beside = mates.union(extra)
        self.order.sort()
        judged = 0
        later: list[int] = []
        # Whoever compares has compared all that came before.
        ahead = self.ahead if alone and self.ahead.is_ready() else Ahead()
        pages = (self._page(ids) for ids in chunks((id for _, id in self.order), PAGE))
        ready: list[int] = []
        waiting, enough = 0, dirty.at_once(LINKED, len(self.changed))
        for page, compared in ahead.each("compare", pages, self._compare):
            judged += compared.judged
            single = self.pairing.take(page.ids, compared)
            ready += single
            later += set(page.ids) - set(single)
            tell(0)
            waiting += len(page.ids)
            if waiting >= enough:
                later += self._link_those(ready, beside, tell)
                waiting, ready = 0, []
        later += self._link_those(ready, beside, tell)
        for ids in chunks(later, PAGE):
            self._link(ids, lambda _: False)
            tell(len(set(ids) - beside))
        self.resolved.rematched_people += self.linking.rematched
        self._count(judged, alone=alone)

    def _link_those(self, ready: Sequence[int], beside: set[int], tell: Callable[[int], None]) -> set[int]:
        """Store what was compared, and link those of them whose components wait for nobody; gives the others."""
        self.pairing.store()
        if not ready:
            return set()
        left = self._link(ready, self.pairing.waits)
        tell(len(set(ready) - left - beside))
        return left

    def _page(self, ids: Sequence[int]) -> Page:
        return Page(self.number, self.entity, ids)

    def _see(self, page: Page) -> list[Seen]:
        with self.store.read() as connection:
            return self.mentions.see(connection, page.ids)

    def _compare(self, page: Page) -> Compared:
        return self.pairing.compare(page.ids)

    def _index(self, tell: Callable[[int], None], *, alone: bool) -> set[int]:
        """Store the keys of all; gives their mates, who are called too."""
        mates: set[int] = set()
        wanted: dict[int, frozenset[str]] = {}
        enough = dirty.at_once(KEYED, len(self.changed))
        pages = (self._page(ids) for ids in chunks(sorted(self.changed), SEEN))
        for _, found in self.ahead.each("see", pages, self._see):
            seen = unpacked(found) if isinstance(found, bytes) else found
            self.mentions.keep(seen)
            self._line_up(seen)
            wanted |= {one.id: one.keys for one in seen}
            if len(wanted) >= enough:
                mates |= self._store_keys(wanted, alone=alone)
                wanted = {}
            tell(0)
        return mates | self._store_keys(wanted, alone=alone) if wanted else mates

    def _store_keys(self, wanted: Mapping[int, frozenset[str]], *, alone: bool) -> set[int]:
        """Store the keys that these mentions should have; gives the mates of these."""
        mates: set[int] = set()
        if not alone:
            with self.store.read() as connection:
                mates = self._mates(connection, wanted.values())
        with self.store.write(trusted=True) as connection:  # mentions are never deleted
            added, removed = store_keys(connection, wanted)
            # Whoever bore the old name is nobody's mate by the new one.
            mates |= self._mates(connection, removed.values())
            self._call(connection, mates)
            if self.entity is Entity.ORGANISATION:
                renamed = {id for keys in (added, removed) for id in keys if _has_name(keys[id])}
                self.resolved.rematched_people += mark_people(connection, renamed)
        return mates

    def _mates(self, connection: Connection, keys: Collection[Collection[str]]) -> set[int]:
        """Who is found under the names among these keys, as far as a name is not a common one, and is not here yet."""
        names = {name for each in keys for name in mates_keys(each)}
        wide = {key for each in keys for key in each if key.startswith(CROWDS)} - names
        found, common = holders(connection, names, MATES)
        ids = {id for those in found.values() for id in those}
        ids |= unsettled(connection, self.mentions, common, wide, self.changed, self.cap)
        return ids - self.changed.keys()

    def _call(self, connection: Connection, ids: Collection[int]) -> None:
        """Have these compared, too. They are marked as all others are, so that no crash forgets them.

        Who was marked before has a turn of their own still to come, and stays marked.
        """
        before = {id for id, _ in dirty.among(connection, "match", ids)}
        dirty.mark(connection, "match", set(ids) - before)
        self.changed.update((id, 0 if id in before else 1) for id in ids)

    def _line_up(self, seen: Iterable[Seen]) -> None:
        self.order += [(one.place, one.id) for one in seen]

    def _link(self, ids: Sequence[int], waits: Callable[[int], bool]) -> set[int]:
        return self.linking.link(ids, [(id, self.changed[id]) for id in ids], waits)

    def _count(self, judged: int, *, alone: bool) -> None:
        """Add up what became of the pairs that were compared; ``alone``: there are no others of this entity."""
        bands: Counter[str] = Counter()
        with self.store.read() as connection:
            if alone:
                for band, count in connection.execute(_ALL_BANDS, {"entity": self.entity.value}).all():
                    bands[band] += count
            for ids in () if alone else chunks(sorted(self.changed), PAGE):
                _count_bands(connection, ids, self.changed, bands)
        for band in (Band.SAME, Band.ASK):
            self.resolved.pairs[band.value] += bands[band.value]
        # A pair that was left as it stood is in a band, and was not judged.
        apart = judged - bands[Band.SAME.value] - bands[Band.ASK.value]
        self.resolved.pairs[Band.DIFFERENT.value] += max(0, apart)


_ALL_BANDS = text("SELECT band, count(*) FROM pair WHERE entity = :entity GROUP BY band")
_EARLIER = "SELECT band, count(*) FROM pair WHERE right_id IN IDS GROUP BY band"
_LATER = "SELECT band, right_id FROM pair WHERE left_id IN IDS"


def _count_bands(connection: Connection, ids: Sequence[int], changed: Collection[int], bands: Counter[str]) -> None:
    """Add the bands of the pairs of these mentions, each pair once: with the later of its ends that are changed."""
    for band, count in run_with_ids(connection, _EARLIER, (), ids).all():
        bands[band] += count
    bands.update(band for band, right_id in run_with_ids(connection, _LATER, (), ids).all() if right_id not in changed)


def _has_name(keys: Iterable[str]) -> bool:
    return any(key.startswith("o|name|") for key in keys)
