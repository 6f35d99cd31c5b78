"""What the demo does, act by act."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from examples.nordic import change as another_day
from examples.nordic.demo import crm as crms
from examples.nordic.demo import telling
from examples.nordic.demo.crm import Crm, open_crm
from examples.nordic.demo.customer import one_customer
from examples.nordic.demo.door import make_secrets, post_forms
from examples.nordic.demo.home import Home
from examples.nordic.demo.night import TARGET, Night, let_write, run_night
from examples.nordic.demo.screen import Screen
from examples.nordic.generate import DEFAULT_SEED
from solmu.config import load_hub
from solmu.golden.explain import explain
from solmu.golden.find import find
from solmu.report.truth import truth_report, write_truth_report
from solmu.store import open_store

GOOD = (0, 3)
"""Exit codes of a run that did its work; with 3 some rows were refused, as they should be here."""


def play(home: Home, seed: int | None, *, keep: bool, change: bool) -> int:
    """The demo from beginning to end; gives its exit code. ``change``: a day later something has changed."""
    began = time.monotonic()
    screen = Screen()
    _prepare(home, seed, screen)
    good = True
    with open_crm(home, keep=keep) as crm:
        _fill(home, crm, screen)
        _visitors(home, screen)
        # What changes in a day is seen against a night that went well; one that was interrupted is none.
        if not change or not home.state().get("night"):
            good = _night(home, crm, screen)
        if change:
            good = _day_later(home, crm, screen) and good
        _times(screen, time.monotonic() - began)
        if not change:
            _customer(home, screen)
        _what_next(home, screen, crm, changed=change)
    return 0 if good else 1


def stop(home: Home) -> int:
    """Stop the CRM that was left up."""
    print("The CRM is stopped." if crms.stop(home) else "No CRM was up.")
    return 0


def clean(home: Home) -> int:
    """Stop it, and remove the demo's folder."""
    crms.stop(home)
    home.remove()
    return 0


def _prepare(home: Home, seed: int | None, screen: Screen) -> None:
    if seed is None and home.complete:
        screen.say(f"It goes on with what is there (seed {home.state()['seed']}); `make demo-clean` begins anew.")
        return
    chosen = DEFAULT_SEED if seed is None else seed
    with screen.phase("making the sample data"):
        crms.stop(home)
        home.make(chosen)
        make_secrets(home)
    screen.say(
        f"Sample data for seed {chosen}: three dealers' spreadsheets, an ERP, a mailbox, two web forms, an old\n"
        "customer list out of Jira, a CRM."
    )


def _fill(home: Home, crm: Crm, screen: Screen) -> None:
    with screen.phase("starting and filling the CRM"):
        loaded = crm.fill(home)
    held = " and ".join(f"{number} {name.lower()}s" for name, number in loaded.items())
    screen.say(f"The CRM: a Salesforce sandbox at {crm.url}" + (f"; it holds {held} already." if held else "."))
    if let_write(home):
        screen.say(
            "A CRM is read-only until somebody arms it; the demo does that for you. With your own you first see what\n"
            "would be linked, created, changed and kept out (`solmu target arm crm`), then ten records go, then the\n"
            "rest: people work in a CRM, and what is written there by mistake is theirs to clean up."
        )


def _visitors(home: Home, screen: Screen) -> None:
    if home.state().get("posted"):
        return
    with screen.phase("visitors fill in forms"):
        posted = post_forms(home)
    home.note(posted=True)
    screen.say(
        f"Visitors filled in forms: `solmu serve` took {posted.accepted} deliveries, knew {posted.repeated} that were "
        f"sent twice, and turned away\n{posted.turned_away} whose signature was wrong."
    )


def _night(home: Home, crm: Crm, screen: Screen) -> bool:
    first = not home.state().get("night")
    before = crm.last_call()
    screen.title("The night" if first else "Another night")
    night = run_night(home, screen)
    hub = load_hub(home.folder)
    with screen.phase("reading what happened"), open_store(hub.store_url) as store, store.read() as connection:
        telling.sources(screen, night.report)
        telling.refused(screen, connection)
        telling.merged(screen, connection)
        telling.asked(screen, connection)
        telling.written(screen, connection, night.report)
        if not first:
            _nothing_new(screen, crm, before, night)
        figures = truth_report(connection, home.truth)
        write_truth_report(home.folder, figures)
        met = telling.truth(screen, figures)
    well = _ended_well(screen, night)
    home.note(night=well)
    return well and met


