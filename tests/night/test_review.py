"""A steward at the command line: look, decide, see what follows, undo; and by sheet."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import load_workbook
from sqlalchemy import select

from solmu.config import Hub
from solmu.store import Store
from solmu.store.lease import lease
from solmu.store.tables import golden
from tests.hubs import crm_of
from tests.night.commands import Solmu, in_process, on_hub
from tests.night.conftest import Night


@pytest.fixture
def solmu(hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Solmu:
    """Runs a command on the hub and gives its exit code and its document."""
    return on_hub(hub, in_process(monkeypatch, capsys))


@pytest.fixture
def asked(hub: Hub, night: Night, solmu: Solmu) -> str:
    """The name of the one pair that waits: Kotka Kone stands twice in the CRM."""
    crm_of(hub).put("accounts", {"Name": "KOTKA KONE OY", "City": "Kotka", "BusinessId": "FI20925406"}, key="009")
    night()
    code, document = solmu("review", "list")
    assert code == 0
    (pair,) = document["pairs"]
    assert document["total"] == 1
    assert document["oldest"] is not None
    return str(pair["pair"])


def test_the_queue_is_narrowed_by_a_country_as_people_write_it(asked: str, solmu: Solmu) -> None:
    (pair,) = solmu("review", "list", "--country", "Suomi")[1]["pairs"]
    assert pair["pair"] == asked
    assert "no pair is like that" in solmu("review", "list", "--country", "Ruotsi", text=True)[1]
    assert solmu("review", "list", "--country", "Atlantis")[0] == 2


def test_a_card_shows_both_sides_raw_and_mapped_and_the_record_that_deciding_makes(
    asked: str, solmu: Solmu, store: Store
) -> None:
    _, card = solmu("review", "show", asked)
    fields = {each["field"]: each for each in card["fields"]}
    names = [fields["name"]["left"], fields["name"]["right"]]
    # One of the two was in capitals until the night wrote the golden record's name there.
    assert sorted((*side["raw"].values(), side["was"], side["echo"]) for side in names) == [
        ("Kotka Kone", None, False),
        ("Kotka Kone Oy", "KOTKA KONE OY", True),
    ]
    assert fields["business_id"]["same"] is True
    assert card["bars"][0]["title"]
    assert card["held"].startswith("Both belong to live records of the same CRM")
    before = {each["field"]: each["value"] for each in card["merged"]["fields"]}
    code, done = solmu("review", "decide", asked, "same", "--as", "anna", "--seen", card["seen"])
    assert (code, done["followed"], done["together"]) == (0, True, True)
    assert done["left"] == card["merged"]["golden_id"]
    with store.read() as connection:
        row = connection.execute(select(golden).where(golden.c.public_id == done["left"])).one()
    assert {name: entry["value"] for name, entry in row.document.items()} == before
    _, explained = solmu("explain", done["left"])
    assert "decision" in {each["why"] for each in explained["mentions"]}
    assert [(each["who"], each["verdict"]) for each in explained["decisions"]] == [("anna", "same")]
    (decided,) = explained["decisions"]  # the two are one now, and still it says which two records were meant
    assert decided["left"]["source"] != decided["right"]["source"]
    assert {decided["left"]["source"], decided["right"]["source"]} <= {
        f"{each['connection']}/{each['stream']}/{each['key']}" for each in explained["mentions"]
    }
    _, again = solmu("review", "show", asked)
    assert (again["band"], again["merged"], again["decisions"][0]["who"]) == ("same", None, "anna")


def test_a_pair_that_is_not_asked_names_the_one_that_is_asked_in_its_place(asked: str, solmu: Solmu) -> None:
    assert solmu("review", "show", asked)[1]["instead"] is None
    others = [each["pair"] for each in solmu("review", "list", "--band", "different")[1]["pairs"]]
    assert others
    for other in others:
        assert solmu("review", "show", other)[1]["instead"] == asked
        told = solmu("review", "show", other, text=True)[1]
        assert f"another pair of the two is asked in its place: solmu review show {asked}" in told
    solmu("review", "decide", asked, "different")
    assert {solmu("review", "show", each)[1]["instead"] for each in (asked, *others)} == {None}


def test_deciding_twice_is_refused_and_undoing_asks_again(asked: str, solmu: Solmu) -> None:
    _, done = solmu("review", "decide", asked, "different", "--as", "anna", "--reason", "two halls")
    assert solmu("review", "list")[1]["pairs"] == []
    code, refused = solmu("review", "decide", asked, "same")
    assert (code, refused["error"]["code"]) == (1, "decided-already")
    assert refused["error"]["message"].startswith("anna has decided this pair on")
    assert solmu("review", "undo", str(done["decision"]), "--as", "ben")[0] == 0
    _, told = solmu("review", "decisions")
    (one,) = told["decisions"]
    assert (one["who"], one["reason"], one["withdrawn"]["who"]) == ("anna", "two halls", "ben")
    assert [each["pair"] for each in solmu("review", "list")[1]["pairs"]] == [asked]


def test_while_somebody_else_resolves_a_decision_is_recorded_and_the_run_takes_it_along(
    asked: str, solmu: Solmu, store: Store, night: Night
) -> None:
    with lease(store, "resolve"):
        code, done = solmu("review", "decide", asked, "same")
    assert (code, done["followed"], done["together"]) == (0, False, False)
    assert done["why_not"].startswith("a run resolves just now")
    assert solmu("review", "list")[1]["total"] == 0
    night()
    assert solmu("review", "show", asked)[1]["band"] == "same"


def test_later_only_records(asked: str, solmu: Solmu) -> None:
    _, done = solmu("review", "decide", asked, "same", "--later")
    assert (done["followed"], done["together"]) == (False, False)


def test_a_sheet_goes_out_and_comes_back(asked: str, solmu: Solmu, tmp_path: Path) -> None:
    out, filled = tmp_path / "review.xlsx", tmp_path / "filled.xlsx"
    code, said = solmu("review", "export", str(out), text=True)
    assert (code, said.startswith("wrote 1 pair to")) == (0, True)
    header, row = load_workbook(out).get_sheet_by_name("review").to_python()
    row[header.index("Decision")] = "same"
    with xlsxwriter.Workbook(filled) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, header)
        page.write_row(1, 0, row)
    code, done = solmu("review", "import", str(filled), "--as", "anna")
    assert (code, done["decided"], done["followed"]) == (0, 1, True)
    code, done = solmu("review", "import", str(filled), "--as", "anna")
    assert (code, done["decided"], done["repeated"]) == (0, 0, 1)
    row[header.index("Decision")] = "different"
    with xlsxwriter.Workbook(filled) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, header)
        page.write_row(1, 0, row)
    code, done = solmu("review", "import", str(filled))
    assert (code, done["meanwhile"][0]["said"]) == (3, "same")


def test_a_sheet_with_answers_is_not_written_over(asked: str, solmu: Solmu, tmp_path: Path) -> None:
    sheet, kept = tmp_path / "review.csv", tmp_path / "review-2.csv"
    (tmp_path / "review-1.csv").write_text("of another day")
    for _ in range(2):
        assert solmu("review", "export", str(sheet), text=True)[0] == 0
    assert not kept.exists()  # nobody had written anything into it
    filled = sheet.read_text(encoding="utf-8-sig").replace(f"{asked},,", f"{asked},same,")
    sheet.write_text(filled, encoding="utf-8")
    code, said = solmu("review", "export", str(sheet), text=True)
    assert (code, f"it is {kept} now" in said) == (0, True)
    assert kept.read_text(encoding="utf-8") == filled
    assert solmu("review", "import", str(kept))[1]["decided"] == 1


def test_every_view_can_be_read_in_a_terminal(asked: str, solmu: Solmu, tmp_path: Path) -> None:
    for words in (("list",), ("show", asked), ("decisions",), ("list", "--changed"), ("list", "--unsure")):
        assert solmu("review", *words, text=True)[0] == 0
    assert solmu("review", "decide", asked, "different", text=True)[1].startswith("recorded as decision 1")
    assert "different" in solmu("review", "decisions", text=True)[1]
    assert "decided" in solmu("review", "show", asked, text=True)[1]
    code, said = solmu(
        "report", "dedupe", "--html", str(tmp_path / "d.html"), "--xlsx", str(tmp_path / "d.xlsx"), text=True
    )
    assert (code, "organisation: 0 of about 400 answers on drawn pairs: unproven" in said) == (0, True)
    assert "of those asked that stewards picked, 0 of 1 were the same" in said
    assert "0 pairs wait; 0 were left unsure" in said
    assert "Held for a person" not in said  # whom somebody has told apart waits for nobody
    assert (tmp_path / "d.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert solmu("report", "dedupe")[1]["decisions"]["different"] == 1
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "file").write_text("")
    for there in ("folder.html", "file/d.html"):
        code, refused = solmu("report", "dedupe", "--html", str(tmp_path / there))
        assert (code, refused["error"]["code"]) == (1, "not-writable")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("review", "show", "p1-1"), 1),
        (("review", "decide", "p1-2k", "maybe"), 2),
        (("review", "list", "--entity", "company"), 2),
        (("review", "list", "--older-than", "soon"), 2),
        (("review", "list", "--source", "nowhere"), 2),
        (("review", "undo", "7"), 1),
        (("review", "import", "nowhere.xlsx"), 2),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would(solmu: Solmu, words: tuple[str, ...], code: int) -> None:
    ended, document = solmu(*words)
    assert ended == code
    assert set(document) == {"error"}
