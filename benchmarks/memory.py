"""The most memory that this process and those it started held.

Not ``getrusage``: what that says of a process includes what the one that started it held (Linux keeps the higher of the
two over ``execve``), so a large benchmark would be measured in place of a small program.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path

_SECONDS = 0.2


class Peak:
    """Watches from the moment when it is made; ``mib`` is the sum of each process's own peak, in MiB."""

    def __init__(self) -> None:
        self._highest: dict[int, int] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def mib(self) -> float:
        """The peak so far. Ends the watching."""
        self._done.set()
        self._thread.join()
        self._look()
        return sum(self._highest.values()) / 1024

    def _watch(self) -> None:
        while not self._done.wait(_SECONDS):
            self._look()

    def _look(self) -> None:
        for process in (os.getpid(), *_children()):
            # The last that it says, which never shrinks: before it is a program of its own it says what ours holds.
            self._highest[process] = _highest(process) or self._highest.get(process, 0)


def _children() -> Iterable[int]:
    found: set[int] = set()
    for thread in Path("/proc/self/task").iterdir():
        try:
            found.update(map(int, (thread / "children").read_text().split()))
        except OSError:
            continue  # it has ended
    return found


def _highest(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)
