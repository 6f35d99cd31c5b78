"""The connector: mail, from a server or from files, as one record a mail."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.mailbox.files import Found, Place, files_of, folders_in, place_of, read_many, read_one
from connectors.mailbox.imap import Session, State
from connectors.mailbox.message import FIELDS, Reading, Sheet, read_mail
from connectors.mailbox.oauth import log_in
from connectors.mailbox.presets import PRESETS, suggested_settings
from connectors.mailbox.settings import MailboxSettings, MailStream
from solmu.errors import Fatal, Retriable
from solmu.exchange import Batch, Cursor, Row, StreamInfo, Unreadable

_BATCH = 200
_LAG_NS = 2_000_000_000  # file systems stamp by clocks that tick in up to two seconds


class MailboxConnector(Connector):
    """Reads mail. It never marks, moves or deletes any."""

    Settings = MailboxSettings
    StreamSettings = MailStream

    # New mail is found by the folder's numbering, in files by when they came. A mail that was deleted is no news: what
    # its writer wanted is true all the same.
    reports_changes_since = True

    presets = PRESETS
    fitting_mappings = ("mail-enquiry", "mail-bounce")

    settings: MailboxSettings

    def __init__(self, *, name: str, settings: MailboxSettings, streams: Mapping[str, Any], folder: Path) -> None:
        super().__init__(name=name, settings=settings, streams=streams, folder=folder)
        self._session: Session | None = None

    def check(self) -> Sequence[str]:
        with self.naming():
            try:
                names = self._folders()
            except Retriable as error:
                if error.code != "server-away":
                    raise
                # Whoever checks is there to mend it.
                raise Fatal(
                    error.message, code=error.code, field=error.field or "host", expected="a server that answers"
                ) from error
        notes: list[str] = []
        for stream in self.streams:
            with self.naming(stream):
                settings = self.stream_settings(stream, MailStream)
                if self.settings.host is None:
                    files_of(self._path, settings.names)
                else:
                    for each in settings.names or ("INBOX",):
                        self._server().open(each)
                if settings.save_sheets is not None and not (self.folder / settings.save_sheets.expanduser()).is_dir():
                    raise Fatal(
                        f"there is no folder {settings.save_sheets}",
                        code="no-folder",
                        field="save_sheets",
                        value=str(settings.save_sheets),
                        expected="a folder that exists, for attached spreadsheets",
                    )
        if not self.streams:
            notes.append(f"no streams yet; folders: {', '.join(names)}")
        if not self.settings.own:
            notes.append("without `own`, mail that colleagues pass on counts as theirs")
        return notes

    def discover(self) -> Sequence[StreamInfo]:
        """The configured streams; where there are none yet, each folder as one."""
        with self.naming():
            return [StreamInfo(name, FIELDS, full=False) for name in self.streams or self._folders()]

    def shape(self, stream: str) -> StreamInfo:
        self.stream_settings(stream, MailStream)
        return StreamInfo(stream, full=False)

    @classmethod
    def suggested(cls, name: str, answers: Mapping[str, Any]) -> Mapping[str, Any]:
        return suggested_settings(name, answers)

    def starting(self, info: StreamInfo) -> Mapping[str, Any]:
        # An mbox file, or a folder of files, is one list as it is.
        in_folders = self.settings.host is not None or place_of(self._path) is Place.MAILDIR
        return {"folders": [info.name]} if in_folders else {}

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Batch]:
        settings = self.stream_settings(stream, MailStream)
        with self.naming(stream):
            if self.settings.host is None:
                yield from self._read_files(settings, cursor or {})
            else:
                yield from self._read_server(settings, cursor or {})

    @property
    def needs_login(self) -> bool:
        oauth = self.settings.oauth
        if oauth is None or oauth.grant != "device_code" or oauth.token_file is None:
            return False
        return not (self.folder / oauth.token_file.expanduser()).is_file()

    @classmethod
    def logs_in(cls, settings: Mapping[str, Any]) -> bool:
        oauth = settings.get("oauth")
        return isinstance(oauth, Mapping) and oauth.get("grant") == "device_code"

    def log_in(self, tell: Callable[[str], object]) -> None:
        """Have somebody log in for a mailbox with a device code; ``tell`` shows them where, and with which code."""
        oauth = self.settings.oauth
        with self.naming():
            if oauth is None or oauth.grant != "device_code":
                raise Fatal(
                    "nobody needs to log in for this mailbox",
                    code="no-login",
                    field="oauth.grant",
                    expected="device_code",
                )
            log_in(oauth, self.folder, self.settings.timeout_seconds, tell)

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    @property
    def _path(self) -> Path:
        assert self.settings.path is not None
        return self.folder / self.settings.path.expanduser()

    def _server(self) -> Session:
        if self._session is None:
            self._session = Session(self.settings, self.folder)
        return self._session

    def _folders(self) -> list[str]:
        if self.settings.host is not None:
            return self._server().folders()
        if place_of(self._path) is Place.MAILDIR:
            return folders_in(self._path)
        return [self._path.stem]

    # --- a server -----------------------------------------------------------------------------------------------------

    def _read_server(self, settings: MailStream, cursor: Cursor) -> Iterator[Batch]:
        folders: dict[str, Any] = dict(cursor.get("folders", {}))
        try:
            for folder in settings.names or ("INBOX",):
                yield from self._read_folder(folder, settings, folders)
        except Retriable:
            # Whatever broke off, the next attempt begins with a login.
            self.close()
            raise

    def _read_folder(self, folder: str, settings: MailStream, folders: dict[str, Any]) -> Iterator[Batch]:
        session = self._server()
        state = session.open(folder)
        before = folders.get(folder)
        if before and _is_unchanged(before, state):
            return
        # After a change of UIDVALIDITY (RFC 3501, 2.3.1.1) the numbers mean other mails. All are read again; those that
        # are known are recognised by key and content.
        known = before if before and before["uidvalidity"] == state.uidvalidity else None
        last = known["uid"] if known else 0
        at = {"uidvalidity": state.uidvalidity, "uid": last, "modseq": known["modseq"] if known else state.modseq}
        uids = session.after(last, settings.since)
        for start in range(0, len(uids), _BATCH):
            some = uids[start : start + _BATCH]
            at = at | {"uid": some[-1]}
            folders[folder] = at
            yield Batch(self._fetched(folder, some, settings), {"folders": dict(folders)})
        changed = []
        if known and known["modseq"] is not None and state.modseq is not None:
            changed = session.changed(last, known["modseq"])
        for start in range(0, len(changed), _BATCH):
            yield Batch(self._fetched(folder, changed[start : start + _BATCH], settings))
        at = at | {"modseq": state.modseq}
        if at != folders.get(folder):
            folders[folder] = at
            yield Batch([], {"folders": dict(folders)})

    def _fetched(self, folder: str, uids: Sequence[int], settings: MailStream) -> list[Row | Unreadable]:
        rows: list[Row | Unreadable] = []
        for mail in self._server().fetch(uids, self.settings.max_bytes):
            found = Found(mail.data, mail.size, f"{folder}, UID {mail.uid}", folder)
            rows.append(self._record(found, settings, arrived=mail.received, status=_status(mail.flags)))
        return rows

    # --- files --------------------------------------------------------------------------------------------------------

    def _read_files(self, settings: MailStream, cursor: Cursor) -> Iterator[Batch]:
        since = int(cursor.get("since_ns", 0))
        boxes: dict[str, Any] = dict(cursor.get("boxes", {}))
        files = files_of(self._path, settings.names)
        rows: list[Row | Unreadable] = []
        for file in files:
            if file.holds_many or file.stamp_ns < since - _LAG_NS or _is_before(_moment(file.mtime_ns), settings.since):
                continue
            found = read_one(file, self.settings.max_bytes)
            if found is None:
                continue
            rows.append(self._record(found, settings, arrived=_moment(file.mtime_ns)))
            since = max(since, file.stamp_ns)
            if len(rows) == _BATCH:
                yield Batch(rows, {"since_ns": since, "boxes": dict(boxes)})
                rows = []
        for file in files:
            fingerprint = {"size": file.size, "mtime_ns": file.mtime_ns}
            if not file.holds_many or boxes.get(file.name) == fingerprint:
                continue
            for found in read_many(file, self.settings.max_bytes):
                row = self._record(found, settings, arrived=None)
                if isinstance(row, Unreadable) or not _is_before(row.changed_at, settings.since):
                    rows.append(row)
                if len(rows) == _BATCH:
                    yield Batch(rows)
                    rows = []
            boxes[file.name] = fingerprint
        if rows or boxes != cursor.get("boxes", {}):
            yield Batch(rows, {"since_ns": since, "boxes": boxes})

    # --- both ---------------------------------------------------------------------------------------------------------

    def _record(
        self, found: Found, settings: MailStream, *, arrived: datetime | None, status: str | None = None
    ) -> Row | Unreadable:
        reading = Reading(
            own=self.settings.own,
            country=self.settings.country,
            kinds=settings.kinds,
            forms=tuple((form.subject, form.labels) for form in settings.forms),
        )
        try:
            mail = read_mail(found.data, reading, size=found.size)
        except RecursionError:
            return _refused(found, "nested-too-deep", "its parts are nested beyond all reason")
        except ValueError as error:
            return _refused(found, "no-mail", f"this is no mail: {error}")
        except (LookupError, TypeError, AttributeError) as error:  # what Python's library raises for some broken mails
            return _refused(found, "broken-mail", f"this mail is broken: {type(error).__name__}: {error}")
        self._save(mail.sheets, settings)
        changed = arrived
        if changed is None and "date" in mail.payload:
            changed = datetime.fromisoformat(mail.payload["date"])
        payload = mail.payload | {"status": status} if status else mail.payload
        return Row(mail.key, payload, changed, place=found.place, file=found.name)

    def _save(self, sheets: Sequence[Sheet], settings: MailStream) -> None:
        """Put attached sheets where a connection for spreadsheets finds them; the same content only once."""
        if settings.save_sheets is None:
            return
        folder = self.folder / settings.save_sheets.expanduser()
        for sheet in sheets:
            target = folder / sheet.file_name
            if target.exists():
                continue
            part = target.with_name(f".{target.name}.{os.getpid()}")
            try:
                part.write_bytes(sheet.data)
                part.replace(target)
            except OSError as error:
                raise Fatal(
                    f"an attached spreadsheet cannot be saved: {error.strerror}",
                    code="cannot-save",
                    field="save_sheets",
                    value=str(folder),
                    expected="a folder that the user who runs Solmu may write to",
                ) from error


def _refused(found: Found, code: str, message: str) -> Unreadable:
    return Unreadable(
        key=hashlib.blake2b(found.data, digest_size=16).hexdigest(),
        payload={"beginning": found.data[:2000].decode("utf-8", "replace"), "size": len(found.data)},
        code=code,
        message=message,
        expected="a mail as RFC 5322 has it",
        place=found.place,
        file=found.name,
    )


def _is_unchanged(before: Mapping[str, Any], state: State) -> bool:
    """Whether nothing happened since: the next number to be given is the one after the last that was read, and no flag
    changed, where the server tells."""
    now = (state.uidvalidity, state.uidnext, state.modseq)
    return now == (before["uidvalidity"], before["uid"] + 1, before["modseq"])


def _status(flags: frozenset[str]) -> str | None:
    """What people did with a mail, by its flags (RFC 3501; `$Junk` as IANA registers it)."""
    if flags & {"$junk", "junk"}:
        return "junk"
    return "answered" if "\\answered" in flags else None


def _is_before(moment: datetime | None, since: date | None) -> bool:
    return moment is not None and since is not None and moment.date() < since


def _moment(stamp_ns: int) -> datetime:
    return datetime.fromtimestamp(stamp_ns / 1e9, UTC)
