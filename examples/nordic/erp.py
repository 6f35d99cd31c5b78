"""The ERP: an SQLite database with customers (suppliers among them), orders, lines, invoices and payments."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

from examples.nordic import spelling
from examples.nordic.showcase import ERP_CONTACT, ERP_NAME, showcase
from examples.nordic.truth import Ledger
from examples.nordic.vocabulary import BILLING_WORDS, PRODUCTS, ROLE_WORDS
from examples.nordic.world import Organisation, Person, World

SOURCE = ("erp", "customers")
CUSTOMERS = 400
ORDERS = 350

SCHEMA = """
CREATE TABLE customer (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    business_id TEXT,
    vat TEXT,
    street TEXT,
    postcode TEXT,
    city TEXT,
    country TEXT NOT NULL,
    phone TEXT,
    email TEXT,
    contact_person TEXT,
    status TEXT NOT NULL,
    is_supplier INTEGER NOT NULL,
    parent_id INTEGER REFERENCES customer (id),
    key_account INTEGER NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE TABLE sales_order (
    id INTEGER PRIMARY KEY,
    order_no TEXT NOT NULL UNIQUE,
    customer_id INTEGER NOT NULL REFERENCES customer (id),
    ordered_on TEXT NOT NULL,
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    total NUMERIC NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE TABLE order_line (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES sales_order (id),
    line_no INTEGER NOT NULL,
    product TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    unit_price NUMERIC NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE TABLE invoice (
    id INTEGER PRIMARY KEY,
    invoice_no TEXT NOT NULL UNIQUE,
    order_id INTEGER NOT NULL REFERENCES sales_order (id),
    customer_id INTEGER NOT NULL REFERENCES customer (id),
    issued_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount NUMERIC NOT NULL,
    status TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE TABLE payment (
    id INTEGER PRIMARY KEY,
    invoice_id INTEGER NOT NULL REFERENCES invoice (id),
    customer_id INTEGER NOT NULL REFERENCES customer (id),
    paid_on TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount NUMERIC NOT NULL,
    changed_at TEXT NOT NULL
);
"""

_PRICES = {"bandsaw": 48500, "edger": 31200, "planer": 22900, "conveyor": 7450, "service": 1850}
_FIRST_ORDER = date(2025, 11, 3)
LAST_DAY = date(2026, 6, 30)
"""Nothing in the data is younger than this."""

_MIGRATION = "2025-11-01T00:00:00Z"
"""When the ERP was introduced: a sixth of its customers carry this very second as their stamp."""


@dataclass(frozen=True, slots=True)
class Customer:
    """One row of the customer table, with what it truly is beside it."""

    id: int
    organisation: Organisation
    person: Person | None
    name: str
    business_id: str | None
    vat: str | None
    street: str | None
    postcode: str | None
    city: str | None
    phone: str | None
    phone_text: str | None
    email: str | None
    contact_person: str | None
    changed_at: str

    def identity_keys(self) -> set[str]:
        """What on this row would prove who is meant."""
        keys = {f"erp:{self.id}"}
        if self.phone:
            keys.add(f"phone:{self.phone}")
        if self.email:
            keys.add(f"email:{self.email}")
        if self.business_id or self.vat:
            keys.add(f"business-id:{self.organisation.truth_id}")
        return keys


def write_erp(rng: Random, world: World, path: Path, ledger: Ledger) -> dict[str, int]:
    """Writes the database; returns the first customer id of each organisation in it, by truth id."""
    customers = _customers(rng, world)
    numbers: dict[str, int] = {}
    for customer in customers:
        numbers.setdefault(customer.organisation.truth_id, customer.id)
        ledger.organisation(SOURCE, str(customer.id), customer.organisation.truth_id, customer.identity_keys())
        if customer.person:
            ledger.person(SOURCE, str(customer.id), customer.person.truth_id, customer.identity_keys())

    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(SCHEMA)
        with database:
            database.executemany(
                f"INSERT INTO customer VALUES ({', '.join('?' * 16)})", [_row(one, numbers) for one in customers]
            )
            _write_orders(rng, world, customers, database)
    return numbers


def _customers(rng: Random, world: World) -> list[Customer]:
    known = world.known_to("erp")
    rng.shuffle(known)
    showcase_company, showcase_person = showcase(world)
    key_account = world.situations["key-account"][0]
    near_duplicate = next(one for one in known if one.truth_id == key_account)
    # The same company entered twice by two clerks, the second time from memory.
    again = [near_duplicate, *rng.sample([one for one in known if not one.supplier], CUSTOMERS - 2 - len(known))]
    numbers = iter(sorted(rng.sample(range(10010, 19990), CUSTOMERS)))
    customers = [_customer(rng, world, next(numbers), company) for company in known]
    customers += [_from_memory(rng, _customer(rng, world, next(numbers), company)) for company in again]
    first = _customer(rng, world, next(numbers), showcase_company)
    customers.append(
        replace(
            first,
            person=showcase_person,
            name=ERP_NAME,
            business_id=showcase_company.business_id,
            vat=showcase_company.vat,
            street=showcase_company.street,
            postcode=showcase_company.postcode,
            city=showcase_company.city.name,
            phone=showcase_company.phone,
            phone_text=showcase_company.phone,
            email="laskutus@kuukkelivaara.example",
            contact_person=ERP_CONTACT,
            changed_at="2026-04-02T09:30:00Z",
        )
    )
    return customers


def _customer(rng: Random, world: World, number: int, company: Organisation) -> Customer:
    staff = world.staff_of(company)
    person = rng.choices(staff, [6, 2, 1][: len(staff)])[0] if staff and rng.random() < 0.75 else None
    dice = rng.random()
    email: str | None = None
    if company.domain and dice < 0.50:
        email = f"{rng.choice((BILLING_WORDS[company.country], *ROLE_WORDS[company.country]))}@{company.domain}"
    elif person and dice < 0.78:
        email = person.email_at(company)
    phone = company.phone if rng.random() < 0.75 else None
    confusable = person is not None and person.truth_id in world.situations["father-and-son"]
    return Customer(
        id=number,
        organisation=company,
        person=person,
        name=spelling.organisation(rng, company, careful=True, old=rng.random() < 0.6),
        business_id=company.business_id if rng.random() < 0.8 else None,
        vat=company.vat if rng.random() < (0.9 if company.business_id is None else 0.5) else None,
        street=spelling.street(rng, company),
        postcode=company.postcode,
        city=spelling.city(rng, company),
        phone=phone,
        phone_text=spelling.phone(rng, phone) if phone else None,
        email=email,
        contact_person=spelling.person(rng, person, initials=not confusable) if person else None,
        changed_at=_MIGRATION if rng.random() < 0.16 else _stamp(rng),
    )


def _from_memory(rng: Random, customer: Customer) -> Customer:
    """The second card of a customer: some of what the first one has is missing."""
    company = customer.organisation
    return replace(
        customer,
        name=spelling.organisation(rng, company),
        business_id=customer.business_id if rng.random() < 0.4 else None,
        vat=None,
        phone=None,
        phone_text=None,
        email=None if rng.random() < 0.5 else customer.email,
    )


def _row(customer: Customer, numbers: dict[str, int]) -> tuple[object, ...]:
    company = customer.organisation
    return (
        customer.id,
        customer.name,
        customer.business_id,
        customer.vat,
        customer.street,
        customer.postcode,
        customer.city,
        company.country,
        customer.phone_text,
        customer.email,
        customer.contact_person,
        company.status,
        int(company.supplier),
        numbers.get(company.parent) if company.parent else None,
        int(company.key_account),
        customer.changed_at,
    )


def _write_orders(rng: Random, world: World, customers: list[Customer], database: sqlite3.Connection) -> None:
    showcase_company, _ = showcase(world)
    buyers = [one for one in customers if not one.organisation.supplier]
    [first] = [one for one in customers if one.organisation is showcase_company]
    chosen = [first, *rng.choices(buyers, [rng.choice((1, 1, 2, 5)) for _ in buyers], k=ORDERS - 1)]
    line_ids = count(1)
    for number, customer in enumerate(chosen, start=1):
        on = _FIRST_ORDER + timedelta(days=rng.randrange((LAST_DAY - _FIRST_ORDER).days))
        issued = on + timedelta(days=rng.randrange(5, 30))
        paid = issued + timedelta(days=rng.randrange(3, 45))
        is_billed = issued <= LAST_DAY and rng.random() < 0.9
        is_paid = is_billed and paid <= LAST_DAY and rng.random() < 0.9
        products = rng.sample(sorted(PRODUCTS), rng.choice((1, 1, 2)))
        lines = [(product, rng.choice((1, 1, 1, 2, 3))) for product in products]
        total = sum(_PRICES[product] * quantity for product, quantity in lines)
        status = "delivered" if is_billed else rng.choice(("open", "confirmed"))
        changed_at = f"{on}T15:{rng.randrange(60):02d}:00Z"
        insert_order(database, number, customer.id, on, status, total, changed_at)
        for line_no, (product, quantity) in enumerate(lines, start=1):
            insert_line(database, next(line_ids), number, line_no, product, quantity, changed_at)
        if is_billed:
            _insert_invoice(database, number, customer.id, issued, total, "paid" if is_paid else "open")
        if is_paid:
            _insert_payment(database, number, customer.id, paid, total)


def _insert_invoice(
    database: sqlite3.Connection, number: int, customer_id: int, issued: date, amount: int, status: str
) -> None:
    """The one invoice of the order with that number."""
    due, changed_at = issued + timedelta(days=30), f"{issued}T06:00:00Z"
    values = (
        number,
        f"INV-{50000 + number}",
        number,
        customer_id,
        str(issued),
        str(due),
        "EUR",
        amount,
        status,
        changed_at,
    )
    database.execute("INSERT INTO invoice VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


def _insert_payment(database: sqlite3.Connection, number: int, customer_id: int, paid: date, amount: int) -> None:
    """The payment of the invoice with that number."""
    values = (number, number, customer_id, str(paid), "EUR", amount, f"{paid}T06:00:00Z")
    database.execute("INSERT INTO payment VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def insert_order(
    database: sqlite3.Connection, number: int, customer_id: int, on: date, status: str, total: int, changed_at: str
) -> None:
    """One order in euros, replaced if it is there."""
    database.execute(
        "INSERT OR REPLACE INTO sales_order VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (number, f"SO-{20000 + number}", customer_id, str(on), status, "EUR", total, changed_at),
    )


def insert_line(
    database: sqlite3.Connection,
    line_id: int,
    order_id: int,
    line_no: int,
    product: str,
    quantity: int,
    changed_at: str,
) -> None:
    """One line of an order at the list price, replaced if it is there."""
    name = PRODUCTS[product]["en"]
    database.execute(
        "INSERT OR REPLACE INTO order_line VALUES (?, ?, ?, ?, ?, ?, ?)",
        (line_id, order_id, line_no, name, quantity, _PRICES[product], changed_at),
    )


def list_price(product: str) -> int:
    """The price of one piece in euros."""
    return _PRICES[product]


def _stamp(rng: Random) -> str:
    moment = datetime(2025, 11, 2) + timedelta(minutes=rng.randrange(238 * 24 * 60))  # noqa: DTZ001  written as UTC
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
