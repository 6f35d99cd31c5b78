"""The command line, as a script meets it: exit codes, one JSON document, and errors that say what would be right."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from python_calamine import load_workbook
from sqlalchemy import insert, select, update

from connectors.memory.space import Trouble
from solmu.cli.run import guards_named
from solmu.config import Hub
from solmu.model import FIELDS, Entity
from solmu.store import Store
from solmu.store.tables import golden, mention, order, run
from tests.hubs import ONE, crm_of, write_sheet
from tests.night.commands import Command, Said, in_process
from tests.night.conftest import Night

BAD = ("3", "Hanko Hitsi Oy", "", "Hanko", "Ilmari Ek", "ilmari@@hankohitsi.example", "", "")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command line in this process."""
    return in_process(monkeypatch, capsys)


@pytest.fixture
def solmu(command: Command, hub: Hub) -> Command:
    """Runs a command line on the hub."""
    return lambda *arguments: command(*arguments, "--hub", hub.folder)


@pytest.fixture
def empty_hub(command: Command, tmp_path: Path) -> Path:
    """A hub without a store, for commands that need none."""
    assert command("init", tmp_path / "mine").code == 0
    return tmp_path / "mine"


def company(number: int) -> tuple[str, ...]:
    return (str(number), f"Firma {number} Oy", "", "Vaasa", f"Aku Ek{number}", f"aku@firma{number}.example", "", "Tool")


def sent(said: Said) -> int:
    target = said.json["targets"]["crm"]
    return sum(target[state] for state in ("created", "updated", "linked", "rejected"))


# --- starting ---------------------------------------------------------------------------------------------------------


