"""The block index in the store, and the look-ups that matching makes in it: always by index, never a whole table."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select

from solmu.match.blocking import NO_CANDIDATES, block_keys
from solmu.match.cluster import NO_TRAITS, Traits
from solmu.match.conditions import Row
from solmu.match.features import Features, organisation_features, organisation_key, person_features
from solmu.match.identity import NO_OWN_FIELDS, Identity
from solmu.match.mates import MATES, Namesakes
from solmu.match.rows import row
from solmu.match.rules import traits_of
from solmu.model import Entity
from solmu.store.sql import add_rows, among, chunks
from solmu.store.tables import affiliation, block_key, link, mention, source_record
from solmu.sync.fold import evidence

SPEAKS = frozenset({"pending", "linked", "quarantined"})
"""States in which a mention is evidence. One whose newest version was refused stands by its last good claim."""
SILENT = frozenset({"withdrawn", "erased"})
"""States in which it is none, but stays linked as it was last seen."""

_CACHE = 40_000  # mentions
_KEYS = 5_000  # that are looked up at once


@dataclass(frozen=True, slots=True)
class Known:
    """One mention as matching sees it. ``row`` is its features for the comparisons."""

    id: int
    record_id: int
    state: str
    public_id: str
    features: Features
    row: Row
    traits: Traits

    @property
    def speaks(self) -> bool:
        return self.state in SPEAKS

    @property
    def keys(self) -> frozenset[str]:
        """Its block keys; none for what does not speak."""
        return block_keys(self.features) if self.speaks else frozenset()


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

    def load(self, connection: Connection, ids: Iterable[int]) -> dict[int, Known]:
        """The mentions with these ids, as far as they are there and of this entity."""
        wanted = set(ids)
        found = {id: self._known[id] for id in wanted & self._known.keys()}
        for some in chunks(sorted(wanted - found.keys())):
            for known in self._read(connection, some):
                found[known.id] = known
                self._known[known.id] = known
        for id in found:
            self._known.move_to_end(id)
        while len(self._known) > max(_CACHE, len(found)):
            self._known.popitem(last=False)
        return found

    def _read(self, connection: Connection, ids: Sequence[int]) -> list[Known]:
        query = (
            select(
                mention.c.id,
                mention.c.entity,
                mention.c.record_id,
                mention.c.state,
                mention.c.public_id,
                mention.c.claim,
                source_record.c.connection,
            )
            .join(source_record, source_record.c.id == mention.c.record_id)
            .where(among(connection, mention.c.id, ids))
        )
        # The entity is looked at here: asked for it too, SQLite would read every mention of that entity.
        rows = [one for one in connection.execute(query).all() if one.entity == self.entity.value]
        if self.entity is Entity.ORGANISATION:
            people = _people_on_cards(connection, {one.record_id for one in rows})
            return [self._organisation(one, people.get(one.record_id, [])) for one in rows]
        employers = _employers(connection, [one.id for one in rows])
        return [self._person(one, employers.get(one.id, [])) for one in rows]

    def _organisation(self, one: Any, people: list[dict[str, Any]]) -> Known:
        values = evidence(one.claim)
        features = organisation_features(values, system=one.connection, people=people, identity=self._identity)
        # The company on a CRM's lead or contact card is no account of that CRM: only a card of its own is one.
        return self._known_as(one, values, features, in_crm=one.connection in self._crms and not people)

    def _person(self, one: Any, employers: list[tuple[int, str]]) -> Known:
        values = evidence(one.claim)
        features = person_features(
            values,
            employers=[golden for golden, _ in employers],
            employer_names=[name for _, name in employers],
            identity=self._identity,
        )
        return self._known_as(one, values, features, in_crm=one.connection in self._crms)

    def _known_as(self, one: Any, values: Mapping[str, Any], features: Features, *, in_crm: bool) -> Known:
        traits = NO_TRAITS
        if one.state in SPEAKS:
            traits = traits_of(
                features,
                protected=any(values.get(flag) for flag in self._protected),
                crms=frozenset({one.connection} if in_crm else ()),
            )
        return Known(one.id, one.record_id, one.state, one.public_id, features, row(features), traits)


def store_keys(
    connection: Connection, wanted: Mapping[int, frozenset[str]]
) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    """Make the block keys of these mentions what they should be; gives what was added and removed, by mention."""
    stored: dict[int, set[str]] = defaultdict(set)
    for some in chunks(sorted(wanted)):
        mine = among(connection, block_key.c.mention_id, some)
        query = select(block_key.c.mention_id, block_key.c.key).where(mine)
        for id, key in connection.execute(query).all():
            stored[id].add(key)
    added = {id: set(keys - stored[id]) for id, keys in wanted.items() if keys - stored[id]}
    removed = {id: stored[id] - keys for id, keys in wanted.items() if stored[id] - keys}
    if removed:
        connection.execute(
            delete(block_key).where(
                block_key.c.key == bindparam("b_key"), block_key.c.mention_id == bindparam("b_mention")
            ),
            [{"b_key": key, "b_mention": id} for id, keys in removed.items() for key in sorted(keys)],
        )
    if added:
        rows = [(key, id) for id, keys in added.items() for key in sorted(keys)]
        add_rows(connection, block_key, ("key", "mention_id"), rows)
    return added, removed


def sharing(connection: Connection, ids: Collection[int], cap: int) -> tuple[list[tuple[int, int]], set[str]]:
    """Each of these mentions beside each other one that shares a key with it which makes pairs, by what is stored; and
    the keys that more than ``cap`` hold, behind which nobody is looked for.

    Two mentions that share one key mostly share ten: that they come once is the database's work.
    """
    mine, other, one_more = (block_key.alias(name) for name in ("mine", "other", "one_more"))
    asked = [among(connection, mine.c.mention_id, ids), *(mine.c.key.not_like(f"{kind}%") for kind in NO_CANDIDATES)]
    bearers = select(one_more.c.mention_id).where(one_more.c.key == mine.c.key)
    beyond = bearers.offset(cap).limit(1).correlate(mine).scalar_subquery()
    crowded = set(connection.scalars(select(mine.c.key).distinct().where(*asked, beyond.is_not(None))))
    shared = (other.c.key == mine.c.key) & (other.c.mention_id != mine.c.mention_id)
    query = select(mine.c.mention_id, other.c.mention_id).distinct().join(other, shared).where(*asked)
    if crowded:
        query = query.where(beyond.is_(None))
    return [(one, two) for one, two in connection.execute(query).all()], crowded


def sizes(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """How many mentions hold each key."""
    found: dict[str, int] = {}
    for some in chunks(sorted(set(keys)), _KEYS):
        these = among(connection, block_key.c.key, some)
        query = select(block_key.c.key, func.count()).where(these).group_by(block_key.c.key)
        found |= {row[0]: row[1] for row in connection.execute(query).all()}
    return found


def holders(connection: Connection, keys: Iterable[str], cap: int) -> tuple[dict[str, list[int]], dict[str, int]]:
    """Who holds each key, and the size of those keys that more than ``cap`` hold, whose holders are not read."""
    found: dict[str, list[int]] = {}
    crowded: dict[str, int] = {}
    for some in chunks(sorted(set(keys)), _KEYS):
        held_by = sizes(connection, some)
        crowded |= {key: size for key, size in held_by.items() if size > cap}
        readable = [key for key, size in held_by.items() if size <= cap]
        if readable:
            held = among(connection, block_key.c.key, readable)
            for key, id in connection.execute(select(block_key.c.key, block_key.c.mention_id).where(held)).all():
                found.setdefault(key, []).append(id)
    return found, crowded


class Bearers:
    """Answers ``rules.Mates`` from the index: who is found under some keys, remembered for the page at hand."""

    def __init__(self, connection: Connection, mentions: Mentions) -> None:
        self._connection = connection
        self._mentions = mentions
        self._answers: dict[frozenset[str], Namesakes | None] = {}

    def __call__(self, keys: Iterable[str]) -> Namesakes | None:
        asked = frozenset(keys)
        if asked not in self._answers:
            self._answers[asked] = self._find(asked)
        return self._answers[asked]

    def _find(self, keys: frozenset[str]) -> Namesakes | None:
        found, crowded = holders(self._connection, keys, MATES)
        ids = {id for members in found.values() for id in members}
        if crowded or len(ids) > MATES:
            return None
        known = self._mentions.load(self._connection, ids)
        return Namesakes([known[id].features for id in sorted(known)])


def _people_on_cards(connection: Connection, records: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """Own values of the people of these source records, by record."""
    people: dict[int, list[dict[str, Any]]] = {}
    for some in chunks(sorted(records)):
        query = (
            select(mention.c.record_id, mention.c.claim, mention.c.entity, mention.c.state)
            # The card's own organisation is left out here, since to read a claim costs more than all else.
            .where(among(connection, mention.c.record_id, some), mention.c.slot != Entity.ORGANISATION.value)
            .order_by(mention.c.id)
        )
        for record_id, claim, entity, state in connection.execute(query).all():
            if entity == Entity.PERSON.value and state in SPEAKS:
                people.setdefault(record_id, []).append(evidence(claim))
    return people


def _employers(connection: Connection, ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """Golden id and compact name of every employer that a person has or had, by the person's mention."""
    employers: dict[int, list[tuple[int, str]]] = {}
    query = (
        select(affiliation.c.mention_id, link.c.golden_id, mention.c.claim)
        .join(mention, mention.c.id == affiliation.c.other_mention_id)
        .join(link, (link.c.mention_id == mention.c.id) & link.c.until.is_(None))
        .where(among(connection, affiliation.c.mention_id, ids), affiliation.c.state == "live")
        .order_by(affiliation.c.id)
    )
    for person, golden_id, claim in connection.execute(query).all():
        name = organisation_key(evidence(claim).get("name") or "")
        employers.setdefault(person, []).append((golden_id, name))
    return employers
