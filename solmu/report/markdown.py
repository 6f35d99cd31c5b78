"""The run report as Markdown, for Prefect's artifact page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solmu.errors import where
from solmu.match.taken_back import in_words as threshold_in_words
from solmu.sync.lost_columns import in_words


def markdown(report: Mapping[str, Any]) -> str:
    """One page: what came in, what it became, what went out."""
    lines = [
        f"# Run `{report['run_id']}`",
        "",
        f"Started {report['started']}, {report['seconds']:.0f} s, exit {report['exit']}; "
        + ("the books balance." if report["balanced"] else "**the books do not balance.**"),
        "",
        "## Sources",
        "",
        *_table("stream", report["streams"]),
        "",
        *_anew(report),
        "## What it became",
        "",
        f"{report['golden']['organisations']} organisations and {report['golden']['people']} people.",
        "Mentions: " + _listed(report["mentions"]) + ".",
        "Pairs compared: " + _listed(report["pairs"]) + ".",
        "",
        "## Targets",
        "",
        *_table("target", report["targets"]),
    ]
    if report["problems"]:
        lines += ["", "## Problems", "", *(f"- {_problem(problem)}" for problem in report["problems"])]
    lost = report.get("lost_columns", ())
    if lost:
        lines += ["", "## Lost columns", "", *(f"- {in_words(each)}" for each in lost)]
    broken = report.get("taken_back", ())
    if broken:
        lines += ["", "## Thresholds taken back", "", *(f"- {threshold_in_words(each)}" for each in broken)]
    return "\n".join(lines) + "\n"


def _anew(report: Mapping[str, Any]) -> Sequence[str]:
    mapped = report.get("mapped_anew", {}).items()
    return [
        line for name, each in mapped for line in (f"{each['rows']} rows of {name} mapped anew: {each['why']}.", "")
    ]


def _table(name: str, rows: Mapping[str, Mapping[str, int]]) -> Sequence[str]:
    if not rows:
        return ["none"]
    # Columns that are zero throughout say nothing.
    columns = [c for c in next(iter(rows.values())) if any(row[c] for row in rows.values())]
    head = [f"| {name} | " + " | ".join(columns) + " |", "|---" + "|---:" * len(columns) + "|"]
    return head + [f"| {key} | " + " | ".join(str(row[c]) for c in columns) + " |" for key, row in rows.items()]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{value} {name}" for name, value in counts.items() if value) or "none"


def _problem(problem: Mapping[str, Any]) -> str:
    expected = f" (expected: {problem['expected']})" if problem["expected"] else ""
    return f"**{where(problem)}** {problem['message']}{expected}"
