"""A source mapping: YAML that says how a stream's records become mentions, and what hangs on them."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from solmu.config.hub import Hub
from solmu.config.yaml import Lines
from solmu.errors import Skippable
from solmu.mapping import blocks
from solmu.mapping.blocks import Consent
from solmu.mapping.cells import ReadsMany, read_together
from solmu.mapping.conditions import Condition, condition
from solmu.mapping.draft import Draft
from solmu.mapping.entities import SLOT, EntityProgram, entity_program
from solmu.mapping.fields import FieldProgram
from solmu.mapping.files import read_mapping
from solmu.mapping.hanging import BLOCKS, HangingProgram, hanging_programs
from solmu.mapping.notes import NotesProgram, notes_program
from solmu.mapping.recipe import recipe_detail, recipe_hash
from solmu.mapping.references import Target
from solmu.mapping.require import Requirement, check, requirements
from solmu.mapping.row import Columns, Fill, Row
from solmu.mapping.values import Mapped, MappedConsent, MappedHanging, MappedMention, Reference
from solmu.model import BECAME, FIELDS, CanonicalField, Entity, Hanging

KEYS = (
    "record",
    "source",
    "observed_at",
    "ignore",
    "ignore_when",
    "require",
    *(entity.value for entity in Entity),
    "people_in_notes",
    *(kind.value for kind in BLOCKS),
    Hanging.AFFILIATION.value,
    "became",
    "consent",
    "vocabularies",
)


@dataclass(frozen=True)
class SourceMapping:
    """A mapping, compiled. ``recipe`` changes with everything that its results depend on; ``columns`` are those that it
    reads. It remembers the values that it has seen, so one object should map all of a stream; it is not for threads."""

    name: str
    file: Path
    record: str
    recipe: str
    recipe_detail: Mapping[str, Any]
    columns: frozenset[str]
    entities: tuple[EntityProgram, ...]
    hanging: tuple[HangingProgram, ...]
    _notes: NotesProgram | None
    _affiliation: tuple[Fill, ...]
    _consents: tuple[Consent, ...]
    _became: tuple[tuple[str, Target], ...]
    _observed_at: FieldProgram | None
    _ignore_when: Condition | None
    _require: tuple[Requirement, ...]
    _ignore: tuple[str, ...]
    _unmapped: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict, repr=False)

    def map(self, payload: Mapping[str, Any], *, connection: str) -> Mapped:
        """What one record says.

        Raises Skippable with ``field`` (the column), ``value``, and ``expected``, for the first value that makes no
        sense, a required field that is missing, and a row that names nobody (codes ``required``, ``nobody``, and those
        of the normalisers).
        """
        ignored = self._ignore_when is not None and self._ignore_when(payload)
        row = Row(payload, connection, lenient=ignored)
        mentions = [mention for program in self.entities if (mention := program.read(row)) is not None]
        if self._notes is not None:
            mentions += list(self._notes.read(row, [m for m in mentions if m.entity is Entity.PERSON]))
        mapped = self._told(row, mentions, (each.fields(row) for each in self.hanging))
        mapped.observed_at, mapped.unmapped = self._observed(row), self.unmapped(payload)
        mapped.warnings = tuple(row.warnings)
        return mapped

    def map_all(self, payloads: Sequence[Mapping[str, Any]], *, connection: str) -> list[Mapped | Skippable]:
        """What many records say, each as ``map`` has it, or the error that it raises; in less time.

        Mentions need not tell what columns their fields were read from, nor is it told what columns are unmapped: that
        is for whoever looks at few records. Values may be shared by records, so nobody is to change them.
        """
        if self._notes is not None:  # what people write in notes is not read faster with others
            return map_batch(self, payloads, connection)
        rows = [Row(payload, connection) for payload in payloads]
        tested = () if self._ignore_when is None else map(self._ignore_when, payloads)
        odd = {number for number, ignored in enumerate(tested) if ignored}  # one that is ignored may hold anything
        mentions = [list(program.read_all(rows, odd)) for program in self.entities]
        hung = [list(read_together(program.many, rows, odd)) for program in self.hanging]
        observed = list(read_together(self._observed_of_many, rows, odd))
        results: list[Mapped | Skippable] = []
        for number, row in enumerate(rows):
            try:
                if number in odd:
                    results.append(self.map(row.payload, connection=connection))
                    continue
                there = [mention for each in mentions if (mention := each[number]) is not None]
                mapped = self._told(row, there, [each[number] for each in hung])
                mapped.observed_at, mapped.warnings = observed[number].get("observed_at"), tuple(row.warnings)
                results.append(mapped)
            except Skippable as refused:
                results.append(refused)
        return results

    def _told(self, row: Row, mentions: list[MappedMention], hung: Iterable[dict[str, Any]]) -> Mapped:
        """What a row says of whom, and what hangs on them: ``hung`` are the fields of each block, in their order."""
        slots = {mention.slot: mention for mention in mentions}
        for requirement in () if row.lenient else self._require:
            check(requirement, row, slots)
        hanging: list[MappedHanging] = []
        for program, fields in zip(self.hanging, hung, strict=True):
            made = program.made(row, fields, slots)
            if made is not None:
                hanging.append(made)
        hanging += self._ties(row, slots)
        hanging += self._converted(row, slots) if self._became else ()
        if not mentions and not hanging and not row.lenient:
            raise Skippable(
                f"this {self.record} names no organisation and no person",
                code="nobody",
                connection=row.connection,
                expected="a name, an e-mail address or a phone number",
            )
        return Mapped(
            tuple(mentions),
            tuple(hanging),
            tuple(self._said(row, slots)) if self._consents else (),
            ignored=row.lenient,
        )

    @property
    def _observed_of_many(self) -> Sequence[ReadsMany]:
        return () if self._observed_at is None else (self._observed_at.many,)

    def unmapped(self, payload: Mapping[str, Any]) -> tuple[str, ...]:
        """The columns of a payload that the mapping neither reads nor ignores, in their order."""
        names = tuple(payload)
        known = self._unmapped.get(names)
        if known is None:
            known = tuple(name for name in names if name not in self.columns and not self._is_ignored(name))
            if len(self._unmapped) >= _LAYOUTS:
                self._unmapped.clear()
            self._unmapped[names] = known
        return known

    @property
    def readings(self) -> list[Columns]:
        """For each field, the columns that its value may stand in; what is read for anything else stands alone."""
        fields: list[Columns] = [columns for program in self.entities for columns in program.fields.values()]
        fields += [columns for program in self.hanging for columns in program.by_field.values()]
        fields += [consent.columns for consent in self._consents]
        known = {column for columns in fields for column in columns}
        return [*fields, *((column,) for column in sorted(self.columns - known))]

    @property
    def consents(self) -> Mapping[str, Columns]:
        """The columns that say whether somebody may be contacted, by what for."""
        return {each.purpose: each.columns for each in self._consents}

    def leaves_alone(self, column: str) -> bool:
        """Whether the mapping says that it does not read a column."""
        return column not in self.columns and self._is_ignored(column)

    def _is_ignored(self, name: str) -> bool:
        return any(name == pattern or fnmatch.fnmatchcase(name, pattern) for pattern in self._ignore)

    def _observed(self, row: Row) -> datetime | None:
        fields: dict[str, Any] = {}
        if self._observed_at is not None:
            self._observed_at.fill(row, fields, {})
        return fields.get("observed_at")

    def _said(self, row: Row, slots: Mapping[str, MappedMention]) -> Iterable[MappedConsent]:
        for consent in self._consents:
            fields: dict[str, Any] = {}
            consent.fill(row, fields, {})
            if fields and consent.slot in slots:
                yield MappedConsent(consent.slot, consent.purpose, fields[consent.purpose])

    def _converted(self, row: Row, slots: Mapping[str, MappedMention]) -> Iterable[MappedHanging]:
        for slot, target in self._became:
            into = target.read(row, ())
            if slot in slots and into is not None:
                yield MappedHanging(Hanging.RELATION, f"{BECAME}.{slot}", slot, {"kind": BECAME}, into)

    def _ties(self, row: Row, slots: Mapping[str, MappedMention]) -> Iterable[MappedHanging]:
        """Who works where, as the record has it, and what belongs to what."""
        for program in self.entities:
            for name, kind, target in program.ties if program.slot in slots else ():
                other = target.read(row, slots)
                if other is not None and other != program.slot:
                    slot = _numbered(name, program.slot)
                    if program.entity is Entity.ORGANISATION:
                        yield MappedHanging(Hanging.RELATION, slot, program.slot, {"kind": kind}, other)
                    else:
                        yield self._affiliated(row, slots[program.slot], slot, other)
        if _ORGANISATION in slots:
            for mention in slots.values():
                if mention.entity is Entity.PERSON:
                    yield self._affiliated(row, mention, _numbered(_AFFILIATION, mention.slot), _ORGANISATION)

    def _affiliated(self, row: Row, person: MappedMention, slot: str, other: str | Reference) -> MappedHanging:
        fields = {"job_title": person.fields["job_title"]} if "job_title" in person.fields else {}
        for fill in self._affiliation:
            fill(row, fields, {})
        return MappedHanging(Hanging.AFFILIATION, slot, person.slot, fields, other)


_ORGANISATION, _AFFILIATION = Entity.ORGANISATION.value, Hanging.AFFILIATION.value


@cache
def _numbered(name: str, slot: str) -> str:
    """A name with the number of a slot: ``affiliation#2`` of ``person#2``."""
    return "".join((name, *slot.partition("#")[1:]))


