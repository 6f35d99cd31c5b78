"""The hubs that nights are killed on: a CRM in a file, and a store in one or on a server, so that both outlive the
process.

*first* is a hub before its first night, over a CRM that has records already. *second* is the same hub after that night,
with its sheets edited and a salesperson's edits in the CRM. Synthetic throughout.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from connectors.memory.space import Space
from solmu.config import load_hub
from solmu.doctor import examine
from solmu.store import open_store, time
from solmu.store.tables import golden, link, mention, source_record
from solmu.sync.arm import arm, confirm_first_ten
from tests.hubs import make_hub, write_sheet

CRM_FILE = "crm.db"
STREAMS = ("accounts", "contacts", "tasks")

COMPANIES = ("Kotka Kone", "Suomen Sorvi", "Hanko Hitsi", "Raahe Rauta", "Pori Puu", "Vaasa Veto", "Lahti Lasi")
BAD = ("B", "Oulu Onki Oy", "", "Oulu", "Ilmari Ek", "ilmari@@oulu-onki.example", "", "")


def row(number: int, *, phone: str = "", city: str = "Kotka", interest: str = "Laser") -> tuple[str, ...]:
    """One company with one person; the same number is the same company in every sheet."""
    name = COMPANIES[number]
    host = name.lower().replace(" ", "") + ".example"
    phone = phone or f"04012345{number:02}"
    return (str(number), f"{name} Oy", "", city, f"Aino Laine{number}", f"aino.laine{number}@{host}", phone, interest)


def make_first(folder: Path, store: str | None = None) -> None:
    """Before the first night. ``store`` is the address of an empty, migrated one; without, it is in the folder."""
    hub = make_hub(
        folder,
        store=store,
        sheets={"one": [*(row(number) for number in range(5)), BAD], "two": [row(3), row(4), row(5)]},
        crm_file=CRM_FILE,
    )
    with open_store(hub.store_url) as opened:
        arm(opened, "crm", who="tester", now=time.now())
        confirm_first_ten(opened, "crm", who="tester", now=time.now())
    with crm(folder) as space:
        for number in range(2):
            name = COMPANIES[number]
            host = name.lower().replace(" ", "") + ".example"
            space.put("accounts", {"Name": name, "City": "Kotka"}, key=f"a{number}")
            person = {"FirstName": "Aino", "LastName": f"Laine{number}", "Email": f"aino.laine{number}@{host}"}
            space.put("contacts", {**person, "AccountId": f"a{number}"}, key=f"c{number}")


def make_second(folder: Path) -> None:
    """Edit a hub after its first night: a row changed, one gone, one new, one mended; and two edits in the CRM."""
    mended = (*BAD[:5], "ilmari.ek@oulu-onki.example", *BAD[6:])
    write_sheet(folder, "one", [row(0, phone="0409999999"), row(1), row(2, city="Hanko"), row(6), mended])
    write_sheet(folder, "two", [row(3, city="Raahe"), row(4), row(5, interest="Press")])
    with crm(folder) as space:
        accounts = {record["Name"]: key for key, record in space.records("accounts").items()}
        space.change("accounts", accounts["Raahe Rauta Oy"], {"Industry": "Metal"})
        contacts = {record["LastName"]: key for key, record in space.records("contacts").items()}
        space.change("contacts", contacts["Laine5"], {"Phone": "+358401112222"})


@contextmanager
def crm(folder: Path) -> Iterator[Space]:
    """The CRM of a hub, for this process only."""
    space = Space(str(folder / CRM_FILE))
    try:
        yield space
    finally:
        space.close()


def outcome(folder: Path) -> dict[str, Any]:
    """What a hub has come to, ids aside: golden values, the CRM's content, and what the doctor says."""
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        health = examine(store, hub)
        with store.read() as connection:
            golden_records = _golden(connection)
    return {
        "golden": golden_records,
        "crm": crm_content(folder),
        "wrong": [check for check in health["checks"] if not check["ok"]],
    }


def crm_content(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every record of the CRM, deleted ones too, with names in the place of ids."""
    with closing(sqlite3.connect(folder / CRM_FILE)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with crm(folder) as space:
        found = {stream: space.since(stream, 0, None) for stream in STREAMS}
    names = {
        record.id: record.payload.get("Name") or record.payload.get("Email") or record.payload.get("Subject")
        for records in found.values()
        for record in records
    }
    return {
        stream: sorted(
            (
                {name: names.get(value, value) for name, value in record.payload.items()} | {"deleted": record.deleted}
                for record in records
            ),
            key=str,
        )
        for stream, records in found.items()
    }


def _golden(connection: Any) -> list[tuple[str, str, dict[str, Any], list[str]]]:
    """Values, and who speaks of them; records that the CRM made for us have no name of their own."""
    speakers: dict[int, list[str]] = {}
    query = (
        select(
            link.c.golden_id, source_record.c.connection, source_record.c.stream, source_record.c.key, mention.c.slot
        )
        .join(mention, mention.c.id == link.c.mention_id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .where(link.c.until.is_(None))
    )
    for each in connection.execute(query):
        key = each.key if len(each.key) < 32 else "made by us"
        speakers.setdefault(each.golden_id, []).append(f"{each.connection}/{each.stream}/{key} {each.slot}")
    rows = connection.execute(select(golden).where(golden.c.state != "merged"))
    return sorted(
        (
            (
                each.entity,
                each.state,
                {name: entry["value"] for name, entry in each.document.items()},
                sorted(speakers.get(each.id, [])),
            )
            for each in rows
        ),
        key=str,
    )
