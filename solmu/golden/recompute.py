"""Golden records computed anew from the mentions linked to them: those that were touched, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from solmu.beside.ahead import Ahead
from solmu.config.protection import is_protected
from solmu.golden.expire import mark_expired
from solmu.golden.rules import Rule, Rules
from solmu.golden.survive import Document, Pin, survive, values
from solmu.golden.voice import Voice
from solmu.model import Entity
from solmu.normalise import fold
from solmu.store import Store, dirty, time
from solmu.store.migrate import hash_key
from solmu.store.payload import canonical, keyed_hash
from solmu.store.sql import among, as_document, chunks, from_stored, run_many, run_with_ids
from solmu.store.tables import link, mention, pin, source_record

BATCH = 1_000
"""Golden records that are computed together."""
STORED = 20_000
"""How many are stored in one transaction at most: what they are searched by lies all over its indexes, of which few at
a time would write the same pages over and over."""
OPT_OUT = "opt_out"
IDENTITY = "public_id"
"""A pin of this field is no value: it says whose id a golden record carries."""
# Who has a say: a mention whose newest version was refused keeps its last good claim in force.
_HEARD = ("linked", "pending", "quarantined")
# If nobody has a say any more, what was said last is still shown, marked dormant. What was erased is not.
_LAST_HEARD = ("withdrawn",)
_SEARCHED = ("country", "city", "domain", "email", "phone", "business_id")
_TYPED = ("mentions", "name", "search_name", *_SEARCHED, "protected")
_INDEXED = ("state", *_TYPED)
_ALWAYS = ("version", "document", "document_hash", "recipe", "updated_at")
_STORED = f"SELECT id, entity, version, document_hash, {', '.join(_INDEXED)} FROM golden WHERE id IN IDS"  # noqa: S608 (ours)
_LINKED = """
SELECT golden_id, mention.id, mention.state, claim, connection FROM link
JOIN mention ON mention.id = mention_id JOIN source_record ON source_record.id = record_id
WHERE link.until IS NULL AND golden_id IN IDS ORDER BY mention.id
"""
_READ = """
SELECT mention.id, landed_at FROM mention
JOIN source_version ON source_version.record_id = mention.record_id WHERE mention.id IN IDS
"""


Work = Sequence[tuple[int, int]]  # golden records that are marked: (id, generation)
Row = tuple[tuple[str, ...], tuple[Any, ...]]  # of one the columns that change, and their values with the id at the end


@dataclass(slots=True)
class Gathered:
    """What one golden record is made of."""

    entity: Entity
    voices: list[Voice] = field(default_factory=list)
    silent: list[Voice] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    links: list[int] = field(default_factory=list)

    def state(self) -> str:
        """live · dormant (nobody has a say any more) · merged (all its mentions went to another golden record)."""
        if not self.links:
            return "merged"
        return "live" if self.voices else "dormant"

    def document(self, rules: Rules) -> Document:
        """What survives.

        Whom only a CRM shows any more, by what we wrote there, would be nameless: there, what was said last stands of
        all that nobody says anything of now.
        """
        pins = [each for each in self.pins if each.field != IDENTITY]
        document = survive(self.entity, self.voices or self.silent, rules, pins)
        if self.voices and self.silent and "name" not in document:
            heard = survive(self.entity, self.silent, rules)
            for _, together in rules.groups(self.entity, frozenset(heard)):
                if document.keys().isdisjoint(together):
                    document |= {name: heard[name] for name in together if name in heard}
        # Nobody who opted out is opted in again because a row is gone.
        gone = next((voice for voice in self.silent if (said := voice.own(OPT_OUT)) and said["value"] is True), None)
        stands = document.get(OPT_OUT, {"value": None, "rule": None})
        if gone is not None and stands["value"] is not True and stands["rule"] != Rule.PIN.value:
            document[OPT_OUT] = survive(self.entity, [gone], rules)[OPT_OUT]
        return document

    def add(self, id: int, state: str, claim: Mapping[str, Any] | None, connection: str) -> None:
        """One more mention."""
        self.links.append(id)
        if state in _HEARD:
            self.voices.append(Voice(id, connection, claim or {}))
        elif state in _LAST_HEARD:
            self.silent.append(Voice(id, connection, claim or {}))


def recompute(
    store: Store,
    rules: Rules,
    *,
    targets: Sequence[str],
    protecting: Sequence[str] = ("key_account",),
    recipe: str | None = None,
    progress: Callable[[int], None] | None = None,
    ahead: Ahead | None = None,
) -> int:
    """Recompute every golden record that is marked, or has a pin that ran out; gives how many changed.

    Those are marked for every target. ``ahead`` works out what ``computed`` does.
    """
    mark_expired(store, time.now())

    def here(work: Work) -> list[Row]:
        return computed(store, rules, work, protecting=protecting, recipe=recipe)

    def keep(done: Work, rows: Sequence[Row]) -> None:
        with store.write() as connection:
            _store(connection, rows)
            for target in targets:
                dirty.mark(connection, f"target:{target}", [row[-1] for _, row in rows])
            dirty.done(connection, "golden", done)
        if progress:
            progress(len(done))

    with store.read() as connection:
        enough = dirty.at_once(STORED, dirty.waiting(connection, "golden"))
    changed = 0
    done: list[tuple[int, int]] = []
    ready: list[Row] = []
    for work, rows in (ahead or Ahead()).each("computed", _marked(store), here):
        done += work
        ready += rows
        changed += len(rows)
        if len(done) >= enough:
            keep(done, ready)
            done, ready = [], []
        elif progress:
            progress(0)
    if done:
        keep(done, ready)
    return changed


def _store(connection: Connection, rows: Iterable[Row]) -> None:
    """Write the columns that change, and no others: SQLite writes anew every index of which one is named."""
    alike: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for columns, row in rows:
        alike[columns].append(row)
    for columns, some in alike.items():
        run_many(connection, f"UPDATE golden SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?", some)  # noqa: S608 (ours)


def _marked(store: Store) -> Iterator[Work]:
    after = 0
    while True:
        with store.read() as connection:
            work = dirty.take(connection, "golden", BATCH, after=after)
        if not work:
            return
        yield work
        after = work[-1][0]


def computed(
    store: Store, rules: Rules, work: Work, *, protecting: Sequence[str], recipe: str | None = None
) -> list[Row]:
    """The rows of those of these golden records, at most a batch, that are not what they should be. Nothing is
    written."""
    with store.read() as connection:
        key = hash_key(connection)
        stored = _stored(connection, [id for id, _ in work])
        entities = {id: one.entity for id, one in stored.items()}
        found = _gather(connection, entities, dated=rules.states(Rule.NEWEST))
    rows = (_row(id, gathered, rules, stored[id], key, protecting, recipe) for id, gathered in found.items())
    return [row for row in rows if row is not None]


def gather(connection: Connection, ids: Sequence[int]) -> dict[int, Gathered]:
    """What the golden records ``ids`` (at most a batch) are made of, by their live links."""
    return _gather(connection, {id: one.entity for id, one in _stored(connection, ids).items()}, dated=True)


def _gather(connection: Connection, entities: Mapping[int, Entity], *, dated: bool) -> dict[int, Gathered]:
    found = {id: Gathered(entity) for id, entity in entities.items()}
    for golden_id, id, state, claim, came_by in run_with_ids(connection, _LINKED, (), entities).all():
        found[golden_id].add(id, state, None if claim is None else from_stored(claim), came_by)
    pins = (
        select(link.c.golden_id, pin)
        .join(link, and_(link.c.mention_id == pin.c.mention_id, link.c.until.is_(None)))
        .where(among(connection, link.c.golden_id, entities), _in_force())
    )
    for row in connection.execute(pins):
        found[row.golden_id].pins.append(Pin(row.field, row.value, row.mention_id, row.at))
    if dated:
        _know_readings(connection, found.values())
    return found


def _know_readings(connection: Connection, found: Iterable[Gathered]) -> None:
    """Tell every voice when its record was read."""
    said = [voices for gathered in found for voices in (gathered.voices, gathered.silent)]
    read: dict[int, set[int]] = defaultdict(set)
    for some in chunks(voice.mention for voices in said for voice in voices):
        for id, at in run_with_ids(connection, _READ, (), some).all():
            read[id].add(at)
    for voices in said:
        voices[:] = [voice._replace(read=frozenset(read[voice.mention])) for voice in voices]


def gather_clusters(
    connection: Connection,
    entity: Entity,
    clusters: Mapping[int, Collection[int]],
    *,
    without_pins: Collection[int] = (),
) -> dict[int, Gathered]:
    """What golden records would be made of if these mentions were theirs; ``without_pins`` are left out."""
    found = {id: Gathered(entity) for id in clusters}
    place = {mention_id: id for id, those in clusters.items() for mention_id in those}
    for some in chunks(sorted(place)):
        query = (
            select(mention.c.id, mention.c.state, mention.c.claim, source_record.c.connection)
            .join(source_record, source_record.c.id == mention.c.record_id)
            .where(mention.c.id.in_(some))
            .order_by(mention.c.id)
        )
        for row in connection.execute(query):
            found[place[row.id]].add(row.id, row.state, row.claim, row.connection)
        for row in connection.execute(select(pin).where(pin.c.mention_id.in_(some), _in_force())):
            if row.id not in without_pins:
                found[place[row.mention_id]].pins.append(Pin(row.field, row.value, row.mention_id, row.at))
    _know_readings(connection, found.values())
    return found


def _in_force() -> ColumnElement[bool]:
    return and_(pin.c.withdrawn_at.is_(None), or_(pin.c.expires_at.is_(None), pin.c.expires_at > time.now()))


class _Stored(NamedTuple):
    """A golden record as it is."""

    entity: Entity
    version: int
    document_hash: bytes
    indexed: tuple[Any, ...]


def _stored(connection: Connection, ids: Sequence[int]) -> dict[int, _Stored]:
    rows = run_with_ids(connection, _STORED, (), ids).all()
    return {
        id: _Stored(Entity(entity), version, bytes(hash), tuple(indexed))
        for id, entity, version, hash, *indexed in rows
    }


def _row(
    id: int,
    gathered: Gathered,
    rules: Rules,
    stored: _Stored,
    key: bytes,
    protecting: Sequence[str],
    recipe: str | None,
) -> Row | None:
    """The new row, or None where nothing changed: neither a value
    nor who speaks of it."""
    document = gathered.document(rules)
    state = gathered.state()
    hash = document_hash(key, document, state, gathered.links)
    if hash == stored.document_hash:
        return None
    indexed = {"state": state} | typed_columns(document, gathered.links, protecting)
    before = zip(_INDEXED, stored.indexed, strict=True)
    changed = tuple(name for name, value in before if value != indexed[name])
    told = (indexed[name] for name in changed)
    return _ALWAYS + changed, (stored.version + 1, as_document(document), hash, recipe, time.now(), *told, id)


def typed_columns(document: Document, links: Sequence[int], protecting: Sequence[str]) -> dict[str, Any]:
    """What a golden record is searched and listed by, as its document has it."""
    present = values(document)
    name = present.get("name")
    return {
        "mentions": len(links),
        "name": name,
        "search_name": fold(name) if name else None,
        "protected": is_protected(present, protecting),
        **{column: _one(present.get(column)) for column in _SEARCHED},
    }


def document_hash(key: bytes, document: Document, state: str, links: Sequence[int]) -> bytes:
    """Changes with every value, its provenance, and with who is linked."""
    return keyed_hash(key, canonical([document, state, sorted(links)]))


def _one(value: Any) -> Any:
    return (value[0] if value else None) if isinstance(value, list) else value
