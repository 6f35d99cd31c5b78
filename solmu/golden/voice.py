"""What one mention says, as survivorship hears it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from solmu.normalise import fold

Entry = Mapping[str, Any]
"""One field of a claim: ``{"value", "own", "since": [low, high]}``."""


class Voice(NamedTuple):
    """One mention that has a say: its claim, and the connection that it came by.

    ``read``: the moments at which its record was read, in microseconds. A value that is as old as one of them has no
    date of its own.
    """

    mention: int
    connection: str
    claim: Mapping[str, Entry]
    read: frozenset[int] = frozenset()

    def own(self, name: str) -> Entry | None:
        """What it says of its own of a field: an echo abstains, and a blank says nothing."""
        entry = self.claim.get(name)
        return entry if entry is not None and entry["own"] and not blank(entry["value"]) else None

    def all_own(self) -> dict[str, Entry]:
        """All that it says of its own, by field."""
        return {name: entry for name, entry in self.claim.items() if entry["own"] and not blank(entry["value"])}


def blank(value: Any) -> bool:
    """Whether that is no value."""
    return value is None or value == "" or value == []


def plain(value: Any) -> str:
    """A value as it is held against another: case, accents and punctuation make no difference."""
    text = str(value)
    return fold(text) or text
