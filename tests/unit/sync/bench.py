"""A store with golden records, and a CRM in memory that they are pushed to: what is left of a hub without its sources.

Golden records are written as the resolver would leave them; the names and numbers are made up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, insert, select, update

from connectors.memory import MemoryConnector, MemorySettings, MemoryStream, Space
from solmu.config.settings import Assignment, Guards
from solmu.exchange import FieldInfo
from solmu.mapping.values import Wanted
from solmu.model import Entity
from solmu.store import Store, dirty
from solmu.store.ids import mint, public_id
from solmu.store.tables import (
    HANGING,
    affiliation,
    golden,
    golden_alias,
    link,
    mention,
    outbox,
    remote,
    source_record,
)
from solmu.store.tables import dirty as dirty_table
from solmu.sync.admission import Rules
from solmu.sync.apply import Applied, send
from solmu.sync.arm import arm, confirm_first_ten
from solmu.sync.mirror import Seen, observe_all
from solmu.sync.planned import Settings, TargetStream
from solmu.sync.planning import plan_work
from solmu.sync.streams import in_order, parents_of
from solmu.sync.whole_plan import Plan, Work

NOW = 1_800_000_000_000_000
CRM = "crm"


@dataclass(frozen=True)
class Wishes:
    """A target mapping in Python: the target's field, and the canonical field or the special wish behind it."""

    fields: Mapping[str, str | Wanted]

    def desired(self, document: Mapping[str, Any]) -> dict[str, Wanted]:
        return {name: self._wanted(each, document) for name, each in self.fields.items()}

    @staticmethod
    def _wanted(each: str | Wanted, document: Mapping[str, Any]) -> Wanted:
        if isinstance(each, Wanted):
            return each
        name = each.removesuffix("!")
        value = document.get(name)
        return Wanted(value[0] if isinstance(value, list) and value else value, name, required=each.endswith("!"))


ACCOUNT = Wishes({"Name": "name!", "City": "city", "Owner": Wanted(assign=True, only_on="create")})
CONTACT = Wishes({"LastName": "family_name!", "Email": "email", "AccountId": Wanted(parent="accounts")})
TASK = Wishes({"Subject": "number", "WhatId": Wanted(parent="accounts"), "WhoId": Wanted(parent="contacts")})


