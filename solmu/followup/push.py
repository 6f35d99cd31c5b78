"""Pushing a list as tasks: look, store them as the hub's own, plan, send. A plan like any other carries them.

Nothing is stored before somebody has seen what would be made and agreed. Then the tasks and the lines that make them
are stored together, so that whatever crashes, the next run goes on with what was agreed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, insert, select

from solmu.config import ConnectionConfig
from solmu.config.connectors import open_connector
from solmu.config.hub import Hub
from solmu.errors import SolmuError
from solmu.followup.own import FOLLOW_UP, OWN, STREAM
from solmu.followup.tasks import Ask, Ready, Task, key_of, ready
from solmu.model import Entity
from solmu.store import Store, time
from solmu.store.ids import mint
from solmu.store.lease import lease
from solmu.store.migrate import hash_key
from solmu.store.payload import canonical, content_hash, keyed_hash, pack
from solmu.store.sql import chunks, new_ids
from solmu.store.tables import activity, plan, remote, source_record, source_version
from solmu.sync import ledger
from solmu.sync.action import CHANGES, Context, GoldenView, Parent
from solmu.sync.arm import arming
from solmu.sync.guard import Push, look_at_push, stop
from solmu.sync.interrupt import patient
from solmu.sync.outbox import PREFIX
from solmu.sync.plan import plan_record
from solmu.sync.planned import Batch, Line, TargetStream
from solmu.sync.planning import work_of
from solmu.sync.revert_plan import refresh
from solmu.sync.run import Run, Tell, begin, finish, kept, reconcile, send_plan, silent, to_the_end
from solmu.sync.settle import settle
from solmu.sync.storing import store_batch
from solmu.sync.views import Golden, Hung
from solmu.sync.whole_plan import Plan, seal

KIND = "tasks"
"""The kind of these runs."""

_AT_ONCE = 200


def push_tasks(
    hub: Hub,
    store: Store,
    ask: Ask,
    *,
    seen: str,
    who: str,
    override: Collection[str] = (),
    tell: Tell = silent,
) -> dict[str, Any]:
    """Make the tasks that somebody has ``seen`` (``Ready.seen``), if they are the same still; gives the run report.

    Beside what every report has stands ``tasks``: what ``Ready.as_dict`` gives, with ``plan``, the plan's id, or None
    where nothing was made. A problem with the code ``moved`` says that the list or the target has changed since
    somebody looked. Raises SolmuError as ``ready`` does, and where the target is not armed.
    """
    with store.read() as connection:
        looked = ready(connection, hub, ask)
        if not arming(connection, ask.target).armed:
            raise SolmuError(
                f"{ask.target} is read-only until it is armed",
                code="not-armed",
                connection=ask.target,
                expected=f"`solmu target arm {ask.target}` after a look at its plan",
            )
    config = hub.connection(ask.target)
    run = begin(hub, store, kind=KIND, override=override, tell=tell, detail={"list": ask.figure, "who": who})
    document = {**looked.as_dict(), "plan": None}
    with to_the_end(run):
        taken = lease(store, f"push:{ask.target}", wait=run.patience)
        with kept(run, ask.target), taken, open_connector(hub, config) as connector:
            found = _looked_again(run, ask, connector, seen)
            document = {**found.as_dict(), "plan": None}
            if found.tasks:
                made = _planned(run, config, connector, found)
                document["plan"] = made.id
                _note(run, ask, who, len(found.tasks), made.id)
                send_plan(run, config, connector, made.id, None)
        if document["plan"]:
            reconcile(run, ask.target)
    return {**finish(run), "tasks": document}


def _looked_again(run: Run, ask: Ask, connector: Any, seen: str) -> Ready:
    """What would be made, by what the target itself says of the tasks that it has. Raises where that is another thing
    than was ``seen``, and where there are more than a guard lets pass: then nothing of it is stored."""
    now = time.now()
    work = work_of(run.hub, run.hub.connection(ask.target), connector)
    settle(run.store, ask.target, connector, run_id=run.id, now=now, sleep=patient)
    streams = {stream.name: stream for stream in work.streams}
    for some in chunks(_tasks_there(run.store, ask.target)):
        refresh(run.store, ask.target, connector, some, streams, now)
    with run.store.read() as connection:
        found = ready(connection, run.hub, ask)
    if found.seen != seen:
        raise SolmuError(
            "the list, or what the target holds, has changed since somebody looked at it; nothing was made",
            code="moved",
            connection=ask.target,
            expected="another look",
        )
    limits, number = run.hub.settings.guards, len(found.tasks)
    push = Push(created=number, calls=connector.calls_for(found.stream, number), calls_left=connector.calls_left())
    stop(look_at_push(push, limits, overridden=run.override), connection=ask.target)
    return found


def _tasks_there(store: Store, target: str) -> list[int]:
    """The records of the target that are tasks of the hub's own."""
    query = (
        select(remote.c.id, remote.c.target)
        .join(activity, (activity.c.id == remote.c.hanging_id) & (activity.c.kind == FOLLOW_UP))
        .join(source_record, source_record.c.id == activity.c.record_id)
        .where(remote.c.hanging == activity.name, remote.c.state == "live", source_record.c.connection == OWN)
    )
    with store.read() as connection:
        return [row.id for row in connection.execute(query) if row.target == target]


