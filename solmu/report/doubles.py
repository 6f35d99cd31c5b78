"""Records that are one customer here and several in a CRM: what waits for somebody to merge it there."""

from __future__ import annotations

from sqlalchemy import Connection, Select, select
from sqlalchemy import alias as aliased

from solmu.store.sql import chunks
from solmu.store.tables import golden, link, remote

COLUMNS = ("target", "object", "remote_id", "primary_id", "golden_id", "name")


def doubles(connection: Connection) -> list[tuple[str | None, ...]]:
    """A row for each secondary record, with the primary one of the same customer, by ``COLUMNS``.

    The primary one is what Solmu goes on writing to, and what the other is best merged into.
    """
    second, of = aliased(remote, name="second"), aliased(link, name="of")
    query: Select[tuple[object, ...]] = (
        select(second.c.target, second.c.object, second.c.remote_id, of.c.golden_id, golden.c.public_id, golden.c.name)
        .join(of, of.c.mention_id == second.c.mention_id)
        .join(golden, golden.c.id == of.c.golden_id)
        .where(second.c.state == "live", second.c.role == "secondary", second.c.hanging.is_(None), of.c.until.is_(None))
        .order_by(second.c.target, second.c.object, golden.c.search_name, second.c.id)
    )
    found = connection.execute(query).all()
    first = _primaries(connection, {row.golden_id for row in found})
    return [
        (row.target, row.object, row.remote_id, first[place], row.public_id, row.name)
        for row in found
        if (place := (row.target, row.object, row.golden_id)) in first
    ]


def _primaries(connection: Connection, golden_ids: set[int]) -> dict[tuple[str, str, int], str]:
    found: dict[tuple[str, str, int], str] = {}
    for some in chunks(sorted(golden_ids)):
        query = (
            select(remote.c.target, remote.c.object, link.c.golden_id, remote.c.remote_id)
            .join(link, link.c.mention_id == remote.c.mention_id)
            .where(
                link.c.golden_id.in_(some),
                link.c.until.is_(None),
                remote.c.state == "live",
                remote.c.role == "primary",
                remote.c.hanging.is_(None),
            )
            .order_by(remote.c.id.desc())
        )
        found |= {(row.target, row.object, row.golden_id): row.remote_id for row in connection.execute(query)}
    return found
