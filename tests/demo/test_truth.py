"""The truth report: pairwise precision and recall of what the machine linked."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from solmu.config import Hub
from solmu.errors import ConfigurationError
from solmu.report.truth import COLUMNS, truth_report, write_truth_report
from solmu.store import Store, open_store
from solmu.store.tables import link, mention, source_record
from solmu.sync.run import run_all
from tests.hubs import make_hub

Row = tuple[str, str, str, str, str, str]

KOTKA = ("1", "Kotka Kone Oy", "2092540-6", "Kotka", "Aino Laine", "aino.laine@kotkakone.example", "0401234567", "")
AGAIN = ("2", "Kotka-Kone", "2092540-6", "", "Laine Aino", "aino.laine@kotkakone.example", "", "")
# Neither a number, nor an address, nor an id in common with the others: the name alone tells.
BY_NAME = ("3", "Kotka Kone Oy", "", "Kotka", "", "", "", "")
OTHER = ("4", "Suomen Sorvi Oy", "", "Oulu", "Eero Salo", "eero.salo@suomensorvi.example", "0407654321", "")

TRUTH: Sequence[Row] = (
    ("one", "leads", "1", "organisation", "organisation", "kotka"),
    ("one", "leads", "2", "organisation", "organisation", "kotka"),
    ("one", "leads", "3", "organisation", "organisation", "kotka"),
    ("one", "leads", "4", "organisation", "organisation", "sorvi"),
    ("one", "leads", "1", "person", "person", "aino"),
    ("one", "leads", "2", "person", "person", "aino"),
    ("one", "leads", "4", "person", "person", "eero"),
)


@pytest.fixture
def hub(tmp_path: Path, database_url: str) -> Hub:
    return make_hub(tmp_path / "hub", store=database_url, sheets={"one": (KOTKA, AGAIN, BY_NAME, OTHER), "two": ()})


@pytest.fixture
def store(hub: Hub) -> Iterator[Store]:
    with open_store(hub.store_url) as store:
        assert run_all(hub, store)["balanced"]
        yield store


def figures(store: Store, folder: Path, rows: Sequence[Row]) -> dict[str, Any]:
    path = folder / "truth.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    with store.read() as connection:
        return truth_report(connection, path)


def test_what_was_linked_as_it_should_be_is_precise_and_complete(store: Store, tmp_path: Path) -> None:
    found = figures(store, tmp_path, TRUTH)
    assert (found["organisation"]["precision"], found["organisation"]["recall"]) == (1.0, 1.0)
    assert found["person"]["pairs"] == {"true": 1, "found": 1, "right": 1, "without_identity_key": 0}
    assert found["person"]["recall_without_identity_key"] is None
    assert found["asked_per_1000"] == 0


def test_pairs_that_share_no_identity_key_are_counted_apart(store: Store, tmp_path: Path) -> None:
    found = figures(store, tmp_path, TRUTH)["organisation"]
    assert found["pairs"] == {"true": 3, "found": 3, "right": 3, "without_identity_key": 2}
    assert found["recall_without_identity_key"] == 1.0


def test_swapping_two_ids_in_the_truth_changes_the_figures(store: Store, tmp_path: Path) -> None:
    swapped = [(*row[:5], {"2": "sorvi", "4": "kotka"}.get(row[2], row[5])) for row in TRUTH]
    before, after = figures(store, tmp_path, TRUTH), figures(store, tmp_path, swapped)
    assert after["organisation"]["precision"] < before["organisation"]["precision"]
    assert after["organisation"]["recall"] < before["organisation"]["recall"]


def test_a_mention_that_the_hub_never_made_counts_as_not_found(store: Store, tmp_path: Path) -> None:
    found = figures(store, tmp_path, [*TRUTH, ("one", "leads", "99", "person", "person", "aino")])
    assert (found["person"]["precision"], found["person"]["recall"]) == (1.0, round(1 / 3, 4))


def test_what_a_steward_linked_does_not_flatter_the_machine(store: Store, tmp_path: Path) -> None:
    mine = (
        select(mention.c.id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .where(source_record.c.key == "2", mention.c.entity == "organisation")
    )
    with store.write() as connection:
        connection.execute(update(link).where(link.c.mention_id.in_(mine)).values(why="decision"))
    assert figures(store, tmp_path, TRUTH)["organisation"]["pairs"]["true"] == 1


def test_a_file_that_is_no_truth_is_refused_with_what_it_lacks(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text("connection,stream,key\n", encoding="utf-8")
    with store.read() as connection, pytest.raises(ConfigurationError, match="slot, entity, truth_id"):
        truth_report(connection, path)


def test_the_report_is_written_beside_the_others(store: Store, tmp_path: Path) -> None:
    path = write_truth_report(tmp_path, figures(store, tmp_path, TRUTH))
    assert path == tmp_path / "reports" / "truth.json"
    assert not list(path.parent.glob("*.part"))