_LAYOUTS = 1000
"""Different sets of columns that are remembered; a source with more than that many has a set for every row."""


def map_batch(
    mapping: SourceMapping, payloads: Iterable[Mapping[str, Any]], connection: str
) -> list[Mapped | Skippable]:
    """Map many, in order, each distinct value normalised once; a record that cannot be used gives its error instead."""
    results: list[Mapped | Skippable] = []
    for payload in payloads:
        try:
            results.append(mapping.map(payload, connection=connection))
        except Skippable as refused:
            results.append(refused)
    return results


def load_source_mapping(hub: Hub, name: str) -> SourceMapping:
    """The mapping ``name`` of the hub, or of those that ship with Solmu.

    Raises ConfigurationError with file, line and the nearest valid name; all that is wrong is in its notes.
    """
    file, data, lines = read_mapping(hub, "sources", name)
    known = {entity: hub.fields(entity) for entity in Entity}
    return source_mapping(name, file, data, lines, known)


def source_mapping(
    name: str,
    file: Path,
    data: Any,
    lines: Lines,
    known: Mapping[Entity, Mapping[str, CanonicalField]] | None = None,
) -> SourceMapping:
    """The same of a document that is already read. ``known``: the canonical fields of each entity."""
    fields = known or FIELDS
    if not isinstance(data, Mapping):
        raise lines.error((), "a mapping is a block", expected="record: …, organisation: …, person: …")
    draft = Draft(data, lines)
    draft.slots = tuple(key for key in data if SLOT.fullmatch(key))
    draft.vocabularies = blocks.vocabularies(draft, data.get("vocabularies", {}))
    draft.only((), data, [*KEYS, *draft.slots])
    record = draft.text(("record",), data.get("record", "record"))
    entities = [entity_program(draft, slot, data[slot], fields) for slot in draft.slots]
    notes = notes_program(draft, data["people_in_notes"], draft.slots) if "people_in_notes" in data else None
    kinds = [kind for kind in BLOCKS if kind.value in data]
    hanging = [each for kind in kinds for each in hanging_programs(draft, kind, data[kind.value], record)]
    affiliation = blocks.affiliation(draft, data)
    consents = blocks.consents(draft, data.get("consent", {}))
    became = blocks.conversions(draft, data.get("became", {}))
    observed_at = blocks.observed_at(draft, data)
    ignore_when, tested = (
        condition(draft, ("ignore_when",), data["ignore_when"]) if "ignore_when" in data else (None, ())
    )
    require = requirements(draft, data.get("require", []), entities)
    if not entities and not hanging and notes is None:
        draft.problem((), "this mapping makes nothing", "a block `organisation` or `person`, or one such as `order`")
    draft.finish()
    read = [
        *(program.columns for program in entities),
        *(program.columns for program in hanging),
        *(columns for _, columns in affiliation),
        *(consent.columns for consent in consents),
        *(target.columns for _, target in became),
        notes.columns if notes else (),
        observed_at.columns if observed_at else (),
        tested,
    ]
    detail = recipe_detail(data, {e.value: sorted(set(fields[e]) - set(FIELDS[e])) for e in Entity})
    return SourceMapping(
        name=name,
        file=file,
        record=record,
        recipe=recipe_hash(detail),
        recipe_detail=detail,
        columns=frozenset(column for columns in read for column in columns),
        entities=tuple(entities),
        hanging=tuple(hanging),
        _notes=notes,
        _affiliation=tuple(fill for fill, _ in affiliation),
        _consents=tuple(consents),
        _became=tuple(became),
        _observed_at=observed_at,
        _ignore_when=ignore_when,
        _require=require,
        _ignore=tuple(draft.texts(("ignore",), data.get("ignore", []))),
    )
