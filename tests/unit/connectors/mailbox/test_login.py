"""The command that logs in for a mailbox, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.mailbox.__main__ import main
from tests.unit.connectors.mailbox.tokens import provider


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    (tmp_path / "hub.yaml").write_text("name: Test\n")
    (tmp_path / "connections").mkdir()
    return tmp_path


def test_somebody_logs_in_with_a_code(hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with provider() as login:
        (hub / "connections" / "office.yaml").write_text(
            "connector: mailbox\ndirection: source\nsettings:\n  host: mail.example\n  username: anna@ourfirm.example\n"
            f"  oauth: {{grant: device_code, client_id: solmu, token_url: '{login.url}/token',"
            f" device_url: '{login.url}/device', token_file: office.token}}\n"
            "streams:\n  enquiries: {mapping: mail-enquiry}\n"
        )

        assert main(["office", str(hub)]) == 0

    assert "enter the code ABC-123" in capsys.readouterr().out
    assert (hub / "office.token").read_text() == "r1"


def test_a_mailbox_with_files_needs_no_login(hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (hub / "connections" / "office.yaml").write_text(
        "connector: mailbox\ndirection: source\nsettings: {path: mail}\nstreams: {enquiries: {mapping: mail-enquiry}}\n"
    )

    assert main(["office", str(hub)]) == 1
    assert "device_code" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["a", "b", "c"]])
def test_a_wrong_command_line_shows_the_right_one(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage" in capsys.readouterr().err


def test_a_connection_that_is_not_there_is_named(hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["offise", str(hub)]) == 2
    assert "offise" in capsys.readouterr().err
