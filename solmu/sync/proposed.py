"""What a proposed mapping is told by the rows themselves: totals are no records, and a column whose values mostly make
no sense as what it is called must not refuse its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from solmu.config import Hub
from solmu.config.yaml import parse
from solmu.errors import Skippable
from solmu.mapping.source import source_mapping
from solmu.model import Entity
from solmu.propose import Proposal, mapping_text
from solmu.propose.suppliers import SUPPLIER
from solmu.propose.totals import leaving_out, total_rows

_TRIED = 60  # rows
_LEAST = 3  # values, below which a share says nothing
_ABOUT_THE_ROW = frozenset({"required", "nobody"})


def suited(
    hub: Hub, document: Mapping[str, Any], samples: Mapping[str, Sequence[Any]]
) -> tuple[dict[str, Any], list[str]]:
    """The mapping as it suits these rows, and notes on what was changed. ``samples`` are columns with their values,
    aligned, those of the list's last row at the end."""
    made, notes = dict(document), []
    totals = total_rows(samples)
    if totals and "ignore_when" not in made:
        made |= leaving_out(totals)
        said = ", ".join(dict.fromkeys(repr(text) for texts in totals.values() for text in texts))
        notes.append(f"rows with {said} are totals and no records: they are kept, counted as ignored, and left alone")
    # One column after another: the first value that makes no sense refuses a row, and hides the others.
    for _ in samples:
        wrong = _mostly_wrong(hub, made, samples)
        if wrong is None:
            break
        column, failed, filled = wrong
        # What is itself read from a column, as when the row was seen, refuses no row.
        blocks = [block for block in made.values() if isinstance(block, Mapping) and "from" not in block]
        fields = [name for block in blocks for name in _drop(block, column)]
        if not fields:
            break
        notes.append(
            f"{failed} of {filled} values of {column!r} are no {_called(fields[0])}: such values are left out,"
            " and their rows land without them; if the column is something else, change the mapping"
        )
    return made, notes


def undecided_dates(proposal: Proposal, samples: Mapping[str, Sequence[Any]]) -> list[str]:
    """Notes on the columns whose dates leave open which figure is the day; ``mapping_document`` leaves them out."""
    examples = {
        name: next(str(each) for each in samples[name] if each not in (None, "")) for name in proposal.dates_undecided
    }
    return [
        f"no date in {name!r} shows whether the day or the month stands first (as in {example}): until somebody says"
        " which, these dates are left out, and their rows land without them"
        for name, example in examples.items()
    ]


def suppliers(proposal: Proposal) -> list[str]:
    """A note on the column by which some organisations are suppliers."""
    return [
        f"{name!r} says who is a supplier: suppliers land as such, and stay out of a CRM unless `admission` in hub.yaml"
        " says otherwise"
        for name in proposal.columns_of(SUPPLIER)
    ]


def _mostly_wrong(
    hub: Hub, document: Mapping[str, Any], samples: Mapping[str, Sequence[Any]]
) -> tuple[str, int, int] | None:
    """A column of which more than half of the values refuse their rows: its name, how many do, and of how many."""
    path = Path("proposed.yaml")
    known = {entity: hub.fields(entity) for entity in Entity}
    mapping = source_mapping("proposed", path, *parse(mapping_text("proposed", document), str(path)), known)
    refused: Counter[str] = Counter()
    filled: Counter[str] = Counter()
    for values in list(zip(*samples.values(), strict=True))[:_TRIED]:
        payload = dict(zip(samples, values, strict=True))
        filled.update(name for name, value in payload.items() if value not in (None, ""))
        try:
            mapping.map(payload, connection="proposed")
        except Skippable as refusal:
            if refusal.field in samples and refusal.code not in _ABOUT_THE_ROW:
                refused[str(refusal.field)] += 1
    for column, failed in refused.most_common(1):
        if filled[column] >= _LEAST and failed * 2 > filled[column]:
            return column, failed, filled[column]
    return None


def _drop(block: Mapping[str, Any], column: str) -> list[str]:
    """Make the fields that are read from a column leave out what makes no sense; gives their names."""
    assert isinstance(block, dict)
    changed = []
    for name, spec in block.items():
        if isinstance(spec, str) and spec == column:
            block[name] = {"from": spec, "on_invalid": "drop"}
            changed.append(name)
        elif isinstance(spec, dict) and column in _columns(spec) and spec.get("on_invalid") != "drop":
            spec["on_invalid"] = "drop"
            changed.append(name)
    return changed


def _called(field: str) -> str:
    return "date" if field == "on" else field.replace("_", " ")


def _columns(spec: Mapping[str, Any]) -> Sequence[str]:
    stated = spec.get("from", ())
    return [stated] if isinstance(stated, str) else stated


__all__ = ["suited", "suppliers", "undecided_dates"]
