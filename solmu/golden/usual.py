"""Which country is meant where none is said."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from solmu.store.tables import golden


def usual_country(connection: Connection) -> str | None:
    """The country of more than half of the customers whose country is known; None where there is none.

    ISO 3166 alpha-2. It serves to read a number that somebody typed, and is never kept as a customer's country.
    """
    query = (
        select(golden.c.country, func.count())
        .where(golden.c.mentions > 0, golden.c.country.is_not(None))
        .group_by(golden.c.country)
    )
    sizes: dict[str, int] = dict(connection.execute(query).tuples().all())
    most = max(sizes, key=lambda country: sizes[country], default=None)
    return most if most is not None and 2 * sizes[most] > sum(sizes.values()) else None
