"""Mapping a stream's rows anew as a step of a run; see ``anew`` for what is marked, and when."""

from __future__ import annotations

from solmu.sync import ledger
from solmu.sync.anew import ANEW, mapped_anew, mark_anew
from solmu.sync.claims import map_pending
from solmu.sync.guard import Limits, Tripped, look_at_stream
from solmu.sync.running import Run
from solmu.sync.stage import Stage


def follow_mapping(run: Run, stage: Stage, *, read: bool = False) -> None:
    """Map the stream anew if another recipe was applied to it until now, or go on with that.

    Called before the stream is read, so that whatever comes meets records in the state that they deserve, and after
    (``read``): a target's records are mapped then, since only then is what is stored what the target holds, and ours
    told from theirs. Not in a small run, which somebody waits for: that is a night's work.
    """
    big = read == (stage.as_remote is not None) and run.kind != ledger.SMALL_RUN
    if read and not big:
        return
    done = run.progress(f"mapping {stage.stream.path} anew")
    mark_anew(run.store, stage, progress=done, big=big)
    if big:
        before = _counted(run, stage)["refused"]
        map_pending(run.store, stage, run_id=run.id, count=False, consumer=ANEW, progress=done)
        run.refused_again += _counted(run, stage)["refused"] - before


def look_at_mapping(run: Run, stage: Stage, limits: Limits) -> list[Tripped]:
    """The guard that a mapping trips which now refuses many rows that it took before."""
    counted = _counted(run, stage)
    return look_at_stream(read=counted["rows"], refused=counted["refused"], limits=limits, overridden=run.override)


def _counted(run: Run, stage: Stage) -> dict[str, int]:
    with run.store.read() as connection:
        found = mapped_anew(connection, run.id).get(stage.stream.path, {})
    return {name: found.get(name, 0) for name in ("rows", "refused")}
