"""What else the hub of ``pages_hub.py`` holds, so that no page is fast because its table is empty. All synthetic.

Every company is in the CRM and has ordered once, so all of them are customers and stand in one list of the home page
or the other. Some wait for a person: pairs to decide, rows refused, fields that the CRM has changed as well. One plan
is made and not sent, and there are the runs of three years of nights.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, insert

from benchmarks.hub import TARGET
from solmu.config import Hub
from solmu.followup.count import count
from solmu.report.quality import measure
from solmu.store import Store
from solmu.store.ids import mint
from solmu.store.payload import pack
from solmu.store.sql import chunks, upsert
from solmu.store.tables import (
    conflict,
    meta,
    order,
    outbox,
    pair,
    plan,
    quarantine,
    remote,
    run,
    source_record,
    source_version,
)
from solmu.sync.ledger import ACTION_STATES
from solmu.sync.rules import golden_rules, target_rules

NOW = 1_790_000_000_000_000
DAY = 86_400_000_000
RUNS = 1_100
LINES = 20_000
"""Of the plan that waits; more than its page counts would show no more of them."""

ONE_IN = {"pairs": 100, "refused": 200, "conflicts": 300}
"""One of so many companies."""

_FIRST = date(2023, 1, 2)
_EXPLANATION = {
    "sentence": "For it, name: much alike, town: the same; against it, e-mail: another one.",
    "bars": [
        {"field": "name", "level": "much alike", "weight": 7.4},
        {"field": "city", "level": "the same", "weight": 2.1},
        {"field": "email", "level": "another one", "weight": -3.2},
    ],
    "held": None,
}


def ordered(number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Where a company stands in the CRM, and its order."""
    held = {"Name": f"Company {number}", "City": "Kotka", "Owner": f"U{number % 40}" if number % 7 else None}
    there = {
        "target": TARGET, "object": "accounts", "remote_id": f"001{number:09}", "external_id": f"x{number}",
        "stamped": True, "mention_id": 4 * number + 1, "role": "primary", "state": "live", "written": {},
        "observed": held, "agreed": {}, "updated_at": NOW,
    }  # fmt: skip
    on = (_FIRST + timedelta(days=number % 1_200)).isoformat()
    bought = {
        "record_id": 2 * number + 1, "slot": "order", "mention_id": 4 * number + 1, "state": "live",
        "document": {"number": f"S{number}", "kind": "order", "on": on, "amount": 1_200}, "document_hash": b"",
        "number": f"S{number}", "on": on, "kind": "order",
    }  # fmt: skip
    return there, bought


def fill(hub: Hub, store: Store, companies: int) -> None:
    """Everything but the companies, which are there already."""
    for some in chunks(range(companies)):
        rows = [ordered(number) for number in some]
        with store.write() as connection:
            connection.execute(insert(remote), [{"id": n + 1, **row[0]} for n, row in zip(some, rows, strict=True)])
            connection.execute(insert(order), [row[1] for row in rows])
    with store.write() as connection:
        _runs(connection)
        _waiting(connection, companies)
        _plan(connection, companies)
        # No night is to look at all of it again because the rules are new to it.
        known = {"golden": golden_rules(hub), f"target:{TARGET}": target_rules(hub, hub.connection(TARGET))}
        kept = [{"name": f"rules:{name}", "value": rules} for name, rules in known.items()]
        upsert(connection, meta, kept, conflict=("name",))


def look(hub: Hub, store: Store) -> None:
    """Count how customers stand and measure quality, as a night does at its end."""
    count(hub, store, lambda _step, _more: None)
    measure(hub, store)


