"""A process that maps, so that another one has both hands free to read and to store. It opens no store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solmu.beside.child import Answer, Child, Lost, answer, start_child
from solmu.sync.birth import bear
from solmu.sync.stage import Maps, Stage
from solmu.sync.stream import Stream

Helper = Child
"""It is given batches of ``Fresh`` records, and answers with what is ``Born`` of each."""

_Task = tuple[Stream, bool, Callable[[], Maps], bytes, bool]


def start(stage: Stage, key: bytes, *, tombstones: bool) -> Helper | None:
    """Start a helper for a stream, if this machine can run one. Does not wait until it is ready."""
    if stage.elsewhere is None:
        return None
    task: _Task = (stage.stream, stage.partial, stage.elsewhere, key, tombstones)
    return start_child(__name__, task, stage.mapping.recipe)


def serve() -> None:
    """Map whatever comes in on standard input, and answer there, until it ends."""
    answer(_begin)


def _begin(task: Any) -> tuple[str, Answer]:
    stream, partial, remake, key, tombstones = task
    stage = Stage(stream, remake(), partial, targets=())
    return stage.mapping.recipe, lambda batch: bear(batch, stage, key, tombstones=tombstones)


__all__ = ["Helper", "Lost", "serve", "start"]
