"""A run under way: how it begins, what it keeps of what goes wrong, and that it comes to an end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from solmu.config import Hub
from solmu.errors import Retriable, SolmuError, Stopped
from solmu.notify.tell import telling_if_it_breaks_off
from solmu.store import Store, time
from solmu.store.lease import process_here
from solmu.sync import ledger
from solmu.sync.interrupt import Interrupted, check, heeding_signals

A_MOMENT = 60
"""Seconds that a run waits for another one to be done with a connection; a small run of `solmu serve` takes less."""

_PASSES = "an answer; the next run goes on from there by itself, and `solmu connection check {}` asks again now"

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
        if isinstance(error, Retriable):
            error.expected = error.expected or _PASSES.format(connection)
        run.hub.connection(connection).locate(error)
        run.problems.append(error)
