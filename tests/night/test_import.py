"""`solmu import`, as a marketer meets it: a sheet, a proposal, rows that land, and rows that come back."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import load_workbook
from sqlalchemy import select

from solmu.config import Hub, init_hub
from solmu.report.refused import REASON, ROW
from solmu.store import open_store
from solmu.store.tables import activity, golden, lead, mention
from tests.hubs import crm_of
from tests.night.commands import Command, Said, in_process

HEADER = ("Company", "Contact person", "E-mail", "Phone", "City", "Country", "Interest", "Date", "Notes")
KOTKA = (
    "Kotka Kone Oy",
    "Aino Laine",
    "aino.laine@kotkakone.example",
    "0401234567",
    "Kotka",
    "FI",
    "Laser",
    "13.4.2024",
    "",
)
SORVI = (
    "Suomen Sorvi Oy",
    "Eero Salo",
    "eero.salo@suomensorvi.example",
    "040 7654321",
    "Oulu",
    "Finland",
    "",
    "1.5.2024",
    "",
)
TWO_AT = ("Hanko Hitsi Oy", "Ilmari Ek", "ilmari@@hankohitsi.example", "", "Hanko", "FI", "=Laser", "2.5.2024", "")
NO_DAY = ("Raahe Rauta Oy", "Siiri Niemi", "siiri@raaherauta.example", "", "Raahe", "FI", "", "31.2.2024", "")


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Path:
    """A hub as `solmu init` makes it."""
    return new_hub(tmp_path / "hub", database_url)


@pytest.fixture
def plain_home(tmp_path: Path) -> Path:
    """The same, for what has nothing to do with the kind of store."""
    return new_hub(tmp_path / "hub", "sqlite:///solmu.db")


def new_hub(folder: Path, store: str) -> Path:
    file = init_hub(folder, name="Fresh")
    file.write_text(file.read_text().replace("store: sqlite:///solmu.db", f"store: {store}"))
    return folder


@pytest.fixture
def solmu(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command line in this process, without a terminal."""
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return in_process(monkeypatch, capsys)


def write_csv(path: Path, *rows: Sequence[str], header: Sequence[str] = HEADER) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, *rows])
    return path


