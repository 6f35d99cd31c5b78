"""Two CRMs at once: a sales CRM with the customers (Salesforce's sandbox), and a marketing CRM (a BottleCRM that runs).

The customers go over to marketing, what they answer there comes back to sales as tasks of theirs, and people edit the
same records on both sides meanwhile. All names are synthetic.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from sandbox.start import Running, start
from solmu.config import Hub, load_hub
from solmu.doctor.run import examine
from solmu.store import Store, open_store, time
from solmu.store.tables import conflict
from solmu.sync.arm import arm, confirm_first_ten
from solmu.sync.run import begin, finish, land_connection, push, reconcile, resolve, to_the_end
from tests.peers import bottlecrm, postgres
from tests.sandbox.client import Api

pytestmark = [pytest.mark.peer("bottlecrm"), pytest.mark.peer("postgres")]

# Of the customers by number: these answer a campaign, those are edited by marketing, by sales, and by both.
ANSWER, MARKETING_EDITS, SALES_EDITS, BOTH_EDIT = slice(0, None, 3), slice(1, None, 4), slice(1, None, 2), slice(0, 2)
HUB = """
name: Two CRMs
store: {store}
survivorship:
  sources: [sales, marketing]
  default: newest
  organisation: {{city: ask}}
guards: {{created_count: 100000, changed_count: 100000}}
"""
SALES = """
connector: salesforce
direction: both
settings: {{login_url: "{url}", client_id: {client_id}, client_secret: {client_secret}}}
streams:
  accounts: {{mapping: salesforce/account}}
  contacts: {{mapping: salesforce/contact}}
  answers: {{stream: tasks, mapping: answer, direction: target}}
"""
MARKETING = """
connector: bottlecrm
direction: both
settings: {{url: "{url}", token: {token}}}
streams:
  accounts: {{mapping: bottlecrm/account, include: [all]}}
  contacts: {{mapping: bottlecrm/contact, include: [all]}}
  tasks: {{mapping: bottlecrm/task, direction: source}}
"""
ANSWER_AS_TASK = """
object: Task
hanging: activity
external_id: Solmu_Id__c
fields:
  WhoId: {parent: contacts}
  WhatId: {parent: accounts}
  Subject: {from: subject, as: truncate, length: 255}
  Status: {const: Completed, only_on: create}
