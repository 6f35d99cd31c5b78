"""Telling people of a run when it has ended, and keeping books of it.

Telling never changes what came of a run. What could not be sent is a problem in the run's report, a line in the audit
and one on stderr; the next run that gets through says so.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, func, select

from solmu.config import Hub
from solmu.config.secrets import redact
from solmu.errors import SolmuError
from solmu.notify.channels import Channel, beat, channels
from solmu.notify.message import Message, Standing, message, occasions, sample
from solmu.report.waiting import waiting
from solmu.store import Store, time
from solmu.store.tables import audit, quarantine, run
from solmu.sync import ledger

_KINDS = {"run", "apply", "import", "retry"}
_SENT, _NOT_SENT = "message sent", "message not sent"
_HEARTBEAT = "heartbeat"
_GOOD = (0, 3)
_BY_HAND = 128 + signal.SIGINT


def tell(hub: Hub, store: Store, report: dict[str, Any]) -> dict[str, Any]:
    """Send the message about a run that has been closed, and the heartbeat; whichever is due.

    Gives the report, with a problem ``not-told`` for each channel that did not take it. Call it outside of every
    transaction: it speaks with other machines.
    """
    if not _is_of_interest(report):
        return report
    problems = announce(hub, store, report)
    if report["kind"] == "run" and hub.settings.notify.heartbeat is not None:
        problems += _send(_HEARTBEAT, partial(beat, hub, good=_is_good(report)), _keep_no_note)
    return {**report, "problems": [*report["problems"], *(each.as_dict() for each in problems)]}


def announce(hub: Hub, store: Store, report: Mapping[str, Any]) -> list[SolmuError]:
    """Send the message about a run by every channel, if it is due; gives what went wrong with that."""
    there = channels(hub)
    if not there:
        return []
    with store.read() as connection:
        standing = _standing(connection, hub, report, there)
    if not _is_due(hub, report, standing):
        return []
    return _send_all(there, message(report, standing), _noting(store, report))


@contextmanager
def telling_if_it_breaks_off(hub: Hub, kind: str, *, run_id: str | None = None) -> Iterator[None]:
    """Tell of a run that dies in this block, for whatever reason; the error goes on. The store is not asked: it may be
    what broke.
    """
    began = time.now()
    try:
        yield
    except Exception as error:
        if _is_of_interest(_report_of_death(kind, run_id, began, error)) and announce_death(
            hub, kind, run_id, began, error
        ):
            _send(_HEARTBEAT, partial(beat, hub, good=False), _keep_no_note)
        raise


def announce_death(hub: Hub, kind: str, run_id: str | None, began: int, error: Exception) -> bool:
    """Tell of a run that died, if that is wanted; the store is not asked. Gives whether it was wanted."""
    if not {"failed", "always"} & set(hub.settings.notify.when):
        return False
    report = _report_of_death(kind, run_id, began, error)
    _send_all(channels(hub), message(report, Standing(hub.settings.name, str(hub.folder))), _keep_no_note)
    return True


def try_channels(hub: Hub) -> list[tuple[str, SolmuError | None]]:
    """Send a test message by every channel; gives each with what went wrong, or None. The heartbeat is left alone."""
    return [(each.name, _error_of(partial(each.send, sample(hub.settings.name)))) for each in channels(hub)]


def undelivered(connection: Connection) -> list[Row[Any]]:
    """Of each channel whose last message was not delivered, the line of the audit that says so."""
    newest = (
        select(func.max(audit.c.id)).where(audit.c.what.in_((_SENT, _NOT_SENT))).group_by(audit.c.subject)
    ).scalar_subquery()
    query = select(audit).where(audit.c.id.in_(newest), audit.c.what == _NOT_SENT).order_by(audit.c.id)
    return list(connection.execute(query).all())


def told(row: Row[Any]) -> str:
    """A line of ``undelivered`` in words."""
    return f"{row.subject}, run {row.detail['run']}, {time.iso(row.at)}: {row.detail['message']}"


def _is_good(report: Mapping[str, Any]) -> bool:
    """Whether a night did its work. Rows that were refused, and changes that a target rejected, wait for a person, and
    the work is done all the same; it is not where a connection failed or was stopped, or a target took nothing."""
    if report["exit"] not in _GOOD or report["problems"]:
        return False
    return not any(
        row["retriable"] + row["unknown"] and not row["created"] + row["updated"] + row["linked"]
        for row in report["targets"].values()
    )


def _is_of_interest(report: Mapping[str, Any]) -> bool:
    if report["kind"] not in _KINDS or report["exit"] == _BY_HAND:
        return False
    # Who sits at a terminal and imports a list sees what came of it.
    return report["kind"] == "run" or not (sys.stdin.isatty() and sys.stderr.isatty())


def _is_due(hub: Hub, report: Mapping[str, Any], standing: Standing) -> bool:
    when = set(hub.settings.notify.when)
    return "always" in when or bool(occasions(report, standing) & (when | {"unsent"}))


def _standing(connection: Connection, hub: Hub, report: Mapping[str, Any], there: list[Channel]) -> Standing:
    names = {each.name for each in there}
    return Standing(
        hub=hub.settings.name,
        folder=str(hub.folder),
        waiting={text: number for text, number in waiting(connection).in_words().items() if number},
        refused_anew=_refused_in(connection, report["run_id"]),
        asked_meanwhile=_asked_by_small_runs(connection, report["run_id"]),
        unsent=[told(row) for row in undelivered(connection) if row.subject in names],
    )


def _refused_in(connection: Connection, run_id: str) -> int:
    # The report's own time is to the second, and a run can be done within one.
    began = select(run.c.started).where(run.c.id == run_id).scalar_subquery()
    query = select(func.count()).where(quarantine.c.state == "waiting", quarantine.c.since >= began)
    return connection.scalar(query) or 0


def _asked_by_small_runs(connection: Connection, run_id: str) -> int:
    """What small runs, which tell of troubles only, have left to a person since the run before this one."""
    this = select(run.c.started).where(run.c.id == run_id).scalar_subquery()
    before = select(func.max(run.c.started)).where(run.c.kind == "run", run.c.started < this).scalar_subquery()
    small = run.c.kind == ledger.SMALL_RUN
    query = select(run.c.report).where(small, run.c.started > before, run.c.started < this, run.c.report.is_not(None))
    return sum(_asked(each) for each in connection.scalars(query))


def _asked(report: Mapping[str, Any]) -> int:
    refused = sum(row["refused"] for row in report["streams"].values())
    left = sum(row["rejected"] + row["conflicting"] for row in report["targets"].values())
    asked: int = refused + left + report["pairs"]["ask"]
    return asked


def _send_all(there: list[Channel], text: Message, note: Callable[[str, SolmuError | None], None]) -> list[SolmuError]:
    problems: list[SolmuError] = []
    for channel in there:
        problems += _send(channel.name, partial(channel.send, text), note)
    return problems


def _send(name: str, send: Callable[[], None], note: Callable[[str, SolmuError | None], None]) -> list[SolmuError]:
    """Send by one channel; gives what went wrong. Nothing that goes wrong here may spoil a run."""
    error = _error_of(send)
    # The books are less than the run too: a store that is away now has kept the run itself.
    with suppress(Exception):
        note(name, error)
    if error is None:
        return []
    what = "the heartbeat" if name == _HEARTBEAT else f"the message about this run (notify.{name})"
    problem = SolmuError(
        redact(f"{what} could not be sent: {error.message}"),
        code="not-told",
        expected=error.expected or "a look with `solmu notify test`",
    )
    sys.stderr.write(f"warning: {problem}\n")
    return [problem]


def _error_of(send: Callable[[], None]) -> SolmuError | None:
    try:
        send()
    except SolmuError as error:
        return error
    except Exception as error:
        return SolmuError(f"{type(error).__name__} while it was sent")
    return None


def _noting(store: Store, report: Mapping[str, Any]) -> Callable[[str, SolmuError | None], None]:
    def note(channel: str, error: SolmuError | None) -> None:
        detail = {"run": report["run_id"]}
        if error is not None:
            detail |= {"code": error.code, "message": redact(error.message)}
        with store.write() as connection:
            what = _SENT if error is None else _NOT_SENT
            ledger.note(connection, what=what, subject=channel, detail=detail, now=time.now())

    return note


def _keep_no_note(_channel: str, _error: SolmuError | None) -> None:
    """For what is no message, and for runs whose store cannot be relied on."""


def _report_of_death(kind: str, run_id: str | None, began: int, error: Exception) -> dict[str, Any]:
    """As much of a report as there is. Of an error that is not ours only the kind is told: its text may hold values."""
    ours = error if isinstance(error, SolmuError) else SolmuError(f"an error that ended it: {type(error).__name__}")
    return {
        "run_id": run_id,
        "kind": kind,
        "started": time.iso(began),
        "exit": ours.exit_code,
        "died": True,
        "balanced": True,
        "unbalanced": [],
        "guards": [],
        "problems": [ours.as_dict()],
        "streams": {},
        "pairs": {"same": 0, "ask": 0, "different": 0},
        "targets": {},
    }
