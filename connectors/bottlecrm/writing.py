"""Writes: one record a call, since the API has no other.

A create first looks whether a record carries our id already, or is refused where the API keeps a field unique. An
update first looks at the record: it is left alone where somebody changed it since the write was planned, and the stamp
that goes with the write says what the record will be if nobody else changes it at that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.bottlecrm.answers import Problem, Refused, Unanswered
from connectors.bottlecrm.objects import Kind
from connectors.bottlecrm.record import CUSTOM, body_of, version_of
from connectors.bottlecrm.session import Session
from connectors.bottlecrm.settings import BottleCrmSettings
from solmu.errors import Fatal, Retriable
from solmu.exchange import Outcome, Payload, Result, Verb, Write

Look = Callable[[str], Payload | None]


class Writer:
    """Writes one kind of record. ``by_id`` and ``carrying`` give the payload of the record with an id of theirs, or
    with one of ours."""

    def __init__(
        self, session: Session, settings: BottleCrmSettings, kind: Kind, *, by_id: Look, carrying: Look
    ) -> None:
        self._session = session
        self._settings = settings
        self._kind = kind
        self._by_id = by_id
        self._carrying = carrying

    def write(self, write: Write) -> Result:
        """What became of it. Raises Retriable or Fatal when nothing was done."""
        try:
            match write.verb:
                case Verb.CREATE:
                    return self._create(write)
                case Verb.UPDATE:
                    return self._update(write)
                case Verb.DELETE:
                    return self._delete(write)
        except Refused as refusal:
            return _refused(write, refusal.problem)
        except Unanswered as error:
            return Result(write.id, Outcome.UNKNOWN, write.remote_id, code=error.code, message=error.message)

    def _create(self, write: Write) -> Result:
        ours = write.external_id or ""
        before = None if self._kind.unique else self._carrying(ours)
        if before is not None:
            return self._written_over(write, before)
        after = {**write.fields, f"{CUSTOM}{self._settings.id_field}": ours}
        version = self._version(after)
        try:
            answer = self._session.send("POST", f"{self._kind.path}/", self._body(after, version))
        except Refused as refusal:
            before = self._carrying(ours) if refusal.problem.code == "duplicate" else None
            if before is None:
                raise
            return self._written_over(write, before)
        remote_id = answer.get("id") if self._kind.answers_with_id else self._id_of(ours)
        if not isinstance(remote_id, str):
            raise Unanswered("garbled", "the answer does not say which record was made")
        if self._kind.fills_in:
            version = self._stamped(remote_id, after, version)
        return Result(write.id, Outcome.CREATED, remote_id, version)

    def _stamped(self, remote_id: str, sent: Payload, version: str) -> str:
        """Stamp a new record with what it is now that BottleCRM has filled it in, and give that as its version; where
        this comes to nothing the record is made all the same, and its first reading takes it for somebody else's."""
        try:
            made = self._by_id(remote_id)
            if made is None or self._version({name: made.get(name) for name in sent}) != version:
                return version
            filled_in = self._version(made)
            self._session.send("PATCH", self._path(remote_id), self._body({}, filled_in))
        except (Retriable, Fatal, Refused, Unanswered):
            return version
        return filled_in

    def _id_of(self, external_id: str) -> str | None:
        try:
            made = self._carrying(external_id)
        except (Retriable, Fatal) as error:  # it is made; only which it is remains to be told
            raise Unanswered(error.code, error.message) from error
        return str(made["id"]) if made is not None else None

    def _update(self, write: Write) -> Result:
        before = self._by_id(str(write.remote_id))
        if before is None:
            raise Refused(Problem("gone", "the record was deleted in BottleCRM, or our user may not see it"))
        if write.version is not None and self._version(before) != write.version:
            return Result(
                write.id,
                Outcome.RETRIABLE,
                write.remote_id,
                code="changed-meanwhile",
                message="somebody changed the record after this was planned",
            )
        return self._written_over(write, before)

    def _written_over(self, write: Write, before: Payload) -> Result:
        remote_id = str(before["id"])
        ours = {f"{CUSTOM}{self._settings.id_field}": write.external_id} if write.external_id else {}
        changes = {**write.fields, **ours}
        version = self._version({**before, **changes})
        stamped = before.get(f"{CUSTOM}{self._settings.stamp_field}") == version
        if stamped and version == self._version(before):
            return Result(write.id, Outcome.UNCHANGED, remote_id, version)
        self._session.send("PATCH", self._path(remote_id), self._body(changes, version))
        return Result(write.id, Outcome.UPDATED, remote_id, version)

    def _delete(self, write: Write) -> Result:
        try:
            self._session.send("DELETE", self._path(str(write.remote_id)))
        except Refused as refusal:
            if refusal.problem.code != "gone":
                raise
            return Result(write.id, Outcome.UNCHANGED, write.remote_id)
        return Result(write.id, Outcome.UPDATED, write.remote_id)

    def _version(self, payload: Payload) -> str:
        return version_of(self._kind, payload, self._settings.stamp_field)

    def _body(self, changes: Payload, version: str) -> dict[str, Any]:
        return body_of(self._kind, {**changes, f"{CUSTOM}{self._settings.stamp_field}": version})

    def _path(self, remote_id: str) -> str:
        return f"{self._kind.path}/{remote_id}/"


def _refused(write: Write, problem: Problem) -> Result:
    return Result(
        write.id, Outcome.REJECTED, write.remote_id, code=problem.code, message=problem.message, field=problem.field
    )
