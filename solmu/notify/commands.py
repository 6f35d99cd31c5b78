"""What to type next, by what went wrong. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# Plain words only: an error may quote a column of a sheet that somebody sent, and this is pasted into a shell.
_COMMAND = re.compile(r"`(solmu(?: [\w./:=@+-]+)+)`")
_OVERRIDE = re.compile(r"`(--override guard=[a-z-]+)`")

_OF_A_SOURCE = {"source-shrank", "refused-share"}  # guards that stop one source, and no run


def commands(report: Mapping[str, Any], *, folder: str, most: int) -> list[str]:
    """At most so many command lines, the most urgent first, each ready to be pasted into a shell."""
    found = dict.fromkeys(_commands(report))
    return [f"{each} --hub {shlex.quote(folder)}" for each in found][:most]


def _commands(report: Mapping[str, Any]) -> Iterator[str]:
    if report["exit"] in (130, 143):
        # A list that was being imported is read again by whoever has it; what has landed of it is known by then.
        yield "solmu status" if report["kind"] == "import" else "solmu run"
        return
    if not report["balanced"] or report.get("died"):
        yield "solmu doctor"
        yield "solmu run"
        return
    for problem in report["problems"]:
        yield from _of_problem(problem, report["guards"], report["targets"])
    if _sum(report["targets"], "rejected"):
        yield "solmu retry --outbox"
    if _sum(report["targets"], "conflicting"):
        yield "solmu conflict list"
    if _sum(report["streams"], "refused"):
        yield "solmu export quarantine"
    if report["pairs"]["ask"]:
        yield "solmu review list"
    yield "solmu status"


def _of_problem(problem: Mapping[str, Any], guards: Sequence[str], targets: Mapping[str, Any]) -> Iterator[str]:
    connection, expected = problem["connection"], problem["expected"] or ""
    stated = _COMMAND.search(expected)
    override = _OVERRIDE.search(expected)
    if stated:
        yield stated[1]
    elif problem["code"] in guards:
        if connection in targets and problem["code"] not in _OF_A_SOURCE:
            yield f"solmu plan {connection}"
        elif connection:
            yield f"solmu connection preview {connection}"
        yield f"solmu run {override[1]}" if override else "solmu run"
    elif connection:
        yield f"solmu connection check {connection}"
        yield f"solmu run --select {connection}"


def _sum(rows: Mapping[str, Mapping[str, int]], counter: str) -> int:
    return sum(row[counter] for row in rows.values())
