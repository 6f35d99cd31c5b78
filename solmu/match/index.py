"""The block index in the store, and the look-ups that matching makes in it: always by index, never a whole table."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import Connection, func, select

from solmu.match.blocking import FIRST, NO_CANDIDATES, block_keys
from solmu.match.card import (
    SILENT,
    SPEAKS,
    WITHDRAWN,
    StoredMention,
    employers_of,
    people_on_cards,
    stored_mentions,
    when,
)
from solmu.match.cluster import NO_TRAITS, Traits
from solmu.match.conditions import Row
from solmu.match.features import Features, organisation_features, person_features
from solmu.match.identity import NO_OWN_FIELDS, Identity
from solmu.match.rows import row
from solmu.match.rules import traits_of
from solmu.match.shelf import Shelf
from solmu.model import Entity
from solmu.store.sql import add_rows, among, begins, chunks, from_stored, run_many, run_with_ids
from solmu.store.tables import block_key
from solmu.sync.fold import evidence

_CACHE = 20_000  # mentions; neighbours come together, so that few more than a page of them are read again
_PAGE = 5_000  # mentions, or keys, that are looked up at once
_FEW = 150_000  # mentions beside each other: more than a page has whose keys are not crowded


@dataclass(slots=True)
class Known:
    """One mention as matching sees it; not to be changed."""

    id: int
    record_id: int
    state: str
    public_id: str
    features: Features
    traits: Traits
    look: int  # the same number for mentions that look the same, whose features are equal
    remembered: bool = False
    _row: Row | None = None

    @property
    def compared(self) -> bool:
        """Whether others are compared with it: it speaks, or is remembered as its list or form showed it last. Nobody
        is compared with what was deleted in a CRM: people there wanted it gone."""
        return self.remembered or self.state in SPEAKS

    @property
    def silent(self) -> bool:
        """Whether it stays as it was judged last."""
        return self.state in SILENT and not self.remembered

    @property
    def row(self) -> Row:
        """Its features for the comparisons."""
        if self._row is None:
            self._row = row(self.features)
        return self._row

    @property
    def keys(self) -> frozenset[str]:
        """Its block keys; none for what is not compared."""
        return block_keys(self.features) if self.compared else frozenset()


class Mentions:
    """Mentions of one entity, loaded in batches and kept while a pass needs them.

    ``crms`` are the connections that are CRMs, ``protected`` the flags that protect from unasked merges; ``identity``
    names the fields of the hub's own that tell who is meant.
    """

    def __init__(
        self, entity: Entity, *, crms: Collection[str], protected: Sequence[str], identity: Identity = NO_OWN_FIELDS
    ) -> None:
        self.entity = entity
        self._identity = identity
        self._crms = frozenset(crms)
        self._protected = tuple(protected)
        self._known: OrderedDict[int, Known] = OrderedDict()
        self._distinct: dict[Features, tuple[Features, int]] = {}
        self._looks = count()
        self._shelf: Shelf | None = None

    @contextmanager
    def shelved(self, many: int) -> Iterator[None]:
        """Read each mention from the store but once in this block, in which some ``many`` come twice, first by id."""
        if many <= _CACHE:
            yield
            return
        with Shelf(self.entity) as self._shelf:
            try:
                yield
            finally:
                self._shelf = None

    def load(self, connection: Connection, ids: Iterable[int]) -> dict[int, Known]:
        """The mentions with these ids, as far as they are there and of this entity."""
        found: dict[int, Known] = {}
        missing: list[int] = []
        for id in set(ids):
            known = self._known.get(id)
            if known is None and self._shelf is not None:
                known = self._from_shelf(self._shelf, id)
                if known is not None:
                    self._known[id] = known
            if known is None:
                missing.append(id)
            else:
                found[id] = known
                self._known.move_to_end(id)
        for some in chunks(sorted(missing), _PAGE):
            read = sorted(self._read(connection, some), key=lambda one: one.id)
            for known in read:
                found[known.id] = self._known[known.id] = known
            if self._shelf is not None:
                self._shelf.put([(one.id, one.features, _beside(one)) for one in read])
        # What is read from the shelf costs little, so that with one half as many are enough.
        held = _CACHE if self._shelf is None else _CACHE // 2
        while len(self._known) > max(held, len(found)):
            self._known.popitem(last=False)
        return found

    def _read(self, connection: Connection, ids: Sequence[int]) -> list[Known]:
        rows = stored_mentions(connection, self.entity, ids)
        if self.entity is Entity.ORGANISATION:
            people = people_on_cards(connection, {one.record_id for one in rows})
            return [self._organisation(one, people.get((one.record_id, when(one.state, one.slot)), ())) for one in rows]
        employers = employers_of(connection, [one.id for one in rows])
        return [self._person(one, employers.get(one.id, ())) for one in rows]

    def _organisation(self, one: StoredMention, people: Sequence[Mapping[str, Any]]) -> Known:
        values = evidence(from_stored(one.claim))
        features = organisation_features(values, system=one.connection, people=people, identity=self._identity)
        # The company on a CRM's lead or contact card is no account of that CRM: only a card of its own is one.
        return self._known_as(one, values, features, in_crm=one.connection in self._crms and not people)

    def _person(self, one: StoredMention, employers: Sequence[tuple[int, str]]) -> Known:
        values = evidence(from_stored(one.claim))
        features = person_features(
            values,
            employers=[golden for golden, _ in employers],
            employer_names=[name for _, name in employers],
            identity=self._identity,
        )
        return self._known_as(one, values, features, in_crm=one.connection in self._crms)

    def _known_as(self, one: StoredMention, values: Mapping[str, Any], features: Features, *, in_crm: bool) -> Known:
        protected = any(values.get(flag) for flag in self._protected)
        crms = frozenset({one.connection} if in_crm else ())
        remembered = one.state == WITHDRAWN and one.connection not in self._crms
        return self._known_by(one.id, features, (one.record_id, one.state, one.public_id, protected, crms, remembered))

    def _from_shelf(self, shelf: Shelf, id: int) -> Known | None:
        kept = shelf.get(id)
        return None if kept is None else self._known_by(id, *kept)

    def _known_by(self, id: int, features: Features, beside: _Beside) -> Known:
        record_id, state, public_id, protected, crms, remembered = beside
        traits = NO_TRAITS
        if remembered or state in SPEAKS:
            traits = traits_of(features, protected=protected, crms=crms)
        # Who comes again as before is seen to be so: what is worked out of a look is worked out once.
        if len(self._distinct) >= _CACHE:
            self._distinct.clear()
        features, look = self._distinct.setdefault(features, (features, next(self._looks)))
        return Known(id, record_id, state, public_id, features, traits, look, remembered)


_Beside = tuple[int, str, str, bool, frozenset[str], bool]  # what a mention is known by beside its features


def _beside(one: Known) -> _Beside:
    traits = one.traits
    return one.record_id, one.state, one.public_id, traits.protected, traits.crms, one.remembered


_STORED_KEYS = "SELECT mention_id, key FROM block_key WHERE mention_id IN IDS"
_REMOVE_KEY = "DELETE FROM block_key WHERE key = ? AND mention_id = ?"


def store_keys(
    connection: Connection, wanted: Mapping[int, frozenset[str]]
) -> tuple[dict[int, frozenset[str]], dict[int, set[str]]]:
    """Make the block keys of these mentions what they should be; gives what was added and removed, by mention."""
    stored: dict[int, set[str]] = defaultdict(set)
    for id, key in run_with_ids(connection, _STORED_KEYS, (), wanted).all():
        stored[id].add(key)
    differ = {id: keys for id, keys in wanted.items() if keys != stored[id]}
    added = {id: more for id, keys in differ.items() if (more := keys - stored[id])}
    removed = {id: fewer for id, keys in differ.items() if (fewer := stored[id] - keys)}
    run_many(connection, _REMOVE_KEY, [(key, id) for id, keys in removed.items() for key in sorted(keys)])
    rows = sorted((key, id) for id, keys in added.items() for key in keys)
    add_rows(connection, block_key, ("key", "mention_id"), rows)
    return added, removed


_MAKES_PAIRS = " AND ".join("mine.key NOT LIKE ?" for _ in NO_CANDIDATES)
_NO_CANDIDATES = tuple(f"{kind}%" for kind in NO_CANDIDATES)
_BEYOND = "(SELECT more.mention_id FROM block_key AS more WHERE more.key = mine.key LIMIT 1 OFFSET ?)"
_SHARING = f"""
SELECT DISTINCT mine.mention_id, other.mention_id FROM block_key AS mine
JOIN block_key AS other ON other.key = mine.key AND other.mention_id <> mine.mention_id
WHERE {_MAKES_PAIRS} AND mine.mention_id IN IDS
"""  # noqa: S608 (ours)
_SHARING_FEW = f"{_SHARING} LIMIT {_FEW}"
_SHARING_OPEN = _SHARING.replace("mine.mention_id IN", f"{_BEYOND} IS NULL AND mine.mention_id IN")
_CROWDED = f"""
SELECT DISTINCT mine.key FROM block_key AS mine
WHERE {_MAKES_PAIRS} AND {_BEYOND} IS NOT NULL AND mine.mention_id IN IDS
"""  # noqa: S608 (ours)


def sharing(connection: Connection, ids: Collection[int], cap: int) -> tuple[Sequence[Any], set[str]]:
    """Each of these mentions beside each other one that shares a key with it which makes pairs, (id, id), by what is
    stored; and the keys that more than ``cap`` hold, behind which nobody is looked for.

    Two mentions that share one key mostly share ten: that they come once is the database's work.
    """
    found = run_with_ids(connection, _SHARING_FEW, _NO_CANDIDATES, ids).all()
    # Whoever holds a crowded key shares it with that many; to look at each key's size would cost as much again.
    if len(found) < _FEW and max(Counter(one for one, _ in found).values(), default=0) < cap:
        return found, set()
    crowded = run_with_ids(connection, _CROWDED, (*_NO_CANDIDATES, cap), ids)
    return run_with_ids(connection, _SHARING_OPEN, (*_NO_CANDIDATES, cap), ids).all(), set(crowded.scalars())


def nobody_has_keys(connection: Connection, entity: Entity) -> bool:
    """Whether no mention of an entity is in the index yet."""
    query = select(block_key.c.key).where(begins(connection, block_key.c.key, FIRST[entity])).limit(1)
    return connection.execute(query).first() is None


def sizes(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """How many mentions hold each key."""
    found: dict[str, int] = {}
    for some in chunks(sorted(set(keys)), _PAGE):
        these = among(connection, block_key.c.key, some)
        query = select(block_key.c.key, func.count()).where(these).group_by(block_key.c.key)
        found |= {row[0]: row[1] for row in connection.execute(query).all()}
    return found


def holders(connection: Connection, keys: Iterable[str], cap: int) -> tuple[dict[str, list[int]], dict[str, int]]:
    """Who holds each key, and the size of those keys that more than ``cap`` hold, whose holders are not read."""
    found: dict[str, list[int]] = {}
    crowded: dict[str, int] = {}
    for some in chunks(sorted(set(keys)), _PAGE):
        held_by = sizes(connection, some)
        crowded |= {key: size for key, size in held_by.items() if size > cap}
        readable = [key for key, size in held_by.items() if size <= cap]
        if readable:
            held = among(connection, block_key.c.key, readable)
            for key, id in connection.execute(select(block_key.c.key, block_key.c.mention_id).where(held)).all():
                found.setdefault(key, []).append(id)
    return found, crowded
