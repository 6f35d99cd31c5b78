"""What people read in a terminal: previews, and the report of a run."""

from __future__ import annotations

from typing import Any

import pytest

from solmu.cli.connection.shown import landing, print_preview
from solmu.cli.imports import print_look
from solmu.cli.look import _print
from solmu.cli.previewed import _did
from solmu.cli.previewed import print_preview as print_change
from solmu.cli.report import print_report
from solmu.errors import Retriable, Skippable

ROW: dict[str, Any] = {
    "mentions": [
        {"slot": "person", "fields": {"name": "Aino Laine", "email": ["aino@kotka.example", "a@kotka.example"]}},
        {"slot": "organisation", "fields": {}},
    ],
    "hanging": [{"kind": "lead", "fields": {"text": "Hello,\n\nplease call."}}],
    "consents": [{"kind": "consent", "of": "person", "fields": {"email": False}}],
}


def preview(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "connection": "mail",
        "stream": "enquiries",
        "looked_at": len(rows),
        "more": False,
        "rows": rows,
        "refused": [],
        "columns_ignored": [],
        "columns_left_alone": [],
        "columns_missing": {},
        "keys_clashing": 0,
        "values_dropped": [],
        "keys_repeated": 0,
        "landed_before": 0,
        "left_alone": 0,
        "of_other_records": 0,
        "known": 0,
        "new": len(rows),
    }


def test_a_row_says_once_where_it_stands_and_each_text_is_one_line() -> None:
    assert landing(ROW, "line 2") == [
        ["line 2", "person", "name: Aino Laine; email: aino@kotka.example, a@kotka.example"],
        ["", "lead", "text: Hello, please call."],
        ["", "consent", "email: no"],
    ]


def test_a_preview_of_nothing_has_no_empty_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_preview(preview([]))

    said = capsys.readouterr().out
    assert "mail/enquiries: looked at 0 rows" in said
    assert "what would land" not in said


def test_columns_that_are_not_read_and_fields_without_a_column_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    missing = {"organisation.name": ["Company", "Firm"]}
    print_preview({**preview([]), "columns_left_alone": ["gesperrt"], "columns_missing": missing})

    said = capsys.readouterr().out
    assert "not read, as the mapping says (`ignore`): gesperrt" in said
    assert "organisation.name: no column is called Company or Firm" in said
    assert "1 field of" in said
    assert "--output json" not in said


def test_orders_are_not_said_to_speak_of_nobody_known(capsys: pytest.CaptureFixture[str]) -> None:
    print_preview({**preview([]), "looked_at": 2, "of_other_records": 2})

    said = capsys.readouterr().out
    assert "2 belong to records of another stream" in said
    assert "nobody known" not in said


def test_of_many_fields_without_a_column_a_few_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    missing = {f"person.field{number}": ["a", "b"] for number in range(40)}
    print_preview({**preview([]), "columns_missing": missing})

    said = capsys.readouterr().out
    assert "40 fields of the mapping find no column here" in said
    assert "field7: no column is called a or b" in said
    assert "field8" not in said
    assert "and 32 more" in said


def report(**changes: Any) -> dict[str, Any]:
    usual = {
        "streams": {},
        "mentions": {"linked": 4},
        "golden": {"organisations": 2, "people": 2},
        "pairs": {"same": 2, "ask": 0, "different": 0},
        "targets": {},
        "problems": [],
        "balanced": True,
        "seconds": 0.1,
        "run_id": "run_1",
        "exit": 0,
    }
    return {**usual, **changes}


