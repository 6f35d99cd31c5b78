"""Who works in the org before anything is loaded: its organisation and a few users. Synthetic, all of it."""

import sqlite3
from collections.abc import Mapping

from sandbox.salesforce.ids import make_id
from sandbox.salesforce.objects import SObject
from sandbox.salesforce.store import ORG_PREFIX, USER_PREFIX, Store, placeholders
from sandbox.salesforce.times import now

ORGANIZATION = make_id(ORG_PREFIX, 1)
# Name in `_edit`'s "as", first name, last name, title, active.
_USERS = (
    ("integration", "Solmu", "Integration", "Integration user", True),
    ("admin", "Synthetic", "Administrator", "System administrator", True),
    ("sales", "Synthetic", "Salesperson", "Account manager", True),
    ("sales2", "Another", "Salesperson", "Account manager", True),
    ("left", "Former", "Salesperson", "Account manager", False),
)
USERS: Mapping[str, str] = {name: make_id(USER_PREFIX, number) for number, (name, *_) in enumerate(_USERS, start=1)}
INTEGRATION_USER = USERS["integration"]


def seed(store: Store, objects: Mapping[str, SObject]) -> None:
    """Fills an empty file; does nothing to one that was filled."""
    with store.write() as db:
        if db.execute('SELECT 1 FROM "Organization"').fetchone():
            return
        stamp = now()
        system = {"IsDeleted": 0, "CreatedDate": stamp, "LastModifiedDate": stamp, "SystemModstamp": stamp}
        admin = {"CreatedById": USERS["admin"], "LastModifiedById": USERS["admin"]}
        organisation = {"Name": "Sandbox (synthetic)", "OrganizationType": "Developer Edition", "IsSandbox": 1}
        store.new_ids(db, ORG_PREFIX, 1)
        _add(db, "Organization", {"Id": ORGANIZATION, **organisation, "InstanceName": "SOLMU", **system, **admin})
        store.new_ids(db, USER_PREFIX, len(_USERS))
        for name, first, last, title, active in _USERS:
            mail = f"{name}@sandbox.invalid"
            person = {"FirstName": first, "LastName": last, "Name": f"{first} {last}", "Title": title}
            account = {"Username": mail, "Email": mail, "IsActive": int(active), "UserType": "Standard"}
            _add(db, "User", {"Id": USERS[name], **person, **account, **system, **admin})


def _add(db: sqlite3.Connection, table: str, values: Mapping[str, object]) -> None:
    columns = ", ".join(f'"{name}"' for name in values)
    db.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({placeholders(len(values))})', list(values.values()))
