"""Finds the people that a source hides in a notes field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from solmu.config.yaml import KeyPath
from solmu.mapping.columns import Column, Unusable, column
from solmu.mapping.draft import Draft
from solmu.mapping.row import Columns, Row
from solmu.mapping.specs import MEMO, country_option
from solmu.mapping.values import MappedMention
from solmu.model import Entity
from solmu.normalise import people_in_notes
from solmu.normalise.notes import PersonInNotes


@dataclass(frozen=True, slots=True)
class NotesProgram:
    """Finds people in a notes field; their slots begin after those that the mapping names."""

    notes: Column
    columns: Columns
    region: Callable[[Row], Any]
    first_slot: int
    memo: dict[tuple[str, str | None], tuple[PersonInNotes, ...]] = field(default_factory=dict)

    def read(self, row: Row, known: Sequence[MappedMention]) -> Iterator[MappedMention]:
        """A mention for each person that the notes name with an address or number, and that is not known already."""
        try:
            text = self.notes.get(row.payload)
        except Unusable:
            return
        if not text or not isinstance(text, str):
            return
        key = (text, self.region(row))
        people = self.memo.get(key)
        if people is None:
            people = tuple(people_in_notes(*key))
            if len(self.memo) >= MEMO:
                self.memo.clear()
            self.memo[key] = people
        number = self.first_slot
        for person in people:
            fields = _fields(person)
            if not any(_same(fields, mention.fields) for mention in known):
                yield MappedMention(f"person#{number}", Entity.PERSON, fields, dict.fromkeys(fields, self.notes.names))
                number += 1


def _fields(person: PersonInNotes) -> dict[str, Any]:
    name = person.name
    fields = {
        "name": name.full,
        "given_name": name.given,
        "family_name": name.family,
        "title": name.title,
        "job_title": person.role,
        "email": [person.email.address] if person.email else None,
        "phone": [person.phone.value] if person.phone else None,
    }
    return {name: value for name, value in fields.items() if value}


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the notes only repeat whom the record names anyway."""
    if not {*one.get("email", ())}.isdisjoint(other.get("email", ())):
        return True
    name = other.get("name")
    return isinstance(name, str) and name.casefold() == str(one["name"]).casefold()


def notes_program(draft: Draft, value: Any, slots: Iterable[str]) -> NotesProgram | None:
    """Compile ``people_in_notes: {from, region}``."""
    path: KeyPath = ("people_in_notes",)
    block = {"from": value} if isinstance(value, str) else draft.block(path, value)
    draft.only(path, block, ("from", "region"))
    text = draft.text((*path, "from"), block.get("from"))
    if not text:
        return None
    notes = column(text)
    region, fixed, columns = country_option(draft, (*path, "region"), block.get("region"))
    numbers = [int(slot.partition("#")[2] or 1) for slot in slots if slot.startswith("person")]
    return NotesProgram(
        notes=notes,
        columns=(*notes.names, *columns),
        region=region or (lambda row: fixed),
        first_slot=max([1, *numbers]) + 1,
    )
