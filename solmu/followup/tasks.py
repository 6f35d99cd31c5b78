"""Which tasks a list would become: one a customer, for whoever looks after it there. Reads only.

A task is an activity that the hub itself has said, with a source record of its own (``own.py``); so it stands in the
customer's history, and follows it through merges. It is made in the target that the list was pushed to,
and only for customers that are there. As long as one of a list is open, that list makes no other of the same customer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, select

from solmu.config import Hub
from solmu.errors import ConfigurationError, SolmuError
from solmu.followup.count import owner_fields, summary
from solmu.followup.lists import FIGURES, NARROWED_BY, customers, sorted_by, tiers_of
from solmu.followup.own import OWN, closed, mapping_of, statuses, task_streams
from solmu.mapping.target import TargetMapping
from solmu.store.owners import owners
from solmu.store.payload import plain_hash
from solmu.store.sql import among, chunks
from solmu.store.tables import activity, follow_up, golden, link, remote, source_record
from solmu.sync.assign import owner_of
from solmu.sync.surroundings import partners_of

MOST = 5_000
"""Customers of a list that are looked at; of a longer one the first. Nobody works off more tasks than these."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody wants: the tasks of a list in a target. ``due`` is a day; ``only`` narrows the list by its fields
    (country, tier, owner; an owner by id or by name)."""

    figure: str
    target: str
    subject: str
    due: date
    only: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """One that would be made. ``parents`` are the remote ids that its fields point at, by stream."""

    golden_id: int
    public_id: str
    name: str | None
    version: int
    owner: str | None
    why_owner: str
    parents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ready:
    """What an Ask comes to. ``open`` have one already, ``not_there`` are not in the target, ``beyond`` says that the
    list is longer than ``MOST``."""

    ask: Ask
    stream: str
    tasks: Sequence[Task]
    open: int
    not_there: int
    beyond: bool

    @property
    def seen(self) -> str:
        """A digest of it all: what somebody agreed to is done only if it still is the same."""
        return plain_hash([_plain(self.ask), self.stream, [asdict(each) for each in self.tasks]])

    def as_dict(self) -> dict[str, Any]:
        """As it is shown: ``{figure, target, subject, due, only, make, open, not_there, beyond, seen}``."""
        counts = {"make": len(self.tasks), "open": self.open, "not_there": self.not_there, "beyond": self.beyond}
        return {**_plain(self.ask), **counts, "seen": self.seen}


def ready(connection: Connection, hub: Hub, ask: Ask) -> Ready:
    """What would be made now. Raises SolmuError for what cannot be: a list or a target that there is not, a subject
    that is empty, customers that nobody has counted."""
    mapping, stream = _checked(hub, ask)
    told = summary(connection)
    if told is None:
        raise SolmuError("nobody has counted the customers yet", code="not-counted", expected="a run, or a count")
    rows = _rows(connection, hub, ask, told)
    tasks: list[Task] = []
    open_ones = not_there = 0
    for some in chunks(rows[:MOST]):
        having = _having_one(connection, hub, ask, [row.golden_id for row in some])
        without = [row for row in some if row.golden_id not in having]
        open_ones += len(some) - len(without)
        made = _tasks(connection, hub, ask, without, mapping)
        not_there += len(without) - len(made)
        tasks += made
    return Ready(ask, stream, tasks, open_ones, not_there, len(rows) > MOST)


def _checked(hub: Hub, ask: Ask) -> tuple[TargetMapping, str]:
    if ask.figure not in FIGURES:
        raise ConfigurationError("there is no such list", code="no-list", value=ask.figure, expected=", ".join(FIGURES))
    streams = task_streams(hub)
    if ask.target not in streams:
        raise ConfigurationError(
            f"{ask.target} takes no follow-up tasks",
            code="no-tasks",
            connection=ask.target,
            expected=f"one of {', '.join(streams)}" if streams else "a target with a stream whose mapping is for them",
        )
    if not ask.subject.strip():
        raise ConfigurationError("a task needs a subject", code="no-subject", field="subject", expected="what to do")
    strange = sorted(set(ask.only) - set(NARROWED_BY))
    if strange:
        raise ConfigurationError(
            f"a list cannot be narrowed by {strange[0]}", code="no-field", expected=", ".join(NARROWED_BY)
        )
    mapping = mapping_of(hub, hub.connection(ask.target), streams[ask.target])
    assert mapping is not None, "it is what makes the stream one for tasks"
    return mapping, streams[ask.target]


def _rows(connection: Connection, hub: Hub, ask: Ask, told: Mapping[str, Any]) -> Sequence[Any]:
    query = customers(ask.figure, datetime.now(UTC).date(), hub.settings.web, tiers_of(told))
    for name, value in ask.only.items():
        wanted = owners(connection).ids(value) if name == "owner" else [value]
        query = query.where(follow_up.c[name].in_(wanted))
    query = query.order_by(follow_up.c[sorted_by(ask.figure)], follow_up.c.golden_id)
    return connection.execute(query.limit(MOST + 1)).all()


def _having_one(connection: Connection, hub: Hub, ask: Ask, ids: Sequence[int]) -> set[int]:
    """The golden records of which a task of this list is open there, or on its way."""
    query = (
        select(link.c.golden_id, activity.c.id, activity.c.state, source_record.c.connection, source_record.c.key)
        .join(activity, activity.c.mention_id == link.c.mention_id)
        .join(source_record, source_record.c.id == activity.c.record_id)
        .where(among(connection, link.c.golden_id, ids), link.c.until.is_(None))
    )
    mine = {
        row.id: row.golden_id
        for row in connection.execute(query)
        if row.connection == OWN and row.state == "live" and row.key.startswith(key_of(ask, ""))
    }
    done = closed(connection, statuses(hub), mine)
    return {golden_id for id, golden_id in mine.items() if id not in done}


def key_of(ask: Ask, rest: str) -> str:
    """The key of the source record of a task: of which list, in which target, and ``rest``."""
    return f"{ask.figure}/{ask.target}/{rest}"


def _tasks(connection: Connection, hub: Hub, ask: Ask, rows: Sequence[Any], mapping: TargetMapping) -> list[Task]:
    ids = [row.golden_id for row in rows]
    there = _there(connection, ask.target, ids, set(mapping.parents.values()))
    query = select(golden.c.id, golden.c.version, golden.c.document).where(
        among(connection, golden.c.id, list(there)), golden.c.state == "live"
    )
    records = {row.id: row for row in connection.execute(query)}
    partners = partners_of(connection, list(there))
    fields = owner_fields(hub)
    found = []
    for row in rows:
        record = records.get(row.golden_id)
        if record is None:
            continue
        held = there[row.golden_id]
        owner, why = _owner(hub, ask.target, held, fields, record, partners.get(row.golden_id, ()))
        parents = {stream: each.remote_id for stream, each in held.items()}
        found.append(Task(record.id, row.public_id, row.name, record.version, owner, why, parents))
    return found


def _there(connection: Connection, target: str, ids: Sequence[int], streams: set[str]) -> dict[int, dict[str, Any]]:
    """Their records in the target, by stream: the primary ones."""
    query = (
        select(link.c.golden_id, remote)
        .join(remote, remote.c.mention_id == link.c.mention_id)
        .where(among(connection, link.c.golden_id, ids), link.c.until.is_(None))
        .order_by(remote.c.role.desc(), remote.c.mention_id.desc(), remote.c.id.desc())  # the primary comes last
    )
    found: dict[int, dict[str, Any]] = {}
    for row in connection.execute(query):
        # Told apart here: were the target asked for, SQLite would go through all that it holds.
        if row.target == target and row.object in streams and row.state == "live" and row.hanging is None:
            found.setdefault(row.golden_id, {})[row.object] = row
    return found


def _owner(
    hub: Hub,
    target: str,
    held: Mapping[str, Any],
    fields: Mapping[tuple[str, str], str],
    record: Any,
    partners: Sequence[str],
) -> tuple[str | None, str]:
    """Whoever looks after the customer there; of one that nobody does, whom the hub's rules name."""
    for stream, row in held.items():
        name = fields.get((target, stream), "")
        owner = row.observed.get(name) or row.written.get(name)
        if owner:
            return str(owner), "theirs"
    values = {name: entry["value"] for name, entry in record.document.items()}
    found = owner_of(hub.settings.assignment, values, partners)
    return (None, "nobody") if found is None else (found.value, found.rule)


def _plain(ask: Ask) -> dict[str, Any]:
    return {
        "figure": ask.figure,
        "target": ask.target,
        "subject": ask.subject,
        "due": ask.due.isoformat(),
        "only": dict(ask.only),
    }
