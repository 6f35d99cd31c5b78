"""Secrets are somewhere else; the hub's files only say where, and what is shown or kept has none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from solmu.config import secrets
from solmu.config.secrets import HIDDEN, is_open_secret, redact, remember, resolve, without_secrets
from solmu.errors import ConfigurationError


def test_environment_variables_are_filled_in_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "hush")
    monkeypatch.delenv("DB_HOST", raising=False)

    assert resolve("postgresql://u:${DB_PASSWORD}@${DB_HOST:-localhost}/x") == "postgresql://u:hush@localhost/x"
    assert resolve({"a": ["${DB_PASSWORD}", 5], "b": None}) == {"a": ["hush", 5], "b": None}
    assert resolve("$DB_PASSWORD costs $5") == "$DB_PASSWORD costs $5"


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(ConfigurationError, match="NO_SUCH_THING is not set"):
        resolve("${NO_SUCH_THING}")


def test_a_file_holds_a_secret_without_the_blanks_around_it(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "pem").write_text("\n line one\nline two \n")

    assert resolve(f"file://{tmp_path}/secrets/pem") == "line one\nline two"
    assert resolve("file://secrets/pem", folder=tmp_path) == "line one\nline two"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"the secret in .*/gone cannot be read: no such file"):
        resolve(f"file://{tmp_path}/gone")


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A plug-in for secrets, installed for this process."""
    (tmp_path / "a_vault.py").write_text(
        "def read(name):\n    if name == 'broken':\n        raise OSError('hush')\n    return f'secret of {name}'\n"
    )
    info = tmp_path / "a_vault-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: a-vault\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[solmu.secrets]\nvault = a_vault:read\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    secrets.providers.cache_clear()
    yield
    secrets.providers.cache_clear()


@pytest.mark.usefixtures("vault")
def test_a_plug_in_gives_secrets_under_its_scheme() -> None:
    assert resolve("vault:crm/password") == "secret of crm/password"
    assert resolve("vault-block:crm") == "secret of crm"
    assert resolve("unknown:crm") == "unknown:crm"
    assert not is_open_secret("vault:crm")


@pytest.mark.usefixtures("vault")
def test_a_plug_in_that_fails_is_named_and_what_it_said_is_not() -> None:
    with pytest.raises(ConfigurationError, match=r"vault:broken cannot be read: OSError$"):
        resolve("vault:broken")


def test_a_secret_that_is_written_out_is_told_from_a_reference() -> None:
    assert is_open_secret("hunter2")
    assert is_open_secret("postgresql://u:hunter2@db/x")
    for fine in ("${X}", "file:///run/x", "sqlite:///erp.db", "https://host/x", "", None, 5):
        assert not is_open_secret(fine)


def test_redacting_hides_what_was_read_and_what_is_called_a_secret() -> None:
    remember("s3cr3t-value")
    remember("postgresql://u:p%40ss-word@db/x")

    assert redact("login with s3cr3t-value failed") == f"login with {HIDDEN} failed"
    assert redact("p%40ss-word or p@ss-word") == f"{HIDDEN} or {HIDDEN}"
    assert redact("mysql://bob:other@db/x") == f"mysql://bob:{HIDDEN}@db/x"
    assert redact("api_key=abc123, name=x") == f"api_key={HIDDEN} name=x"
    assert redact("nothing here") == "nothing here"


def test_a_document_without_secrets_keeps_its_references() -> None:
    document = {
        "password": "typed",
        "client_secret": "${X}",
        "url": "db://u:typed@h/x",
        "dsn": "db://u:${PW}@h/x",
        "list": [{"token": "t"}],
        "name": "x",
    }

    assert without_secrets(document) == {
        "password": HIDDEN,
        "client_secret": "${X}",
        "url": f"db://u:{HIDDEN}@h/x",
        "dsn": "db://u:${PW}@h/x",
        "list": [{"token": HIDDEN}],
        "name": "x",
    }
