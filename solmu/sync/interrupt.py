"""Being asked to end: Ctrl-C, or SIGTERM from the system or from Prefect.

The first signal is only noted; whoever works in batches looks at the note between two of them and stops there, with
everything of the batch stored. A second signal ends the process at once, as without Solmu; what that leaves half-done
is rolled back, or looked up by the next run.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SLICE = 0.2
_SAID = b"\nending when the batch under way is done; once more ends at once\n"

# Signals are the process's, so the note is too, and so are the handlers that stood before.
_asked: int | None = None
_before: dict[signal.Signals, Callable[[int, FrameType | None], Any] | int | None] = {}


class Interrupted(KeyboardInterrupt):
    """Raised between two batches, after ``signal`` asked for an end.

    Not an error of a connection, which would be kept while the others go on: it passes all of those by.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"signal {number}")
        self.signal = number

    @property
    def exit_code(self) -> int:
        """130 for SIGINT, 143 for SIGTERM."""
        return 128 + self.signal


def check() -> None:
    """Raise Interrupted if an end was asked for. Call it where nothing is half-done."""
    if _asked is not None:
        raise Interrupted(_asked)


def patient(seconds: float) -> None:
    """Sleep. Raises Interrupted as soon as an end is asked for: nobody takes a wait cut short for one that is over."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        check()
        time.sleep(min(left, _SLICE))
    check()


@contextmanager
def heeding_signals() -> Iterator[None]:
    """Note signals for the block, so that ``check`` hears of them. Does nothing outside of the main thread, which is
    the only one that gets any, and nothing within another such block."""
    global _asked
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is _note:
        yield
        return
    _asked = None
    _before.update({number: signal.signal(number, _note) for number in SIGNALS})
    try:
        yield
    finally:
        _restore()
        _asked = None


def _restore() -> None:
    for number, handler in _before.items():
        # None stands for a handler that was not set from Python, and cannot be set from there.
        signal.signal(number, signal.SIG_DFL if handler is None else handler)
    _before.clear()


def _note(number: int, _frame: FrameType | None) -> None:
    global _asked
    if _asked is not None:
        _restore()
        signal.raise_signal(number)
        return
    _asked = number
    # Not print(): the signal may have come in the middle of one.
    os.write(2, _SAID)
