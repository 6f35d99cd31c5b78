"""What has landed is known by the cursors of the hub's store."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from solmu.config import Hub, load_hub
from solmu.exchange import Request
from solmu.intake.landed import prune_landed, waiting_deliveries
from solmu.intake.store import IntakeStore, intake_path
from solmu.report.status import status
from solmu.store import Store, open_store
from solmu.sync.run import run_all
from tests.doorbell import make_hub

OLD = datetime.now(UTC) - timedelta(days=40)


@pytest.fixture
def hub(plugged_in: Path, tmp_path: Path, database_url: str) -> Hub:
    return load_hub(make_hub(tmp_path / "hub", store=database_url))


def ring(hub: Hub, *ids: str, at: datetime = OLD) -> None:
    with IntakeStore(intake_path(hub.folder)) as intake:
        bodies = {id: json.dumps({"email": f"aino{id}@kotkakone.example"}).encode() for id in ids}
        intake.add([("front", id, Request("POST", "", "", {}, body, at)) for id, body in bodies.items()])


def waiting(hub: Hub, store: Store) -> int:
    with store.read() as connection:
        assert status(connection, hub)["waiting"]["deliveries"] == waiting_deliveries(connection, hub)
        return waiting_deliveries(connection, hub)


def test_what_was_acknowledged_waits_until_a_run_has_landed_it(hub: Hub) -> None:
    with open_store(hub.store_url) as store:
        assert waiting(hub, store) == 0
        assert not intake_path(hub.folder).exists()
        ring(hub, "1", "2", "3")
        assert waiting(hub, store) == 3

        report = run_all(hub, store)

        assert report["streams"]["front/rings"]["new"] == 3
        assert waiting(hub, store) == 0
        ring(hub, "3", "4")
        assert waiting(hub, store) == 1


def test_only_what_has_landed_and_is_old_is_pruned(hub: Hub) -> None:
    with open_store(hub.store_url) as store:
        assert prune_landed(hub, store) == 0
        ring(hub, "1", "2")
        ring(hub, "young", at=datetime.now(UTC))
        assert prune_landed(hub, store) == 0

        run_all(hub, store)
        ring(hub, "3")

        assert prune_landed(hub, store) == 2
        with IntakeStore(intake_path(hub.folder)) as intake:
            assert [each.delivery_id for each in intake.after("front", 0, 10)] == ["young", "3"]
        assert run_all(hub, store)["streams"]["front/rings"]["new"] == 1
