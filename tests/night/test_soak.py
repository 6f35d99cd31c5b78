"""Fifty nights in a row, with people who edit everywhere and faults of every kind: the books balance on each of them,
and what the hub holds grows with what was changed and not with the nights. Synthetic throughout.
"""

from __future__ import annotations

import gc
import os
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select

from connectors.memory.space import Trouble
from solmu.config import Hub
from solmu.doctor import examine
from solmu.store import Store
from solmu.store.tables import metadata, outbox
from tests.hubs import crm_of
from tests.night.conftest import Night
from tests.night.test_random_nights import FIELDS, People, writes

NIGHTS, TAKEN_STOCK_EVERY = 50, 10
# What a night leaves behind that had nothing to do: that it was, what it counted, and an empty plan.
OF_EACH_NIGHT = {"run": 1, "run_count": 40, "plan": 1}
MOST_MEMORY = 24 * 2**20
"""Bytes by which the process may grow from the tenth night to the last; a leak of a night's rows would be more."""


class Died(Exception):
    """The process goes away between two batches."""


class Weather:
    """What goes wrong on a night, drawn by a seed."""

    def __init__(self, hub: Hub, seed: int) -> None:
        self.hub = hub
        self.draw = random.Random(seed)
        self.steps: int | None = None  # until the process dies

    def brew(self, note: Callable[..., None]) -> None:
        crm = crm_of(self.hub)
        for _ in range(self.draw.choice([0, 1, 1, 2, 3])):
            match self.draw.randrange(6):
                case 0:
                    crm.misbehave(Trouble.FAIL, on="read", times=99)
                    note("the CRM cannot be read")
                case 1:
                    crm.misbehave(Trouble.FAIL, on="write", times=99)
                    note("the CRM takes nothing")
                case 2:
                    name = self.draw.choice(["one", "two"])
                    (self.hub.folder / "data" / f"{name}.csv").unlink(missing_ok=True)
                    note("sheet", name, "is gone")
                case 3:
                    self.steps = self.draw.randint(0, 12)
                    note("the process dies after", self.steps)
                case _:
                    trouble = self.draw.choice(list(Trouble))
                    on = self.draw.choice(["write", "write", "read", "fetch", "find"])
                    crm.misbehave(trouble, on=on, after=self.draw.randrange(3), times=self.draw.randint(1, 3))
                    note("trouble", trouble, "on", on)

    def clear(self) -> None:
        self.steps = None
        crm_of(self.hub).behave()

    def tell(self, _step: str, _more: int) -> None:
        if self.steps is not None:
            self.steps -= 1
            if self.steps < 0:
                self.steps = None
                raise Died


def sizes(store: Store) -> dict[str, int]:
    with store.read() as connection:
        tables = metadata.sorted_tables
        return {each.name: connection.scalar(select(func.count()).select_from(each)) or 0 for each in tables}


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_fifty_nights_balance_and_the_hub_grows_with_the_changes_only(hub: Hub, store: Store, night: Night) -> None:
    people, weather = People(hub, 7), Weather(hub, 8)
    stock: list[tuple[int, int]] = []  # what happened so far, rows in the store
    died = memory = 0
    for number in range(1, NIGHTS + 1):
        people.note(f"--- night {number}")
        people.edit()
        weather.brew(people.note)
        story = "\n".join(people.done[-80:])
        try:
            night(tell=weather.tell)  # which asserts that the books balance
        except Died:
            died += 1
        weather.clear()
        crm_of(hub).calls.clear()
        health = examine(store, hub)
        assert health["ok"], (story, [check for check in health["checks"] if not check["ok"]])
        if number % TAKEN_STOCK_EVERY == 0:
            people.edit()  # which also puts back a sheet that was gone
            settled(hub, night, story)
            quiet_night_leaves_nothing(store, night, story)
            stock.append((len(people.done), sum(sizes(store).values())))
            memory = memory or resident()
    assert died > 0
    growth = resident() - memory
    assert growth < MOST_MEMORY, f"{growth / 2**20:.0f} MB"
    assert grows_with_edits(stock), stock


def settled(hub: Hub, night: Night, story: str) -> None:
    """Nights without faults, until one has nothing to write: what waited for a reason has gone through."""
    for _ in range(4):
        night()
        written = writes(hub)
        held = {stream: crm_of(hub).records(stream) for stream in FIELDS}
        report = night()
        if writes(hub) == written:
            assert {stream: crm_of(hub).records(stream) for stream in FIELDS} == held, story
            assert report["targets"]["crm"]["unknown"] == 0, story
            return
    raise AssertionError(f"it does not come to rest\n{story}")


def quiet_night_leaves_nothing(store: Store, night: Night, story: str) -> None:
    before = sizes(store)
    night()
    more = {name: rows - before[name] for name, rows in sizes(store).items() if rows != before[name]}
    with store.read() as connection:
        last = connection.execute(select(outbox).order_by(outbox.c.id.desc()).limit(more.get("outbox", 0))).all()
    actions = [(row.object, row.action, row.state, row.code, row.message) for row in last]
    assert all(number <= OF_EACH_NIGHT.get(name, 0) for name, number in more.items()), f"{more}\n{actions}\n{story}"
    assert sizes(store)["dirty"] == 0, story


def grows_with_edits(stock: list[tuple[int, int]]) -> bool:
    """Whether an edit late in the life of a hub adds no more rows than one of its first nights did."""
    rates = [(rows - r) / (done - e) for (e, r), (done, rows) in pairwise(stock)]
    return max(rates[1:]) <= 2 * rates[0]
