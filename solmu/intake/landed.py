"""What of ``intake.db`` has landed, how much has not, and emptying what is kept no longer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from solmu.config import ConnectionConfig, Hub
from solmu.intake.store import IntakeStore, intake_path
from solmu.store import Store
from solmu.store.tables import cursor


def landed_up_to(connection: Connection, config: ConnectionConfig) -> int:
    """The sequence up to which every stream of a connection has landed; 0 while one of them never did."""
    query = select(cursor.c.stream, cursor.c.value).where(cursor.c.connection == config.name)
    values = {row.stream: row.value or {} for row in connection.execute(query)}
    return min((int(values.get(name, {}).get("seq", 0)) for name in config.source_streams), default=0)


def waiting_deliveries(connection: Connection, hub: Hub, *, only: Collection[str] | None = None) -> int:
    """How many deliveries have been acknowledged and have not landed yet; ``only``: to these connections."""
    path = intake_path(hub.folder)
    if not path.exists():
        return 0
    with IntakeStore(path) as intake:
        return sum(
            intake.waiting(config.name, landed_up_to(connection, config))
            for config in hub.connections.values()
            if config.is_source and (only is None or config.name in only)
        )


def prune_landed(hub: Hub, store: Store, now: datetime | None = None) -> int:
    """Empty what has landed and is older than ``intake.keep_days``. Gives how many.

    What has not landed is kept however old it is, and so is everything of a connection that is no longer there.
    """
    path = intake_path(hub.folder)
    if not path.exists():
        return 0
    older_than = (now or datetime.now(UTC)) - timedelta(days=hub.settings.intake.keep_days)
    with store.read() as connection:
        landed = {config.name: landed_up_to(connection, config) for config in hub.connections.values()}
    with IntakeStore(path) as intake:
        return sum(intake.prune(name, seq, older_than) for name, seq in landed.items() if seq)
