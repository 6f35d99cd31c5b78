"""Second records of one customer that are merged in a target, where a connection says so (``merge_doubles``).

It cannot be taken back there, so it is done last of all that a plan does, and only once the record that stays shows
what the hub wants of it: what only the other one said has reached it by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Connection, select, update

from solmu.errors import ConfigurationError
from solmu.exchange import Merging, Result
from solmu.store import dirty
from solmu.store.sql import among
from solmu.store.tables import mention, outbox, remote
from solmu.sync.action import Action, Change, Kind
from solmu.sync.mirror import Known
from solmu.sync.outbox import DONE, Queued
from solmu.sync.planned import Line
from solmu.sync.target import Target

FIELD = "merged_into"
"""The one field of such an action; its new value is the id of the record that stays."""

_READY = ("planned", "unchanged")


def check(streams: Sequence[str], connector: Target, connection: str) -> None:
    """Raise ConfigurationError where the records of one of these streams are to be merged and cannot be."""
    unable = [stream for stream in streams if not connector.merges(stream)]
    if unable:
        raise ConfigurationError(
            f"the system cannot merge its {', '.join(unable)}",
            connection=connection,
            field="merge_doubles",
            value="true",
            expected="false; `solmu export doubles` lists them, to be merged there by hand",
        )


def merge_lines(kept: Line, doubles: Sequence[Known], mint: Callable[[], str]) -> Iterator[Line]:
    """The merges of a golden record's further records in a stream into the one of which ``kept`` is the line.

    None where that waits for a person, or for anything else but its turn. Pure.
    """
    record = kept.remote
    if record is None or record.remote_id is None or kept.action.state not in _READY:
        return
    into = Change(None, record.remote_id, "merge", kept.golden.public_id)
    for double in doubles:
        action = Action(Kind.MERGE, "planned", fields={FIELD: into})
        yield Line(kept.stream, kept.golden, None, double, double.external_id or mint(), action)


def merging(row: Queued) -> Merging:
    """The action of this kind as a connector takes it."""
    return Merging(row.id, winner=row.fields[FIELD]["new"], loser=row.remote_id)


def not_ready(connection: Connection, rows: Sequence[Queued]) -> dict[int, str]:
    """The merges whose record that stays was not brought up to date by their plan, and the sentence that says so."""
    merges = [row for row in rows if row.action == Kind.MERGE]
    if not merges:
        return {}
    goldens = {row.golden_id for row in merges if row.golden_id is not None}
    query = select(outbox.c.remote_id, outbox.c.object).where(
        among(connection, outbox.c.golden_id, goldens),
        outbox.c.plan_id.in_(select(outbox.c.plan_id).where(outbox.c.id == merges[0].id)),
        outbox.c.action != Kind.MERGE,
        outbox.c.state.not_in(DONE),
    )
    behind = {(row.object, row.remote_id) for row in connection.execute(query)}
    late = [row.id for row in merges if (row.object, row.fields[FIELD]["new"]) in behind]
    return dict.fromkeys(late, "the record that stays does not show yet what is known of both")


def store_merged(connection: Connection, target: str, merged: Sequence[tuple[Queued, Result]], *, now: int) -> None:
    """Records that were merged away: what those that stay show is the target's own word from now on, not our echo."""
    if not merged:
        return
    gone = among(connection, remote.c.id, [row.remote_pk for row, _ in merged])
    connection.execute(update(remote).where(gone).values(state="merged", updated_at=now))
    stay = {(row.object, row.fields[FIELD]["new"]) for row, _ in merged}
    query = (
        select(remote.c.id, remote.c.object, remote.c.remote_id, mention.c.record_id)
        .join(mention, mention.c.id == remote.c.mention_id)
        .where(remote.c.target == target, among(connection, remote.c.remote_id, {id for _, id in stay}))
    )
    for row in connection.execute(query).all():
        if (row.object, row.remote_id) in stay:
            connection.execute(update(remote).where(remote.c.id == row.id).values(written={}))
            dirty.mark(connection, "map", [row.record_id])
