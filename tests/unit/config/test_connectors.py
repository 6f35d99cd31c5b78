"""Connectors are plug-ins: found by name, and given settings that are checked and have their secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from solmu.config import connectors, load_hub
from solmu.config.connectors import connector_class, connector_names, open_connector
from solmu.config.secrets import HIDDEN, redact
from solmu.errors import ConfigurationError, Fatal
from tests.unit.config.conftest import Write, told


class ToasterSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")
    host: str = Field(description="where it is")
    password: SecretStr = SecretStr("none")
    retries: int = 3

    @model_validator(mode="after")
    def _lucky(self) -> Self:
        if self.retries == 13:
            raise ValueError("thirteen brings bad luck")
        return self


class ToasterStream(BaseModel):
    model_config = ConfigDict(extra="forbid")
    key: tuple[str, ...] = ()
    stream: str = ""
    page: int = 100


class Opened:
    Settings = ToasterSettings
    StreamSettings = ToasterStream

    def __init__(
        self, *, name: str, settings: ToasterSettings, streams: Mapping[str, ToasterStream], folder: Path
    ) -> None:
        self.name, self.settings, self.streams, self.folder = name, settings, streams, folder


@pytest.fixture(autouse=True)
def plugged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This module's connector as the plug-in `toaster`, and one that is broken."""
    info = tmp_path / "toaster-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toaster\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        f"[solmu.connectors]\ntoaster = {__name__}:Opened\nbroken = no_such_module:Nothing\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    connectors._entry_points.cache_clear()
    yield
    connectors._entry_points.cache_clear()


def test_a_connector_is_found_by_name() -> None:
    assert connector_class("toaster") is Opened
    assert {"memory", "sql", "spreadsheet", "toaster"} <= set(connector_names())


def test_an_unknown_connector_is_told_with_the_nearest_and_a_broken_one_as_broken() -> None:
    with pytest.raises(ConfigurationError, match="there is no connector 'toster'") as caught:
        connector_class("toster")
    assert (caught.value.expected or "").startswith("toaster")

    with pytest.raises(Fatal, match="the connector broken cannot be loaded"):
        connector_class("broken")


def test_a_connection_is_opened_with_checked_settings(
    write: Write, hub_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOASTER_PASSWORD", "crumbs-and-butter")
    write(
        "connections/kitchen.yaml",
        "connector: toaster\ndirection: source\nsettings: {host: here, password: '${TOASTER_PASSWORD}'}\n"
        "streams:\n  bread: {stream: Slice, key: [Nr], mapping: m, page: 5}\n  rolls: {}\n",
    )
    hub = load_hub(hub_folder)

    opened = open_connector(hub, hub.connection("kitchen"))

    assert isinstance(opened, Opened)
    assert (opened.name, opened.folder) == ("kitchen", hub_folder)
    assert opened.settings.password.get_secret_value() == "crumbs-and-butter"
    assert opened.streams["bread"] == ToasterStream(key=("Nr",), stream="Slice", page=5)
    assert opened.streams["rolls"] == ToasterStream(stream="rolls")
    assert redact("denied: crumbs-and-butter") == f"denied: {HIDDEN}"


@pytest.mark.parametrize(
    ("settings", "streams", "line", "message", "expected"),
    [
        ("{hots: x}", "{}", 3, "unknown key `hots`", "host"),
        ("{}", "{}", 3, "`host` is missing", "where it is"),
        ("{host: x, retries: often}", "{}", 3, "`retries` cannot be 'often'", "a whole number"),
        ("{host: x, password: hunter2}", "{}", 3, "`password` is a secret and stands here", "${PASSWORD}"),
        ("{host: '${NO_SUCH_THING}'}", "{}", 3, "NO_SUCH_THING is not set", "NO_SUCH_THING"),
        ("{host: x}", "{bread: {pge: 5}}", 4, "unknown key `pge`", "page"),
        ("{host: x}", "{bread: {maping: m}}", 4, "unknown key `maping`", "mapping"),
        ("{host: x}", "{bread: {page: lots}}", 4, "`page` cannot be 'lots'", "a whole number"),
    ],
)
def test_settings_that_are_wrong_are_told_with_file_and_line(
    write: Write, hub_folder: Path, settings: str, streams: str, line: int, message: str, expected: str
) -> None:
    path = write(
        "connections/kitchen.yaml",
        f"connector: toaster\ndirection: source\nsettings: {settings}\nstreams: {streams}\n",
    )
    hub = load_hub(hub_folder)

    with pytest.raises(ConfigurationError) as caught:
        open_connector(hub, hub.connection("kitchen"))

    assert (caught.value.file, caught.value.line, caught.value.connection) == (str(path), line, "kitchen")
    assert message in caught.value.message
    assert expected in (caught.value.expected or "")


def test_a_secret_never_gets_into_an_error(write: Write, hub_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOASTER_RETRIES", "crumbs-and-butter")
    write(
        "connections/kitchen.yaml",
        "connector: toaster\ndirection: source\nsettings: {host: x, retries: '${TOASTER_RETRIES}'}\n",
    )
    hub = load_hub(hub_folder)

    with pytest.raises(ConfigurationError) as caught:
        open_connector(hub, hub.connection("kitchen"))

    assert "`retries` cannot be '${TOASTER_RETRIES}'" in caught.value.message
    assert "crumbs" not in "\n".join(told(caught.value)) + str(caught.value.as_dict())


def test_settings_that_do_not_go_together_are_told_without_being_shown(write: Write, hub_folder: Path) -> None:
    path = write(
        "connections/kitchen.yaml", "connector: toaster\ndirection: source\nsettings: {host: x, retries: 13}\n"
    )
    hub = load_hub(hub_folder)

    with pytest.raises(ConfigurationError, match="`settings`: thirteen brings bad luck") as caught:
        open_connector(hub, hub.connection("kitchen"))

    assert (caught.value.file, caught.value.line, caught.value.value) == (str(path), 3, None)


def test_an_unknown_connector_of_a_connection_is_told_with_its_line(write: Write, hub_folder: Path) -> None:
    write("connections/kitchen.yaml", "direction: source\nconnector: toster\n")
    hub = load_hub(hub_folder)

    with pytest.raises(ConfigurationError) as caught:
        open_connector(hub, hub.connection("kitchen"))

    assert caught.value.line == 2
