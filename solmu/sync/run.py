"""A run: land, resolve, plan, guard, apply, reconcile.

Each step is a function that takes the run and does one thing, so that a flow can make a task of each, and a person can
call one by one. A connection that fails does not stop the others: what happened is kept with the run, and told at the
end.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from solmu.config import ConnectionConfig, Hub, StreamConfig
from solmu.config.connectors import open_connector
from solmu.errors import Busy, ConfigurationError, Retriable, SolmuError, Stopped
from solmu.exchange import StreamInfo
from solmu.golden.recompute import recompute
from solmu.golden.rules import Rules
from solmu.mapping import SourceMapping, load_source_mapping, load_target_mapping
from solmu.match.bundles import active
from solmu.match.proof import watch
from solmu.match.resolve import resolve as resolve_mentions
from solmu.model import Entity
from solmu.notify.tell import tell as tell_people
from solmu.notify.tell import telling_if_it_breaks_off
from solmu.report.dedupe_files import keep_dedupe
from solmu.report.html import refusals_of, write_html
from solmu.report.quality import measure
from solmu.report.run import run_report, write_report
from solmu.review.priority import rank
from solmu.store import Store, time
from solmu.store.lease import lease, process_here
from solmu.store.tables import plan as plan_table
from solmu.sync import ledger
from solmu.sync.along import mapping_along
from solmu.sync.apply import apply
from solmu.sync.arm import arming
from solmu.sync.claims import map_pending, release_mended
from solmu.sync.garbage import rarely_collected
from solmu.sync.guard import look_at_stream, stop
from solmu.sync.interrupt import Interrupted, check, heeding_signals, patient
from solmu.sync.land import Limits, land, stored_cursor
from solmu.sync.merged_there import settle_merges
from solmu.sync.part import Part
from solmu.sync.planning import make_plan
from solmu.sync.reading import foreseen
from solmu.sync.rules import follow_rules, golden_rules, target_rules
from solmu.sync.seal import named
from solmu.sync.stage import Stage, mapping_of_file
from solmu.sync.stream import Stream

PATIENCE = 300
"""Seconds that a run waits for another one to have resolved."""

A_MOMENT = 60
"""Seconds that a run waits for another one to be done with a connection; a small run of `solmu serve` takes less."""

_LEAVES_A_DEDUPE_REPORT = frozenset({"run", "import"})

Tell = Callable[[str, int], None]
"""Told how far a step is: its name, and how many rows or records more are done."""


def silent(_step: str, _more: int) -> None:
    """Tell nobody."""


_listener: ContextVar[Tell] = ContextVar("listener", default=silent)


@contextmanager
def listening(tell: Tell) -> Iterator[None]:
    """Tell ``tell`` of every run that begins in this block and is not given a listener of its own.

    For whoever starts a run through something that takes data only, as a Prefect flow does.
    """
    token = _listener.set(tell)
    try:
        yield
    finally:
        _listener.reset(token)


@dataclass(slots=True)
class Run:
    """One run under way."""

    hub: Hub
    store: Store
    id: str
    kind: str
    started: int
    tell: Tell = silent
    override: Collection[str] = ()
    patience: float = A_MOMENT
    problems: list[SolmuError] = field(default_factory=list)
    guards: list[str] = field(default_factory=list)
    tried: set[str] = field(default_factory=set)  # connections that were read or written to
    refused_again: int = 0  # rows that waited in quarantine, were tried anew, and wait again
    failed: set[str] = field(default_factory=set)  # those of them that could not be to the end
    interrupted: int | None = None  # the exit code, where a signal ended the run between two batches

    @property
    def targets(self) -> list[str]:
        """The names of all connections that are written to."""
        return [c.name for c in self.hub.connections.values() if c.is_target and c.enabled]

    @property
    def sources(self) -> list[str]:
        """The names of all connections that are read from."""
        return [c.name for c in self.hub.connections.values() if c.is_source and c.enabled]

    def progress(self, step: str) -> Callable[[int], None]:
        """What a step calls after each batch that is stored. Raises Interrupted if an end is asked for."""

        def batch_done(more: int) -> None:
            self.tell(step, more)
            check()

        return batch_done


def begin(
    hub: Hub,
    store: Store,
    *,
    kind: str = "run",
    detail: Mapping[str, Any] | None = None,
    override: Collection[str] = (),
    patience: float = A_MOMENT,
    tell: Tell | None = None,
) -> Run:
    """Open a run. ``override`` names guards that are let pass this once; each leaves an audit line.

    ``patience`` is how many seconds it waits for another run that has a connection. ``tell`` defaults to whoever is
    ``listening``.
    """
    now = time.now()
    known = {"process": process_here(), **(detail or {})}
    with telling_if_it_breaks_off(hub, kind), store.write() as connection:
        run_id = ledger.begin(connection, kind=kind, config=hub.resolved(), now=now, detail=known)
        for guard in override:
            ledger.note(connection, what="guard overridden", subject=guard, detail={"run": run_id}, now=now)
    listener = tell or _listener.get()
    return Run(hub, store, run_id, kind, now, tell=listener, override=frozenset(override), patience=patience)


@contextmanager
def to_the_end(run: Run) -> Iterator[None]:
    """Do a run's work in this block, and ``finish`` the run after it, also if a signal has ended the work early.

    An error that no connection is to blame for closes the run as failed, is told, and goes on.
    """
    with telling_if_it_breaks_off(run.hub, run.kind, run_id=run.id):
        try:
            with heeding_signals():
                yield
        except Interrupted as asked:
            run.interrupted = asked.exit_code
        except BaseException as error:
            _break_off(run, "failed" if isinstance(error, Exception) else "interrupted")
            raise


def _break_off(run: Run, state: str) -> None:
    with suppress(Exception), run.store.write() as connection:  # the store may be what broke
        ledger.finish(connection, run.id, state=state, exit=1, report={}, now=time.now())


@contextmanager
def kept(run: Run, connection: str) -> Iterator[None]:
    """What goes wrong with one connection is kept with the run, and the others go on."""
    check()
    run.tried.add(connection)
    try:
        yield
    except Stopped as stop:
        run.failed.add(connection)
        run.guards.append(stop.guard)
        run.problems.append(stop)
    except SolmuError as error:
        run.failed.add(connection)
        error.connection = error.connection or connection
        run.hub.connection(connection).locate(error)
        run.problems.append(error)


def land_connection(run: Run, name: str) -> None:
    """Read every stream of one connection, store what came, and make mentions of it."""
    config = run.hub.connection(name)
    taken = lease(run.store, f"land:{name}", wait=run.patience)
    with kept(run, name), taken, open_connector(run.hub, config) as connector:
        for stream in config.source_streams.values():
            _land_stream(run, config, stream, connector)


def _land_stream(run: Run, config: ConnectionConfig, stream: StreamConfig, connector: Any) -> None:
    shape: StreamInfo = connector.shape(stream.name)
    where = Stream(config.name, stream.name, full=shape.full, key_fields=tuple(stream.key or shape.key))
    stage = stage_of(run.hub, config, stream, connector, partial=shape.partial)
    # First what an earlier run left behind, and what waits for a mapping that was mended since: then whatever is read
    # now meets records in the state that they deserve, and is counted by it.
    release_mended(run.store, stage)
    map_pending(run.store, stage, run_id=run.id, count=False, progress=lambda _: check())
    guards = run.hub.settings.guards
    limits = None if "source-shrank" in run.override else Limits(guards.shrunk_share, guards.min_base)
    try:
        with mapping_along(run.store, stage, run_id=run.id) as along:
            land(
                run.store,
                where,
                foreseen(connector.read(stream.name, stored_cursor(run.store, where)), config.name, stream.name),
                run_id=run.id,
                limits=limits,
                progress=run.progress(f"reading {where.path}"),
                then=along.take,
            )
    except Exception:
        # However the reading ended, what has landed is mapped, and counted in the run that read it; only a run that is
        # asked to end leaves that to the next one.
        map_pending(run.store, stage, run_id=run.id, count=True, progress=lambda _: check())
        raise
    map_pending(run.store, stage, run_id=run.id, count=True, progress=lambda _: check())
    with run.store.read() as connection:
        counts = ledger.stream_counts(connection, run.id)[where.path]
    tripped = look_at_stream(read=counts["read"], refused=counts["refused"], limits=guards, overridden=run.override)
    stop(tripped, connection=config.name, stream=stream.name)


def stage_of(
    hub: Hub, config: ConnectionConfig, stream: StreamConfig, connector: Any, *, partial: bool = False
) -> Stage:
    """How a stream of this hub becomes mentions."""
    mapping = mapping_of(hub, config, stream)
    as_remote = entity = None
    if connector is not None and stream.name in config.target_streams:
        as_remote = _remote_reader(connector, stream.name)
        with suppress(ConfigurationError):  # planning says what is wrong with it
            entity = load_target_mapping(hub, stream.mapping or "").entity
    return Stage(
        stream=Stream(config.name, stream.name, full=True, key_fields=tuple(stream.key or ())),
        mapping=mapping,
        partial=partial,
        targets=[c.name for c in hub.connections.values() if c.is_target and c.enabled],
        as_remote=as_remote,
        entity=entity,
        elsewhere=functools.partial(mapping_of_file, mapping.name, mapping.file, {e: hub.fields(e) for e in Entity}),
    )


def mapping_of(hub: Hub, config: ConnectionConfig, stream: StreamConfig) -> SourceMapping:
    """The mapping that reads a stream. Raises ConfigurationError with file and line, of the connection where that
    names none, or one that there is not."""
    where = ("streams", stream.name, "mapping")
    if stream.mapping is None:
        raise config.error(
            where,
            "this stream has no mapping, so nothing can be made of its rows",
            expected="the name of a file below mappings/sources or the hub's mappings",
        )
    try:
        return load_source_mapping(hub, stream.mapping)
    except ConfigurationError as error:
        if error.line is not None:
            raise
        raise config.error(where, error.message, value=error.value, expected=error.expected) from error


def _remote_reader(connector: Any, stream: str) -> Callable[[str, dict[str, Any]], Any]:
    return lambda key, payload: connector.as_remote(stream, key, payload)


def resolve(run: Run, *, patience: float = PATIENCE) -> None:
    """Find out which mentions speak of whom, and compute the golden records that this touches.

    Two runs at once resolve one after the other. If that takes more than ``patience`` seconds, what is unresolved waits
    for the next run, and nothing is planned of it meanwhile.
    """
    check()
    try:
        with lease(run.store, "resolve", wait=patience), rarely_collected():
            _resolve(run)
    except Busy as busy:
        run.failed.add("resolve")
        run.problems.append(busy)


def _resolve(run: Run) -> None:
    crms = [c.name for c in run.hub.connections.values() if c.is_target]
    # Before anything merges by a score: does its threshold still keep its promise?
    watch(run.store, run.hub.settings.matching, crms=crms, now=time.now())
    with run.store.read() as connection:
        models = active(connection)
    found = resolve_mentions(
        run.store,
        run.hub.settings.matching,
        run_id=run.id,
        now=time.now(),
        remotes=crms,
        progress=run.progress("resolving"),
        models=models,
    )
    with run.store.write() as connection:
        ledger.add(connection, run.id, "pairs", "all", found.pairs)
        settle_merges(connection, now=time.now())
    follow_rules(run.store, "golden", golden_rules(run.hub))
    recompute(
        run.store,
        Rules.of_hub(run.hub),
        targets=run.targets,
        protecting=run.hub.settings.matching.protected,
        progress=run.progress("computing golden records"),
    )
    rank(run.store)


def push(run: Run, name: str, *, limit: int | None = None, send: bool = True, part: Part | None = None) -> str | None:
    """Plan what one target should hold, let the guards look at it, and send it. Gives the plan's id.

    Without ``send`` the plan is only made; ``part`` plans some of the golden records that are due. A target that could
    not be read whole this time gets nothing: what it holds is not known, so what it lacks is not known either.
    """
    config = run.hub.connection(name)
    if name in run.failed:
        return None
    plan_id: str | None = None
    taken = lease(run.store, f"push:{name}", wait=run.patience)
    with kept(run, name), taken, open_connector(run.hub, config) as connector:
        if part is None:
            follow_rules(run.store, f"target:{name}", target_rules(run.hub, config))
        plan = make_plan(
            run.store,
            run.hub,
            config,
            connector,
            run_id=run.id,
            now=time.now(),
            override=run.override,
            part=part,
            progress=run.progress(f"planning {name}"),
            sleep=patient,
        )
        plan_id = plan.id
        with run.store.write() as connection:
            beside = {"kept_out": sum(plan.kept_out.values()), "overridden": plan.overridden}
            ledger.add(connection, run.id, "targets", name, beside)
        with run.store.read() as connection:
            armed = arming(connection, name).armed
        if not send or not armed:
            # An unarmed target is read-only: what would be written is planned, shown and held.
            return plan_id
        send_plan(run, config, connector, plan_id, limit)
    return plan_id


def reconcile(run: Run, name: str) -> None:
    """Read back what was just written, so that the mirror of the target is true before the night is over."""
    config = run.hub.connection(name)
    if config.is_source and name not in run.failed:
        land_connection(run, name)
        resolve(run)


def finish(run: Run, *, quiet: bool = False) -> dict[str, Any]:
    """Close the run: its books must balance, its report is stored and written to the hub's ``reports/``, and whoever
    is to hear of it is told. ``quiet``: it is only stored.
    """
    with heeding_signals():  # this is the end
        with run.store.read() as connection:
            mentions = ledger.mention_counts(connection)
            unbalanced = ledger.imbalances(connection, run.id, mentions)
            report = run_report(connection, run, unbalanced, mentions)
            refusals = [] if quiet else refusals_of(connection)
        if quiet:
            _close(run, report)
            return report
        _keep(run, report, refusals)
        if run.kind in _LEAVES_A_DEDUPE_REPORT:
            brought = sum(row[each] for row in report["streams"].values() for each in ("new", "changed", "deleted"))
            keep_dedupe(run.hub, run.store, sum(mentions.values()), brought)
    told = tell_people(run.hub, run.store, report)
    if told != report:
        _keep(run, told, refusals)
    if run.kind == "run":
        with rarely_collected():
            measure(run.hub, run.store)
    return told


def _keep(run: Run, report: dict[str, Any], refusals: Sequence[Mapping[str, Any]]) -> None:
    _close(run, report)
    write_report(run.hub.folder, report)
    write_html(run.hub.folder, report, refusals)


def _close(run: Run, report: dict[str, Any]) -> None:
    with run.store.write() as connection:
        ledger.finish(connection, run.id, state=_state(run, report), exit=report["exit"], report=report, now=time.now())


def _state(run: Run, report: Mapping[str, Any]) -> str:
    if run.interrupted is not None:
        return "interrupted"
    return "failed" if report["exit"] == 1 else "stopped" if report["exit"] == Stopped.exit_code else "done"


def run_all(
    hub: Hub,
    store: Store,
    *,
    only: Collection[str] = (),
    send: bool = True,
    override: Collection[str] = (),
    patience: float = A_MOMENT,
    tell: Tell | None = None,
    detail: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The whole night in one call; ``only`` names the connections that take part (none: all). Gives the report."""
    run = begin(hub, store, override=override, patience=patience, tell=tell, detail=detail)
    with to_the_end(run):
        for name in chosen(run.sources, only):
            land_connection(run, name)
        resolve(run)
        for name in chosen(run.targets, only):
            push(run, name, send=send)
            if send:
                reconcile(run, name)
    return finish(run)


