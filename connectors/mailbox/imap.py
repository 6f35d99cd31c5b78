"""Mail on an IMAP server, looked at and never touched: folders are opened by EXAMINE, mails fetched by BODY.PEEK."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from connectors.mailbox.files import HEAD
from connectors.mailbox.oauth import access_token
from connectors.mailbox.settings import MailboxSettings
from solmu.errors import Fatal, Retriable

_AT_ONCE = 8_000_000  # bytes of mail in one answer, unless one mail alone has more
_LATER = ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CONTACTADMIN", "throttl", "too many", "Temporary")

_OTHER_NAME = (62, 64)  # OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH


@dataclass(frozen=True, slots=True)
class State:
    """A folder as opened. ``modseq`` is its HIGHESTMODSEQ where the server has CONDSTORE (RFC 7162)."""

    uidvalidity: int
    uidnext: int | None
    modseq: int | None


@dataclass(frozen=True, slots=True)
class Message:
    """One mail, or the beginning of ``size`` bytes; ``size`` is None for a whole one. ``flags`` are read only where the
    server tells of their changes, in lower case."""

    uid: int
    data: bytes
    size: int | None
    received: datetime | None
    flags: frozenset[str] = frozenset()


class Session:
    """A login to a server. Its errors are ours."""

    def __init__(self, settings: MailboxSettings, folder: Path) -> None:
        """Connect and log in. ``folder`` is where relative paths of the settings start."""
        self._settings = settings
        self._folder = folder
        with self._talking():
            self._client = self._connected()
        try:
            self._log_in()
            with self._talking():
                self._has_condstore = bool(self._client.has_capability("CONDSTORE"))
                if self._has_condstore and self._client.has_capability("ENABLE"):
                    self._client.enable("CONDSTORE")  # some servers only begin to count changes when asked
        except BaseException:
            with suppress(Exception):
                self._client.shutdown()
            raise

    def close(self) -> None:
        """Log out, if the server still listens."""
        with suppress(Exception):
            self._client.logout()

    def folders(self) -> list[str]:
        """The folders that can be opened."""
        with self._talking():
            found = self._client.list_folders()
        return [str(name) for flags, _, name in found if b"\\Noselect" not in flags and b"\\NonExistent" not in flags]

    def open(self, folder: str) -> State:
        """Open a folder for reading only. Raises Fatal where there is none such.

        Its state comes with the opening: STATUS may be out of date for a folder that is open (RFC 3501, 6.3.10).
        """
        from imapclient.exceptions import IMAPClientError

        with self._talking():
            try:
                answer = self._client.select_folder(folder, readonly=True)
            except IMAPClientError as error:
                self._if_missing(folder, error)
                raise
        return State(int(answer[b"UIDVALIDITY"]), answer.get(b"UIDNEXT"), answer.get(b"HIGHESTMODSEQ"))

    def after(self, uid: int, since: date | None) -> list[int]:
        """The UIDs of the open folder above ``uid``, in order."""
        criteria: list[Any] = ["UID", f"{uid + 1}:*"]
        with self._talking():
            found = self._client.search(criteria + (["SINCE", since] if since else []))
        # n:* is the last mail even where its UID is below n (RFC 3501, 6.4.8).
        return sorted(each for each in found if each > uid)

    def changed(self, uid: int, modseq: int) -> list[int]:
        """The UIDs of the open folder up to ``uid`` whose flags changed after ``modseq``, where there is CONDSTORE."""
        with self._talking():
            found = self._client.search(["UID", f"1:{uid}", "MODSEQ", str(modseq + 1)])
        return sorted(each for each in found if each <= uid)

    def fetch(self, uids: Sequence[int], max_bytes: int) -> Iterator[Message]:
        """The mails of those UIDs; one that is gone by now is left out."""
        wanted = ["RFC822.SIZE", "INTERNALDATE"] + ["FLAGS"] * self._has_condstore
        with self._talking():
            about = self._client.fetch(uids, wanted)
        sizes = {uid: int(about[uid].get(b"RFC822.SIZE", 0)) for uid in uids if uid in about}
        for some in _groups({uid: size for uid, size in sizes.items() if size <= max_bytes}):
            with self._talking():
                answer = self._client.fetch(some, ["BODY.PEEK[]"])
            for uid in some:
                data = answer.get(uid, {}).get(b"BODY[]")
                if data is not None:
                    yield _message(uid, data, None, about[uid])
        for uid, size in sizes.items():
            if size > max_bytes:
                with self._talking():
                    answer = self._client.fetch([uid], [f"BODY.PEEK[]<0.{HEAD}>"])
                data = answer.get(uid, {}).get(b"BODY[]<0>")
                if data is not None:
                    yield _message(uid, data, size, about[uid])

    def _connected(self) -> Any:
        from imapclient import IMAPClient

        settings = self._settings
        implicit = settings.tls == "implicit"
        context = None
        if settings.tls != "none":
            try:
                context = ssl.create_default_context(cafile=self._ca_file())
            except (OSError, ssl.SSLError) as error:
                raise Fatal(
                    "the certificate of the authority cannot be read",
                    code="bad-certificate",
                    field="ca_file",
                    value=str(settings.ca_file),
                    expected="a PEM file",
                ) from error
        client = IMAPClient(
            settings.host,
            port=settings.port_of_server,
            ssl=implicit,
            ssl_context=context if implicit else None,
            timeout=settings.timeout_seconds,
        )
        client.normalise_times = False
        if settings.tls == "starttls":
            client.starttls(context)
        return client

    def _ca_file(self) -> str | None:
        given = self._settings.ca_file
        return None if given is None else str(self._folder / given.expanduser())

    def _log_in(self) -> None:
        from imapclient.exceptions import LoginError

        settings = self._settings
        token = None
        if settings.oauth is not None:
            token = access_token(settings.oauth, self._folder, settings.timeout_seconds)
        with self._talking():
            try:
                if token is not None:
                    self._client.oauth2_login(settings.username, token)
                elif settings.password is not None:
                    self._client.login(settings.username, settings.password.get_secret_value())
            except LoginError as error:
                if _may_pass(error):
                    raise
                raise Fatal(
                    "the server refuses the login",
                    code="login",
                    field="oauth" if token else "password",
                    expected="the mailbox's username, and its password or an app password; or `oauth`, where the"
                    " provider takes no passwords",
                ) from error

    def _if_missing(self, folder: str, error: Exception) -> None:
        """Raises Fatal with the folders that there are, unless this is one of them."""
        names = self.folders()
        if folder not in names and folder.upper() != "INBOX":
            raise Fatal(
                f"the mailbox has no folder {folder!r}",
                code="no-folder",
                field="folders",
                value=folder,
                expected=", ".join(names),
            ) from error

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """Errors of the line and of the server as ours."""
        from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

        host = self._settings.host
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            raise Fatal(
                f"the server's certificate is not to be trusted: {error.verify_message}",
                code="bad-certificate",
                field="host" if error.verify_code in _OTHER_NAME else "ca_file",
                expected="the name that is in the certificate; for an authority of one's own, its PEM as `ca_file`",
            ) from error
        except ssl.SSLError as error:
            raise Fatal(
                f"the server does not speak TLS here: {error.reason or 'handshake failed'}",
                code="no-tls",
                field="tls",
                expected="implicit (port 993) or starttls (port 143)",
            ) from error
        except (socket.gaierror, ConnectionRefusedError) as error:
            refused = isinstance(error, ConnectionRefusedError)
            where = f"{host}, port {self._settings.port_of_server}" if refused else host
            raise Retriable(
                f"nothing answers at {where}: {error.strerror}",
                code="server-away",
                field="port" if refused else "host",
                value=host,
                expected="the IMAP server's name and port, such as imap.example.com:993",
            ) from error
        except (OSError, IMAPClientAbortError) as error:
            raise Retriable(f"the server broke off: {error}", code="server-away", field="host") from error
        except IMAPClientError as error:
            kind = Retriable if _may_pass(error) else Fatal
            raise kind(f"the server refuses: {error}", code="server-refuses", field="host") from error


def _message(uid: int, data: bytes, size: int | None, about: dict[bytes, Any]) -> Message:
    flags = frozenset(flag.decode("ascii", "replace").lower() for flag in about.get(b"FLAGS", ()))
    return Message(uid, data, size, _utc(about.get(b"INTERNALDATE")), flags)


def _may_pass(error: Exception) -> bool:
    return any(word.lower() in str(error).lower() for word in _LATER)


def _groups(sizes: dict[int, int]) -> Iterator[list[int]]:
    """UIDs in order, as many together as fit in one answer."""
    group: list[int] = []
    total = 0
    for uid, size in sizes.items():
        if group and total + size > _AT_ONCE:
            yield group
            group, total = [], 0
        group.append(uid)
        total += size
    if group:
        yield group


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
