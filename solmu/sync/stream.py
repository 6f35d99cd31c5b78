"""Where rows land."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stream:
    """Where rows land. ``full``: each read is the whole list. ``key_fields``: what its key is made of."""

    connection: str
    name: str
    full: bool
    key_fields: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """As reports name it."""
        return f"{self.connection}/{self.name}"
