"""Closing a run: its books, its report, and who hears of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solmu.beside.garbage import rarely_collected
from solmu.errors import Stopped
from solmu.notify.tell import tell as tell_people
from solmu.report.dedupe_files import keep_dedupe
from solmu.report.html import refusals_of, write_html
from solmu.report.quality import measure
from solmu.report.run import run_report, write_report
from solmu.report.silence import note_arrivals
from solmu.store import time
from solmu.sync import ledger
from solmu.sync.interrupt import heeding_signals
from solmu.sync.running import Run

_LEAVES_A_DEDUPE_REPORT = frozenset({"run", "import"})


def finish(run: Run, *, quiet: bool = False) -> dict[str, Any]:
    """Close the run: its books must balance, its report is stored and written to the hub's ``reports/``, and whoever
    is to hear of it is told. ``quiet``: it is only stored.
    """
    with heeding_signals():  # this is the end
        with run.store.read() as connection:
            mentions = ledger.mention_counts(connection)
            unbalanced = ledger.imbalances(connection, run.id, mentions)
            report = run_report(connection, run, unbalanced, mentions)
            refusals = [] if quiet else refusals_of(connection)
        if quiet:
            _close(run, report)
            return report
        _keep(run, report, refusals)
        if run.kind in _LEAVES_A_DEDUPE_REPORT:
            brought = sum(row[each] for row in report["streams"].values() for each in ("new", "changed", "deleted"))
            keep_dedupe(run.hub, run.store, sum(mentions.values()), brought)
    told = tell_people(run.hub, run.store, report)
    if told != report:
        _keep(run, told, refusals)
    if run.kind == "run":
        with rarely_collected():
            measure(run.hub, run.store)
    return told


def _keep(run: Run, report: dict[str, Any], refusals: Sequence[Mapping[str, Any]]) -> None:
    _close(run, report)
    write_report(run.hub.folder, report)
    write_html(run.hub.folder, report, refusals)


def _close(run: Run, report: dict[str, Any]) -> None:
    with run.store.write() as connection:
        ledger.finish(connection, run.id, state=_state(run, report), exit=report["exit"], report=report, now=time.now())
        note_arrivals(connection, report["streams"], now=run.started)


def _state(run: Run, report: Mapping[str, Any]) -> str:
    if run.interrupted is not None:
        return "interrupted"
    return "failed" if report["exit"] == 1 else "stopped" if report["exit"] == Stopped.exit_code else "done"
