"""Slots: the place that a mention, or a tie between two, has in its record; and the slot of what is set aside."""

from __future__ import annotations

_ASIDE = "#was"


def aside(slot: str, id: int, person: int | None = None) -> str:
    """The slot of what its record says no more, while something else has its place; ``id`` is its own. ``person``: the
    mention of the person that the record spoke of then, for what hangs on somebody."""
    return f"{slot}{_ASIDE}{id}" if person is None else f"{slot}{_ASIDE}{id}.{person}"


def is_aside(slot: str) -> bool:
    """Whether a slot is that of something set aside."""
    return _ASIDE in slot


def in_its_place(slot: str) -> str:
    """The slot that it had before it was set aside; any other slot as it is."""
    return slot.partition(_ASIDE)[0]


def person_then(slot: str) -> int | None:
    """The mention of the person that a record spoke of when it said what was set aside under this slot."""
    person = slot.partition(_ASIDE)[2].partition(".")[2]
    return int(person) if person else None
