"""What waits for a person, or for a record that has not come yet."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select

from solmu.model import Entity
from solmu.store.tables import activity, conflict, deal, lead, order, pair, quarantine

# What belongs to somebody; employers and relations say something of people who are there already.
_OWNED = (lead, deal, order, activity)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Counts. ``without_customer`` are orders and the like whose customer, known by a reference, has not landed."""

    pairs: int
    quarantine: int
    conflicts: int
    without_customer: int

    def in_words(self) -> dict[str, int]:
        """The counts by what they count."""
        return {
            "pairs for a steward": self.pairs,
            "rows in quarantine": self.quarantine,
            "conflicts": self.conflicts,
            "orders, leads and the like whose customer has not landed": self.without_customer,
        }


def waiting(connection: Connection) -> Waiting:
    """Count it all."""
    return Waiting(
        pairs=_count(connection, pair, pair.c.entity.in_([*Entity]), pair.c.band == "ask"),
        quarantine=_count(connection, quarantine, quarantine.c.state == "waiting"),
        conflicts=_count(connection, conflict, conflict.c.state == "open"),
        without_customer=sum(
            _count(connection, each, each.c.state == "live", each.c.reference.is_not(None), each.c.mention_id.is_(None))
            for each in _OWNED
        ),
    )


def _count(connection: Connection, table: Table, *where: object) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]
