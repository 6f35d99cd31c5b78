"""What a page module tells of itself; the menu and the application are made from these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy import Connection

from solmu.web.roles import Role


@dataclass(frozen=True, slots=True)
class Page:
    """One page with all its routes.

    Every route asks for ``role`` at least, on top of what it asks for itself. ``order`` is its place in the menu, None
    for a page that is reached otherwise; its name there is the text ``<name>.menu``. ``badge`` counts what waits there
    for a person; it has to be quick, and is asked twice a minute.
    """

    name: str
    path: str
    router: APIRouter
    role: Role = Role.VIEWER
    order: int | None = None
    badge: Callable[[Connection], int] | None = None
    public: bool = False  # who has not signed in may see it: signing in itself
