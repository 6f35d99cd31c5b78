"""The run report as one HTML page that stands alone: no script, no network, nothing personal but refused rows.

Its flow picture is drawn to scale: a band is as wide as its share of the rows that flowed, but never too narrow for its
name to be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from solmu.report.page import environment
from solmu.store.tables import quarantine, source_record
from solmu.sync.ledger import ACTION_STATES

_WIDTH, _HEIGHT, _BAR, _GAP, _LEGIBLE = 880, 300, 14, 6, 16.0
_COLUMNS = (0, (_WIDTH - _BAR) // 2, _WIDTH - _BAR)


@dataclass(frozen=True, slots=True)
class Node:
    """A bar of the picture; ``value`` is what its height stands for."""

    name: str
    value: int
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Band:
    """A stream between two bars, as the path of an SVG shape."""

    path: str
    title: str


def html(report: Mapping[str, Any], refusals: Sequence[Mapping[str, Any]] = ()) -> str:
    """The page. ``refusals`` are as ``refusals_of`` gives them."""
    nodes, bands = picture(report)
    return (
        environment()
        .get_template("run.html")
        .render(
            report=report,
            refusals=refusals,
            nodes=nodes,
            bands=bands,
            width=_WIDTH,
            height=max((node.y + node.height for node in nodes), default=0),
            bar=_BAR,
            stream_columns=_columns(report["streams"]),
            target_columns=_columns(report["targets"]),
            middle=_COLUMNS[1],
        )
    )


def refusals_of(connection: Connection) -> list[dict[str, Any]]:
    """What waits in quarantine by reason: how many rows of which stream, and one example of each."""
    query = (
        select(
            source_record.c.connection,
            source_record.c.stream,
            quarantine.c.code,
            quarantine.c.field,
            func.count().label("rows"),
            func.min(quarantine.c.message).label("message"),
            func.min(quarantine.c.expected).label("expected"),
        )
        .join(source_record, source_record.c.id == quarantine.c.record_id)
        .where(quarantine.c.state == "waiting")
        .group_by(source_record.c.connection, source_record.c.stream, quarantine.c.code, quarantine.c.field)
        .order_by(func.count().desc(), source_record.c.connection, source_record.c.stream, quarantine.c.code)
    )
    return [dict(row._mapping) for row in connection.execute(query)]


def write_html(folder: Path, report: Mapping[str, Any], refusals: Sequence[Mapping[str, Any]]) -> Path:
    """Write ``reports/<run>.html`` and ``reports/latest.html``."""
    reports = folder / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    text = html(report, refusals)
    path = reports / f"{report['run_id']}.html"
    for each in (path, reports / "latest.html"):
        part = each.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(each)
    return path


def picture(report: Mapping[str, Any]) -> tuple[list[Node], list[Band]]:
    """Sources on the left, golden records in the middle, targets on the right. Pure."""
    read = {name: row["read"] for name, row in report["streams"].items() if row["read"]}
    refused = {name: row["refused"] for name, row in report["streams"].items()}
    planned = {
        f"{name}: {state}": row[state]
        for name, row in report["targets"].items()
        for state in ACTION_STATES
        if row[state]
    }
    golden = sum(report["golden"].values())
    left = _column(read, _COLUMNS[0])
    middle = _column({"golden records": golden} if golden else {}, _COLUMNS[1])
    right = _column(planned, _COLUMNS[2])
    bands: list[Band] = []
    if middle:
        good = {name: value - refused[name] for name, value in read.items()}
        bands += _join(left, middle[0], good, "{} rows of {}")
        bands += _join(right, middle[0], planned, "{} actions, {}")
    return [*left, *middle, *right], bands


def _column(values: Mapping[str, int], x: int) -> list[Node]:
    total = sum(values.values())
    nodes: list[Node] = []
    y = 0.0
    for name, value in values.items():
        height = max(_LEGIBLE, _HEIGHT * value / total)
        nodes.append(Node(name, value, x, round(y, 1), round(height, 1)))
        y += height + _GAP
    return nodes


def _join(outer: Sequence[Node], hub: Node, values: Mapping[str, int], title: str) -> list[Band]:
    """Bands between the bars of an outer column and the one in the middle, stacked there in the same order."""
    total = sum(values[node.name] for node in outer) or 1
    bands: list[Band] = []
    y = hub.y
    for node in outer:
        share = hub.height * values[node.name] / total
        height = node.height * values[node.name] / node.value
        inner = (y, y + share)
        y += share
        x1, x2 = (node.x + _BAR, hub.x) if node.x < hub.x else (hub.x + _BAR, node.x)
        ends = ((node.y, node.y + height), inner) if node.x < hub.x else (inner, (node.y, node.y + height))
        bands.append(Band(_path(x1, x2, *ends), title.format(values[node.name], node.name)))
    return bands


def _path(x1: float, x2: float, left: tuple[float, float], right: tuple[float, float]) -> str:
    half = (x1 + x2) / 2
    return (
        f"M{x1},{left[0]:.1f} C{half},{left[0]:.1f} {half},{right[0]:.1f} {x2},{right[0]:.1f} "
        f"L{x2},{right[1]:.1f} C{half},{right[1]:.1f} {half},{left[1]:.1f} {x1},{left[1]:.1f} Z"
    )


def _columns(rows: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Columns that are zero throughout say nothing."""
    return [c for c in next(iter(rows.values()), {}) if any(row[c] for row in rows.values())]
