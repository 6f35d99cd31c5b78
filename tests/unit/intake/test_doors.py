"""Doors open and shut as the hub's files say, without a restart."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from solmu.errors import ConfigurationError
from solmu.intake.doors import LOOK_SECONDS, MAX_AGE, Doors, Shut
from tests.doorbell import CONNECTION


def front(folder: Path) -> Path:
    return folder / "connections" / "front.yaml"


def test_a_connection_that_is_added_is_open_at_once(hub_folder: Path) -> None:
    doors = Doors(hub_folder, look_seconds=0)
    assert doors.find("back") is None

    (hub_folder / "connections" / "back.yaml").write_text(CONNECTION)

    assert doors.find("back").name == "back"
    assert doors.open_all() == ["back", "front"]


def test_a_connection_that_is_removed_is_closed_at_once(hub_folder: Path) -> None:
    doors = Doors(hub_folder, look_seconds=0)
    assert doors.find("front")

    front(hub_folder).unlink()

    assert doors.find("front") is None


def test_a_connection_is_opened_once_and_again_when_its_file_changes(
    hub_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors = Doors(hub_folder, look_seconds=0)
    first = doors.find("front")
    assert doors.find("front") is first

    monkeypatch.setenv("DOORBELL_SECRET", "another-synthetic-secret")
    os.utime(front(hub_folder))

    assert doors.find("front").settings.secret.get_secret_value() == "another-synthetic-secret"


def test_files_are_not_looked_at_for_each_delivery(hub_folder: Path) -> None:
    now = 0.0
    doors = Doors(hub_folder, clock=lambda: now)
    assert doors.find("front")
    front(hub_folder).unlink()
    (hub_folder / "hub.yaml").write_text("intake: {max_body: 10}\n")

    assert (doors.find("front") is not None, doors.settings.max_body) == (True, 1_048_576)
    now = LOOK_SECONDS
    assert (doors.find("front") is not None, doors.settings.max_body) == (False, 10)


def test_a_secret_that_is_renewed_elsewhere_is_noticed_within_a_minute(hub_folder: Path) -> None:
    now = 0.0
    secret = hub_folder / "bell.secret"
    secret.write_text("first-synthetic\n")
    front(hub_folder).write_text(CONNECTION.replace("${DOORBELL_SECRET}", "file://bell.secret"))
    doors = Doors(hub_folder, clock=lambda: now, look_seconds=0)
    assert doors.find("front").settings.secret.get_secret_value() == "first-synthetic"

    secret.write_text("second-synthetic\n")
    now = MAX_AGE + 1

    assert doors.find("front").settings.secret.get_secret_value() == "second-synthetic"


@pytest.mark.parametrize(
    "text",
    [
        "connector: [\n",
        CONNECTION.replace("secret:", "secrt:"),
        CONNECTION.replace("doorbell", "doorbll"),
        CONNECTION.replace("${DOORBELL_SECRET}", "${NOT_SET_ANYWHERE}"),
        CONNECTION + "enabled: false\n",
    ],
)
def test_a_mistake_shuts_the_door_of_that_connection_only(hub_folder: Path, text: str) -> None:
    doors = Doors(hub_folder, look_seconds=0)
    (hub_folder / "connections" / "back.yaml").write_text(text)

    with pytest.raises(Shut):
        doors.find("back")
    assert doors.find("front")

    (hub_folder / "connections" / "back.yaml").write_text(CONNECTION)
    assert doors.find("back")


def test_a_connection_that_is_only_written_to_has_no_door(hub_folder: Path) -> None:
    front(hub_folder).write_text(CONNECTION.replace("direction: source", "direction: target"))

    assert Doors(hub_folder, look_seconds=0).find("front") is None


def test_limits_follow_the_file_and_survive_a_mistake_in_it(hub_folder: Path) -> None:
    path = hub_folder / "hub.yaml"
    doors = Doors(hub_folder, look_seconds=0)
    assert doors.settings.max_body == 1_048_576

    path.write_text("intake: {max_body: 10}\n")
    assert doors.settings.max_body == 10

    path.write_text("intake: {max_bdy: 11}\n")
    assert doors.settings.max_body == 10
    assert doors.find("front")


def test_a_file_that_cannot_be_looked_at_shuts_the_door_and_changes_no_limit(hub_folder: Path) -> None:
    doors = Doors(hub_folder, look_seconds=0)
    assert doors.find("front")
    for path in (front(hub_folder), hub_folder / "hub.yaml"):
        path.unlink(missing_ok=True)
        path.symlink_to(path.name)

    with pytest.raises(Shut):
        doors.find("front")
    assert doors.settings.max_body == 1_048_576


def test_without_a_right_hub_yaml_nothing_begins(hub_folder: Path) -> None:
    (hub_folder / "hub.yaml").write_text("intake: {max_bdy: 11}\n")

    with pytest.raises(ConfigurationError, match="max_body"):
        Doors(hub_folder, look_seconds=0)
