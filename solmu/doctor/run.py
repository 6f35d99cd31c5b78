"""Running the checks. Each is one numbered invariant of the architecture, and says in words what it found wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from solmu.config import Hub
from solmu.doctor import derived, received, sent, work
from solmu.store import Store

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: its number in the architecture, a name, what it says, and how it is looked at."""

    number: int
    name: str
    says: str
    look: Callable[[Store, Hub], Iterator[str]]


CHECKS = (
    Check(1, "raw-first", "every record's newest version is stored as it was received", received.raw_first),
    Check(2, "books-balance", "every record, mention and action has exactly one state, and they agree", received.books),
    Check(3, "golden-derived", "golden records are what their links, rules and pins give", derived.golden),
    Check(4, "ids-for-ever", "every public id ever given leads to a mention, and anchors carry theirs", derived.ids),
    Check(5, "stewards-outrank", "no merge stands against a decision that is in force", derived.decisions),
    Check(6, "sealed-plans", "nothing was sent but by a sealed plan that is still as it was sealed", sent.sealed),
    Check(7, "once-in-effect", "no record was made twice in a target, and no answer is overdue", sent.once),
    Check(8, "absent-never-erases", "no action empties a value that the hub merely does not know", sent.absent),
    Check(9, "nothing-deleted", "nothing was deleted in a target, and every opt-out is in force", sent.kept),
    Check(10, "work-follows-change", "no work is left over that nobody does, or that is about nothing", work.left_over),
)


def examine(store: Store, hub: Hub) -> dict[str, Any]:
    """``{ok, checks: [{name, ok, detail}]}``; ``detail`` shows the first findings and counts the rest."""
    checks = []
    for check in CHECKS:
        findings = check.look(store, hub)
        first = list(islice(findings, SHOWN))
        more = sum(1 for _ in findings)
        detail = "; ".join(first) + (f"; and {more} more" if more else "") if first else check.says
        checks.append({"number": check.number, "name": check.name, "ok": not first, "detail": detail})
    return {"ok": all(check["ok"] for check in checks), "checks": checks}
