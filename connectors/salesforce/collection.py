"""Writes of up to 200 records a call ("Using sObject Collections")."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.salesforce import soql
from connectors.salesforce.answers import Unanswered, problem_of
from connectors.salesforce.objects import Described, parent_of, telling_field
from connectors.salesforce.session import Session
from solmu.exchange import Journal, Outcome, Result, Verb, Write

MOST = 200
_PATH = "composite/sobjects"
# How far back an earlier create of ours, whose answer was lost, is searched for.
_SEARCHED = timedelta(days=2)


class Collections:
    """Writes to one object. ``key`` is the external id field, or None where the org has none."""

    def __init__(self, session: Session, described: Described, key: str | None) -> None:
        self._session = session
        self._object = described
        self._key = key

    def write(self, verb: Verb, writes: Sequence[Write], journal: Journal) -> Iterator[Result]:
        """One result a write. No job is needed, so there is nothing to journal."""
        match verb:
            case Verb.CREATE:
                return self.create(writes)
            case Verb.UPDATE:
                return self.update(writes)
            case Verb.DELETE:
                return self.delete(writes)

    def create(self, writes: Sequence[Write]) -> Iterator[Result]:
        """Upserts by our id; without such a field, inserts of what is not found to be there already."""
        ordered = sorted(writes, key=lambda write: parent_of(write.fields))
        if self._key is None:
            found = self._created_before(ordered)
            yield from (Result(id, Outcome.CREATED, remote_id) for id, remote_id in found.items())
            new = [write for write in ordered if write.id not in found]
            if new:
                yield from self._sent("POST", _PATH, new, [dict(write.fields) for write in new])
            return
        records = [{**write.fields, self._key: write.external_id} for write in ordered]
        yield from self._sent("PATCH", f"{_PATH}/{self._object.name}/{self._key}", ordered, records)

    def update(self, writes: Sequence[Write]) -> Iterator[Result]:
        """Updates by Id, sorted by parent."""
        ordered = sorted(writes, key=lambda write: parent_of(write.fields))
        records = []
        for write in ordered:
            stamp = {self._key: write.external_id} if self._key and write.external_id else {}
            records.append({"id": write.remote_id, **stamp, **write.fields})
        yield from self._sent("PATCH", _PATH, ordered, records)

    def delete(self, writes: Sequence[Write]) -> Iterator[Result]:
        """Moves records to the recycle bin; one that is there already is no failure."""
        ids = ",".join(str(write.remote_id) for write in writes)
        params = {"ids": ids, "allOrNone": "false"}
        for result in self._answered(writes, lambda: self._session.send("DELETE", _PATH, params=params)):
            gone = result.code == "ENTITY_IS_DELETED"
            yield Result(result.id, Outcome.UNCHANGED, result.remote_id) if gone else result

    def _sent(
        self, method: str, path: str, writes: Sequence[Write], records: Sequence[Mapping[str, Any]]
    ) -> Iterator[Result]:
        typed = [{"attributes": {"type": self._object.name}, **record} for record in records]
        document = {"allOrNone": False, "records": typed}
        return self._answered(writes, lambda: self._session.send(method, path, json=document))

    def _answered(self, writes: Sequence[Write], call: Callable[[], Any]) -> Iterator[Result]:
        """The answer's records, in the order of the writes; all unknown where there is no answer that fits."""
        try:
            answers = call()
            if not isinstance(answers, list) or len(answers) != len(writes):
                raise Unanswered("garbled", "the answer has not one result for each record")
            results = [_result(write, answer) for write, answer in zip(writes, answers, strict=True)]
        except Unanswered as error:
            results = [
                Result(write.id, Outcome.UNKNOWN, write.remote_id, code=error.code, message=error.message)
                for write in writes
            ]
        yield from results

    def _created_before(self, writes: Sequence[Write]) -> dict[int, str]:
        """Remote ids of creates that were carried out before, without an answer: ours, recent, and the same in all."""
        by_name: dict[str, dict[str, list[Write]]] = {}
        for write in writes:
            name = telling_field(write.fields)
            if name is not None:
                by_name.setdefault(name, {}).setdefault(write.fields[name], []).append(write)
        found: dict[int, str] = {}
        since = f"CreatedDate >= {soql.moment(datetime.now(UTC) - _SEARCHED)}"
        ours = f"CreatedById = {soql.text(self._session.user_id())}" if by_name else ""
        for name, wanted in by_name.items():
            fields = {field for same in wanted.values() for write in same for field in write.fields}
            columns = ["Id", *sorted(fields & self._object.fields.keys())]
            for values in soql.lists(wanted):
                query = soql.select(columns, self._object.name, ours, since, soql.among(name, values))
                for record in self._session.get_part("query", "records", {"q": query}):
                    alike = (write for write in wanted.get(record[name], ()) if _is(record, write))
                    match = next((write for write in alike if write.id not in found), None)
                    if match is not None:
                        found[match.id] = record["Id"]
        return found


def _is(record: Mapping[str, Any], write: Write) -> bool:
    return all((record.get(name) or None) == (value or None) for name, value in write.fields.items())


def _result(write: Write, answer: Any) -> Result:
    try:
        if answer["success"]:
            created = write.verb is Verb.CREATE and answer.get("created", True)
            return Result(write.id, Outcome.CREATED if created else Outcome.UPDATED, answer["id"])
        problem = problem_of(answer["errors"])
    except (LookupError, TypeError, AttributeError):
        raise Unanswered("garbled", "the answer's records could not be read") from None
    return Result(
        write.id,
        problem.outcome,
        write.remote_id,
        code=problem.code,
        message=problem.sentence,
        field=problem.field,
    )
