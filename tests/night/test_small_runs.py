"""Small runs: from a web form into the CRM, beside the nights. Synthetic names."""

from __future__ import annotations

import json
import shutil
import threading
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.memory.space import Trouble
from solmu.config import Hub, load_hub
from solmu.live import small
from solmu.live.beside import is_of_use
from solmu.live.told import tell_once
from solmu.live.work import Worker
from solmu.notify import attempts
from solmu.report.status import status
from solmu.store import Store, time
from solmu.store.lease import lease
from solmu.store.tables import lead, meta, outbox, run_count
from solmu.sync.arm import arm, confirm_first_ten, disarm
from tests.hubs import ONE, crm_of, make_hub, write_sheet
from tests.night.conftest import Night
from tests.night.visitors import SmallRun, deliver, emails, run_small, with_form
from tests.unit.notify.servers import Web, web_server


@pytest.fixture
def hub(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """On one kind of database; test_small_runs_on_stores.py has what is asked of both."""
    monkeypatch.setattr(attempts, "PAUSE", 0.01)
    hub = make_hub(tmp_path / "hub")
    shutil.copyfile(migrated_sqlite, hub.folder / "solmu.db")
    contact = {"FirstName": "Aino", "LastName": "Laine", "Email": "aino.laine@kotkakone.example", "AccountId": "001"}
    crm_of(hub).put("accounts", {"Name": "Kotka Kone", "City": "Kotka", "BusinessId": "FI20925406"}, key="001")
    crm_of(hub).put("contacts", contact, key="003")
    return with_form(hub, monkeypatch)


@pytest.fixture
def small_run(hub: Hub, store: Store) -> SmallRun:
    return partial(run_small, hub, store)


def test_a_known_customer_gets_a_task_and_no_second_contact(hub: Hub, night: Night, small_run: SmallRun) -> None:
    night()
    before = emails(hub)
    deliver(hub, 2, company="Kotka Kone Oy", name="Aino Laine", email="aino.laine@kotkakone.example")
    small_run()
    assert emails(hub) == before
    tasks = crm_of(hub).records("tasks").values()
    assert [each["WhoId"] for each in tasks].count("003") == 3  # of two sheets, and of the form


def test_what_a_salesperson_entered_a_minute_ago_is_not_made_again(hub: Hub, night: Night, small_run: SmallRun) -> None:
    night()
    crm_of(hub).put("contacts", {"FirstName": "Ilona", "LastName": "Vieras3", "Email": "ilona3@visitors3.example"})
    deliver(hub, 3)
    small_run()
    assert emails(hub).count("ilona3@visitors3.example") == 1


def test_a_plan_that_waits_for_somebody_goes_on_waiting(
    hub: Hub, store: Store, night: Night, small_run: SmallRun
) -> None:
    night()
    write_sheet(hub.folder, "one", [*ONE, ("9", "Waiting Oy", "", "", "Onni Odottaja", "onni@waiting.example", "", "")])
    night(send=False)
    deliver(hub, 4)
    small_run()
    assert "ilona4@visitors4.example" in emails(hub)
    assert "onni@waiting.example" not in emails(hub)
    with store.read() as connection:
        states = set(connection.scalars(select(outbox.c.state).where(outbox.c.state.in_(("planned", "superseded")))))
    assert states == {"planned"}
    night()
    assert "onni@waiting.example" in emails(hub)


def test_what_could_not_be_sent_goes_with_a_later_small_run(hub: Hub, night: Night, small_run: SmallRun) -> None:
    night()
    deliver(hub, 6)
    crm_of(hub).misbehave(Trouble.FAIL, on="read", times=99)
    report = small_run()
    assert [each["connection"] for each in report["problems"]] == ["crm"]
    assert "ilona6@visitors6.example" not in emails(hub)  # what it holds was not known
    crm_of(hub).behave()
    assert small_run()["targets"]["crm"]["created"] == 3
    assert emails(hub).count("ilona6@visitors6.example") == 1


def test_what_only_a_steward_may_decide_waits(hub: Hub, store: Store, night: Night, small_run: SmallRun) -> None:
    night()
    deliver(hub, 7, name="", email="", message="", phone="", company="")
    report = small_run()
    assert report["streams"]["form/enquiries"]["refused"] == 1
    assert report["targets"]["crm"]["planned"] == 0


def test_an_unarmed_target_is_not_written_to(hub: Hub, store: Store, night: Night) -> None:
    with store.read() as connection:
        assert small.work_of(hub, connection) == small.Work(("form",), ("crm",))
    disarm(store, "crm", who="tester", now=time.now())
    with store.read() as connection:
        assert not small.work_of(hub, connection)
    arm(store, "crm", who="tester", now=time.now())
    with store.read() as connection:
        assert not small.work_of(hub, connection)  # nobody has looked at the first ten


def test_it_can_be_switched_off(hub: Hub, store: Store, armed: None) -> None:
    file = hub.folder / "hub.yaml"
    file.write_text(file.read_text() + "serve: {push: false}\n")
    with store.read() as connection:
        assert not small.work_of(load_hub(hub.folder), connection)


def test_all_small_runs_of_a_day_are_held_to_the_guard_on_created_records(
    hub: Hub, store: Store, night: Night, small_run: SmallRun
) -> None:
    night()
    file = hub.folder / "hub.yaml"
    file.write_text(file.read_text() + "guards: {created_count: 4}\n")
    for number in (10, 11):
        deliver(hub, number)
        assert small_run()["guards"] == []
    deliver(hub, 12)
    report = small_run()
    assert (report["exit"], report["guards"]) == (4, ["created-count"])
    assert "ilona12@visitors12.example" not in emails(hub)
    with store.read() as connection:
        made = connection.scalars(select(run_count.c.value).where(run_count.c.section == "small-runs")).all()
    assert sorted(made) == [3, 3]
    night()
    assert "ilona12@visitors12.example" in emails(hub)


def test_a_night_waits_for_a_small_run_and_a_small_run_comes_after_the_night(
    hub: Hub, store: Store, night: Night, small_run: SmallRun
) -> None:
    night()
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with lease(store, "land:crm"), lease(store, "push:crm"):
            taken.set()
            done.wait(1)

    holder = threading.Thread(target=hold)
    holder.start()
    taken.wait()
    assert night()["problems"] == []
    holder.join()


def test_a_trouble_is_told_once_however_many_runs_meet_it(
    hub: Hub, store: Store, night: Night, small_run: SmallRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    night()
    with web_server() as web:
        monkeypatch.setenv("WEBHOOK", f"{web.address}/hook")
        file = hub.folder / "hub.yaml"
        file.write_text(file.read_text() + "notify: {webhook: {url: '${WEBHOOK}', timeout_seconds: 5}}\n")
        crm_of(hub).misbehave(Trouble.FAIL, on="read", times=99)
        for number in (20, 21, 22):
            deliver(hub, number)
            tell_once(load_hub(hub.folder), store, small_run())
        assert texts(web) == 1
        (body,) = [json.loads(body)["text"] for _, _, _, body in web.calls]
        assert len(body.splitlines()) <= 11
        assert "- crm" in body
        assert "visitors" not in body
        # Another day, or so it looks.
        with store.write() as connection:
            connection.execute(meta.delete().where(meta.c.name == "small-runs:told"))
        tell_once(load_hub(hub.folder), store, small_run())
        assert texts(web) == 2
        crm_of(hub).behave()
        tell_once(load_hub(hub.folder), store, small_run())
        assert texts(web) == 2


def texts(web: Web) -> int:
    return len(web.calls)


def test_the_worker_takes_what_came_and_ends_when_it_is_told(hub: Hub, store: Store, night: Night) -> None:
    night()
    end = threading.Event()
    deliver(hub, 30)
    worker = threading.Thread(target=Worker(hub.folder, end).work)
    worker.start()
    try:
        for _ in range(200):
            if "ilona30@visitors30.example" in emails(hub):
                break
            threading.Event().wait(0.1)
    finally:
        end.set()
        worker.join(30)
    assert "ilona30@visitors30.example" in emails(hub)
    with store.read() as connection:
        assert status(connection, hub)["waiting"]["deliveries"] == 0
        assert connection.scalars(select(lead.c.id).where(lead.c.state == "live")).all()


def test_what_small_runs_leave_to_a_person_is_told_with_the_next_night(
    hub: Hub, night: Night, small_run: SmallRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    night()
    with web_server() as web:
        monkeypatch.setenv("WEBHOOK", f"{web.address}/hook")
        file = hub.folder / "hub.yaml"
        file.write_text(file.read_text() + "notify: {webhook: {url: '${WEBHOOK}', timeout_seconds: 5}}\n")
        deliver(hub, 40, name="", email="", phone="", company="")
        assert small_run()["streams"]["form/enquiries"]["refused"] == 1
        assert texts(web) == 0
        assert night()["exit"] == 0
        assert texts(web) == 1
        night()
        assert texts(web) == 1


def test_a_process_for_small_runs_is_of_use_where_something_is_armed(hub: Hub, store: Store) -> None:
    assert not is_of_use(hub.folder)
    arm(store, "crm", who="tester", now=time.now())
    confirm_first_ten(store, "crm", who="tester", now=time.now())
    assert is_of_use(hub.folder)
    (hub.folder / "connections" / "form.yaml").unlink()
    assert not is_of_use(hub.folder)
    (hub.folder / "hub.yaml").write_text("no: [hub")
    assert not is_of_use(hub.folder)
