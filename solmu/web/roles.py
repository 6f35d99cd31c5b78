"""Who may do what: three roles, each of which may do all that the one before it may."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A viewer looks; a steward decides about records; an administrator changes the hub and its users."""

    VIEWER = "viewer"
    STEWARD = "steward"
    ADMINISTRATOR = "administrator"

    def may(self, needed: Role) -> bool:
        """Whether this role may do what asks for ``needed``."""
        order = list(Role)
        return order.index(self) >= order.index(needed)
