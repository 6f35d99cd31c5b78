"""A list of the home page, pushed as tasks: one a customer, never twice, and taken back by closing them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from solmu.cli import main as command_line
from solmu.config import Hub, load_hub
from solmu.doctor import examine
from solmu.errors import ConfigurationError, SolmuError
from solmu.followup.count import count
from solmu.followup.own import task_streams
from solmu.followup.push import push_tasks
from solmu.followup.tasks import Ask, ready
from solmu.store import Store
from solmu.store.tables import audit
from solmu.sync.arm import disarm
from solmu.sync.reverting import revert_run
from tests.hubs import crm_of, with_follow_ups
from tests.night.conftest import Night

CALL = Ask("no-next-step", "crm", "Call them", date(2030, 1, 31))

Push = Callable[..., dict[str, Any]]


@pytest.fixture
def hub(hub: Hub) -> Hub:
    """The same with a stream for follow-up tasks."""
    crm_of(hub).change("accounts", "001", {"Owner": "U7"})
    return with_follow_ups(hub.folder)


@pytest.fixture
def counted(hub: Hub, store: Store, night: Night) -> Callable[[], dict[str, Any]]:
    """A night has run; gives what counts the customers."""
    night()

    def count_now() -> dict[str, Any]:
        return count(hub, store, lambda _step, _more: None)

    count_now()
    return count_now


@pytest.fixture
def push(hub: Hub, store: Store, counted: object) -> Push:
    def run(ask: Ask = CALL, **options: Any) -> dict[str, Any]:
        with store.read() as connection:
            seen = ready(connection, hub, ask).seen
        report = push_tasks(hub, store, ask, **({"seen": seen, "who": "sten"} | options))
        assert report["balanced"], report["unbalanced"]
        return report

    return run


def tasks(hub: Hub) -> list[dict[str, Any]]:
    found = crm_of(hub).records("follow-ups").values()
    return sorted(found, key=lambda each: str(each["WhatId"]))


def edited(hub: Hub, status: str) -> None:
    """A salesperson changes the state of the task of account 001."""
    crm = crm_of(hub)
    [key] = [key for key, task in crm.records("follow-ups").items() if task["WhatId"] == "001"]
    crm.change("follow-ups", key, {"Status": status})


def test_every_customer_of_the_list_gets_one_task_for_its_owner(hub: Hub, store: Store, push: Push) -> None:
    report = push()
    assert (report["exit"], report["targets"]["crm"]["created"]) == (0, 2), report["problems"]
    first, second = tasks(hub)
    assert first == {
        "WhatId": "001", "Subject": "Call them", "Due": "2030-01-31", "Status": "Open", "Owner": "U7",
    }  # fmt: skip
    assert second["Owner"] == "005"  # nobody looks after that one: the hub's default does
    assert report["tasks"]["make"] == 2
    plan = json.loads((hub.folder / "plans" / f"{report['tasks']['plan']}.json").read_text())
    assert [line["object"] for line in plan["actions"]] == ["follow-ups"] * 2
    with store.read() as connection:
        rows = connection.execute(select(audit).where(audit.c.what == "list pushed as tasks")).all()
    assert [(row.who, row.subject, row.detail["tasks"]) for row in rows] == [("sten", "list:no-next-step", 2)]
    assert examine(store, hub)["ok"], examine(store, hub)


def test_none_is_made_again_while_one_of_the_same_list_is_open(hub: Hub, push: Push, night: Night) -> None:
    push()
    again = push()
    assert (again["tasks"]["make"], again["tasks"]["open"], again["tasks"]["plan"]) == (0, 2, None)
    night()
    assert len(tasks(hub)) == 2
    other = push(Ask("unreachable", "crm", "Find an address", CALL.due))
    assert other["tasks"]["open"] == 0


def test_one_that_is_done_there_may_be_followed_by_another(hub: Hub, store: Store, push: Push) -> None:
    push()
    edited(hub, "Completed")
    looked = push()  # what the salesperson did is noticed now, so it is another thing than was seen
    assert [problem["code"] for problem in looked["problems"]] == ["moved"]
    assert push()["targets"]["crm"]["created"] == 1
    assert len(tasks(hub)) == 3


def test_an_open_task_is_the_next_step_of_its_customer(
    hub: Hub, push: Push, counted: Callable[[], dict[str, Any]]
) -> None:
    before = counted()
    push()
    after = counted()
    assert (before["no_next_step"], after["no_next_step"]) == (2, 0)
    assert after["long_ago"] == before["long_ago"]  # planning to call somebody is no contact


def test_taking_it_back_closes_what_nobody_has_touched(hub: Hub, store: Store, push: Push, night: Night) -> None:
    report = push()
    edited(hub, "In Progress")
    back = revert_run(hub, store, report["run_id"], confirm=lambda _: True)
    found = back["revert"]["targets"]["crm"]
    assert (found["records"], [left["why"] for left in found["left"]]) == (1, ["edited-since"])
    assert [task["Status"] for task in tasks(hub)] == ["In Progress", "Completed"]
    night()
    assert [task["Status"] for task in tasks(hub)] == ["In Progress", "Completed"]
    assert examine(store, hub)["ok"], examine(store, hub)


def test_only_a_part_of_the_list_and_only_customers_who_are_there(hub: Hub, store: Store, push: Push) -> None:
    with store.read() as connection:
        found = ready(connection, hub, Ask("no-next-step", "crm", "Call", CALL.due, {"owner": "U7"}))
        assert [task.parents for task in found.tasks] == [{"accounts": "001"}]


def test_what_somebody_did_not_see_is_not_made(hub: Hub, push: Push) -> None:
    report = push(seen="another thing")
    assert [problem["code"] for problem in report["problems"]] == ["moved"]
    assert tasks(hub) == []


def test_a_guard_stops_it_before_anything_is_stored(hub: Hub, store: Store, push: Push) -> None:
    settings = hub.folder / "hub.yaml"
    settings.write_text(settings.read_text() + "guards: {created_count: 1}\n")
    limited = load_hub(hub.folder)
    with store.read() as connection:
        seen = ready(connection, limited, CALL).seen
    report = push_tasks(limited, store, CALL, seen=seen, who="sten")
    assert (report["exit"], report["guards"]) == (4, ["created-count"])
    with store.read() as connection:
        assert ready(connection, limited, CALL).open == 0
    assert push_tasks(limited, store, CALL, seen=seen, who="sten", override=["created-count"])["exit"] == 0


def test_nothing_is_pushed_to_a_target_that_is_read_only(hub: Hub, store: Store, push: Push) -> None:
    disarm(store, "crm", who="adda", now=1)
    with pytest.raises(SolmuError) as refused:
        push()
    assert refused.value.code == "not-armed"


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (Ask("no-such", "crm", "Call", CALL.due), "no-list"),
        (Ask("no-owner", "one", "Call", CALL.due), "no-tasks"),
        (Ask("no-owner", "crm", " ", CALL.due), "no-subject"),
        (Ask("no-owner", "crm", "Call", CALL.due, {"name": "x"}), "no-field"),
    ],
)
def test_what_cannot_be_is_refused(hub: Hub, store: Store, counted: object, ask: Ask, code: str) -> None:
    with store.read() as connection, pytest.raises(ConfigurationError) as refused:
        ready(connection, hub, ask)
    assert refused.value.code == code


def test_targets_without_such_a_stream_take_none(hub: Hub) -> None:
    assert task_streams(hub) == {"crm": "follow-ups"}


def test_the_command_shows_first_and_pushes_then(
    hub: Hub, counted: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["tasks", "no-next-step", "--to", "crm", "--subject", "Call them", "--due", "2030-01-31"]

    def solmu(*more: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["solmu", *asked, "--hub", str(hub.folder), *more])
        with pytest.raises(SystemExit) as ended:
            command_line()
        return int(ended.value.code or 0), capsys.readouterr().out

    code, out = solmu("--output", "json")
    assert (code, json.loads(out)["error"]["expected"]) == (2, "--yes")
    asked[1] = "no-such-list"
    code, out = solmu("--output", "json")
    assert code == 2
    assert "'no-such-list' is not one of no-owner" in json.loads(out)["error"]["message"]
    asked[1] = "no-next-step"
    code, out = solmu("--yes", "--output", "json")
    assert (code, json.loads(out)["tasks"]["make"]) == (0, 2)
    code, out = solmu("--yes", "--only", "tier=")
    assert code == 0
    assert "2 have an open task of this list" in out