def _runs(connection: Connection) -> None:
    report = {
        "streams": {"list/leads": {"read": 5_000, "new": 40, "changed": 60, "unchanged": 4_900, "refused": 0}},
        "golden": {"organisations": 1, "people": 2}, "balanced": True, "guards": [], "problems": [],
        "targets": {TARGET: {**dict.fromkeys(ACTION_STATES, 0), "planned": 100, "created": 40, "updated": 60}},
    }  # fmt: skip
    rows = [
        {
            "id": mint("run"), "kind": "run", "state": "done", "started": NOW - night * DAY, "exit": 0,
            "finished": NOW - night * DAY + 60_000_000, "config_hash": "", "config": {}, "report": report, "detail": {},
        }
        for night in range(RUNS)
    ]  # fmt: skip
    connection.execute(insert(run), rows)


def _waiting(connection: Connection, companies: int) -> None:
    def every(name: str) -> Iterator[int]:
        return iter(range(0, companies - 1, ONE_IN[name]))

    pairs = [
        {
            "left_id": 4 * n + 1, "right_id": 4 * n + 5, "entity": "organisation", "weight": 1.5,
            "probability": 0.5 + n % 97 / 200, "band": "ask", "rule": "score", "explanation": _EXPLANATION,
            "model": "benchmark", "run_id": "benchmark",
        }
        for n in every("pairs")
    ]  # fmt: skip
    clashes = [
        {
            "target": TARGET, "remote_pk": n + 1, "field": "City", "hub_value": "Kotka", "remote_value": "Kouvola",
            "agreed_value": "Hamina", "state": "open", "since": NOW,
        }
        for n in every("conflicts")
    ]  # fmt: skip
    connection.execute(insert(pair), pairs)
    connection.execute(insert(conflict), clashes)
    first = 2 * companies + 1
    refused = [(first + place, n) for place, n in enumerate(every("refused"))]
    connection.execute(insert(source_record), [_record(id) for id, _ in refused])
    connection.execute(insert(source_version), [_version(id, n) for id, n in refused])
    reason = {"stage": "validate", "code": "not-an-address", "message": "this is no e-mail address", "field": "email"}
    waits = [
        {"record_id": id, "version_id": id, "state": "waiting", "value": "?", "since": NOW, **reason}
        for id, _ in refused
    ]
    connection.execute(insert(quarantine), waits)


def _record(id: int) -> dict[str, Any]:
    return {
        "id": id, "connection": "old", "stream": "leads", "key": f"R{id}", "state": "refused", "version_id": id,
        "run_id": "benchmark",
    }  # fmt: skip


def _version(id: int, number: int) -> dict[str, Any]:
    return {
        "id": id, "record_id": id, "run_id": "benchmark", "outcome": "new", "content_hash": b"", "landed_at": NOW,
        "payload": pack(orjson.dumps({"Company": f"Company {number}", "E-mail": "?"})),
    }  # fmt: skip


def _plan(connection: Connection, companies: int) -> None:
    id = mint("plan")
    row = {
        "id": id, "target": TARGET, "run_id": "", "state": "stopped", "hash": "", "rules_hash": "", "kept_out": {},
        "calls_estimated": 1, "made_at": NOW, "sealed_at": NOW,
    }  # fmt: skip
    last = connection.scalar(run.select().with_only_columns(run.c.id).order_by(run.c.started.desc()).limit(1))
    connection.execute(insert(plan), [{**row, "run_id": last}])
    change = {"City": {"old": "Kotka", "new": "Kouvola", "rule": "hub", "source": "old/leads/K1"}}
    for some in chunks(range(min(companies, LINES))):
        lines = [
            {
                "plan_id": id, "target": TARGET, "object": "accounts", "position": 0, "action": "update",
                "state": "held", "subject": f"accounts/x{n}", "golden_id": 4 * n + 1, "golden_version": 1,
                "remote_pk": n + 1, "remote_id": f"001{n:09}", "external_id": f"x{n}", "parents": {}, "fields": change,
                "attempts": 0, "code": "not-armed", "message": "the target is read-only until it is armed",
                "run_id": last, "updated_at": NOW,
            }
            for n in some
        ]  # fmt: skip
        connection.execute(insert(outbox), lines)