def _day_later(home: Home, crm: Crm, screen: Screen) -> bool:
    screen.title("A day later")
    done = bool(home.state().get("changed"))
    changes = another_day.change(home.folder)
    if done:
        screen.say("These changes were made by an earlier `make demo-change`; nothing is new since.")
    else:
        ids = json.loads(home.crm_ids.read_text(encoding="utf-8"))
        lines = (home.folder / "changes" / "crm-edits.jsonl").read_text(encoding="utf-8").splitlines()
        edits = [json.loads(line) for line in lines]
        crm.edit([{"as": "sales", "id": ids[edit["ref"]], "fields": edit["fields"]} for edit in edits])
        home.note(changed=True)
    screen.say(f"  a dealer's sheet names {changes['moved']['name']} at a new employer ({changes['moved']['key']})")
    screen.say(f"  that sheet has a row with a date that does not exist ({changes['refused']['key']})")
    screen.say(f"  the ERP has a new order ({changes['ordered']['key']}) of customer {changes['ordered']['customer']}")
    edited = ", ".join(f"{name}: {value}" for name, value in changes["edited"]["fields"].items())
    screen.say(f"  a salesperson writes into a contact in the CRM: {edited}")
    before = crm.last_call()
    night = run_night(home, screen)
    with open_store(load_hub(home.folder).store_url) as store, store.read() as connection:
        telling.changes(screen, connection, night.report)
        if not done:
            _what_a_salesperson_wrote(screen, home, connection, changes["edited"])
        figures = truth_report(connection, home.truth)
        write_truth_report(home.folder, figures)
        met = telling.truth(screen, figures)
    if done:
        _nothing_new(screen, crm, before, night)
    return _ended_well(screen, night) and met


def _what_a_salesperson_wrote(screen: Screen, home: Home, connection: Connection, edited: Mapping[str, Any]) -> None:
    ids = json.loads(home.crm_ids.read_text(encoding="utf-8"))
    [found] = find(connection, ids[edited["key"]])
    title = explain(connection, found.golden_id, field="job_title")["fields"]["job_title"]
    screen.say(
        f"Taken from the CRM and left there as it is: {title['value']} ({title['source']}, by the rule {title['rule']})"
    )


def _nothing_new(screen: Screen, crm: Crm, before: int, night: Night) -> None:
    writes = sum(call["records"] for call in crm.calls(after=before, kind="write"))
    reads = len(crm.calls(after=before, kind="read"))
    rows = sum(row["read"] for row in night.report["streams"].values())
    if writes:
        screen.say(f"Records written to the CRM this night, by its own log: {writes}.")
    else:
        screen.say(
            f"{rows} rows were read again and nothing had changed: the CRM's own log has {reads} reads and no write.",
            style="green",
        )


def _ended_well(screen: Screen, night: Night) -> bool:
    telling.balance(screen, night.report)
    screen.say(
        f"Prefect flow run {night.flow_run}: {night.flow_state}; run {night.report['run_id']}, exit "
        f"{night.report['exit']}" + (" (done; some rows were refused)" if night.report["exit"] == 3 else "")
    )
    return night.report["exit"] in GOOD and night.report["balanced"] and night.flow_state == "COMPLETED"


def _customer(home: Home, screen: Screen) -> None:
    hub = load_hub(home.folder)
    with open_store(hub.store_url) as store, store.read() as connection:
        one_customer(screen, home, hub, connection)


def _times(screen: Screen, seconds: float) -> None:
    screen.title("How long it took")
    together: dict[str, float] = {}
    for name, taken in screen.times.items():
        phase = "reading the CRM, before and after" if name.startswith(f"reading {TARGET}/") else name
        phase = "reading the sources" if "/" in phase else phase
        together[phase] = together.get(phase, 0.0) + taken
    screen.table(["seconds", "for"], [[round(taken, 1), name] for name, taken in together.items()])
    installed = ""
    if sys.prefix != sys.base_prefix:  # elsewhere it would count what has nothing to do with Solmu
        megabytes = _installed_bytes(Path(sys.prefix)) / 1e6
        installed = f" What is installed in {_near(Path(sys.prefix))} takes {megabytes:,.0f} MB."
    screen.say(f"{seconds:.0f} s in all.{installed}")


def _installed_bytes(folder: Path) -> int:
    """Size of the files of an environment, each counted once however often it is linked."""
    sizes = {}
    for place, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(os.path.join(place, name))
            sizes[status.st_dev, status.st_ino] = status.st_size
    return sum(sizes.values())


def _what_next(home: Home, screen: Screen, crm: Crm, *, changed: bool) -> None:
    solmu = Path(sys.prefix) / "bin" / "solmu"
    command, folder = _near(solmu), _near(home.folder)
    screen.title("What to type next")
    if crm.stays:
        screen.say(f"The CRM stays up; look at it in a browser: {crm.url}/")
        screen.say("  make demo-stop            stops it")
    else:
        screen.say("  make demo-keep            the same, and the CRM stays up to be looked at in a browser")
    if not changed:
        screen.say("  make demo                 once more: it reads everything again and changes nothing")
        screen.say("  make demo-change          somebody moves, an order comes in, a salesperson edits, a row is bad")
    contact = home.document("showcase.json")["name"]
    screen.say(f"  {command} explain '{contact}' --hub {folder}")
    screen.say(f"  {command} status --hub {folder}")
    screen.say(f"  {command} export pairs --hub {folder}       what the steward is asked")


def _near(path: Path) -> Path:
    """The path as one types it here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
