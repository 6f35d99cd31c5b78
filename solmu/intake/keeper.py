"""What the receiver does beside receiving: it tells the audit what was turned away, empties what is kept too long, and
folds the intake's write-ahead log, which would otherwise stop a sender for as long as that takes.

In a thread of its own, since the hub's store may be busy for a while, and no sender must wait for it.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from solmu.config import load_hub
from solmu.errors import SolmuError
from solmu.intake import refusals
from solmu.intake.background import in_background
from solmu.intake.doors import Doors
from solmu.intake.landed import prune_landed
from solmu.intake.refusals import Refusals
from solmu.intake.store import IntakeStore, intake_path
from solmu.store import Store, open_store, time

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
FOLD_SECONDS = 10.0
PRUNE_SECONDS = 3600.0
QUIET_SECONDS = 60.0
"""After its start nothing is pruned yet: those who knocked meanwhile are served first."""

TRY_AGAIN_SECONDS = 30.0
"""After the hub's store could not be reached."""


@contextmanager
def keeping(folder: Path, doors: Doors, counted: Refusals) -> Iterator[None]:
    """Do that while the block runs; what was counted is written before it ends."""
    with in_background("intake-keeper", _Keeper(folder, doors, counted).work):
        yield


class _Keeper:
    def __init__(self, folder: Path, doors: Doors, counted: Refusals) -> None:
        self._folder = folder
        self._doors = doors
        self._counted = counted
        self._store: Store | None = None
        self._intake: IntakeStore | None = None

    def work(self, end: Event) -> None:
        fold_at, prune_at, wait = monotonic() + FOLD_SECONDS, monotonic() + QUIET_SECONDS, LOOK_SECONDS
        while not end.wait(wait):
            if monotonic() >= fold_at:
                fold_at = monotonic() + FOLD_SECONDS
                self._fold()
            wait = LOOK_SECONDS if self._write_refusals() else TRY_AGAIN_SECONDS
            if monotonic() >= prune_at:
                prune_at = monotonic() + PRUNE_SECONDS
                self._prune()
        self._write_refusals(all_of_them=True)
        if self._store is not None:
            self._store.close()
        if self._intake is not None:
            self._intake.close()

    def _fold(self) -> None:
        try:
            if self._intake is None:
                self._intake = IntakeStore(intake_path(self._folder))
            self._intake.fold()
        except (sqlite3.Error, OSError) as error:  # the writer meets it too, and says so
            log.debug("the log of the intake was not folded: %s", error)

    def _write_refusals(self, *, all_of_them: bool = False) -> bool:
        lines = self._counted.take(time.now(), all_of_them=all_of_them)
        if not lines:
            return True
        try:
            with self._opened().write() as connection:
                refusals.write(connection, lines)
        except (SQLAlchemyError, SolmuError, OSError) as error:
            log.warning("the audit waits for the hub's store: %s", type(error).__name__)
            self._counted.give_back(lines)
            return False
        return True

    def _prune(self) -> None:
        try:
            emptied = prune_landed(load_hub(self._folder), self._opened())
        except (SQLAlchemyError, sqlite3.Error, SolmuError, OSError) as error:
            log.warning("nothing was pruned this time: %s", type(error).__name__)
            return
        if emptied:
            log.info("%d deliveries that landed long ago were emptied", emptied)

    def _opened(self) -> Store:
        if self._store is None:
            self._store = open_store(self._doors.hub.store_url)
        return self._store