def _planned(run: Run, config: ConnectionConfig, connector: Any, found: Ready) -> Plan:
    work = work_of(run.hub, config, connector)
    stream = next(each for each in work.streams if each.name == found.stream)
    plan_id, now = mint("plan"), time.now()
    head = {"id": plan_id, "target": config.name, "run_id": run.id, "state": "open", "rules_hash": work.rules_hash}
    with run.store.write() as connection:
        connection.execute(insert(plan).values(**head, kept_out={}, made_at=now))
    for some in chunks(found.tasks, _AT_ONCE):
        with run.store.write() as connection:
            hung = _stored(connection, found.ask, some, run.id, now)
            lines = [_line(stream, task, each) for task, each in zip(some, hung, strict=True)]
            store_batch(connection, Batch(lines), config.name, plan_id, run.id, now)
        run.tell(f"planning {config.name}", len(some))
    kept_out = {"task-open": found.open, "not-in-target": found.not_there}
    kept_out = {name: number for name, number in kept_out.items() if number}
    made = seal(run.store, work, connector, plan_id, kept_out, now, run.override, run.hub.folder / "plans")
    with run.store.write() as connection:
        ledger.add(connection, run.id, "targets", config.name, {"kept_out": sum(kept_out.values())})
    return made


def _stored(connection: Connection, ask: Ask, tasks: Sequence[Task], run_id: str, now: int) -> list[Hung]:
    """The tasks as what the hub itself says: raw first, like everything else."""
    key = hash_key(connection)
    ids = partial(new_ids, connection, count=len(tasks))
    records, versions, activities = ids(source_record), ids(source_version), ids(activity)
    names = [key_of(ask, f"{task.public_id}/{mint('task')}") for task in tasks]
    documents = [_document(ask, task) for task in tasks]
    texts = [
        canonical({"customer": task.public_id, "list": ask.figure, **each})
        for task, each in zip(tasks, documents, strict=True)
    ]
    hashes = [content_hash(key, text) for text in texts]
    connection.execute(
        insert(source_record),
        [
            {"id": id, "connection": OWN, "stream": STREAM, "key": name, "content_hash": hashed, "version_id": version,
             "state": "mapped", "run_id": run_id}
            for id, name, hashed, version in zip(records, names, hashes, versions, strict=True)
        ],
    )  # fmt: skip
    connection.execute(
        insert(source_version),
        [
            {"id": version, "record_id": id, "run_id": run_id, "outcome": "new", "content_hash": hashed,
             "payload": pack(text), "landed_at": now}
            for id, version, hashed, text in zip(records, versions, hashes, texts, strict=True)
        ],
    )  # fmt: skip
    connection.execute(
        insert(activity),
        [
            {"id": id, "record_id": record, "slot": "activity", "mention_id": task.golden_id, "state": "live",
             "document": each, "document_hash": keyed_hash(key, canonical(each)), "kind": FOLLOW_UP, "on": each["on"]}
            for id, record, task, each in zip(activities, records, tasks, documents, strict=True)
        ],
    )  # fmt: skip
    ledger.add(connection, run_id, "streams", f"{OWN}/{STREAM}", {"read": len(tasks), "new": len(tasks)})
    return [
        Hung(activity.name, id, each, f"{OWN}/{STREAM}/{name}", None)
        for id, each, name in zip(activities, documents, names, strict=True)
    ]


def _document(ask: Ask, task: Task) -> dict[str, Any]:
    fields = {"kind": FOLLOW_UP, "subject": ask.subject.strip(), "on": ask.due.isoformat(), "owner": task.owner}
    return {name: value for name, value in fields.items() if value is not None}


def _line(stream: TargetStream, task: Task, hung: Hung) -> Line:
    view = GoldenView(task.golden_id, task.version, hung.document, {}, dict.fromkeys(hung.document, hung.source))
    parents = {name: Parent(remote_id, source=task.public_id) for name, remote_id in task.parents.items()}
    context = Context(
        fields=stream.fields,
        external_id=stream.external_id,
        parents=parents,
        default_rule=CHANGES,
        object=stream.name,
    )
    action = plan_record(view, stream.mapping.desired(hung.document), None, context)
    record = Golden(task.golden_id, task.public_id, Entity.ORGANISATION, "live", task.version, {}, {})
    return Line(stream, record, hung, None, mint(PREFIX), action)


def _note(run: Run, ask: Ask, who: str, number: int, plan_id: str) -> None:
    detail = {"run": run.id, "plan": plan_id, "target": ask.target, "tasks": number, "only": sorted(ask.only)}
    with run.store.write() as connection:
        ledger.note(
            connection,
            what="list pushed as tasks",
            subject=f"list:{ask.figure}",
            detail=detail,
            now=time.now(),
            who=who,
        )
