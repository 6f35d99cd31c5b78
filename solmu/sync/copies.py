"""What we made in a target of a row that hangs on somebody comes back from there as a copy, and as no further row.

The copy is stored like all that lands, since people work with it there. What counts, and goes to other targets, is the
row that it was made from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, select, update

from solmu.store.sql import among, chunks
from solmu.store.tables import HANGING, remote, source_record

COPY = "copy"
"""The state of such a row."""


def mark_copies(connection: Connection, target: str, made: Collection[tuple[str, str, str]]) -> None:
    """These records, as (table, object, remote id), are known to be ours from now on, and may have landed before."""
    for name in {each[0] for each in made}:
        wanted = {(object, remote_id) for table, object, remote_id in made if table == name}
        query = select(source_record.c.id, source_record.c.stream, source_record.c.key).where(
            source_record.c.connection == target,
            source_record.c.stream.in_({object for object, _ in wanted}),
            among(connection, source_record.c.key, {remote_id for _, remote_id in wanted}),
        )
        landed = [row.id for row in connection.execute(query) if (row.stream, row.key) in wanted]
        table = HANGING[name]
        if landed:
            ours = among(connection, table.c.record_id, landed) & (table.c.state == "live")
            connection.execute(update(table).where(ours).values(state=COPY))


def said_there(connection: Connection, table: Table, ids: Iterable[int]) -> dict[int, list[Mapping[str, Any]]]:
    """What targets say by now of rows that were sent there: the documents of their copies, by the id of the row."""
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for some in chunks(ids):
        query = (
            select(remote.c.hanging_id, table.c.document)
            .join(
                source_record,
                (source_record.c.connection == remote.c.target)
                & (source_record.c.stream == remote.c.object)
                & (source_record.c.key == remote.c.remote_id),
            )
            .join(table, table.c.record_id == source_record.c.id)
            .where(
                remote.c.hanging == table.name,
                among(connection, remote.c.hanging_id, some),
                remote.c.state == "live",
                table.c.state == COPY,
            )
            .order_by(remote.c.id)
        )
        for row in connection.execute(query):
            found[row.hanging_id].append(row.document)
    return found
