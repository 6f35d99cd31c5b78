"""A process beside this one, so that another has both hands free to read and to store.

It is a plain child that is spoken to through a socket, its standard input: it inherits no threads, locks or
connections, nobody's ``__main__`` is imported again, and when whoever started it dies, in whatever way, its input ends
and so does it. Where there is only one processor, or no interpreter to start, there is none.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import pickle
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from solmu.beside.garbage import rarely_collected

_MAIN = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from {module} import serve; serve()"
_PATIENCE = 5  # seconds
_LENGTH = struct.Struct("!Q")

_log = logging.getLogger(__name__)

Answer = Callable[[Any], Any]


class Lost(Exception):
    """The process beside is of no use any more."""


class Child:
    """One such process. It answers what it is given in the order in which it was given."""

    def __init__(self, process: subprocess.Popen[bytes], line: socket.socket, task: object, recipe: str) -> None:
        self._process, self._line, self._recipe = process, line, recipe
        self._greeted = False
        self._asks: SimpleQueue[object] = SimpleQueue()
        self._answers: SimpleQueue[Any] = SimpleQueue()
        # Neither side waits until the other has a hand free: threads put it down on the line, and take it off.
        threading.Thread(target=self._talk, daemon=True).start()
        threading.Thread(target=self._listen, daemon=True).start()
        self._asks.put(task)

    def give(self, what: object) -> None:
        """Have something worked out."""
        self._asks.put(what)

    def is_ready(self) -> bool:
        """Whether it has come so far that it can work. Raises Lost."""
        if not self._greeted:
            self._heard(wait=False)
        return self._greeted

    def result(self, *, wait: bool) -> Any:
        """What came of the next one, or None if that is not known yet. Raises Lost."""
        if not self._greeted:
            self._heard(wait=wait)
        return self._heard(wait=wait) if self._greeted else None

    def _heard(self, *, wait: bool) -> Any:
        try:
            answer = self._answers.get(block=wait)
        except Empty:
            return None
        if answer is None or not (self._greeted or answer == self._recipe):
            # It died, or it has read another configuration than this process: somebody is editing it.
            _log.info("the process beside is lost; going on without it")
            raise Lost
        self._greeted = True
        return answer

    def close(self) -> None:
        """Let it end."""
        self._asks.put(None)
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._line.close()

    def _talk(self) -> None:
        with suppress(OSError):  # that it is gone shows when its answer is asked for
            while (what := self._asks.get()) is not None:
                _say(self._line, what)

    def _listen(self) -> None:
        try:
            while True:
                self._answers.put(_hear(self._line))
        except (OSError, EOFError):
            self._answers.put(None)


def start_child(module: str, task: object, recipe: str) -> Child | None:
    """Start a process that runs ``serve`` of ``module``, if this machine can. Does not wait until it is ready.

    ``recipe`` is what it must say of the configuration that it has read, before it is listened to.
    """
    if not _can_start():
        return None
    ours, its = socket.socketpair()
    with its:
        try:
            process = subprocess.Popen(
                [sys.executable, "-c", _MAIN.format(module=module), json.dumps(sys.path)],
                stdin=its.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for whoever started it to heed
            )
        except OSError as error:
            ours.close()
            _log.info("no process can be started beside this one: %s", error)
            return None
    return Child(process, ours, task, recipe)


def _can_start() -> bool:
    affinity = getattr(os, "sched_getaffinity", None)
    processors = len(affinity(0)) if affinity else os.cpu_count() or 1
    # A frozen program has no interpreter beside it; on Windows, no child takes a socket for its input.
    return processors > 1 and bool(sys.executable) and not getattr(sys, "frozen", False) and os.name == "posix"


# --- in the child's process -------------------------------------------------------------------------------------------


def answer(begin: Callable[[Any], tuple[str, Answer]]) -> None:
    """Answer whatever comes in on standard input, until it ends.

    ``begin`` takes the task, and gives the recipe of what it has read and what works out an answer.
    """
    with socket.socket(fileno=0) as line, rarely_collected(), suppress(OSError, EOFError):
        recipe, work_out = begin(_hear(line))
        _say(line, recipe)
        _say(line, work_out(_hear(line)))
        gc.freeze()  # the libraries' tables are there now, and need not be looked through any more
        while True:
            _say(line, work_out(_hear(line)))


# --- on the line between them -----------------------------------------------------------------------------------------


def _say(line: socket.socket, what: object) -> None:
    data = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
    line.sendall(_LENGTH.pack(len(data)) + data)


def _hear(line: socket.socket) -> Any:
    (length,) = _LENGTH.unpack(_exactly(line, _LENGTH.size))
    return pickle.loads(_exactly(line, length))  # noqa: S301 (our own parent or child)


def _exactly(line: socket.socket, length: int) -> bytes:
    # As a rule in one call of the system, so that a thread which waits for it needs nothing of its process meanwhile.
    parts = []
    while length:
        part = line.recv(length, socket.MSG_WAITALL)
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
