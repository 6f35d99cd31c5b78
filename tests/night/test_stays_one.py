"""A customer whom two lists know, and of whom we made one contact, when one of the lists changes. Synthetic names."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from solmu.config import Hub
from solmu.doctor.run import examine
from solmu.match import as_before, pairing
from solmu.match.rules import SCORE, Band, Verdict
from solmu.store import Store, dirty
from solmu.store.tables import mention, pair
from solmu.sync.run import begin, resolve
from tests.hubs import crm_of, write_sheet
from tests.night.conftest import Night

SALO = ("2", "Suomen Sorvi Oy", "", "Oulu", "Eero Salo", "eero.salo@suomensorvi.example", "0407654321", "Press")
KEPT = ("B", "Suomen Sorvi", "", "Oulu", "Eero Salo", "eero.salo@suomensorvi.example", "", "Press")
MOVED = ("2", "Kotka Kone Oy", "2092540-6", "Kotka", "Eero Salo", "eero.salo@kotkakone.example", "0407654321", "Press")
JUNIOR = ("2", "Suomen Sorvi Oy", "", "Oulu", "Eero Salo Jr", "jr@suomensorvi.example", "0407654321", "Press")
SENIOR = ("B", "Suomen Sorvi", "", "Oulu", "Eero Salo Sr", "eero.salo@suomensorvi.example", "", "Press")


@pytest.fixture
def hub(hub: Hub) -> Hub:
    write_sheet(hub.folder, "one", [SALO])
    write_sheet(hub.folder, "two", [KEPT])
    return hub


def contacts(hub: Hub) -> list[dict[str, Any]]:
    return [dict(each) for each in crm_of(hub).records("contacts").values() if each["LastName"].startswith("Salo")]


def test_who_changes_employer_and_address_in_one_list_is_no_second_contact(
    hub: Hub, night: Night, store: Store
) -> None:
    night()
    assert len(contacts(hub)) == 1
    write_sheet(hub.folder, "one", [MOVED])
    for _ in range(2):
        assert night()["targets"]["crm"]["created"] == 0
    (salo,) = contacts(hub)
    assert crm_of(hub).records("accounts")[salo["AccountId"]]["Name"] == "Kotka Kone Oy"
    assert examine(store, hub)["ok"]


def test_two_whom_we_made_one_contact_of_are_asked_about_until_somebody_answers(hub: Hub, night: Night) -> None:
    night()
    write_sheet(hub.folder, "one", [JUNIOR])
    write_sheet(hub.folder, "two", [SENIOR])
    assert night()["pairs"]["ask"] == 1
    write_sheet(hub.folder, "two", [(*SENIOR[:6], "0401112233", "Saw")])
    night()
    assert len(contacts(hub)) == 1


def test_rules_that_are_better_part_two_of_whom_nothing_has_changed(
    hub: Hub, night: Night, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what changed on the cards themselves is no reason to: else nothing that was merged wrongly came apart."""
    night()
    assert len(contacts(hub)) == 1
    apart = Verdict(Band.DIFFERENT, SCORE)
    monkeypatch.setattr(pairing, "judge", lambda *_, **__: apart)
    monkeypatch.setattr(as_before, "identity_rule", lambda *_: None)
    with store.write() as connection:
        dirty.mark(connection, "match", connection.scalars(select(mention.c.id)).all())
    resolve(begin(hub, store))
    with store.read() as connection:
        assert not connection.scalars(select(pair.c.rule)).all()
