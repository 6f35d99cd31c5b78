"""What a record must have: for each requirement, at least one of some fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from solmu.config.nearest import choice_of
from solmu.config.yaml import KeyPath
from solmu.errors import Skippable
from solmu.mapping.columns import heading
from solmu.mapping.draft import Draft
from solmu.mapping.entities import EntityProgram
from solmu.mapping.row import Columns, Row
from solmu.mapping.values import MappedMention


@dataclass(frozen=True, slots=True)
class Requirement:
    """At least one of these fields must be there; each with its slot and the columns that it is read from."""

    fields: tuple[tuple[str, str, Columns], ...]


def requirements(draft: Draft, value: Any, entities: list[EntityProgram]) -> tuple[Requirement, ...]:
    """Those that a mapping states."""
    path: KeyPath = ("require",)
    if not isinstance(value, list):
        draft.problem(path, "`require` takes a list", "[[organisation.name, person.email]]", value)
        return ()
    return tuple(
        Requirement(
            tuple(
                _required(draft, (*path, number, place) if isinstance(each, list) else (*path, number), text, entities)
                for place, text in enumerate(draft.texts((*path, number), each))
            )
        )
        for number, each in enumerate(value)
    )


def _required(draft: Draft, path: KeyPath, text: str, entities: list[EntityProgram]) -> tuple[str, str, Columns]:
    slot, _, name = text.partition(".")
    mapped = {f"{program.slot}.{each}": columns for program in entities for each, columns in program.fields.items()}
    # A whole name also follows from its parts, and a domain from a website.
    derived = {f"{program.slot}.{each}" for program in entities for each in ("name", "domain")}
    if text not in mapped and text not in derived:
        draft.problem(path, f"`{text}` is not mapped here", choice_of(text, mapped), text)
    return slot, name, mapped.get(text, ())


def _expected_in(columns: Sequence[str]) -> str | None:
    return "a value in " + " or ".join(columns) if columns else None


def check(requirement: Requirement, row: Row, slots: Mapping[str, MappedMention]) -> None:
    """Raise Skippable, code ``required``, where none of the fields is there."""
    for slot, name, _ in requirement.fields:
        mention = slots.get(slot)
        if mention is not None and name in mention.fields:
            return
    columns = list(dict.fromkeys(column for _, _, columns in requirement.fields for column in columns))
    # Of all the headings that would do, those that this source has.
    there = [column for column in columns if column in row.payload] or [heading(each, {}) for each in columns[:1]]
    names = " or ".join(f"{slot}.{name}" for slot, name, _ in requirement.fields)
    # What was filled in and makes no sense is not missing to whoever filled it in.
    bad = list({each.column: each for each in row.warnings if each.column in there}.values())
    why = ": " + "; ".join(f"{each.column} cannot be read ({each.message})" for each in bad)
    raise Skippable(
        f"{names} is missing{why if bad else ''}",
        code="required",
        connection=row.connection,
        field=bad[0].column if bad else there[0] if there else None,
        value="; ".join(each.value for each in bad) or None,
        expected=_expected_in(there),
    )
