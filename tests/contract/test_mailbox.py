"""Mailboxes keep the contract of a connector: maildirs, folders of .eml files, and a server that others wrote."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from connectors.base import Connector
from connectors.mailbox import MailboxConnector, MailboxSettings, MailStream
from solmu.exchange import Payload
from tests.contract import suite
from tests.contract.system import System, Wrong
from tests.peers import dovecot, mail_devel

DATE = datetime(2024, 7, 1, 7, 0, tzinfo=UTC)
USERS = itertools.count(1)


@pytest.fixture(scope="module")
def dovecot_server() -> Iterator[dovecot.Server]:
    with dovecot.running() as server:
        yield server


@pytest.fixture(scope="module")
def mail_devel_server() -> Iterator[mail_devel.Server]:
    with mail_devel.running() as server:
        yield server


class MailSystem(System):
    """A mailbox. A mail's subject is the record's name, its text the note; whoever changes it saves it anew."""

    stream = "enquiries"
    name_field = "subject"
    note_field = "text"
    many = 2_500
    more_than_a_batch = 450
    settings: dict[str, Any]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sent: dict[str, Payload] = {}

    @contextmanager
    def connect(self, **settings: Any) -> Iterator[Connector]:
        stream = MailStream.model_validate(settings.pop("stream", {}))
        checked = MailboxSettings.model_validate(self.settings | settings)
        with MailboxConnector(
            name="mail", settings=checked, streams={self.stream: stream}, folder=self.folder
        ) as connector:
            yield connector

    def add(self, payloads: Sequence[Payload]) -> list[str]:
        numbers = itertools.count(len(self.sent) + 1)
        keys = [f"{next(numbers)}@sender.example|{DATE.isoformat()}" for _ in payloads]
        self.sent |= dict(zip(keys, payloads, strict=True))
        self.deliver(keys)
        return keys

    def add_with_one_stamp(self, payloads: Sequence[Payload]) -> list[str]:
        return self.add(payloads)  # all have the same date

    def add_late(self, payload: Payload) -> str:
        [key] = self.add([payload])
        return key

    def change(self, key: str, note: str) -> None:
        self.remove(key)
        self.sent[key] = self.sent[key] | {self.note_field: note}
        self.deliver([key])

    def deliver(self, keys: Sequence[str]) -> None:
        raise NotImplementedError

    def bytes_of(self, key: str) -> bytes:
        payload = self.sent[key]
        subject = base64.b64encode(payload[self.name_field].encode()).decode()
        head = [
            "From: Somebody <somebody@sender.example>",
            f"Date: {DATE:%a, %d %b %Y %H:%M:%S +0000}",
            f"Message-ID: <{key.partition('|')[0]}>",
            f"Subject: =?utf-8?b?{subject}?=",
            "Content-Type: text/plain; charset=utf-8",
        ]
        return "\r\n".join([*head, "", payload[self.note_field] or ""]).encode()


class FileSystem(MailSystem):
    """Mails in files, one each."""

    ending = ""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.settings = {"path": "mail"}
        self.place = folder / "mail"
        self.place.mkdir()

    def wrong_settings(self) -> Sequence[Wrong]:
        return [
            Wrong("a path where nothing is", {"path": "nowhere"}, "path"),
            Wrong("a path and a server", {"host": "mail.example", "username": "a", "password": "b"}, "path"),
            Wrong("a setting that does not exist", {"paht": "x"}, "paht"),
            Wrong("a folder for sheets that is not there", {"stream": {"save_sheets": "nowhere"}}, "save_sheets"),
        ]

    def deliver(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.file(key).write_bytes(self.bytes_of(key))

    def file(self, key: str) -> Path:
        return self.place / (key.partition("@")[0] + self.ending)

    def remove(self, key: str) -> None:
        self.file(key).unlink()


class EmlSystem(FileSystem):
    ending = ".eml"


class MaildirSystem(FileSystem):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for part in ("cur", "new", "tmp"):
            (self.place / part).mkdir()

    def wrong_settings(self) -> Sequence[Wrong]:
        return [*super().wrong_settings(), Wrong("no such folder", {"stream": {"folders": "Sales"}}, "folders")]

    def file(self, key: str) -> Path:
        return self.place / "new" / key.partition("@")[0]


class ServerSystem(MailSystem):
    """A mailbox on a server; people use it with a mail program of their own."""

    def __init__(self, folder: Path, user: str, password: str, port: int) -> None:
        super().__init__(folder)
        self.user, self.password, self.port = user, password, port
        self.settings = {"host": "localhost", "port": port, "tls": "none", "username": user, "password": password}

    def wrong_settings(self) -> Sequence[Wrong]:
        return [
            Wrong("a server that is not there", {"host": "mail.invalid", "tls": "starttls"}, "host"),
            Wrong("a port that nobody listens on", {"port": dovecot.free_port()}, "port"),
            Wrong("a port without TLS", {"tls": "implicit"}, "tls"),
            Wrong("a wrong password", {"password": "wrong"}, "password"),
            Wrong("no password", {"password": None}, "password"),
            Wrong("a folder that is not there", {"stream": {"folders": ["INBOX", "Sales"]}}, "folders"),
            Wrong("a password in the clear", {"host": "mail.example"}, "tls"),
        ]

    @contextmanager
    def program(self) -> Iterator[IMAPClient]:
        client = IMAPClient("localhost", self.port, ssl=False)
        client.login(self.user, self.password)
        client.select_folder("INBOX")
        yield client
        client.logout()

    def deliver(self, keys: Sequence[str]) -> None:
        with self.program() as program:
            for start in range(0, len(keys), 500):
                program.multiappend("INBOX", [self.bytes_of(key) for key in keys[start : start + 500]])

    def add_late(self, payload: Payload) -> str:
        key = f"{len(self.sent) + 1}@sender.example|{DATE.isoformat()}"
        self.sent[key] = payload
        with self.program() as program:
            program.append("INBOX", self.bytes_of(key), msg_time=datetime.now(UTC) - timedelta(hours=1))
        return key

    def remove(self, key: str) -> None:
        with self.program() as program:
            program.delete_messages(program.search(["HEADER", "Message-ID", key.partition("|")[0]]))
            program.expunge()


class DovecotSystem(ServerSystem):
    """A mailbox on Dovecot, over TLS."""

    def __init__(self, folder: Path, user: str, server: dovecot.Server) -> None:
        super().__init__(folder, user, dovecot.PASSWORD, server.imap_port)
        self.settings |= {"port": server.imaps_port, "tls": "implicit", "ca_file": str(server.ca_file)}

    def wrong_settings(self) -> Sequence[Wrong]:
        return [
            *(wrong for wrong in super().wrong_settings() if wrong.field != "tls"),
            Wrong("a port without TLS", {"port": self.port}, "tls"),
            Wrong("a certificate of an unknown authority", {"ca_file": None}, "ca_file"),
            Wrong("an authority that is no file", {"ca_file": "nowhere.pem"}, "ca_file"),
        ]


class Mails(suite.Connects, suite.Reads, suite.ReadsChanges):
    pass


class TestEmlFiles(Mails):
    @pytest.fixture
    def system(self, tmp_path: Path) -> System:
        return EmlSystem(tmp_path)


class TestMaildir(Mails):
    @pytest.fixture
    def system(self, tmp_path: Path) -> System:
        return MaildirSystem(tmp_path)


@pytest.mark.peer("dovecot")
class TestDovecot(Mails):
    @pytest.fixture
    def system(self, tmp_path: Path, dovecot_server: dovecot.Server) -> System:
        return DovecotSystem(tmp_path, f"user{next(USERS)}", dovecot_server)


@pytest.mark.peer("mail_devel")
class TestMailDevel(Mails):
    @pytest.fixture
    def system(self, tmp_path: Path, mail_devel_server: mail_devel.Server) -> System:
        user = f"user{next(USERS)}@ourfirm.example"
        system = ServerSystem(tmp_path, user, mail_devel.PASSWORD, mail_devel_server.imap_port)
        system.many = 1_000  # it is written in Python
        return system
