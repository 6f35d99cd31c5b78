"""The rows of ``remote``: the mirror of what targets hold, kept by what lands.

``remote.observed`` mirrors the record as it last landed. ``remote.written`` holds, by field, what we wrote and nobody
has changed since; ``remote.agreed`` holds ``{"hub", "target"}`` by field, the value on which both sides last agreed in
either's form (``echo`` and ``plan`` say what they are for).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from solmu.exchange import Remote
from solmu.store.ids import mint
from solmu.store.sql import among, chunks
from solmu.store.tables import HANGING, outbox, remote
from solmu.sync.adopt import link_as_ours
from solmu.sync.echo import agreed_again, arriving, awaited, echoes, standing
from solmu.sync.merged_there import follow_merges
from solmu.sync.outbox import IN_FLIGHT, PREFIX, mark_due, sent_fields
from solmu.sync.strangers import add_unknown, gave


@dataclass(frozen=True, slots=True)
class Known:
    """A record in a target, as we know it.

    ``written`` is what we wrote and nobody has changed since; ``on_the_way`` what was sent and not answered.
    """

    id: int
    object: str
    remote_id: str | None
    external_id: str | None
    stamped: bool
    state: str
    role: str
    mention_id: int | None
    hanging: str | None
    hanging_id: int | None
    written: Mapping[str, Any]
    observed: Mapping[str, Any]
    agreed: Mapping[str, Mapping[str, Any]]
    version: str | None
    on_the_way: Mapping[str, Any] = field(default_factory=dict)

    def echoes(self, seen: Remote) -> frozenset[str]:
        """The fields of ``seen`` that repeat us; see ``echo.echoes``."""
        return echoes(
            seen.payload,
            self.written,
            self.observed,
            on_the_way=self.arriving(seen),
            awaiting=self.awaited(seen),
        )

    def awaited(self, seen: Remote) -> frozenset[str]:
        """The fields of which ``seen`` shows what the target made of our value; see ``echo.awaited``."""
        return awaited(
            self.agreed,
            known_version=self.version,
            version=seen.version,
            changed_by_us=seen.changed_by_us,
            on_the_way=self.arriving(seen),
        )

    def arriving(self, seen: Remote) -> Mapping[str, Any]:
        """What ``seen`` may show of what is on the way; see ``echo.arriving``."""
        return arriving(
            self.on_the_way,
            self.written,
            seen.payload,
            known_version=self.version,
            version=seen.version,
            changed_by_us=seen.changed_by_us,
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """A record of a target that has landed, and the mention that it makes (None for what only hangs on one).

    ``converted``: it goes on as another record, and nobody can change this one any more.
    """

    remote: Remote
    mention_id: int | None
    deleted: bool = False
    converted: bool = False


# --- what the target holds --------------------------------------------------------------------------------------------


def remotes_of(
    connection: Connection,
    target: str,
    object: str,
    remote_ids: Iterable[str],
    *,
    external_ids: Mapping[str, str] | None = None,
) -> dict[str, Known]:
    """What we know of those records, by remote id.

    ``external_ids`` (remote id → our id that the record carries) finds a record of ours whose create was never
    answered.
    """
    rows: dict[str, Row[Any]] = {}
    for some in chunks(remote_ids):
        query = select(remote).where(
            remote.c.target == target, remote.c.object == object, among(connection, remote.c.remote_id, some)
        )
        rows.update({row.remote_id: row for row in connection.execute(query)})
    carried = {external: remote_id for remote_id, external in (external_ids or {}).items() if remote_id not in rows}
    for row in _carrying(connection, target, carried):
        if row.object == object and row.remote_id is None and row.state == "intended":
            rows[carried[row.external_id]] = row
    on_the_way = _on_the_way(connection, target, [row.id for row in rows.values()])
    return {remote_id: known(row, on_the_way.get(row.id)) for remote_id, row in rows.items()}


def observe_all(connection: Connection, target: str, object: str, seen: Sequence[Seen], *, now: int) -> None:
    """Bring the mirror up to date with records that landed, and mark for planning whose record changed.

    A record that carries the external id of a create without an answer is that create: it is recognised, and its
    mention linked to the golden record that it was made from. A clone, which carries the id of a record that is there
    under another remote id, gets none, and is stamped with one of its own when it is next planned. What hangs on
    nothing of ours is not kept. A record that the target had before us gets its external id now, and carries it once
    it is stamped.
    """
    for some in chunks(seen):
        _observe(connection, target, object, some, now)


def _observe(connection: Connection, target: str, object: str, seen: Sequence[Seen], now: int) -> None:
    carried = {each.remote.remote_id: each.remote.external_id for each in seen if each.remote.external_id is not None}
    there = remotes_of(connection, target, object, [each.remote.remote_id for each in seen], external_ids=carried)
    taken: set[str] = {row.external_id for row in _carrying(connection, target, carried.values())}
    inserts: list[dict[str, Any]] = []
    updates: list[dict[str, Any]] = []
    changed: list[Known] = []
    recognised: list[tuple[int, int]] = []
    strangers = 0
    for each in seen:
        before = there.get(each.remote.remote_id)
        if before is not None:
            if before.remote_id is None and each.mention_id is not None and before.mention_id is not None:
                recognised.append((each.mention_id, before.mention_id))
            values = _seen_again(before, each, now)
            updates.append(values)
            if values["b_state"] != before.state or before.observed != values["b_observed"]:
                changed.append(before)
        elif each.mention_id is not None and not each.deleted:
            external_id = each.remote.external_id
            if external_id in taken:
                external_id = None
            elif external_id is not None:
                taken.add(external_id)
                strangers += gave(external_id)
            inserts.append(_first_sight(target, object, each, external_id, now))
    if inserts:
        connection.execute(insert(remote), inserts)
    if updates:
        connection.execute(_UPDATE, updates)
    add_unknown(connection, target, strangers)
    link_as_ours(connection, recognised, now=now)
    merges = {each.remote.remote_id: each.remote.merged_into for each in seen if each.remote.merged_into is not None}
    news = {gone: left for gone, left in merges.items() if gone in there and there[gone].state != "merged"}
    unknown = {gone: left for gone, left in merges.items() if gone not in there}
    follow_merges(connection, target, news, now=now, unknown=unknown)
    mark_dirty(connection, target, changed)


_UPDATE = (
    update(remote)
    .where(remote.c.id == bindparam("b_id"))
    .values(
        {
            name: bindparam(f"b_{name}")
            for name in (
                "remote_id",
                "mention_id",
                "stamped",
                "state",
                "written",
                "observed",
                "agreed",
                "version",
                "updated_at",
            )
        }
    )
)


def _seen_again(there: Known, each: Seen, now: int) -> dict[str, Any]:
    seen, payload = each.remote, each.remote.payload
    gone = each.deleted or seen.deleted
    first_sight, arrives = there.awaited(seen), there.arriving(seen)
    stands = standing(there.written, payload, there.echoes(seen), arrives, first_sight)
    state = "converted" if each.converted else "live"
    if gone:
        state = "merged" if seen.merged_into else "deleted"
    stamped = there.stamped if seen.external_id is None else seen.external_id == there.external_id
    return {
        "b_id": there.id,
        "b_remote_id": seen.remote_id,
        # A create that was not answered hung on the mention that it was made from; now it has one of its own.
        "b_mention_id": each.mention_id if there.remote_id is None and each.mention_id else there.mention_id,
        "b_stamped": stamped,
        "b_state": state,
        "b_written": dict(there.written) if gone else stands,
        "b_observed": dict(there.observed) if gone else dict(payload),
        "b_agreed": agreed_again(there.agreed, payload, first_sight, arrives, changed_by_us=seen.changed_by_us),
        "b_version": seen.version,
        "b_updated_at": now,
    }


def _first_sight(target: str, object: str, each: Seen, external_id: str | None, now: int) -> dict[str, Any]:
    return {
        "target": target,
        "object": object,
        "remote_id": each.remote.remote_id,
        "external_id": external_id or mint(PREFIX),
        "stamped": external_id is not None,
        "mention_id": each.mention_id,
        "hanging": None,
        "hanging_id": None,
        "role": "primary",
        "state": "converted" if each.converted else "live",
        "written": {},
        "observed": dict(each.remote.payload),
        "agreed": {},
        "version": each.remote.version,
        "updated_at": now,
    }


def _carrying(connection: Connection, target: str, external_ids: Iterable[str]) -> list[Row[Any]]:
    rows: list[Row[Any]] = []
    for some in chunks(external_ids):
        rows += connection.execute(
            select(remote).where(remote.c.target == target, among(connection, remote.c.external_id, some))
        )
    return rows


def _on_the_way(connection: Connection, target: str, remote_pks: Collection[int]) -> dict[int, dict[str, Any]]:
    """What was sent to those records and not answered, by ``remote.id``; most nights nothing is."""
    found: dict[int, dict[str, Any]] = {}
    for some in chunks(remote_pks):
        query = select(outbox).where(
            outbox.c.target == target, outbox.c.state.in_(IN_FLIGHT), among(connection, outbox.c.remote_pk, some)
        )
        rows = connection.execute(query).all()
        sent = sent_fields(connection, target, rows) if rows else {}
        found.update({row.remote_pk: sent[row.id] for row in rows})
    return found


def known(row: Row[Any], on_the_way: Mapping[str, Any] | None = None) -> Known:
    """A row of ``remote`` as a value."""
    return Known(
        id=row.id,
        object=row.object,
        remote_id=row.remote_id,
        external_id=row.external_id,
        stamped=row.stamped,
        state=row.state,
        role=row.role,
        mention_id=row.mention_id,
        hanging=row.hanging,
        hanging_id=row.hanging_id,
        written=row.written,
        observed=row.observed,
        agreed=row.agreed,
        version=row.version,
        on_the_way=on_the_way or {},
    )


# --- what must be planned anew ----------------------------------------------------------------------------------------


def mark_dirty(connection: Connection, target: str, remotes: Iterable[Known]) -> None:
    """The golden records of these remotes are to be planned for the target again."""
    mentions: set[int] = set()
    hanging: dict[str, list[int]] = {}
    for each in remotes:
        if each.hanging is not None and each.hanging_id is not None:
            hanging.setdefault(each.hanging, []).append(each.hanging_id)
        elif each.mention_id is not None:
            mentions.add(each.mention_id)
    for name, ids in hanging.items():
        table = HANGING[name]
        for some in chunks(ids):
            query = select(table.c.mention_id).where(
                among(connection, table.c.id, some), table.c.mention_id.is_not(None)
            )
            mentions.update(connection.scalars(query))
    mark_due(connection, target, mentions)
