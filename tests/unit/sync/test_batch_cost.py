"""A batch of a plan costs what is in it: SQLite finds its rows by index, and never goes through all of a target."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, insert

from solmu.store import Store, open_store
from solmu.store.tables import outbox, plan
from solmu.sync import loading, seal

WHOLE_TARGET = "(target=?)"
WHOLE_PLAN = "(plan_id=? AND position>?)"


def _ways(store: Store, read: Callable[[Connection], Any]) -> list[str]:
    """How SQLite finds the rows of every query that ``read`` asks."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    with store.read() as connection:
        event.listen(store.engine, "before_cursor_execute", note)
        read(connection)
        event.remove(store.engine, "before_cursor_execute", note)
        return [
            str(row[3])
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


def test_what_is_known_of_a_batch_is_found_by_its_ids(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'hub.db'}") as store:
        ways = _ways(
            store, lambda c: loading.load(c, "crm", "plan_1", list(range(1, 400)), hanging=["lead"], parent_fields={})
        )
    assert any("ix_outbox_golden_id" in way for way in ways)
    assert any("ix_remote_mention_id" in way for way in ways)
    assert not [way for way in ways if way.endswith(WHOLE_TARGET)]


def test_a_page_of_a_plan_begins_where_the_last_one_ended(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'hub.db'}") as store:
        with store.write() as connection:
            connection.execute(
                insert(plan).values(
                    id="plan_1", target="crm", run_id="run_1", state="open", rules_hash="", kept_out={}, made_at=0
                )
            )
            line = {"plan_id": "plan_1", "target": "crm", "object": "accounts", "position": 0, "action": "create"}
            line |= {"state": "planned", "subject": "accounts/rec_1", "parents": {}, "fields": {}, "attempts": 0}
            connection.execute(insert(outbox).values(**line, run_id="run_1", updated_at=0))
        ways = _ways(store, lambda c: list(seal.lines(c, "plan_1")))
    assert any("ix_outbox_plan (plan_id=? AND position=? AND rowid>?)" in way for way in ways)
    assert not [way for way in ways if WHOLE_PLAN in way]
