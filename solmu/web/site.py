"""What all pages share: the hub as its files are now, the store, the work under way, who tried to sign in."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Annotated, Any, Self

from fastapi import Depends, Request
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from solmu.config import Hub, load_hub
from solmu.store import Store, open_store
from solmu.web import sessions, tokens, users
from solmu.web.attempts import Attempts
from solmu.web.jobs import Jobs
from solmu.web.visit import Visit

log = logging.getLogger(__name__)
BADGE_SECONDS = 30.0


class Site:
    """One hub's pages. Safe to share between threads. A context manager: what it holds goes at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.attempts = Attempts()
        self.jobs = Jobs(folder)
        self._lock = Lock()
        self._hub: tuple[tuple[Any, ...], Hub] | None = None
        self._store: Store | None = None
        self._behind = ThreadPoolExecutor(1, "web-behind")
        self._badges: dict[str, tuple[float, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.jobs.close()
        self._behind.shutdown()
        if self._store is not None:
            self._store.close()

    @property
    def hub(self) -> Hub:
        """The hub, read again when one of its files has changed. Raises ConfigurationError."""
        stamp = _stamp(self.folder)
        with self._lock:
            if self._hub is None or self._hub[0] != stamp:
                self._hub = (stamp, load_hub(self.folder))
            return self._hub[1]

    @property
    def store(self) -> Store:
        """The hub's store, opened when it is first needed. Raises ConfigurationError, or what the database says."""
        url = self.hub.store_url if self._store is None else ""
        with self._lock:
            if self._store is None:
                self._store = open_store(url)
            return self._store

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look at the store."""
        with self.store.read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One short write transaction."""
        with self.store.write() as connection:
            yield connection

    def visit(self, secret: str | None) -> Visit:
        """Whose the cookie is."""
        if secret is None:
            return Visit(None, None)
        rules = self.hub.settings.web
        with self.read() as connection:
            found = sessions.find(
                connection, secret, idle_minutes=rules.idle_minutes, longest_minutes=rules.session_hours * 60
            )
        if found is None:
            return Visit(secret, None)
        user, stale = found
        if stale:
            # A page does not wait for whoever writes to the store just now.
            self._behind.submit(self._quietly, lambda connection: sessions.touch(connection, secret))
        return Visit(secret, user)

    def machine(self, secret: str) -> Visit | None:
        """Whose that token is; None where it is nobody's."""
        with self.read() as connection:
            found = tokens.find(connection, secret)
        if found is None:
            return None
        token, stale = found
        if stale:
            self._behind.submit(self._quietly, lambda connection: tokens.touch(connection, token.id))
        return Visit(None, token.as_user(), machine=True)

    def somebody_may_sign_in(self) -> bool:
        """Whether there is a user at all."""
        with self.read() as connection:
            return users.anybody(connection)

    def badge(self, name: str, count: Callable[[Connection], int]) -> int:
        """A count in the menu, at most half a minute old."""
        at, value = self._badges.get(name, (0.0, 0))
        if not at or time.monotonic() - at > BADGE_SECONDS:
            with self.read() as connection:
                value = count(connection)
            self._badges[name] = (time.monotonic(), value)
        return value

    def forget_badges(self) -> None:
        """Count anew: something was decided."""
        self._badges.clear()

    def _quietly(self, work: Callable[[Connection], None]) -> None:
        try:
            with self.write() as connection:
                work(connection)
        except SQLAlchemyError as error:
            log.warning("a session or token was not noted as used: %s", type(error).__name__)


def site_of(request: Request) -> Site:
    """The site that a request is for."""
    site: Site = request.app.state.site
    return site


TheSite = Annotated[Site, Depends(site_of)]
"""A route's parameter of this type is the site."""


def _stamp(folder: Path) -> tuple[Any, ...]:
    """What changes with any file of the hub. Every request asks, so the folder is read once and nothing is matched."""
    found = [("hub.yaml", _stat(folder / "hub.yaml"))]
    try:
        with os.scandir(folder / "connections") as files:
            found += sorted((each.name, _stat(each)) for each in files if each.name.endswith(".yaml"))
    except OSError:
        pass
    return tuple(found)


def _stat(path: Path | os.DirEntry[str]) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
