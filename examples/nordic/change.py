"""A day later: ``python -m examples.nordic.change --to DIR`` alters a few things in a folder that `generate` wrote.

A person starts at another employer, a customer orders again, a salesperson corrects a record in the CRM, and a dealer
sends a row that must be refused. Everything else stays as it is, byte by byte. Running it again changes nothing more.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from examples.nordic.erp import insert_line, insert_order, list_price
from examples.nordic.identifiers import national
from examples.nordic.leads import FINNISH, Lead
from examples.nordic.partners import FINNISH_HEADER, REASONS, finnish_entry
from examples.nordic.sheets import write_xlsx
from examples.nordic.truth import Ledger, append_truth

_DAY = date(2026, 7, 2)
_ORDER, _LINE = 9001, 90001
_LEAD, _REFUSED_LEAD = 901, 902


def change(to: Path) -> dict[str, Any]:
    """Applies the changes to the folder; returns what was done, as it stands in ``changes/changes.json`` afterwards.

    The CRM's part cannot be done in a file: ``changes/crm-edits.jsonl`` holds it for whoever speaks to the CRM, one
    ``{"object", "ref", "fields"}`` a line.
    """
    done = to / "changes" / "changes.json"
    if done.exists():
        return _read_json(done)
    showcase, mover = _read_json(to / "showcase.json"), _read_json(to / "mover.json")
    done.parent.mkdir()
    summary = {
        "moved": _move(to, mover),
        "refused": {**_named(FINNISH.source), "key": f"L-2026-{_REFUSED_LEAD:04d}", "reason": REASONS["date"]},
        "ordered": _order(to, showcase),
        "edited": _edit(to, showcase),
    }
    done.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return summary


def _move(to: Path, mover: dict[str, Any]) -> dict[str, Any]:
    """The dealer's next sheet: somebody known under a new employer with a new address, and a row to refuse."""
    lead = Lead(
        on=_DAY,
        organisation=None,
        person=None,
        hidden=None,
        company="Isokuovi Kaluste Oy",
        person_name=mover["name"],
        email="oskari.lumikari@isokuovi.example",
        phones=(mover["mobile"],),
        phone_text=national(mover["mobile"]),
        country="Suomi",
        interest="höylä",
        note="Aloitti Isokuovilla kesäkuussa.",
    )
    refused = Lead(
        on=_DAY,
        organisation=None,
        person=None,
        hidden=None,
        company="Olematon Päivä Oy",
        person_name="Sulo Kalenteri",
        email="sulo.kalenteri@olematon.example",
        country="Suomi",
    )
    entry = finnish_entry(lead, _LEAD)
    cells = [entry.cells, finnish_entry(refused, _REFUSED_LEAD, REASONS["date"]).cells]
    sheet = to / "data" / "partners" / "fi" / "liidit-2026-07.xlsx"
    write_xlsx(sheet, "Liidit", [("Raportti 7/2026",), (), FINNISH_HEADER, *cells])

    ledger = Ledger()
    ledger.organisation(FINNISH.source, entry.key, mover["after"]["organisation"], lead.identity_keys())
    ledger.person(FINNISH.source, entry.key, mover["person"], lead.identity_keys())
    append_truth(to / "truth.csv", ledger.mentions)
    return {**_named(FINNISH.source), "key": entry.key, "person": mover["person"], "name": mover["name"]}


def _order(to: Path, showcase: dict[str, Any]) -> dict[str, Any]:
    """The showcase's company orders once more."""
    [customer] = [int(row["key"]) for row in showcase["rows"] if row["connection"] == "erp"]
    stamp = f"{_DAY}T10:15:00Z"
    with closing(sqlite3.connect(to / "data" / "erp.db")) as database, database:
        insert_order(database, _ORDER, customer, _DAY, "confirmed", list_price("planer"), stamp)
        insert_line(database, _LINE, _ORDER, 1, "planer", 1, stamp)
    return {"connection": "erp", "stream": "orders", "key": str(_ORDER), "customer": str(customer)}


def _edit(to: Path, showcase: dict[str, Any]) -> dict[str, Any]:
    """A salesperson learns that the showcase's person has been promoted."""
    [contact] = [row["key"] for row in showcase["rows"] if row["stream"] == "contacts"]
    edit = {"object": "Contact", "ref": contact, "fields": {"Title": "tuotantojohtaja"}}
    edits = to / "changes" / "crm-edits.jsonl"
    edits.write_text(json.dumps(edit, ensure_ascii=False) + "\n", encoding="utf-8")
    return {"connection": "crm", "stream": "contacts", "key": contact, "fields": edit["fields"]}


def _named(source: tuple[str, str]) -> dict[str, str]:
    return {"connection": source[0], "stream": source[1]}


def _read_json(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.nordic.change", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument(
        "--to", type=Path, required=True, metavar="DIR", help="a folder that examples.nordic.generate wrote"
    )
    summary = change(parser.parse_args().to)
    print(f"{summary['moved']['name']} moved ({summary['moved']['key']}), one new order ({summary['ordered']['key']}),")
    print(f"one edit for the CRM ({summary['edited']['key']}), one row to refuse ({summary['refused']['key']}).")


if __name__ == "__main__":
    main()
