"""The connector: submissions of web forms, from the intake that `solmu serve` fills, and from saved deliveries."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.webform.document import Unparsable, parse
from connectors.webform.received import arrived_of, received
from connectors.webform.rows import Arrived, Found, found_in, nobodys, owner_of, unreadable
from connectors.webform.saved import SavedFile, Unusable, files_in, read_saved
from connectors.webform.senders import delivery_of, sender_of
from connectors.webform.settings import IN_PATH, FormStream, WebformSettings
from solmu.errors import Fatal, Unverified
from solmu.exchange import Batch, Cursor, Delivery, FieldInfo, Request, Row, StreamInfo, Unreadable
from solmu.intake.schemes import SCHEMES
from solmu.intake.store import Stored, intake_path, kept_id

_BATCH = 100  # deliveries; each may have as many bytes as the receiver takes
_LOOKED_AT = 2_000  # deliveries, to say which forms and fields there are
_SHORT = 16  # characters; a secret that stands in an address can be tried out
_LAG_NS = 2_000_000_000  # file systems stamp by clocks that tick in up to two seconds

_Place = tuple[int, int]
"""How far the intake (sequence) and the folder (nanoseconds) are read."""


class WebformConnector(Connector):
    """Receives what people enter in web forms: deliveries are judged at the door, and read when they land."""

    Settings = WebformSettings
    StreamSettings = FormStream

    # Deliveries are numbered as they are stored, by one writer: what comes later has a higher number, always.
    reports_changes_since = True
    receives = True
    fitting_mappings = (
        "webform/contact-form",
        "webform/typeform",
        "webform/tally",
        "webform/hubspot",
        "webform/jotform",
        "webform/netlify",
        "webform/google-ads",
    )
    rows_are = "lead"

    settings: WebformSettings

    def __init__(self, *, name: str, settings: WebformSettings, streams: Mapping[str, Any], folder: Path) -> None:
        super().__init__(name=name, settings=settings, streams=streams, folder=folder)
        self._sender = sender_of(settings.reads_as, id_field=settings.id_field, form_field=settings.form_field)
        self._forms = {
            stream: each.forms if isinstance(each, FormStream) else () for stream, each in self.streams.items()
        }

    # --- at the door --------------------------------------------------------------------------------------------------

    def verify(self, request: Request) -> Delivery:
        with self.naming():
            SCHEMES[self.settings.scheme].verify(request, self.settings.terms)
        return Delivery(self._id_of(request, request.received_at.date().isoformat()))

    def _id_of(self, request: Request, when: str) -> str:
        """The sender's own id of a delivery, which a redelivery has too.

        Without one, an event of a service is known by its body: it holds ids and times, and the same again is the same
        event. A website's own form holds only what was entered, and two people, or one in two years, may enter the
        same: there the same body counts once a day (``when``). So a retry is not a second lead, and the worst that
        happens is one more record of the same person around midnight UTC; an enquiry is never swallowed for good.
        """
        space = self.settings.reads_as
        if self.settings.scheme == "standard-webhooks":
            signed = request.headers.get("webhook-id") or request.headers.get("svix-id", "")
            return kept_id(f"{space}:{signed}")
        try:
            id = delivery_of(self._sender, self._document(request))
        except Unparsable:
            id = None
        if id is None:
            digest = hashlib.sha256(request.body).hexdigest()
            id = digest if self._sender.repeats or not when else f"{when}-{digest}"
        return kept_id(f"{space}:{id}")

    def _document(self, request: Request) -> Any:
        return parse(
            request.body,
            request.headers.get("content-type", ""),
            charset=self.settings.charset,
            encoding=request.headers.get("content-encoding", ""),
        )

    # --- looking ------------------------------------------------------------------------------------------------------

    def check(self) -> Sequence[str]:
        with self.naming():
            self._check_streams()
            seen = Counter(found.form for found in self._some())
        return [*self._notes(), *self._seen(seen)]

    def _check_streams(self) -> None:
        named = Counter(form for forms in self._forms.values() for form in forms)
        twice = next((form for form, times in named.items() if times > 1), None)
        if twice is not None:
            raise Fatal(
                f"two streams take the form {twice!r}",
                code="form-twice",
                field="form",
                value=twice,
                expected="each form in one stream",
            )
        open_to_all = [stream for stream, forms in self._forms.items() if not forms]
        if len(open_to_all) > 1:
            raise Fatal(
                f"the streams {' and '.join(open_to_all)} both take what no other does",
                code="form-missing",
                field="form",
                expected="a `form` in each stream but one",
            )

    def _notes(self) -> Iterator[str]:
        settings = self.settings
        end = "/<secret>" if settings.scheme in IN_PATH else ""
        if not settings.secrets:
            kept = settings.folder is not None and settings.trusted
            yield "without `secret` nothing is let in" + (" but saved deliveries" if kept else "")
        else:
            yield f"the sender posts to /in/{self.name}{end}, at the address of `solmu serve`"
        if any(len(secret) < _SHORT for secret in settings.secrets):
            yield f"`secret` has fewer than {_SHORT} characters; make it longer, at random"
        if settings.scheme == "hubspot" and settings.secrets and settings.url is None:
            yield "HubSpot signs the address too; behind a proxy that changes it, state `url`, or `intake.public_url`"

    def _seen(self, seen: Counter[str | None]) -> Iterator[str]:
        for form, times in seen.most_common(20):
            stream = owner_of(form, self._forms)
            what = f"form {form}" if form else "no form named"
            yield f"{what}: {times} received, " + (f"stream {stream}" if stream else "no stream takes it")

    def discover(self) -> Sequence[StreamInfo]:
        """The configured streams, with the fields of what came so far; where there are none yet, each form as one."""
        with self.naming():
            some = list(self._some())
        names = list(self.streams) or list(dict.fromkeys(found.form for found in some if found.form)) or ["submissions"]
        fields: dict[str, dict[str, None]] = {name: {} for name in names}
        for found in some:
            owner = self._owner(found.form) if self.streams else found.form or names[0]
            if isinstance(found.row, Row) and owner in fields:
                fields[owner] |= dict.fromkeys(found.row.payload)
        return [StreamInfo(name, tuple(map(FieldInfo, fields[name])), full=False) for name in names]

    def shape(self, stream: str) -> StreamInfo:
        self.stream_settings(stream, FormStream)
        return StreamInfo(stream, full=False)

    def starting(self, info: StreamInfo) -> Mapping[str, Any]:
        # The only form, or none yet, needs no name: what else may come lands as well.
        seen = {found.form for found in self._some()}
        return {"form": info.name} if len(seen) > 1 and info.name in seen else {}

    # --- reading ------------------------------------------------------------------------------------------------------

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Batch]:
        """What came since. Where the forms of the streams were changed, everything that is kept comes again: what this
        stream no longer takes as gone, so that it stands in one stream only."""
        self.stream_settings(stream, FormStream)
        with self.naming(stream):
            self._check_streams()
            yield from self._read(stream, cursor or {})

    def _read(self, stream: str, cursor: Cursor) -> Iterator[Batch]:
        landed: _Place = (int(cursor.get("seq", 0)), int(cursor.get("since_ns", 0)))
        takes = [[name, list(forms)] for name, forms in self._forms.items()]
        before = {name: tuple(forms) for name, forms in cursor.get("takes", takes)}
        moved = before != self._forms or cursor.get("takes", takes) != takes
        at: Cursor = {"seq": 0, "last": None, "since_ns": 0, "trusted": self.settings.trusted, "takes": takes}
        if not moved:
            at |= {name: cursor[name] for name in ("seq", "last", "since_ns") if name in cursor}
            if cursor.get("trusted", self.settings.trusted) != self.settings.trusted:
                at["since_ns"] = 0
        for stored in self._stored(at):
            rows = [row for each in stored for row in self._rows(stream, each, before if moved else None, landed)]
            at = at | {"seq": stored[-1].seq, "last": stored[-1].delivery_id}
            yield Batch(rows, dict(at))
        for files in self._saved(int(at["since_ns"]) - _LAG_NS):
            rows = [row for each in files for row in self._rows_of(stream, each, before if moved else None, landed)]
            at = at | {"since_ns": max(at["since_ns"], files[-1].stamp_ns)}
            yield Batch(rows, dict(at))
        if moved:
            yield Batch([], dict(at))

    def _stored(self, at: Cursor) -> Iterator[list[Stored]]:
        return received(intake_path(self.folder), self.name, at, _BATCH)

    def _saved(self, since_ns: int) -> Iterator[list[SavedFile]]:
        if self.settings.folder is None:
            return
        files = iter([file for file in files_in(self._folder) if file.stamp_ns >= since_ns])
        while some := list(islice(files, _BATCH)):
            yield some

    def _rows(
        self, stream: str, stored: Stored, before: Mapping[str, tuple[str, ...]] | None, landed: _Place
    ) -> Iterator[Row | Unreadable]:
        was = before if stored.seq <= landed[0] else None
        return self._given(stream, self._found(arrived_of(stored)), was)

    def _rows_of(
        self, stream: str, file: SavedFile, before: Mapping[str, tuple[str, ...]] | None, landed: _Place
    ) -> Iterator[Row | Unreadable]:
        was = before if file.stamp_ns <= landed[1] else None
        return self._given(stream, self._found_in(file), was)

    def _given(
        self, stream: str, found: Sequence[Found], before: Mapping[str, tuple[str, ...]] | None
    ) -> Iterator[Row | Unreadable]:
        for each in found:
            owner = owner_of(each.form, self._forms)
            if stream == (owner or self._first):
                lost = owner is None and isinstance(each.row, Row)
                yield nobodys(each.row, each.form, self._forms) if lost and isinstance(each.row, Row) else each.row
            elif before and stream == (owner_of(each.form, before) or next(iter(before))):
                yield Row(each.row.key, each.row.payload, deleted=True, place=each.row.place, file=each.row.file)

    # --- deliveries ---------------------------------------------------------------------------------------------------

    def _found(self, arrived: Arrived) -> list[Found]:
        return found_in(arrived, self._sender, self.settings.reads_as, self.settings.charset)

    def _found_in(self, file: SavedFile) -> list[Found]:
        try:
            saved = read_saved(file)
        except Unusable as problem:
            return [Found(_no_delivery(file, str(problem)), None)]
        if saved is None:
            return []
        request = saved.request
        when = saved.received_at.date().isoformat() if saved.received_at else ""
        arrived = Arrived(
            self._id_of(request, when),
            request.received_at,
            saved.received_at is not None,
            request.headers.get("content-type", ""),
            request.headers.get("content-encoding", ""),
            request.body,
            file.name,
            file.name,
        )
        if not self.settings.trusted:
            try:
                SCHEMES[self.settings.scheme].verify(request, self.settings.terms)
            except Unverified as error:
                expected = f"{error.expected or 'a signature that fits'}; or `trusted: true` for this folder"
                return [Found(unreadable(arrived, error.code, error.message, expected), None)]
        return self._found(arrived)

    def _some(self) -> Iterator[Found]:
        """What the first deliveries say."""
        for stored in islice(self._stored({"seq": 0}), _LOOKED_AT // _BATCH):
            for each in stored:
                yield from self._found(arrived_of(each))
        for files in islice(self._saved(0), _LOOKED_AT // _BATCH):
            for file in files:
                yield from self._found_in(file)

    @property
    def _folder(self) -> Path:
        assert self.settings.folder is not None
        return self.folder / self.settings.folder.expanduser()

    @property
    def _first(self) -> str | None:
        return next(iter(self._forms), None)

    def _owner(self, form: str | None) -> str | None:
        return owner_of(form, self._forms) or self._first


def _no_delivery(file: SavedFile, message: str) -> Unreadable:
    return Unreadable(
        key=kept_id(f"file:{file.name}"),
        payload={"file": file.name, "size": file.size},
        code="no-delivery",
        message=message,
        expected='{"headers": {…}, "body": "…"}, a JSON body, or a .body with its .headers.json',
        place=file.name,
        file=file.name,
    )
