"""Mail, against a real mail server."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from solmu.config.settings import Smtp
from solmu.errors import Fatal, Retriable
from solmu.notify.message import Message, sample
from solmu.notify.smtp import send
from tests.unit.notify.servers import PASSWORD, USER, mail_server

TEXT = sample("Ääni Oy")
Authority = tuple[Path, ssl.SSLContext]


def settings(port: int, **changes: Any) -> Smtp:
    document = {
        "host": "127.0.0.1",
        "port": port,
        "tls": "none",
        "from": "solmu@acme.example",
        "to": ["ops@acme.example", "boss@acme.example"],
        "timeout_seconds": 5,
    }
    return Smtp.model_validate(document | changes)


def by_login(port: int, authority: Path, **changes: Any) -> Smtp:
    login = {"tls": "starttls", "ca_file": str(authority), "username": USER, "password": "${PASSWORD}"}
    return settings(port, **{**login, **changes})


def deliver(one: Smtp, text: Message = TEXT, *, password: str | None = None) -> None:
    send(one, text, password=password, folder=Path())


def test_a_mail_arrives_at_all_recipients_as_what_it_is() -> None:
    with mail_server() as (post, port):
        deliver(settings(port))
    (mail,) = post.mails
    assert post.envelopes[0].rcpt_tos == ["ops@acme.example", "boss@acme.example"]
    assert post.envelopes[0].mail_from == mail["From"] == "solmu@acme.example"
    assert mail["Subject"] == "[Ääni Oy] a test message"
    assert mail["To"] == "ops@acme.example, boss@acme.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@acme.example>")
    assert mail["Date"].datetime.utcoffset() is not None
    assert mail.get_content().splitlines() == list(TEXT.lines)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_login_goes_over_an_encrypted_line_only(tls: str, authority: Authority) -> None:
    with mail_server(authority[1], implicit=tls == "implicit") as (post, port):
        deliver(by_login(port, authority[0], tls=tls), password=PASSWORD)
    assert len(post.mails) == 1
    assert post.logged_in_as == [USER]
    if tls == "starttls":
        assert post.encrypted


def test_a_wrong_password_is_refused_once_and_not_told(authority: Authority) -> None:
    with mail_server(authority[1]) as (post, port), pytest.raises(Fatal) as refused:
        deliver(by_login(port, authority[0]), password="a-wrong-one")
    assert (refused.value.code, post.mails) == ("not-let-in", [])
    assert len(post.logged_in_as) <= 2  # by PLAIN and by LOGIN; wrong passwords lock accounts
    assert "a-wrong-one" not in str(refused.value)


def test_a_server_that_nobody_vouches_for_gets_no_password(authority: Authority, expect_errors: list[Any]) -> None:
    with mail_server(authority[1]) as (post, port), pytest.raises(Fatal) as refused:
        deliver(by_login(port, authority[0], ca_file=None), password=PASSWORD)
    assert refused.value.code == "certificate"
    assert "ca_file" in str(refused.value)
    assert post.logged_in_as == []


def test_a_server_that_does_not_offer_encryption_gets_nothing() -> None:
    with mail_server() as (post, port), pytest.raises(Fatal) as refused:
        deliver(settings(port, tls="starttls"))
    assert (refused.value.code, post.mails) == ("not-supported", [])


def test_a_greylisting_server_is_tried_again_with_the_same_mail() -> None:
    with mail_server() as (post, port):
        post.answers = ["451 come back later", "421 busy"]
        deliver(settings(port))
    assert len(post.mails) == 1
    with mail_server() as (post, port):
        post.answers = ["451 come back later"] * 9
        with pytest.raises(Retriable) as later:
            deliver(settings(port))
    assert (len(post.answers), later.value.message) == (6, "the mail server refuses the message (SMTP 451)")


def test_a_server_that_refuses_is_not_asked_twice() -> None:
    with mail_server() as (post, port):
        post.answers = ["554 spam", "554 spam"]
        with pytest.raises(Fatal, match="SMTP 554"):
            deliver(settings(port))
    assert len(post.answers) == 1


def test_one_recipient_who_is_refused_keeps_the_mail_from_nobody_else() -> None:
    with mail_server() as (post, port):
        post.refused = {"boss@acme.example"}
        with pytest.raises(Fatal, match="1 of 2 recipients"):
            deliver(settings(port))
    assert len(post.mails) == 1
    with mail_server() as (post, port):
        post.refused = {"boss@acme.example", "ops@acme.example"}
        with pytest.raises(Fatal, match="2 of 2 recipients") as refused:
            deliver(settings(port))
    assert "boss" not in str(refused.value)


def test_a_server_that_hangs_is_left_alone_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(Retriable, match="no answer in time"):
            deliver(settings(silent.getsockname()[1], timeout_seconds=0.2))
        assert time.monotonic() - began < 30


def test_a_server_that_is_not_there_is_tried_three_times() -> None:
    tried: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def close_at_once() -> None:
            for _ in range(3):
                door.accept()[0].close()
                tried.append(1)

        thread = threading.Thread(target=close_at_once)
        thread.start()
        with pytest.raises(Retriable, match="could not be had"):
            deliver(settings(door.getsockname()[1]))
        thread.join()
    assert len(tried) == 3


def test_a_missing_authority_says_which_setting(tmp_path: Path) -> None:
    with pytest.raises(Fatal) as wrong:
        send(settings(1, tls="starttls", ca_file="ca.pem"), TEXT, password=None, folder=tmp_path)
    assert wrong.value.field == "notify.smtp.ca_file"
