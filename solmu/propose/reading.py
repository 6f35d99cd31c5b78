"""One way to read a heading, and how sure it is by how it was found."""

from __future__ import annotations

from dataclasses import dataclass

EXACT, TRIMMED, QUALIFIED, SEGMENT, PART, SIMILAR = 0.98, 0.95, 0.9, 0.75, 0.7, 0.65
LAST = 0.55
HEAD = 0.46
"""A known word with unknown ones after it is most often something else ("Company anniversary"): too little, unless the
values back it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a heading. ``second``: it speaks of another address or number than the usual one."""

    concept: str
    confidence: float
    language: str | None
    second: bool = False