def run_alone(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own, in which nothing is loaded yet."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True)


def test_help_loads_nothing_heavy_and_lists_every_command(tmp_path: Path) -> None:
    probe = (
        "import sys, atexit; atexit.register(lambda: print(*sorted({n.partition('.')[0] for n in sys.modules}),"
        " file=sys.stderr)); sys.argv[1:] = ['--help']; from solmu.cli import main; main()"
    )
    said = run_alone(probe, tmp_path)
    assert said.returncode == 0
    commands = "init connection run plan apply target status explain export retry rebuild doctor"
    assert all(f" {name} " in said.stdout for name in commands.split())
    heavy = {"prefect", "splink", "duckdb", "pandas", "polars", "numpy", "pyarrow", "sqlalchemy", "pydantic"}
    assert heavy.isdisjoint(said.stderr.split())


def test_an_interruption_while_the_command_line_is_being_loaded_says_so(tmp_path: Path) -> None:
    probe = (
        "import os, signal, sys\nclass AtTyper:\n    def find_spec(self, name, *_):\n"
        "        if name == 'typer': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, AtTyper()); from solmu.__main__ import main; main()"
    )
    said = run_alone(probe, tmp_path)
    assert (said.returncode, said.stdout) == (130, "")
    assert said.stderr == "interrupted before anything was done\n"


@pytest.mark.parametrize("words", ["--help", "init mine", "match models --hub nowhere -o json"])
def test_where_nobody_reads_on_a_command_ends_quietly(tmp_path: Path, words: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        said = subprocess.run(
            [sys.executable, "-m", "solmu", *words.split()],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=pipe, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert (said.returncode, said.stderr) == (141, "")


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_interruption_before_the_work_begins_says_so(
    solmu: Command, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("solmu.cli.run.the_hub", interrupted)
    monkeypatch.setattr("solmu.cli.opening.the_hub", interrupted)
    said = solmu("run", "--output", form)
    assert said.code == 130
    if form == "json":
        assert said.error["code"] == "interrupted"
    else:
        assert said.err.startswith("error it was interrupted")


def test_init_makes_a_hub_once(command: Command, tmp_path: Path) -> None:
    made = command("init", tmp_path / "mine", "--output", "json")
    assert made.code == 0
    assert made.json == {"hub": str(tmp_path / "mine" / "hub.yaml")}
    again = command("init", tmp_path / "mine", "--output", "json")
    assert again.code == 2
    assert again.error["code"] == "hub-exists"


def test_the_hub_is_the_one_named_else_of_the_environment_else_the_nearest_parent(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("named", "environment", "nearest"):
        assert command("init", tmp_path / name).code == 0
    monkeypatch.chdir(tmp_path / "nearest" / "mappings" / "sources")
    assert command("status", "--output", "json").json["hub"] == "nearest"
    monkeypatch.setenv("SOLMU_HUB", str(tmp_path / "environment"))
    assert command("status", "--output", "json").json["hub"] == "environment"
    assert command("status", "--output", "json", "--hub", tmp_path / "named").json["hub"] == "named"
    monkeypatch.delenv("SOLMU_HUB")
    monkeypatch.chdir(tmp_path)
    lost = command("status", "--output", "json")
    assert lost.code == 2
    assert lost.error["code"] == "no-hub"


@pytest.mark.parametrize(
    "line",
    [
        ["statsu"],
        ["status", "--colour"],
        ["explain"],
        ["run", "--override", "first-ten"],
        ["status", "--max-age", "soon"],
        ["export", "golds"],
        ["export", "links", "--format", "docx"],
        ["export", "links", "--format", "xlsx"],
        ["connection", "preview", "nobody"],
        ["connection", "add", "memory", "--name", "x", "--set", "space"],
        ["run", "--select", "nobody"],
        ["plan", "nobody"],
        ["plan", "--select", "nobody"],
        ["apply", "plan_nobody"],
        ["target", "arm", "nobody"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_exit_2_and_one_document(
    command: Command, empty_hub: Path, line: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLMU_HUB", str(empty_hub))
    said = command(*line, "--output", "json")
    assert said.code == 2, said
    assert said.error["message"]


def test_a_wrong_command_line_is_told_on_stderr(command: Command) -> None:
    said = command("statsu")
    assert said.code == 2
    assert said.out == ""
    assert "statsu" in said.err


def test_an_error_names_file_line_and_the_nearest_name(command: Command, empty_hub: Path) -> None:
    file = empty_hub / "hub.yaml"
    file.write_text("name: Mine\nsurvivorshp:\n  default: rank\n")
    said = command("status", "--hub", empty_hub, "--output", "json")
    assert said.code == 2
    assert (said.error["file"], said.error["line"]) == (str(file), 2)
    assert "survivorship" in said.error["expected"]
    text = command("status", "--hub", empty_hub)
    assert text.code == 2
    assert text.out == ""
    assert f"{file}:2" in text.err


def test_a_store_that_cannot_be_opened_is_one_document_too(command: Command, empty_hub: Path) -> None:
    (empty_hub / "hub.yaml").write_text("store: postgresql+psycopg://nobody@127.0.0.1:1/none\n")
    said = command("status", "--hub", empty_hub, "--output", "json")
    assert said.code == 2
    assert (said.error["file"], said.error["line"]) == (str(empty_hub / "hub.yaml"), 1)
    assert said.error["field"] == "store"
    assert "Connection refused" in said.error["message"]


# --- a night ----------------------------------------------------------------------------------------------------------


def test_run_reports_as_the_contract_says(solmu: Command, hub: Hub, armed: None) -> None:
    said = solmu("run", "--output", "json")
    assert said.code == 0
    assert said.err == ""
    report = said.json
    assert set(report) >= {
        *("run_id", "started", "seconds", "exit", "balanced", "guards", "streams", "mentions", "golden", "pairs"),
        "targets",
    }
    assert report["exit"] == 0
    counters = {"read", "new", "changed", "unchanged", "deleted", "repeated", "refused"}
    assert {name: set(row) for name, row in report["streams"].items()} == dict.fromkeys(
        ["crm/accounts", "crm/contacts", "one/leads", "two/leads"], counters
    )
    assert set(report["mentions"]) == {"linked", "pending", "quarantined", "ignored", "withdrawn", "erased"}
    states = ["created", "updated", "linked", "unchanged", "rejected", "retriable", "unknown", "blocked", "held"]
    states += ["superseded", "conflicting"]
    target = report["targets"]["crm"]
    assert set(target) == {"planned", "kept_out", "overridden", "secondary", "api_calls", *states}
    assert target["planned"] == sum(target[state] for state in states)
    assert json.loads((hub.folder / "reports" / "latest.json").read_bytes()) == report
    assert json.loads((hub.folder / "reports" / f"{report['run_id']}.json").read_bytes()) == report
    assert "The books balance" in solmu("run").out


def test_run_is_exit_3_when_a_row_was_refused_or_one_connection_failed(solmu: Command, hub: Hub, armed: None) -> None:
    write_sheet(hub.folder, "one", [*ONE, BAD])
    assert solmu("run").code == 3
    write_sheet(hub.folder, "one", ONE)
    (hub.folder / "data" / "two.csv").unlink()
    said = solmu("run", "--output", "json")
    assert said.code == said.json["exit"] == 3
    assert [problem["connection"] for problem in said.json["problems"]] == ["two"]


def test_run_is_exit_1_when_nothing_could_be_done(solmu: Command, hub: Hub, armed: None) -> None:
    crm_of(hub).misbehave(Trouble.FAIL, on="read", times=99)
    said = solmu("run", "--select", "crm", "--output", "json")
    assert said.code == said.json["exit"] == 1
    assert [problem["connection"] for problem in said.json["problems"]] == ["crm"]


def test_run_stopped_by_a_guard_is_exit_4_until_it_is_overridden(solmu: Command, hub: Hub, armed: None) -> None:
    file = hub.folder / "hub.yaml"
    file.write_text(file.read_text() + "guards: {created_count: 2}\n")
    said = solmu("run", "--output", "json")
    assert said.code == 4
    assert said.json["guards"] == ["created-count"]
    assert said.json["targets"]["crm"]["held"] > 0
    assert "--override guard=created-count" in said.json["problems"][0]["expected"]
    assert guards_named(["guard=created-count", "created-count"]) == ["created-count"] * 2
    over = solmu("run", "--override", "created-count", "--output", "json")
    assert over.code == 0, over.json
    assert over.json["targets"]["crm"]["created"] > 2


def test_status_is_exit_4_when_a_night_is_missing(solmu: Command, store: Store, armed: None) -> None:
    never = solmu("status", "--max-age", "26h", "--output", "json")
    assert (never.code, never.json["overdue"], never.json["last_run"]) == (4, True, None)
    solmu("run")
    fresh = solmu("status", "--max-age", "26h", "--output", "json")
    assert (fresh.code, fresh.json["overdue"], fresh.json["last_run"]["exit"]) == (0, False, 0)
    assert fresh.json["targets"]["crm"]["armed"] is True
    with store.write() as connection:
        connection.execute(update(run).values(finished=run.c.finished - 27 * 3_600_000_000))
    late = solmu("status", "--max-age", "26h")
    assert late.code == 4
    assert "overdue" in late.out
    assert solmu("status", "--max-age", "28h").code == solmu("status").code == 0


def test_a_run_of_a_clock_that_ran_ahead_is_no_proof_that_all_is_well(solmu: Command, store: Store) -> None:
    solmu("run")
    with store.write() as connection:
        connection.execute(update(run).values(finished=run.c.finished + 86_400_000_000))
    said = solmu("status", "--max-age", "26h", "--output", "json")
    assert (said.code, said.json["overdue"]) == (4, True)


def test_a_crm_that_stays_down_is_named_with_what_waits_and_is_overdue_though_the_runs_are_good(
    solmu: Command, hub: Hub, store: Store, armed: None
) -> None:
    solmu("run")
    solmu("run")
    assert solmu("status", "--output", "json").json["failing"] == []
    with store.write() as connection:
        connection.execute(update(run).values(finished=run.c.finished - 27 * 3_600_000_000))
    crm_of(hub).misbehave(Trouble.FAIL, on="read", times=99)
    write_sheet(hub.folder, "one", [*ONE, company(10)])
    bad = solmu("run")
    assert bad.code == 3
    assert "target crm: nothing was planned or sent; 2 organisations and people wait to be planned" in bad.out
    assert "the next run goes on from there by itself, and `solmu connection check crm` asks again now" in bad.out
    assert json.loads((hub.folder / "reports" / "latest.json").read_bytes())["not_sent"] == {"crm": 2}
    (said,) = solmu("status", "--output", "json").json["failing"]
    assert (said["connection"], said["overdue"], said["problem"]["connection"]) == ("crm", False, "crm")
    late = solmu("status", "--max-age", "26h")
    assert late.code == 4
    assert "crm failed last time; well last: 20" in late.out
    assert solmu("status", "--max-age", "28h").code == 0
    crm_of(hub).behave()
    assert solmu("run").code == 0
    assert solmu("status", "--max-age", "26h").code == 0


# --- planning, arming and applying ------------------------------------------------------------------------------------


def test_a_target_is_shown_armed_and_first_gets_ten_records(solmu: Command, hub: Hub) -> None:
    write_sheet(hub.folder, "one", [*ONE, *(company(number) for number in range(10, 20))])
    read_only = solmu("run", "--output", "json")
    assert read_only.json["targets"]["crm"]["held"] > 0
    assert crm_of(hub).records("tasks") == {}
    asked = solmu("target", "arm", "crm", "--output", "json")
    assert asked.code == 2
    assert asked.error["expected"] == "--yes"
    armed = solmu("target", "arm", "crm", "--yes", "--output", "json")
    assert armed.code == 0
    assert armed.json == {"target": "crm", "armed": True, "first_ten_left": 10}
    first = solmu("run", "--output", "json")
    assert (first.code, first.json["guards"]) == (4, ["first-ten"])
    assert sent(first) == 10
    unconfirmed = solmu("run", "--output", "json")
    assert (unconfirmed.code, unconfirmed.json["guards"]) == (4, ["first-ten"])
    assert "--first-ten-are-right" in unconfirmed.json["problems"][0]["expected"]
    confirmed = solmu("target", "arm", "crm", "--yes", "--first-ten-are-right", "--output", "json")
    assert confirmed.json["first_ten_left"] is None
    assert solmu("run").code == 0
    assert len(crm_of(hub).records("accounts")) == 12
    disarmed = solmu("target", "arm", "crm", "--disarm", "--output", "json")
    assert disarmed.json == {"target": "crm", "armed": False, "first_ten_left": 10}
    source = solmu("target", "arm", "one", "--yes", "--output", "json")
    assert (source.code, source.error["connection"]) == (2, "one")


@pytest.fixture
def landed(solmu: Command, armed: None) -> None:
    """Everything is read and resolved, and nothing sent."""
    for name in ("one", "two"):
        assert solmu("run", "--select", name).code == 0


def test_a_plan_says_what_it_would_write_and_writes_nothing(solmu: Command, hub: Hub, landed: None) -> None:
    solmu("run", "--select", "one")
    before = len(crm_of(hub).calls)
    said = solmu("plan", "--output", "json")
    assert said.code == 0, said
    document = said.json
    assert {"id", "hash", "target", "actions", "kept_out", "calls_estimated"} <= set(document)
    assert document["target"] == "crm"
    for action in document["actions"]:
        assert {"action", "object", "golden_id", "remote_id", "fields"} <= set(action)
        assert all(set(change) == {"old", "new", "rule", "source"} for change in action["fields"].values())
    names = [action["fields"]["Name"]["new"] for action in document["actions"] if action["object"] == "accounts"]
    assert "Suomen Sorvi Oy" in names
    assert json.loads((hub.folder / "plans" / f"{document['id']}.json").read_bytes()) == document
    assert not [call for call in crm_of(hub).calls[before:] if call.verb == "write"]
    page = (hub.folder / "plans" / f"{document['id']}.html").read_text()
    assert f'Plan for crm</h1>\n<p class="when">{document["id"]}' in page
    assert "<td>Suomen Sorvi Oy</td>" in page
    assert not re.search(r"<script|<link|<img|\ssrc=|https?://", page)
    text = solmu("plan", "crm")
    assert text.code == 0
    assert "create accounts" in text.out
    assert "As a page: plans/plan_" in text.out
    assert "create accounts" in solmu("plan", "--select", "crm").out
    assert solmu("plan", "--select", "one", "--output", "json").json == {"plans": [], "problems": []}


def test_a_plan_says_of_which_reading_it_is_and_reads_first_if_asked(solmu: Command, hub: Hub, landed: None) -> None:
    solmu("run")
    write_sheet(hub.folder, "one", [*ONE, company(10)])
    old = solmu("plan")
    assert "As of the last reading: 20" in old.out
    assert "(crm, one, two)" in old.out
    assert ": 0 actions" in old.out
    before = len(crm_of(hub).calls)
    fresh = solmu("plan", "--read", "--output", "json")
    assert (fresh.code, sum(each["action"] == "create" for each in fresh.json["actions"])) == (0, 3)
    calls = [call.verb for call in crm_of(hub).calls[before:]]
    assert "read" in calls
    assert "write" not in calls


@pytest.mark.parametrize("by", ["id", "path"])
def test_a_plan_is_applied_by_its_id_or_its_file(solmu: Command, hub: Hub, landed: None, by: str) -> None:
    document = solmu("plan", "--read", "--output", "json").json
    plan = document["id"] if by == "id" else hub.folder / "plans" / f"{document['id']}.json"
    said = solmu("apply", plan, "--output", "json")
    assert said.code == 0, said
    target = said.json["targets"]["crm"]
    assert target["planned"] == len(document["actions"]) > 0
    assert target["created"] == sum(action["action"] == "create" for action in document["actions"])
    assert said.json["balanced"]
    assert len(crm_of(hub).records("tasks")) == 3
    again = solmu("apply", plan, "--output", "json")
    assert again.code == 0
    assert len(crm_of(hub).records("tasks")) == 3
    assert again.json["apply"] == {"plan": document["id"], "nothing_left": True}
    assert (again.json["targets"]["crm"]["planned"], sent(again)) == (0, 0)
    assert f"nothing of {document['id']} was left to send" in solmu("apply", plan).out


def test_what_somebody_entered_in_the_crm_since_the_plan_was_made_is_not_created_again(
    solmu: Command, hub: Hub, landed: None
) -> None:
    document = solmu("plan", "--read", "--output", "json").json
    made = [each for each in document["actions"] if each["action"] == "create" and each["object"] == "accounts"]
    for number, each in enumerate(made):
        entered = {name: field["new"] for name, field in each["fields"].items() if name in {"Name", "City", "Phone"}}
        crm_of(hub).put("accounts", entered, key=f"by-hand-{number}")
    said = solmu("apply", document["id"], "--output", "json")
    assert said.json["balanced"], said
    names = [each.get("Name") for each in crm_of(hub).records("accounts").values()]
    assert made
    assert len(names) == len(set(names))
    assert said.json["targets"]["crm"]["superseded"] >= len(made)


def test_a_target_that_cannot_be_read_gets_no_creates_of_an_older_plan(solmu: Command, hub: Hub, landed: None) -> None:
    document = solmu("plan", "--read", "--output", "json").json
    crm_of(hub).misbehave(Trouble.FAIL, on="read", times=99)
    said = solmu("apply", document["id"], "--output", "json")
    assert said.code != 0
    assert sent(said) == 0
    crm_of(hub).behave()
    assert solmu("apply", document["id"], "--output", "json").json["targets"]["crm"]["created"] > 0


def test_a_plan_file_that_was_edited_is_refused(solmu: Command, hub: Hub, landed: None) -> None:
    document = solmu("plan", "--output", "json").json
    file = hub.folder / "plans" / f"{document['id']}.json"
    file.write_text(file.read_text().replace("Suomen Sorvi Oy", "Suomen Sorvi Ab"))
    said = solmu("apply", file, "--output", "json")
    assert said.code == 4
    assert said.error["code"] == "plan-changed"
    assert crm_of(hub).records("tasks") == {}


def test_a_plan_made_under_other_rules_is_refused(solmu: Command, hub: Hub, landed: None) -> None:
    document = solmu("plan", "--output", "json").json
    mapping = hub.folder / "mappings" / "targets" / "account.yaml"
    mapping.write_text(mapping.read_text().replace("  City: {from: city}\n", ""))
    said = solmu("apply", document["id"], "--output", "json")
    assert said.code == 4
    assert said.json["guards"] == ["rules-changed"]
    assert crm_of(hub).records("tasks") == {}


def test_apply_with_a_limit_sends_no_more_than_that(solmu: Command, hub: Hub, landed: None) -> None:
    document = solmu("plan", "--read", "--output", "json").json
    said = solmu("apply", document["id"], "--limit", "2", "--output", "json")
    assert sent(said) == 2
    assert said.json["targets"]["crm"]["held"] == len(document["actions"]) - 2
    rest = solmu("apply", document["id"], "--output", "json")
    target = rest.json["targets"]["crm"]  # what the first two brought back has changed some of the others
    assert sent(rest) + target["superseded"] == target["planned"] == len(document["actions"]) - 2
    assert rest.json["apply"]["nothing_left"] is False


def test_a_target_that_cannot_be_planned_is_one_document(solmu: Command, hub: Hub, landed: None) -> None:
    file = hub.folder / "mappings" / "targets" / "account.yaml"
    file.write_text(file.read_text().replace("from: city", "from: cty"))
    said = solmu("plan", "--output", "json")
    assert said.code == 2
    assert said.error["file"] == str(file)
    assert "city" in said.error["expected"]


# --- explaining -------------------------------------------------------------------------------------------------------


def test_explain_finds_a_record_by_whatever_a_person_has(solmu: Command, hub: Hub, store: Store, night: Night) -> None:
    write_sheet(
        hub.folder, "two", [("A", "Kotka-Kone", "2092540-6", "", "Laine Aino", "a.laine@kotka.example", "", "")]
    )
    crm_of(hub).change("contacts", "003", {"Phone": "0401234567"})
    night()
    crm = crm_of(hub)
    account = next(key for key, record in crm.records("accounts").items() if record["Name"] == "Suomen Sorvi Oy")
    document = solmu("explain", account, "--output", "json").json
    assert document["name"] == "Suomen Sorvi Oy"
    assert document["fields"]["city"] | {"since": None} == {
        "value": "Oulu",
        "rule": "rank",
        "source": "one/leads/2",
        "since": None,
        "others": document["fields"]["city"]["others"],
    }
    assert {remote["remote_id"] for remote in document["remotes"]} == {account}
    for what in (
        document["golden_id"],
        document["golden_id"].upper(),
        f"https://crm.example/lightning/r/Account/{account}/view",
        f"memory://{hub.connections['crm'].settings['space']}/accounts/{account}",
        "suomen sorvi oy",
        "Suomen So",
    ):
        found = solmu("explain", what, "--output", "json")
        assert found.code == 0, what
        assert found.json["golden_id"] == document["golden_id"], what
    person = solmu("explain", "Eero.Salo@suomensorvi.example", "--output", "json").json
    assert person["entity"] == "person"
    employer, employed = person["affiliations"][0], document["affiliations"][0]
    assert (employer["golden_id"], employer["source"]) == (document["golden_id"], "one/leads/2")
    assert (employed["golden_id"], employed["name"]) == (person["golden_id"], person["name"])
    assert solmu("explain", "2", "--output", "json").json["found_by"] == "lead number"
    only = solmu("explain", "Suomen Sorvi", "--field", "city", "--output", "json").json
    assert set(only["fields"]) == {"city"}
    text = solmu("explain", account)
    assert text.code == 0
    assert "Who works there" in text.out
    assert "one/leads/2" in text.out


def test_explain_tells_the_story_of_one_field_alone(solmu: Command, night: Night) -> None:
    night()
    said = solmu("explain", "Kotka Kone", "--field", "city").out
    assert "Who speaks of it" not in said
    assert "Why they are taken for the same" not in said
    one = solmu("explain", "Kotka Kone", "--field", "city", "-o", "json").json
    assert set(one) == {"found_by", "golden_id", "entity", "state", "name", "fields", "pins"}
    # A row speaks of a company and a person: of these the person has such a field.
    assert solmu("explain", "two/leads/A", "--field", "given_name", "-o", "json").json["entity"] == "person"
    wrong = solmu("explain", "Kotka Kone", "--field", "ctiy", "-o", "json").error
    assert (wrong["code"], wrong["expected"]) == ("no-field", "city")


@pytest.mark.parametrize(
    ("words", "code"),
    [("undo", 1), ("review undo", 1), ("review list --limit", 0), ("review list --older-than", 2)],
)
def test_a_number_that_no_store_can_hold_breaks_nothing(solmu: Command, words: str, code: int) -> None:
    huge = "9" * 23
    said = solmu(*words.split(), f"{huge}d" if code == 2 else huge, "-o", "json")
    assert said.code == code
    if code == 1:
        assert said.error["message"].startswith("there is no such")


def test_explain_finds_a_customer_by_the_number_of_an_order(solmu: Command, store: Store, night: Night) -> None:
    night()
    customer = solmu("explain", "Suomen Sorvi Oy", "--output", "json").json
    with store.write() as connection:
        speaker = connection.execute(select(mention).where(mention.c.public_id == customer["golden_id"])).one()
        connection.execute(
            insert(order).values(
                record_id=speaker.record_id,
                slot="order",
                mention_id=speaker.id,
                state="live",
                document={},
                document_hash=b"?",
                number="SO-1001",
            )
        )
    found = solmu("explain", "SO-1001", "--output", "json").json
    assert (found["golden_id"], found["found_by"]) == (customer["golden_id"], "order number")


def test_explain_finds_a_person_by_any_of_their_addresses(solmu: Command, hub: Hub, night: Night) -> None:
    crm_of(hub).change("contacts", "003", {"Email": "a.laine@kotkakone.example", "Phone": "0401234567"})
    night()
    one = solmu("explain", "aino.laine@kotkakone.example", "--output", "json").json
    other = solmu("explain", "A.Laine@KotkaKone.example", "--output", "json").json
    assert len(one["fields"]["email"]["value"]) == 2, one
    assert one["golden_id"] == other["golden_id"]


def test_explain_says_when_nothing_is_known(solmu: Command, night: Night) -> None:
    night()
    said = solmu("explain", "nobody@nowhere.example", "--output", "json")
    assert said.code == 1
    assert said.error["code"] == "not-found"


# --- exporting --------------------------------------------------------------------------------------------------------

COLUMNS = {
    "links": ["connection", "stream", "key", "slot", "entity", "golden_id", "since", "why"],
    "golden": ["golden_id", "entity", *dict.fromkeys(name for entity in Entity for name in FIELDS[entity])],
    "pairs": [
        *(f"{side}_{name}" for side in ("left", "right") for name in ("connection", "stream", "key", "slot")),
        *("entity", "score", "band", "decision", "explanation"),
    ],
    "quarantine": [
        *("connection", "stream", "key", "stage", "code", "field", "value", "message", "file", "line", "expected")
    ],
}
HOSTILE = '=1+1<script>alert("x")</script>'


def test_exports_have_the_columns_of_the_contract_in_every_format(
    solmu: Command, hub: Hub, store: Store, night: Night, tmp_path: Path
) -> None:
    write_sheet(hub.folder, "one", [*ONE, BAD])
    night()
    with store.write() as connection:
        row = golden.c.name == "Suomen Sorvi Oy"
        document = connection.scalar(golden.select().with_only_columns(golden.c.document).where(row))
        document["name"]["value"] = HOSTILE
        connection.execute(update(golden).where(row).values(document=document))
    for what, columns in COLUMNS.items():
        rows = solmu("export", what, "--format", "json").json
        assert rows, what
        assert all(list(each) == columns for each in rows)
        lines = list(csv.reader(io.StringIO(solmu("export", what).out)))
        assert lines[0] == columns
        assert len(lines) == len(rows) + 1
        sheet = tmp_path / f"{what}.xlsx"
        assert solmu("export", what, "--format", "xlsx", "--to", sheet).out == ""
        cells = load_workbook(str(sheet)).get_sheet_by_index(0).to_python()
        assert cells[0] == columns
        assert len(cells) == len(rows) + 1
        file = tmp_path / f"{what}.parquet"
        assert solmu("export", what, "--format", "parquet", "--to", file).code == 0
        table = parquet.read_table(file)
        assert table.column_names == columns
        assert table.num_rows == len(rows)
    (bad,) = solmu("export", "quarantine", "--format", "json").json
    assert (bad["connection"], bad["key"], bad["field"], bad["value"]) == ("one", "3", "E-mail", BAD[5])
    assert bad["file"].endswith("one.csv")
    assert bad["line"] == 4
    # What looks like a formula is text in a sheet, and stays what it is for programs.
    assert HOSTILE in [each["name"] for each in solmu("export", "golden", "--format", "json").json]
    name = COLUMNS["golden"].index("name")
    assert "'" + HOSTILE in [line[name] for line in csv.reader(io.StringIO(solmu("export", "golden").out))]
    assert HOSTILE in [
        line[name] for line in load_workbook(str(tmp_path / "golden.xlsx")).get_sheet_by_index(0).to_python()
    ]
    assert HOSTILE in parquet.read_table(tmp_path / "golden.parquet")["name"].to_pylist()


# --- mending ----------------------------------------------------------------------------------------------------------


def test_retry_replays_the_quarantine_or_what_the_target_refused(solmu: Command, hub: Hub, armed: None) -> None:
    write_sheet(hub.folder, "one", [*ONE, BAD])
    crm_of(hub).misbehave(Trouble.REJECT, on="write")
    refused = solmu("run", "--output", "json")
    assert refused.code == 3
    assert refused.json["targets"]["crm"]["rejected"] == 1
    # Neither side has changed, so the target would refuse it again: it is left alone until somebody says so.
    assert sent(solmu("run", "--output", "json")) == 0
    again = solmu("retry", "--outbox", "--output", "json")
    # Whatever waited for the refused record goes with it.
    assert sent(again) >= 1
    assert again.json["targets"]["crm"]["rejected"] == again.json["targets"]["crm"]["blocked"] == 0
    mapping = hub.folder / "mappings" / "sources" / "sheet.yaml"
    mapping.write_text(mapping.read_text().replace("email: {from: E-mail}", "email: {from: E-mail, on_invalid: drop}"))
    before = len(crm_of(hub).calls)
    replayed = solmu("retry", "--quarantine", "--output", "json")
    assert replayed.code == 0, replayed.json
    assert replayed.json["mentions"]["pending"] == replayed.json["mentions"]["quarantined"] == 0
    assert len(crm_of(hub).calls) == before
    assert solmu("export", "quarantine", "--format", "json").json == []
    assert solmu("run").code == 0
    assert "Hanko Hitsi Oy" in {record["Name"] for record in crm_of(hub).records("accounts").values()}


def test_rebuild_check_finds_what_differs_and_rebuild_mends_it(solmu: Command, store: Store, night: Night) -> None:
    night()
    fine = solmu("rebuild", "--check", "--output", "json")
    assert (fine.code, fine.json) == (0, {"ok": True, "differences": []})
    with store.write() as connection:
        connection.execute(update(golden).values(document={}, document_hash=b"?"))
    wrong = solmu("rebuild", "--check", "--output", "json")
    assert (wrong.code, wrong.json["ok"]) == (1, False)
    assert len(wrong.json["differences"]) == 4
    assert solmu("rebuild", "--output", "json").json == {"changed": 4}
    assert solmu("rebuild", "--check").code == 0


def test_rebuild_check_says_that_survivorship_changed_and_prints_ten(solmu: Command, hub: Hub, night: Night) -> None:
    lines = [f"c{n},Firma {n} Oy,,Kotka,Aino Laine,aino@firma{n}.example,,".split(",") for n in range(9)]
    write_sheet(hub.folder, "one", [tuple(each) for each in lines])
    night()
    settings = hub.folder / "hub.yaml"
    settings.write_text(settings.read_text().replace("default: rank", "default: newest"))
    told = solmu("rebuild", "--check")
    first, *others = told.out.splitlines()
    assert (told.code, first.partition(":")[0]) == (1, "golden records were made by other rules than those of now")
    assert [line.endswith("other mentions") for line in others] == [True] * 10 + [False] * 2
    assert re.fullmatch(r"and (\d+) more; all of them: solmu rebuild --check --output json", others[-2])
    document = solmu("rebuild", "--check", "--output", "json").json
    count = len(document["differences"])
    assert (document["by_other_rules"], others[-1]) == (True, f"{count} differences: 0 claims, {count} golden records")


# --- connections ------------------------------------------------------------------------------------------------------


def test_a_connection_is_added_tried_looked_at_and_switched_off(command: Command, empty_hub: Path) -> None:
    write_sheet(empty_hub, "sheet", ONE)
    (empty_hub / "mappings" / "sources" / "leads.yaml").write_text(
        "record: lead\norganisation: {name: Company, city: City, country: {const: FI}}\n"
    )

    def solmu(*arguments: object) -> Said:
        return command(*arguments, "--hub", empty_hub, "--output", "json")

    line = ["connection", "add", "spreadsheet", "--name", "partner", "--set", "folder=data"]
    line += ["--stream", "rows=leads", "--option", "rows.files=sheet.csv", "--option", "rows.key=[Nr]"]
    added = solmu(*line)
    assert added.code == 0, added
    assert added.json["connection"] == "partner"
    assert Path(added.json["file"]).is_file()
    again = solmu(*line)
    assert (again.code, again.error["code"]) == (2, "connection-exists")
    assert solmu("connection", "check", "partner").json == {"connection": "partner", "ok": True, "notes": []}
    (stream,) = solmu("connection", "discover", "partner").json["streams"]
    assert stream["name"] == "rows"
    assert {"Company", "City"} <= {field["name"] for field in stream["fields"]}
    (preview,) = solmu("connection", "preview", "partner").json["previews"]
    assert preview["looked_at"] == 2
    assert preview["landed_before"] == 0
    assert preview["rows"][1]["mentions"][0]["fields"]["name"] == "Suomen Sorvi Oy"
    assert {"Interest", "Phone"} <= set(preview["columns_ignored"])
    assert solmu("status").json["records"] == {}
    off = solmu("connection", "enable", "partner", "--off")
    assert off.json["enabled"] is False
    assert solmu("run").json["streams"] == {}
    assert solmu("connection", "enable", "partner").json["enabled"] is True
    assert solmu("run").json["streams"]["partner/rows"]["new"] == 2
    (preview,) = solmu("connection", "preview", "partner", "rows").json["previews"]
    assert preview["landed_before"] == 2
    unknown = solmu("connection", "check", "partnr")
    assert unknown.code == 2
    assert unknown.error["expected"] == "partner"
    kind = solmu("connection", "add", "spredsheet", "--name", "other")
    assert kind.code == 2
    assert "spreadsheet" in kind.error["expected"]


def test_a_connection_is_not_asked_for_what_nobody_can_answer(
    command: Command, empty_hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    said = command("connection", "add", "--hub", empty_hub, "--output", "json")
    assert said.code == 2
    assert said.error["code"] == "usage"
    assert list((empty_hub / "connections").iterdir()) == []


def test_a_key_is_changed_by_rekey_and_the_history_stays(solmu: Command, hub: Hub, store: Store, night: Night) -> None:
    night()
    file = hub.folder / "connections" / "one.yaml"
    file.write_text(file.read_text().replace("key: [Nr]", "key: [E-mail]"))
    frozen = solmu("run", "--output", "json")
    assert frozen.code == 3
    assert "connection rekey one leads" in frozen.json["problems"][0]["expected"]
    shown = solmu("connection", "rekey", "one", "leads", "--output", "json")
    assert shown.json == {"kept": 2, "unmatched": 0, "clashing": 0, "written": False}
    assert solmu("connection", "rekey", "one", "leads", "--yes", "--output", "json").json["written"] is True
    after = solmu("run", "--output", "json")
    assert after.code == 0
    assert {k: v for k, v in after.json["streams"]["one/leads"].items() if v} == {"read": 2, "unchanged": 2}
    assert after.json["golden"] == {"organisations": 2, "people": 2}
    assert solmu("doctor").code == 0
