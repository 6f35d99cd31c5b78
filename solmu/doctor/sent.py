"""Invariants 6 to 9: what was sent to targets."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, case, func, select

from solmu.config import Hub
from solmu.store import Store
from solmu.store.lease import held
from solmu.store.tables import consent, golden, link, mention, outbox, plan, remote
from solmu.sync.action import OPT_OUT
from solmu.sync.revert import REVERT
from solmu.sync.seal import digest

_GONE_OUT = ("sent", "created", "updated", "linked", "rejected", "retriable", "unknown")
_BATCH = 1_000


def sealed(store: Store, hub: Hub) -> Iterator[str]:
    """What went out belongs to a sealed plan, and every sealed plan is as it was sealed."""
    with store.read() as connection:
        loose = (
            select(plan.c.id, func.count().label("actions"))
            .join(outbox, outbox.c.plan_id == plan.c.id)
            .where(plan.c.sealed_at.is_(None), outbox.c.state.in_(_GONE_OUT))
            .group_by(plan.c.id)
        )
        for row in connection.execute(loose):
            yield f"{row.actions} actions of plan {row.id} went out, and it was never sealed"
        for row in connection.execute(select(plan).where(plan.c.sealed_at.is_not(None)).order_by(plan.c.made_at)):
            if digest(connection, row.id).hash != row.hash:
                yield f"plan {row.id} is not what was sealed"


def once(store: Store, hub: Hub) -> Iterator[str]:
    """One golden record, or what hangs on one, has at most one record of our making in each object of a target."""
    times = func.count(func.distinct(remote.c.id)).label("times")
    # A golden record is named by its anchor mention. Two records that were made of two golden records, before those
    # became one or after they were parted, are no doubles; nor is one that was made while the other stood elsewhere,
    # as after a split that a steward has undone since.
    earlier = link.alias()
    moved = select(earlier.c.mention_id).where(
        earlier.c.mention_id == remote.c.mention_id, earlier.c.until.is_not(None)
    )
    anchor = case((outbox.c.hanging.is_(None), outbox.c.golden_id))
    about = (outbox.c.target, outbox.c.object, outbox.c.hanging, outbox.c.hanging_id, anchor, link.c.golden_id)
    twice = (
        select(outbox.c.target, outbox.c.object, times, func.min(remote.c.remote_id).label("one"))
        .join(remote, remote.c.id == outbox.c.remote_pk)
        .outerjoin(link, and_(link.c.mention_id == remote.c.mention_id, link.c.until.is_(None)))
        .where(outbox.c.action == "create", outbox.c.state == "created", remote.c.state == "live", ~moved.exists())
        .group_by(*about)
        .having(times > 1)
    )
    with store.read() as connection:
        for row in connection.execute(twice):
            yield f"{row.target}/{row.object}: {row.one} was made {row.times} times"
        overdue = (
            select(outbox.c.target, func.count().label("actions"))
            .where(outbox.c.state == "sent", ("push:" + outbox.c.target).not_in(held(connection)))
            .group_by(outbox.c.target)
        )
        for row in connection.execute(overdue):
            yield f"{row.target}: {row.actions} actions were sent, and nobody waits for their answers any more"


def absent(store: Store, hub: Hub) -> Iterator[str]:
    """An action that empties a field is one that a steward, an erasure or a revert asked for."""
    after = 0
    while True:
        with store.read() as connection:
            rows = connection.execute(
                select(
                    outbox.c.id,
                    outbox.c.target,
                    outbox.c.object,
                    outbox.c.remote_id,
                    outbox.c.fields,
                    outbox.c.parents,
                )
                .where(outbox.c.id > after, outbox.c.action.in_(("update", "link")))
                .order_by(outbox.c.id)
                .limit(_BATCH)
            ).all()
        for row in rows:
            for name, change in row.fields.items():
                if change["new"] in (None, "", []) and change["old"] not in (None, "", []):
                    # A parent that the same plan makes has no id yet when the plan is sealed.
                    if change["rule"] in {"pin", "erasure", REVERT} or name in row.parents:
                        continue
                    yield f"{row.target}/{row.object}/{row.remote_id}: {name} would be emptied by rule {change['rule']}"
        if len(rows) < _BATCH:
            return
        after = rows[-1].id


def kept(store: Store, hub: Hub) -> Iterator[str]:
    """Nothing is deleted unless it is allowed, and whoever opted out anywhere is marked so."""
    with store.read() as connection:
        deletes = (
            select(outbox.c.target, func.count().label("actions"))
            .where(outbox.c.action == "delete", outbox.c.state.not_in(("held", "superseded")))
            .group_by(outbox.c.target)
        )
        for row in connection.execute(deletes):
            yield f"{row.target}: {row.actions} deletes, and the connection does not allow any"
        opted_out = (
            select(golden.c.public_id, golden.c.document, mention.c.claim)
            .join(link, and_(link.c.golden_id == golden.c.id, link.c.until.is_(None)))
            .join(consent, consent.c.mention_id == link.c.mention_id)
            .join(mention, mention.c.id == link.c.mention_id)
            .where(consent.c.purpose == "email", consent.c.allowed.is_(False), golden.c.state == "live")
            .order_by(golden.c.id)
        )
        silent: set[str] = set()
        for row in connection.execute(opted_out):
            # What we wrote ourselves stands in a target for ever, also when its source has taken it back since.
            is_echo = (row.claim or {}).get(OPT_OUT, {}).get("own") is False
            if not is_echo and row.document.get(OPT_OUT, {}).get("value") is not True:
                silent.add(row.public_id)
        for public_id in sorted(silent):
            yield f"{public_id} opted out of e-mail, and the golden record does not say so"
