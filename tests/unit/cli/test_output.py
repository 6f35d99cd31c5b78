"""What is shown in a terminal is read, and never obeyed."""

from __future__ import annotations

import pytest

from solmu.cli.output import console, counted, fail, table
from solmu.errors import SolmuError

ORDERS = "\x1b]0;title\x07\x1b[2JKoepaja\x9b31m \u202eyO\u202c"


def test_what_a_sheet_holds_gives_no_orders_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    table(f"title {ORDERS}", [ORDERS], [[ORDERS]])
    console().print(f"line {ORDERS}", markup=False)
    fail(SolmuError(f"message {ORDERS}"), as_json=False)

    shown = "".join(capsys.readouterr())

    assert "Koepaja" in shown
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\u202c"} & set(shown)


def test_lines_and_other_alphabets_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    console().print("Åbo\nשלום [1]", markup=False)

    assert capsys.readouterr().out == "Åbo\nשלום [1]\n"


def test_where_a_table_is_too_wide_its_short_columns_stay_in_one_piece(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    rule, source = "crm-unless-blank", "news/readers/fca5f19c8260ec885565429625fcea97"
    row = ["family_name", "Testinen-Virtanen of Miran", rule, source, "2026-11-23T16:26:11Z"]

    table(None, ["field", "value", "rule", "source", "dated"], [row])

    shown = capsys.readouterr().out
    assert rule in shown
    assert max(len(line) for line in shown.splitlines()) <= 80
    pieces = [line[start:].split("  ")[0].strip() for line in shown.splitlines()[1:]
              for start in [shown.splitlines()[0].index("source")]]  # fmt: skip
    assert "".join(pieces) == source


def test_no_column_is_cut_off_in_a_terminal_that_is_too_narrow_for_any(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    table(None, ["one", "two", "three"], [["abcdefghij", "klmnopqrst", "uvwxyzABCD"]])
    shown = capsys.readouterr().out
    assert sorted(shown.replace("one", "").replace("two", "").replace("three", "").replace(" ", "").replace("\n", "")
                  ) == sorted("abcdefghijklmnopqrstuvwxyzABCD")  # fmt: skip


def test_one_is_told_as_one() -> None:
    assert [counted(each, "pair waits", "pairs wait") for each in (0, 1, 2)] == [
        "0 pairs wait",
        "1 pair waits",
        "2 pairs wait",
    ]
