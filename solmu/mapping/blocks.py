"""The smaller blocks of a source mapping: vocabularies, affiliation, consent, what became of a record, observed_at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from solmu.config.yaml import KeyPath
from solmu.mapping.draft import Draft
from solmu.mapping.fields import FieldProgram, field_program
from solmu.mapping.hanging import field_programs
from solmu.mapping.references import Target, target_of
from solmu.mapping.row import Columns, Fill
from solmu.model import CanonicalField, Entity, Hanging


@dataclass(frozen=True, slots=True)
class Consent:
    """What one purpose is consented to by whom."""

    purpose: str
    slot: str
    fill: Fill
    columns: Columns


def vocabularies(draft: Draft, value: Any) -> dict[str, dict[str, list[str]]]:
    """Of each vocabulary its terms, and of each term what people write for it."""
    path: KeyPath = ("vocabularies",)
    return {
        name: {
            term: draft.texts((*path, name, term), words or [])
            for term, words in draft.block((*path, name), terms).items()
        }
        for name, terms in draft.block(path, value).items()
    }


def affiliation(draft: Draft, data: Mapping[str, Any]) -> list[tuple[Fill, Columns]]:
    """What fills the fields of an affiliation."""
    name = Hanging.AFFILIATION.value
    if name not in data:
        return []
    programs = field_programs(draft, (name,), Hanging.AFFILIATION, draft.block((name,), data[name]))
    return [(program.fill, program.columns + program.also) for program in programs]


def consents(draft: Draft, value: Any) -> list[Consent]:
    """Who may be contacted, by what for; the person, unless ``of`` names another slot."""
    consents: list[Consent] = []
    usual = next((slot for slot in ("person", "organisation") if slot in draft.slots), "person")
    for purpose, stated in draft.block(("consent",), value).items():
        slot, spec = usual, stated
        if isinstance(stated, Mapping) and "of" in stated:
            slot = draft.one_of(("consent", purpose, "of"), stated["of"], draft.slots)
            spec = {key: each for key, each in stated.items() if key != "of"}
        program = field_program(draft, ("consent", purpose), spec, CanonicalField(purpose, "flag", purpose))
        if program is not None:
            consents.append(Consent(purpose, slot, program.fill, program.columns))
    return consents


def conversions(draft: Draft, value: Any) -> list[tuple[str, Target]]:
    """What each slot goes on as: a record of another stream, in the slot of the same entity unless it names one."""
    return [
        (slot, target_of(draft, ("became", slot), stated, Entity(slot.partition("#")[0])))
        for slot, stated in draft.block(("became",), value).items()
        if draft.one_of(("became",), slot, draft.slots) in draft.slots
    ]


def observed_at(draft: Draft, data: Mapping[str, Any]) -> FieldProgram | None:
    """When the record was observed, if the mapping says."""
    name = "observed_at"
    if name not in data:
        return None
    value = {"from": data[name]} if isinstance(data[name], str | list) else data[name]
    if isinstance(value, Mapping):
        # A date will do: it is observed at that day's midnight.
        stated = value.get("as", "timestamp")
        value = {**value, "as": "timestamp" if stated == "date" else stated}
    return field_program(draft, (name,), value, CanonicalField(name, "timestamp", "Observed at"))
