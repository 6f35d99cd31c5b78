"""The review sheet goes out and comes back: what fits is taken, and every other row is told why not."""

from __future__ import annotations

import csv
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import xlsxwriter
from python_calamine import load_workbook

from solmu.errors import ConfigurationError
from solmu.match.decisions import Verdict
from solmu.review import answers
from solmu.review.bring_back import import_sheet
from solmu.review.names import PairId
from solmu.review.queue import Filters
from solmu.review.sheet import COLUMNS, DECISION, PAGE, PAIR, REASON, SEEN, export_sheet, private
from solmu.store.tables import decision
from tests.unit.review.conftest import HYDRAULICS, SHEET_METAL, Decide, Hub

Rows = list[dict[str, Any]]
EVIL = '=HYPERLINK("http://evil.example","x")'


def export(hub: Hub, path: Path) -> Rows:
    export_sheet(hub.store, path, Filters())
    return read(path)


def read(path: Path) -> Rows:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    header, *rows = load_workbook(path).get_sheet_by_name(PAGE).to_python()
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def write(path: Path, rows: Rows, *, delimiter: str = ",") -> Path:
    """Save the sheet as somebody's spreadsheet program would."""
    columns = list(rows[0])
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, columns, delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
    else:
        with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
            page = book.add_worksheet(PAGE)
            page.write_row(0, 0, columns)
            for number, row in enumerate(rows, start=1):
                page.write_row(number, 0, [row[name] for name in columns])
    return path


