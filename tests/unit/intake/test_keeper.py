"""What the receiver does beside receiving, while it runs."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from solmu.config import load_hub
from solmu.exchange import Request
from solmu.intake import keeper
from solmu.intake.doors import Doors
from solmu.intake.keeper import keeping
from solmu.intake.refusals import Refusals
from solmu.intake.store import IntakeStore, intake_path
from solmu.store import open_store
from solmu.store import time as store_time
from solmu.sync.run import run_all


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOOK_SECONDS", "QUIET_SECONDS", "FOLD_SECONDS", "TRY_AGAIN_SECONDS"):
        monkeypatch.setattr(keeper, name, 0.01)


def wait_until_gone(path: Path, text: bytes) -> None:
    deadline = time.monotonic() + 20
    while text in path.read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_empties_what_landed_long_ago_and_folds_the_log(hub_folder: Path) -> None:
    body = b'{"email": "aino.synthetic@kotkakone.example"}'
    old = datetime.now(UTC) - timedelta(days=40)
    with IntakeStore(intake_path(hub_folder)) as intake:
        intake.add([("front", "1", Request("POST", "", "", {}, body, old))])
    hub = load_hub(hub_folder)
    with open_store(hub.store_url) as store:
        run_all(hub, store)

    with keeping(hub_folder, Doors(hub_folder), Refusals()):
        wait_until_gone(intake_path(hub_folder), b"aino.synthetic")

    with IntakeStore(intake_path(hub_folder)) as intake:
        assert intake.after("front", 0, 10) == []


def test_the_audit_waits_for_a_store_that_is_out_of_reach(hub_folder: Path) -> None:
    path = hub_folder / "solmu.db"
    path.mkdir()
    counted = Refusals()
    with keeping(hub_folder, Doors(hub_folder), counted):
        counted.count("front", "signature", b"", store_time.now())
        time.sleep(0.2)
        path.rmdir()

    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT what, subject FROM audit").fetchall() == [("delivery refused", "front")]
