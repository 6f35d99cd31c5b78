"""The demo as `make demo` runs it: a process of its own, under Prefect, with the CRM as another."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from examples.nordic.demo import crm as crms
from examples.nordic.demo.home import Home
from solmu.web import sessions, users
from solmu.web.app import make_pages
from solmu.web.roles import Role
from solmu.web.site import Site
from tests.web.client import Client
from tests.web.codes import raw, walk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
FIRST_LINE_SECONDS = 5


@dataclass(frozen=True)
class Played:
    """What a command of the demo printed, and how it ended."""

    text: str
    code: int
    first_line_after: float


def play(home: Home, *arguments: str) -> Played:
    command = [sys.executable, "-m", "examples.nordic.demo", *arguments, "--to", str(home.folder)]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    began = time.monotonic()
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        after = time.monotonic() - began
        text = first + process.stdout.read()
    return Played(text, process.returncode, after)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("demo") / ".demo")


@pytest.fixture(scope="module")
def first(home: Home) -> Played:
    return play(home, "run")


@pytest.fixture(scope="module")
def again(home: Home, first: Played) -> Played:
    return play(home, "run")


@pytest.fixture(scope="module")
def changed(home: Home, again: Played) -> Played:
    return play(home, "change")


def test_it_says_something_at_once_and_ends_well(first: Played) -> None:
    assert first.code == 0, first.text
    assert first.first_line_after < FIRST_LINE_SECONDS
    assert "The books balance" in first.text
    assert "13 rows were refused" in first.text


def test_it_leaves_no_process_behind(home: Home, first: Played) -> None:
    assert home.state()["sandbox"] is None
    assert crms.find(home) is None


def test_the_flow_run_that_it_names_is_found_completed_in_prefects_own_database(home: Home, first: Played) -> None:
    [name] = re.findall(r"Prefect flow run ([a-z-]+): COMPLETED", first.text)
    with closing(sqlite3.connect(home.folder / "prefect" / "prefect.db")) as database:
        states = database.execute("SELECT state_type FROM flow_run WHERE name = ?", (name,)).fetchall()
    assert states == [("COMPLETED",)]


def test_the_reports_are_where_they_should_be(home: Home, first: Played) -> None:
    latest = json.loads((home.folder / "reports" / "latest.json").read_bytes())
    truth = json.loads((home.folder / "reports" / "truth.json").read_bytes())
    assert latest["balanced"]
    assert {"organisation", "person", "asked_per_1000"} == set(truth)


def test_its_last_screen_leads_from_three_messy_rows_to_the_crms_difference(first: Played) -> None:
    screen = first.text[first.text.index("One customer: 3 messy rows") :]
    assert re.search(r"BillingStreet +Sahantie 3 +Höyläämöntie 12", screen)
    assert re.search(r"Email +\(blank\) +aino\.ikaheimo@kuukkelivaara\.example", screen)
    assert "What to type next" in screen


def test_a_second_demo_reads_everything_again_and_changes_nothing(again: Played) -> None:
    assert again.code == 0, again.text
    assert re.search(r"nothing had changed: the CRM's own log has \d+ reads and no write", again.text)


def test_after_a_change_only_that_flows(changed: Played) -> None:
    assert changed.code == 0, changed.text
    flowed = changed.text[changed.text.index("What flowed") : changed.text.index("How right that is")]
    assert re.search(r"partners-fi/leads +\d+ +1 +0", flowed)
    assert re.search(r"erp/orders +\d+ +1 +0", flowed)
    assert "Refused: partners-fi L-2026-0902" in flowed
    assert re.search(r"updated +contacts +Oskari Lumikari +AccountId", flowed)
    assert "Taken from the CRM and left there as it is: tuotantojohtaja" in flowed
    assert len(re.findall(r"^(?:created|updated|linked) ", flowed, flags=re.MULTILINE)) == 3


def test_another_change_has_nothing_to_do(home: Home, changed: Played) -> None:
    once_more = play(home, "change")
    assert once_more.code == 0, once_more.text
    assert "Nothing was written to the CRM." in once_more.text
    assert "no write" in once_more.text


def test_no_page_of_it_shows_a_code_where_words_belong(home: Home, first: Played, tmp_path: Path) -> None:
    shutil.copytree(home.folder, tmp_path / "hub")
    with Site(tmp_path / "hub") as site, start_blocking_portal() as portal:
        with site.write() as connection:
            adda = users.add(connection, "adda", Role.ADMINISTRATOR, "", by="test")
            session = sessions.begin(connection, adda.id)
        one = Client(make_pages(site), portal)
        one.enter(session)
        pages = walk(one)
        one.close()
        # A connection's own pages show what its source calls its columns.
        shown = {address: text for address, text in pages.items() if not address.startswith("/connections/")}
        names = {*site.hub.connections, "key_account"}  # and a column of the ERP
    assert len(shown) > 50
    assert {address: found for address, text in shown.items() if (found := raw(text, names))} == {}
