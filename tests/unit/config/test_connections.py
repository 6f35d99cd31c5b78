"""A connection is one YAML file; what the hub does not know of a stream is the connector's business."""

from __future__ import annotations

from pathlib import Path

import pytest

from solmu.config import load_hub, write_connection
from solmu.config.connections import load_connection
from solmu.errors import ConfigurationError
from tests.unit.config.conftest import Write, told

CRM = """
connector: salesforce
direction: both
settings: {domain: login}
streams:
  contacts: {mapping: salesforce/contact}
  accounts: {stream: Account, mapping: salesforce/account, direction: source}
  tasks:
    mapping: salesforce/lead-task
    direction: target
    include: [lead]
    exclude: []
    key: [Partner, E-mail]
    page: 200
"""


def test_a_connection_is_read_whole(write: Write) -> None:
    connection = load_connection(write("connections/acme-crm.yaml", CRM))

    assert (connection.name, connection.connector, connection.direction) == ("acme-crm", "salesforce", "both")
    assert connection.enabled
    assert connection.is_source
    assert connection.is_target
    assert connection.settings == {"domain": "login"}
    tasks = connection.streams["tasks"]
    assert (tasks.include, tasks.exclude, tasks.key) == (["lead"], [], ["Partner", "E-mail"])
    assert tasks.options == {"page": 200}
    assert connection.streams["accounts"].stream == "Account"
    assert connection.streams["contacts"].stream == "contacts"
    assert connection.streams["contacts"].include is None


def test_streams_know_whether_they_are_read_or_written(write: Write) -> None:
    connection = load_connection(write("connections/crm.yaml", CRM))

    assert list(connection.source_streams) == ["contacts", "accounts"]
    assert list(connection.target_streams) == ["contacts", "tasks"]


@pytest.mark.parametrize(
    ("text", "line", "message", "expected"),
    [
        ("connector: sql\ndirection: sideways\n", 2, "`direction` cannot be 'sideways'", "source"),
        ("connector: sql\ndirection: source\nsetings: {}\n", 3, "unknown key `setings`", "settings"),
        ("direction: source\n", 1, "`connector` is missing", "the kind of system"),
        ("connector: sql\ndirection: source\nenabled: perhaps\n", 3, "`enabled` cannot be 'perhaps'", "true or false"),
        ("connector: sql\ndirection: source\nstreams:\n  a/b: {}\n", 4, "a stream cannot be called 'a/b'", "letters"),
        (
            "connector: sql\ndirection: source\nstreams:\n  a: {direction: target}\n",
            4,
            "stream a cannot be target: the connection is a source only",
            "source",
        ),
        ("connector: sql\ndirection: source\nstreams:\n  a: {mapping: [x]}\n", 4, "`mapping` cannot be a list", "text"),
        ("connector: sql\ndirection: source\nstreams:\n  a: {include: [leads]}\n", 4, "cannot be 'leads'", "lead"),
        ("connector: sql\ndirection: source\nstreams:\n  a: {key: []}\n", 4, "`key` cannot be a list", "at least 1"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_what_would_be_right(
    write: Write, text: str, line: int, message: str, expected: str
) -> None:
    path = write("connections/erp.yaml", text)

    with pytest.raises(ConfigurationError) as caught:
        load_connection(path)

    assert caught.value.file == str(path)
    assert caught.value.line == line
    assert message in caught.value.message
    assert expected in (caught.value.expected or "")


def test_an_error_names_the_connection(write: Write, hub_folder: Path) -> None:
    write("connections/erp.yaml", "connector: sql\n")

    with pytest.raises(ConfigurationError) as caught:
        load_hub(hub_folder)

    assert caught.value.connection == "erp"


def test_a_connection_is_written_with_comments_and_read_back(hub_folder: Path) -> None:
    document = {
        "connector": "spreadsheet",
        "direction": "source",
        "settings": {"folder": "data"},
        "streams": {"leads": {"files": "*.xlsx", "mapping": "partner-sheet", "key": ["Nr"]}},
    }
    comments = {
        "": "Leads of a dealer.\nMade by hand.",
        "settings.folder": "relative to the hub",
        "streams.leads.key": "frozen when the stream first lands",
    }

    path = write_connection(load_hub(hub_folder), "dealer", document, comments)

    assert path.read_text() == (
        "# yaml-language-server: $schema=../.schemas/connection.json\n"
        "# Leads of a dealer.\n"
        "# Made by hand.\n"
        "connector: spreadsheet\n"
        "direction: source\n"
        "settings:\n"
        "  # relative to the hub\n"
        "  folder: data\n"
        "streams:\n"
        "  leads:\n"
        '    files: "*.xlsx"\n'.replace('"', "'")
        + "    mapping: partner-sheet\n"
        "    # frozen when the stream first lands\n"
        "    key: [Nr]\n"
    )
    assert load_hub(hub_folder).connection("dealer").streams["leads"].key == ["Nr"]


def test_a_connection_that_exists_is_never_written_over(hub_folder: Path) -> None:
    document = {"connector": "memory", "direction": "source"}
    path = write_connection(hub_folder, "crm", document)
    before = path.read_text()

    with pytest.raises(ConfigurationError, match="there is a connection 'crm' already"):
        write_connection(hub_folder, "crm", {**document, "direction": "both"})

    assert path.read_text() == before
    assert [each.name for each in path.parent.iterdir()] == ["crm.yaml"]


def test_a_connection_that_would_not_load_is_not_written(hub_folder: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        write_connection(hub_folder, "crm", {"connector": "memory", "direction": "up", "enabled": 7})

    assert len(told(caught.value)) == 2
    assert list((hub_folder / "connections").iterdir()) == []
    with pytest.raises(ConfigurationError, match="cannot be called"):
        write_connection(hub_folder, "../crm", {"connector": "memory", "direction": "both"})
