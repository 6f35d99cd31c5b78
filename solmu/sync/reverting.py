"""Taking a run back: land, draft, show, send. ``revert`` says what goes back and what is left.

Once it is agreed to, a revert is a plan like any other: sealed, guarded, looked at before each batch, and sent by the
same ``apply``. Until then it is a draft, and whatever else was planned stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import select

from solmu.config import Hub
from solmu.config.connectors import open_connector
from solmu.errors import ConfigurationError
from solmu.store import Store, time
from solmu.store.lease import lease
from solmu.store.tables import mention, outbox
from solmu.sync import ledger
from solmu.sync.revert import REVERT, Why
from solmu.sync.revert_plan import Document, Reverting, commit, entry, plan_revert
from solmu.sync.run import (
    Run,
    Tell,
    begin,
    finish,
    kept,
    land_connection,
    reconcile,
    resolve,
    send_plan,
    silent,
    to_the_end,
)
from solmu.sync.written import run_named, targets_of

Confirm = Callable[[Document], bool]
"""Asked with what would be done, as ``revert_run`` gives it, whether to do it."""


def revert_run(
    hub: Hub,
    store: Store,
    name: str,
    *,
    confirm: Confirm,
    only: Collection[str] = (),
    override: Collection[str] = (),
    tell: Tell = silent,
) -> Document:
    """Take back what the run ``name`` wrote, after ``confirm`` has seen it; gives the run report.

    The targets land first, so that what people have changed there since is known. Beside what every report has stands
    ``revert``: ``{run, done, targets: {name: {plan, records, already, calls_estimated, guards, left: [{why, object,
    remote_id, url, golden_id, fields: {F: {old, wrote, holds, run}}}]}}}``; ``done`` says whether it was
    confirmed, and so sent as far as guards and target let it. Its exit is 3 where something is left.
    Raises ConfigurationError where there is no such run, or one of its targets is not written to any more.
    """
    with store.read() as connection:
        of = run_named(connection, name)
        targets = [each for each in targets_of(connection, of) if not only or each in only]
    for each in targets:
        _check_target(hub, each)
    run = begin(hub, store, kind=REVERT, override=override, tell=tell, detail={"reverts": of})
    with to_the_end(run):
        found = _prepare(run, of, targets)
    document: Document = {"run": of, "done": False, "targets": {each.target: each.as_dict() for each in found}}
    planned = [each for each in found if each.plan is not None]
    if planned and run.interrupted is None and confirm(document):
        with to_the_end(run):
            _send(run, of, planned)
        document |= {"done": True, "targets": {each.target: each.as_dict() for each in found}}
    report = finish(run)
    code = report["exit"] or (3 if any(each.left for each in found) else 0)
    return {**report, "revert": document, "exit": code}


def _prepare(run: Run, of: str, targets: Sequence[str]) -> list[Reverting]:
    found: list[Reverting] = []
    for name in targets:
        with kept(run, name):
            if run.hub.connection(name).is_source:
                land_connection(run, name)
    resolve(run)
    for name in targets:
        if name in run.failed:
            continue  # what it holds now is not known
        with kept(run, name), lease(run.store, f"push:{name}", wait=run.patience):
            config = run.hub.connection(name)
            with open_connector(run.hub, config) as connector:
                found.append(plan_revert(run, config, connector, of))
    return found


def _check_target(hub: Hub, name: str) -> None:
    config = hub.connections.get(name)
    if config is None or not config.is_target or not config.enabled:
        raise ConfigurationError(
            f"the run wrote to {name}, which the hub does not write to any more",
            connection=name,
            expected="the connection enabled with direction both or target, or --select for the others",
        )


def _send(run: Run, of: str, planned: Sequence[Reverting]) -> None:
    detail = {"run": run.id, "plans": [each.plan.id for each in planned if each.plan]}
    with run.store.write() as connection:
        ledger.note(connection, what="run taken back", subject=of, detail=detail, now=time.now())
    for each in planned:
        config = run.hub.connection(each.target)
        with (
            kept(run, each.target),
            lease(run.store, f"push:{each.target}", wait=run.patience),
            open_connector(run.hub, config) as connector,
        ):
            assert each.plan is not None
            each.plan = commit(run, config, connector, each.plan)
            send_plan(run, config, connector, each.plan.id, None)
            moved = _moved(run.store, each.plan.id, connector)
            each.left += moved
            each.records -= len(moved)
        reconcile(run, each.target)


def _moved(store: Store, plan_id: str, connector: Any) -> list[Document]:
    """What somebody changed between the plan and its sending."""
    query = (
        select(outbox.c.object, outbox.c.remote_id, outbox.c.fields, mention.c.public_id)
        .outerjoin(mention, mention.c.id == outbox.c.golden_id)  # a golden record's id is its anchor mention's
        .where(outbox.c.plan_id == plan_id, outbox.c.state == "superseded")
        .order_by(outbox.c.id)
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    listed = []
    for row in rows:
        fields = {
            name: {"old": change["new"], "wrote": change["old"], "holds": None, "run": None}
            for name, change in row.fields.items()
        }
        listed.append(entry(Why.EDITED, row.object, row.remote_id, row.public_id, fields, connector))
    return listed
