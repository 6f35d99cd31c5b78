"""Conflicts: a field that the hub and the CRM both changed, and a steward who decides. Synthetic names."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from solmu.config import Hub, load_hub
from solmu.errors import SolmuError
from solmu.review.decide import Moved
from solmu.steward.changes import carry_out
from solmu.steward.conflicts import Choice, choices, listed
from solmu.steward.settling import decide, reopen
from solmu.steward.undo import undo_last
from solmu.store import Store, time
from solmu.store.tables import golden
from tests.hubs import ONE, crm_of, make_hub, write_sheet
from tests.night.conftest import Night
from tests.night.test_cli import Command, command, solmu

__all__ = ["command", "solmu"]

HUB, CRM = "Hamina", "Pyhtää"


@pytest.fixture
def hub(tmp_path: Path, migrated_sqlite: Path) -> Hub:
    """On one kind of database: what is asked of it are single rows by their keys."""
    hub = make_hub(tmp_path / "hub")
    shutil.copyfile(migrated_sqlite, hub.folder / "solmu.db")
    crm_of(hub).put("accounts", {"Name": "Kotka Kone", "City": "Kotka", "BusinessId": "FI20925406"}, key="001")
    settings = hub.folder / "hub.yaml"
    settings.write_text(settings.read_text().replace("crm]\n", "crm]\n  organisation: {city: ask}\n"))
    return load_hub(hub.folder)


@pytest.fixture
def torn(hub: Hub, night: Night) -> Night:
    """Both sides have changed the city on which they had agreed; what else changed has gone on."""
    night()
    write_sheet(hub.folder, "one", [(*ONE[0][:3], HUB, *ONE[0][4:]), ONE[1]])
    crm_of(hub).change("accounts", "001", {"City": CRM})
    report = night()
    assert report["targets"]["crm"]["conflicting"] == 1
    assert city(hub) == CRM
    return night


def city(hub: Hub) -> Any:
    return crm_of(hub).records("accounts")["001"]["City"]


def conflicts(hub: Hub, store: Store, state: str | None = "open") -> list[dict[str, Any]]:
    with store.read() as connection:
        return listed(connection, hub, state=state)


def say(hub: Hub, store: Store, choice: Choice, **more: Any) -> dict[str, Any]:
    (one,) = conflicts(hub, store)
    with store.write() as connection:
        return decide(connection, hub, one["conflict"], choice, who="tester", now=time.now(), **more)[0]


def test_it_shows_both_values_and_what_may_be_said(hub: Hub, store: Store, torn: Night) -> None:
    (one,) = conflicts(hub, store)
    assert (one["field"], one["hub_field"], one["hub"], one["there"], one["agreed"]) == (
        ("City", "city", HUB, CRM, "Kotka")
    )
    assert (one["remote_id"], one["name"]) == ("001", "Kotka Kone Oy")
    assert one["choices"] == ["hub", "crm", "value", "leave"]


def test_the_hubs_value_goes_to_the_crm(hub: Hub, store: Store, torn: Night) -> None:
    assert say(hub, store, Choice.HUB)["state"] == "decided"
    report = torn()
    assert (city(hub), report["targets"]["crm"]["updated"]) == (HUB, 1)
    assert conflicts(hub, store) == []
    assert torn()["targets"]["crm"]["updated"] == 0


def test_the_crms_value_holds_in_the_hub_too_until_that_is_undone(hub: Hub, store: Store, torn: Night) -> None:
    said = say(hub, store, Choice.CRM)
    assert said["change"] is not None
    torn()
    assert (city(hub), golden_city(store), conflicts(hub, store)) == (CRM, CRM, [])
    with store.write() as connection:
        carry_out(connection, undo_last(connection, hub, 1), who="tester", now=time.now())
    torn()
    assert golden_city(store) == HUB


def test_another_value_holds_on_both_sides(hub: Hub, store: Store, torn: Night) -> None:
    say(hub, store, Choice.VALUE, value="Kouvola")
    torn()
    assert (city(hub), golden_city(store), conflicts(hub, store)) == ("Kouvola", "Kouvola", [])
    assert torn()["targets"]["crm"]["updated"] == 0


def test_left_alone_each_keeps_its_own_until_one_changes(hub: Hub, store: Store, torn: Night) -> None:
    say(hub, store, Choice.LEAVE)
    torn()
    assert (city(hub), golden_city(store), conflicts(hub, store)) == (CRM, HUB, [])
    crm_of(hub).change("accounts", "001", {"City": "Loviisa"})
    torn()
    assert [each["there"] for each in conflicts(hub, store)] == ["Loviisa"]


def test_what_was_said_can_be_taken_back(hub: Hub, store: Store, torn: Night) -> None:
    number = say(hub, store, Choice.LEAVE)["conflict"]
    with store.write() as connection:
        reopen(connection, hub, number, who="tester", now=time.now())
    torn()
    assert [each["there"] for each in conflicts(hub, store)] == [CRM]
    pinned = say(hub, store, Choice.CRM)
    with store.write() as connection, pytest.raises(SolmuError) as refused:
        reopen(connection, hub, pinned["conflict"], who="tester", now=time.now())
    assert f"solmu undo {pinned['change']}" in str(refused.value.expected)


def test_what_is_not_as_it_was_shown_is_not_decided(hub: Hub, store: Store, torn: Night) -> None:
    (one,) = conflicts(hub, store)
    crm_of(hub).change("accounts", "001", {"City": "Loviisa"})
    torn()
    with pytest.raises(Moved):
        say(hub, store, Choice.HUB, seen=one["seen"])
    say(hub, store, Choice.HUB, seen=conflicts(hub, store)[0]["seen"])
    with store.write() as connection, pytest.raises(SolmuError, match="decided already"):
        decide(connection, hub, one["conflict"], Choice.HUB, who="tester", now=time.now())


def test_the_command_line_lists_shows_and_decides(hub: Hub, torn: Night, solmu: Command) -> None:
    (one,) = solmu("conflict", "list", "--output", "json").json["conflicts"]
    assert solmu("conflict", "show", str(one["conflict"]), "--output", "json").json == one
    done = solmu("conflict", "decide", str(one["conflict"]), "value", "Kouvola", "--output", "json")
    assert (done.code, done.json["choice"], done.json["state"]) == (0, "value", "decided")
    assert solmu("conflict", "list", "--output", "json").json == {"conflicts": []}
    missing = solmu("conflict", "show", "999", "--output", "json")
    assert (missing.code, missing.error["code"]) == (1, "no-conflict")
    refused = solmu("conflict", "decide", str(one["conflict"]), "hub", "--output", "json")
    assert refused.error["code"] == "not-open"


def test_a_value_that_is_put_together_cannot_be_taken_apart() -> None:
    assert choices("Street", None, many=False) == (Choice.HUB, Choice.LEAVE)
    assert choices("Phone", "phone", many=True) == (Choice.HUB, Choice.LEAVE)
    assert choices("merged_into", None, many=False) == (Choice.HUB,)


def golden_city(store: Store) -> Any:
    with store.read() as connection:
        document = connection.scalar(select(golden.c.document).where(golden.c.name == "Kotka Kone Oy"))
    return None if document is None else document["city"]["value"]
