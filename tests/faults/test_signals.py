"""Asked to end, by Ctrl-C or by the system, a run finishes the batch under way, closes its books, and says so."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from connectors.memory.connector import MemoryConnector
from connectors.spreadsheet import connector as spreadsheet
from sandbox.start import Running, start
from solmu.config import Hub
from solmu.doctor import examine
from solmu.golden import recompute
from solmu.match import resolve
from solmu.report.status import status
from solmu.store import Store, dirty, open_store
from solmu.store import time as clock
from solmu.store.tables import outbox, run
from solmu.sync import claims, planning
from solmu.sync.arm import arm, confirm_first_ten
from solmu.sync.imports import bring_in, prepare, save
from solmu.sync.interrupt import Interrupted, check, heeding_signals, patient
from solmu.sync.rematch import rematch
from solmu.sync.run import apply_plan, begin, listening, push, run_all
from tests.faults.hubs import make_first, row
from tests.hubs import crm_of, make_hub, write_sheet
from tests.night.conftest import armed, hub, store
from tests.sandbox.client import Api

__all__ = ["armed", "hub", "store"]

ROOT = Path(__file__).parents[2]
STEPS = ("reading one/leads", "resolving", "computing golden records", "planning crm", "writing to crm")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "_BATCH", 1)
    for module in (claims, recompute, planning):
        monkeypatch.setattr(module, "BATCH", 1)
    monkeypatch.setattr(resolve, "PAGE", 1)
    monkeypatch.setattr(MemoryConnector, "max_batch", 1)


def signal_at(step: str, number: int = signal.SIGINT) -> Callable[[str, int], None]:
    """A listener that gets the process a signal when the first batch of a step is done."""
    steps = [step]

    def tell(now: str, _more: int) -> None:
        if now in steps:
            steps.remove(now)
            signal.raise_signal(number)

    return tell


def state(store: Store, report: dict[str, Any]) -> str:
    with store.read() as connection:
        return str(connection.scalar(select(run.c.state).where(run.c.id == report["run_id"])))


# --- in one process, so that the moment is known ----------------------------------------------------------------------


@pytest.mark.usefixtures("small_batches", "armed")
def test_runs_that_are_interrupted_in_every_step_are_finished_by_the_next_one(
    hub: Hub, store: Store, capfd: pytest.CaptureFixture[str]
) -> None:
    for step in STEPS:
        first = run_all(hub, store, tell=signal_at(step))
        assert (first["exit"], first["balanced"], state(store, first)) == (130, True, "interrupted"), step
        assert "once more ends at once" in capfd.readouterr().err
        with store.read() as connection:
            shown = status(connection, hub)
        assert (shown["interrupted"]["how"], shown["interrupted"]["run_id"]) == ("interrupted", first["run_id"])
        assert shown["under_way"] == []
    second = run_all(hub, store)
    assert (second["exit"], second["balanced"]) == (0, True)
    assert second["golden"] == {"organisations": 2, "people": 2}
    held = crm_of(hub)
    assert [len(held.records(stream)) for stream in ("accounts", "contacts", "tasks")] == [2, 2, 3]
    assert examine(store, hub)["ok"]
    with store.read() as connection:
        assert status(connection, hub)["interrupted"] is None


@pytest.mark.usefixtures("small_batches")
def test_a_run_that_was_interrupted_is_named_until_another_one_has_done_its_work(
    hub: Hub, store: Store, tmp_path: Path
) -> None:
    def named() -> str | None:
        with store.read() as connection:
            broken = status(connection, hub)["interrupted"]
        return broken and str(broken["run_id"])

    run_all(hub, store, send=False)
    with store.write() as connection:
        dirty.mark(connection, "match", [1, 2, 3, 4])
    cut = rematch(hub, store, tell=signal_at("resolving"))
    assert (cut["done"], named()) == (False, cut["run"])
    assert (rematch(hub, store)["done"], named()) == (True, None)
    # Two files are two works.
    lists = [tmp_path / f"{name}.csv" for name in ("fair", "visit")]
    for file in lists:
        lines = [f"{file.stem} {n} Oy,Kotka,Aino Laine{n},aino{n}@{file.stem}{n}.example" for n in range(3)]
        file.write_text("\n".join(["Company,City,Name,E-mail", *lines]) + "\n", encoding="utf-8")
    fair, visit = (prepare(hub, file, save=file.stem) for file in lists)
    now = save(fair)
    cut = bring_in(now, store, fair, tell=signal_at("reading fair.csv"))
    assert named() == cut["run_id"]
    assert (bring_in(save(visit), store, visit)["exit"], named()) == (0, cut["run_id"])
    assert (bring_in(now, store, fair)["exit"], named()) == (0, None)


@pytest.mark.usefixtures("small_batches", "armed")
def test_the_batch_under_way_is_finished_and_no_further_one_begun(hub: Hub, store: Store) -> None:
    report = run_all(hub, store, tell=signal_at("writing to crm", signal.SIGTERM))
    assert (report["exit"], state(store, report)) == (143, "interrupted")
    with store.read() as connection:
        states = sorted(connection.scalars(select(outbox.c.state)))
    assert states.count("planned") == len(states) - 1
    assert not {"sent", "unknown"} & set(states)
    target = report["targets"]["crm"]
    assert (target["created"] + target["updated"] + target["linked"], target["held"]) == (1, len(states) - 1)


@pytest.mark.usefixtures("small_batches", "armed")
def test_an_apply_that_is_interrupted_leaves_the_rest_to_the_next_run(hub: Hub, store: Store) -> None:
    planned = run_all(hub, store, send=False)
    assert planned["targets"]["crm"]["held"] > 3
    this = begin(hub, store, kind="plan")
    plan = push(this, "crm", send=False)
    assert plan is not None
    with listening(signal_at("writing to crm")):
        report = apply_plan(hub, store, plan)
    assert (report["kind"], report["exit"], report["balanced"]) == ("apply", 130, True)
    assert run_all(hub, store)["exit"] == 0
    assert len(crm_of(hub).records("tasks")) == 3


@pytest.mark.usefixtures("small_batches")
def test_an_import_that_is_interrupted_goes_on_when_it_is_tried_again(hub: Hub, store: Store, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    lines = [f"Firma {n} Oy,Kotka,Aino Laine{n},aino{n}@firma{n}.example" for n in range(6)]
    file.write_text("\n".join(["Company,City,Name,E-mail", *lines]) + "\n", encoding="utf-8")
    ready = prepare(hub, file, save="fair")
    now = save(ready)
    cut = bring_in(now, store, ready, tell=signal_at("reading list.csv"))
    assert (cut["kind"], cut["exit"], cut["balanced"]) == ("import", 130, True)
    assert cut["streams"]["fair/rows"]["new"] == 1
    again = bring_in(now, store, ready)
    assert again["exit"] == 0
    assert {key: count for key, count in again["streams"]["fair/rows"].items() if count} == {
        "read": 6,
        "new": 5,
        "unchanged": 1,
    }
    assert again["golden"] == {"organisations": 6, "people": 6}


@pytest.mark.usefixtures("armed")
def test_a_second_signal_ends_at_once_and_the_next_run_goes_on(hub: Hub, store: Store) -> None:
    def twice(_step: str, _more: int) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run_all(hub, store, tell=twice)
    with store.read() as connection:
        assert connection.scalars(select(run.c.state)).all() == ["interrupted"]
    assert run_all(hub, store)["exit"] == 0


@pytest.mark.usefixtures("armed")
def test_after_a_run_signals_mean_what_they_meant_before(hub: Hub, store: Store) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    run_all(hub, store, tell=signal_at("resolving"))
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    check()


def test_a_wait_ends_when_an_end_is_asked_for() -> None:
    with heeding_signals():
        patient(0.01)
        signal.raise_signal(signal.SIGTERM)
        began = time.monotonic()
        with pytest.raises(Interrupted) as asked:
            patient(60)
        assert time.monotonic() - began < 30
    assert asked.value.exit_code == 143


def test_a_run_that_was_killed_and_one_under_way_show_in_the_status(hub: Hub, store: Store) -> None:
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    here = begin(hub, store)
    with store.read() as connection:
        shown = status(connection, hub)
    assert [each["run_id"] for each in shown["under_way"]] == [here.id]
    assert shown["interrupted"] is None
    process = shown["under_way"][0]["process"].partition(":")[0] + f":{int(dead.stdout)}"
    with store.write() as connection:
        connection.execute(run.update().values(detail={"process": process}))
    with store.read() as connection:
        shown = status(connection, hub)
    assert shown["under_way"] == []
    assert (shown["interrupted"]["run_id"], shown["interrupted"]["how"]) == (here.id, "killed")


# --- as a process, by the command line --------------------------------------------------------------------------------

# A shell that starts the tests in the background may have them ignore Ctrl-C, and so their children.
_PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
import connectors.spreadsheet.connector as spreadsheet
from connectors.salesforce.connector import SalesforceConnector
spreadsheet._BATCH = 20
SalesforceConnector.max_batch = 10
from solmu.cli import main
main()
"""


