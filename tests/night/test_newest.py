"""Where nobody can tell which of two is newer, a person is asked, and nobody is overwritten. Synthetic names."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from solmu.config import Hub, load_hub
from solmu.doctor.run import examine
from solmu.store import Store
from solmu.store.tables import conflict
from tests.hubs import ONE, crm_of, write_sheet
from tests.night.conftest import Night

ELSEWHERE = (*ONE[0][:3], "Espoo", *ONE[0][4:])


@pytest.fixture
def hub(hub: Hub) -> Hub:
    write_sheet(hub.folder, "one", [ELSEWHERE])
    write_sheet(hub.folder, "two", [])
    return hub


def rules(hub: Hub, sources: str) -> None:
    file = hub.folder / "hub.yaml"
    text = file.read_text().replace("sources: [one, two, crm]", sources).replace("default: rank", "default: newest")
    file.write_text(text)


def city(hub: Hub) -> str:
    return str(crm_of(hub).records("accounts")["001"]["City"])


def asked(store: Store) -> list[str]:
    with store.read() as connection:
        return sorted(connection.scalars(select(conflict.c.field).where(conflict.c.state == "open")))


def test_two_that_are_as_old_and_rank_alike_are_a_question(hub: Hub, night: Night, store: Store) -> None:
    rules(hub, "sources: []")
    night()
    assert asked(store) == ["City", "Name"]
    assert city(hub) == "Kotka"
    assert examine(store, load_hub(hub.folder))["ok"]
    write_sheet(hub.folder, "one", [(*ELSEWHERE[:3], "Oulu", *ELSEWHERE[4:])])  # since then it is known who is newer
    night()
    assert (city(hub), asked(store)) == ("Oulu", ["Name"])
    assert examine(store, load_hub(hub.folder))["ok"]


def test_a_source_that_ranks_higher_is_asked_about_by_nobody(hub: Hub, night: Night, store: Store) -> None:
    rules(hub, "sources: [one, two, crm]")
    night()
    assert asked(store) == []
    assert city(hub) == "Espoo"
