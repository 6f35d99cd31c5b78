"""Tokens instead of passwords: an app by itself, and somebody who logs in once for it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.mailbox import OAuthSettings
from connectors.mailbox.oauth import access_token, log_in
from solmu.errors import Fatal, Retriable
from tests.unit.connectors.mailbox.tokens import Provider, provider


@pytest.fixture
def login() -> Iterator[Provider]:
    with provider() as state:
        yield state


def test_an_app_gets_a_token_by_its_secret(login: Provider, tmp_path: Path) -> None:
    oauth = login.oauth("client_credentials", scope="mail/.default")

    assert access_token(oauth, tmp_path, 5) == "t1"
    assert login.asked == [
        {"grant_type": "client_credentials", "client_id": "solmu", "client_secret": "hush", "scope": "mail/.default"}
    ]


def test_somebody_logs_in_once_and_tokens_follow(login: Provider, tmp_path: Path) -> None:
    oauth = login.oauth("device_code")
    said: list[str] = []

    log_in(oauth, tmp_path, 5, said.append)

    assert said == ["Open https://login.example/device and enter the code ABC-123."]
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    assert access_token(oauth, tmp_path, 5) == "t2"
    assert (tmp_path / "token").read_text() == "r2"
    assert access_token(oauth, tmp_path, 5) == "t3"
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600


def test_without_a_login_the_error_says_how_to_log_in(login: Provider, tmp_path: Path) -> None:
    with pytest.raises(Fatal) as raised:
        access_token(login.oauth("device_code"), tmp_path, 5)

    assert raised.value.field == "oauth.token_file"
    assert "solmu connection login" in str(raised.value.expected)


def test_a_login_that_was_withdrawn_is_fatal(login: Provider, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("old")

    with pytest.raises(Fatal) as raised:
        access_token(login.oauth("device_code"), tmp_path, 5)

    assert "invalid_grant" in raised.value.message
    assert (tmp_path / "token").read_text() == "old"


def test_a_login_that_is_declined_keeps_nothing(login: Provider, tmp_path: Path) -> None:
    login.refuses = (400, {"error": "access_denied"})

    with pytest.raises(Fatal):
        log_in(login.oauth("device_code"), tmp_path, 5, lambda _: None)

    assert not (tmp_path / "token").exists()


def test_a_wrong_secret_is_fatal_and_not_repeated_in_the_message(login: Provider, tmp_path: Path) -> None:
    with pytest.raises(Fatal) as raised:
        access_token(login.oauth("client_credentials", client_secret="wrong-secret"), tmp_path, 5)

    assert raised.value.field == "oauth"
    assert "wrong-secret" not in str(raised.value)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_provider_that_is_busy_is_asked_again_later(status: int, login: Provider, tmp_path: Path) -> None:
    login.refuses = (status, {})

    with pytest.raises(Retriable):
        access_token(login.oauth("client_credentials"), tmp_path, 5)


def test_a_provider_that_does_not_answer_is_asked_again_later(login: Provider, tmp_path: Path) -> None:
    with pytest.raises(Retriable):
        access_token(login.oauth("client_credentials", token_url="http://127.0.0.1:9/token"), tmp_path, 5)


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"grant": "client_credentials", "token_url": "https://login.example/t", "client_id": "a"}, "client_secret"),
        ({"grant": "device_code", "token_url": "https://login.example/t", "client_id": "a"}, "device_url"),
        ({"grant": "device_code", "token_url": "http://login.example/t", "client_id": "a"}, "https"),
        ({"grant": "password", "token_url": "https://login.example/t", "client_id": "a"}, "device_code"),
    ],
)
def test_settings_say_what_is_missing(settings: dict[str, str], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        OAuthSettings.model_validate(settings)
