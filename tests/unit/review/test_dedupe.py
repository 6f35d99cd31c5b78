"""The dedupe report counts what there is, says why, and does no harm."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from python_calamine import load_workbook

from solmu.config.settings import Matching
from solmu.match import bundles
from solmu.match.decisions import Verdict
from solmu.match.resolve import resolve
from solmu.model import Entity
from solmu.report.bridges import bridge
from solmu.report.dedupe import dedupe_report
from solmu.report.dedupe_files import dedupe_html, write_dedupe_html, write_dedupe_json, write_dedupe_xlsx
from solmu.report.interval import wilson
from solmu.review.bring_back import import_sheet
from solmu.review.names import PairId
from tests.unit.review.conftest import HYDRAULICS, SHEET_METAL, Decide, Hub

EVIL = "<script>alert(1)</script>"


def report_of(hub: Hub, cap: int = 200) -> dict[str, Any]:
    with hub.store.read() as connection:
        return dedupe_report(connection, Matching(block_cap=cap), crms=("crm",), now=1_700_000_000_000_000)


def test_it_counts_what_was_merged_what_waits_and_what_was_refused(hub: Hub, decide: Decide) -> None:
    asked, apart = hub.asked(**SHEET_METAL), hub.asked(**HYDRAULICS)
    merged = [hub.organisation(name="Suomen Sorvi Oy", business_id="FI:01234567") for _ in range(3)]
    hub.settle()
    decide(apart, Verdict.DIFFERENT)
    hub.settle()
    report = report_of(hub)
    assert report["clusters"]["organisation"] == {"golden": 5, "mentions": 7, "merged": 1, "largest": 3}
    assert report["clusters"]["person"]["golden"] == 0
    assert {"entity": "organisation", "why": "identity", "links": 2} in report["why"]
    assert {"entity": "organisation", "band": "same", "rule": "business-id", "pairs": 3} in report["rules"]
    assert [each["pair"] for each in report["waiting"]["pairs"]] == [str(asked)]
    assert [(each["reason"], each["waiting"]) for each in report["refused"]["reasons"] if each["waiting"]] == [
        ("both-in-crm", 1)
    ]
    assert [each["pair"] for each in report["refused"]["examples"]] == [str(asked)]
    assert [each["verdict"] for each in report["refused"]["decided"]] == ["different"]
    assert report["decisions"]["different"] == 1
    (biggest,) = report["biggest"]
    assert (biggest["mentions"], biggest["sources"], biggest["why"]) == (3, {"erp": 3}, {"born": 1, "identity": 2})
    assert len(merged) == 3


def test_trust_counts_drawn_answers_only_and_tells_picked_ones_as_such(hub: Hub, decide: Decide) -> None:
    nothing = {"answers": 0, "same": 0, "share": None, "low": None, "high": None}
    assert report_of(hub)["trust"]["organisation"]["picked"] == {"asked": nothing, "merged": nothing}
    one, two = hub.asked(**SHEET_METAL), hub.asked(**HYDRAULICS)
    hub.settle()
    decide(one, Verdict.SAME)
    decide(two, Verdict.DIFFERENT)
    trust = report_of(hub)["trust"]["organisation"]
    assert (trust["state"], trust["answers"], trust["about"], trust["pairs"]) == ("unproven", 0, 400, None)
    asked = trust["picked"]["asked"]
    assert (asked["answers"], asked["share"], trust["picked"]["merged"]["answers"]) == (2, 0.5, 0)
    assert asked["low"] < 0.5 < asked["high"]
    assert report_of(hub)["trust"]["person"]["picked"]["asked"]["answers"] == 0


def test_a_crowded_key_is_recall_debt(hub: Hub) -> None:
    for number in range(4):
        hub.organisation(name=f"Merivirta {number} Oy", phone=["+358401234567"])
    hub.settle()
    debt = report_of(hub, cap=3)["recall_debt"]
    phone = next(each for each in debt["largest"] if each["kind"] == "tel")
    assert (phone["entity"], phone["mentions"]) == ("organisation", 4)
    assert debt["comparisons"] >= 6
    assert report_of(hub, cap=4)["recall_debt"]["keys"] == 0


def test_a_bridge_is_what_alone_holds_two_parts_together() -> None:
    edges = [(1, 2), (2, 3), (1, 3), (3, 4)]
    members = frozenset({1, 2, 3, 4})
    assert bridge((3, 4), edges, members) == (3, 1)
    assert bridge((1, 2), edges, members) is None
    # A steward has said the same: the comparison does not hold them together alone.
    assert bridge((3, 4), [*edges, (4, 3)], members) is None


def test_the_weakest_bridge_of_a_cluster_is_listed(hub: Hub) -> None:
    one = hub.organisation(name="Suomen Sorvi Oy", business_id="FI:01234567", phone=["+358401234567"])
    two = hub.organisation(name="Suomen Sorvi Oy", phone=["+358401234567"])
    hub.settle()
    assert hub.together(one, two)
    (found,) = report_of(hub)["bridges"]
    assert (found["rule"], found["parts"]) == ("name-and-contact", [1, 1])


def test_what_a_proven_score_joined_is_a_bridge_like_any_other_until_somebody_confirms_it(
    hub: Hub, decide: Decide
) -> None:
    card = {"domain": "merivirta.example", "phone": ["+358401234567"], **SHEET_METAL}
    ends = [hub.organisation(**{**card, "name": name}) for name in ("Merivirta Oy", "Merivirta Huolto Oy")]
    hub.settle()
    pair = PairId(*ends)
    assert hub.band(*ends) == "ask"
    with hub.store.write() as connection:
        shipped = bundles.active(connection)
        proven = bundles.with_threshold(shipped, Entity.ORGANISATION, 1.0, version="v", calibration={}, made=1)
        bundles.keep(connection, proven)
        bundles.activate(connection, "v", who="anna", now=1)
    hub.mark(ends)
    resolve(hub.store, hub.settings, run_id="run", now=9, remotes=hub.crms, models=proven)
    assert hub.together(*ends)
    assert [(each["pair"], each["rule"]) for each in report_of(hub)["bridges"]] == [(str(pair), "proven")]
    decide(pair, Verdict.SAME)
    assert report_of(hub)["bridges"] == []


def test_hostile_names_are_text_in_every_file(hub: Hub, tmp_path: Path, decide: Decide) -> None:
    hub.asked(**{**SHEET_METAL, "name": EVIL})
    other = hub.asked(**{**HYDRAULICS, "name": f"={EVIL}"})
    for _ in range(2):
        hub.organisation(name=f'" onload="{EVIL} Oy', business_id="FI:01234567")
    hub.settle()
    decide(other, Verdict.DIFFERENT, who=EVIL)
    hub.settle()
    report = report_of(hub)
    page = dedupe_html(report, EVIL)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert page.startswith("<!doctype html>")
    assert all(word not in page for word in (' src="', " href=", "url(", "@import"))
    reports = tmp_path / "reports"
    write_dedupe_html(reports / "d.html", report, "hub")
    write_dedupe_json(reports / "d.json", report)
    with hub.store.read() as connection:
        write_dedupe_xlsx(reports / "d.xlsx", connection, report)
    assert {stat.S_IMODE(each.stat().st_mode) for each in reports.iterdir()} == {0o600}
    names = load_workbook(reports / "d.xlsx").sheet_names
    assert names == ["review", "how to", "summary", "trust", "merged", "bridges", "refused", "recall debt"]
    assert import_sheet(hub.store, reports / "d.xlsx", who="anna")["blank"] == 1


def test_an_empty_hub_has_a_report(hub: Hub) -> None:
    assert "None." in dedupe_html(report_of(hub), "hub")


@pytest.mark.parametrize(("right", "of", "low"), [(381, 381, 0.99), (380, 380, 0.98999), (562, 563, 0.99)])
def test_wilson_takes_so_many_answers_for_99_percent(right: int, of: int, low: float) -> None:
    found = wilson(right, of)
    assert found is not None
    assert found[0] == pytest.approx(low, abs=1e-4)
    assert (found[0] >= 0.99) == (of != 380)


def test_wilson_of_nothing_says_nothing() -> None:
    assert wilson(0, 0) is None
