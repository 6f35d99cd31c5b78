"""The block index in the store, and the look-ups that matching makes in it: always by index, never a whole table."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from itertools import count
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, func, select

from solmu.config.protection import is_protected
from solmu.match.blocking import FIRST, NO_CANDIDATES, block_keys, neighbourhood
from solmu.match.card import (
    SPEAKS,
    WITHDRAWN,
    StoredMention,
    employers_of,
    people_on_cards,
    stored_mentions,
    when,
)
from solmu.match.cluster import NO_TRAITS, Traits
from solmu.match.features import Features, organisation_features, person_features
from solmu.match.identity import NO_OWN_FIELDS, Identity
from solmu.match.known import Known, Seen, looked
from solmu.match.rules import traits_of
from solmu.match.shelf import Shelf, shelved
from solmu.model import Entity
from solmu.store.sql import add_rows, among, begins, chunks, from_stored, run_many, run_with_ids
from solmu.store.tables import block_key
from solmu.sync.fold import evidence

_CACHE = 20_000  # mentions; neighbours come together, so that few more than a page of them are read again
_PAGE = 5_000  # mentions, or keys, that are looked up at once
_FEW = 150_000  # mentions beside each other: more than a page has whose keys are not crowded


_Beside = tuple[int, str, str, bool, tuple[Any, ...] | None]
"""What a mention is known by beside its features: record, state, public id, remembered, traits where it is compared."""
_Read = tuple[int, Features, _Beside]  # a mention's id, and all that is known of it
_traits = attrgetter(*(field.name for field in fields(Traits)))


class Mentions:
    """Mentions of one entity, loaded in batches and kept while a pass needs them.

    ``crms`` are the connections that are CRMs, ``protected`` what protects from unasked merges; ``identity``
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
    def shelved(self, many: int = _CACHE + 1) -> Iterator[None]:
        """Read each mention from the store but once in this block, in which some ``many`` come twice, first by id."""
        if many <= _CACHE:
            yield
            return
        with Shelf(self.entity) as self._shelf:
            try:
                yield
            finally:
                self._shelf = None
                # Each knows these, to be looked at: nobody but a search for cycles would let them go.
                self._known.clear()

    @property
    def _held(self) -> int:
        """How many are remembered. To read the shelf costs little, so that with one a quarter is enough."""
        return _CACHE if self._shelf is None else _CACHE // 4

    def see(self, connection: Connection, ids: Sequence[int]) -> list[Seen]:
        """What the index holds of these mentions, as far as they are there and of this entity. Where they are many,
        they are not kept before ``keep`` is given what this gives."""
        if self._shelf is None:
            known = self.load(connection, ids)
            return [Seen(id, one.keys, neighbourhood(one.features), b"") for id, one in known.items()]
        return [
            Seen(
                id,
                frozenset() if beside[-1] is None else block_keys(features),
                neighbourhood(features),
                shelved(features, beside),
            )
            for id, features, beside in self._read(connection, ids)
        ]

    def keep(self, seen: Iterable[Seen]) -> None:
        """Keep what this or another process has seen, so that it is not read from the store again."""
        if self._shelf is not None:
            self._shelf.put((one.id, one.text) for one in seen)

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
            read = self._read(connection, some)
            for id, features, beside in read:
                seen = self._distinctly(features)
                found[id] = self._known[id] = self._known_by(id, beside, looked, seen)
            if self._shelf is not None:
                self._shelf.put((id, shelved(features, beside)) for id, features, beside in read)
        while len(self._known) > max(self._held, len(found)):
            self._known.popitem(last=False)
        return found

    def _read(self, connection: Connection, ids: Sequence[int]) -> list[_Read]:
        rows = sorted(stored_mentions(connection, self.entity, ids), key=lambda one: one.id)
        if self.entity is Entity.ORGANISATION:
            people = people_on_cards(connection, {one.record_id for one in rows})
            return [self._organisation(one, people.get((one.record_id, when(one.state, one.slot)), ())) for one in rows]
        employers = employers_of(connection, [one.id for one in rows])
        return [self._person(one, employers.get(one.id, ())) for one in rows]

    def _organisation(self, one: StoredMention, people: Sequence[Mapping[str, Any]]) -> _Read:
        values = evidence(from_stored(one.claim))
        features = organisation_features(values, system=one.connection, people=people, identity=self._identity)
        # The company on a CRM's lead or contact card is no account of that CRM: only a card of its own is one.
        return self._as_read(one, values, features, in_crm=one.connection in self._crms and not people)

    def _person(self, one: StoredMention, employers: Sequence[tuple[int, str]]) -> _Read:
        values = evidence(from_stored(one.claim))
        features = person_features(
            values,
            employers=[golden for golden, _ in employers],
            employer_names=[name for _, name in employers],
            identity=self._identity,
        )
        return self._as_read(one, values, features, in_crm=one.connection in self._crms)

    def _as_read(self, one: StoredMention, values: Mapping[str, Any], features: Features, *, in_crm: bool) -> _Read:
        protected = is_protected(values, self._protected)
        crms = frozenset({one.connection} if in_crm else ())
        remembered = one.state == WITHDRAWN and one.connection not in self._crms
        traits = None
        if remembered or one.state in SPEAKS:
            traits = _traits(traits_of(features, protected=protected, crms=crms))
        return one.id, features, (one.record_id, one.state, one.public_id, remembered, traits)

    def _from_shelf(self, shelf: Shelf, id: int) -> Known | None:
        kept = shelf.get(id)
        if kept is None:
            return None
        features, beside = kept
        return self._known_by(id, beside, lambda: self._distinctly(shelf.open(features)))

    def _known_by(
        self,
        id: int,
        beside: _Beside,
        look: Callable[[], tuple[Features, int]],
        seen: tuple[Features, int] | None = None,
    ) -> Known:
        record_id, state, public_id, remembered, traits = beside
        told = NO_TRAITS if traits is None else Traits(*traits)
        return Known(id, record_id, state, public_id, remembered, told, look, seen)

    def _distinctly(self, features: Features) -> tuple[Features, int]:
        """Who comes again as before is seen to be so: what is worked out of a look is worked out once."""
        if len(self._distinct) >= self._held:
            self._distinct.clear()
        return self._distinct.setdefault(features, (features, next(self._looks)))


_STORED_KEYS = "SELECT mention_id, key FROM block_key WHERE mention_id IN IDS"
_REMOVE_KEY = "DELETE FROM block_key WHERE key = ? AND mention_id = ?"


def stored_keys(connection: Connection, ids: Collection[int]) -> Mapping[int, set[str]]:
    """The block keys of these mentions; of those that have none, an empty set."""
    stored: dict[int, set[str]] = defaultdict(set)
    for id, key in run_with_ids(connection, _STORED_KEYS, (), ids).all():
        stored[id].add(key)
    return stored


def store_keys(
    connection: Connection, wanted: Mapping[int, frozenset[str]]
) -> tuple[dict[int, frozenset[str]], dict[int, set[str]]]:
    """Make the block keys of these mentions what they should be; gives what was added and removed, by mention."""
    stored = stored_keys(connection, wanted)
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
