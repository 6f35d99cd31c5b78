"""What only a server does: numbering, flags, several folders, large mails, tokens; on a real one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from connectors.mailbox import MailboxConnector, MailboxSettings, MailStream
from solmu.errors import Fatal
from solmu.exchange import Batch, Cursor, Row
from tests.peers import dovecot
from tests.unit.connectors.mailbox.mails import mail
from tests.unit.connectors.mailbox.tokens import Provider, provider

pytestmark = pytest.mark.peer("dovecot")
USERS = itertools.count(1)


@pytest.fixture(scope="module")
def login() -> Iterator[Provider]:
    with provider() as state:
        yield state


@pytest.fixture(scope="module")
def server(login: Provider) -> Iterator[dovecot.Server]:
    with dovecot.running(introspection=login.introspection) as running:
        yield running


@pytest.fixture
def user() -> str:
    return f"somebody{next(USERS)}"


@pytest.fixture
def program(server: dovecot.Server, user: str) -> Iterator[IMAPClient]:
    """The mail program of whoever uses the mailbox."""
    client = IMAPClient("localhost", server.imap_port, ssl=False)
    client.login(user, dovecot.PASSWORD)
    client.select_folder("INBOX")
    yield client
    client.logout()


@contextmanager
def connector(server: dovecot.Server, user: str, stream: dict[str, Any], **more: Any) -> Iterator[MailboxConnector]:
    settings = {
        "host": "localhost",
        "port": server.imaps_port,
        "ca_file": str(server.ca_file),
        "username": user,
        "password": dovecot.PASSWORD,
    }
    checked = MailboxSettings.model_validate(settings | more)
    streams = {"mail": MailStream.model_validate(stream)}
    with MailboxConnector(name="office", settings=checked, streams=streams, folder=server.folder) as opened:
        yield opened


def read(
    server: dovecot.Server,
    user: str,
    cursor: Cursor | None = None,
    *,
    stream: dict[str, Any] | None = None,
    **more: Any,
) -> tuple[list[Row], Cursor | None]:
    with connector(server, user, stream or {}, **more) as opened:
        batches: list[Batch] = list(opened.read("mail", cursor))
    rows = [row for batch in batches for row in batch.rows]
    assert all(isinstance(row, Row) for row in rows)
    cursors = [batch.cursor for batch in batches if batch.cursor is not None]
    return [row for row in rows if isinstance(row, Row)], cursors[-1] if cursors else cursor


def test_delivered_mail_is_read_and_stays_unread(server: dovecot.Server, user: str, program: IMAPClient) -> None:
    server.deliver(user, [mail("Price?")])

    [row], _ = read(server, user)

    assert (row.payload["text"], row.place) == ("Price?", "INBOX, UID 1")
    program.noop()
    assert b"\\Seen" not in program.get_flags([1])[1]
    assert program.folder_status("INBOX", ["UNSEEN"])[b"UNSEEN"] == 1


def test_nothing_new_is_nothing(server: dovecot.Server, user: str) -> None:
    server.deliver(user, [mail("Price?")])
    _, cursor = read(server, user)

    assert read(server, user, cursor) == ([], cursor)


def test_the_last_mail_does_not_come_again_because_a_later_one_was_deleted(
    server: dovecot.Server, user: str, program: IMAPClient
) -> None:
    server.deliver(user, [mail("one"), mail("two", id="2@koepaja.example")])
    _, cursor = read(server, user)
    program.delete_messages([2])
    program.expunge()

    rows, _ = read(server, user, cursor)

    assert [row.payload["text"] for row in rows] in ([], ["one"])  # a change of its flags may bring it
    assert not any(row.payload["text"] == "two" for row in rows)


def test_a_folder_that_is_counted_anew_comes_with_the_same_keys(
    server: dovecot.Server, user: str, program: IMAPClient
) -> None:
    program.create_folder("Myynti/Liidit ä".replace("/", "."))
    folder = "Myynti.Liidit ä"
    program.append(folder, mail("one"))
    program.append(folder, mail("two", id=None))
    first, cursor = read(server, user, stream={"folders": folder})
    assert cursor is not None
    stale = {"folders": {folder: cursor["folders"][folder] | {"uidvalidity": 1, "uid": 77}}}

    again, renewed = read(server, user, stale, stream={"folders": folder})

    assert [(row.key, row.payload) for row in again] == [(row.key, row.payload) for row in first]
    assert len(first) == 2
    assert renewed == cursor


def test_several_folders_are_one_stream_and_a_copy_is_the_same_mail(
    server: dovecot.Server, user: str, program: IMAPClient
) -> None:
    program.create_folder("Sales")
    server.deliver(user, [mail("one")])
    program.select_folder("INBOX")
    program.copy([1], "Sales")
    program.append("Sales", mail("two", id="2@koepaja.example"))

    rows, cursor = read(server, user, stream={"folders": ["INBOX", "Sales"]})

    assert [row.payload["text"] for row in rows] == ["one", "one", "two"]
    assert len({row.key for row in rows}) == 2
    assert cursor is not None
    assert set(cursor["folders"]) == {"INBOX", "Sales"}


def test_a_mail_that_somebody_answers_or_calls_junk_comes_again(
    server: dovecot.Server, user: str, program: IMAPClient
) -> None:
    server.deliver(user, [mail("one"), mail("two", id="2@koepaja.example")])
    _, cursor = read(server, user)
    program.noop()
    program.add_flags([1], [b"\\Answered"])
    program.add_flags([2], [b"$Junk"])

    rows, later = read(server, user, cursor)

    assert {row.payload["text"]: row.payload["status"] for row in rows} == {"one": "answered", "two": "junk"}
    assert read(server, user, later)[0] == []


def test_of_a_large_mail_the_beginning_is_read(server: dovecot.Server, user: str) -> None:
    large = mail("Price?", sheet=("list.csv", b"a;b\n" * 200_000))
    server.deliver(user, [large, mail("small", id="2@koepaja.example")])

    rows, _ = read(server, user, max_bytes=100_000)

    by_text = {row.payload["text"]: row.payload for row in rows}
    assert by_text["Price?"]["size"] > 1_000_000
    assert "sha256" not in by_text["Price?"]["attachments"][0]
    assert "size" not in by_text["small"]


def test_older_mail_can_be_left_out(server: dovecot.Server, user: str) -> None:
    server.deliver(user, [mail("one")])

    assert read(server, user, stream={"since": "2100-01-01"})[0] == []
    assert len(read(server, user, stream={"since": "2024-01-01"})[0]) == 1


def test_attached_sheets_are_put_into_a_folder_once(server: dovecot.Server, user: str, tmp_path: Path) -> None:
    server.deliver(user, [mail(sheet=("liidit.csv", b"a;b\n")), mail(id="2@b.example", sheet=("liidit.csv", b"a;b\n"))])

    read(server, user, stream={"save_sheets": str(tmp_path)})

    [saved] = tmp_path.iterdir()
    assert saved.read_bytes() == b"a;b\n"


def test_a_mailbox_is_opened_with_a_token(server: dovecot.Server, login: Provider, user: str) -> None:
    login.user = user
    server.deliver(user, [mail("Price?")])

    [row], _ = read(server, user, password=None, oauth=login.oauth("client_credentials"))

    assert row.payload["text"] == "Price?"


def test_a_token_of_somebody_else_is_refused(server: dovecot.Server, login: Provider, user: str) -> None:
    login.user = "somebody-else"

    with pytest.raises(Fatal) as raised:
        read(server, user, password=None, oauth=login.oauth("client_credentials"))

    assert (raised.value.code, raised.value.field) == ("login", "oauth")


def test_starttls_is_spoken_too(server: dovecot.Server, user: str) -> None:
    server.deliver(user, [mail("Price?")])

    assert len(read(server, user, tls="starttls", port=server.imap_port)[0]) == 1


def test_without_streams_the_folders_are_offered(server: dovecot.Server, user: str, program: IMAPClient) -> None:
    program.create_folder("Sales")
    with connector(server, user, {}) as opened:
        opened.streams = {}

        assert {info.name for info in opened.discover()} == {"INBOX", "Sales"}
        assert any("Sales" in note for note in opened.check())
