"""Run reports to tell of, synthetic."""

from __future__ import annotations

from typing import Any

from solmu.errors import SolmuError
from solmu.notify.message import Standing
from solmu.sync.ledger import ACTION_STATES, STREAM_COUNTERS

HERE = Standing(hub="Acme", folder="/srv/acme hub")


def a_report(**changes: Any) -> dict[str, Any]:
    """The report of a good night, with changes."""
    report = {
        "run_id": "run_abc",
        "kind": "run",
        "started": "2024-11-05T03:30:00Z",
        "seconds": 61.0,
        "balanced": True,
        "unbalanced": [],
        "guards": [],
        "problems": [],
        "streams": {"erp/orders": stream(read=1200, unchanged=1190, new=10)},
        "mentions": {},
        "golden": {"organisations": 400, "people": 500},
        "pairs": {"same": 3, "ask": 0, "different": 9},
        "targets": {"crm": target(planned=7, created=4, updated=3)},
        "exit": 0,
    }
    return report | changes


def stream(**counts: int) -> dict[str, int]:
    return dict.fromkeys(STREAM_COUNTERS, 0) | counts


def target(**counts: int) -> dict[str, int]:
    beside = dict.fromkeys(("kept_out", "overridden", "secondary", "api_calls"), 0)
    return {"planned": 0, **dict.fromkeys(ACTION_STATES, 0), **beside} | counts


def problem(message: str, **where: Any) -> dict[str, Any]:
    return SolmuError(message, **where).as_dict()
