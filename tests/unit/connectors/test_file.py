"""Files as a target: what stands in them, and that each change comes in one delta, whatever happens in between."""

from __future__ import annotations

import csv
import random
import sqlite3
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.file import FileConnector, FileSettings, FileStream, publish
from connectors.file.ledger import NAME
from connectors.file.tables import hidden, put, write_parts
from connectors.file.troubles import named
from connectors.spreadsheet import SheetStream, SpreadsheetConnector, SpreadsheetSettings
from solmu.errors import Fatal, Retriable
from solmu.exchange import Outcome, Result, Row, Verb, Write
from tests.contract.suite import NAMES, no_journal

PEOPLE = """
entity: person
fields:
  Last name: {from: family_name}
  Phone: {from: phone, as: mobile}
  Company: {parent: companies}
  Note: {from: description}
"""
COMPANIES = """
entity: organisation
fields:
  Company name: {from: name}
  City: {from: city}
"""


class Folder:
    """A hub's folder with two streams, and the folder that they are written to."""

    def __init__(self, hub: Path, **settings: Any) -> None:
        self.hub = hub
        self.out = hub / "out"
        self.out.mkdir()
        self.settings = settings
        self.sent = 0
        self.map("companies", COMPANIES)
        self.map("people", PEOPLE)

    def map(self, name: str, text: str) -> None:
        path = self.hub / "mappings" / "targets" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def open(self, **settings: Any) -> FileConnector:
        checked = FileSettings.model_validate({"folder": "out"} | self.settings | settings)
        streams = {name: FileStream(mapping=name) for name in ("companies", "people")}
        return FileConnector(name="files", settings=checked, streams=streams, folder=self.hub)

    def look(self, **settings: Any) -> None:
        """What a night does that has nothing to write."""
        with self.open(**settings) as connector:
            connector.discover()

    def create(self, stream: str, id: str, **cells: Any) -> Result:
        return self.write(stream, Verb.CREATE, cells, external_id=id)

    def update(self, stream: str, id: str, **cells: Any) -> Result:
        return self.write(stream, Verb.UPDATE, cells, remote_id=id)

    def delete(self, stream: str, id: str) -> Result:
        return self.write(stream, Verb.DELETE, {}, remote_id=id)

    def write(
        self, stream: str, verb: Verb, cells: dict[str, Any], then: Callable[[], None] = lambda: None, **ids: Any
    ) -> Result:
        """One night with one action."""
        with self.open() as connector:
            result = self.send(connector, stream, verb, cells, **ids)
            then()
        return result

    def send(self, connector: FileConnector, stream: str, verb: Verb, cells: dict[str, Any], **ids: Any) -> Result:
        named = {name.replace("_", " "): value for name, value in cells.items()}
        [result] = connector.write(stream, [Write(1, verb, named, **ids)], no_journal)
        return result

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.out / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def deltas(self) -> list[str]:
        folder = self.out / "deltas"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def killed(*_: Any) -> None:
    raise KeyboardInterrupt


# --- what stands in the files -----------------------------------------------------------------------------------------


def test_columns_are_those_of_the_mapping_in_its_order_whatever_was_written_first(folder: Folder) -> None:
    folder.create("people", "p1", Note="first", Last_name="Salo")
    header = (folder.out / "people.csv").read_text().splitlines()[0]
    assert header == "Solmu ID,Last name,Phone,Company,Company name,Note"


def test_beside_a_reference_stands_whom_it_refers_to(folder: Folder) -> None:
    folder.create("companies", "c1", Company_name="Suomen Sorvi Oy")
    folder.create("people", "p1", Last_name="Salo", Company="c1")
    assert folder.rows("people.csv")[0]["Company name"] == "Suomen Sorvi Oy"
    folder.update("companies", "c1", Company_name="Sorvi Group Oy")
    assert folder.rows("people.csv")[0]["Company name"] == "Sorvi Group Oy"
    assert "people-000002.csv" not in folder.deltas()


def test_an_edited_mapping_makes_the_columns_anew(folder: Folder) -> None:
    folder.create("companies", "c1", Company_name="Suomen Sorvi Oy", City="Oulu")
    folder.map("companies", "entity: organisation\nfields:\n  City: {from: city}\n")
    folder.look()
    assert (folder.out / "companies.csv").read_text().splitlines() == ["Solmu ID,City", "c1,Oulu"]


