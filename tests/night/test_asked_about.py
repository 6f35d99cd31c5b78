"""Whom a person is asked about does not enter the CRM until somebody has answered: it could be there already.

Synthetic names. With a key account, and for people who write from elsewhere, likeness of name and town only asks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from solmu.config import Hub
from solmu.match.deciding import record, withdraw
from solmu.match.decisions import Verdict
from solmu.model import Entity
from solmu.store import Store, time
from solmu.store.tables import link, outbox, pair
from tests.hubs import ONE, crm_of, write_sheet
from tests.night.conftest import Night

LEAD = ("9", "Tervakanto", "", "Hanko", "Pirjo Nieminen", "pirjo.nieminen@nieminen.example", "0409998877", "Saw")

Decide = Callable[[Verdict], int]


@pytest.fixture
def decide(store: Store) -> Decide:
    """Answers the one question that waits."""

    def answer(verdict: Verdict) -> int:
        with store.write() as connection:
            (row,) = connection.execute(select(pair).where(pair.c.band == "ask")).all()
            sides = [
                connection.scalars(select(link.c.mention_id).where(link.c.golden_id == golden, link.c.until.is_(None)))
                for golden in (_golden(connection, row.left_id), _golden(connection, row.right_id))
            ]
            left, right = (list(side) for side in sides)
            return record(connection, Entity(row.entity), verdict, left, right, who="anna", now=time.now())

    return answer


def _golden(connection: Any, mention: int) -> int:
    found: int = connection.scalar(select(link.c.golden_id).where(link.c.mention_id == mention, link.c.until.is_(None)))
    return found


def called(hub: Hub, name: str) -> list[str]:
    return sorted(key for key, each in crm_of(hub).records("accounts").items() if each.get("Name") == name)


def written(report: dict[str, Any]) -> int:
    target = report["targets"]["crm"]
    count: int = target["created"] + target["updated"]
    return count


def enter(hub: Hub) -> None:
    """A key account is in the CRM."""
    file = hub.folder / "mappings" / "sources" / "account.yaml"
    file.write_text(file.read_text().replace("  industry:", "  key_account: Key\n  industry:"), encoding="utf-8")
    crm_of(hub).put("accounts", {"Name": "Tervakanto", "City": "Hanko", "Key": True}, key="100")


@pytest.fixture
def asked(hub: Hub, night: Night) -> dict[str, Any]:
    """The report of a night in which a lead comes from a company that may be one in the CRM."""
    enter(hub)
    night()
    write_sheet(hub.folder, "one", (*ONE, LEAD))
    return night()


def test_a_customer_that_may_be_in_the_crm_already_waits_with_its_people(hub: Hub, asked: dict[str, Any]) -> None:
    assert asked["pairs"]["ask"] == 1
    assert called(hub, "Tervakanto") == ["100"]
    assert asked["targets"]["crm"]["kept_out"] == 2  # the company, and the person who writes for it
    assert not [each for each in crm_of(hub).records("contacts").values() if each.get("LastName") == "Nieminen"]


def test_it_goes_out_once_somebody_has_said_that_it_is_another_one(
    hub: Hub, asked: dict[str, Any], night: Night, decide: Decide
) -> None:
    decide(Verdict.DIFFERENT)
    night()
    assert len(called(hub, "Tervakanto")) == 2
    assert written(night()) == 0


def test_it_is_no_second_record_once_somebody_has_said_that_they_are_one(
    hub: Hub, asked: dict[str, Any], night: Night, decide: Decide
) -> None:
    decide(Verdict.SAME)
    night()
    assert called(hub, "Tervakanto") == ["100"]
    (contact,) = [each for each in crm_of(hub).records("contacts").values() if each.get("LastName") == "Nieminen"]
    assert contact["AccountId"] == "100"


def test_whoever_cannot_tell_does_not_hold_it_back_for_ever(
    hub: Hub, store: Store, asked: dict[str, Any], night: Night, decide: Decide
) -> None:
    decision = decide(Verdict.UNSURE)
    night()
    assert len(called(hub, "Tervakanto")) == 2
    with store.write() as connection:
        withdraw(connection, decision, who="anna", now=time.now())
    assert written(night()) == 0  # what is there stays there


def test_it_goes_out_once_its_row_says_who_it_is(hub: Hub, asked: dict[str, Any], night: Night) -> None:
    write_sheet(hub.folder, "one", (*ONE, (*LEAD[:3], "Kemi", *LEAD[4:])))
    report = night()
    assert report["pairs"]["ask"] == 0
    assert len(called(hub, "Tervakanto")) == 2


def test_it_goes_out_once_the_other_one_says_who_it_is(hub: Hub, asked: dict[str, Any], night: Night) -> None:
    crm_of(hub).put("accounts", {"Name": "Tervakanto", "City": "Kemi", "Key": True}, key="100")
    night()
    assert len(called(hub, "Tervakanto")) == 2


def test_of_two_that_the_crm_has_neither_of_the_older_one_goes_out(hub: Hub, store: Store, night: Night) -> None:
    other = ("10", "Tervakanto", "", "Hanko", "Olli Maki", "olli@maki.example", "0401112233", "Saw")
    write_sheet(hub.folder, "one", (*ONE, LEAD, other))
    assert night()["pairs"]["ask"] == 1
    assert len(called(hub, "Tervakanto")) == 1
    with store.read() as connection:
        (waits,) = connection.execute(select(pair.c.right_id).where(pair.c.band == "ask")).all()
        made = connection.scalars(select(outbox.c.golden_id).where(outbox.c.action == "create")).all()
        assert _golden(connection, waits.right_id) not in made


def test_a_hub_may_let_them_in_all_the_same(hub: Hub, night: Night) -> None:
    file = hub.folder / "hub.yaml"
    file.write_text(file.read_text() + "admission:\n  exclude: [supplier, dormant]\n", encoding="utf-8")
    enter(hub)
    write_sheet(hub.folder, "one", (*ONE, LEAD))
    assert night()["pairs"]["ask"] == 1
    assert len(called(hub, "Tervakanto")) == 2