def write_xlsx(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return path


def read_xlsx(path: str) -> list[list[Any]]:
    return list(load_workbook(path).get_sheet_by_index(0).to_python())


def all_files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def counts(said: Said) -> dict[str, int]:
    (row,) = said.json["streams"].values()
    return {name: count for name, count in row.items() if count}


def values(home: Path, entity: str) -> list[dict[str, Any]]:
    """The live golden records, as field -> value, by name."""
    from solmu.config import load_hub

    with open_store(load_hub(home).store_url) as store, store.read() as connection:
        query = select(golden.c.document).where(golden.c.entity == entity, golden.c.state == "live")
        documents = connection.scalars(query.order_by(golden.c.search_name)).all()
    return [{name: each["value"] for name, each in document.items()} for document in documents]


def hanging(home: Path, table: Any) -> list[dict[str, Any]]:
    """What hangs on the mentions, with the slot of the mention that it hangs on."""
    from solmu.config import load_hub

    with open_store(load_hub(home).store_url) as store, store.read() as connection:
        query = select(table.c.document, mention.c.slot).join(mention, mention.c.id == table.c.mention_id)
        found = connection.execute(query.where(table.c.state == "live").order_by(table.c.id)).all()
    return [{**row.document, "of": row.slot} for row in found]


# --- bringing in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_ordinary_sheet_needs_no_mapping(solmu: Command, home: Path, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"Leads 2024.{form}"
    sheet = write_csv(path, KOTKA, SORVI) if form == "csv" else write_xlsx(path, [HEADER, KOTKA, SORVI])
    said = solmu("import", sheet, "--yes", "--hub", home, "--output", "json")
    assert said.code == 0, said
    report = said.json
    assert (report["kind"], report["balanced"]) == ("import", True)
    assert report["streams"]["import/leads"]["new"] == 2
    assert report["golden"] == {"organisations": 2, "people": 2}
    assert all(column["confidence"] > 0.9 for column in report["import"]["columns"])
    assert report["import"]["refused_file"] is None
    kotka, _ = values(home, "organisation")
    assert (kotka["name"], kotka["city"], kotka["country"]) == ("Kotka Kone Oy", "Kotka", "FI")
    assert [each["phone"] for each in values(home, "person")] == [["+358401234567"], ["+358407654321"]]
    assert solmu("doctor", "--hub", home).code == 0


@pytest.mark.parametrize("word", ["Yhteensä", "TOTAL:", "Summe 2"])
def test_the_row_of_totals_is_no_company(
    solmu: Command, plain_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setattr("solmu.sync.imports._SAMPLE", 1)  # it stands below the rows that are looked at
    total = (word, "", "", "", "", "", "", "", "")
    sheet = write_csv(tmp_path / "leads.csv", KOTKA, SORVI, total)
    said = solmu("import", sheet, "--yes", "--hub", plain_home, "--output", "json")
    assert said.code == 0, said
    assert [each["name"] for each in values(plain_home, "organisation")] == ["Kotka Kone Oy", "Suomen Sorvi Oy"]
    assert said.json["mentions"]["ignored"] == 1
    assert any(word in note and "totals" in note for note in said.json["import"]["notes"])


def test_a_company_called_total_has_more_than_a_name(solmu: Command, plain_home: Path, tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "leads.csv", KOTKA, ("Total", *SORVI[1:]))
    said = solmu("import", sheet, "--yes", "--hub", plain_home, "--output", "json")
    assert [each["name"] for each in values(plain_home, "organisation")] == ["Kotka Kone Oy", "Total"]
    assert said.json["import"]["notes"] == []


def test_a_column_of_numbers_that_are_no_business_ids_refuses_no_row(
    solmu: Command, plain_home: Path, tmp_path: Path
) -> None:
    rows = [("Y-tunnus", "Yritys", "Maa"), *((f"123456{n}-{n}", f"Firma {n} Oy", "FI") for n in range(4))]
    rows.append(("0112038-9", "Hanko Hitsi Oy", "FI"))
    said = solmu("import", write_xlsx(tmp_path / "leads.xlsx", rows), "--yes", "--hub", plain_home, "--output", "json")
    assert said.code == 0, said
    assert counts(said) == {"read": 5, "new": 5}
    (note,) = said.json["import"]["notes"]
    assert note.startswith("4 of 5 values of 'Y-tunnus' are no business id: such values are left out")
    assert [each.get("business_id") for each in values(plain_home, "organisation")].count("FI:01120389") == 1


def test_sheets_of_a_workbook_that_are_not_read_are_named(solmu: Command, plain_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "leads.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheets = {"Fair": [HEADER, KOTKA], "Webinar": [HEADER, SORVI], "Empty": [], "Hidden": [HEADER]}
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
            if name == "Hidden":
                page.hide()
    said = solmu("import", file, "--try", "--hub", plain_home, "--output", "json")
    assert said.json["import"]["notes"] == [
        "leads.xlsx: sheet Fair is read, and not Webinar; put first what is to be read"
    ]
    assert "note: leads.xlsx: sheet Fair is read" in solmu("import", file, "--try", "--hub", plain_home).out


def test_without_a_terminal_and_without_yes_nothing_is_done(solmu: Command, plain_home: Path, tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "leads.csv", KOTKA)
    before = all_files(plain_home)
    said = solmu("import", sheet, "--hub", plain_home)
    assert said.code == 2
    assert "Contact person" in said.out
    said = solmu("import", sheet, "--hub", plain_home, "--output", "json")
    assert (said.code, said.json["error"]["code"]) == (2, "usage")
    assert all_files(plain_home) == before


@pytest.mark.parametrize(("answer", "lands"), [("y\n", True), ("n\n", False)])
def test_on_a_terminal_it_asks(
    solmu: Command, plain_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, lands: bool
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal(answer))
    said = solmu("import", write_csv(tmp_path / "leads.csv", KOTKA), "--hub", plain_home)
    assert said.code == (0 if lands else 130)
    assert (plain_home / "connections" / "import.yaml").exists() is lands


def test_a_trial_writes_nothing_into_the_hub(solmu: Command, plain_home: Path, tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "leads.csv", KOTKA, TWO_AT)
    before = all_files(tmp_path)
    said = solmu("import", sheet, "--try", "--hub", plain_home, "--output", "json")
    assert said.code == 3
    assert said.json["import"]["tried"] is True
    assert said.json["golden"] == {"organisations": 1, "people": 1}
    (refused,) = said.json["import"]["preview"]["refused"]
    assert refused["field"] == "E-mail"
    assert all_files(tmp_path) == before


def test_the_next_list_of_the_same_layout_is_read_as_the_last(solmu: Command, home: Path, tmp_path: Path) -> None:
    solmu("import", write_csv(tmp_path / "may.csv", KOTKA), "--yes", "--hub", home)
    mapping = home / "mappings" / "sources" / "import" / "may.yaml"
    mapping.write_text(mapping.read_text().replace("interest: {from: Interest}", "status: {const: fresh}"))
    said = solmu("import", write_csv(tmp_path / "june.csv", SORVI), "--yes", "--hub", home, "--output", "json")
    assert said.code == 0, said
    assert said.json["import"]["proposed"] is False
    # What an earlier list had is not gone because this one doesn't have it.
    assert said.json["streams"] == {"import/may": said.json["streams"]["import/may"]}
    assert counts(said) == {"read": 1, "new": 1}
    assert said.json["golden"] == {"organisations": 2, "people": 2}
    # What is there already follows the mapping that was edited.
    assert [each.get("status") for each in hanging(home, lead)] == ["fresh", "fresh"]
    again = solmu("import", tmp_path / "june.csv", "--yes", "--hub", home, "--output", "json")
    assert counts(again) == {"read": 1, "unchanged": 1}
    # Nights leave imported lists alone.
    assert solmu("run", "--hub", home, "--output", "json").json["streams"] == {}


def test_a_partner_who_changes_the_layout_is_told_the_difference(solmu: Command, home: Path, tmp_path: Path) -> None:
    line = ("--save", "kone", "--yes", "--hub", home, "--output", "json")
    assert solmu("import", write_csv(tmp_path / "a.csv", KOTKA), *line).code == 0
    renamed = [{"E-mail": "Mail to", "Interest": "Machine type"}.get(column, column) for column in HEADER]
    said = solmu("import", write_csv(tmp_path / "b.csv", SORVI, header=renamed), *line)
    assert said.code == 4
    error = said.json["error"]
    assert (error["code"], error["connection"], error["field"]) == ("columns-changed", "kone", "E-mail")
    assert "gone: E-mail, Interest; new: Mail to, Machine type" in error["message"]
    # A column more does no harm, and is told.
    wider = solmu("import", write_csv(tmp_path / "c.csv", (*SORVI, "x"), header=(*HEADER, "Fair")), *line)
    assert wider.code == 0, wider
    assert "Fair" in wider.json["import"]["notes"][0]


def test_leads_of_two_partners_in_one_layout_stay_apart(solmu: Command, home: Path, tmp_path: Path) -> None:
    for partner, row in (("Oy Alfa", KOTKA), ("Beta Ab", SORVI)):
        said = solmu("import", write_csv(tmp_path / "leads.csv", row), "--partner", partner, "--yes", "--hub", home)
        assert said.code == 0, said
    assert [each["partner"] for each in hanging(home, lead)] == ["Oy Alfa", "Beta Ab"]


def test_a_mapping_that_exists_is_taken_by_its_name(solmu: Command, plain_home: Path, tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "leads.csv", KOTKA)
    line = ("import", sheet, "--yes", "--hub", plain_home, "--output", "json", "--mapping")
    wrong = solmu(*line, "partner-shet")
    assert wrong.code == 2
    assert wrong.json["error"]["expected"].startswith("partner-sheet")
    said = solmu(*line, "partner-sheet")
    assert said.code == 0, said
    assert said.json["import"]["mapping"] == "partner-sheet"
    assert not list((plain_home / "mappings" / "sources").rglob("*.yaml"))


def test_attendees_land_as_participations(solmu: Command, home: Path, tmp_path: Path) -> None:
    header = ("Order #", "First Name", "Last Name", "Email", "Company", "Event Name", "Event Date", "Attendee Status")
    row = (
        "77",
        "Aino",
        "Laine",
        "aino.laine@kotkakone.example",
        "Kotka Kone Oy",
        "Laser Day",
        "2024-05-14",
        "Attending",
    )
    sheet = write_csv(tmp_path / "attendees.csv", row, header=header)
    said = solmu("import", sheet, "--yes", "--hub", home, "--output", "json")
    assert said.code == 0, said
    assert said.json["import"]["kind"] == "participant"
    said_of = {"kind": "participation", "subject": "Laser Day", "on": "2024-05-14", "status": "Attending"}
    assert hanging(home, activity) == [{**said_of, "of": "person"}]
    assert hanging(home, lead) == []


WEBINAR = ("User Name (Original Name)", "Email", "Organization", "Attended", "Registration Time", "Join Time")


def test_yes_and_no_become_words_and_the_event_is_called_as_its_file(
    solmu: Command, plain_home: Path, tmp_path: Path
) -> None:
    # As a webinar tool reports: above the header, what the webinar was; for whoever stayed away, no time of joining.
    path = tmp_path / "Laser_Day webinar (1).csv"
    path.write_text(
        "Attendee Report\nTopic,Webinar ID,Actual Start Time\nLaser Day,555,2024-05-14\nAttendee Details\n"
        + ",".join(WEBINAR)
        + "\nAino Laine,aino.laine@kotkakone.example,Kotka Kone Oy,Yes,2024-05-01,2024-05-14"
        + "\nEero Salo,eero.salo@suomensorvi.example,Suomen Sorvi Oy,No,2024-05-02,\n",
        encoding="utf-8",
    )
    said = solmu("import", path, "--yes", "--hub", plain_home, "--output", "json")
    assert said.code == 0, said
    assert said.json["import"]["kind"] == "participant"
    assert "--event" in said.json["import"]["notes"][0]
    assert [(each["subject"], each["status"], each["of"]) for each in hanging(plain_home, activity)] == [
        ("Laser Day webinar", "attended", "person"),
        ("Laser Day webinar", "did not attend", "person"),
    ]
    assert hanging(plain_home, activity)[0]["on"] == "2024-05-14"
    assert hanging(plain_home, lead) == []


def test_each_event_is_a_list_of_its_own_though_the_columns_are_the_same(
    solmu: Command, plain_home: Path, tmp_path: Path
) -> None:
    header = ("Name", "Email", "Company", "Attended")
    line = ("--yes", "--hub", plain_home, "--output", "json")
    rows = [(f"Aino Laine{n}", f"aino{n}@firma{n}.example", f"Firma {n} Oy", "Yes") for n in range(3)]
    may = write_csv(tmp_path / "attendees 05.csv", rows[0], header=header)
    june = write_csv(tmp_path / "attendees 06.csv", rows[1], header=header)
    assert solmu("import", may, *line).code == 0
    assert list(solmu("import", june, *line).json["streams"]) == ["import/attendees-2"]
    assert list(solmu("import", may, *line).json["streams"]) == ["import/attendees"]
    named = write_csv(tmp_path / "attendees 07.csv", rows[2], header=header)
    assert solmu("import", named, "--event", "Summer Fair", *line).code == 0
    subjects = [each["subject"] for each in hanging(plain_home, activity)]
    assert subjects == ["attendees 05", "attendees 06", "Summer Fair"]


def test_a_named_attendee_list_is_of_one_event(solmu: Command, plain_home: Path, tmp_path: Path) -> None:
    header = ("Name", "Email", "Company", "Attended")
    row = ("Aino Laine", "aino@kotkakone.example", "Kotka Kone Oy", "Yes")
    line = ("--save", "webinar", "--yes", "--hub", plain_home, "--output", "json")
    sheet = write_csv(tmp_path / "a.csv", row, header=header)
    assert solmu("import", sheet, "--event", "Laser Day", *line).code == 0
    other = solmu("import", sheet, "--event", "Weld Day", *line)
    assert (other.code, other.json["error"]["field"]) == (2, "--event")
    assert "--save NAME" in other.json["error"]["expected"]
    assert "Laser Day" in solmu("import", sheet, *line).json["error"]["message"]
    assert solmu("import", sheet, "--event", "Laser Day", *line).code == 0


def test_whoever_imports_says_what_the_rows_are(solmu: Command, plain_home: Path, tmp_path: Path) -> None:
    header = ("Name", "Email", "Company", "Attended")
    row = ("Aino Laine", "aino@kotkakone.example", "Kotka Kone Oy", "Yes")
    line = ("import", write_csv(tmp_path / "fair.csv", row, header=header), "--yes", "--hub", plain_home)
    assert solmu(*line, "--as", "lead").code == 0
    assert [each.get("status") for each in hanging(plain_home, lead)] == ["Yes"]
    changed = solmu(*line, "--as", "participation", "--output", "json")
    assert (changed.code, changed.json["error"]["field"]) == (2, "--as")
    assert "record: activity" in changed.json["error"]["expected"]
    assert changed.json["error"]["file"].endswith("import/fair.yaml")
    assert solmu(*line, "--as", "participation", "--save", "fair").code == 0
    assert [each["status"] for each in hanging(plain_home, activity)] == ["attended"]
    assert solmu(*line, "--as", "lead", "--event", "Laser Day").code == 2


def test_a_name_that_a_mapping_has_already_is_given_a_number(solmu: Command, plain_home: Path, tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "leads.csv", KOTKA)
    line = ("import", sheet, "--yes", "--hub", plain_home, "--output", "json", "--save")
    said = solmu(*line, "partner-sheet")
    assert said.code == 0, said
    assert said.json["import"]["mapping"] == "partner-sheet-2"
    wrong = solmu(*line, "../kone")
    assert (wrong.code, wrong.json["error"]["field"]) == (2, "--save")


def test_it_pushes_only_when_told(solmu: Command, hub: Hub, armed: None, tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "leads.csv", SORVI)
    line = ("import", sheet, "--yes", "--hub", hub.folder, "--output", "json")
    before = len(crm_of(hub).calls)
    assert solmu(*line).code == 0
    assert crm_of(hub).calls[before:] == []
    said = solmu(*line, "--push")
    assert said.code == 0, said
    assert said.json["targets"]["crm"]["created"] > 0
    assert "Suomen Sorvi Oy" in {record["Name"] for record in crm_of(hub).records("accounts").values()}


# --- what is refused --------------------------------------------------------------------------------------------------


def test_refused_rows_come_back_and_only_the_mended_ones_are_taken(solmu: Command, home: Path, tmp_path: Path) -> None:
    line = ("--yes", "--hub", home, "--output", "json")
    said = solmu("import", write_csv(tmp_path / "leads.csv", KOTKA, TWO_AT, NO_DAY), *line)
    assert said.code == 3
    assert counts(said) == {"read": 3, "new": 1, "refused": 2}
    header, two_at, no_day = read_xlsx(said.json["import"]["refused_file"])
    assert header == [*HEADER, REASON, ROW]
    assert tuple(two_at[: len(HEADER)]) == TWO_AT
    assert "two @" in two_at[-2]
    assert "Date" in no_day[-2]
    two_at[2] = "ilmari@hankohitsi.example"
    mended = write_xlsx(tmp_path / "mended.xlsx", [header, two_at, no_day])
    said = solmu("import", mended, *line)
    assert said.code == 3
    # One row is taken, the refused one that it was is gone, and the other is refused as before.
    assert counts(said) == {"read": 3, "new": 1, "deleted": 1, "refused": 1}
    assert list(said.json["streams"]) == ["import/leads"]
    assert said.json["golden"] == {"organisations": 2, "people": 2}
    (_, left) = read_xlsx(said.json["import"]["refused_file"])
    assert left[0] == "Raahe Rauta Oy"
    again = solmu("import", mended, *line)
    assert counts(again) == {"read": 2, "unchanged": 1, "refused": 1}
    assert len(solmu("export", "quarantine", "--format", "json", "--hub", home).json) == 1
    assert len(hanging(home, lead)) == 2
    assert solmu("doctor", "--hub", home).code == 0


def test_mended_rows_are_the_same_rows_in_the_partners_own_sheet(solmu: Command, home: Path, tmp_path: Path) -> None:
    line = ("--yes", "--hub", home, "--output", "json")
    said = solmu("import", write_csv(tmp_path / "leads.csv", TWO_AT, KOTKA), *line)
    header, row = read_xlsx(said.json["import"]["refused_file"])
    row[2] = "ilmari@hankohitsi.example"
    assert solmu("import", write_xlsx(tmp_path / "mended.xlsx", [header, row]), *line).code == 0
    whole = write_csv(tmp_path / "leads.csv", tuple(row[: len(HEADER)]), KOTKA)
    assert counts(solmu("import", whole, *line)) == {"read": 2, "unchanged": 2}


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("nobody.csv", "Colour;Weight\nred;3\nblue;4\n", "no-proposal"),
        ("blank.csv", "Company;E-mail\n", "no-rows"),
        ("leads.pdf", "%PDF-1.7", "unknown-format"),
        ("empty.csv", "", "file-incomplete"),
    ],
)
def test_a_file_that_is_no_list_is_told_what_would_be_right(
    solmu: Command, plain_home: Path, tmp_path: Path, name: str, text: str, code: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    said = solmu("import", path, "--yes", "--hub", plain_home, "--output", "json")
    assert said.code in (1, 2)
    assert said.json["error"]["code"] == code
    assert said.json["error"]["expected"]
    assert not list((plain_home / "connections").iterdir())


def test_a_file_that_is_not_there_is_a_usage_error(solmu: Command, plain_home: Path, tmp_path: Path) -> None:
    said = solmu("import", tmp_path / "none.csv", "--yes", "--hub", plain_home, "--output", "json")
    assert (said.code, said.json["error"]["code"]) == (2, "no-file")


def test_phones_without_any_country_are_left_out_and_the_row_lands(solmu: Command, home: Path, tmp_path: Path) -> None:
    sheet = write_csv(
        tmp_path / "leads.csv",
        ("Kotka Kone", "Aino Laine", "aino@kotkakone.example", "0401234567"),
        header=("Company", "Name", "E-mail", "Phone"),
    )
    assert solmu("import", sheet, "--yes", "--hub", home).code == 0
    (person,) = values(home, "person")
    assert "phone" not in person


def test_an_error_of_a_formula_refuses_its_row_until_somebody_pastes_the_value(
    solmu: Command, plain_home: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "leads.xlsx"
    with xlsxwriter.Workbook(sheet) as book:
        page = book.add_worksheet("Leads")
        page.write_row(0, 0, ["Company", "E-mail", "City", "Our margin"])
        page.write_row(1, 0, ["Kotka Kone Oy", "aino@kotkakone.example"])
        page.write_formula(1, 2, "=VLOOKUP(A2,X:Y,2)", None, "#N/A")
        page.write_row(2, 0, ["Suomen Sorvi Oy", "eero@suomensorvi.example", "Oulu"])
        page.write_formula(2, 3, "=1/0", None, "#DIV/0!")
    said = solmu("import", sheet, "--yes", "--hub", plain_home, "--output", "json")
    assert (said.code, counts(said)) == (3, {"read": 2, "new": 1, "refused": 1}), said
    [refused] = said.json["import"]["preview"]["refused"]
    assert (refused["code"], refused["field"], refused["value"]) == ("cell-error", "City", "#N/A")
    assert refused["place"] == "leads.xlsx, sheet Leads, row 2"
    assert refused["expected"] == "the value itself, pasted into the cell"
    assert len(said.json["import"]["columns"]) == 4
    # It stands in the workbook of refused rows; as it is, it is refused again.
    file = said.json["import"]["refused_file"]
    [header, row] = read_xlsx(file)
    assert row[: header.index(REASON)] == ["Kotka Kone Oy", "aino@kotkakone.example", "#N/A", ""]
    said = solmu("import", file, "--yes", "--hub", plain_home, "--output", "json")
    assert counts(said) == {"read": 1, "refused": 1}
    row[header.index("City")] = "Kotka"
    mended = write_xlsx(tmp_path / Path(file).name, [header, row])
    said = solmu("import", mended, "--yes", "--hub", plain_home, "--output", "json")
    assert said.code == 0, said
    assert [each["city"] for each in values(plain_home, "organisation")] == ["Kotka", "Oulu"]


def test_what_is_not_understood_of_a_workbook_says_which_sheet_was_read(
    solmu: Command, plain_home: Path, tmp_path: Path
) -> None:
    with xlsxwriter.Workbook(tmp_path / "leads.xlsx") as book:
        book.add_worksheet("Prices").write_row(0, 0, ["Product code", "Price"])
        book.worksheets()[0].write_row(1, 0, ["L-1", 12000])
        for number, row in enumerate([HEADER, KOTKA]):
            (book.worksheets()[-1] if number else book.add_worksheet("Leads")).write_row(number, 0, row)
    said = solmu("import", tmp_path / "leads.xlsx", "--try", "--hub", plain_home)
    assert said.code == 2
    assert "sheet Prices is read, and not Leads" in said.err


def test_a_list_whose_dates_do_not_show_their_day_is_read_when_somebody_says_it(
    plain_home: Path, solmu: Command, tmp_path: Path
) -> None:
    rows = [(f"Kone {at} Ltd", f"sales@kone{at}.example", f"0{at}/0{at + 1}/2026") for at in range(1, 6)]
    sheet = write_csv(tmp_path / "us.csv", *rows, header=("Company", "Email", "Date"))
    command = ("import", sheet, "--hub", plain_home, "--output", "json")
    tried = solmu(*command, "--try")
    assert tried.code == 0, tried.err
    assert tried.json["import"]["dates_undecided"] == ["Date"]
    assert "whether the day or the month stands first (as in 01/02/2026)" in tried.json["import"]["notes"][0]
    assert [each["field"] for each in tried.json["import"]["preview"]["values_dropped"]] == ["Date"] * 5
    for said, day in (("day-first", "2026-02-01"), ("month-first", "2026-01-02")):
        tried = solmu(*command, "--try", "--dates", said)
        assert tried.json["import"]["notes"] == []
        [lead_row] = tried.json["import"]["preview"]["rows"][0]["hanging"]
        assert lead_row["fields"]["on"] == day


def test_what_a_mapping_says_of_dates_is_changed_there(plain_home: Path, solmu: Command, tmp_path: Path) -> None:
    row = ("Kone Ltd", "sales@kone.example", "01/02/2026")
    sheet = write_csv(tmp_path / "us.csv", row, header=("Company", "Email", "Date"))
    assert solmu("import", sheet, "--yes", "--hub", plain_home).code == 0
    again = solmu("import", sheet, "--yes", "--dates", "day-first", "--hub", plain_home)
    assert again.code == 2
    assert "`order: dmy`" in again.err


def test_a_list_that_is_known_is_described_as_it_was_the_first_time(
    plain_home: Path, solmu: Command, tmp_path: Path
) -> None:
    header = ("Lfd. Nr.", "Firma", "E-Mail", "Interesse", "Einwilligung E-Mail")
    row = ("1", "Blechwerk Test GmbH", "info@blechwerk.example", "Laser", "nein")
    sheet = write_csv(tmp_path / "messe.csv", row, header=header)
    shown = []
    for _ in range(2):
        said = solmu("import", sheet, "--yes", "--hub", plain_home, "--output", "json")
        assert said.code == 0, said.err
        shown.append(said.json["import"])
    first, again = shown
    assert (first["kind"], again["kind"]) == ("lead", "lead")
    assert (first["proposed"], again["proposed"]) == (True, False)
    fields = [{each["column"]: each["field"] for each in one["columns"]} for one in shown]
    assert fields[1] == fields[0]
    assert fields[0]["Interesse"] == "lead.interest"
    assert [
        each["column"] for one in shown for each in one["columns"] if each["confidence"] and not each["field"]
    ] == []
    [landed] = first["preview"]["rows"]
    assert landed["consents"] == [{"kind": "consent", "of": "organisation", "fields": {"email": False}}]
