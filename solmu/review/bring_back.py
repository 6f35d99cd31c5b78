"""Bringing a review sheet back: what can be taken is recorded, and of the rest each row is told why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from solmu.match.contradiction import Contradiction
from solmu.review.answers import Answer, read_answers
from solmu.review.decide import Decided, Moved, Standing, decide
from solmu.store import Store, time
from solmu.store.sql import chunks

_AT_ONCE = 20
"""Decisions in one transaction: stewards and runs must not wait for a long sheet."""


def import_sheet(
    store: Store,
    path: Path,
    *,
    who: str,
    now: Callable[[], int] = time.now,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Record the decisions of a filled-in sheet. Importing it again decides nothing again.

    ``{file, decided, repeated, blank, decisions, meanwhile, changed, refused}``: ``decisions`` the ids of those that
    were recorded; ``repeated`` counts rows that say what is in force already; ``meanwhile`` are rows that were decided
    otherwise since (``row, pair, verdict, said, who, at``); ``changed`` rows whose evidence is not what the sheet
    showed (``row, pair, message``); ``refused`` rows that cannot be taken (``row, pair, message, value, expected``).
    Raises ConfigurationError where the file is no review sheet.
    """
    read = read_answers(path)
    outcome: dict[str, Any] = {
        "file": path.name,
        "decided": 0,
        "repeated": 0,
        "blank": read.blank,
        "decisions": [],
        "meanwhile": [],
        "changed": [],
        "refused": [
            {"row": one.row, "pair": one.pair, "message": one.message, "value": one.value, "expected": one.expected}
            for one in read.refused
        ],
    }
    for some in chunks(read.answers, _AT_ONCE):
        told: list[tuple[Answer, Decided | Moved | Contradiction]] = []
        with store.write() as connection:
            told = [(answer, _decided(connection, answer, who, now())) for answer in some]
        # Told only when it is committed.
        for answer, what in told:
            _tell(outcome, answer, what)
        if progress:
            progress(len(some))
    outcome["refused"].sort(key=lambda each: each["row"])
    return outcome


def _decided(connection: Connection, answer: Answer, who: str, now: int) -> Decided | Moved | Contradiction:
    # Whatever is refused is refused before anything is written, so the transaction can go on.
    try:
        return decide(connection, answer.pair, answer.verdict, who=who, now=now, reason=answer.reason, seen=answer.seen)
    except (Moved, Contradiction) as refused:
        return refused


def _tell(outcome: dict[str, Any], answer: Answer, what: Decided | Moved | Contradiction) -> None:
    row = {"row": answer.row, "pair": str(answer.pair)}
    if isinstance(what, Decided):
        outcome["decided"] += 1
        outcome["decisions"].append(what.id)
    elif isinstance(what, Contradiction):
        outcome["refused"].append(
            {
                **row,
                "message": f"{what.message}: {what.value}",
                "value": answer.verdict.value,
                "expected": what.expected,
            }
        )
    elif isinstance(what.now, Standing) and what.now.verdict is answer.verdict:
        outcome["repeated"] += 1
    elif isinstance(what.now, Standing):
        outcome["meanwhile"].append(
            {
                **row,
                "verdict": answer.verdict.value,
                "said": what.now.verdict.value,
                "who": what.now.who,
                "at": time.iso(what.now.at),
            }
        )
    else:
        outcome["changed"].append({**row, "message": what.message})
