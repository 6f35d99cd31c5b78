"""A receiver that is killed anywhere keeps every delivery that it acknowledged, once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from solmu.intake.store import IntakeStore, intake_path
from tests import doorbell
from tests.conftest import KILLS
from tests.faults.senders import Sent, body_of, send_through_kills


@pytest.fixture
def plugged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOORBELL_SECRET", doorbell.SECRET)
    return doorbell.plugged_in(tmp_path / "plug-in")


def hold(hub: Path, sent: Sent, count: int) -> None:
    """All that was acknowledged is there, once, as it was sent."""
    with IntakeStore(intake_path(hub)) as intake:
        stored = intake.after("front", 0, 10 * count)
    ids = [each.delivery_id for each in stored]
    assert len(ids) == len(set(ids))
    assert sent.acknowledged.keys() <= set(ids)
    assert len(sent.acknowledged) == count
    assert [each.delivery_id for each in stored if each.body != body_of(each.delivery_id)] == []
    with closing(sqlite3.connect(intake_path(hub))) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_was_acknowledged_survives_kills(plugged_in: Path, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    hub = doorbell.make_hub(tmp_path / "hub")

    sent = send_through_kills(hub, plugged_in, count=300, rate=200, kills=3, seed=7)

    hold(hub, sent, 300)
    pytestconfig.stash[KILLS]["intake"] += sent.kills


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_thousand_at_three_hundred_a_second_survive_kills(
    plugged_in: Path, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    hub = doorbell.make_hub(tmp_path / "hub", intake="{rate: 5000}")

    sent = send_through_kills(hub, plugged_in, count=10_000, rate=300, kills=20, seed=11)

    hold(hub, sent, 10_000)
    assert sent.kills >= 15
    pytestconfig.stash[KILLS]["intake"] += sent.kills
