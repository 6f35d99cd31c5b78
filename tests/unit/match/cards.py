"""A store with cards in it, to be resolved: one card is one source record with an organisation, people, or both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import delete, insert, select, update

from solmu.match.resolve import Resolved, resolve
from solmu.store import Store, dirty
from solmu.store.ids import public_id
from solmu.store.tables import (
    affiliation,
    block_key,
    golden,
    golden_alias,
    link,
    mention,
    pair,
    relation,
    source_record,
)
from solmu.store.tables import dirty as dirty_table

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Settings:
    block_cap: int = 200
    identifiers: tuple[str, ...] = ()
    birth_dates: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    protected: Sequence[str] = ("key_account",)


@dataclass
class Cards:
    """The store, and short words for what the tests do with it."""

    store: Store
    settings: Settings = field(default_factory=Settings)
    crms: Sequence[str] = ("crm",)
    clock: count[int] = field(default_factory=lambda: count(1))

    def add(
        self, organisation: Values | None = None, *people: Values, system: str = "erp", works_at: int | None = None
    ) -> list[int]:
        """A card; its people are affiliated to its organisation, or to ``works_at``. Gives the mentions' ids."""
        slots = [("organisation", "organisation", organisation)] if organisation is not None else []
        slots += [(f"person#{n}" if n else "person", "person", one) for n, one in enumerate(people)]
        with self.store.write() as connection:
            record: int = connection.execute(
                insert(source_record)
                .values(connection=system, stream="cards", key=str(next(self.clock)), state="mapped", run_id="run")
                .returning(source_record.c.id)
            ).scalar_one()
            ids: list[int] = []
            for slot, entity, values in slots:
                row = {
                    "record_id": record,
                    "slot": slot,
                    "entity": entity,
                    "state": "pending",
                    "public_id": public_id(entity),
                    "claim": claim(values or {}),
                }
                id: int = connection.execute(insert(mention).values(row).returning(mention.c.id)).scalar_one()
                connection.execute(insert(golden_alias).values(public_id=row["public_id"], mention_id=id))
                ids.append(id)
            employer = works_at if organisation is None else ids[0]
            for n, id in enumerate(ids if organisation is None else ids[1:]):
                if employer is not None:
                    connection.execute(insert(affiliation).values(**hanging(record, f"affiliation#{n}", id, employer)))
            dirty.mark(connection, "match", ids)
        return ids

    def organisation(self, system: str = "erp", **values: Any) -> int:
        return self.add(values, system=system)[0]

    def person(self, system: str = "erp", works_at: int | None = None, **values: Any) -> int:
        return self.add(None, values, system=system, works_at=works_at)[0]

    def relate(self, one: int, other: int, kind: str = "parent") -> None:
        with self.store.write() as connection:
            record = connection.scalar(select(mention.c.record_id).where(mention.c.id == one))
            connection.execute(insert(relation).values(**hanging(record, "relation", one, other), kind=kind))

    def change(self, id: int, **values: Any) -> None:
        """The card says something else now."""
        with self.store.write() as connection:
            connection.execute(update(mention).where(mention.c.id == id).values(claim=claim(values)))
            dirty.mark(connection, "match", [id])

    def turn(self, id: int, state: str) -> None:
        """The mention gets another state, as landing gives it."""
        with self.store.write() as connection:
            connection.execute(update(mention).where(mention.c.id == id).values(state=state))
            dirty.mark(connection, "match", [id])

    def mark(self, ids: Sequence[int]) -> None:
        with self.store.write() as connection:
            dirty.mark(connection, "match", ids)

    def resolve(self) -> Resolved:
        moment = next(self.clock)
        return resolve(self.store, self.settings, run_id=f"run-{moment}", now=moment, remotes=self.crms)

    def together(self, *ids: int) -> bool:
        """Whether all of these mentions are linked to one golden record."""
        places = {self.places().get(id) for id in ids}
        return len(places) == 1 and None not in places

    def places(self) -> dict[int, int]:
        """Golden id of every linked mention."""
        with self.store.read() as connection:
            query = select(link.c.mention_id, link.c.golden_id).where(link.c.until.is_(None))
            return {row.mention_id: row.golden_id for row in connection.execute(query)}

    def partition(self) -> set[frozenset[int]]:
        parts: dict[int, set[int]] = {}
        for id, place in self.places().items():
            parts.setdefault(place, set()).add(id)
        return {frozenset(part) for part in parts.values()}

    def pairs(self) -> dict[tuple[int, int], Any]:
        with self.store.read() as connection:
            return {(row.left_id, row.right_id): row for row in connection.execute(select(pair))}

    def band(self, one: int, two: int) -> str | None:
        row = self.pairs().get((min(one, two), max(one, two)))
        return None if row is None else row.band

    def why(self, id: int) -> str:
        with self.store.read() as connection:
            query = select(link.c.why).where(link.c.mention_id == id, link.c.until.is_(None))
            return connection.execute(query).scalar_one()

    def rows(self, table: Any) -> list[Any]:
        with self.store.read() as connection:
            return list(connection.execute(select(table)))

    def forget(self) -> None:
        """As if nothing had been resolved yet."""
        with self.store.write() as connection:
            for table in (block_key, pair, link, golden, dirty_table):
                connection.execute(delete(table))
            connection.execute(update(mention).where(mention.c.state == "linked").values(state="pending"))


def claim(values: Values) -> dict[str, Any]:
    """A claim of own fields."""
    return {field: {"value": value, "own": True, "since": [None, 1]} for field, value in values.items()}


def hanging(record: int | None, slot: str, one: int, other: int) -> dict[str, Any]:
    return {
        "record_id": record,
        "slot": slot,
        "mention_id": one,
        "other_mention_id": other,
        "state": "live",
        "document": {},
        "document_hash": b"",
    }
