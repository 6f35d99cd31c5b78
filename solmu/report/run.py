"""The run report, as ``contracts.md`` has it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Connection, func, select

from solmu.errors import ConfigurationError, Stopped
from solmu.match.taken_back import taken_back
from solmu.model import Entity
from solmu.report.silence import Streams, silent_sources
from solmu.store import dirty, time
from solmu.store.tables import golden
from solmu.sync import ledger
from solmu.sync.anew import mapped_anew
from solmu.sync.left_out import SECTION as LEFT_OUT
from solmu.sync.lost_columns import lost_columns

if TYPE_CHECKING:
    from solmu.sync.run import Run

_BANDS = ("same", "ask", "different")
_UNDONE = ("rejected", "retriable", "unknown", "blocked")
_OF_A_SOURCE = {"source-shrank", "refused-share"}
_BESIDE = ("kept_out", "overridden", "secondary", "api_calls")
_NO_ACTIONS = {"planned": 0, **dict.fromkeys(ledger.ACTION_STATES, 0)}


def run_report(connection: Connection, run: Run, unbalanced: list[str], mentions: Mapping[str, int]) -> dict[str, Any]:
    """The report of a run that is about to be closed; ``mentions`` are those of the whole hub, by state."""
    streams = ledger.stream_counts(connection, run.id)
    pairs = ledger.counts(connection, run.id, "pairs").get("all", {})
    report = {
        "run_id": run.id,
        "kind": run.kind,
        "started": time.iso(run.started),
        "seconds": round((time.now() - run.started) / 1_000_000, 3),
        "balanced": not unbalanced,
        "unbalanced": unbalanced,
        "guards": sorted(set(run.guards)),
        "problems": [problem.as_dict() for problem in run.problems],
        "streams": streams,
        "mapped_anew": mapped_anew(connection, run.id),
        "left_out": ledger.counts(connection, run.id, LEFT_OUT),
        "mentions": dict(mentions),
        "golden": golden_counts(connection),
        "pairs": {band: pairs.get(band, 0) for band in _BANDS},
        "targets": _targets(connection, run),
        "not_sent": {
            name: dirty.waiting(connection, f"target:{name}") for name in sorted(run.failed.intersection(run.targets))
        },
        "silent": _silent(connection, run, streams),
        "lost_columns": lost_columns(connection, run.hub, run_id=run.id),
        "taken_back": taken_back(connection, run_id=run.id),
    }
    return report | {"exit": _exit(run, report)}


def golden_counts(connection: Connection) -> dict[str, int]:
    """How many live golden records there are of each kind."""
    query = select(golden.c.entity, func.count()).where(golden.c.state == "live").group_by(golden.c.entity)
    found: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return {"organisations": found.get(Entity.ORGANISATION, 0), "people": found.get(Entity.PERSON, 0)}


def write_report(folder: Path, report: dict[str, Any]) -> Path:
    """Write ``reports/<run>.json`` and ``reports/latest.json``; each appears whole or not at all."""
    reports = folder / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    text = orjson.dumps(report, option=orjson.OPT_INDENT_2)
    path = reports / f"{report['run_id']}.json"
    for each in (path, reports / "latest.json"):
        part = each.with_suffix(".part")
        part.write_bytes(text)
        part.replace(each)
    return path


def _targets(connection: Connection, run: Run) -> dict[str, dict[str, int]]:
    actions = ledger.action_counts(connection, run.id)
    beside = ledger.counts(connection, run.id, "targets")
    return {
        name: {
            **actions.get(name, _NO_ACTIONS),
            **{what: beside.get(name, {}).get(what, 0) for what in _BESIDE},
        }
        for name in sorted({*run.targets, *actions})
    }


def _silent(connection: Connection, run: Run, streams: Streams) -> list[dict[str, Any]]:
    """Looked for by nights, in what they could read."""
    if run.kind != "run":
        return []
    read = (run.tried - run.failed).intersection(run.sources)
    return silent_sources(connection, read, streams, now=run.started, least=run.hub.settings.guards.silent_days)


def _exit(run: Run, report: dict[str, Any]) -> int:
    if not report["balanced"]:
        return 1
    if run.interrupted is not None:
        return run.interrupted
    nothing_done = bool(run.failed) and run.failed >= run.tried
    stops = [problem.guard for problem in run.problems if isinstance(problem, Stopped)]
    # A source that shrank, or whose rows are suddenly refused, is one connection that failed; the others have gone on.
    if stops and (nothing_done or not set(stops) <= _OF_A_SOURCE):
        return Stopped.exit_code
    if nothing_done:
        configuration = any(isinstance(problem, ConfigurationError) for problem in run.problems)
        return ConfigurationError.exit_code if configuration else 1
    refused = run.refused_again or any(row["refused"] for row in report["streams"].values())
    undone = any(
        row[state] for row in report["targets"].values() for state in ("rejected", "retriable", "unknown", "blocked")
    )
    return 3 if refused or undone or run.failed else 0