"""


@pytest.fixture(scope="module")
def crm(postgres_server: postgres.Server) -> Iterator[bottlecrm.Crm]:
    with bottlecrm.running(postgres_server) as crm:
        yield crm


@pytest.fixture
def org(tmp_path: Path) -> Iterator[Running]:
    with start("salesforce", tmp_path / "org.db", extra=["--daily-calls", "1000000"]) as running:
        yield running


@pytest.fixture
def hub(tmp_path: Path, database_url: str, org: Running, crm: bottlecrm.Crm) -> Hub:
    crm.empty()
    folder = tmp_path / "hub"
    token = crm.token("solmu")
    for path, text in {
        "hub.yaml": HUB.format(store=database_url),
        "connections/sales.yaml": SALES.format(url=org.url, client_id="file://id", client_secret="file://secret"),
        "connections/marketing.yaml": MARKETING.format(url=crm.url, token="file://token"),
        "mappings/targets/answer.yaml": ANSWER_AS_TASK,
        "id": org.secrets["client_id"],
        "secret": org.secrets["client_secret"],
        "token": token,
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return load_hub(folder)


@dataclass(frozen=True)
class Both:
    """The hub between the two, and the people who work in them."""

    hub: Hub
    store: Store
    sales: Api
    marketing: httpx.Client

    def night(self, meanwhile: Callable[[], None] = lambda: None) -> dict[str, Any]:
        """A run of everything; ``meanwhile`` happens after both were read and before anything is written."""
        run = begin(self.hub, self.store, override=["changed-share"])
        with to_the_end(run):
            for name in ("sales", "marketing"):
                land_connection(run, name)
            resolve(run)
            meanwhile()
            for name in ("sales", "marketing"):
                push(run, name)
                reconcile(run, name)
        report = finish(run)
        assert report["balanced"], report["unbalanced"]
        return report

    def written(self, report: dict[str, Any]) -> dict[str, int]:
        return {name: each["created"] + each["updated"] for name, each in report["targets"].items()}

    def load(self, customers: int) -> None:
        """Companies and their buyers, as sales has entered them over the years; nobody takes one for another."""
        chance = random.Random(7)
        lines = []
        for number in range(1, customers + 1):
            name = "".join(chance.choices("abdeghiklmnoprstuvy", k=12))
            account = {"Name": f"{name.title()} Oy", "BillingCity": "Oulu", "Website": f"https://{name}.example"}
            family = "".join(chance.choices("abdeghiklmnoprstuvy", k=9)).title()
            contact = {"FirstName": "Aino", "LastName": family, "Email": f"aino.{family.lower()}@{name}.example"}
            lines.append({"type": "Account", "as": "sales", **account})
            lines.append({"type": "Contact", "as": "sales", **contact, "AccountId": f"@{2 * number - 1}"})
        text = "\n".join(map(json.dumps, lines))
        assert self.sales.call("POST", "/_load", content=text.encode()).status_code == 200

    def in_marketing(self, what: str) -> dict[str, dict[str, Any]]:
        """Accounts by name, or contacts by e-mail address."""
        found = self.marketing.get(f"{what}/", params={"limit": 5000}).json()
        rows = found["active_accounts"]["open_accounts"] if what == "accounts" else found["results"]
        return {row["name" if what == "accounts" else "email"]: row for row in rows}

    def in_sales(self, what: str, key: str, fields: str) -> dict[str, dict[str, Any]]:
        return {each[key]: each for each in self.sales.query(f"SELECT Id, {key}, {fields} FROM {what}")}

    def change_in_marketing(self, what: str, record: dict[str, Any], **fields: Any) -> None:
        self.marketing.patch(f"{what}/{record['id']}/", json=fields).raise_for_status()

    def change_in_sales(self, record: dict[str, Any], **fields: Any) -> None:
        self.sales.edit(**{"as": "sales", "id": record["Id"], "fields": fields})


@pytest.fixture
def both(hub: Hub, org: Running, crm: bottlecrm.Crm) -> Iterator[Both]:
    with open_store(hub.store_url) as store, Api(org) as sales, crm.client("sales") as marketing:
        for target in ("sales", "marketing"):
            arm(store, target, who="tester", now=time.now())
            confirm_first_ten(store, target, who="tester", now=time.now())
        yield Both(hub, store, sales, marketing)


@pytest.mark.parametrize("customers", [30, pytest.param(100, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])])
def test_nothing_is_lost_between_two_crms_and_no_edit_is_overwritten(both: Both, customers: int) -> None:
    both.load(customers)

    # The customers go over, each once, their buyers at their companies.
    assert both.written(both.night()) == {"sales": 0, "marketing": 2 * customers}
    accounts, contacts = both.in_marketing("accounts"), both.in_marketing("contacts")
    sold_to = both.in_sales("Contact", "Email", "Account.Name, Title, Department")
    assert contacts.keys() == sold_to.keys()
    assert len(accounts) == len(contacts) == customers
    assert {mail: each["account_detail"]["name"] for mail, each in contacts.items()} == {
        mail: each["Account"]["Name"] for mail, each in sold_to.items()
    }
    # Again changes nothing, on either side.
    assert both.written(both.night()) == {"sales": 0, "marketing": 0}

    # Some answer; marketing and sales edit, in part the same people, and of two companies the same field.
    mails, names = sorted(contacts), sorted(accounts)
    for mail in mails[ANSWER]:
        answer = {"title": f"Comes to the fair: {mail}", "status": "Completed", "priority": "Low"}
        both.marketing.post("tasks/", json={**answer, "contacts": [contacts[mail]["id"]]}).raise_for_status()
    for mail in mails[MARKETING_EDITS]:
        both.change_in_marketing("contacts", contacts[mail], title="Head of welding")
    for mail in mails[SALES_EDITS]:
        both.change_in_sales(sold_to[mail], Department="Purchasing")
    companies = both.in_sales("Account", "Name", "BillingCity")
    for name in names[BOTH_EDIT]:
        both.change_in_marketing("accounts", accounts[name], city="Vaasa")
        both.change_in_sales(companies[name], BillingCity="Turku")
    late = mails[SALES_EDITS][-1]

    # One more edit falls into the night itself, on a record that is about to be written.
    report = both.night(lambda: both.change_in_marketing("contacts", contacts[late], city="Kotka"))
    assert report["targets"]["marketing"]["rejected"] == report["targets"]["sales"]["rejected"] == 0
    both.night()

    contacts, sold_to = (
        both.in_marketing("contacts"),
        both.in_sales("Contact", "Email", "Title, Department, MailingCity"),
    )
    assert len(contacts) == len(sold_to) == len(both.in_marketing("accounts")) == customers
    for edited, here, there in ((MARKETING_EDITS, "title", "Title"), (SALES_EDITS, "department", "Department")):
        who = set(mails[edited])
        assert {mail for mail, each in contacts.items() if each[here]} == who
        assert {mail for mail, each in sold_to.items() if each[there]} == who
    assert (contacts[late]["city"], sold_to[late]["MailingCity"]) == ("Kotka", "Kotka")
    # Each answer is a task of the one who gave it.
    tasks = both.sales.query("SELECT Subject, WhoId FROM Task")
    assert sorted((each["Subject"], each["WhoId"]) for each in tasks) == sorted(
        (f"Comes to the fair: {mail}", sold_to[mail]["Id"]) for mail in mails[ANSWER]
    )
    # Where both changed one field, neither is overwritten, and a steward is asked.
    cities = both.in_sales("Account", "Name", "BillingCity")
    assert {cities[name]["BillingCity"] for name in names[BOTH_EDIT]} == {"Turku"}
    assert {both.in_marketing("accounts")[name]["city"] for name in names[BOTH_EDIT]} == {"Vaasa"}
    with both.store.read() as connection:
        fields = connection.scalars(select(conflict.c.field).where(conflict.c.state == "open")).all()
    assert set(fields) == {"city"}
    assert both.written(both.night()) == {"sales": 0, "marketing": 0}
    assert examine(both.store, both.hub)["ok"]
