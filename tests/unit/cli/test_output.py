"""What is shown in a terminal is read, and never obeyed."""

from __future__ import annotations

import pytest

from solmu.cli.output import console, fail, table
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
