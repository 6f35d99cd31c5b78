"""The text of a message: short, plain, without anything personal, and with a command that can be pasted."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solmu.notify.message import MOST_LINES, WIDTH, Message, message, occasions, sample
from tests.unit.notify.reports import HERE, a_report, problem, stream, target
from tools.reference.commands import names

GONE = problem("the file is not there", connection="two", code="no-file", expected="two.csv", file="aino-laine.csv")
SHRANK = problem(
    "40 of 50 rows are gone from a list that is read whole; nothing was withdrawn",
    connection="one",
    stream="leads",
    code="source-shrank",
    expected="the whole list, or `--override guard=source-shrank` if they are really gone",
)
DOWN = problem("the CRM did not answer: HTTP 503", connection="crm", code="no-answer")
TOO_MANY = problem(
    "9000 records would be created",
    connection="crm",
    code="created-count",
    expected="at most 5000, or `--override guard=created-count`",
)
FIRST_TEN = problem(
    "the first records were written, and the rest waits until somebody has looked at them",
    connection="crm",
    code="first-ten",
    expected="`solmu target arm crm --first-ten-are-right` after a look at them there",
)


def pasted(text: Message) -> list[str]:
    return [line.removeprefix("Paste: ") for line in text.lines if line.startswith("Paste: ")]


def test_a_bad_night_is_one_message_that_says_all_four_things() -> None:
    report = a_report(
        exit=3,
        guards=["source-shrank"],
        problems=[GONE, SHRANK, DOWN],
        targets={"crm": target()},
        streams={"one/leads": stream(read=10, unchanged=10)},
    )
    told = message(report, replace(HERE, waiting={"rows in quarantine": 2}))
    assert told.subject == "[Acme] the run is done, but not for crm, one, two"
    assert told.lines == (
        "Acme: the run is done, but not for crm, one, two; run run_abc, started 2024-11-05T03:30:00Z, exit 3",
        "- two: the file is not there",
        "- one/leads: 40 of 50 rows are gone from a list that is read whole; nothing was withdrawn",
        "- crm: the CRM did not answer: HTTP 503",
        "Safe: the books balance; 10 rows read and stored; nothing written to crm",
        "Waits: 2 rows in quarantine; rows that are gone from a source, kept until that is confirmed",
        "Paste: solmu connection check two --hub '/srv/acme hub'",
        "Paste: solmu run --select two --hub '/srv/acme hub'",
    )


@pytest.mark.parametrize(
    ("changes", "headline", "command"),
    [
        ({"exit": 4, "guards": ["created-count"], "problems": [TOO_MANY]}, "was stopped by a guard", "solmu plan crm"),
        (
            {"exit": 4, "guards": ["first-ten"], "problems": [FIRST_TEN]},
            "was stopped by a guard",
            "solmu target arm crm --first-ten-are-right",
        ),
        (
            {"exit": 3, "guards": ["source-shrank"], "problems": [SHRANK]},
            "is done, but not for one",
            "solmu connection preview one",
        ),
        ({"exit": 1, "problems": [DOWN]}, "failed, nothing could be done", "solmu connection check crm"),
        ({"exit": 1, "balanced": False, "unbalanced": ["one/leads: 3 rows read"]}, "do not balance", "solmu doctor"),
        ({"exit": 143}, "was interrupted", "solmu run"),
        ({"exit": 143, "kind": "import"}, "was interrupted", "solmu status"),
        ({"exit": 1, "died": True, "problems": [DOWN]}, "broke off", "solmu doctor"),
        (
            {"exit": 3, "targets": {"crm": target(planned=1, rejected=1)}},
            "something needs a person",
            "solmu retry --outbox",
        ),
        ({"pairs": {"same": 0, "ask": 2, "different": 0}}, "something needs a person", "solmu review list"),
        ({}, "the run is good", "solmu status"),
    ],
)
def test_each_ending_has_its_headline_and_its_command(changes: dict[str, Any], headline: str, command: str) -> None:
    told = message(a_report(**changes), HERE)
    assert headline in told.subject
    assert pasted(told)[0] == f"{command} --hub '/srv/acme hub'"


@pytest.mark.parametrize("found", [GONE, SHRANK, DOWN, TOO_MANY, FIRST_TEN])
def test_every_command_exists(found: dict[str, Any]) -> None:
    known = set(names())
    report = a_report(
        exit=3,
        guards=[found["code"]] if "guard" in str(found["expected"]) else [],
        problems=[found],
        targets={"crm": target(rejected=1)},
    )
    for line in pasted(message(report, HERE)):
        words = shlex.split(line)[1:]
        assert words[0] in known
        assert " ".join(words[:2]) in known or not {f"{words[0]} {words[1]}"} & known
        assert words[-2:] == ["--hub", "/srv/acme hub"]


def test_a_guard_is_overridden_by_a_line_that_can_be_pasted() -> None:
    told = message(a_report(exit=4, guards=["created-count"], problems=[TOO_MANY]), HERE)
    assert pasted(told)[1] == "solmu run --override guard=created-count --hub '/srv/acme hub'"


@pytest.mark.parametrize("more", ["run; reboot", "run $(reboot)", "run | sh", "run > hub.yaml", "run\nreboot"])
def test_what_a_sheet_calls_its_columns_is_never_pasted_into_a_shell(more: str) -> None:
    hostile = problem("the columns changed", connection="one", code="layout", expected=f"E-mail, not `solmu {more}`")

    told = message(a_report(exit=3, problems=[hostile]), HERE)

    assert pasted(told)[0] == "solmu connection check one --hub '/srv/acme hub'"


def test_a_message_that_nobody_got_is_told_of_in_the_next_one() -> None:
    standing = replace(HERE, unsent=["smtp, run run_old, 2024-11-04T03:31:00Z: no answer", "webhook, run run_old"])
    told = message(a_report(), standing)
    assert told.lines[-1] == "Not delivered before: smtp, run run_old, 2024-11-04T03:31:00Z: no answer, and 1 more"
    assert occasions(a_report(), standing) == {"unsent"}


@pytest.mark.parametrize(
    ("changes", "refused", "expected"),
    [
        ({}, 0, set()),
        ({"exit": 3, "streams": {"a/b": stream(read=1, refused=1)}}, 0, set()),
        ({"exit": 3, "streams": {"a/b": stream(read=1, refused=1)}}, 1, {"needs-person"}),
        ({"pairs": {"same": 0, "ask": 1, "different": 0}}, 0, {"needs-person"}),
        ({"pairs": {"same": 0, "ask": 1, "different": 0}, "kind": "import"}, 1, set()),
        ({"targets": {"crm": target(conflicting=1)}}, 0, {"needs-person"}),
        ({"exit": 3, "problems": [GONE]}, 0, {"failed"}),
        ({"exit": 3, "problems": [SHRANK], "guards": ["source-shrank"]}, 0, {"stopped"}),
        ({"exit": 3, "problems": [SHRANK, DOWN], "guards": ["source-shrank"]}, 0, {"stopped", "failed"}),
        ({"exit": 143}, 0, {"failed"}),
        ({"exit": 1, "balanced": False}, 0, {"failed"}),
    ],
)
def test_what_there_is_to_tell_of(changes: dict[str, Any], refused: int, expected: set[str]) -> None:
    assert occasions(a_report(**changes), replace(HERE, refused_anew=refused)) == expected


PERSONAL = "aino.laine@example.com"
words = st.text(max_size=400)


@given(
    problems=st.lists(
        st.builds(
            lambda text, where: problem(text, connection=where, value=PERSONAL, record=PERSONAL, file=PERSONAL),
            words,
            st.sampled_from(["crm", "one", None]),
        ),
        max_size=30,
    ),
    unbalanced=st.lists(words, max_size=12),
    targets=st.integers(0, 40),
    exit=st.sampled_from([0, 1, 2, 3, 4, 130, 143]),
    hub=words,
)
def test_whatever_happened_it_is_short_and_holds_nothing_of_a_record(
    problems: list[dict[str, Any]], unbalanced: list[str], targets: int, exit: int, hub: str
) -> None:
    report = a_report(
        problems=problems,
        unbalanced=unbalanced,
        balanced=not unbalanced,
        exit=exit,
        targets={f"target-{number}": target(held=number) for number in range(targets)},
    )
    told = message(report, replace(HERE, hub=hub, unsent=["one", "two"]))
    assert len(told.lines) <= MOST_LINES
    assert all(0 < len(line) <= WIDTH for line in told.lines)
    assert len(told.subject) <= 120
    assert PERSONAL not in told.subject + told.text
    assert all(line.isprintable() for line in [told.subject, *told.lines])


def test_what_an_error_says_is_no_mark_up_for_a_chat_room() -> None:
    told = message(a_report(exit=3, problems=[problem("see <!channel> `x`", connection="crm")]), HERE)
    assert told.lines[1] == "- crm: see ‹!channel› 'x'"


def test_a_test_message_says_that_it_is_one() -> None:
    told = sample("Acme")
    assert "test" in told.subject
    assert len(told.lines) == 2


def test_a_list_that_came_without_a_column_is_told_of_by_the_run_that_sees_it_first() -> None:
    lost = {"connection": "one", "stream": "leads", "column": "Phone", "since": "2024-11-05", "file": "aino-laine.csv"}
    lost |= {"rows": 12, "instead": ["Tel"], "newly": True}
    report = a_report(lost_columns=[lost])
    assert occasions(report, HERE) == {"needs-person"}
    (waits,) = [line for line in message(report, HERE).lines if line.startswith("Waits: ")]
    assert "one/leads lost its column Phone" in waits
    assert "aino-laine" not in waits
    assert occasions(a_report(lost_columns=[{**lost, "newly": False}]), HERE) == frozenset()


def test_a_threshold_that_new_answers_broke_needs_a_person_once() -> None:
    broken = {"entity": "organisation", "since": "2026-11-22T03:30:00Z", "promised": 0.99, "low": 0.971, "newly": True}
    report = a_report(taken_back=[broken])
    assert occasions(report, HERE) == {"needs-person"}
    assert "scores merge no organisations by themselves any more since 2026-11-22" in message(report, HERE).text
    assert occasions(a_report(taken_back=[{**broken, "newly": False}]), HERE) == frozenset()
