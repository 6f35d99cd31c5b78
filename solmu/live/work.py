"""The loop of the process that does small runs: look whether something came, run, rest."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event
from time import monotonic

from solmu.config import Hub, load_hub
from solmu.errors import SolmuError
from solmu.live.pace import Outcome, Pace
from solmu.live.small import KIND, others_at_work, small_run, something_waits, work_of
from solmu.live.told import tell_once, troubles
from solmu.notify.tell import announce_death
from solmu.store import Store, open_store, time
from solmu.sync.interrupt import Interrupted

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
READ_AGAIN_SECONDS = 15.0
"""How old the hub's configuration may be when it is only asked whether something came; each run reads it anew."""


class Worker:
    """Does the small runs of the hub in ``folder``, one after the other, until ``end`` is set."""

    def __init__(self, folder: Path, end: Event, clock: Callable[[], float] = monotonic) -> None:
        self._folder = folder
        self._end = end
        self._clock = clock
        self._opened: tuple[Hub, Store] | None = None
        self._read = 0.0
        self._pace = Pace(rest=1.0)
        self._died_of: set[str] = set()

    def work(self) -> None:
        """The loop. What goes wrong is logged and told once, and tried again later."""
        while not self._end.wait(LOOK_SECONDS):
            try:
                self._look()
            except Interrupted:
                break
            except Exception as error:
                self._pace.ended(self._clock(), Outcome.TROUBLE)
                self._died(error)
        self._close()

    def _look(self) -> None:
        fresh = self._clock() - self._read < READ_AGAIN_SECONDS
        hub, store = self._opened if self._opened is not None and fresh else self._open()
        with store.read() as connection:
            work = work_of(hub, connection)
            waiting = bool(work) and something_waits(hub, connection, work)
        if not work or not self._pace.due(self._clock(), waiting=waiting):
            return
        hub, store = self._open()
        with store.read() as connection:
            work = work_of(hub, connection)
            busy = others_at_work(connection)
        if busy:
            self._pace.ended(self._clock(), Outcome.BUSY)
        elif work:
            report = small_run(hub, store, work)
            self._pace.ended(self._clock(), _outcome(report))
            tell_once(hub, store, report)
            if report["exit"] >= 128:
                self._end.set()

    def _open(self) -> tuple[Hub, Store]:
        """The hub as its files are now, and its store."""
        hub = load_hub(self._folder)
        if self._opened is not None and hub.store_url != self._opened[0].store_url:
            self._close()
        store = open_store(hub.store_url) if self._opened is None else self._opened[1]
        self._opened, self._read = (hub, store), self._clock()
        self._pace.rest = hub.settings.serve.rest_seconds
        return hub, store

    def _died(self, error: Exception) -> None:
        # The text of an error that is not ours may hold values.
        what = str(error) if isinstance(error, SolmuError) else type(error).__name__
        hub = None if self._opened is None else self._opened[0]
        self._close()
        if what in self._died_of:
            return
        self._died_of.add(what)
        log.warning("a small run could not be done, and is tried again: %s", what)
        if hub is not None:
            announce_death(hub, KIND, None, time.now(), error)

    def _close(self) -> None:
        if self._opened is not None:
            self._opened[1].close()
        self._opened = None


def _outcome(report: dict[str, object]) -> Outcome:
    problems = report["problems"]
    assert isinstance(problems, list)
    if troubles(report):
        return Outcome.TROUBLE
    return Outcome.BUSY if problems else Outcome.DONE
