"""Planning what takes a run back in one target: from what it wrote to sealed actions in the outbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from solmu.config import ConnectionConfig
from solmu.exchange import Remote
from solmu.store import Store, time
from solmu.store.ids import mint
from solmu.store.sql import chunks
from solmu.store.tables import HANGING, golden, mention, outbox, plan, remote
from solmu.sync.action import OPT_OUT, Kind
from solmu.sync.carry_over import CarryOver
from solmu.sync.interrupt import patient
from solmu.sync.mirror import Seen, observe_all
from solmu.sync.outbox import IN_FLIGHT, golden_of, subject
from solmu.sync.planned import TargetStream
from solmu.sync.planning import work_of
from solmu.sync.revert import Left, Standing, TakenBack, Why, Wrote, take_back
from solmu.sync.revert_draft import DRAFTED, draft
from solmu.sync.run import Run
from solmu.sync.settle import patiently, settle
from solmu.sync.whole_plan import Plan, seal
from solmu.sync.written import Written, written_by

BATCH = 500

Document = dict[str, Any]


@dataclass(slots=True)
class Reverting:
    """What would take a run back in one target. ``already`` counts records that are as they were before it."""

    target: str
    plan: Plan | None = None
    records: int = 0
    already: int = 0
    left: list[Document] = field(default_factory=list)

    def as_dict(self) -> Document:
        """As it is shown."""
        return {
            "plan": self.plan.id if self.plan else None,
            "records": self.records,
            "already": self.already,
            "calls_estimated": self.plan.calls_estimated if self.plan else 0,
            "guards": [{"guard": each.guard, "message": each.message} for each in self.plan.tripped]
            if self.plan
            else [],
            "left": self.left,
        }


def plan_revert(run: Run, config: ConnectionConfig, connector: Any, of: str) -> Reverting:
    """Draft the earlier values of what the run ``of`` wrote to a target; nothing is written there.

    A draft is a plan without a seal, which nothing sends: whoever only looks leaves other plans as they are. ``commit``
    makes it one that is sent. Hold the lease ``push:<connection>`` meanwhile.
    """
    target, now = config.name, time.now()
    work = work_of(run.hub, config, connector)
    settle(run.store, target, connector, run_id=run.id, now=now, sleep=patient)
    plan_id = mint("plan")
    records = written_by(run.store, of, target)
    streams = {stream.name: stream for stream in work.streams}
    opt_outs = {name: _opt_outs(stream) for name, stream in streams.items()}
    result = Reverting(target)
    head = {"id": plan_id, "target": target, "run_id": run.id, "state": "open", "rules_hash": work.rules_hash}
    for some in chunks(sorted(records), BATCH):
        refresh(run.store, target, connector, some, streams, now)
        with run.store.read() as connection:
            views = _views(connection, target, some)
        rows = []
        for view in views:
            stream = streams.get(view.row.object)
            taken = _taken_back(records[view.row.id], view, stream, of, opt_outs.get(view.row.object, frozenset()))
            result.left += _listed(view, taken, records[view.row.id], connector)
            if taken.fields and stream is not None:
                rows.append(_row(view, taken, stream.level, plan_id, run.id, now))
            elif not taken.left and not records[view.row.id].created:
                result.already += 1
        if rows:
            with run.store.write() as connection:
                if not result.records:
                    connection.execute(insert(plan).values(**head, kept_out={}, made_at=now))
                connection.execute(insert(outbox), rows)
        result.records += len(rows)
        run.tell(f"planning {target}", len(some))
    if result.records:
        result.plan = draft(run, work, connector, plan_id)
    return result


def commit(run: Run, config: ConnectionConfig, connector: Any, drafted: Plan) -> Plan:
    """Seal a draft, which stops the plans before it. What nothing may be taken back of by now stays out of it.

    Hold the lease ``push:<connection>`` meanwhile.
    """
    now = time.now()
    earlier = CarryOver(config.name, drafted.id, run.id, now)
    earlier.make_room(run.store)
    earlier.finish(run.store)  # nothing goes over into a plan that takes back
    with run.store.read() as connection:
        query = select(outbox.c.id, outbox.c.remote_pk).where(outbox.c.plan_id == drafted.id, outbox.c.state == DRAFTED)
        lines = connection.execute(query.order_by(outbox.c.id)).all()
    for some in chunks(lines):
        with run.store.write() as connection:
            views = _views(connection, config.name, [line.remote_pk for line in some])
            free = {view.row.id for view in views if view.why is None}
            ids = [line.id for line in some if line.remote_pk in free]
            connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(state="planned", updated_at=now))
    work = work_of(run.hub, config, connector)
    return seal(run.store, work, connector, drafted.id, {}, now, run.override, run.hub.folder / "plans")


def _opt_outs(stream: TargetStream) -> frozenset[str]:
    """The fields of a target's stream that hold an opt-out."""
    wanted = stream.mapping.desired({OPT_OUT: True})
    return frozenset(name for name, want in wanted.items() if want.source == OPT_OUT)


def refresh(
    store: Store, target: str, connector: Any, pks: Sequence[int], streams: Mapping[str, TargetStream], now: int
) -> None:
    """Bring the mirror of these records up to date: not every change has landed, and not every target lands."""
    if not connector.capabilities.can_read:
        return
    with store.read() as connection:
        rows = connection.execute(select(remote).where(remote.c.id.in_(pks), remote.c.state == "live")).all()
    for object in sorted({row.object for row in rows} & streams.keys()):
        there = {row.remote_id: row for row in rows if row.object == object}
        versions = {id: row.version for id, row in there.items() if row.version is not None}
        others = [id for id in there if id not in versions]
        seen = patiently(partial(_changed, connector, object, versions, others), patient)
        with store.write() as connection:
            known = [Seen(each, there[each.remote_id].mention_id, each.deleted) for each in seen]
            observe_all(connection, target, object, known, now=now)