@pytest.mark.parametrize(
    ("organisations", "people", "said"),
    [(1, 1, "1 organisation and 1 person from"), (2, 0, "2 organisations and 0 people from")],
)
def test_one_is_not_many(organisations: int, people: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_report(report(golden={"organisations": organisations, "people": people}))

    assert said in capsys.readouterr().out


def test_a_system_that_does_not_answer_is_not_called_a_refused_row(capsys: pytest.CaptureFixture[str]) -> None:
    unreachable = Retriable("the login did not answer", connection="crm", stream="accounts")
    streams = {"crm/accounts": {"read": 0, "refused": 0}}
    print_report(report(exit=3, problems=[unreachable.as_dict()], streams=streams))
    print_report(report(exit=3, streams={"crm/accounts": {"read": 2, "refused": 1}}))

    first, second = capsys.readouterr().out.split("exit 3: ")[1:]
    assert first.startswith("done, but not everything")
    assert "were" not in first.partition("\n")[0]
    assert second.startswith("done, but some rows")


def test_a_problem_of_a_file_names_file_and_line(capsys: pytest.CaptureFixture[str]) -> None:
    odd = Skippable(
        "this is no row", connection="leads", stream="leads", file="sheets/leads.csv", line=5, expected="3 cells"
    )
    print_report(report(exit=3, problems=[odd.as_dict()]))
    assert "problem: sheets/leads.csv:5: leads/leads: this is no row (expected: 3 cells)" in capsys.readouterr().out


def test_of_hundreds_of_columns_that_say_nothing_a_few_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    known = {"column": "Company", "field": "organisation.name", "confidence": 0.98, "why": "its heading"}
    unknown = [{"column": f"x{n}", "field": None, "confidence": None, "why": "nothing known"} for n in range(300)]
    print_look(
        {
            "file": "wide.xlsx",
            "connection": "import",
            "stream": "wide",
            "kind": "lead",
            "dates_undecided": [],
            "proposed": True,
            "columns": [*unknown, known],
            "country": None,
            "notes": [],
            "preview": preview([]),
        }
    )

    said = capsys.readouterr().out
    assert "organisation.name" in said
    assert "x11" in said
    assert "x12" not in said
    assert "and 288 more columns of which nothing is known" in said


@pytest.mark.parametrize(
    ("rows", "refused", "more", "titles"),
    [
        (1, 0, False, ["The first row as it would land"]),
        (2, 1, False, ["The first 2 rows as they would land", "1 of 2 rows would be refused"]),
        (0, 3, True, ["3 of the first 3 rows would be refused"]),
    ],
)
def test_what_is_shown_of_a_sheet_is_called_by_its_number(
    capsys: pytest.CaptureFixture[str], rows: int, refused: int, more: bool, titles: list[str]
) -> None:
    wrong = {"place": "line 9", "record": "9", "field": "Date", "value": "31.2.2024", "message": "no", "expected": "x"}
    seen = preview([{**ROW, "key": "k", "place": "leads.csv, line 2", "ignored": False}] * rows)
    seen |= {"refused": [wrong] * refused, "more": more, "looked_at": max(rows, refused)}
    about = {
        "file": "a.csv",
        "connection": "import",
        "stream": "a",
        "kind": "lead",
        "dates_undecided": [],
        "proposed": True,
        "columns": [],
    }
    print_look({**about, "country": None, "notes": [], "preview": seen})
    said = capsys.readouterr().out
    assert [title for title in titles if title not in said] == []
    assert ("as they would land" in said) == (rows > 1)


def test_a_run_says_which_values_its_rows_landed_without(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(report(left_out={"import/leads": {"Phone: this is no number": 1, "Land: unknown": 12}}))
    said = capsys.readouterr().out
    assert "import/leads: 1 value left out of rows that landed. Phone: this is no number" in said
    assert "import/leads: 12 values left out of rows that landed. Land: unknown" in said


def test_values_that_a_row_would_land_without_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    left_out = {"record": "7", "place": "row 7", "field": "Phone", "value": "040 12", "message": "it has no country"}
    print_preview({**preview([ROW | {"place": "row 7", "key": "7"}]), "values_dropped": [left_out]})

    said = capsys.readouterr().out
    assert "Values left out of rows that land: 1" in said
    assert all(each in said for each in ("row 7", "Phone", "040 12", "it has no country"))


CHANGE: dict[str, Any] = {
    "kind": "merge",
    "said": [],
    "undoes": [],
    "decisions": {"began": [], "ended": []},
    "pins": [],
}
PIN: dict[str, Any] = {"field": "city", "value": "Turku", "until": None, "set": True}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "merge"),
        ({"pins": [{**PIN, "field": "public_id", "value": "org_1"}]}, "merge, keeping the id org_1"),
        ({"kind": "pin", "pins": [{**PIN, "until": "2027-01-31"}]}, "pin city = Turku until 2027-01-31"),
        ({"kind": "unpin", "pins": [{**PIN, "set": False}]}, "unpin city"),
        ({"kind": "decide", "said": ["same"]}, "decide same"),
        ({"kind": "undo", "undoes": [4]}, "undo of 4"),
        ({"kind": "undo", "decisions": {"began": [], "ended": [2]}}, "undo of decision 2"),
    ],
)
def test_what_a_change_did_is_told_in_words(change: dict[str, Any], said: str) -> None:
    assert _did({**CHANGE, **change}) == said


def test_signs_in_a_name_are_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    _print({"name": "Kone [/] [red]Oy", "golden_id": "org_1", "state": "live", "fields": {}})
    assert capsys.readouterr().out.startswith("Kone [/] [red]Oy  org_1")


@pytest.mark.parametrize(
    ("change", "recorded", "told"),
    [
        ("undo", 1, "1 decision is recorded in your name"),
        ("undo", 2, "2 decisions are recorded in your name"),
        ("undo", 0, ""),
        ("merge", 1, ""),  # that is what was asked for
    ],
)
def test_what_an_undoing_says_in_somebodys_name_is_told_before(
    capsys: pytest.CaptureFixture[str], change: str, recorded: int, told: str
) -> None:
    lists: dict[str, Any] = {name: [] for name in ("golden", "crm", "moves_along", "edited_since", "rests_on")}
    decisions = {"recorded": recorded, "taken_back": [], "put_back": []}
    none = {"nothing": False, "hold": None, "people_again": 0, "waits": 0}
    print_change({**lists, **none, "change": change, "decisions": decisions})
    assert capsys.readouterr().out.startswith(told) if told else capsys.readouterr().out == ""
