"""What is drawn up of a plan's lines is what would be read of them from the store."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from solmu.store import open_store
from solmu.store.payload import canonical
from solmu.store.sql import as_document, from_json
from solmu.sync.drawn import Drafts, drawn

FATE = ("planned", None, None, None)


def said(position: int, action: str = "create", new: Any = "Oulu", rule: str = "hub") -> dict[str, Any]:
    fields = {"City": {"old": None, "new": new, "rule": rule, "source": None}}
    return {"action": action, "object": "accounts", "position": position, "subject": "accounts/rec_1", "fields": fields}


@pytest.mark.parametrize("value", ["Oulu", 1.0, 1e300, -0.0, 2**70, date(2026, 1, 2), ["b", {"z": 1, "a": None}]])
def test_a_line_is_the_text_that_would_be_made_of_what_is_stored(value: Any) -> None:
    line = said(0, new=value)
    stored = as_document(line["fields"])
    assert drawn(line, stored, FATE).text == canonical({**line, "fields": from_json(stored)})


def test_lines_are_sealed_in_the_order_in_which_they_are_sent(database_url: str, tmp_path: Path) -> None:
    lines = [said(1), said(0), said(1, "update"), said(0, "link", rule="stamp")]
    written = io.BytesIO()
    with Drafts(tmp_path / "plans") as drafts, open_store(database_url) as store, store.read() as connection:
        drafts.add(drawn(line, as_document(line["fields"]), FATE) for line in lines)
        found = drafts.digest(connection, "plan_1", written)
        again = drafts.digest(connection, "plan_1")
    actions = orjson.loads(b"[" + written.getvalue() + b"]")
    assert [(each["position"], each["action"]) for each in actions] == [
        (0, "create"), (0, "link"), (1, "create"), (1, "update"),
    ]  # fmt: skip
    assert {each["state"] for each in actions} == {"planned"}
    assert found.hash == again.hash
    assert (found.created, found.changed) == (2, {"accounts": 1})
    assert found.writes == {("accounts", True): 2, ("accounts", False): 2}
    assert list((tmp_path / "plans").iterdir()) == []
