"""Golden records by their country, as the index by country has them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, literal_column, select

from solmu.model import Entity
from solmu.store.tables import golden


def some_in(entity: Entity, country: Any) -> ColumnElement[bool]:
    """Whether there is a golden record of that entity in that country (a value, or a place for one)."""
    other = golden.alias()
    # The zero is written out: the index is only of those, and a place for a value could hold any.
    live = other.c.mentions > literal_column("0")
    return exists(select(other.c.id).where(other.c.country == country, other.c.entity == entity.value, live))
