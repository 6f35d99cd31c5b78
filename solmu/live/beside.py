"""Keeps a worker for small runs beside a server: started where the hub has use for one, ended with the server.

A process of its own, so that no sender waits while records are matched. One that ends by itself is started again.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from solmu.config import load_hub
from solmu.errors import SolmuError
from solmu.intake.background import in_background
from solmu.store import open_store

log = logging.getLogger(__name__)

LOOK_SECONDS = 15.0
STOP_SECONDS = 30.0
"""How long the batch under way may take once the server was told to stop."""


@contextmanager
def small_runs_beside(folder: Path) -> Iterator[None]:
    """Keep the worker of the hub in ``folder`` while the block runs, where there is use for one."""
    with in_background("small-runs", partial(_keep, folder)):
        yield


def _keep(folder: Path, end: Event) -> None:
    process: subprocess.Popen[bytes] | None = None
    while True:
        if process is not None and process.poll() is not None:
            log.warning("the small runs ended by themselves, with %s; they go on", process.returncode)
            process = None
        if process is None and is_of_use(folder):
            process = subprocess.Popen(
                [sys.executable, "-m", "solmu.live", "--hub", str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C is for the server, which ends this one in its turn
            )
        if end.wait(LOOK_SECONDS):
            break
    if process is not None:
        _end(process)


def is_of_use(folder: Path) -> bool:
    """Whether the hub has somebody who pushes to it, and a target that can be followed and is armed."""
    # The server listens before this is loaded.
    from solmu.live.small import followed, receiving, work_of

    try:
        hub = load_hub(folder)
        if not (hub.settings.serve.push and receiving(hub) and followed(hub)):
            return False
        url = make_url(hub.store_url)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
            return False  # whoever makes the store has yet to arm anything
        with open_store(hub.store_url, migrate=False) as store, store.read() as connection:
            return bool(work_of(hub, connection))
    except (SolmuError, SQLAlchemyError, OSError) as error:
        log.debug("no small runs: %s", type(error).__name__)
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        log.warning("the small run under way did not end in time; the next run looks up what it left")
    finally:
        process.kill()
        process.wait()
