"""Fewer searches for cyclic garbage, for work in batches."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_OBJECTS, _TIMES = 1_000_000, 100


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Let the interpreter look for cyclic garbage less often in this block.

    A batch is some ten thousand objects that are made, and let go, together, and have no cycles. By default the
    interpreter looks through them dozens of times while they live, which takes a fifth of all time; and each tenth time
    through all that has been remembered since it last did so.
    """
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, _TIMES, before[2])
    try:
        yield
    finally:
        gc.set_threshold(*before)
