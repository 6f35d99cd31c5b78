"""The legacy customer list: a Jira export of company names and vague descriptions, with people hidden in them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from examples.nordic import spelling
from examples.nordic.leads import note_identity_keys, person_in_note
from examples.nordic.partners import NOTES_SLOT
from examples.nordic.showcase import JIRA_DESCRIPTION, JIRA_SUMMARY, showcase
from examples.nordic.truth import Ledger
from examples.nordic.world import Organisation, Person, World

SOURCE = ("jira", "projects")
ROWS = 200
HEADER = ("Issue key", "Summary", "Description", "Status", "Assignee", "Created", "Updated")

_VAGUE = (
    "Asked about a new line, nothing concrete yet.",
    "Second visit agreed, waiting for their budget.",
    "Old planer makes noise. Maybe next year.",
    "Tarjous lähetetty keväällä, ei vastausta.",
    "Wants a bandsaw like their neighbour's.",
    "Huoltosopimus? Kysy uudestaan syksyllä.",
    "Project on hold.",
    "Layout drawing missing, see the mail thread.",
    "",
)
_PEOPLE = (
    "contact {name} {phone}",
    "Contact person: {name}, {email}",
    "Yhteyshenkilö {name} {phone}",
    "Contact: {name}, tel. {phone}",
)
_STATUSES = ("To Do", "In Progress", "Waiting", "Done", "Done")
_ASSIGNEES = ("sales1", "sales2", "service", "")


@dataclass(frozen=True, slots=True)
class _Issue:
    organisation: Organisation
    summary: str
    description: str
    person: Person | None


def write_jira(rng: Random, world: World, path: Path, ledger: Ledger) -> str:
    """Writes the export and returns the key of the showcase's issue."""
    known = world.known_to("jira")
    again = rng.sample(known, ROWS - 1 - len(known))
    issues = [_issue(rng, world, company) for company in (*known, *again)]
    company, person = showcase(world)
    issues.append(_Issue(company, JIRA_SUMMARY, JIRA_DESCRIPTION, person))
    rng.shuffle(issues)

    showcase_key = ""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for number, issue in enumerate(issues, start=101):
            key = f"CUST-{number}"
            created = datetime(2022, 2, 1, 8) + timedelta(hours=9 * number)  # noqa: DTZ001  Jira's local time
            updated = created + timedelta(days=rng.randrange(0, 500), minutes=rng.randrange(600))
            writer.writerow(
                (
                    key,
                    issue.summary,
                    issue.description,
                    rng.choice(_STATUSES),
                    rng.choice(_ASSIGNEES),
                    f"{created:%Y-%m-%d %H:%M}",
                    f"{updated:%Y-%m-%d %H:%M}",
                )
            )
            ledger.organisation(SOURCE, key, issue.organisation.truth_id, ())
            if issue.person:
                keys = note_identity_keys(issue.description, issue.person, issue.organisation)
                ledger.person(SOURCE, key, issue.person.truth_id, keys, NOTES_SLOT)
            if issue.organisation is company:
                showcase_key = key
    return showcase_key


def _issue(rng: Random, world: World, company: Organisation) -> _Issue:
    # A bare name is all there is, so it is spelt in a way that says which company is meant.
    summary = spelling.organisation(rng, company, careful=True, old=rng.random() < 0.7)
    description = rng.choice(_VAGUE)
    staff = world.staff_of(company)
    person = rng.choice(staff) if staff and rng.random() < 0.3 else None
    hint = person_in_note(rng, _PEOPLE, person, company, home="FI") if person else ""
    text = "\n".join(_filled((description, hint)))
    return _Issue(company, summary, text, person if hint else None)


def _filled(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if line]
