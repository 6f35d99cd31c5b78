"""Looking into the outbox, putting an action aside, and having one planned anew. Synthetic names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.memory.space import Trouble
from solmu.config import Hub
from solmu.doctor.run import examine
from solmu.errors import Busy, SolmuError
from solmu.report.outbox import listed
from solmu.store import Store, time
from solmu.store.lease import lease
from solmu.store.tables import audit, outbox, plan
from solmu.sync.dismiss import dismiss, plan_anew
from solmu.sync.retry import retry
from tests.hubs import ONE, crm_of, make_hub, write_sheet
from tests.night.conftest import Night
from tests.night.test_cli import Command, command, solmu
from tests.night.test_soak import sizes

__all__ = ["command", "solmu"]


@pytest.fixture
def hub(tmp_path: Path, migrated_sqlite: Path) -> Hub:
    """On one kind of database: what is asked of it are single rows by their keys."""
    hub = make_hub(tmp_path / "hub")
    shutil.copyfile(migrated_sqlite, hub.folder / "solmu.db")
    return hub


@pytest.fixture
def refused(hub: Hub, store: Store, night: Night) -> int:
    """The number of an action that the CRM has refused."""
    crm_of(hub).misbehave(Trouble.REJECT)
    assert night()["targets"]["crm"]["rejected"] == 1
    with store.read() as connection:
        (number,) = (each["number"] for each in listed(connection, states=["rejected"]))
    assert isinstance(number, int)
    return number


def numbers(store: Store, *, dismissed: bool = False) -> list[int]:
    with store.read() as connection:
        return [each["number"] for each in listed(connection, states=["rejected"], dismissed=dismissed)]


def test_what_was_dismissed_is_not_tried_again_until_its_record_changes(
    hub: Hub, store: Store, night: Night, refused: int
) -> None:
    done = dismiss(store, refused, reason="a test record of ours", who="anna", now=time.now())
    assert (done["state"], done["code"], done["message"]) == ("rejected", "dismissed", "a test record of ours")
    assert (numbers(store), numbers(store, dismissed=True)) == ([], [refused])
    with store.read() as connection:
        line = connection.execute(select(audit).where(audit.c.what == "action dismissed")).one()
    assert (line.who, line.subject, line.detail["reason"]) == ("anna", f"outbox:{refused}", "a test record of ours")

    before = {stream: crm_of(hub).records(stream) for stream in ("accounts", "contacts", "tasks")}
    assert retry(hub, store, quarantine=False, rejected=True)["retry"]["actions"] == 0
    night()
    assert {stream: crm_of(hub).records(stream) for stream in before} == before
    assert examine(store, hub)["ok"]

    write_sheet(hub.folder, "one", [(*row[:3], "Lahti", *row[4:]) for row in ONE])
    night()
    assert len(crm_of(hub).records("accounts")) == 2
    assert numbers(store, dismissed=True) == []
    assert examine(store, hub)["ok"]


def test_what_waits_for_a_refused_parent_is_in_each_nights_plan_and_leaves_nothing_behind(
    hub: Hub, store: Store, night: Night, refused: int
) -> None:
    night()  # from now on the plan itself knows that the account cannot be had
    before, seen = sizes(store)["outbox"], []
    for _ in range(2):
        report = night()
        assert (report["targets"]["crm"]["blocked"], report["exit"]) == (3, 3)
        with store.read() as connection:
            query = select(outbox.c.id, outbox.c.message).join(plan, plan.c.id == outbox.c.plan_id)
            lines = query.where(plan.c.run_id == report["run_id"], outbox.c.state == "blocked").order_by(outbox.c.id)
            seen.append(connection.execute(lines).all())
    assert sizes(store)["outbox"] == before
    assert seen[0] == seen[1]
    waits = {f"its {stream} record could not be made" for stream in ("accounts", "contacts")}
    assert {row.message for row in seen[0]} == waits
    assert examine(store, hub)["ok"]


def test_one_action_is_planned_anew_when_somebody_says_so(hub: Hub, store: Store, night: Night, refused: int) -> None:
    dismiss(store, refused, reason="perhaps later", who="anna", now=time.now())
    assert plan_anew(store, refused, who="anna", now=time.now())["state"] == "superseded"
    night()
    assert len(crm_of(hub).records("accounts")) == 2
    with pytest.raises(SolmuError, match="superseded"):
        plan_anew(store, refused, who="anna", now=time.now())


def test_what_is_on_its_way_or_done_cannot_be_dismissed(hub: Hub, store: Store, refused: int) -> None:
    with store.write() as connection:
        done = connection.scalar(select(outbox.c.id).where(outbox.c.state == "created").limit(1))
        connection.execute(outbox.update().where(outbox.c.id == refused).values(state="unknown"))
    with pytest.raises(SolmuError, match="not known yet"):
        dismiss(store, refused, reason="gone", who="anna", now=time.now())
    assert done is not None
    with pytest.raises(SolmuError, match="created already"):
        dismiss(store, done, reason="gone", who="anna", now=time.now())


def test_nothing_is_dismissed_under_the_hands_of_a_run(
    store: Store, refused: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solmu.sync.dismiss.PATIENCE", 0.0)
    with lease(store, "push:crm"), pytest.raises(Busy):
        dismiss(store, refused, reason="gone", who="anna", now=time.now())
    assert numbers(store) == [refused]


def test_the_command_line_lists_shows_and_dismisses(refused: int, solmu: Command) -> None:
    (one,) = solmu("outbox", "list", "--state", "rejected", "--output", "json").json["actions"]
    assert one["number"] == refused
    assert set(one) == {
        "number", "target", "object", "action", "state", "golden_id", "name", "remote_id", "fields", "code", "message",
        "field", "attempts", "plan", "run", "updated_at",
    }  # fmt: skip
    assert solmu("outbox", "show", str(refused), "--output", "json").json == one
    assert solmu("outbox", "dismiss", str(refused), "--output", "json").code == 2  # without a reason
    done = solmu("outbox", "dismiss", str(refused), "--reason", "no customer", "--output", "json")
    assert (done.code, done.json["code"]) == (0, "dismissed")
    assert solmu("outbox", "retry", str(refused), "--output", "json").json["state"] == "superseded"
    assert solmu("outbox", "show", "99999", "--output", "json").error["code"] == "no-action"
    assert solmu("outbox", "list", "--state", "lost", "--output", "json").code == 2
