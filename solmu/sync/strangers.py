"""Records of a target that carry an external id of Solmu's which this hub never gave.

Another hub writes there, or this one's store is older than the target: restored from a backup, or begun anew. What was
made since then, and is not read back (tasks), would be made a second time. So nothing is created there any more until a
person has said that it is right.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from solmu.store.sql import upsert
from solmu.store.tables import meta
from solmu.sync.outbox import PREFIX

GUARD = "unknown-ids"


def gave(external_id: str) -> bool:
    """Whether that is an id such as Solmu gives."""
    return external_id.startswith(f"{PREFIX}_")


def unknown_ids(connection: Connection, target: str) -> int:
    """How many records with such ids have been seen there since somebody last said that it is right."""
    return int(connection.scalar(select(meta.c.value).where(meta.c.name == _name(target))) or 0)


def add_unknown(connection: Connection, target: str, number: int) -> None:
    """So many more were seen."""
    if number:
        row = {"name": _name(target), "value": str(unknown_ids(connection, target) + number)}
        upsert(connection, meta, [row], conflict=("name",))


def accept(connection: Connection, target: str) -> None:
    """Somebody has said that it is right."""
    connection.execute(delete(meta).where(meta.c.name == _name(target)))


def _name(target: str) -> str:
    return f"{GUARD}:{target}"
