"""A small hub to run: two partner sheets and a CRM in memory, synthetic throughout.

`Kotka Kone` is one company with one person, whom both sheets and the CRM know; `Suomen Sorvi` is only in the first.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from solmu.config import Hub, load_hub

HUB = """
name: Small
store: {store}
survivorship:
  sources: [one, two, crm]
  default: rank
assignment:
  default: "005"
"""
SHEET = """
connector: spreadsheet
direction: source
settings: {{folder: data}}
streams:
  leads: {{files: {name}.csv, key: [Nr], mapping: sheet}}
"""
CRM = """
connector: memory
direction: both
settings: {settings}
streams:
  accounts: {{mapping: account}}
  contacts: {{mapping: contact}}
  tasks: {{mapping: task, direction: target}}
"""
MAPPINGS = {
    "sources/sheet.yaml": """
record: lead
organisation:
  name: Company
  business_id: {from: Business id, country: {const: FI}}
  city: City
  country: {const: FI}
person:
  name: Person
  email: {from: E-mail}
  phone: {from: Phone, region: {const: FI}}
lead: {number: Nr, interest: Interest}
require: [[organisation.name, person.email]]
""",
    "sources/account.yaml": """
record: account
organisation:
  name: Name
  city: City
  country: {const: FI}
  business_id: {from: BusinessId, country: {const: FI}}
  industry: Industry
ignore: [Owner]
""",
    "sources/contact.yaml": """
record: contact
person:
  given_name: FirstName
  family_name: LastName
  email: {from: Email}
  phone: {from: Phone, region: {const: FI}}
  employer: {stream: accounts, key: {from: AccountId}}
""",
    "targets/account.yaml": """
object: Account
entity: organisation
fields:
  Name: {from: name, required: true}
  City: {from: city}
  BusinessId: {from: business_id}
  Owner: {assign: true}
""",
    "targets/contact.yaml": """
object: Contact
entity: person
fields:
  FirstName: {from: given_name}
  LastName: {from: [family_name, name, "email[0]"], required: true}
  Email: {from: "email[0]"}
  Phone: {from: "phone[0]"}
  AccountId: {parent: accounts}
""",
    "targets/task.yaml": """
object: Task
hanging: lead
fields:
  Subject: {template: "Lead {number}"}
  WhoId: {parent: contacts}
  WhatId: {parent: accounts}
""",
}
FOLLOW_UP = """
object: Task
hanging: activity
only: {kind: Follow-up}
fields:
  WhatId: {parent: accounts, required: true}
  Subject: {from: subject, required: true, only_on: create}
  Due: {from: on, only_on: create}
  Status: {from: status, default: Open, only_on: create}
  Owner: {from: owner, only_on: create}
taken_back: {Status: Completed}
"""
COLUMNS = ("Nr", "Company", "Business id", "City", "Person", "E-mail", "Phone", "Interest")
ONE = (
    ("1", "Kotka Kone Oy", "2092540-6", "Kotka", "Aino Laine", "aino.laine@kotkakone.example", "0401234567", "Laser"),
    ("2", "Suomen Sorvi Oy", "", "Oulu", "Eero Salo", "eero.salo@suomensorvi.example", "0407654321", "Press"),
)
TWO = (("A", "Kotka-Kone", "2092540-6", "", "Laine Aino", "aino.laine@kotkakone.example", "", "Welding"),)


def make_hub(
    folder: Path,
    *,
    store: str | None = None,
    sheets: Mapping[str, Sequence[Sequence[str]]] | None = None,
    crm_file: str | None = None,
) -> Hub:
    """Write the hub into ``folder`` and load it. Each hub has a memory CRM of its own; ``crm_file`` keeps it there."""
    chosen = {"one": ONE, "two": TWO} if sheets is None else sheets
    settings = f"{{file: {crm_file}}}" if crm_file else f"{{space: {uuid4().hex}}}"
    _write(folder / "hub.yaml", HUB.format(store=store or "sqlite:///solmu.db"))
    _write(folder / "connections" / "crm.yaml", CRM.format(settings=settings))
    for name, rows in chosen.items():
        _write(folder / "connections" / f"{name}.yaml", SHEET.format(name=name))
        write_sheet(folder, name, rows)
    for path, text in MAPPINGS.items():
        _write(folder / "mappings" / path, text)
    return load_hub(folder)


def write_sheet(folder: Path, name: str, rows: Sequence[Sequence[str]]) -> None:
    """Write a partner's sheet anew."""
    path = folder / "data" / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])


def with_follow_ups(folder: Path) -> Hub:
    """Let the hub's CRM take follow-up tasks, in a stream of its own."""
    _write(folder / "mappings" / "targets" / "follow-up.yaml", FOLLOW_UP)
    crm = folder / "connections" / "crm.yaml"
    crm.write_text(crm.read_text() + "  follow-ups: {mapping: follow-up, direction: target}\n")
    return load_hub(folder)


def crm_of(hub: Hub) -> Any:
    """The space behind the hub's CRM, to look into and to edit as a salesperson would."""
    from connectors.memory.space import space

    return space(hub.connections["crm"].settings["space"])


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.lstrip(), encoding="utf-8")


def moment(text: str) -> datetime:
    """An aware time, for edits at a given moment."""
    return datetime.fromisoformat(text)
