"""Resolving comes to the same where a process beside this one has read, compared and computed. Synthetic names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from solmu.beside.child import Child
from solmu.config import Hub
from solmu.golden import recompute
from solmu.match import index
from solmu.match import resolve as matching
from solmu.store import Store, dirty, open_store
from solmu.store.tables import block_key, golden, link, mention, pair
from solmu.sync import resolving
from solmu.sync import run as runs
from tests.hubs import make_hub
from tests.spies import given_beside, mentions_read

# Four companies, each with three people, of whom each comes twice; the second time in other words.
PLACES = ("Kotka", "Oulu", "Rauma", "Pori")
ROWS = [
    (f"{number}{again}", f"{town}n Konepaja{again}", "", town, f"{name} Laine", f"{name}@{town}.example", "", "Laser")
    for number, (town, name) in enumerate((town, name) for town in PLACES for name in ("Aino", "Eero", "Ilona"))
    for again in ("", " Oy")
]
SHEETS = {"one": ROWS[::2], "two": ROWS[1::2]}


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "SEEN", 5)
    monkeypatch.setattr(matching, "KEYED", 12)
    monkeypatch.setattr(matching, "LINKED", 10)
    monkeypatch.setattr(matching, "PAGE", 4)
    monkeypatch.setattr(index, "_CACHE", 2)
    monkeypatch.setattr(recompute, "BATCH", 3)
    monkeypatch.setattr(recompute, "STORED", 7)
    monkeypatch.setattr(dirty, "_PART", 1)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What another process was asked for, which helps from the first mention on."""
    return given_beside(monkeypatch, resolving)


def resolved(hub: Hub, store: Store) -> dict[str, Any]:
    """Land and resolve; what the store holds then, all that a clock says aside."""
    run = runs.begin(hub, store)
    for name in ("one", "two"):
        runs.land_connection(run, name)
    runs.resolve(run)
    assert not run.problems, run.problems
    with store.read() as connection:
        assert dirty.waiting(connection, "match") == dirty.waiting(connection, "golden") == 0
        pairs = select(pair).order_by(pair.c.left_id, pair.c.right_id)
        return {
            "keys": set(connection.execute(select(block_key)).tuples()),
            "states": list(connection.scalars(select(mention.c.state).order_by(mention.c.id))),
            "pairs": [row[:9] for row in connection.execute(pairs)],
            "links": connection.execute(
                select(link.c.id, link.c.mention_id, link.c.golden_id, link.c.why).order_by(link.c.id)
            ).all(),
            "golden": [
                (row.id, row.state, row.version, row.mentions, row.search_name, _said(row.document))
                for row in connection.execute(select(golden).order_by(golden.c.id))
            ],
        }


def _said(document: dict[str, Any]) -> dict[str, Any]:
    return {name: (entry["value"], entry["mention"], entry["rule"]) for name, entry in document.items()}


@pytest.fixture
def expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What comes out where nobody helps."""
    hub = make_hub(tmp_path / "alone", sheets=SHEETS)
    with monkeypatch.context() as alone, open_store(hub.store_url) as store:
        alone.setattr(resolving, "HELPED_FROM", 10**9)
        return resolved(hub, store)


@pytest.fixture
def mine(tmp_path: Path, database_url: str) -> Iterator[tuple[Hub, Store]]:
    hub = make_hub(tmp_path / "hub", store=database_url, sheets=SHEETS)
    with open_store(hub.store_url) as store:
        yield hub, store


def test_what_is_worked_out_beside_comes_to_the_same(
    expected: dict[str, Any], given: list[Any], mine: tuple[Hub, Store]
) -> None:
    assert resolved(*mine) == expected
    assert len(expected["golden"]) == 4 + 12
    assert {what for what, _ in given} == {"see", "compare", "computed"}


@pytest.mark.parametrize("at", [2, 12, 26])
def test_where_the_process_beside_dies_it_is_worked_out_here(
    expected: dict[str, Any], given: list[Any], mine: tuple[Hub, Store], monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    give = Child.give

    def killed(self: Child, what: object) -> None:
        give(self, what)
        if len(given) == at:
            self._process.kill()

    monkeypatch.setattr(Child, "give", killed)
    assert resolved(*mine) == expected
    assert at <= len(given) < at + 4, "it was let go"


@pytest.mark.usefixtures("given")
def test_what_was_read_beside_is_not_read_here(mine: tuple[Hub, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_CACHE", 20_000)
    read = mentions_read(monkeypatch)
    resolved(*mine)
    assert read == []


def test_what_came_since_is_resolved_with_what_was_there(given: list[Any], mine: tuple[Hub, Store]) -> None:
    hub, store = mine
    before = resolved(hub, store)
    del given[:]
    with store.write() as connection:
        dirty.mark(connection, "match", [row.id for row in connection.execute(select(mention.c.id))])
    again = resolved(hub, store)
    assert (again["pairs"], again["links"]) == (before["pairs"], before["links"])
    # Of whom the store knew, what is stored meanwhile may have to do with what is compared next.
    assert {what for what, _ in given} == {"see"}