def test_a_csv_for_excel_where_commas_are_decimal(folder: Folder) -> None:
    folder.settings = {"delimiter": ";", "encoding": "utf-8-sig", "decimal": ","}
    folder.create("people", "p1", Last_name="Ärjä", Note=1234.5)
    text = (folder.out / "people.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert text.decode("utf-8-sig").splitlines()[1] == "p1;Ärjä;;;;1234,5"


def test_lists_and_flags_become_text(folder: Folder) -> None:
    folder.create("people", "p1", Last_name=["Salo", None, "Laine"], Note=False)
    [row] = folder.rows("people.csv")
    assert (row["Last name"], row["Note"]) == ("Salo; Laine", "false")


FORMULAS = ("=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "\t=1", "\r=1", "+A1", "-", "＝1")
PLAIN = ("+358401234567", "+358 40 123 4567", "+1 (555) 010-0000 x12", "-12.5", "- 3", "Aino = Laine", "a@b.example")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_calculate_is_kept_from_it(folder: Folder, text: str) -> None:
    folder.create("people", "p1", Note=text)
    assert folder.rows("people.csv")[0]["Note"] == f"'{text}"
    folder.look(guard_formulas=False)
    assert folder.rows("people.csv")[0]["Note"] == text


@pytest.mark.parametrize("text", PLAIN)
def test_a_phone_number_stays_as_an_import_needs_it(folder: Folder, text: str) -> None:
    folder.create("people", "p1", Note=text)
    assert folder.rows("people.csv")[0]["Note"] == text


def test_no_cell_of_a_workbook_is_a_formula_or_a_link(folder: Folder) -> None:
    folder.settings = {"format": "xlsx"}
    for number, text in enumerate((*FORMULAS, "https://sorvi.example")):
        folder.create("people", f"p{number}", Note=text)
    with zipfile.ZipFile(folder.out / "people.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet
        assert b"hyperlink" not in sheet
    assert [row["Note"] for row in read_back(folder, "people.xlsx")] == [*FORMULAS, "https://sorvi.example"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_spreadsheet_connection_reads_what_was_written(folder: Folder, form: str) -> None:
    folder.settings = {"format": form}
    for number, name in enumerate(NAMES):
        folder.create("people", f"p{number}", Last_name=name, Note="1\n2")
    assert [row["Last name"] for row in read_back(folder, f"people.{form}")] == list(NAMES)


def read_back(folder: Folder, name: str) -> list[dict[str, Any]]:
    sheet = SpreadsheetConnector(
        name="back",
        settings=SpreadsheetSettings(folder=folder.out),
        streams={"people": SheetStream(files=name, key=("Solmu ID",))},
        folder=folder.hub,
    )
    rows = [row for batch in sheet.read("people", None) for row in batch.rows]
    return [row.payload for row in rows if isinstance(row, Row)]


def test_parquet_columns_are_text_whatever_they_hold(folder: Folder) -> None:
    folder.settings = {"format": ["parquet", "csv"]}
    folder.create("people", "p1", Last_name="Ärjä", Note=45)
    found = pq.read_table(folder.out / "people.parquet")
    assert found.to_pylist()[0]["Note"] == "45"
    assert {str(kind) for kind in found.schema.types} == {"string"}
    assert (folder.out / "people.csv").exists()
    assert folder.deltas() == ["people-000001.parquet"]


def test_more_rows_than_a_worksheet_holds_go_into_numbered_files(folder: Folder) -> None:
    rows = [(str(number),) for number in range(5)]
    parts = write_parts(folder.out, "people", ["Nr"], rows, "xlsx", FileSettings(folder=folder.out), worksheet_rows=2)
    assert parts == ["people.xlsx", "people.2.xlsx", "people.3.xlsx"]
    put(folder.out, parts)
    with zipfile.ZipFile(folder.out / "people.3.xlsx") as book:
        assert book.read("xl/worksheets/sheet1.xml").count(b"<row ") == 2


def test_a_stream_without_a_mapping_has_the_columns_that_were_written(folder: Folder) -> None:
    (folder.hub / "mappings" / "targets" / "people.yaml").unlink()
    folder.create("people", "p1", B=1)
    folder.create("people", "p2", A=1, B=2)
    assert (folder.out / "people.csv").read_text().splitlines() == ["Solmu ID,B,A", "p1,1,", "p2,2,1"]


def test_a_column_that_the_mapping_has_already_cannot_be_the_ids(folder: Folder) -> None:
    with pytest.raises(Fatal) as raised, folder.open(id_column="Note") as connector:
        connector.check()
    assert (raised.value.field, raised.value.value) == ("id_column", "Note")


def test_two_streams_cannot_have_one_file(folder: Folder) -> None:
    connector = folder.open()
    connector.streams["people"] = FileStream(file="Companies")
    with pytest.raises(Fatal) as raised:
        connector.check()
    assert raised.value.field == "file"


# --- deltas -----------------------------------------------------------------------------------------------------------


def test_a_delta_tells_what_changed_and_nothing_else(folder: Folder) -> None:
    folder.create("companies", "c1", Company_name="Sorvi", City="Oulu")
    folder.create("companies", "c2", Company_name="Kone", City="Kotka")
    folder.update("companies", "c1", City="Espoo")
    assert folder.deltas() == [f"companies-00000{number}.csv" for number in (1, 2, 3)]
    assert folder.rows("deltas/companies-000003.csv") == [
        {"Change": "updated", "Changed columns": "City", "Solmu ID": "c1", "Company name": "Sorvi", "City": "Espoo"}
    ]


def test_cells_that_did_not_change_are_blank_in_a_delta_unless_all_are_asked_for(folder: Folder) -> None:
    folder.create("people", "p1", Last_name="Salo", Phone="1", Note="calls back")
    folder.update("people", "p1", Phone="2")
    [row] = folder.rows("deltas/people-000002.csv")
    assert (row["Last name"], row["Phone"], row["Note"]) == ("Salo", "2", "")
    folder.settings = {"delta_cells": "all"}
    folder.update("people", "p1", Phone="3")
    [row] = folder.rows("deltas/people-000003.csv")
    assert (row["Changed columns"], row["Phone"], row["Note"]) == ("Phone", "3", "calls back")


def test_what_happens_in_one_night_is_one_line(folder: Folder) -> None:
    with folder.open() as connector:
        folder.send(connector, "companies", Verb.CREATE, {"City": "Oulu"}, external_id="c1")
        folder.send(connector, "companies", Verb.UPDATE, {"City": "Espoo"}, remote_id="c1")
        folder.send(connector, "companies", Verb.CREATE, {"City": "Kotka"}, external_id="c2")
        folder.send(connector, "companies", Verb.DELETE, {}, remote_id="c2")
    [row] = folder.rows("deltas/companies-000001.csv")
    assert (row["Change"], row["City"]) == ("created", "Espoo")
    with folder.open() as connector:
        folder.send(connector, "companies", Verb.UPDATE, {"City": "Kotka"}, remote_id="c1")
        folder.send(connector, "companies", Verb.UPDATE, {"Company name": "Sorvi"}, remote_id="c1")
    [row] = folder.rows("deltas/companies-000002.csv")
    assert (row["Change"], row["Changed columns"]) == ("updated", "Company name, City")


def test_a_deleted_record_leaves_the_list_and_nothing_of_it_is_kept(folder: Folder) -> None:
    folder.create("people", "p1", Last_name="Salo")
    folder.delete("people", "p1")
    assert folder.rows("people.csv") == []
    [row] = folder.rows("deltas/people-000002.csv")
    assert {column: cell for column, cell in row.items() if cell} == {"Change": "deleted", "Solmu ID": "p1"}
    assert b"Salo" not in (folder.out / NAME).read_bytes()


def test_an_unchanged_write_makes_no_delta_and_touches_no_file(folder: Folder) -> None:
    folder.create("people", "p1", Last_name="Salo")
    before = (folder.out / "people.csv").stat().st_mtime_ns
    assert folder.create("people", "p1", Last_name="Salo").outcome is Outcome.UNCHANGED
    assert (folder.out / "people.csv").stat().st_mtime_ns == before
    assert folder.deltas() == ["people-000001.csv"]


def test_deltas_that_are_switched_on_later_begin_then(folder: Folder) -> None:
    folder.settings = {"deltas": False, "full_files": False}
    folder.create("people", "p1", Last_name="Salo")
    assert [path.name for path in folder.out.iterdir()] == [NAME]
    folder.settings = {}
    folder.create("people", "p2", Last_name="Laine")
    assert [row["Solmu ID"] for row in folder.rows("deltas/people-000001.csv")] == ["p2"]
    assert len(folder.rows("people.csv")) == 2


def test_the_oldest_deltas_go(folder: Folder) -> None:
    folder.settings = {"keep_deltas": 2}
    for number in range(4):
        folder.create("people", f"p{number}", Last_name="Salo")
    assert folder.deltas() == ["people-000003.csv", "people-000004.csv"]


@pytest.mark.parametrize("seed", range(3))
def test_all_deltas_one_after_the_other_make_the_full_list(tmp_path: Path, seed: int) -> None:
    folder, dice = Folder(tmp_path), random.Random(seed)
    for _night in range(12):
        with folder.open() as connector:
            for _ in range(dice.randrange(8)):
                id = f"p{dice.randrange(12)}"
                cells = {name: str(dice.randrange(5)) for name in dice.sample(["Last name", "Phone", "Note"], 2)}
                verb = dice.choice([Verb.CREATE, Verb.UPDATE, Verb.UPDATE, Verb.DELETE])
                ids = {"external_id": id} if verb is Verb.CREATE else {"remote_id": id}
                folder.send(connector, "people", verb, {} if verb is Verb.DELETE else cells, **ids)
            if dice.random() < 0.3:
                connector.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    folder.look()
    held: dict[str, dict[str, str]] = {}
    for name in folder.deltas():
        for row in folder.rows(f"deltas/{name}"):
            change, changed, id = row.pop("Change"), row.pop("Changed columns"), row["Solmu ID"]
            match change:
                case "created":
                    assert id not in held
                    held[id] = row
                case "updated":
                    held[id] |= {column: row[column] for column in changed.split(", ") if column}
                case "deleted":
                    del held[id]
    assert held == {row["Solmu ID"]: row for row in folder.rows("people.csv")}


# --- crashes ----------------------------------------------------------------------------------------------------------


def test_what_was_written_before_a_crash_is_in_the_next_delta(folder: Folder) -> None:
    with pytest.raises(KeyboardInterrupt):
        folder.write("people", Verb.CREATE, {"Last name": "Salo"}, external_id="p1", then=killed)
    assert [path.name for path in folder.out.iterdir()] == [NAME]
    folder.look()
    assert [row["Change"] for row in folder.rows("deltas/people-000001.csv")] == ["created"]
    assert len(folder.rows("people.csv")) == 1


def test_a_crash_while_a_delta_is_written_leaves_none(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(publish, "write_parts", killed)
        with pytest.raises(KeyboardInterrupt):
            folder.create("people", "p1", Last_name="Salo")
    assert folder.deltas() == []
    folder.update("people", "p1", Phone="2")
    [row] = folder.rows("deltas/people-000001.csv")
    assert (row["Change"], row["Last name"], row["Phone"]) == ("created", "Salo", "2")


def test_a_crash_before_a_delta_is_in_its_place_puts_it_there_later(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(publish, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            folder.create("people", "p1", Last_name="Salo")
    assert folder.deltas() == [".people-000001.csv.part"]
    folder.look()
    assert folder.deltas() == ["people-000001.csv"]


def test_a_delta_that_was_taken_away_before_a_crash_does_not_come_again(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put_and_die(where: Path, names: Sequence[str]) -> None:
        put(where, names)
        (where / names[0]).unlink()  # somebody's import took it
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(publish, "put", put_and_die)
        with pytest.raises(KeyboardInterrupt):
            folder.create("people", "p1", Last_name="Salo")
    folder.look()
    folder.update("people", "p1", Phone="2")
    assert folder.deltas() == ["people-000002.csv"]


# --- hands in the folder ----------------------------------------------------------------------------------------------


def add_a_line(path: Path) -> None:
    path.write_text(path.read_text() + "x,by hand,,,,\n")


@pytest.mark.parametrize("meddle", [add_a_line, Path.unlink])
def test_a_file_that_was_edited_or_removed_is_told_of_and_written_anew(
    folder: Folder, meddle: Callable[[Path], None]
) -> None:
    folder.create("people", "p1", Last_name="Salo")
    before = (folder.out / "people.csv").read_bytes()
    meddle(folder.out / "people.csv")
    with folder.open() as connector:
        [note] = connector.check()
    assert note.startswith("people.csv was changed or removed")
    folder.look()
    assert (folder.out / "people.csv").read_bytes() == before
    assert folder.deltas() == ["people-000001.csv"]
    with folder.open() as connector:
        assert list(connector.check()) == []


def test_looking_into_an_empty_folder_leaves_it_empty(folder: Folder) -> None:
    with folder.open() as connector:
        connector.check()
        connector.discover()
        assert [remote.deleted for remote in connector.fetch("people", ["p1"])] == [True]
        assert list(connector.find("people", ["p1"])) == []
    assert list(folder.out.iterdir()) == []


def test_a_stream_whose_file_gets_another_name_leaves_no_old_one(folder: Folder) -> None:
    folder.create("people", "p1", Last_name="Salo")
    with folder.open() as connector:
        connector.streams["people"] = FileStream(mapping="people", file="contacts")
        connector.discover()
    assert not (folder.out / "people.csv").exists()
    assert len(folder.rows("contacts.csv")) == 1


# --- what can go wrong ------------------------------------------------------------------------------------------------


def test_a_full_disk_is_told_of_and_the_other_files_are_written(folder: Folder) -> None:
    hidden(folder.out, "companies.csv").symlink_to("/dev/full")
    connector = folder.open()
    folder.send(connector, "companies", Verb.CREATE, {"City": "Oulu" * 10_000}, external_id="c1")
    folder.send(connector, "people", Verb.CREATE, {"Last name": "Salo"}, external_id="p1")
    with pytest.raises(Fatal) as raised:
        connector.close()
    error = raised.value
    assert (error.code, error.field, error.stream) == ("disk-full", "folder", "companies")
    assert error.expected
    assert not (folder.out / "companies.csv").exists()
    assert len(folder.rows("people.csv")) == 1
    folder.look()
    assert len(folder.rows("companies.csv")) == 1
    assert folder.deltas() == ["companies-000001.csv", "people-000001.csv"]


def test_a_broken_ledger_is_not_written_over(folder: Folder) -> None:
    folder.create("people", "p1", Last_name="Salo")
    (folder.out / NAME).write_bytes(b"not a database, and long enough to see that " * 50)
    with pytest.raises(Fatal) as raised:
        folder.create("people", "p2", Last_name="Laine")
    assert raised.value.code == "ledger-broken"
    assert (folder.out / NAME).read_bytes().startswith(b"not a database")


def test_a_ledger_of_a_later_version_is_left_alone(folder: Folder) -> None:
    folder.create("people", "p1", Last_name="Salo")
    with sqlite3.connect(folder.out / NAME) as ledger:
        ledger.execute("PRAGMA user_version = 99")
    ledger.close()
    with pytest.raises(Fatal) as raised:
        folder.look()
    assert raised.value.code == "ledger-version"


def test_an_error_of_the_system_names_the_setting_and_what_would_be_right() -> None:
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
    assert isinstance(named(busy, connection="files", stream=None, value="out"), Retriable)
    forbidden = named(PermissionError(13, "denied"), connection="files", stream="people", value="out")
    assert (forbidden.code, forbidden.field, forbidden.value) == ("no-permission", "folder", "out")
    assert forbidden.expected
    other = named(OSError(5, "input/output error"), connection="files", stream=None, value="out")
    assert "input/output error" in other.message


def test_only_so_many_writes_go_into_one_call(folder: Folder) -> None:
    with folder.open() as connector, pytest.raises(ValueError, match="at most 1000"):
        list(connector.write("people", [Write(1, Verb.CREATE, {})] * 1001, no_journal))
