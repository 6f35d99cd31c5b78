"""Next month's file comes without a column that is read: it is told, and nothing is erased. Synthetic names."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text

from solmu.config import Hub
from solmu.doctor.run import examine
from solmu.golden.survive import values
from solmu.report.html import html
from solmu.report.markdown import markdown
from solmu.report.status import status
from solmu.store import Store
from solmu.store.tables import golden, lead
from tests.hubs import COLUMNS, crm_of, write_sheet
from tests.night.conftest import Night

AHO = ("7", "Hangon Hitsi Oy", "", "Hanko", "Onni Aho", "onni@hangonhitsi.example", "0401234567", "Laser")
SALO = ("8", "Salon Saha Oy", "", "Salo", "Eeva Salo", "eeva@salonsaha.example", "0407654321", "Saws")
NIEMI = ("9", "Turun Telakka Oy", "", "Turku", "Sanna Niemi", "sanna@turuntelakka.example", "0405554443", "Cranes")
SQL = """
connector: sql
direction: source
settings: {{url: "sqlite:///{path}"}}
streams:
  leads: {{query: "SELECT * FROM leads", key: [Nr], mapping: sheet}}
"""


@pytest.fixture
def hub(hub: Hub) -> Hub:
    for name in ("one", "two"):
        write_sheet(hub.folder, name, [])
    return hub


@pytest.fixture
def months(hub: Hub) -> Path:
    """A folder of sheets, one a month, that the hub reads as one list."""
    connection = hub.folder / "connections" / "one.yaml"
    connection.write_text(connection.read_text().replace("files: one.csv", 'files: "20*.csv"'))
    (hub.folder / "data" / "one.csv").unlink()
    return hub.folder / "data"


def write(path: Path, rows: Sequence[Sequence[str]], **renamed: str) -> None:
    """Write a sheet in which some columns are called otherwise."""
    header = [renamed.get(column.replace("-", "_"), column) for column in COLUMNS]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def phones(hub: Hub) -> dict[str, Any]:
    return {each["LastName"]: each.get("Phone") for each in crm_of(hub).records("contacts").values()}


def test_a_new_file_without_a_column_that_is_read_is_told_of_once_and_seen_until_it_is_back(
    hub: Hub, months: Path, night: Night, store: Store
) -> None:
    write(months / "2026-10.csv", [AHO])
    assert night()["lost_columns"] == []
    write(months / "2026-11.csv", [SALO], Phone="Telephone", Interest="Wish")
    (wish, phone) = night()["lost_columns"]
    assert (phone["connection"], phone["stream"], phone["column"]) == ("one", "leads", "Phone")
    assert (phone["file"], phone["rows"], phone["newly"]) == ("2026-11.csv", 1, True)
    assert phone["instead"] == ["Telephone", "Wish"]
    assert wish["column"] == "Interest"
    report = night()
    assert [each["newly"] for each in report["lost_columns"]] == [False, False]
    for page in (html(report), markdown(report)):
        assert "one/leads lost its column Phone, which the mapping reads: 1 row landed" in page
    with store.read() as connection:
        assert [each["column"] for each in status(connection, hub)["lost_columns"]] == ["Interest", "Phone"]
    write(months / "2026-12.csv", [NIEMI], Interest="Wish")  # as before: nothing new to be told of
    (told,) = night()["lost_columns"]
    assert (told["column"], told["newly"]) == ("Interest", True)
    assert examine(store, hub)["ok"]


def test_a_mapping_that_reads_the_new_column_in_its_place_ends_it(hub: Hub, months: Path, night: Night) -> None:
    write(months / "2026-10.csv", [AHO])
    night()
    write(months / "2026-11.csv", [SALO], Phone="Telephone")
    night()
    mapping = hub.folder / "mappings" / "sources" / "sheet.yaml"
    mapping.write_text(mapping.read_text().replace("{from: Phone,", "{from: [Phone, Telephone],"))
    assert night()["lost_columns"] == []
    assert "7654321" in phones(hub)["Salo"]
    write(months / "2026-12.csv", [NIEMI], Phone="Telephone")
    assert night()["lost_columns"] == []


def test_a_file_with_more_columns_or_of_another_kind_that_is_read_too_is_nothing_to_tell_of(
    hub: Hub, months: Path, night: Night
) -> None:
    mapping = hub.folder / "mappings" / "sources" / "sheet.yaml"
    mapping.write_text(mapping.read_text().replace("interest: Interest", "interest: [Interest, Wish]"))
    write(months / "2026-10.csv", [AHO])
    night()
    write(months / "2026-11.csv", [SALO], Interest="Wish")
    assert night()["lost_columns"] == []


def said(store: Store) -> dict[str, Any]:
    """What the hub says of whom, and of their leads."""
    with store.read() as connection:
        people = {row.public_id: values(row.document) for row in connection.execute(select(golden))}
        leads = {str(row.id): row.document for row in connection.execute(select(lead).where(lead.c.state == "live"))}
    return people | leads


def test_a_name_of_which_a_part_is_lost_stays_whole(hub: Hub, months: Path, night: Night, store: Store) -> None:
    mapping = hub.folder / "mappings" / "sources" / "sheet.yaml"
    parts = "  given_name: Person\n  family_name: City\n"
    mapping.write_text(mapping.read_text().replace("  name: Person\n", parts).replace("  city: City\n", ""))
    write(months / "2026-10.csv", [("7", *AHO[1:3], "Aho", "Onni", *AHO[5:])])
    night()
    before = said(store)
    (months / "2026-10.csv").unlink()
    write(months / "2026-11.csv", [("7", *AHO[1:3], "Aho", "Onni", *AHO[5:])], City="Surname")
    write(months / "2026-12.csv", [])
    assert [each["column"] for each in night()["lost_columns"]] == ["City"]
    assert said(store) == before
    assert examine(store, hub)["ok"]


@pytest.mark.parametrize("lost", ["Phone", "Interest", "Person"])
def test_rows_that_come_again_without_a_column_keep_what_they_said_in_it(
    hub: Hub, months: Path, night: Night, store: Store, lost: str
) -> None:
    write(months / "2026-10.csv", [AHO, SALO])
    night()
    before = said(store)
    (months / "2026-10.csv").unlink()
    write(months / "2026-11.csv", [AHO, SALO], **{lost: "Something else"})
    write(months / "2026-12.csv", [])
    told = night()["lost_columns"]
    assert [(each["column"], each["rows"]) for each in told] == [(lost, 2)]
    assert said(store) == before
    assert examine(store, hub)["ok"]
    mapping = hub.folder / "mappings" / "sources" / "sheet.yaml"
    mapping.write_text(mapping.read_text() + "\nignore: [Whatever]\n")  # all rows are mapped anew
    night()
    assert said(store) == before
    (months / "2026-11.csv").unlink()
    write(months / "2026-10.csv", [("7", AHO[1], "", "", "", *AHO[5:6], "", ""), SALO])  # and what is blank is blank
    night()
    assert said(store) != before


def test_a_row_that_was_given_to_somebody_else_takes_nothing_from_whom_it_was_about(
    hub: Hub, months: Path, night: Night
) -> None:
    write(months / "2026-10.csv", [AHO])
    night()
    (months / "2026-10.csv").unlink()
    write(months / "2026-11.csv", [("7", *NIEMI[1:])], Phone="Telephone")
    write(months / "2026-12.csv", [SALO])
    night()
    assert phones(hub) | {"Niemi": None} == phones(hub)
    assert "1234567" in phones(hub)["Aho"]


def test_a_query_that_lost_a_column_is_told_of_and_erases_nothing(
    hub: Hub, night: Night, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "erp.db"
    (hub.folder / "connections" / "one.yaml").write_text(SQL.format(path=path))
    columns = ", ".join(f'"{column}" TEXT' for column in COLUMNS)
    marks = ", ".join(f":c{number}" for number in range(len(COLUMNS)))
    erp = create_engine(f"sqlite:///{path}")
    with erp.begin() as connection:
        connection.execute(text(f"CREATE TABLE leads ({columns})"))
        for row in (AHO, SALO):
            connection.execute(
                text(f"INSERT INTO leads VALUES ({marks})"), {f"c{at}": each for at, each in enumerate(row)}
            )
    night()
    before = said(store)
    with erp.begin() as connection:
        connection.execute(text('ALTER TABLE leads RENAME COLUMN "Phone" TO "Tel"'))
    erp.dispose()
    (told,) = night()["lost_columns"]
    assert (told["column"], told["instead"], told["rows"], told["file"]) == ("Phone", ["Tel"], 2, None)
    assert said(store) == before
    assert examine(store, hub)["ok"]
