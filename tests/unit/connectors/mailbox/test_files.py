"""Mail in files: maildirs, .eml files and mbox files, which stay as they are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.mailbox import MailboxConnector, MailboxSettings, MailStream
from solmu.config.questions import problem_with
from solmu.errors import Fatal
from solmu.exchange import Batch, Cursor, Row
from tests.unit.connectors.mailbox.mails import mail


def batches(folder: Path, cursor: Cursor | None = None, *, path: str = ".", **stream: Any) -> list[Batch]:
    settings = MailboxSettings.model_validate({"path": path})
    streams = {"mail": MailStream.model_validate(stream)}
    with MailboxConnector(name="mail", settings=settings, streams=streams, folder=folder) as connector:
        return list(connector.read("mail", cursor))


def texts(read: list[Batch]) -> list[str]:
    return [row.payload["text"] for batch in read for row in batch.rows if isinstance(row, Row)]


def maildir(folder: Path) -> Path:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    return folder


def mbox(*mails: bytes) -> bytes:
    return b"".join(
        b"From somebody Mon Jul  1 10:00:00 2024\n" + each.replace(b"\r\n", b"\n") + b"\n" for each in mails
    )


def test_a_maildir_is_read_in_both_its_parts(tmp_path: Path) -> None:
    maildir(tmp_path)
    (tmp_path / "cur" / "1:2,S").write_bytes(mail("one"))
    (tmp_path / "new" / "2").write_bytes(mail("two", id="2@a.example"))
    (tmp_path / "tmp" / "3").write_bytes(mail("still on its way", id="3@a.example"))

    assert sorted(texts(batches(tmp_path))) == ["one", "two"]


def test_folders_of_a_maildir_are_named(tmp_path: Path) -> None:
    maildir(tmp_path)
    (maildir(tmp_path / ".Sales") / "new" / "1").write_bytes(mail("one"))
    (maildir(tmp_path / "Service") / "new" / "1").write_bytes(mail("two", id="2@a.example"))

    assert texts(batches(tmp_path)) == []
    assert sorted(texts(batches(tmp_path, folders=["Sales", "Service"]))) == ["one", "two"]
    with pytest.raises(Fatal) as raised:
        batches(tmp_path, folders="Sale")
    assert raised.value.expected == "INBOX, Sales, Service"


def test_a_mail_that_was_only_looked_at_is_the_same_mail(tmp_path: Path) -> None:
    maildir(tmp_path)
    (tmp_path / "new" / "1").write_bytes(mail("one"))
    first = batches(tmp_path)
    (tmp_path / "new" / "1").rename(tmp_path / "cur" / "1:2,S")

    for batch in batches(tmp_path, first[-1].cursor):
        assert [(row.key, row.payload) for row in batch.rows] == [(row.key, row.payload) for row in first[0].rows]


def test_a_mail_that_was_copied_in_with_an_old_stamp_is_not_missed(tmp_path: Path) -> None:
    (tmp_path / "new.eml").write_bytes(mail("one"))
    cursor = batches(tmp_path)[-1].cursor
    (tmp_path / "old.eml").write_bytes(mail("two", id="2@a.example"))
    os.utime(tmp_path / "old.eml", (0, 0))

    assert "two" in texts(batches(tmp_path, cursor))


def test_an_mbox_is_many_mails(tmp_path: Path) -> None:
    (tmp_path / "old.mbox").write_bytes(mbox(mail("one"), mail("two", id="2@a.example")))

    read = batches(tmp_path)

    assert texts(read) == ["one", "two"]
    assert [row.place for row in read[0].rows] == ["old.mbox, mail 1", "old.mbox, mail 2"]
    assert batches(tmp_path, read[-1].cursor) == []


def test_an_mbox_that_grew_is_read_again_with_the_same_keys(tmp_path: Path) -> None:
    box = tmp_path / "old.mbox"
    box.write_bytes(mbox(mail("one")))
    first = batches(tmp_path, path="old.mbox")
    box.write_bytes(mbox(mail("one"), mail("two", id="2@a.example")))

    again = batches(tmp_path, first[-1].cursor, path="old.mbox")

    assert texts(again) == ["one", "two"]
    assert again[0].rows[0] == first[0].rows[0]


def test_nothing_is_changed_by_reading(tmp_path: Path) -> None:
    maildir(tmp_path / "box")
    (tmp_path / "box" / "new" / "1").write_bytes(mail("one"))
    (tmp_path / "box" / "old.mbox").write_bytes(mbox(mail("two")))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    batches(tmp_path, path="box")
    batches(tmp_path, path="box/old.mbox")

    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_patterns_choose_files(tmp_path: Path) -> None:
    (tmp_path / "2024").mkdir()
    (tmp_path / "2024" / "a.eml").write_bytes(mail("one"))
    (tmp_path / "b.EML").write_bytes(mail("two", id="2@a.example"))

    assert sorted(texts(batches(tmp_path))) == ["one", "two"]
    assert texts(batches(tmp_path, folders="2024/*.eml")) == ["one"]


def test_older_mail_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "old.mbox").write_bytes(mbox(mail("one"), mail("two", id="2", date="Fri, 05 Jul 2024 10:00:00 +0000")))
    (tmp_path / "a.eml").write_bytes(mail("three", id="3@a.example"))
    os.utime(tmp_path / "a.eml", (0, 0))

    assert texts(batches(tmp_path, since="2024-07-03")) == ["two"]


def test_a_path_that_went_away_is_fatal(tmp_path: Path) -> None:
    maildir(tmp_path / "box")
    batches(tmp_path, path="box")
    shutil.rmtree(tmp_path / "box")

    with pytest.raises(Fatal) as raised:
        batches(tmp_path, path="box")
    assert (raised.value.field, raised.value.connection) == ("path", "mail")


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({}, "host"),
        ({"path": ".", "host": "mail.example"}, "path"),
        ({"host": "mail.example"}, "username"),
        ({"host": "mail.example", "username": "a"}, "password"),
        ({"host": "mail.example", "username": "a", "password": "b", "tls": "none"}, "in the clear"),
        ({"path": ".", "country": "Finland"}, "country"),
    ],
)
def test_settings_say_what_is_missing(settings: dict[str, str], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        MailboxSettings.model_validate(settings)


def test_a_template_names_known_meanings_only() -> None:
    with pytest.raises(ValidationError, match="organisation"):
        MailStream.model_validate({"forms": [{"labels": {"organization": ["Yhtiö"]}}]})


def test_a_host_may_be_written_with_its_port() -> None:
    settings = {"username": "sales", "password": "secret", "tls": "none"}
    found = MailboxSettings.model_validate({**settings, "host": "localhost:1143"})
    assert (found.host, found.port_of_server) == ("localhost", 1143)
    assert MailboxSettings.model_validate({**settings, "host": "::1"}).port_of_server == 143
    with pytest.raises(ValueError, match="say it once"):
        MailboxSettings.model_validate({**settings, "host": "localhost:1143", "port": 993})


def test_what_a_setting_takes_is_said_in_words() -> None:
    told = problem_with(MailboxSettings, {"country": "fi"}, "country")
    assert told == "`country` cannot be 'fi' (expected: the two capital letters of a country, such as FI or DE)"