def solmu(hub: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *arguments, "--hub", str(hub), "--output", "json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)


def landed(store: Path) -> int:
    with closing(sqlite3.connect(store)) as db:
        return int(db.execute("SELECT count(*) FROM source_record").fetchone()[0])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_process_while_it_lands(number: signal.Signals, tmp_path: Path, migrated_sqlite: Path) -> None:
    rows = [(str(n), "", "", "", "", "", "", "") for n in range(2000)]  # refused all: what counts here is the landing
    store = tmp_path / "hub" / "solmu.db"
    store.parent.mkdir()
    shutil.copyfile(migrated_sqlite, store)
    make_first(tmp_path / "hub")
    write_sheet(tmp_path / "hub", "one", [row(0), *rows])
    process = solmu(tmp_path / "hub", "run", "--select", "one", "--override", "guard=refused-share")
    until(lambda: landed(store) > 0, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number, err
    report = json.loads(out)
    assert (report["exit"], report["balanced"]) == (128 + number, True)
    read = report["streams"]["one/leads"]["read"]
    assert 0 < read < 2001
    assert landed(store) == read
    assert "ending when the batch under way is done" in err
    process = solmu(tmp_path / "hub", "run", "--select", "one", "--override", "guard=refused-share")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 3, err
    counts = json.loads(out)["streams"]["one/leads"]
    assert (counts["read"], counts["refused"], landed(store)) == (2001, 2000, 2001)


_SALESFORCE = """
connector: salesforce
direction: both
settings:
  login_url: {url}
  client_id: "{client_id}"
  client_secret: ${{SANDBOX_SECRET}}
streams:
  accounts: {{mapping: salesforce/account}}
  contacts: {{mapping: salesforce/contact}}
"""


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Running]:
    with start("salesforce", tmp_path / "salesforce.db") as running:
        yield running


def test_a_signal_to_the_process_while_it_writes_to_a_crm(
    sandbox: Running, tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "hub"
    rows = [  # of two digits each: of Laine1 and Laine11 it would be asked whether they are one
        (str(n), f"Firma {n} Oy", "", "Oulu", f"Aino Laine{n}", f"aino@firma{n}.example", "", "") for n in range(10, 40)
    ]
    make_hub(folder, sheets={"one": rows, "two": []})
    hub_file, crm_file = folder / "hub.yaml", folder / "connections" / "crm.yaml"
    hub_file.write_text(hub_file.read_text().partition("assignment:")[0])
    secrets = sandbox.secrets
    monkeypatch.setenv("SANDBOX_SECRET", secrets["client_secret"])
    crm_file.write_text(_SALESFORCE.format(url=sandbox.url, client_id=secrets["client_id"]))
    shutil.copyfile(migrated_sqlite, folder / "solmu.db")
    with open_store(f"sqlite:///{folder / 'solmu.db'}") as store:
        arm(store, "crm", who="tester", now=clock.now())
        confirm_first_ten(store, "crm", who="tester", now=clock.now())
    slow = {"kind": "slow", "match": "/composite/sobjects", "times": None, "seconds": 0.4}
    requests.post(f"{sandbox.url}/_misbehave", json=slow, timeout=10).raise_for_status()

    process = solmu(folder, "run")
    until(lambda: writes(sandbox) > 0, process)
    process.send_signal(signal.SIGINT)  # the second batch is on its way, or about to be
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    report = json.loads(out)
    target = report["targets"]["crm"]
    assert (report["exit"], report["balanced"], target["unknown"], target["rejected"]) == (130, True, 0, 0)
    assert 10 <= target["created"] < 60
    assert target["created"] + target["held"] == target["planned"] == 60
    assert people(sandbox) + accounts(sandbox) == target["created"]

    requests.delete(f"{sandbox.url}/_misbehave", timeout=10).raise_for_status()
    process = solmu(folder, "run")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert (accounts(sandbox), people(sandbox)) == (30, 30)
    process = solmu(folder, "run")
    before = writes(sandbox)
    assert (process.wait(120), writes(sandbox)) == (0, before)
    process.communicate()


def writes(sandbox: Running) -> int:
    calls = requests.get(f"{sandbox.url}/_calls", timeout=10).json()
    entries = calls if isinstance(calls, list) else calls["calls"]
    return sum(each["kind"] == "write" for each in entries)


def accounts(sandbox: Running) -> int:
    return count(sandbox, "Account")


def people(sandbox: Running) -> int:
    return count(sandbox, "Contact")


def count(sandbox: Running, object: str) -> int:
    with Api(sandbox) as api:
        return len(api.query(f"SELECT Id FROM {object}"))
