"""A salesperson merges two records in the CRM: the hub follows, below a steward's word."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from solmu.config import Hub
from solmu.doctor.run import examine
from solmu.model import Entity
from solmu.steward.acts import merge, unmerge
from solmu.steward.changes import carry_out
from solmu.steward.conflicts import listed
from solmu.steward.pointing import point
from solmu.steward.undo import undo_decision
from solmu.store import Store, time
from solmu.store.tables import conflict, decision, link, mention, remote, source_record
from tests.hubs import crm_of
from tests.night.conftest import Night


@pytest.fixture
def sorvi(hub: Hub, night: Night) -> str:
    """The id of the account that the first night made for Suomen Sorvi."""
    night()
    return str(
        next(key for key, each in crm_of(hub).records("accounts").items() if each["Name"].startswith("Suomen Sorvi"))
    )


def place(store: Store, key: str) -> Any:
    """The golden record of an account in the CRM."""
    query = (
        select(link.c.golden_id)
        .join(mention, mention.c.id == link.c.mention_id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .where(source_record.c.connection == "crm", source_record.c.key == key, link.c.until.is_(None))
    )
    with store.read() as connection:
        return connection.scalar(query)


def test_golden_records_come_together_and_what_hung_on_the_one_that_is_gone_goes_on(
    hub: Hub, night: Night, store: Store, sorvi: str
) -> None:
    crm_of(hub).remove("accounts", sorvi, merged_into="001")
    report = night()
    assert place(store, sorvi) == place(store, "001")
    assert report["targets"]["crm"]["kept_out"] == 0
    with store.read() as connection:
        (one,) = connection.execute(select(decision)).all()
        assert (one.verdict, one.rank, one.who) == ("same", "crm", "crm")
        states = dict(connection.execute(select(remote.c.remote_id, remote.c.state)).tuples().all())
        assert states[sorvi] == "merged"
        assert connection.execute(select(conflict)).all() == []
    # It is not made again: its lead and its person hang on the account that is left.
    assert set(crm_of(hub).records("accounts")) == {"001"}
    assert {each["AccountId"] for each in crm_of(hub).records("contacts").values()} <= {"001", sorvi}
    night()
    assert set(crm_of(hub).records("accounts")) == {"001"}
    assert examine(store, hub)["ok"]


def test_a_stewards_different_stands_and_the_merge_is_a_conflict_until_it_is_taken_back(
    hub: Hub, night: Night, store: Store, sorvi: str
) -> None:
    with store.write() as connection:
        both = [point(connection, f"crm/accounts/{key}") for key in ("001", sorvi)]
        joined = carry_out(connection, merge(connection, *both), who="anna", now=time.now())
    night()
    with store.write() as connection:
        whole = point(connection, "crm/accounts/001")
        apart = unmerge(connection, whole)
        parted = carry_out(connection, apart, who="anna", now=time.now())
    assert whole.entity is Entity.ORGANISATION
    assert joined.began == parted.ended
    night()
    assert place(store, sorvi) != place(store, "001")
    crm_of(hub).remove("accounts", sorvi, merged_into="001")
    night()
    assert place(store, sorvi) != place(store, "001")
    with store.read() as connection:
        (open_one,) = connection.execute(select(conflict).where(conflict.c.state == "open")).all()
        assert (open_one.field, open_one.remote_value) == ("merged_into", "001")
    assert examine(store, hub)["ok"]
    with store.write() as connection:
        carry_out(connection, undo_decision(connection, hub, parted.began[0]), who="anna", now=time.now())
    night()
    assert place(store, sorvi) == place(store, "001")
    with store.read() as connection:
        assert connection.scalars(select(conflict.c.state)).all() == ["settled"]


def test_a_merge_into_a_record_that_has_not_landed_is_followed_when_it_does(
    hub: Hub, night: Night, store: Store, sorvi: str
) -> None:
    crm_of(hub).remove("accounts", sorvi, merged_into="777")
    night()
    with store.read() as connection:
        assert connection.scalars(select(conflict.c.state)).all() == ["awaited"]
        assert listed(connection, hub) == []
    crm_of(hub).put("accounts", {"Name": "Aivan Toinen", "City": "Oulu"}, key="777")
    night()
    assert place(store, sorvi) == place(store, "777")
    with store.read() as connection:
        assert connection.scalars(select(conflict.c.state)).all() == ["settled"]
        (one,) = connection.execute(select(decision)).all()
        assert (one.verdict, one.rank) == ("same", "crm")
    assert examine(store, hub)["ok"]


def test_a_chain_of_merges_is_followed_to_its_end(hub: Hub, night: Night, store: Store, sorvi: str) -> None:
    crm_of(hub).remove("accounts", sorvi, merged_into="777")
    night()
    crm_of(hub).put("accounts", {"Name": "Aivan Toinen", "City": "Oulu"}, key="777")
    crm_of(hub).remove("accounts", "777", merged_into="001")
    night()
    assert place(store, sorvi) == place(store, "001")
    assert examine(store, hub)["ok"]
