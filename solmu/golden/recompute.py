"""Golden records computed anew from the mentions linked to them: those that were touched, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select, update

from solmu.golden.expire import mark_expired
from solmu.golden.rules import Rules
from solmu.golden.survive import Document, Pin, Voice, survive, values
from solmu.model import Entity
from solmu.normalise import fold
from solmu.store import Store, dirty, time
from solmu.store.migrate import hash_key
from solmu.store.payload import canonical, keyed_hash
from solmu.store.sql import among, chunks
from solmu.store.tables import golden, link, mention, pin, source_record

BATCH = 500
IDENTITY = "public_id"
"""A pin of this field is no value: it says whose id a golden record carries."""
# Who has a say: a mention whose newest version was refused keeps its last good claim in force.
_HEARD = ("linked", "pending", "quarantined")
# If nobody has a say any more, what was said last is still shown, marked dormant. What was erased is not.
_LAST_HEARD = ("withdrawn",)
_SEARCHED = ("country", "city", "domain", "email", "phone", "business_id")
_COLUMNS = (
    "state",
    "version",
    "document",
    "document_hash",
    "mentions",
    "name",
    "search_name",
    *_SEARCHED,
    "protected",
    "recipe",
    "updated_at",
)


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
        """What survives."""
        pins = [each for each in self.pins if each.field != IDENTITY]
        return survive(self.entity, self.voices or self.silent, rules, pins)

    def add(self, row: Any) -> None:
        """One more mention: a row with its ``id``, ``state``, ``claim`` and ``connection``."""
        self.links.append(row.id)
        voice = Voice(row.id, row.connection, row.claim or {})
        if row.state in _HEARD:
            self.voices.append(voice)
        elif row.state in _LAST_HEARD:
            self.silent.append(voice)


def recompute(
    store: Store,
    rules: Rules,
    *,
    targets: Sequence[str],
    protecting: Sequence[str] = ("key_account",),
    recipe: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Recompute every golden record that is marked, or has a pin that ran out; gives how many changed.

    Those are marked for every target.
    """
    mark_expired(store, time.now())
    with store.read() as connection:
        key = hash_key(connection)
    after = changed = 0
    while True:
        with store.read() as connection:
            work = dirty.take(connection, "golden", BATCH, after=after)
            found = gather(connection, [id for id, _ in work])
            stored = _stored(connection, [id for id, _ in work])
        if not work:
            return changed
        after = work[-1][0]
        rows = [
            row
            for id, gathered in found.items()
            if (row := _row(id, gathered, rules, stored[id], key, protecting, recipe)) is not None
        ]
        with store.write() as connection:
            if rows:
                connection.execute(
                    update(golden)
                    .where(golden.c.id == bindparam("b_id"))
                    .values({name: bindparam(f"b_{name}") for name in _COLUMNS}),
                    rows,
                )
            for target in targets:
                dirty.mark(connection, f"target:{target}", [row["b_id"] for row in rows])
            dirty.done(connection, "golden", work)
        changed += len(rows)
        if progress:
            progress(len(work))


def gather(connection: Connection, ids: Sequence[int]) -> dict[int, Gathered]:
    """What the golden records ``ids`` (at most a batch) are made of, by their live links."""
    found = {
        row.id: Gathered(Entity(row.entity))
        for row in connection.execute(
            select(golden.c.id, golden.c.entity).where(among(connection, golden.c.id, ids))
        ).all()
    }
    query = (
        select(link.c.golden_id, mention.c.id, mention.c.state, mention.c.claim, source_record.c.connection)
        .join(mention, mention.c.id == link.c.mention_id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .where(among(connection, link.c.golden_id, ids), link.c.until.is_(None))
        .order_by(mention.c.id)
    )
    for row in connection.execute(query).all():
        found[row.golden_id].add(row)
    pins = (
        select(link.c.golden_id, pin)
        .join(link, and_(link.c.mention_id == pin.c.mention_id, link.c.until.is_(None)))
        .where(among(connection, link.c.golden_id, ids), _in_force())
    )
    for row in connection.execute(pins):
        found[row.golden_id].pins.append(Pin(row.field, row.value, row.mention_id, row.at))
    return found


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
            found[place[row.id]].add(row)
        for row in connection.execute(select(pin).where(pin.c.mention_id.in_(some), _in_force())):
            if row.id not in without_pins:
                found[place[row.mention_id]].pins.append(Pin(row.field, row.value, row.mention_id, row.at))
    return found


def _in_force() -> ColumnElement[bool]:
    return and_(pin.c.withdrawn_at.is_(None), or_(pin.c.expires_at.is_(None), pin.c.expires_at > time.now()))


def _stored(connection: Connection, ids: Sequence[int]) -> dict[int, Any]:
    query = select(golden.c.id, golden.c.version, golden.c.document_hash).where(among(connection, golden.c.id, ids))
    return {row.id: row for row in connection.execute(query).all()}


def _row(
    id: int,
    gathered: Gathered,
    rules: Rules,
    stored: Any,
    key: bytes,
    protecting: Sequence[str],
    recipe: str | None,
) -> dict[str, Any] | None:
    """The new row, or None where nothing changed: neither a value nor who speaks of it."""
    document = gathered.document(rules)
    state = gathered.state()
    hash = document_hash(key, document, state, gathered.links)
    if hash == stored.document_hash:
        return None
    row = {
        "state": state,
        "version": stored.version + 1,
        "document": document,
        "document_hash": hash,
        "recipe": recipe,
        "updated_at": time.now(),
        **typed_columns(document, gathered.links, protecting),
    }
    return {f"b_{column}": value for column, value in row.items()} | {"b_id": id}


def typed_columns(document: Document, links: Sequence[int], protecting: Sequence[str]) -> dict[str, Any]:
    """What a golden record is searched and listed by, as its document has it."""
    present = values(document)
    name = present.get("name")
    return {
        "mentions": len(links),
        "name": name,
        "search_name": fold(name) if name else None,
        "protected": any(present.get(flag) for flag in protecting),
        **{column: _one(present.get(column)) for column in _SEARCHED},
    }


def document_hash(key: bytes, document: Document, state: str, links: Sequence[int]) -> bytes:
    """Changes with every value, its provenance, and with who is linked."""
    return keyed_hash(key, canonical([document, state, sorted(links)]))


def _one(value: Any) -> Any:
    return (value[0] if value else None) if isinstance(value, list) else value
