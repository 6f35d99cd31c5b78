"""What is told of models and calibrations in a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from solmu.cli.matched import print_calibration, print_difference, print_versions

AUDIT = {
    "threshold": 21.123456,
    "pairs": {"answers": 300, "errors": 0, "worth": 290, "low": 0.98693, "high": 1.0},
    "clusters": {"answers": 300, "errors": 0, "worth": 290, "low": 0.98693, "high": 1.0},
}


def calibration(**more: Any) -> dict[str, Any]:
    """Of organisations, unproven but for what is said otherwise."""
    return {
        "entity": "organisation", "version": "default-1", "state": "unproven", "promised": 0.99, "in_force": None,
        "threshold": None, "answers": 40, "about": 400, "fixing": 4, "fixing_needed": 20, "lacking": None, "drawn": 40,
        "unanswered": 0, "audit": None, "joins": 0, "warnings": [], **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (calibration(), "too few answers yet to fix a threshold on: 4 of 20"),
        (calibration(unanswered=7), "solmu review list has those that wait"),
        (calibration(fixing=60), "no threshold keeps the promise among the 60 answers"),
        (
            calibration(audit=AUDIT, threshold=21.123456, lacking=91),
            "from weight 21.12 on, 300 of 300 pairs were right",
        ),
        (calibration(audit=AUDIT, threshold=21.123456, lacking=91), "some 91 more from there on, all of them right"),
        (
            calibration(audit=AUDIT, threshold=21.1, state="broken", in_force=21.1),
            "the next run takes the threshold back",
        ),
    ],
)
def test_what_lacks_to_a_proof_is_told(capsys: pytest.CaptureFixture[str], document: dict[str, Any], told: str) -> None:
    print_calibration(document)
    assert told in capsys.readouterr().out


def test_what_is_doubtful_about_a_model_is_told_under_its_whole_name(capsys: pytest.CaptureFixture[str]) -> None:
    figures = {
        "mentions": 700,
        "doubtful": ["town: 'same city' speaks against"],
        "correlated": [{"comparisons": ["email", "name"], "among": "same", "correlation": 0.9, "pairs": 300}],
    }
    one = {"ask": 20.0, "same": 31.23456, "figures": figures, "calibration": None}
    name = "2026-11-22.2+2026-11-23"
    print_versions(
        [
            {
                "version": name,
                "kind": "calibrated",
                "made": "2026-11-23T10:00:00Z",
                "active": True,
                "entities": {"person": one},
            }
        ]
    )
    out = capsys.readouterr().out
    assert (
        f"{name}, person: trained on 700 mentions; doubtful: town: 'same city' speaks against; email and name say"
        in out
    )
    assert "31.23" in out
    assert "31.234" not in out


@pytest.mark.parametrize(
    ("crowded", "applied", "told"),
    [
        (1, None, "1 key is held by too many to be compared; behind it 3 likely pairs"),
        (2, None, "2 keys are held by too many to be compared; behind them 3 likely pairs"),
        (0, {"marked": 9, "done": True, "problems": []}, "applied: 9 mentions were matched anew"),
        (0, {"marked": 9, "done": False, "problems": []}, "not matched yet; the next run does: solmu run"),
    ],
)
def test_a_difference_report_says_what_is_left_and_what_follows(
    capsys: pytest.CaptureFixture[str], crowded: int, applied: dict[str, Any] | None, told: str
) -> None:
    scored = {"scored": 5, "stored": 5, "crowded": crowded, "likely": 3, "behind": 8, "left_behind": 0, "keys": []}
    report = {"mentions": 9, "version": "v", "in_force": "v", "waiting": 0, "pairs": {}, "clusters": {}}
    more = {} if applied is None else {"applied": applied}
    print_difference({**report, "splink": {"organisation": scored}, **more})
    assert told in " ".join(capsys.readouterr().out.split())
