"""The message about a run: what happened, what is safe, what waits, and what to paste. Pure.

It holds counts, names of connections and what errors say in general; no value of a record, no key and no file name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from solmu.match.taken_back import in_words as threshold_in_words
from solmu.notify.commands import commands
from solmu.report.silence import in_words
from solmu.sync.lost_columns import in_words as column_in_words

MOST_LINES = 10
WIDTH = 240
"""Letters in a line, so that ten lines are no more than any mail server or chat room takes."""

_TOLD = 4
_PASTED = 2
_INTERRUPTED = (130, 143)
_WAITING = ("held", "retriable", "unknown", "blocked")
_WRITTEN = ("created", "updated", "linked")
# What a chat room would take for a mention of somebody, or for a link.
_HARMLESS = str.maketrans({"<": "‹", ">": "›", "`": "'"})

Occasion = Literal["failed", "stopped", "needs-person", "unsent"]


@dataclass(frozen=True, slots=True)
class Message:
    """A subject, and at most ten lines."""

    subject: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the report of one run does not say of its hub.

    ``waiting`` counts what waits by its kind (None: the store could not be asked), ``refused_anew`` the rows that were
    not refused before this run, ``asked_meanwhile`` what small runs have left to a person since the run before, and
    ``unsent`` names earlier messages that nobody took, in words.
    """

    hub: str
    folder: str
    waiting: Mapping[str, int] | None = None
    refused_anew: int = 0
    asked_meanwhile: int = 0
    unsent: Sequence[str] = field(default=())


def occasions(report: Mapping[str, Any], standing: Standing) -> frozenset[Occasion]:
    """What there is to tell of; empty after a run that nobody needs to hear of."""
    found: set[Occasion] = set()
    guards = set(report["guards"])
    if guards:
        found.add("stopped")
    if report["exit"] in (1, 2, *_INTERRUPTED) or any(each["code"] not in guards for each in report["problems"]):
        found.add("failed")
    asked = any(row["rejected"] or row["conflicting"] for row in report["targets"].values()) or report["pairs"]["ask"]
    # Only a run that nobody started by hand: whoever imports a list sees what was refused.
    hushed = any(each["newly"] for name in ("silent", "lost_columns", "taken_back") for each in report.get(name, ()))
    if report["kind"] == "run" and (asked or hushed or standing.refused_anew or standing.asked_meanwhile):
        found.add("needs-person")
    if standing.unsent:
        found.add("unsent")
    return frozenset(found)


def message(report: Mapping[str, Any], standing: Standing) -> Message:
    """The message about a run, by its report."""
    headline = _headline(report, occasions(report, standing))
    lines = [
        f"{standing.hub}: {headline}; {_run(report)}",
        *_happened(report),
        f"Safe: {_safe(report)}",
        f"Waits: {_waits(report, standing)}",
        *(f"Paste: {each}" for each in commands(report, folder=standing.folder, most=_PASTED)),
        *_unsent(standing),
    ]
    assert len(lines) <= MOST_LINES
    return Message(shortened(f"[{standing.hub}] {headline}", 120), tuple(shortened(line, WIDTH) for line in lines))


def sample(hub: str) -> Message:
    """What an administrator sends to see that it arrives."""
    lines = (
        f"{hub}: this is a test, sent by `solmu notify test`. Nothing happened.",
        "Messages about runs come here when a run fails, is stopped, or needs a person, as `notify.when` says.",
    )
    return Message(shortened(f"[{hub}] a test message", 120), tuple(shortened(line, WIDTH) for line in lines))


def shortened(text: str, width: int) -> str:
    """One line, without what a terminal, a mail header or a chat room would take for more than text."""
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return plain if len(plain) <= width else plain[: width - 1] + "…"


def _headline(report: Mapping[str, Any], told: frozenset[Occasion]) -> str:
    kind, exit = report["kind"], report["exit"]
    if report.get("died"):
        return f"the {kind} broke off"
    if not report["balanced"]:
        return f"the books of the {kind} do not balance"
    if exit in _INTERRUPTED:
        return f"the {kind} was interrupted"
    if exit in (1, 2):
        return f"the {kind} failed, nothing could be done"
    if exit == 4:
        return f"the {kind} was stopped by a guard"
    if "failed" in told or "stopped" in told:
        names = sorted({each["connection"] for each in report["problems"] if each["connection"]})
        return f"the {kind} is done, but not for {_listed(names)}" if names else f"the {kind} is done in part"
    return f"the {kind} is done, and something needs a person" if "needs-person" in told else f"the {kind} is good"


def _run(report: Mapping[str, Any]) -> str:
    name = f"run {report['run_id']}, " if report["run_id"] else ""
    return f"{name}started {report['started']}, exit {report['exit']}"


def _happened(report: Mapping[str, Any]) -> list[str]:
    lines = list(dict.fromkeys(_problem(each) for each in report["problems"]))
    lines += [f"- {each}" for each in report["unbalanced"]]
    if len(lines) > _TOLD:
        more = len(lines) - _TOLD + 1
        lines = [*lines[: _TOLD - 1], f"- and {more} more, in reports/{report['run_id']}.html"]
    return lines


def _problem(problem: Mapping[str, Any]) -> str:
    where = "/".join(problem[key] for key in ("connection", "stream") if problem[key])
    text = f"- {where}: {problem['message']}" if where else f"- {problem['message']}"
    return text.translate(_HARMLESS)


def _safe(report: Mapping[str, Any]) -> str:
    if report.get("died"):
        return "what was stored stays; what was sent and not answered is looked up before anything is sent again"
    if not report["balanced"]:
        return "every row is kept as it was received; do not rely on the counts"
    read = sum(row["read"] for row in report["streams"].values())
    parts = ["the books balance", f"{read:,} rows read and stored"]
    for name, row in report["targets"].items():
        written = sum(row[state] for state in _WRITTEN)
        parts.append(f"{written:,} changes written to {name}" if written else f"nothing written to {name}")
    if report["exit"] in _INTERRUPTED:
        parts.append("the batch under way was finished")
    return "; ".join(parts)


def _waits(report: Mapping[str, Any], standing: Standing) -> str:
    parts = []
    if report["exit"] in _INTERRUPTED or report.get("died"):
        parts.append("the rest of the run, which the next one does")
    for name, row in report["targets"].items():
        waiting = sum(row[state] for state in _WAITING)
        parts += [f"{waiting:,} changes for {name}"] if waiting else []
        parts += [f"{row['rejected']:,} changes that {name} rejected"] if row["rejected"] else []
    parts += [f"{number:,} {name}" for name, number in (standing.waiting or {}).items() if number]
    parts += [in_words(each) for each in report.get("silent", ())]
    parts += [column_in_words(each) for each in report.get("lost_columns", ()) if each["newly"]]
    parts += [threshold_in_words(each) for each in report.get("taken_back", ()) if each["newly"]]
    if "source-shrank" in report["guards"]:
        parts.append("rows that are gone from a source, kept until that is confirmed")
    return "; ".join(parts) or "nothing"


def _unsent(standing: Standing) -> list[str]:
    if not standing.unsent:
        return []
    first, *others = standing.unsent
    return [f"Not delivered before: {first}" + (f", and {len(others)} more" if others else "")]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
