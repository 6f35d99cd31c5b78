"""Compiles what hangs on an entity: leads, deals, orders and their lines, activities, and jobs at employers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from solmu.config.yaml import KeyPath
from solmu.errors import Skippable
from solmu.mapping.cells import ReadsMany
from solmu.mapping.draft import Draft
from solmu.mapping.fields import FieldProgram, field_program
from solmu.mapping.references import Target, target_of
from solmu.mapping.row import Columns, Fill, Row
from solmu.mapping.values import MappedHanging, Slot
from solmu.model import HANGING_FIELDS, Entity, Hanging

BLOCKS = (Hanging.LEAD, Hanging.DEAL, Hanging.ORDER, Hanging.ORDER_LINE, Hanging.ACTIVITY)
"""Kinds that a mapping has blocks for; affiliations and relations follow from entities' blocks."""


@dataclass(frozen=True, slots=True)
class HangingProgram:
    """A compiled block. ``always``: every row is one, whatever is filled in: the mapping says ``record: lead``.
    ``by_field``: the columns that each field's value may stand in."""

    kind: Hanging
    slot: str
    fixed: tuple[Fill, ...]
    read_from_row: tuple[Fill, ...]
    many: tuple[ReadsMany, ...]
    of: Target
    always: bool
    columns: Columns
    by_field: Mapping[str, Columns]

    def fields(self, row: Row) -> dict[str, Any]:
        """What ``read_from_row`` reads."""
        fields: dict[str, Any] = {}
        columns: dict[str, Columns] = {}
        for fill in self.read_from_row:
            fill(row, fields, columns)
        return fields

    def made(self, row: Row, fields: dict[str, Any], slots: Collection[Slot]) -> MappedHanging | None:
        """What hangs on one of the record's slots or on another record, of the ``fields`` that were read of the row;
        None if it says nothing of it."""
        if not fields and self.read_from_row and not self.always:
            return None
        for fill in self.fixed:
            fill(row, fields, {})
        of = self.of.read(row, slots)
        if of is None:
            if row.lenient:
                return None
            raise Skippable(
                f"nothing says whose this {self.kind.replace('_', ' ')} is",
                code="nobody",
                connection=row.connection,
                field=self.of.columns[0] if self.of.columns else None,
                expected=_expected(self.of),
            )
        return MappedHanging(self.kind, self.slot, of, fields)


def hanging_programs(draft: Draft, kind: Hanging, value: Any, record: str) -> list[HangingProgram]:
    """Compile a block, or a list of blocks that fill ``activity``, ``activity#2`` …"""
    if not isinstance(value, list):
        return [_program(draft, (kind.value,), kind, kind.value, value, record)]
    return [
        _program(draft, (kind.value, number), kind, kind.value if number == 0 else f"{kind}#{number + 1}", each, record)
        for number, each in enumerate(value)
    ]


def _program(draft: Draft, path: KeyPath, kind: Hanging, slot: str, value: Any, record: str) -> HangingProgram:
    block = draft.block(path, value)
    programs = field_programs(draft, path, kind, {name: spec for name, spec in block.items() if name != "of"}, ("of",))
    # Whose it is, unless stated: the record's organisation, or else its person.
    of = target_of(draft, (*path, "of"), block["of"], Entity.ORGANISATION) if "of" in block else _default(draft)
    columns = [name for program in programs for name in (*program.columns, *program.also)] + list(of.columns)
    return HangingProgram(
        kind=kind,
        slot=slot,
        fixed=tuple(program.fill for program in programs if program.fixed),
        read_from_row=tuple(program.fill for program in programs if not program.fixed),
        many=tuple(program.many for program in programs if not program.fixed),
        of=of,
        always=record == kind.value,
        columns=tuple(dict.fromkeys(columns)),
        by_field={program.name: program.columns for program in programs},
    )


def field_programs(
    draft: Draft, path: KeyPath, kind: Hanging, specified: Mapping[str, Any], also: tuple[str, ...] = ()
) -> list[FieldProgram]:
    """The compiled fields of something that hangs; ``also`` are keys that are valid beside them."""
    programs: list[FieldProgram] = []
    for name, spec in specified.items():
        target = HANGING_FIELDS[kind].get(name)
        if target is None:
            draft.unknown((*path, name), f"field of {kind}", [*HANGING_FIELDS[kind], *also])
            continue
        program = field_program(draft, (*path, name), spec, target)
        if program is not None:
            programs.append(program)
    return programs


def _default(draft: Draft) -> Target:
    return Target(tuple(slot for slot in (Entity.ORGANISATION.value, Entity.PERSON.value) if slot in draft.slots))


def _expected(of: Target) -> str:
    if of.columns:
        return "a key in " + " or ".join(of.columns)
    return "a name, an e-mail address or a phone number of somebody"
