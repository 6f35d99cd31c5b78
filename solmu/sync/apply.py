"""Taking a sealed plan to its target.

What an earlier run sent without an answer is looked up before anything is sent again; ``call`` says how a batch goes on
its way so that this is known, ``sending`` which goes when.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select, update

from solmu.beside.garbage import rarely_collected
from solmu.config import ConnectionConfig, Hub
from solmu.errors import ConfigurationError, Stopped
from solmu.store import Store
from solmu.store.tables import plan
from solmu.sync import strangers
from solmu.sync.arm import FIRST, arming
from solmu.sync.call import Push
from solmu.sync.guard import Limits, look_at_push, stop
from solmu.sync.outbox import counts, hold
from solmu.sync.seal import Digest, named
from solmu.sync.seal import digest as read
from solmu.sync.sending import send_all
from solmu.sync.settle import Sleep, settle
from solmu.sync.streams import rules_hash
from solmu.sync.target import Target
from solmu.sync.whole_plan import push_of


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a plan so far: its actions by state.

    ``stopped_by`` says why some are held: ``first-ten``, ``limit``, or ``unavailable`` if the target stopped answering.
    """

    plan_id: str
    counts: Mapping[str, int]
    stopped_by: str | None = None


def apply(
    store: Store,
    hub: Hub,
    config: ConnectionConfig,
    connector: Target,
    plan_id: str,
    *,
    run_id: str,
    now: int,
    limit: int | None = None,
    override: Collection[str] = (),
    progress: Callable[[int], None] | None = None,
    sleep: Sleep = clock.sleep,
    digest: Digest | None = None,
) -> Applied:
    """Send what is left of a plan, named by its id or by the path of its file.

    Hold the lease ``push:<connection>`` meanwhile. ``limit`` is how many records are sent at most, ``override`` names
    guards that are let pass. Raises Stopped, with nothing sent, if the plan is not sealed or not what was sealed
    (``not-sealed``, ``plan-changed``), was made under other rules (``rules-changed``), the target is not armed
    (``not-armed``), its first ten records were not confirmed (``first-ten``) or a guard trips; what the plan holds then
    waits as *held*. Raises Fatal where the target needs an administrator.

    ``digest`` is the plan's own, where it was sealed under this very lease: it is not read a second time then.
    """
    return send(
        store,
        config.name,
        connector,
        plan_id,
        rules_hash=rules_hash(hub, config),
        limits=hub.settings.guards,
        run_id=run_id,
        now=now,
        limit=limit,
        override=override,
        progress=progress,
        sleep=sleep,
        digest=digest,
    )


def send(
    store: Store,
    target: str,
    connector: Target,
    plan_id: str,
    *,
    rules_hash: str,
    limits: Limits,
    run_id: str,
    now: int,
    limit: int | None = None,
    override: Collection[str] = (),
    progress: Callable[[int], None] | None = None,
    sleep: Sleep = clock.sleep,
    digest: Digest | None = None,
) -> Applied:
    """The same for a hub whose rules and limits are given."""
    plan_id, stated = named(plan_id)
    push = Push(store, target, connector, plan_id, run_id, now, sleep, progress or (lambda _: None))
    try:
        found = _check_seal(push, stated, rules_hash, digest)
        _check_armed(push)
        _check_guards(push, found, limits, override)
    except Stopped as stopped:
        with store.write() as connection:
            hold(connection, plan_id, code=stopped.guard, message=stopped.message, run_id=run_id, now=now)
            connection.execute(
                update(plan).where(plan.c.id == plan_id, plan.c.state == "sealed").values(state="stopped")
            )
        raise
    settle(store, target, connector, run_id=run_id, now=now, sleep=sleep)
    with rarely_collected():
        stopped_by = send_all(push, limit)
    return _finish(push, stopped_by)


# --- before anything is sent ------------------------------------------------------------------------------------------


def _check_seal(push: Push, stated: str | None, rules_hash: str, known: Digest | None) -> Digest:
    with push.store.read() as connection:
        row = connection.execute(select(plan).where(plan.c.id == push.plan_id)).first()
        if row is None or row.target != push.target:
            raise ConfigurationError(
                f"there is no plan {push.plan_id} for {push.target}",
                connection=push.target,
                value=push.plan_id,
                expected="a plan that `solmu plan` has made for this target",
            )
        if row.hash is None or row.state == "open":
            raise Stopped(
                "the plan was not finished", guard="not-sealed", connection=push.target, expected="a plan made anew"
            )
        if row.rules_hash != rules_hash:
            raise Stopped(
                "the plan was made under another configuration",
                guard="rules-changed",
                connection=push.target,
                expected="a plan made anew",
            )
        found = known or read(connection, push.plan_id)
        if (stated or row.hash) != row.hash or found.hash != row.hash:
            given_up = found.hash == row.hash
            raise Stopped(
                "a newer plan has taken over what this one did not send"
                if given_up
                else "the plan is not what was sealed",
                guard="plan-changed",
                connection=push.target,
                expected="a plan made anew",
            )
    return found


def _check_armed(push: Push) -> None:
    with push.store.read() as connection:
        state = arming(connection, push.target)
    if not state.armed:
        raise Stopped(
            "the target is read-only until it is armed",
            guard="not-armed",
            connection=push.target,
            expected=f"`solmu target arm {push.target}` after a look at the plan",
        )
    if state.left == 0:
        raise Stopped(
            f"the first {FIRST} records were sent, and nobody has confirmed yet that they look right",
            guard="first-ten",
            connection=push.target,
            expected=f"`solmu target arm {push.target} --first-ten-are-right` after a look at them there",
        )


def _check_guards(push: Push, found: Digest, limits: Limits, override: Collection[str]) -> None:
    with push.store.read() as connection:
        seen = push_of(connection, push.target, push.plan_id, found, limits, push.connector)
    stop(look_at_push(seen, limits, overridden=override), connection=push.target)
    if strangers.GUARD in override:
        with push.store.write() as connection:
            strangers.accept(connection, push.target)


def _finish(push: Push, stopped_by: str | None) -> Applied:
    with push.store.write() as connection:
        found = counts(connection, push.plan_id)
        if stopped_by is None:
            connection.execute(update(plan).where(plan.c.id == push.plan_id).values(state="applied"))
    return Applied(push.plan_id, found, stopped_by)
