"""What the home page shows, read with few and bounded queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from solmu.config import Hub
from solmu.intake.landed import waiting_deliveries
from solmu.match.taken_back import KINDS
from solmu.notify.tell import told, undelivered
from solmu.report.status import GOOD
from solmu.report.unfinished import interrupted, under_way
from solmu.report.waiting import waiting
from solmu.store import time
from solmu.store.tables import run
from solmu.web.flow import Drawing, counted, ends, narrow, wide
from solmu.web.show import instant, number
from solmu.web.texts import texts
from solmu.web.words import word

_READ = ("new", "changed", "deleted", "refused")
_SENT = ("created", "updated", "linked", "rejected", "blocked", "unknown", "conflicting", "held")
OVERDUE_HOURS = 26
"""A hub with a schedule that had no good run for so long is overdue: a day, and time for a long night."""


def last_run(connection: Connection) -> Any:
    """The newest night that came to an end, or None."""
    query = select(run).where(run.c.kind == "run", run.c.finished.is_not(None), run.c.report.is_not(None))
    return connection.execute(query.order_by(run.c.started.desc()).limit(1)).first()


def drawings(hub: Hub, report: Mapping[str, Any]) -> tuple[Drawing, Drawing, str]:
    """The flow picture of a run for a screen and for a phone, and the same in words."""
    t = texts()
    read: dict[str, dict[str, int]] = {}
    for stream, counts in report.get("streams", {}).items():
        one = read.setdefault(stream.partition("/")[0], {})
        for name, value in counts.items():
            one[name] = one.get(name, 0) + value
    words = {name: t(f"home.flow.{name}") for name in (*_READ, *_SENT)}
    sources = {
        name: (
            counts.get("read", 0),
            [counted(counts, {each: words[each] for each in _READ}, number) or t("home.flow.nothing-new")],
        )
        for name, counts in read.items()
    }
    sent = {
        name: (
            sum(counts.get(each, 0) for each in _SENT),
            [counted(counts, {each: words[each] for each in _SENT}, number) or t("home.flow.nothing-to-do")],
        )
        for name, counts in report.get("targets", {}).items()
    }
    golden = report.get("golden", {})
    store = [
        hub.settings.name,
        t("home.flow.organisations", n=golden.get("organisations", 0), shown=number(golden.get("organisations", 0))),
        t("home.flow.people", n=golden.get("people", 0), shown=number(golden.get("people", 0))),
        t("home.flow.as-of"),
    ]
    left, right = ends(sources, t("home.flow.more")), ends(sent, t("home.flow.more"))
    said = "; ".join(
        [f"{end.name}: {', '.join(end.lines)}" for end in left] + [", ".join(store)]
        + [f"{end.name}: {', '.join(end.lines)}" for end in right]
    )  # fmt: skip
    return wide(left, store, right), narrow(left, store, right), said


def waits(connection: Connection, hub: Hub) -> list[dict[str, Any]]:
    """What waits for a person: ``{name, count, page}``; the page is where it is done."""
    found = waiting(connection)
    return [
        {"name": "pairs", "count": found.pairs, "page": "review"},
        {"name": "quarantine", "count": found.quarantine, "page": "quarantine"},
        {"name": "conflicts", "count": found.conflicts, "page": "conflicts"},
        {"name": "without-customer", "count": found.without_customer, "page": None},
        {"name": "deliveries", "count": waiting_deliveries(connection, hub), "page": None},
    ]


def alerts(connection: Connection, hub: Hub, last: Any) -> list[dict[str, Any]]:
    """What somebody should know of before anything else: ``{kind, text}``."""
    t = texts()
    found: list[dict[str, Any]] = []

    def say(kind: str, name: str, **values: Any) -> None:
        found.append({"kind": kind, "text": t(f"home.alert.{name}", **values)})

    for one in under_way(connection):
        say("plain", "under-way", since=instant(one["started"]).striptags())
    broken = interrupted(connection)
    if broken is not None:
        say("bad", "interrupted", run=broken["run_id"])
    if last is not None:
        _last(last, say)
        if hub.settings.schedules and (time.now() - last.finished) / 3.6e9 > OVERDUE_HOURS:
            say("bad", "overdue", hours=OVERDUE_HOURS)
    for row in undelivered(connection)[:3]:
        say("warn", "undelivered", message=told(row))
    return found


def _last(last: Any, say: Any) -> None:
    report = last.report
    for each in report.get("silent", ()):
        say("warn", "silent", source=each["connection"], since=each["last"], days=each["days"], limit=each["limit"])
    for each in report.get("lost_columns", ()):
        source, new = f"{each['connection']}/{each['stream']}", ", ".join(each["instead"])
        name = "renamed-column" if new else "lost-column"
        say("warn", name, source=source, column=each["column"], since=each["since"], n=each["rows"], new=new)
    for each in report.get("taken_back", ()):
        say("warn", "taken-back", entities=KINDS[each["entity"]], since=each["since"][:10], low=f"{each['low']:.1%}",
            promised=f"{each['promised']:.1%}")  # fmt: skip
    if report.get("balanced") is False:
        say("bad", "unbalanced", run=last.id)
    for guard in report.get("guards", ()):
        say("bad", "guard", guard=word(guard, "guard"))
    problems: Sequence[Mapping[str, Any]] = report.get("problems", ())
    for problem in problems[:5]:
        say("bad", "problem", connection=problem.get("connection") or "", message=problem.get("message") or "")
    if last.exit not in GOOD and not (problems or report.get("guards") or report.get("balanced") is False):
        say("bad", "failed", run=last.id)
