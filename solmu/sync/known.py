"""Which rows of a list speak of somebody whom the hub knows already. Looked up by index, and nothing is stored.

Only identity keys count: a business id, a customer number, an e-mail address or domain, a phone number. Whoever is
alike in other ways is found when the rows have landed.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from solmu.mapping import Mapped
from solmu.match.blocking import block_keys
from solmu.match.features import organisation_features, person_features
from solmu.model import Entity
from solmu.store.sql import chunks
from solmu.store.tables import block_key, link

_IDENTITY = ("o|bid|", "o|num|", "o|dom|", "o|mail|", "o|tel|", "p|mail|", "p|tel|", "p|role+name|")


def known_rows(connection: Connection, rows: Sequence[Mapped], system: str) -> list[bool]:
    """Of each row whether a golden record bears one of its identity keys. ``system`` is the connection they are of."""
    keys = [_keys(row, system) for row in rows]
    known: set[str] = set()
    for some in chunks(sorted({key for each in keys for key in each})):
        query = (
            select(block_key.c.key)
            .distinct()
            .join(link, link.c.mention_id == block_key.c.mention_id)
            .where(block_key.c.key.in_(some), link.c.until.is_(None))
        )
        known |= set(connection.scalars(query))
    return [not known.isdisjoint(each) for each in keys]


def _keys(row: Mapped, system: str) -> frozenset[str]:
    people = [each.fields for each in row.mentions if each.entity is Entity.PERSON]
    found: set[str] = set()
    for mention in row.mentions:
        if mention.entity is Entity.ORGANISATION:
            found |= block_keys(organisation_features(mention.fields, system=system, people=people))
        else:
            found |= block_keys(person_features(mention.fields))
    return frozenset(key for key in found if key.startswith(_IDENTITY))
