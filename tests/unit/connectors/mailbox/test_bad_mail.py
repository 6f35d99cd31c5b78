"""Mails that are broken, huge or meant to do harm: each lands, or is refused with a reason."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.mailbox import MailboxConnector, MailboxSettings, MailStream
from solmu.exchange import Row, Unreadable
from tests.unit.connectors.mailbox.mails import mail, read

HEAD = b"From: Matti <matti@koepaja.example>\r\nSubject: Laser\r\nMessage-ID: <1@koepaja.example>\r\n"


def land(folder: Path, data: bytes, **settings: Any) -> Row | Unreadable:
    """What becomes of one mail in a file."""
    (folder / "mail.eml").write_bytes(data)
    checked = MailboxSettings.model_validate({"path": "."} | settings)
    with MailboxConnector(name="mail", settings=checked, streams={"mail": MailStream()}, folder=folder) as connector:
        [batch] = connector.read("mail", None)
    [row] = batch.rows
    assert orjson.loads(orjson.dumps(row.payload)) == row.payload
    assert row.place in ("mail.eml", "mail.eml, mail 1")  # the latter for what begins as an mbox does
    return row


def payload_of(data: bytes) -> Mapping[str, Any]:
    payload = read(data).payload
    assert orjson.loads(orjson.dumps(payload)) == payload
    return payload


def cpython_mails() -> list[Path]:
    """The mails by which CPython tests its parser, many of them malformed; installations without tests have none."""
    spec = importlib.util.find_spec("test")
    places = spec.submodule_search_locations if spec is not None else None
    return sorted(Path(places[0], "test_email", "data").glob("*.txt")) if places else []


def test_mails_of_cpython_s_own_tests_land_or_are_refused(tmp_path: Path) -> None:
    for path in cpython_mails():
        row = land(tmp_path, path.read_bytes())

        if isinstance(row, Unreadable):
            assert row.code == "no-mail", path.name
            assert row.message, path.name
            assert row.payload["beginning"], path.name


def test_mails_of_all_their_beginnings_land_or_are_refused(tmp_path: Path) -> None:
    whole = mail("Hello\n", html="<p>Hello</p>", sheet=("list.csv", b"a;b\n" * 20))

    for end in range(0, len(whole), 7):
        land(tmp_path, whole[:end])


def test_a_mail_of_fifty_megabytes_lands_with_its_text(tmp_path: Path) -> None:
    large = mail("Price?", sheet=("list.csv", b"a;b\n" * 9_000_000))
    assert len(large) > 48_000_000

    row = land(tmp_path, large)

    assert isinstance(row, Row)
    assert row.payload["size"] == len(large)
    assert row.payload["text"] == "Price?"
    assert row.payload["attachments"] == [{"name": "list.csv", "type": "application/octet-stream"}]


@pytest.mark.parametrize(("depth", "text"), [(100, "deep down"), (20_000, None)])
def test_nested_multiparts_land_or_are_refused(depth: int, text: str | None, tmp_path: Path) -> None:
    parts = [b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth)]

    row = land(tmp_path, HEAD + b"".join(parts) + b"Content-Type: text/plain\r\n\r\ndeep down\r\n")

    if text is None:
        assert isinstance(row, Unreadable)
        assert row.code == "nested-too-deep"
    else:
        assert row.payload["text"] == text


def test_a_thousand_parts_and_one_more_are_refused(tmp_path: Path) -> None:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"

    row = land(tmp_path, HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + part * 1001 + b"--b--\r\n")

    assert isinstance(row, Unreadable)
    assert "more than 1000 parts" in row.message


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("us-ascii", "Ärjä".encode(), "Ärjä"),
        ("iso-8859-1", "Ärjä".encode(), "Ärjä"),
        ("utf-8", "Ärjä".encode("cp1252"), "Ärjä"),
        ("x-nobody-knows", "Ärjä".encode(), "Ärjä"),
        ("iso-8859-15", "10 €".encode("iso-8859-15"), "10 €"),
        ("iso-2022-jp", "見積".encode("iso-2022-jp"), "見積"),
        ("utf-16", "Ärjä".encode("utf-16"), "Ärjä"),
    ],
)
def test_a_wrong_charset_costs_no_letters(charset: str, data: bytes, text: str) -> None:
    sent = HEAD + f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + data

    assert payload_of(sent)["text"] == text


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (b"=?utf-8?b?w4Ryasok?=", None),
        (b"=?utf-8?q?=C3=84rj=C3=A4?=", "Ärjä"),
        (b"=?x-unknown?q?=C3=84rj=C3=A4?=", "Ärjä"),
        ("Ärjä".encode(), "Ärjä"),
        ("Ärjä".encode("cp1252"), "Ärjä"),
        (b"=?utf-8?b?!!!?=", None),
        (b"a\r\n folded\r\n\tone", "a folded\tone"),
        (b"nul \0 inside", None),
    ],
)
def test_a_broken_subject_still_arrives(subject: bytes, text: str | None) -> None:
    payload = payload_of(b"From: a@koepaja.example\r\nSubject: " + subject + b"\r\n\r\nHello")

    assert payload["text"] == "Hello"
    assert text is None or payload["subject"] == text


@pytest.mark.parametrize(
    "header",
    [
        b'Content-Type: multipart/mixed; boundary=""',
        b"Content-Type: multipart/mixed",
        b"Content-Type: ;;;",
        b"Content-Type: text/plain; charset*=utf-8''%FF; charset=\"",
        b"Content-Type: text/plain; charset*0=us; charset*1=-ascii\r\nX: \xff",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: uuencode",
        b'Content-Disposition: attachment; filename="=?utf-8?b?!?="',
        b"Content-Disposition: attachment; filename*0*=x''%; filename*2=b",
        b"Date: Sat, 99 Foo 99999 99:99:99 +9999",
        b"From: <<<>>>, \"",
        b"Message-ID: " + b"x" * 5000,
        b"To: " + b"a@b.example, " * 5000,
        b"X: \xff\xfe\r\nno colon here",
    ],
)  # fmt: skip
def test_broken_mime_lands(header: bytes) -> None:
    assert payload_of(b"Subject: Laser\r\n" + header + b"\r\n\r\n=== Hello ===")["subject"] == "Laser"


@pytest.mark.parametrize("data", [b"", b"\0" * 1000, b"just a text\nof two lines", b"PK\x03\x04" + bytes(range(256))])
def test_what_is_no_mail_is_refused(data: bytes, tmp_path: Path) -> None:
    row = land(tmp_path, data)

    assert isinstance(row, Unreadable)
    assert (row.code, row.file) == ("no-mail", "mail.eml")
    assert re.search("no mail", row.message)
    assert row.expected


def test_a_mail_that_some_pythons_cannot_take_apart_lands_or_is_refused(tmp_path: Path) -> None:
    row = land(tmp_path, HEAD + b"Content-Type: text/plain; charset*=us-ascii; charset*0*=x\r\n\r\nHello")

    assert isinstance(row, Row) or row.code == "broken-mail"


def test_a_text_that_never_ends_is_cut() -> None:
    assert len(payload_of(HEAD + b"\r\n" + b"word " * 100_000)["text"]) <= 100_000


def test_lines_made_to_take_long_do_not() -> None:
    lines = b"On " + b"a" * 3000 + b"\r\n" + b"wrote " * 3000 + b"\r\n" + b": " * 3000 + b"\r\n" + b"> " * 3000

    payload_of(HEAD + b"\r\n" + lines * 5)
