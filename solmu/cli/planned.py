"""A plan as a person reads it: each change with its old and new value, rule and source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from solmu.cli.output import console, table

if TYPE_CHECKING:
    from solmu.store.owners import Owners

SHOWN = 30


def print_readings(readings: dict[str, str | None]) -> None:
    """What plans are made of: how old what is known of the sources and the CRM is."""
    from solmu.report.readings import in_words

    console().print(f"As of the last reading: {in_words(readings)}", markup=False, soft_wrap=True)


def print_plan(document: Mapping[str, Any], known: Owners, *, shown: int = SHOWN) -> None:
    """A summary, then the first actions field by field; users of the CRM whose names are ``known`` by their names."""
    out = console()
    actions = document["actions"]
    counts = Counter((each["object"], each["action"]) for each in actions)
    out.print(f"[bold]Plan {document['id']}[/] for {document['target']}: {len(actions)} actions")
    for (thing, action), number in sorted(counts.items()):
        out.print(f"  {number:6} {action} {thing}", markup=False)
    overridden = sum(bool(change.get("overrides")) for each in actions for change in each["fields"].values())
    if overridden:
        out.print(f"  {overridden:6} values that people wrote there would be replaced, by the rules of their fields")
    for rule, number in sorted(document["kept_out"].items()):
        out.print(f"  {number:6} kept out: {rule}", markup=False)
    if document.get("calls_estimated") is not None:
        out.print(f"  about {document['calls_estimated']} API calls")
    rows = [
        [
            each["action"],
            f"{each['object']} {each['remote_id'] or '(new)'}",
            field,
            _short(change["old"], known, document["target"]),
            _short(change["new"], known, document["target"]),
            f"{change['rule']}, over an edit there" if change.get("overrides") else change["rule"],
            change["source"],
        ]
        for each in actions[:shown]
        for field, change in each["fields"].items()
    ]
    if rows:
        table(None, ["action", "record", "field", "old", "new", "rule", "source"], rows)
    if actions:
        more = f"… and {len(actions) - shown} more actions: " if len(actions) > shown else "As a page: "
        out.print(f"{more}plans/{document['id']}.html", markup=False, soft_wrap=True)


def _short(value: Any, known: Owners, target: str) -> str:
    user = known.recognised(value, target)
    if user is not None:
        return f"{user.name} ({value})"
    text = "" if value is None else str(value)
    return text if len(text) <= 40 else text[:39] + "…"
