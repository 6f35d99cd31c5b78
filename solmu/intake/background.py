"""Work in a thread of its own beside a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread


@contextmanager
def in_background(name: str, work: Callable[[Event], None]) -> Iterator[None]:
    """Do ``work`` while the block runs. It is given an event that is set at the block's end, and is then waited for."""
    end = Event()
    thread = Thread(target=work, args=(end,), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
