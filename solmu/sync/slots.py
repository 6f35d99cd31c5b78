"""Slots: the place that a mention, or a tie between two, has in its record; and the slot of what is set aside."""

from __future__ import annotations

_ASIDE = "#was"


def aside(slot: str, id: int) -> str:
    """The slot of what its record says no more, while something else has its place; ``id`` is its own."""
    return f"{slot}{_ASIDE}{id}"


def is_aside(slot: str) -> bool:
    """Whether a slot is that of something set aside."""
    return _ASIDE in slot


def in_its_place(slot: str) -> str:
    """The slot that it had before it was set aside; any other slot as it is."""
    return slot.partition(_ASIDE)[0]