def _changed(connector: Any, object: str, versions: Mapping[str, str], others: Sequence[str]) -> list[Remote]:
    """Those that moved from the version that is known, and those of which none is known."""
    changed = list(connector.changed_since(object, list(versions), versions)) if versions else []
    return changed + (list(connector.fetch(object, others)) if others else [])


@dataclass(frozen=True, slots=True)
class _View:
    """A record in the target, the golden record that it stands for, and what forbids to touch it now."""

    row: Row[Any]
    golden: Row[Any] | None
    why: Why | None


def _views(connection: Connection, target: str, pks: Sequence[int]) -> list[_View]:
    rows = connection.execute(select(remote).where(remote.c.id.in_(pks)).order_by(remote.c.id)).all()
    mentions = _mentions(connection, rows)
    goldens = golden_of(connection, mentions.values())
    query = select(golden.c.id, golden.c.version, golden.c.public_id).where(golden.c.id.in_(set(goldens.values())))
    versions = {row.id: row for row in connection.execute(query)}
    query = select(mention.c.id).where(mention.c.id.in_(set(mentions.values())), mention.c.state == "erased")
    erased = set(connection.scalars(query))
    query = select(outbox.c.subject).where(outbox.c.target == target, outbox.c.state.in_(IN_FLIGHT))
    in_flight = set(connection.scalars(query))
    views = []
    for row in rows:
        about = mentions.get(row.id)
        why = None
        if row.state != "live":
            why = Why.GONE
        elif about in erased:
            why = Why.ERASED
        elif subject(row.object, row.external_id or "") in in_flight:
            why = Why.UNANSWERED
        views.append(_View(row, versions.get(goldens.get(about or 0, 0)), why))
    return views


def _mentions(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, int]:
    """The mention that each record, or what it is a copy of, hangs on; by ``remote.id``."""
    found = {row.id: row.mention_id for row in rows if row.hanging is None and row.mention_id is not None}
    for name in {row.hanging for row in rows if row.hanging is not None}:
        table = HANGING[name]
        hung = {row.hanging_id: row.id for row in rows if row.hanging == name}
        query = select(table.c.id, table.c.mention_id).where(table.c.id.in_(hung), table.c.mention_id.is_not(None))
        found |= {hung[each.id]: each.mention_id for each in connection.execute(query)}
    return found


def _taken_back(
    written: Written, view: _View, stream: TargetStream | None, of: str, opt_outs: Collection[str]
) -> TakenBack:
    wrote = written.fields
    if written.created:
        closes = stream.taken_back if stream is not None else {}
        if not closes or view.why is Why.GONE:
            return TakenBack()
        # It stays there, and gets the values that say so.
        wrote = {
            name: replace(wrote[name], old=value) if name in wrote else Wrote(value, None)
            for name, value in closes.items()
        }
    why = view.why or (Why.NOT_CONFIGURED if stream is None else None)
    now = Standing(view.row.observed, view.row.written)
    if why is not None or stream is None:
        why = why or Why.NOT_CONFIGURED
        left = {name: Left(why, each.old, each.new, now.observed.get(name)) for name, each in wrote.items()}
        return TakenBack({}, left)
    return take_back(wrote, now, source=f"run {of}", fields=stream.fields, opt_outs=opt_outs)


def _row(view: _View, taken: TakenBack, level: int, plan_id: str, run_id: str, now: int) -> dict[str, Any]:
    row = view.row
    return {
        "plan_id": plan_id,
        "target": row.target,
        "object": row.object,
        "position": level,
        "action": Kind.UPDATE.value,
        "state": DRAFTED,
        "subject": subject(row.object, row.external_id),
        "golden_id": view.golden.id if view.golden else None,
        "golden_version": view.golden.version if view.golden else None,
        "hanging": row.hanging,
        "hanging_id": row.hanging_id,
        "remote_pk": row.id,
        "remote_id": row.remote_id,
        "remote_version": row.version,
        "external_id": row.external_id,
        "parents": {},
        "fields": {name: change.as_dict() for name, change in taken.fields.items()},
        "attempts": 0,
        "run_id": run_id,
        "updated_at": now,
    }


# --- what is left -----------------------------------------------------------------------------------------------------


def _listed(view: _View, taken: TakenBack, written: Written, connector: Any) -> list[Document]:
    """One entry a record and reason."""
    public_id = view.golden.public_id if view.golden else None
    if written.created and not (taken.fields or taken.left):
        there = view.row.state == "live"
        return [entry(Why.CREATED, view.row.object, view.row.remote_id, public_id, {}, connector)] if there else []
    return [
        entry(
            why,
            view.row.object,
            view.row.remote_id,
            public_id,
            {name: each.as_dict() for name, each in taken.left.items() if each.why is why},
            connector,
        )
        for why in Why
        if any(each.why is why for each in taken.left.values())
    ]


def entry(
    why: Why,
    object: str,
    remote_id: str | None,
    golden_id: str | None,
    fields: Document,
    connector: Any,
) -> Document:
    """One record, or some of its fields, that is left as it is, and where people see it."""
    return {
        "why": why.value,
        "object": object,
        "remote_id": remote_id,
        "url": connector.record_url(object, remote_id) if remote_id else None,
        "golden_id": golden_id,
        "fields": fields,
    }
