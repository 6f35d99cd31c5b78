"""An import that is killed, or finds no room on the disk, loses nothing: importing again completes it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from solmu.config import init_hub, load_hub
from solmu.store import engine, open_store
from tests.conftest import KILLS
from tests.faults.imports import held, wrong
from tests.night.test_import import Command, counts, solmu

__all__ = ["solmu"]

ROOT = Path(__file__).parents[2]
KILLED = 6
MANY = 60


def killed_and_imported_again(folder: Path, seed: str, kills: int, config: pytest.Config) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.faults.imports", str(folder), seed, str(kills)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    whole, *imports = [json.loads(line) for line in told.stdout.splitlines()]
    assert (whole["exit"], whole["wrong"], whole["end"]["leads"], whole["end"]["refused"]) == (3, [], 5, 1)
    assert len(imports) == kills
    for each in imports:
        assert each["killed"] == 9, each
        config.stash[KILLS]["import"] += 1
        assert (each["exit"], each["wrong"], each["end"]) == (3, [], whole["end"]), each


def test_an_import_that_was_killed_is_completed_by_importing_again(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    killed_and_imported_again(tmp_path, "a few", KILLED, pytestconfig)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_an_import_may_be_killed_anywhere(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    killed_and_imported_again(tmp_path, "many", MANY, pytestconfig)


def test_where_the_disk_is_full_an_import_says_so_and_is_completed_when_there_is_room(
    solmu: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, migrated_sqlite: Path
) -> None:
    home = tmp_path / "hub"
    init_hub(home)
    shutil.copy(migrated_sqlite, home / "solmu.db")
    sheet = tmp_path / "leads.csv"
    rows = [f"Firma {n} Oy;Aino Laine{n};aino{n}@firma{n}.example;{'Laser ' * 40}{n}" for n in range(600)]
    sheet.write_text("\n".join(["Company;Contact person;E-mail;Notes", *rows]) + "\n", encoding="utf-8")
    line = ("import", sheet, "--yes", "--hub", home, "--output", "json")
    prepare = engine._prepare_sqlite
    most: list[int] = []

    def with_little_room(connection: Any, record: Any) -> None:
        prepare(connection, record)
        if not most:
            most.append(connection.execute("PRAGMA page_count").fetchone()[0] + 60)
        connection.execute(f"PRAGMA max_page_count={most[0]}")

    with monkeypatch.context() as full:
        full.setattr(engine, "_prepare_sqlite", with_little_room)
        said = solmu(*line)
    assert said.code == 1
    error = said.json["error"]
    assert error["code"] == "disk-full"
    assert "full" in error["message"]
    assert "goes on from there" in error["expected"]
    again = solmu(*line)
    assert again.code == 0, again
    landed = counts(again)
    assert (landed["read"], landed["new"] + landed.get("unchanged", 0)) == (600, 600)
    hub = load_hub(home)
    with open_store(hub.store_url) as store:
        assert held(store)["leads"] == 600
        assert wrong(store, hub) == []
