"""Many nights over sheets and a CRM that people keep editing: each is followed by one that has nothing to do.

What is edited is drawn by a seed. Synthetic throughout.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from solmu.config import Hub
from solmu.doctor import examine
from solmu.store import Store
from tests.hubs import COLUMNS, crm_of, write_sheet
from tests.night.conftest import Night

COMPANIES = ("Kotka Kone", "Suomen Sorvi", "Hanko Hitsi", "Raahe Rauta", "Pori Puu", "Vaasa Veto")
FORMS = ("{} Oy", "{}", "{} OY", "Oy {} Ab")
PEOPLE = ("Aino Laine", "Eero Salo", "Ilmari Ek", "Helmi Rinne", "Onni Aho", "Siiri Ranta")
CITIES = ("Kotka", "Oulu", "Hanko", "Raahe", "")
PHONES = ("0401234567", "+358 40 765 4321", "0500 111 222", "")
INTERESTS = ("Laser", "Press", "Welding", "")
FIELDS = {
    "accounts": {"Industry": ("Metal", "Wood", None), "City": ("Turku", "Oulu", None), "Name": ("Kotkan Kone", "Puu")},
    "contacts": {"Phone": ("+358401112222", None), "LastName": ("Laine-Salo",), "Email": ("uusi@posti.example", None)},
    "tasks": {"Subject": ("called", "Lead 7")},
}


class People:
    """Everybody who edits something between two nights."""

    def __init__(self, hub: Hub, seed: int) -> None:
        self.hub = hub
        self.draw = random.Random(seed)
        self.sheets: dict[str, list[tuple[str, ...]]] = {"one": [], "two": []}
        self.done: list[str] = []

    def edit(self) -> None:
        """A handful of edits, whatever comes."""
        deeds: list[Callable[[], None]] = [self.add, self.add, self.change, self.change, self.drop, self.in_the_crm]
        deeds += [self.in_the_crm, self.repeat, self.delete_there]
        for _ in range(self.draw.randint(1, 6)):
            self.draw.choice(deeds)()
        for name, rows in self.sheets.items():
            write_sheet(self.hub.folder, name, rows)

    def note(self, *what: Any) -> None:
        self.done.append(" ".join(str(each) for each in what))

    def row(self, number: str) -> tuple[str, ...]:
        who = self.draw.randrange(len(COMPANIES))
        host = COMPANIES[who].lower().replace(" ", "") + ".example"
        person = PEOPLE[who]
        address = person.lower().replace(" ", ".") + "@" + host
        address = self.draw.choice([address, address, address, "", "info@" + host, address.replace("@", "@@")])
        company = self.draw.choice(FORMS).format(COMPANIES[who])
        name = self.draw.choice([person, person, " ".join(reversed(person.split())), ""])
        city, phone, interest = (self.draw.choice(each) for each in (CITIES, PHONES, INTERESTS))
        return (number, company, "", city, name, address, phone, interest)

    def add(self) -> None:
        name = self.draw.choice(sorted(self.sheets))
        number = str(self.draw.randint(1, 40))
        if number not in {row[0] for row in self.sheets[name]}:
            self.sheets[name].append(self.row(number))
            self.note(name, "+", self.sheets[name][-1])

    def change(self) -> None:
        name = self.draw.choice(sorted(self.sheets))
        if self.sheets[name]:
            place = self.draw.randrange(len(self.sheets[name]))
            old, new = self.sheets[name][place], self.row(self.sheets[name][place][0])
            column = self.draw.randrange(1, len(COLUMNS))
            self.sheets[name][place] = (*old[:column], new[column], *old[column + 1 :])
            self.note(name, old[0], COLUMNS[column], old[column], "->", new[column])

    def drop(self) -> None:
        name = self.draw.choice(sorted(self.sheets))
        if self.sheets[name]:
            self.note(name, "-", self.sheets[name].pop(self.draw.randrange(len(self.sheets[name]))))

    def repeat(self) -> None:
        name = self.draw.choice(sorted(self.sheets))
        if self.sheets[name]:
            self.sheets[name].append(self.draw.choice(self.sheets[name]))
            self.note(name, "twice", self.sheets[name][-1])

    def in_the_crm(self) -> None:
        stream = self.draw.choice(sorted(FIELDS))
        keys = list(crm_of(self.hub).records(stream))
        if keys:
            field = self.draw.choice(sorted(FIELDS[stream]))
            place = self.draw.randrange(len(keys))
            value = self.draw.choice(FIELDS[stream][field])
            self.note("crm", stream, place, field, "->", value)
            crm_of(self.hub).change(stream, keys[place], {field: value})

    def delete_there(self) -> None:
        stream = self.draw.choice(sorted(FIELDS))
        keys = list(crm_of(self.hub).records(stream))
        if keys and self.draw.random() < 0.5:
            place = self.draw.randrange(len(keys))
            self.note("crm", stream, place, "deleted")
            crm_of(self.hub).remove(stream, keys[place])


def writes(hub: Hub) -> int:
    return sum(call.size for call in crm_of(hub).calls if call.verb == "write")


def nights_settle(hub: Hub, store: Store, night: Night, seed: int, *, times: int) -> None:
    people = People(hub, seed)
    for number in range(times):
        people.note(f"--- night {number}")
        people.edit()
        night()
        story = "\n".join([f"seed {seed}", *people.done])
        written = writes(hub)
        held = {stream: crm_of(hub).records(stream) for stream in FIELDS}
        quiet = night()
        assert writes(hub) == written, story
        assert {stream: crm_of(hub).records(stream) for stream in FIELDS} == held, story
        assert quiet["guards"] == [], story
        assert quiet["mentions"]["pending"] == 0, story
        health = examine(store, hub)
        assert health["ok"], (story, [check for check in health["checks"] if not check["ok"]])


@pytest.mark.parametrize("seed", range(2))
def test_after_any_edits_a_further_night_writes_nothing(hub: Hub, store: Store, night: Night, seed: int) -> None:
    nights_settle(hub, store, night, seed, times=3)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(100, 130))
def test_after_many_edits_a_further_night_writes_nothing(hub: Hub, store: Store, night: Night, seed: int) -> None:
    nights_settle(hub, store, night, seed, times=6)