class Bench:
    """One target, its streams, and the golden records of a test."""

    def __init__(
        self,
        store: Store,
        *,
        include: Collection[str] = ("all",),
        rules: Mapping[str, str] | None = None,
        fields: Mapping[str, Mapping[str, FieldInfo]] | None = None,
        external_id: str | None = None,
        limits: Guards | None = None,
        armed: bool = True,
        connector: Callable[..., MemoryConnector] = MemoryConnector,
        **settings: Any,
    ) -> None:
        self.store = store
        self.now = NOW
        self.keys = 0
        self.slept: list[float] = []
        self.connector = connector(
            name=CRM,
            settings=MemorySettings(space=uuid4().hex, **settings),
            streams={
                "accounts": MemoryStream(required=("Name",)),
                "contacts": MemoryStream(),
                "tasks": MemoryStream(),
            },
            folder=Path(),
        )
        admission = Rules(tuple(include), ("supplier", "dormant"))

        def stream(name: str, mapping: Wishes, entity: Entity | None, hanging: str | None) -> TargetStream:
            known = (fields or {}).get(name, {})
            parents = parents_of(mapping.desired({}))
            return TargetStream(name, mapping, entity, hanging, admission, known, external_id, parents)

        self.work = Work(
            target=CRM,
            streams=in_order(
                [
                    stream("tasks", TASK, None, "lead"),
                    stream("contacts", CONTACT, Entity.PERSON, None),
                    stream("accounts", ACCOUNT, Entity.ORGANISATION, None),
                ]
            ),
            settings=Settings(
                rule=lambda _entity, name: (rules or {}).get(name, "hub"),
                assignment=Assignment.model_validate({"default": "005"}),
                rewritten_times=3,
                mint=partial(mint, "rec"),
            ),
            limits=limits or Guards(),
            rules_hash="rules",
            parent_fields={"contacts": {"AccountId"}},
        )
        if armed:
            arm(store, CRM, who="tester", now=self.now)
            confirm_first_ten(store, CRM, who="tester", now=self.now)

    @property
    def space(self) -> Space:
        return self.connector.space

    # --- golden records -----------------------------------------------------------------------------------------------

    def organisation(self, **values: Any) -> int:
        return self._golden(Entity.ORGANISATION, values)

    def person(self, employer: int | None = None, **values: Any) -> int:
        id = self._golden(Entity.PERSON, {"email": ["someone@example.com"], **values})
        if employer is not None:
            self._hang("affiliation", id, {}, other_mention_id=employer)
        return id

    def lead(self, of: int, **document: Any) -> int:
        return self._hang("lead", of, document, number=document.get("number"), partner=document.get("partner"))

    def change(self, id: int, **values: Any) -> None:
        """The golden record changes; a value of None goes."""
        with self.store.write() as connection:
            row = connection.execute(select(golden).where(golden.c.id == id)).one()
            document = row.document | {name: self._entry(id, value) for name, value in values.items()}
            document = {name: entry for name, entry in document.items() if entry["value"] is not None}
            state = "dormant" if values.get("dormant") else row.state
            connection.execute(
                update(golden).where(golden.c.id == id).values(document=document, version=row.version + 1, state=state)
            )
            dirty.mark(connection, f"target:{CRM}", [id])

    def merge(self, id: int, into: int) -> None:
        """All that was said of one golden record is linked to another."""
        with self.store.write() as connection:
            connection.execute(update(link).where(link.c.golden_id == id).values(golden_id=into))
            connection.execute(update(golden).where(golden.c.id == id).values(state="merged"))
            dirty.mark(connection, f"target:{CRM}", [id, into])

    def _golden(self, entity: Entity, values: Mapping[str, Any]) -> int:
        with self.store.write() as connection:
            record_id = self._record(connection, "erp", "customers")
            born = public_id(entity)
            row = {"record_id": record_id, "slot": entity.value, "entity": entity.value, "state": "linked"}
            id: int = connection.execute(
                insert(mention).values(**row, public_id=born, claim={}).returning(mention.c.id)
            ).scalar_one()
            connection.execute(insert(golden_alias).values(public_id=born, mention_id=id))
            connection.execute(
                insert(golden).values(
                    id=id,
                    public_id=born,
                    entity=entity.value,
                    state="live",
                    version=1,
                    document={name: self._entry(id, value) for name, value in values.items()},
                    document_hash=b"",
                    mentions=1,
                    protected=False,
                    updated_at=self.now,
                )
            )
            connection.execute(
                insert(link).values(mention_id=id, golden_id=id, since=self.now, why="born", run_id="run_0")
            )
            dirty.mark(connection, f"target:{CRM}", [id])
        return id

    @staticmethod
    def _entry(id: int, value: Any) -> dict[str, Any]:
        return {"value": value, "mention": id, "rule": "rank", "since": 0}

    def _record(self, connection: Any, name: str, stream: str, key: str | None = None) -> int:
        self.keys += 1
        row = {"connection": name, "stream": stream, "key": key or str(self.keys), "state": "mapped", "run_id": "run_0"}
        id: int = connection.execute(insert(source_record).values(**row).returning(source_record.c.id)).scalar_one()
        return id

    def _hang(self, name: str, of: int, document: Mapping[str, Any], **columns: Any) -> int:
        table = HANGING[name]
        with self.store.write() as connection:
            row = {"record_id": self._record(connection, "erp", name), "slot": name, "mention_id": of, "state": "live"}
            row |= {"document": dict(document), "document_hash": b"", **columns}
            id: int = connection.execute(insert(table).values(**row).returning(table.c.id)).scalar_one()
            dirty.mark(connection, f"target:{CRM}", [of])
        return id

    def leave(self, person: int) -> None:
        """The person has no employer any more."""
        with self.store.write() as connection:
            connection.execute(update(affiliation).where(affiliation.c.mention_id == person).values(state="withdrawn"))

    def employ(self, person: int, organisation: int) -> None:
        self.leave(person)
        self._hang("affiliation", person, {}, other_mention_id=organisation)

    # --- a night ------------------------------------------------------------------------------------------------------

    def land(self) -> None:
        """What changed in the CRM lands, and the resolver has nothing to add."""
        for stream in self.connector.streams:
            ids = [record.id for record in self.space.since(stream, 0, None)]
            seen = list(self.connector.fetch(stream, ids))
            with self.store.write() as connection:
                query = (
                    select(source_record.c.key, mention.c.id)
                    .join(mention, mention.c.record_id == source_record.c.id)
                    .where(source_record.c.connection == CRM, source_record.c.stream == stream)
                )
                known = {row.key: row.id for row in connection.execute(query)}
                for each in seen:
                    if each.remote_id not in known and stream != "tasks":
                        known[each.remote_id] = self._mention(connection, stream, each.remote_id)
                landed = [Seen(each, known.get(each.remote_id), each.deleted) for each in seen]
                observe_all(connection, CRM, stream, landed, now=self.now)

        self.resolve()

    def resolve(self) -> None:
        """The resolver has looked, and found nothing to change."""
        with self.store.write() as connection:
            connection.execute(delete(dirty_table).where(dirty_table.c.consumer.in_(("golden", "match"))))

    def _mention(self, connection: Any, stream: str, key: str) -> int:
        entity = Entity.PERSON if stream == "contacts" else Entity.ORGANISATION
        record_id = self._record(connection, CRM, stream, key)
        row = {"record_id": record_id, "slot": entity.value, "entity": entity.value, "state": "pending"}
        id: int = connection.execute(
            insert(mention).values(**row, public_id=public_id(entity), claim={}).returning(mention.c.id)
        ).scalar_one()
        return id

    def known(self, stream: str, of: int, **payload: Any) -> str:
        """A record that the CRM had before us, matched to a golden record."""
        remote_id = self.space.put(stream, payload)
        with self.store.write() as connection:
            id = self._mention(connection, stream, remote_id)
            connection.execute(
                insert(link).values(mention_id=id, golden_id=of, since=self.now, why="score", run_id="run_0")
            )
            dirty.mark(connection, f"target:{CRM}", [of])
        self.land()
        return remote_id

    def plan(self, **more: Any) -> Plan:
        self.now += 1_000_000
        return plan_work(
            self.store,
            self.work,
            self.connector,
            run_id=f"run_{self.now}",
            now=self.now,
            sleep=self.slept.append,
            **more,
        )

    def send(self, plan_id: str, **more: Any) -> Applied:
        self.now += 1_000_000
        more = {"rules_hash": "rules", "limits": self.work.limits, **more}
        return send(
            self.store,
            CRM,
            self.connector,
            plan_id,
            run_id=f"run_{self.now}",
            now=self.now,
            sleep=self.slept.append,
            **more,
        )

    def push(self) -> dict[str, int]:
        """Plan and apply; gives the states of the plan's actions."""
        return dict(self.send(self.plan().id).counts)

    def night(self) -> dict[str, int]:
        """Land, plan, apply, and land what was written."""
        self.land()
        counts = self.push()
        self.land()
        return counts

    # --- what there is ------------------------------------------------------------------------------------------------

    def accounts(self) -> list[dict[str, Any]]:
        return list(self.space.records("accounts").values())

    def contacts(self) -> list[dict[str, Any]]:
        return list(self.space.records("contacts").values())

    def account_id(self, name: str) -> str:
        return next(id for id, payload in self.space.records("accounts").items() if payload["Name"] == name)

    def actions(self, plan_id: str) -> list[Any]:
        with self.store.read() as connection:
            query = select(outbox).where(outbox.c.plan_id == plan_id).order_by(outbox.c.position, outbox.c.id)
            return list(connection.execute(query).all())

    def remotes(self, stream: str = "accounts") -> list[Any]:
        with self.store.read() as connection:
            query = select(remote).where(remote.c.target == CRM, remote.c.object == stream).order_by(remote.c.id)
            return list(connection.execute(query).all())

    def write_calls(self) -> int:
        return sum(1 for call in self.space.calls if call.verb in {"write", "upload"})

    def due(self) -> int:
        with self.store.read() as connection:
            return dirty.waiting(connection, f"target:{CRM}")
