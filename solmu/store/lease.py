"""Leases: who may land a connection, resolve, or push to a target now.

A lease is taken for a while and renewed by a heartbeat, so that a process that was killed blocks nobody for long. Its
token grows with every holder. Whoever holds one is fenced: each of its write transactions looks first whether the lease
is still its own, so that a run that was asleep while another took over writes nothing any more.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep

from sqlalchemy import Connection, select, update

from solmu.errors import Busy
from solmu.store import time
from solmu.store.engine import Store
from solmu.store.sql import upsert
from solmu.store.tables import lease as table

SECONDS = 60
_LOOK_AGAIN = 0.5


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that is held."""

    name: str
    holder: str
    token: int

    def confirm(self, connection: Connection) -> None:
        """Raise Busy where somebody else has taken the lease since: the fence before a write."""
        query = select(table.c.holder, table.c.token).where(table.c.name == self.name)
        row = connection.execute(query).first()
        if row is None or row.token != self.token:
            holder = row.holder if row else "nobody"
            raise Busy(f"the lease {self.name} was lost to {holder}", name=self.name, holder=holder)


def holder_here() -> str:
    """A name for this process that a person can find: host and process id, with the start of the process's own."""
    return f"{process_here()}:{threading.get_ident()}"


def process_here() -> str:
    """This process, by host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_at_work(connection: Connection, process: str) -> bool:
    """Whether a process, named by ``process_here``, is alive: on this machine it is asked for; one on another is where
    it holds a lease.
    """
    if process.partition(":")[0] == socket.gethostname():
        return not _died_here(process)
    holders = connection.scalars(select(table.c.holder).where(table.c.expires > time.now()))
    return any(holder.startswith(f"{process}:") for holder in holders)


@contextmanager
def lease(store: Store, name: str, *, seconds: float = SECONDS, wait: float = 0) -> Iterator[Lease]:
    """Hold the lease ``name`` for the block. Raises Busy where somebody else holds it, after ``wait`` seconds.

    A holder that died on this machine is recognised by its process id, so that a restart need not wait. Every write
    transaction that this thread begins in the block raises Busy where the lease was lost.
    """
    held = _take_in_time(store, name, seconds, wait)
    stop = threading.Event()
    beat = threading.Thread(target=_keep, args=(store, held, seconds, stop), name=f"lease {name}", daemon=True)
    beat.start()
    try:
        with store.fence(held.confirm):
            yield held
    finally:
        stop.set()
        beat.join()
        _give_back(store, held)


def held(connection: Connection) -> list[str]:
    """The names of the leases that somebody holds who is not known to have died."""
    rows = connection.execute(select(table.c.name, table.c.holder).where(table.c.expires > time.now()))
    return sorted(row.name for row in rows if not _died_here(row.holder))


def _take_in_time(store: Store, name: str, seconds: float, wait: float) -> Lease:
    deadline = monotonic() + wait
    while True:
        try:
            return _take(store, name, seconds)
        except Busy:
            if monotonic() >= deadline:
                raise
            sleep(_LOOK_AGAIN)


def _take(store: Store, name: str, seconds: float) -> Lease:
    holder = holder_here()
    with store.write(fenced=False) as connection:
        now = time.now()
        nobody = {"name": name, "holder": "", "token": 0, "heartbeat": now, "expires": 0}
        upsert(connection, table, [nobody], conflict=("name",), update=())
        row = connection.execute(select(table).where(table.c.name == name)).one()
        if row.expires > now and not _died_here(row.holder):
            raise Busy(_busy(name, row.holder), name=name, holder=row.holder)
        held = Lease(name, holder, row.token + 1)
        connection.execute(
            update(table)
            .where(table.c.name == name)
            .values(holder=holder, token=held.token, heartbeat=now, expires=now + int(seconds * 1_000_000))
        )
    return held


def _keep(store: Store, held: Lease, seconds: float, stop: threading.Event) -> None:
    while not stop.wait(seconds / 4):
        with store.write() as connection:
            now = time.now()
            connection.execute(
                update(table)
                .where(table.c.name == held.name, table.c.token == held.token)
                .values(heartbeat=now, expires=now + int(seconds * 1_000_000))
            )


def _give_back(store: Store, held: Lease) -> None:
    with store.write(fenced=False) as connection:
        connection.execute(
            update(table).where(table.c.name == held.name, table.c.token == held.token).values(expires=0)
        )


def _busy(name: str, holder: str) -> str:
    host, _, rest = holder.partition(":")
    what, _, of = name.partition(":")
    doing = {"land": f"reading {of}", "push": f"writing to {of}", "resolve": "resolving"}.get(what, name)
    return (
        f"another run is {doing} just now (process {rest.partition(':')[0]} on {host}); wait for it, or run again later"
    )


def _died_here(holder: str) -> bool:
    host, _, rest = holder.partition(":")
    process = rest.partition(":")[0]
    if host != socket.gethostname() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
