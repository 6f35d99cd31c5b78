"""The sandbox's own endpoints, under an underscore: no token, loopback only, and never counted as API calls."""

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson

from sandbox.salesforce import drafts
from sandbox.salesforce.drafts import Draft
from sandbox.salesforce.errors import ApiError, Refused
from sandbox.salesforce.exchange import Call, Reply, answer
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.merging import merge
from sandbox.salesforce.objects import SObject
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import BATCH, Actor, Outcome, rows_by_id
from sandbox.salesforce.seed import USERS


class Controls:
    def __init__(self, org: Org) -> None:
        self.org = org

    def handle(self, call: Call) -> Reply:
        known = {
            ("POST", "/_misbehave"): self.misbehave,
            ("GET", "/_misbehave"): lambda _: answer(self.org.misbehaving.listing()),
            ("DELETE", "/_misbehave"): self.behave,
            ("GET", "/_calls"): lambda call: answer(self.org.calls.select(call.parameters)),
            ("DELETE", "/_calls"): self.forget,
            ("POST", "/_edit"): self.edit,
            ("POST", "/_load"): self.load,
            ("POST", "/_reset"): self.reset,
        }
        handler = known.get((call.method, call.path))
        if handler is None:
            raise ApiError(404, "NOT_FOUND", f"known: {', '.join(' '.join(each) for each in known)}")
        return handler(call)

    def misbehave(self, call: Call) -> Reply:
        document = call.json()
        listed = document if isinstance(document, list) else [document]
        return answer([asdict(self.org.misbehaving.arm(each)) for each in listed])

    def behave(self, call: Call) -> Reply:
        self.org.misbehaving.clear()
        return Reply(204)

    def forget(self, call: Call) -> Reply:
        self.org.calls.clear()
        return Reply(204)

    def reset(self, call: Call) -> Reply:
        """Empties the org: records, jobs, calls, misbehaviour. Users, sessions and the numbering of ids stay."""
        with self.org.store.write() as db:
            for sobject in self.org.objects.values():
                if sobject.writable:
                    db.execute(f'DELETE FROM "{sobject.name}"')
            for table in ("job", "job_upload", "job_row"):
                db.execute(f"DELETE FROM {table}")
        self.org.misbehaving.clear()
        self.org.calls.clear()
        self.org.limits.used = 0
        return Reply(204)

    # -- somebody else's work

    def load(self, call: Call) -> Reply:
        """JSON lines, each `{"type": "Account", "as": "sales", …fields}`, or with `?type=Account`; all or nothing.

        A reference may be `{"Account": {"Solmu_Id__c": …}}`, or `"@7"`: the record of line 7 of this request.
        """
        given = call.parameters
        lines = [line for line in call.body.splitlines() if line.strip()]
        ids: list[str] = []
        batch: list[tuple[SObject, str, dict[str, Any]]] = []
        with self.org.store.write() as db:
            for number, line in enumerate(lines, start=1):
                record = orjson.loads(line)
                name = record.pop("type", given.get("type", ""))
                user = record.pop("as", given.get("as", "admin"))
                sobject = self.org.sobject(name)
                refers_back = any(isinstance(value, str) and value.startswith("@") for value in record.values())
                if batch and (batch[0][0] is not sobject or batch[0][1] != user or refers_back or len(batch) == BATCH):
                    ids += self._load(db, batch, len(ids))
                    batch = []
                for key, value in record.items():
                    if isinstance(value, str) and value.startswith("@") and value[1:].isdecimal():
                        at = int(value[1:])
                        if not 1 <= at <= len(ids):
                            raise ApiError(400, "INVALID_INPUT", f"line {number}: {key}: {value} names no earlier line")
                        record[key] = ids[at - 1]
                batch.append((sobject, user, record))
            if batch:
                ids += self._load(db, batch, len(ids))
        return answer({"loaded": len(ids), "ids": ids}, records=len(ids))

    def _load(self, db: sqlite3.Connection, batch: list[tuple[SObject, str, dict[str, Any]]], before: int) -> list[str]:
        sobject, user, _ = batch[0]
        made = [drafts.from_json(self.org.objects, sobject, record, "insert") for _, _, record in batch]
        outcomes = self.org.records.insert(db, sobject, made, Actor(_user(user), save_duplicates=True))
        return [_or_refuse(outcome, f"line {before + at}") for at, outcome in enumerate(outcomes, start=1)]

    def edit(self, call: Call) -> Reply:
        """One change or a list of changes, made by a person: all or nothing.

        `{"as": "sales", "action": "update", "id": …, "fields": {…}}`; action is update (default), create (`type`),
        delete, undelete, merge (`id` survives, `merged` do not, `fields` of the survivor may change), convert (a lead;
        `account` and `contact` may be given, else they are made; with `opportunity`, a name, one is made too).
        """
        document = call.json()
        listed = document if isinstance(document, list) else [document]
        results = []
        with self.org.store.write() as db:
            for number, change in enumerate(listed, start=1):
                results.append(self._edit(db, change, f"change {number}"))
        return answer(results, records=len(results))

    def _edit(self, db: sqlite3.Connection, change: Mapping[str, Any], where: str) -> dict[str, Any]:
        action = change.get("action", "update")
        actor = Actor(_user(str(change.get("as", "sales"))), save_duplicates=True)
        fields: dict[str, Any] = change.get("fields") or {}
        records = self.org.records
        if action == "create":
            sobject = self.org.sobject(str(change.get("type", "")))
            draft = drafts.from_json(self.org.objects, sobject, fields, "insert")
            return {"id": _or_refuse(records.insert(db, sobject, [draft], actor)[0], where)}
        record_id = full_id(change.get("id")) or ""
        known = records.by_prefix.get(record_id[:3])
        if known is None:
            raise ApiError(400, "MALFORMED_ID", f"{where}: malformed id {change.get('id')}")
        if action == "update":
            self._update(db, known, record_id, fields, actor, where)
        elif action == "delete":
            _or_refuse(records.delete(db, known, [Draft(record_id=record_id)], actor)[0], where)
        elif action == "undelete":
            unmerged = ", MasterRecordId = NULL" if known.mergeable else ""
            db.execute(f'UPDATE "{known.name}" SET IsDeleted = 0{unmerged} WHERE Id = ?', (record_id,))
            self._update(db, known, record_id, {}, actor, where)
        elif action == "merge":
            self._merge(db, known, record_id, [str(each) for each in change.get("merged", [])], fields, actor, where)
        elif action == "convert":
            return self._convert(db, known, record_id, change, actor, where)
        else:
            valid = "create, update, delete, undelete, merge, convert"
            raise ApiError(400, "INVALID_INPUT", f"{where}: no such action: {action}; valid: {valid}")
        return {"id": record_id}

    def _update(
        self,
        db: sqlite3.Connection,
        sobject: SObject,
        record_id: str,
        fields: Mapping[str, Any],
        actor: Actor,
        where: str,
    ) -> None:
        draft = drafts.from_json(self.org.objects, sobject, fields, "update")
        draft.record_id = record_id
        _or_refuse(self.org.records.update(db, sobject, [draft], actor)[0], where)

    def _merge(
        self, db: sqlite3.Connection, sobject: SObject, winner: str, merged: list[str], fields: Mapping[str, Any],
        actor: Actor, where: str,
    ) -> None:  # fmt: skip
        if not sobject.mergeable:
            raise ApiError(400, "INVALID_OPERATION", f"{where}: {sobject.plural} cannot be merged")
        draft = drafts.from_json(self.org.objects, sobject, fields, "update")
        draft.record_id = winner
        try:
            merge(self.org.records, db, sobject, draft, merged, actor)
        except Refused as refusal:
            raise ApiError(400, refusal.error.code, f"{where}: {refusal}") from None

    def _convert(
        self, db: sqlite3.Connection, sobject: SObject, lead: str, change: Mapping[str, Any], actor: Actor, where: str
    ) -> dict[str, Any]:
        names = (
            "FirstName",
            "LastName",
            "Company",
            "Email",
            "Phone",
            "MobilePhone",
            "Title",
            "OwnerId",
            "IsDeleted",
            "IsConverted",
        )
        row = rows_by_id(db, sobject, names, [lead]).get(lead) if sobject.name == "Lead" else None
        if row is None:
            raise ApiError(400, "INVALID_OPERATION", f"{where}: only a lead can be converted")
        held = dict(zip(names, row, strict=True))
        if held["IsDeleted"] or held["IsConverted"]:
            raise ApiError(400, "INVALID_OPERATION", f"{where}: the lead is deleted or was converted before")
        objects, insert = self.org.objects, self.org.records.insert
        owner = {"OwnerId": held["OwnerId"]}
        account = full_id(change.get("account"))
        if account is None:
            draft = Draft(values={"Name": held["Company"], **owner})
            account = _or_refuse(insert(db, objects["Account"], [draft], actor)[0], where)
        contact = full_id(change.get("contact"))
        if contact is None:
            taken = {name: held[name] for name in names[:7] if name != "Company"}
            draft = Draft(values={**taken, "AccountId": account, **owner})
            contact = _or_refuse(insert(db, objects["Contact"], [draft], actor)[0], where)
        today = db.execute("SELECT date('now')").fetchone()[0]
        links = {"ConvertedAccountId": account, "ConvertedContactId": contact, "ConvertedDate": today}
        if change.get("opportunity"):
            named = {"Name": str(change["opportunity"]), "AccountId": account, "StageName": "Prospecting", **owner}
            draft = Draft(values={**named, "CloseDate": today})
            opportunity = _or_refuse(insert(db, objects["Opportunity"], [draft], actor)[0], where)
            links["ConvertedOpportunityId"] = opportunity
        self._set(db, sobject, lead, {"IsConverted": 1, "Status": "Closed - Converted", **links}, actor)
        # Tasks move over; a campaign's member goes on with both, the lead and the contact.
        for name, points, moves in (("Task", "WhoId", "WhoId"), ("CampaignMember", "LeadId", "ContactId")):
            query = f'SELECT Id FROM "{name}" WHERE {points} = ? AND IsDeleted = 0'
            for (hanging,) in db.execute(query, (lead,)).fetchall():
                self._set(db, objects[name], hanging, {moves: contact}, actor)
        return {"id": lead, "account": account, "contact": contact, "opportunity": links.get("ConvertedOpportunityId")}

    def _set(
        self, db: sqlite3.Connection, sobject: SObject, record_id: str, values: Mapping[str, Any], actor: Actor
    ) -> None:
        """Sets what no client may set, stamps included."""
        outcome = self.org.records.update(db, sobject, [Draft(values=dict(values), record_id=record_id)], actor)[0]
        _or_refuse(outcome, record_id)


def _user(name: str) -> str:
    user = USERS.get(name) or full_id(name)
    if user is None:
        raise ApiError(400, "INVALID_INPUT", f"no such user: {name}; valid: {', '.join(USERS)}, or a user's id")
    return user


def _or_refuse(outcome: Outcome, where: str) -> str:
    if outcome.errors or outcome.id is None:
        detail = "; ".join(f"{error.code}: {error.message}" for error in outcome.errors)
        raise ApiError(400, outcome.errors[0].code if outcome.errors else "UNKNOWN_EXCEPTION", f"{where}: {detail}")
    return outcome.id