def bring(hub: Hub, path: Path) -> dict[str, Any]:
    return import_sheet(hub.store, path, who="anna")


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_decisions_come_back_once_wherever_rows_and_columns_were_moved(hub: Hub, tmp_path: Path, suffix: str) -> None:
    one, other = hub.asked(**SHEET_METAL), hub.asked(**HYDRAULICS)
    left_blank = hub.asked(name="Suomen Sorvi Oy", street="Kotikatu 3", city="Kotka", country="FI")
    hub.settle()
    path = tmp_path / f"review{suffix}"
    rows = {row[PAIR]: row for row in export(hub, path)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert rows.keys() == {str(one), str(other), str(left_blank)}
    assert (rows[str(one)]["Name 1"], rows[str(one)]["City 2"]) == ("Merivirta Oy", "Rauma")
    rows[str(one)] |= {DECISION: " Different ", REASON: "two firms"}
    rows[str(other)] |= {DECISION: "same"}
    moved = [dict(reversed(row.items())) for row in sorted(rows.values(), key=lambda row: row["Name 1"])]
    filled = write(tmp_path / f"filled{suffix}", moved, delimiter=";")
    done = bring(hub, filled)
    assert (done["decided"], done["blank"], done["repeated"]) == (2, 1, 0)
    assert (done["refused"], done["changed"], done["meanwhile"]) == ([], [], [])
    assert {(row.verdict, row.reason, row.who) for row in hub.rows(decision)} == {
        ("different", "two firms", "anna"),
        ("same", None, "anna"),
    }
    assert bring(hub, filled)["repeated"] == 2
    hub.settle()
    again = bring(hub, filled)
    assert (again["decided"], again["repeated"], len(again["changed"])) == (0, 2, 0)
    assert hub.together(other.left, other.right)
    assert not hub.together(one.left, one.right)


def test_rows_that_cannot_be_taken_are_told_and_the_rest_is_taken(hub: Hub, decide: Decide, tmp_path: Path) -> None:
    values = [{**SHEET_METAL, "name": f"{name} Oy"} for name in ("Merivirta", "Kuulas", "Aallokko", "Rantakone")]
    pairs = [hub.asked(**{**each, "street": f"Satamakatu {number}"}) for number, each in enumerate(values, start=1)]
    hub.settle()
    rows = {row[PAIR]: row for row in export(hub, tmp_path / "review.xlsx")}
    good, odd, swapped, twice = (rows[str(pair)] for pair in pairs)
    good[DECISION] = "same"
    odd[DECISION] = "maybe"
    swapped |= {DECISION: "same", PAIR: str(pairs[1])}
    twice[DECISION] = "same"
    sheet = [good, odd, swapped, twice, {**twice, DECISION: "different"}, {**good, PAIR: "p1-1"}]
    done = bring(hub, write(tmp_path / "filled.xlsx", sheet))
    assert done["decided"] == 1
    assert [(each["row"], each["value"], each["message"]) for each in done["refused"]] == [
        (3, "maybe", "this is no decision"),
        (
            4,
            None,
            "the pair's name and what was shown beside it do not belong together: one of them was edited or moved",
        ),
        (5, "same", "rows 5, 6 decide the same pair differently"),
        (6, "different", "rows 5, 6 decide the same pair differently"),
        (7, "p1-1", "this is no name of a pair"),
    ]
    assert done["refused"][0]["expected"].startswith("one of same, different, unsure, related")


def test_what_was_decided_or_changed_since_the_export_is_shown_and_not_overwritten(
    hub: Hub, decide: Decide, tmp_path: Path
) -> None:
    meanwhile, changed = hub.asked(**SHEET_METAL), hub.asked(**HYDRAULICS)
    hub.settle()
    rows = export(hub, tmp_path / "review.csv")
    decide(meanwhile, Verdict.RELATED, who="ben")
    hub.change(changed.left, **{**HYDRAULICS, "street": "Satamakatu 1"})
    hub.settle()
    done = bring(hub, write(tmp_path / "filled.csv", [{**row, DECISION: "same"} for row in rows]))
    assert done["decided"] == 0
    assert [(each["pair"], each["said"], each["who"]) for each in done["meanwhile"]] == [
        (str(meanwhile), "related", "ben")
    ]
    assert [each["pair"] for each in done["changed"]] == [str(changed)]
    assert [row.verdict for row in hub.rows(decision)] == ["related"]


def test_a_contradiction_within_a_sheet_is_refused_in_words(hub: Hub, tmp_path: Path) -> None:
    ids = [hub.organisation(system="crm", **SHEET_METAL) for _ in range(3)]
    hub.settle()
    rows = {row[PAIR]: row for row in export(hub, tmp_path / "review.csv")}
    pairs = [PairId(ids[0], ids[1]), PairId(ids[1], ids[2]), PairId(ids[0], ids[2])]
    for pair, verdict in zip(pairs, ("same", "same", "different"), strict=True):
        rows[str(pair)][DECISION] = verdict
    done = bring(hub, write(tmp_path / "filled.csv", [rows[str(pair)] for pair in pairs]))
    assert done["decided"] == 2
    (refused,) = done["refused"]
    assert (refused["row"], refused["value"]) == (4, "different")
    assert "anna said on" in refused["message"]


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_what_a_customer_wrote_is_no_formula_and_comes_back_unharmed(hub: Hub, tmp_path: Path, suffix: str) -> None:
    pair = hub.asked(**{**SHEET_METAL, "name": EVIL, "phone": ["+358401234567"]})
    hub.settle()
    (row,) = export(hub, tmp_path / f"review{suffix}")
    assert row["Phone 1"] == "+358401234567"
    assert row["Name 1"] == ("'" + EVIL if suffix == ".csv" else EVIL)
    if suffix == ".xlsx":
        with ZipFile(tmp_path / "review.xlsx") as packed:
            sheet = packed.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "<hyperlink" not in sheet
        assert '<formula1>"same,different,unsure,related"</formula1>' in sheet
    filled = write(tmp_path / f"filled{suffix}", [{**row, DECISION: "unsure", REASON: "=1+1"}])
    assert bring(hub, filled)["decided"] == 1
    assert [each.reason for each in hub.rows(decision)] == ["=1+1"]
    assert pair.left


def test_a_draft_that_somebody_else_laid_out_is_not_written_through(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("untouched")
    (tmp_path / "review.csv.part").symlink_to(elsewhere)

    with private(tmp_path / "review.csv") as part:
        part.write_text("personal")

    assert elsewhere.read_text() == "untouched"
    assert (tmp_path / "review.csv").stat().st_mode & 0o777 == 0o600


def test_an_empty_queue_makes_an_empty_sheet(hub: Hub, tmp_path: Path) -> None:
    assert export(hub, tmp_path / "review.xlsx") == []
    assert bring(hub, tmp_path / "review.xlsx")["decided"] == 0


def _no_workbook(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 not a workbook")


def _no_header(path: Path) -> None:
    write(path, [{"Name": "Merivirta Oy"}])


def _without_seen(path: Path) -> None:
    write(path, [{PAIR: "p1-2k", DECISION: "same"}])


def _without_a_decision(path: Path) -> None:
    write(path, [{PAIR: "p1-2k", "Päätös": "same", SEEN: "1-2"}])


def _with_two_decisions(path: Path) -> None:
    write(path, [{PAIR: "p1-2k", DECISION: "", SEEN: "1-2", DECISION.upper(): "same"}])


def _not_there(path: Path) -> None:
    path.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_no_workbook, "cannot be read as a workbook"),
        (_no_header, "it has no header with Pair and Decision"),
        (_without_seen, "the column Seen is gone"),
        (_without_a_decision, "the column Decision is gone from this sheet, or has another name now"),
        (_with_two_decisions, "this sheet has several columns Decision"),
        (_not_there, "cannot be read: No such file"),
    ],
)
def test_what_is_no_review_sheet_is_told_as_such(
    hub: Hub, tmp_path: Path, make: Callable[[Path], None], message: str
) -> None:
    path = tmp_path / "leads.xlsx"
    make(path)
    with pytest.raises(ConfigurationError) as refused:
        bring(hub, path)
    assert refused.value.code == "no-review-sheet"
    assert refused.value.file == str(path)
    assert message in refused.value.message


def test_a_quote_that_never_ends_is_told_as_no_review_sheet(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_LONGEST_CELL", 100)
    path = tmp_path / "review.csv"
    path.write_text(f'{PAIR},{DECISION},{SEEN}\n"p1-2k,same,{"x" * 100}\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="cannot be read as csv"):
        bring(hub, path)


def test_a_sheet_is_written_as_a_workbook_or_csv_only(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="workbook or a csv"):
        export_sheet(hub.store, tmp_path / "review.pdf", Filters())
    assert list(tmp_path.glob("review*")) == []
    assert COLUMNS[-1] == SEEN
