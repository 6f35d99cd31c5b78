"""Forms for settings: what they ask, what they take, and that no secret passes through them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ConfigDict

from connectors.base import Settings
from solmu.config.connections import load_connection
from solmu.config.connectors import connector_class
from solmu.config.edit import set_settings, set_stream, stamp
from solmu.config.form import entered, entries, filled
from solmu.config.secrets import HIDDEN
from solmu.config.shown import shown_settings
from solmu.errors import ConfigurationError, SolmuError

FILE = """\
# The ERP, synthetic.
connector: sql
direction: source
settings:
  url: sqlite:///erp.db  # beside the hub
  timezone: Europe/Helsinki
streams:
  # whoever bought something
  customers: {query: SELECT * FROM customer, mapping: erp, key: [id]}
"""

Mailbox, Salesforce, Sql = (connector_class(name) for name in ("mailbox", "salesforce", "sql"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "erp.yaml"
    path.write_text(FILE)
    return path


def test_what_somebody_has_to_think_of_comes_first() -> None:
    form = entries(Salesforce.Settings)
    assert [each.path for each in form if each.required] == ["client_id"]
    assert [each.asked for each in form] == sorted((each.asked for each in form), reverse=True)
    assert {each.path: each.shape for each in form}["client_secret"] == "secret"


def test_what_is_entered_gets_the_shape_that_its_setting_has() -> None:
    said = {"client_id": "abc", "timeout_seconds": "30", "allow_duplicates": "yes", "client_secret": "${SECRET}"}
    settings = {"client_id": "abc", "timeout_seconds": 30, "allow_duplicates": True, "client_secret": "${SECRET}"}
    assert entered(Salesforce.Settings, said).settings == settings
    mail = entered(Mailbox.Settings, {"host": "imap.example", "own": "a.example, b.example", "oauth.grant": ""})
    assert mail.settings == {"host": "imap.example", "own": ["a.example", "b.example"]}


@pytest.mark.parametrize("secret", ["hunter2", "postgresql://erp:hunter2@db.example/erp", "${PASSWORD:-hunter2}"])
def test_a_secret_is_refused_and_not_shown_again(secret: str) -> None:
    said = entered(Sql.Settings, {"url": secret})
    assert "url" not in said.settings
    assert "this is a secret" in said.problems["url"]
    shown = filled(entries(Sql.Settings), {"url": secret}, said.problems)
    assert "hunter2" not in str(shown) + str(said.problems)


def test_a_password_in_any_other_setting_is_refused_too() -> None:
    said = entered(Salesforce.Settings, {"client_id": "abc", "login_url": "https://me:hunter2@login.example"})
    assert "this is a secret" in said.problems["login_url"]
    assert "login_url" not in said.settings


def test_a_reference_is_a_secret_and_an_address_without_password_is_none() -> None:
    for reference in ("${ERP_URL}", "file://secrets/erp", "postgresql://erp:${PASSWORD}@db.example/erp"):
        assert entered(Sql.Settings, {"url": reference}).problems == {}
    assert entered(Sql.Settings, {"url": "sqlite:///erp.db"}).problems == {}


def test_each_problem_is_said_of_its_entry() -> None:
    said = entered(Mailbox.Settings, {"host": "imap.example", "port": "many", "oauth.grant": "device_code"})
    assert {"port", "oauth.client_id"} <= set(said.problems)
    assert "(expected: a whole number)" in said.problems["port"]


def test_what_stands_there_in_the_open_is_hidden_and_kept() -> None:
    before = {"client_id": "abc", "client_secret": "hunter2", "username": "${USER:-me}"}
    shown = shown_settings(Salesforce.Settings, before)
    assert shown == {"client_id": "abc", "client_secret": HIDDEN, "username": f"${{USER:-{HIDDEN}}}"}
    said = {each.path: each.text for each in entries(Salesforce.Settings, before)} | {"client_id": "new"}
    assert entered(Salesforce.Settings, said, before).settings == before | {"client_id": "new"}


def test_settings_without_an_entry_stay() -> None:
    class Narrow(Settings):
        model_config = ConfigDict(extra="allow")
        here: str = ""

    assert entered(Narrow, {"here": "a"}, {"there": 1}).settings == {"here": "a", "there": 1}


def test_the_file_keeps_its_comments(file: Path) -> None:
    set_settings(load_connection(file), {"url": "${ERP_URL}"}, {})
    text = file.read_text()
    assert "# The ERP, synthetic." in text
    assert re.search(r"url: \$\{ERP_URL\} +# beside the hub", text)
    assert "timezone" not in text
    assert "# whoever bought something" in text


def test_a_setting_that_is_new_gets_its_comment(file: Path) -> None:
    new = {"url": "sqlite:///erp.db", "timezone": "Europe/Helsinki", "lag": 3}
    set_settings(load_connection(file), new, {"settings.lag": "how late"})
    assert "  # how late\n  lag: 3\n" in file.read_text()


def test_a_stream_is_changed_in_its_place_and_keeps_what_is_the_hubs(file: Path) -> None:
    file.write_text(FILE.replace("mapping: erp,", "mapping: erp, include: [order],"))
    set_stream(load_connection(file), "customers", {"mapping": "other", "query": "SELECT 1", "key": ["id"]})
    stream = load_connection(file).streams["customers"]
    assert (stream.mapping, stream.options, stream.include) == ("other", {"query": "SELECT 1"}, ["order"])


def test_what_another_has_changed_meanwhile_is_not_overwritten(file: Path) -> None:
    connection = load_connection(file)
    seen = stamp(connection)
    set_settings(connection, {"url": "sqlite:///new.db"}, {}, seen=seen)
    with pytest.raises(SolmuError, match="was changed since"):
        set_settings(connection, {"url": "sqlite:///mine.db"}, {}, seen=seen)
    assert "new.db" in file.read_text()


def test_a_change_that_would_break_the_file_is_not_written(file: Path) -> None:
    with pytest.raises(ConfigurationError):
        set_stream(load_connection(file), "no name", {"query": "SELECT 1"}, new=True)
    with pytest.raises(ConfigurationError, match="has a stream 'customers' already"):
        set_stream(load_connection(file), "customers", {"query": "SELECT 1"}, new=True)
    assert file.read_text() == FILE
