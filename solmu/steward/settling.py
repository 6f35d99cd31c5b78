"""Deciding conflicts. What follows is the next plan's work.

A ruling is about the two values that the steward saw: when either side changes again, it says nothing any more, and
there is a new conflict. A value that is to hold in the hub too is a pin, which `solmu undo` takes back.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, update

from solmu.config import Hub
from solmu.errors import SolmuError
from solmu.review.decide import Moved
from solmu.steward.changes import carry_out
from solmu.steward.conflicts import Choice, Document, row_of, shown, wanted
from solmu.steward.intent import Intent
from solmu.steward.pins import pin
from solmu.steward.pointing import point
from solmu.store import dirty
from solmu.store.tables import conflict
from solmu.sync import ledger
from solmu.sync.merged_there import FIELD as MERGED


def decide(
    connection: Connection,
    hub: Hub,
    number: int,
    choice: Choice,
    *,
    who: str,
    now: int,
    value: str | None = None,
    reason: str | None = None,
    until: str | None = None,
    seen: str | None = None,
) -> tuple[Document, Intent | None]:
    """Decide an open conflict within the caller's transaction.

    ``value`` goes with ``VALUE``, as a person writes it; ``until`` is the last day of a value that is pinned. ``seen``
    refuses where the conflict is not as it was shown. Gives the conflict as it is now, and the change that ``followed``
    takes, where the golden record changes with it. Raises SolmuError, and Moved.
    """
    row = row_of(connection, number)
    document = shown(connection, hub, number)
    _check(document, choice, value, seen)
    taken: dict[str, Any] = {"said": choice.value, "was": row.hub_value}
    goes, intent = row.hub_value, None
    match choice:
        case Choice.HUB:
            taken["take"] = "hub"
        case Choice.LEAVE:
            taken["take"] = "target"
        case Choice.CRM | Choice.VALUE:
            text = _text(row.remote_value) if choice is Choice.CRM else str(value)
            which = point(connection, row.public_id)
            intent = pin(connection, hub, which, document["hub_field"], text, now=now, until=until)
            said = reason or f"conflict {number} on {row.target}"
            taken["change"] = carry_out(connection, intent, who=who, now=now, reason=said).id
            if choice is Choice.VALUE:
                taken["take"] = "hub"
                want = wanted(hub, row, {document["hub_field"]: intent.pins[0].value})
                goes = want.value if want else goes
    done = connection.execute(
        update(conflict)
        .where(conflict.c.id == number, conflict.c.state == "open")
        .values(state="decided", decided_at=now, decided_by=who, choice=taken, hub_value=goes)
    )
    if done.rowcount == 0:
        raise _moved(None)
    _note(connection, "conflict decided", row, {"choice": choice.value, "reason": reason}, who, now)
    return shown(connection, hub, number), intent


def reopen(connection: Connection, hub: Hub, number: int, *, who: str, now: int) -> Document:
    """Take back what was said to a conflict, before or after it was carried out; the next plan asks again where the two
    sides still differ. Raises SolmuError.
    """
    row = row_of(connection, number)
    if row.state != "decided":
        raise SolmuError(
            f"conflict {number} is {row.state}", code="not-decided", value=number, expected="one that was decided"
        )
    taken = row.choice if isinstance(row.choice, dict) else {}
    if taken.get("change") is not None:
        raise SolmuError(
            "what was said to it is a pin by now",
            code="pinned",
            value=number,
            expected=f"`solmu undo {taken['change']}`; the next run asks again",
        )
    connection.execute(update(conflict).where(conflict.c.id == number).values(state="settled", decided_at=now))
    _note(connection, "conflict reopened", row, {}, who, now)
    return shown(connection, hub, number)


def _check(document: Document, choice: Choice, value: str | None, seen: str | None) -> None:
    number = document["conflict"]
    if seen is not None and seen != document["seen"]:
        raise _moved(document["seen"])
    if document["state"] != "open":
        raise SolmuError(
            f"conflict {number} is {document['state']} already",
            code="not-open",
            value=number,
            expected="one of `solmu conflict list`",
        )
    if choice.value not in document["choices"]:
        merged = document["field"] == MERGED
        raise SolmuError(
            "this conflict cannot be decided so",
            code="no-choice",
            value=choice.value,
            expected="hub, so that the two stay two here; or `solmu review undo` of the decision that they differ, and "
            "the merge is followed"
            if merged
            else " or ".join(document["choices"]) + "; a value of the hub's own: `solmu pin`",
        )
    if (choice is Choice.VALUE) != (value is not None):
        raise SolmuError(
            "a value goes with the choice `value`, and only with that",
            code="bad-value",
            value=value,
            expected="such as `solmu conflict decide 7 value Kotka`",
        )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _note(connection: Connection, what: str, row: Row[Any], detail: dict[str, Any], who: str, now: int) -> None:
    told = {"target": row.target, "field": row.field, **{name: each for name, each in detail.items() if each}}
    ledger.note(connection, what=what, subject=f"conflict:{row.id}", detail=told, now=now, who=who)
    if row.golden_pk is not None:
        dirty.mark(connection, f"target:{row.target}", [row.golden_pk])


def _moved(now: Any) -> Moved:
    return Moved(
        "the conflict is not as it was shown any more",
        code="changed-meanwhile",
        now=now,
        expected="a look at it as it is now: `solmu conflict show`",
    )
