"""The run report as a page: to scale, alone, and proof against what rows say."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from solmu.report.html import html, picture
from solmu.sync.ledger import ACTION_STATES, MENTION_STATES, STREAM_COUNTERS


def report(streams: dict[str, dict[str, int]], targets: dict[str, dict[str, int]], golden: int = 10) -> dict[str, Any]:
    return {
        "run_id": "run_1",
        "kind": "run",
        "started": "2026-01-02T03:04:05Z",
        "seconds": 1.25,
        "exit": 0,
        "balanced": True,
        "unbalanced": [],
        "guards": [],
        "problems": [],
        "streams": {name: {**dict.fromkeys(STREAM_COUNTERS, 0), **row} for name, row in streams.items()},
        "mentions": dict.fromkeys(MENTION_STATES, 0),
        "golden": {"organisations": golden, "people": 0},
        "pairs": {"same": 1, "ask": 2, "different": 3},
        "targets": {
            name: {"planned": sum(row.values()), **dict.fromkeys(ACTION_STATES, 0), **row}
            for name, row in targets.items()
        },
    }


def test_bars_are_as_high_as_their_share() -> None:
    nodes, bands = picture(report({"a/x": {"read": 300}, "b/y": {"read": 100}}, {"crm": {"created": 5}}))
    heights = {node.name: node.height for node in nodes}
    assert heights["a/x"] == 3 * heights["b/y"]
    assert [band.title for band in bands] == ["300 rows of a/x", "100 rows of b/y", "5 actions, crm: created"]


def test_refused_rows_do_not_flow_on() -> None:
    _, bands = picture(report({"a/x": {"read": 4, "refused": 1}}, {}))
    assert [band.title for band in bands] == ["3 rows of a/x"]


@given(
    st.dictionaries(st.text("abc/", min_size=1), st.integers(0, 10**7), max_size=6),
    st.dictionaries(st.sampled_from(["crm", "mail"]), st.integers(0, 10**6)),
    st.integers(0, 3),
)
def test_any_run_can_be_drawn(read: dict[str, int], created: dict[str, int], golden: int) -> None:
    streams = {name: {"read": number} for name, number in read.items()}
    picture(report(streams, {name: {"created": number} for name, number in created.items()}, golden))


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    page = html(report({"a/x": {"read": 1}}, {"crm": {"created": 1}}))
    assert not re.search(r"<script|<link|<img|\ssrc=|https?://", page)


def test_what_a_row_says_is_text_and_never_markup() -> None:
    hostile = "<script>alert(1)</script>"
    refusal = {"connection": "a", "stream": "x", "code": "c", "field": hostile, "rows": 1}
    page = html(report({hostile: {"read": 1}}, {}), [{**refusal, "message": hostile, "expected": hostile}])
    assert "<script" not in page
    HTMLParser().feed(page)
