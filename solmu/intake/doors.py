"""Which connections take deliveries, read from the hub's files as they are now.

A file that has changed is read again within half a second, and each one after a minute, since a secret that it refers
to may have been renewed. One connection's mistake shuts that connection's door only.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solmu.config import HubSettings
from solmu.config.connections import NAME, load_connection
from solmu.config.connectors import connector_class, open_connector
from solmu.config.hub import FILE, Hub
from solmu.config.problems import validated
from solmu.config.settings import Intake
from solmu.config.yaml import load
from solmu.errors import ConfigurationError, SolmuError

log = logging.getLogger(__name__)

MAX_AGE = 60.0
"""Seconds after which a connection is opened anew although its file is the same."""

LOOK_SECONDS = 0.5
"""How long a file counts as unchanged once it was looked at; asking for each delivery would cost a tenth of it."""

LONGEST_NAME = 100
Stamp = tuple[int, int, int]


class Shut(Exception):
    """There is such a connection, but it cannot take deliveries now: it is switched off, or its file is wrong."""


@dataclass(slots=True)
class _Door:
    stamp: Stamp
    opened: float
    looked: float
    connector: Any = None  # None: this connection is not one that others push to
    shut: bool = False


class Doors:
    """The doors of one hub. For one thread."""

    def __init__(
        self, folder: Path, clock: Callable[[], float] = time.monotonic, look_seconds: float = LOOK_SECONDS
    ) -> None:
        """Raises ConfigurationError where ``hub.yaml`` is wrong; from then on, one that goes wrong changes nothing."""
        self.folder = folder
        self._clock = clock
        self._look_seconds = look_seconds
        self._looked = clock()
        self._doors: dict[str, _Door] = {}
        self._stamp = _stamp(folder / FILE)
        self.hub = _hub_without_connections(folder)

    @property
    def settings(self) -> Intake:
        """The ``intake:`` block of ``hub.yaml``."""
        now = self._clock()
        if now - self._looked < self._look_seconds:
            return self.hub.settings.intake
        self._looked = now
        try:
            stamp = _stamp(self.folder / FILE)
            if stamp != self._stamp:
                self._stamp = stamp
                self.hub = _hub_without_connections(self.folder)
        except (ConfigurationError, OSError) as error:
            log.warning("the limits stay as they were: %s", error)
        return self.hub.settings.intake

    def open_all(self) -> list[str]:
        """Open every door there is, so that the first delivery finds it open. Gives the names of those that are."""
        names = sorted(path.stem for path in (self.folder / "connections").glob("*.yaml"))
        return [name for name in names if self._is_open(name)]

    def find(self, name: str) -> Any:
        """The connector behind a door, or None where there is no such door. Raises Shut, also where that cannot be
        known now."""
        if len(name) > LONGEST_NAME or not NAME.fullmatch(name):
            return None
        now, door = self._clock(), self._doors.get(name)
        if door is None or now - door.looked >= self._look_seconds:
            path = self.folder / "connections" / f"{name}.yaml"
            try:
                stamp = _stamp(path)
            except OSError as error:  # no permission, a share that went away: there may be such a connection
                log.warning("%s takes no deliveries: its file cannot be looked at: %s", name, error.strerror)
                raise Shut from None
            if stamp is None:
                self._forget(name)
                return None
            if door is None or door.stamp != stamp or now - door.opened > MAX_AGE:
                self._forget(name)
                door = self._doors[name] = self._opened(name, path, stamp)
            door.looked = now
        if door.shut:
            raise Shut
        return door.connector

    def close(self) -> None:
        """Give back what the connectors hold."""
        for name in list(self._doors):
            self._forget(name)

    def _opened(self, name: str, path: Path, stamp: Stamp) -> _Door:
        now = self._clock()
        try:
            config = load_connection(path)
            if not config.is_source or not getattr(connector_class(config.connector), "receives", False):
                return _Door(stamp, now, now)
            if not config.enabled:
                return _Door(stamp, now, now, shut=True)
            return _Door(stamp, now, now, connector=open_connector(self.hub, config))
        except Exception as error:
            # A plug-in may raise anything; a text that is not ours may hold a secret.
            log.warning(
                "%s takes no deliveries: %s", name, error if isinstance(error, SolmuError) else repr(type(error))
            )
            return _Door(stamp, now, now, shut=True)

    def _is_open(self, name: str) -> bool:
        try:
            return self.find(name) is not None
        except Shut:
            return False

    def _forget(self, name: str) -> None:
        door = self._doors.pop(name, None)
        if door is not None and door.connector is not None:
            door.connector.close()


def _hub_without_connections(folder: Path) -> Hub:
    """What ``hub.yaml`` says by itself: a mistake in one connection must not shut the doors of the others."""
    data, lines = load(folder / FILE)
    return Hub(folder, validated(HubSettings, data, lines), {}, lines)


def _stamp(path: Path) -> Stamp | None:
    """What changes whenever the file does; None where there is none."""
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
