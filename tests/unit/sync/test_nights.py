"""Nights in a row, with edits on both sides and a CRM that fails at random: everything arrives, once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import select

from connectors.memory import MemoryConnector, Trouble
from solmu.errors import Fatal
from solmu.exchange import Journal, Result, Write
from solmu.store import Store, open_store
from solmu.store.tables import golden
from solmu.sync.ledger import ACTION_STATES
from solmu.sync.outbox import retry
from tests.unit.sync.bench import CRM, Bench

TROUBLES = [trouble for trouble in Trouble if trouble is not Trouble.EXPIRE]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        yield store


class Crash(BaseException):
    """The process dies."""


class Frail(MemoryConnector):
    """Dies now and then, after some of its work or all of it."""

    chance: float = 0.0
    dice: random.Random

    def write(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result]:
        if self.dice.random() < self.chance:
            some = writes[: self.dice.randrange(len(writes) + 1)]
            if some:
                list(super().write(stream, some, journal))
            raise Crash
        yield from super().write(stream, writes, journal)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("bulk_above", [None, 4])
def test_whatever_fails_everything_arrives_once(store: Store, seed: int, bulk_above: int | None) -> None:
    dice = random.Random(seed)
    bench = Bench(store, connector=Frail, bulk_above=bulk_above, rules={"city": "crm"})
    crm = bench.connector
    assert isinstance(crm, Frail)
    crm.dice = dice
    organisations = [bench.organisation(name=f"Company {number}", city="Kotka") for number in range(6)]
    people = [bench.person(dice.choice(organisations), family_name=f"Person {number}") for number in range(6)]
    for night in range(12):
        bench.change(dice.choice(organisations), name=f"Company {night} again")
        bench.change(dice.choice(people), family_name=f"Person {night} again")
        if dice.random() < 0.5:
            bench.employ(dice.choice(people), dice.choice(organisations))
        for key in bench.space.records("accounts"):
            if dice.random() < 0.2:
                bench.space.change("accounts", key, {"City": dice.choice(["Oulu", "Hamina"])})
        bench.land()
        crm.chance = 0.2
        for _ in range(dice.randrange(3)):
            on = dice.choice(["write", "upload", "find", "fetch"])
            bench.space.misbehave(dice.choice(TROUBLES), on=on, after=dice.randrange(3))
        run_night(bench)
        crm.chance = 0.0
        bench.space.behave()
    for _ in range(4):
        with store.write() as connection:
            retry(connection, CRM, run_id="run_retry", now=bench.now)  # what was refused does not return by itself
        counts = bench.night()
        assert set(counts) <= set(ACTION_STATES)
    calls = bench.write_calls()
    assert set(bench.night()) <= {"unchanged"}
    assert bench.write_calls() == calls, "running again is empty"
    wanted = Counter(golden_names(bench, organisations, "name"))
    assert Counter(payload["Name"] for payload in bench.accounts()) == wanted
    wanted = Counter(golden_names(bench, people, "family_name"))
    assert Counter(payload["LastName"] for payload in bench.contacts()) == wanted


def run_night(bench: Bench) -> None:
    try:
        planned = bench.plan()
        sent = bench.send(planned.id)
    except (Crash, Fatal):
        return
    assert sum(sent.counts.values()) == len(bench.actions(planned.id))
    assert set(sent.counts) <= set(ACTION_STATES), "every action has come to one of the known states"


def golden_names(bench: Bench, ids: Sequence[int], name: str) -> list[str]:
    with bench.store.read() as connection:
        rows = connection.execute(select(golden.c.document).where(golden.c.id.in_(ids)))
        return [row.document[name]["value"] for row in rows]
