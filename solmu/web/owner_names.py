"""Owners as pages show them: by name, with the id of the CRM's user on hovering or beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from solmu.store.owners import Owner, Owners
from solmu.web.show import lines, plain
from solmu.web.texts import texts


def called(id: Any, known: Owners, connection: str | None = None) -> str:
    """The owner's name, and that they have left; an id that nobody is known by, as it is."""
    owner = known.named(id, connection)
    return plain(id) if owner is None else _name(owner)


def owner(id: Any, known: Owners, connection: str | None = None) -> str:
    """As ``called``, with the id on hovering."""
    found = known.named(id, connection)
    return plain(id) if found is None else Markup('<span title="{}">{}</span>').format(id, _name(found))


def owner_and_id(id: Any, known: Owners, connection: str | None = None) -> str:
    """As ``called``, with the id beside it."""
    found = known.named(id, connection)
    return plain(id) if found is None else _beside(found, id)


def named(value: Any, known: Owners, connection: str | None = None) -> str:
    """The value of any field, several below each other; if it is the id of a user, their name with the id beside it."""
    found = known.recognised(value, connection)
    return lines(value) if found is None else _beside(found, value)


def choices(ids: Sequence[str], known: Owners) -> Mapping[str, str]:
    """Owners to choose from, in the order of their names; namesakes with their ids."""
    names = {id: called(id, known) for id in ids}
    there = list(names.values())
    shown = {id: name if there.count(name) == 1 else known.told(id) for id, name in names.items()}
    return dict(sorted(shown.items(), key=lambda each: each[1].casefold()))


def _name(owner: Owner) -> str:
    return owner.name if owner.active else texts()("common.owner-left", name=owner.name)


def _beside(owner: Owner, id: Any) -> Markup:
    return Markup('{} <span class="quiet">{}</span>').format(_name(owner), id)


FILTERS = {"called": called, "owner": owner, "owner_and_id": owner_and_id, "named": named}
