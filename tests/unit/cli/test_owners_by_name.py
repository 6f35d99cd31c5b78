"""In a terminal, too, a user of a CRM is called by name."""

from __future__ import annotations

import pytest

from solmu.cli.look import _called
from solmu.cli.planned import print_plan
from solmu.store.owners import Owner, Owners

AINO = "005Sm0000000003IAA"
KNOWN = Owners({"crm": {AINO: Owner("Aino", active=True), "17": Owner("Eero", active=True)}})


def test_a_plan_names_whom_a_field_points_at(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    fields = {
        "OwnerId": {"old": None, "new": AINO, "rule": "assign 1", "source": None},
        "NumberOfEmployees": {"old": None, "new": "17", "rule": "rank", "source": "erp/customers/1"},
    }
    action = {"action": "create", "object": "accounts", "remote_id": None, "fields": fields}
    print_plan({"id": "plan_1", "target": "crm", "actions": [action], "kept_out": {}}, KNOWN)
    told = capsys.readouterr().out
    assert f"Aino ({AINO})" in told
    assert "Eero" not in told


def test_why_a_customer_is_what_it_is_names_their_owner() -> None:
    assert _called({"value": AINO, "name": "Aino"}) == f"Aino ({AINO})"
    assert _called({"value": ["a", "b"]}) == "a, b"
