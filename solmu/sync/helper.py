"""A process that maps, so that another one has both hands free to read and to store.

It is a plain child that is spoken to through a socket, its standard input: it inherits no threads, locks or
connections, nobody's ``__main__`` is imported again, and when whoever started it dies, in whatever way, its input ends
and so does it. It opens no store. Where there is only one processor, or no interpreter to start, there is none.
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
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from solmu.sync.birth import Born, bear
from solmu.sync.garbage import rarely_collected
from solmu.sync.stage import Maps, Stage
from solmu.sync.stream import Stream
from solmu.sync.versions import Fresh

_MAIN = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from solmu.sync.helper import serve; serve()"
_PATIENCE = 5  # seconds
_LENGTH = struct.Struct("!Q")
_Task = tuple[Stream, bool, Callable[[], Maps], bytes, bool]

_log = logging.getLogger(__name__)


class Lost(Exception):
    """The helper is of no use any more."""


class Helper:
    """One helping process. It answers batches in the order in which it was given them."""

    def __init__(self, process: subprocess.Popen[bytes], line: socket.socket, task: _Task, recipe: str) -> None:
        self._process, self._line, self._recipe = process, line, recipe
        self._asks: SimpleQueue[object] = SimpleQueue()
        self._answers: SimpleQueue[Born | str | None] = SimpleQueue()
        # Neither side waits until the other has a hand free: threads put it down on the line, and take it off.
        threading.Thread(target=self._talk, daemon=True).start()
        threading.Thread(target=self._listen, daemon=True).start()
        self._asks.put(task)

    def give(self, batch: Sequence[Fresh]) -> None:
        """Have a batch mapped."""
        self._asks.put(batch)

    def result(self, *, wait: bool) -> Born | None:
        """What the next batch says, or None if that is not known yet. Raises Lost."""
        while True:
            try:
                answer = self._answers.get(block=wait)
            except Empty:
                return None
            if isinstance(answer, Born):
                return answer
            if answer is None or answer != self._recipe:
                # It died, or it has read another mapping than this process: somebody is editing it.
                _log.info("the helper's process is lost; going on without it")
                raise Lost

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


def start(stage: Stage, key: bytes, *, tombstones: bool) -> Helper | None:
    """Start a helper for a stream, if this machine can run one. Does not wait until it is ready."""
    if stage.elsewhere is None or not _can_help():
        return None
    task = (stage.stream, stage.partial, stage.elsewhere, key, tombstones)
    ours, its = socket.socketpair()
    with its:
        try:
            process = subprocess.Popen(
                [sys.executable, "-c", _MAIN, json.dumps(sys.path)],
                stdin=its.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for whoever started it to heed
            )
        except OSError as error:
            ours.close()
            _log.info("no helper's process can be started: %s", error)
            return None
    return Helper(process, ours, task, stage.mapping.recipe)


def _can_help() -> bool:
    affinity = getattr(os, "sched_getaffinity", None)
    processors = len(affinity(0)) if affinity else os.cpu_count() or 1
    # A frozen program has no interpreter beside it; on Windows, no child takes a socket for its input.
    return processors > 1 and bool(sys.executable) and not getattr(sys, "frozen", False) and os.name == "posix"


# --- in the helper's process ------------------------------------------------------------------------------------------


def serve() -> None:
    """Map whatever comes in on standard input, and answer there, until it ends."""
    with socket.socket(fileno=0) as line, rarely_collected(), suppress(OSError, EOFError):
        stream, partial, remake, key, tombstones = _hear(line)
        stage = Stage(stream, remake(), partial, targets=())
        _say(line, stage.mapping.recipe)
        _say(line, bear(_hear(line), stage, key, tombstones=tombstones))
        gc.freeze()  # the libraries' tables are there now, and need not be looked through any more
        while True:
            _say(line, bear(_hear(line), stage, key, tombstones=tombstones))


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
