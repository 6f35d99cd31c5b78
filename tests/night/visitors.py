"""What visitors enter in a web form, and a small run that takes it. Synthetic names."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from solmu.config import Hub, load_hub
from solmu.exchange import Request
from solmu.intake.store import IntakeStore, intake_path
from solmu.live import small
from solmu.store import Store
from tests.hubs import crm_of

SmallRun = Callable[[], dict[str, Any]]
FORM = """
connector: webform
direction: source
settings: {scheme: header, secret: "${FORM_SECRET}"}
streams:
  enquiries: {mapping: webform/contact-form}
"""


def with_form(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The hub with a web form."""
    monkeypatch.setenv("FORM_SECRET", "a-synthetic-secret-of-a-test")
    (hub.folder / "connections" / "form.yaml").write_text(FORM.lstrip())
    return load_hub(hub.folder)


def run_small(hub: Hub, store: Store) -> dict[str, Any]:
    """One small run with the configuration as it stands in the hub's folder now; gives the report."""
    now = load_hub(hub.folder)
    with store.read() as connection:
        work = small.work_of(now, connection)
    assert work
    report = small.small_run(now, store, work)
    assert report["balanced"], report["unbalanced"]
    return report


def deliver(hub: Hub, number: int, **more: str) -> None:
    fields = {
        "company": f"Visitors {number} Oy",
        "name": f"Ilona Vieras{number}",
        "email": f"ilona{number}@visitors{number}.example",
        "message": "Please call.",
    }
    body = json.dumps(fields | more).encode()
    headers = {"content-type": "application/json"}
    with IntakeStore(intake_path(hub.folder)) as intake:
        request = Request("POST", "", "https://hub.example/in/form", headers, body, datetime.now(UTC))
        intake.add([("form", f"delivery-{number}", request)])


def emails(hub: Hub) -> list[str]:
    return sorted(each["Email"] for each in crm_of(hub).records("contacts").values())