def apply_plan(
    hub: Hub,
    store: Store,
    plan: str,
    *,
    limit: int | None = None,
    override: Collection[str] = (),
    tell: Tell | None = None,
) -> dict[str, Any]:
    """Send one sealed plan, named by its id or its file, in a run of its own; gives the report."""
    plan_id, name = _known_plan(store, plan)
    config = hub.connection(name)
    run = begin(hub, store, kind="apply", override=override, tell=tell, detail={"plan": plan_id})
    with to_the_end(run):
        taken = lease(store, f"push:{name}", wait=run.patience)
        with kept(run, name), taken, open_connector(hub, config) as connector:
            send_plan(run, config, connector, plan, limit)
        reconcile(run, name)
    return finish(run)


def send_plan(run: Run, config: ConnectionConfig, connector: Any, plan: str, limit: int | None) -> None:
    """Send one sealed plan within a run that holds the lease of its target."""
    try:
        applied = apply(
            run.store,
            run.hub,
            config,
            connector,
            plan,
            run_id=run.id,
            now=time.now(),
            limit=limit,
            override=run.override,
            progress=lambda more: run.tell(f"writing to {config.name}", more),
            sleep=patient,
        )
    finally:
        with run.store.write() as connection:
            ledger.add(connection, run.id, "targets", config.name, {"api_calls": connector.calls_made()})
    if applied.stopped_by == "unavailable":
        run.problems.append(
            Retriable(
                "the target stopped answering; what was not sent is planned anew by the next run",
                code="unavailable",
                connection=config.name,
            )
        )
    if applied.stopped_by == "first-ten":
        run.guards.append(applied.stopped_by)
        run.problems.append(
            Stopped(
                "the first records were written, and the rest waits until somebody has looked at them",
                guard=applied.stopped_by,
                connection=config.name,
                expected=f"`solmu target arm {config.name} --first-ten-are-right` after a look at them there",
            )
        )


def chosen(names: Collection[str], only: Collection[str]) -> list[str]:
    """Those of ``names`` that take part."""
    return [name for name in names if not only or name in only]


def _known_plan(store: Store, plan: str) -> tuple[str, str]:
    """The id of a plan that is named by its id or its file, and the connection that it is for."""
    plan_id, _ = named(plan)
    with store.read() as connection:
        name: str | None = connection.scalar(select(plan_table.c.target).where(plan_table.c.id == plan_id))
    if name is None:
        raise ConfigurationError(
            "this hub has no such plan", code="no-plan", value=plan, expected="an id or a file from plans/"
        )
    return plan_id, name
