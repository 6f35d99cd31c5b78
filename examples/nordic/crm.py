"""What the CRM held before the first night: accounts and contacts, some of them the same as the sources' rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random

from examples.nordic import spelling
from examples.nordic.showcase import CRM_ACCOUNT_NAME, CRM_OLD_PHONE, CRM_OLD_STREET, showcase
from examples.nordic.truth import Ledger
from examples.nordic.vocabulary import COUNTRY_NAMES
from examples.nordic.world import Organisation, Person, World

ACCOUNTS, CONTACTS = ("crm", "accounts"), ("crm", "contacts")
ACCOUNT_ROWS = 110
CONTACT_ROWS = 90
DOUBLE_CARDS = 5
"""People whom two salespeople entered, each knowing something else about them."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as the sandbox is loaded with it. ``ref`` stands for the id that the CRM will give."""

    object: str
    ref: str
    fields: dict[str, str]


def write_crm(rng: Random, world: World, path: Path, ledger: Ledger, erp_numbers: dict[str, int]) -> dict[str, str]:
    """Writes the records; returns the refs of the showcase's and the mover's, by what they are."""
    known = world.known_to("crm")
    company, aino = showcase(world)
    # Some companies were entered twice by different salespeople.
    twice = rng.sample(known, ACCOUNT_ROWS - 1 - len(known))
    records: list[Record] = []
    accounts: list[tuple[str, Organisation]] = []
    for number, one in enumerate((*known, *twice), start=1):
        ref = f"account-{number:03d}"
        record, keys = _account(rng, ref, one, erp_numbers)
        records.append(record)
        accounts.append((ref, one))
        ledger.organisation(ACCOUNTS, ref, one.truth_id, keys)

    erp_number = erp_numbers[company.truth_id]
    showcase_account = Record("Account", f"account-{ACCOUNT_ROWS:03d}", _showcase_account(erp_number))
    records.append(showcase_account)
    ledger.organisation(ACCOUNTS, showcase_account.ref, company.truth_id, {f"erp:{erp_number}"})

    mover_id = world.situations["mover"][2]
    cards = _cards(rng, world, accounts, first=mover_id)
    refs = {"showcase_account": showcase_account.ref}
    for number, (account, one, person) in enumerate(cards, start=1):
        ref = f"contact-{number:03d}"
        if person.truth_id == mover_id:
            refs["mover_contact"] = ref
        # The salesperson who knows the mover has the mobile number: it is what stays.
        record, keys = _contact(rng, ref, account, one, person, always_mobile=person.truth_id == mover_id)
        records.append(record)
        ledger.person(CONTACTS, ref, person.truth_id, keys)

    refs["showcase_contact"] = f"contact-{CONTACT_ROWS:03d}"
    mobile = aino.mobile or ""
    fields = {"FirstName": "Aino", "LastName": "Ikäheimo", "MobilePhone": mobile, "Title": "ostaja"}
    records.append(Record("Contact", refs["showcase_contact"], {**fields, "AccountId": showcase_account.ref}))
    ledger.person(CONTACTS, refs["showcase_contact"], aino.truth_id, {f"phone:{mobile}"})

    lines = (
        json.dumps({"object": one.object, "ref": one.ref, "fields": one.fields}, ensure_ascii=False) for one in records
    )
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return refs


def _account(rng: Random, ref: str, one: Organisation, erp_numbers: dict[str, int]) -> tuple[Record, set[str]]:
    fields = {"Name": spelling.organisation(rng, one, careful=True, old=rng.random() < 0.7)}
    keys: set[str] = set()
    if one.phone and rng.random() < 0.5:
        fields["Phone"] = spelling.phone(rng, one.phone, abroad=True)
        keys.add(f"phone:{one.phone}")
    if one.domain and rng.random() < 0.6:
        fields["Website"] = rng.choice(("https://www.{}", "www.{}", "http://{}/")).format(one.domain)
    if rng.random() < 0.5:
        fields["Industry"] = one.industry
    if rng.random() < 0.7:
        fields["BillingStreet"] = spelling.street(rng, one)
        fields["BillingPostalCode"] = one.postcode
    fields["BillingCity"] = one.city.name
    fields["BillingCountry"] = COUNTRY_NAMES["en"][one.country]
    if one.truth_id in erp_numbers and rng.random() < 0.35:
        fields["AccountNumber"] = str(erp_numbers[one.truth_id])
        keys.add(f"erp:{erp_numbers[one.truth_id]}")
    return Record("Account", ref, fields), keys


def _showcase_account(erp_number: int) -> dict[str, str]:
    """Outdated in what the ERP knows better, so that the demo has a difference to show."""
    return {
        "Name": CRM_ACCOUNT_NAME,
        "Phone": CRM_OLD_PHONE,
        "BillingStreet": CRM_OLD_STREET,
        "BillingPostalCode": "80100",
        "BillingCity": "Joensuu",
        "BillingCountry": "Finland",
        "AccountNumber": str(erp_number),
    }


def _cards(
    rng: Random, world: World, accounts: list[tuple[str, Organisation]], *, first: str
) -> list[tuple[str, Organisation, Person]]:
    """Who has a card under which account: one card each, then a second card for some."""
    # Somebody with posts at two firms has the card of the first only.
    singles: dict[str, tuple[str, Organisation, Person]] = {}
    for ref, one in accounts:
        for person in world.staff_of(one):
            singles.setdefault(person.truth_id, (ref, one, person))
    mover = singles.pop(first)
    chosen = rng.sample(list(singles.values()), CONTACT_ROWS - 2 - DOUBLE_CARDS)
    return [mover, *chosen, *rng.sample(chosen, DOUBLE_CARDS)]


def _contact(
    rng: Random, ref: str, account: str, one: Organisation, person: Person, *, always_mobile: bool
) -> tuple[Record, set[str]]:
    fields = {"FirstName": person.given_name, "LastName": person.family_name, "AccountId": account}
    if rng.random() < 0.08:
        fields["FirstName"], fields["LastName"] = (spelling.fold(fields[name]) for name in ("FirstName", "LastName"))
    keys: set[str] = set()
    email = person.email_at(one)
    if email and rng.random() < 0.6:
        fields["Email"] = email
        keys.add(f"email:{email}")
    if person.mobile and (always_mobile or rng.random() < 0.45):
        fields["MobilePhone"] = spelling.phone(rng, person.mobile, abroad=True)
        keys.add(f"phone:{person.mobile}")
    if one.phone and rng.random() < 0.35:
        fields["Phone"] = spelling.phone(rng, one.phone, abroad=True)
        keys.add(f"phone:{one.phone}")
    if rng.random() < 0.6:
        fields["Title"] = next(job.title for job in person.jobs if job.organisation.truth_id == one.truth_id)
    return Record("Contact", ref, fields), keys
