"""Stores deliveries from a thread of its own, as many in one transaction as have come while the last one was written.

What makes a commit slow is waiting for the disk; whoever came meanwhile shares the next wait.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self

from solmu.exchange import Request
from solmu.intake.store import IntakeStore

log = logging.getLogger(__name__)

MOST_TOGETHER = 500
MOST_BYTES = 16 * 1_048_576
"""Of one transaction, so that nobody waits for long."""

Item = tuple[str, str, Request]
Waiting = tuple[Item, "asyncio.Future[bool]", asyncio.AbstractEventLoop]


class NotStored(Exception):
    """The delivery could not be stored; the same may be taken later."""


class Writer:
    """The one writer of a hub's ``intake.db``. A context manager: what was given to it is written before it ends."""

    def __init__(self, open_store: Callable[[], IntakeStore]) -> None:
        """``open_store`` is called at once, and again after each failure when the next delivery comes."""
        self._open_store = open_store
        self._store: IntakeStore | None = None
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="intake-writer", daemon=True)

    async def store(self, connection: str, delivery_id: str, request: Request) -> bool:
        """Once this returns, the delivery is durable. Gives whether it is new. Raises NotStored."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bool] = loop.create_future()
        self._queue.put(((connection, delivery_id, request), future, loop))
        return await future

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._store = self._open_store()
        except (sqlite3.Error, OSError) as error:
            log.error("nothing can be stored: %s", error)
        going = True
        while going:
            group, going = self._next()
            if group:
                self._write(group)
        if self._store is not None:
            self._store.close()

    def _next(self) -> tuple[list[Waiting], bool]:
        """Whatever waits, at least one; and whether more may come."""
        first = self._queue.get()
        group: list[Waiting] = []
        size = 0
        while first is not None:
            group.append(first)
            size += len(first[0][2].body)
            if len(group) >= MOST_TOGETHER or size >= MOST_BYTES:
                return group, True
            try:
                first = self._queue.get_nowait()
            except Empty:
                return group, True
        return group, False

    def _write(self, group: list[Waiting]) -> None:
        try:
            if self._store is None:
                self._store = self._open_store()
            outcomes: list[bool | NotStored] = list(self._store.add([item for item, _, _ in group]))
        except Exception as error:
            # Whatever it is, nothing of this group is stored, and the thread must live on to take the next.
            log.error("%d deliveries could not be stored: %s", len(group), _reason(error))
            outcomes = [NotStored()] * len(group)
            self._give_up_store()
        settled: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[bool], bool | NotStored]]] = {}
        for (_, future, loop), outcome in zip(group, outcomes, strict=True):
            settled.setdefault(loop, []).append((future, outcome))
        for loop, futures in settled.items():
            with suppress(RuntimeError):  # the server was stopped without waiting, and its loop is closed
                loop.call_soon_threadsafe(_settle, futures)

    def _give_up_store(self) -> None:
        if self._store is not None:
            with suppress(sqlite3.Error):
                self._store.close()
            self._store = None


def _settle(futures: list[tuple[asyncio.Future[bool], bool | NotStored]]) -> None:
    for future, outcome in futures:
        if future.done():
            continue
        if isinstance(outcome, NotStored):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


def _reason(error: Exception) -> str:
    """SQLite's own words say nothing of what was to be stored; those of others might."""
    return str(error) if isinstance(error, sqlite3.Error | OSError) else type(error).__name__
