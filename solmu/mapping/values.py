"""What a mapping gives: plain values, without ids, clocks or the store.

Those of which every row has some are not frozen: that would treble what making one costs. Nobody changes them all the
same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from solmu.model import BECAME, Entity, Hanging

Slot = str
"""The place of a mention in its record: ``organisation``, ``person``, ``person#2`` …"""


@dataclass(frozen=True, slots=True)
class Reference:
    """A mention of another record, whichever of the two arrives first. ``key`` is that record's key in its stream."""

    connection: str
    stream: str
    key: str
    slot: Slot

    @property
    def text(self) -> str:
        """``connection/stream/slot/key``: the key stands last, because it may hold anything."""
        return f"{self.connection}/{self.stream}/{self.slot}/{self.key}"


@dataclass(slots=True)
class MappedMention:
    """What the record says of one entity. ``columns``: which columns each field was read from, to tell echoes by."""

    slot: Slot
    entity: Entity
    fields: dict[str, Any]
    columns: dict[str, tuple[str, ...]]


@dataclass(slots=True)
class MappedHanging:
    """A lead, order, activity … or the tie between two mentions.

    ``of`` is whose it is, ``other`` the second end of an affiliation (the employer) or a relation (the parent): a slot
    of this record, or a reference to another one's.
    """

    kind: Hanging
    slot: str
    of: Slot | Reference
    fields: dict[str, Any]
    other: Slot | Reference | None = None


@dataclass(frozen=True, slots=True)
class MappedConsent:
    """Whether the one in that slot may be contacted for a purpose ("email"), as this record says."""

    slot: Slot
    purpose: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class MappingWarning:
    """A value that was left out because its mapping says so (``on_invalid``); the rest of the record goes on."""

    field: str
    column: str
    code: str
    message: str
    value: str
    expected: str | None = None


@dataclass(slots=True)
class Mapped:
    """Everything that one record says. ``unmapped``: columns that the mapping neither reads nor ignores."""

    mentions: tuple[MappedMention, ...] = ()
    hanging: tuple[MappedHanging, ...] = ()
    consents: tuple[MappedConsent, ...] = ()
    observed_at: datetime | None = None
    ignored: bool = False
    unmapped: tuple[str, ...] = ()
    warnings: tuple[MappingWarning, ...] = ()

    @property
    def converted(self) -> bool:
        """Whether the record goes on as another: a lead that was converted is a contact and an account by now."""
        return any(each.kind is Hanging.RELATION and each.fields.get("kind") == BECAME for each in self.hanging)

    def mention(self, slot: Slot) -> MappedMention | None:
        """The mention in that slot."""
        return next((each for each in self.mentions if each.slot == slot), None)


@dataclass(slots=True)
class Wanted:
    """What one field of a target should hold.

    ``source`` is the canonical field that the value comes from. ``parent`` names the stream of the same target whose
    record this field points at; ``assign`` leaves the value to the assignment rules; in both cases ``value`` is None.
    ``only_on`` is "create" or "update" where the field is not for both. A value of None never clears anything.
    """

    value: Any = None
    source: str | None = None
    parent: str | None = None
    assign: bool = False
    only_on: str | None = None
    required: bool = False
