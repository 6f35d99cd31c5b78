"""The connector: every verb of the contract, for one organisation in a BottleCRM."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import httpx

from connectors.base import Connector
from connectors.bottlecrm.custom import CustomFields
from connectors.bottlecrm.listing import Listing, rows_of
from connectors.bottlecrm.objects import KINDS, READ_ONLY, Kind
from connectors.bottlecrm.record import CUSTOM, payload_of, version_of
from connectors.bottlecrm.session import Session
from connectors.bottlecrm.settings import BottleCrmSettings, BottleCrmStream
from connectors.bottlecrm.writing import Writer
from solmu.errors import Fatal, Retriable
from solmu.exchange import (
    Batch,
    Cursor,
    Journal,
    Outcome,
    Payload,
    Remote,
    Result,
    Row,
    StreamInfo,
    User,
    Verb,
    Write,
)

_CHEAPER = 15  # a record by itself takes as long as so many in a list
_MOST_UNANSWERED = 3  # in a row: then the server is in trouble, and not a record of ours


class BottleCrmConnector(Connector):
    """Reads an organisation in a BottleCRM, and writes to it once it is armed."""

    Settings = BottleCrmSettings
    StreamSettings = BottleCrmStream

    can_write: ClassVar[bool] = True
    can_delete: ClassVar[bool] = True
    # BottleCRM itself would keep our id twice; but a create first looks whether it is there.
    upserts_by_external_id: ClassVar[bool] = True
    merges_nothing: ClassVar[str | None] = "Solmu merges no two records in BottleCRM, where that cannot be taken back"
    max_batch: ClassVar[int] = 50  # a call each, and an edit by somebody else in between is not looked for

    settings: BottleCrmSettings

    def __init__(
        self,
        *,
        name: str,
        settings: BottleCrmSettings,
        streams: Mapping[str, Any],
        folder: Path,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(name=name, settings=settings, streams=streams, folder=folder)
        self._session = Session(settings, transport)
        self._custom = CustomFields(self._session, settings)

    # --- looking ------------------------------------------------------------------------------------------------------

    def check(self) -> Sequence[str]:
        kinds = {stream: self._kind(stream) for stream in self.streams}
        with self.naming():
            self._enter()
        notes: list[str] = []
        for stream, kind in kinds.items():
            with self.naming(stream):
                self._listing(kind).count()
                missing = self._custom.missing(kind)
            if missing:
                notes.append(
                    f"{stream}: {kind.model} has no custom text field {' and '.join(missing)}: it can be read,"
                    " and not be written"
                )
        return notes

    def _enter(self) -> None:
        try:
            answer = self._session.get("custom-fields/", {"include_counts": "false"})
        except Retriable as error:
            if error.code != "no-answer":
                raise
            raise Fatal(
                error.message,
                code="no-answer",
                field="url",
                value=self.settings.url,
                expected="the address of an API that is running",
            ) from error
        if not isinstance(answer, dict) or "definitions" not in answer:
            raise Fatal(
                f"what answers at {self.settings.url} is not BottleCRM's API",
                code="not-bottlecrm",
                field="url",
                value=self.settings.url,
                expected="the address of its API, which may be another than that of its web app",
            )

    def discover(self) -> Sequence[StreamInfo]:
        return [self._describe(stream) for stream in self.streams or KINDS]

    def _describe(self, stream: str) -> StreamInfo:
        kind = self._kind(stream)
        with self.naming(stream):
            custom = self._custom.infos(kind)
            writable = not self._custom.missing(kind)
        return replace(self.shape(stream), fields=(*kind.fields, *READ_ONLY, *custom), writable=writable)

    def shape(self, stream: str) -> StreamInfo:
        return StreamInfo(stream, key=("id",), writable=True)

    def users(self) -> Iterable[User]:
        with self.naming():
            answer = self._session.get("users/get-teams-and-users/")
            try:
                # It lists those only who are active; their profile is what records are assigned to.
                profiles = [(each["id"], each["user_details"]) for each in (answer or {}).get("profiles") or ()]
                return [User(id, who.get("name") or who["email"]) for id, who in profiles]
            except (LookupError, TypeError, AttributeError):
                raise Retriable("BottleCRM's list of users could not be read", code="garbled") from None

    # --- reading ------------------------------------------------------------------------------------------------------

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Batch]:
        kind = self._kind(stream)
        listing = self._listing(kind)
        with self.naming(stream):
            held: Batch | None = None
            for page in listing.pages():
                if held is not None:
                    yield held
                held = Batch([self._row(kind, payload) for payload in self._whole(kind, page)])
            # Only now it is known whether that was the whole list.
            yield replace(held or Batch([]), complete=listing.whole)

    def _whole(self, kind: Kind, page: Sequence[Mapping[str, Any]]) -> Iterator[Payload]:
        """The records of a page, each asked for by itself where the list does not tell all; one that has gone
        meanwhile is left out."""
        for row in page:
            payload = payload_of(kind, row) if kind.whole else self._record(kind, str(row["id"]))
            if payload is not None:
                yield payload

    def _row(self, kind: Kind, payload: Payload) -> Row:
        return Row(payload["id"], payload, _moment(payload.get("updated_at")), place=f"{kind.model} {payload['id']}")

    def fetch(self, stream: str, remote_ids: Sequence[str]) -> Iterator[Remote]:
        kind = self._kind(stream)
        with self.naming(stream):
            there: dict[str, Payload] = {}
            listing = self._listing(kind)
            if kind.whole and len(remote_ids) > 1 and listing.count() <= _CHEAPER * len(remote_ids):
                wanted = set(remote_ids)
                pages = (payload for page in listing.pages() for payload in self._whole(kind, page))
                there = {payload["id"]: payload for payload in pages if payload["id"] in wanted}
            for remote_id in remote_ids:
                payload = there.get(remote_id) or self._record(kind, remote_id)
                gone = Remote(remote_id, {}, deleted=True)
                yield gone if payload is None else self.as_remote(stream, remote_id, payload)

    def find(self, stream: str, external_ids: Sequence[str]) -> Iterator[Remote]:
        kind = self._kind(stream)
        with self.naming(stream):
            for external_id in external_ids:
                payload = self._carrying(kind, external_id)
                if payload is not None:
                    yield self.as_remote(stream, payload["id"], payload)

    def as_remote(self, stream: str, key: str, payload: Payload) -> Remote:
        version = version_of(self._kind(stream), payload, self.settings.stamp_field)
        return Remote(
            key,
            payload,
            external_id=payload.get(f"{CUSTOM}{self.settings.id_field}") or None,
            version=version,
            changed_at=_moment(payload.get("updated_at")),
            changed_by_us=payload.get(f"{CUSTOM}{self.settings.stamp_field}") == version,
        )

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result]:
        if len(writes) > self.max_batch:
            raise ValueError(f"{len(writes)} writes in one call, and at most {self.max_batch} are allowed")
        kind = self._kind(stream)
        by_id, carrying = partial(self._record, kind), partial(self._carrying, kind)
        writer = Writer(self._session, self.settings, kind, by_id=by_id, carrying=carrying)
        ordered = sorted(writes, key=lambda write: list(Verb).index(write.verb))
        with self.naming(stream):
            self._custom.must_be_there(kind)
            yield from self._one_by_one(writer, ordered)

    def _one_by_one(self, writer: Writer, writes: Sequence[Write]) -> Iterator[Result]:
        unanswered = 0
        for number, write in enumerate(writes):
            try:
                result = writer.write(write)
            except (Retriable, Fatal) as error:
                if number == 0:
                    raise
                yield from _later(writes[number:], error.code, error.message)
                return
            yield result
            unanswered = unanswered + 1 if result.outcome is Outcome.UNKNOWN else 0
            if result.code == "no-answer" or unanswered == _MOST_UNANSWERED:
                yield from _later(writes[number + 1 :], "not-sent", "not sent: the record before it had no answer")
                return

    def calls_for(self, stream: str, writes: int) -> int:
        return (4 if self._kind(stream).fills_in else 2) * writes

    def calls_made(self) -> int:
        return self._session.calls

    def record_url(self, stream: str, remote_id: str) -> str | None:
        return f"{self.settings.web_url or self.settings.url}/{self._kind(stream).page}/{remote_id}"

    def close(self) -> None:
        self._session.close()

    # --- what it is like ----------------------------------------------------------------------------------------------

    def _kind(self, stream: str) -> Kind:
        settings = self.streams.get(stream)
        stated = settings.stream if isinstance(settings, BottleCrmStream) else None
        kind = KINDS.get(stated or stream)
        if kind is None:
            raise Fatal(
                f"BottleCRM has no {stated or stream}",
                code="no-object",
                connection=self.name,
                stream=stream,
                field="stream",
                value=stated or stream,
                expected=", ".join(get_close_matches(stated or stream, KINDS, n=1) or KINDS),
            )
        return kind

    def _listing(self, kind: Kind) -> Listing:
        def ask(limit: int, offset: int) -> Mapping[str, Any]:
            return self._answer(kind, {"limit": limit, "offset": offset})

        return Listing(kind, ask, self.settings.page)

    def _answer(self, kind: Kind, params: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = self._session.get(f"{kind.path}/", {**params, "slim": "true"})
        if answer is None:
            raise Fatal(f"BottleCRM has no {kind.path}, or their module is switched off", code="no-object")
        return dict(answer)

    def _record(self, kind: Kind, remote_id: str) -> Payload | None:
        if not _is_uuid(remote_id):
            return None
        answer = self._session.get(f"{kind.path}/{remote_id}/")
        if answer is None:
            return None
        if not isinstance(answer.get(kind.detail), dict):
            raise Retriable("BottleCRM's record could not be read", code="garbled")
        return payload_of(kind, answer[kind.detail])

    def _carrying(self, kind: Kind, external_id: str) -> Payload | None:
        """The record with our id; a copy of one that somebody else made has it too, so the oldest."""
        answer = self._answer(kind, {f"{CUSTOM}{self.settings.id_field}": external_id, "limit": 10})
        rows = sorted(rows_of(kind, answer), key=lambda row: str(row.get("created_at")))
        return next(self._whole(kind, rows[:1]), None)


def _later(writes: Sequence[Write], code: str, message: str) -> Iterator[Result]:
    for write in writes:
        yield Result(write.id, Outcome.RETRIABLE, write.remote_id, code=code, message=message)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _moment(stamp: Any) -> datetime | None:
    return datetime.fromisoformat(stamp).astimezone(UTC) if isinstance(stamp, str) else None
