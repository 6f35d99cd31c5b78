"""Shows what a connection said, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solmu.cli.output import console, table

_MISSING = 8  # fields without a column that are listed


def print_notes(name: str, notes: Sequence[str]) -> None:
    """That it works, and what is weaker than it could be."""
    out = console()
    out.print(f"[green]{name} works[/]")
    for note in notes:
        out.print(f"note: {note}", markup=False, soft_wrap=True)


def print_preview(document: dict[str, Any]) -> None:
    """Rows as they would land, and what would not."""
    where = f"{document['connection']}/{document['stream']}"
    more = " (there are more)" if document["more"] else ""
    _say(f"{where}: looked at {document['looked_at']} rows{more}; {', '.join(_counts(document))}")
    if anew := document.get("mapped_anew"):
        what = "1 row that has" if anew == 1 else f"{anew:,} rows that have"
        _say(f"the mapping changed: the next run maps the {what} landed anew; sooner: solmu remap {where}")
    if document["columns_ignored"]:
        _say(f"columns that no mapping reads: {', '.join(document['columns_ignored'])}")
    if alone := document["columns_left_alone"]:
        _say(f"columns that are not read, as the mapping says (`ignore`): {', '.join(alone)}")
    _print_missing(document["columns_missing"])
    if document["keys_clashing"]:
        _say(f"{document['keys_clashing']} rows have the key of another row and differ from it: they would be refused")
    rows = [cells for row in document["rows"] for cells in landing(row, _place(row["place"], row["key"]))]
    if rows:
        table(None, ["row", "of", "what would land"], rows)
    if document["refused"]:
        refused = [
            [_place(each["place"], each["record"]), each["field"], each["value"], each["message"], each["expected"]]
            for each in document["refused"][:10]
        ]
        table("Would be refused", ["row", "column", "value", "why", "expected"], refused)
    print_left_out(document["values_dropped"])


def _print_missing(missing: Mapping[str, Sequence[str]]) -> None:
    if not missing:
        return
    _say(f"{len(missing)} {'field' if len(missing) == 1 else 'fields'} of the mapping find no column here:")
    for name, columns in list(missing.items())[:_MISSING]:
        _say(f"  {name}: no column is called {' or '.join(columns)}")
    if len(missing) > _MISSING:
        _say(f"  and {len(missing) - _MISSING} more; --output json of `solmu connection preview` lists them")


def print_left_out(values: Sequence[Mapping[str, Any]]) -> None:
    """Values that cannot be read, and that the rows would land without; at most ten of them."""
    if not values:
        return
    rows = [
        [_place(each["place"], each["record"]), each["field"], each["value"], each["message"]] for each in values[:10]
    ]
    table(f"Values left out of rows that land: {len(values)}", ["row", "column", "value", "why"], rows)


def landing(row: Mapping[str, Any], place: str) -> list[list[str]]:
    """The lines of one row as it would land: where it stands (in its first line only), of what, and the fields."""
    others = [*row["hanging"], *row["consents"]]
    parts = [*row["mentions"], *({"slot": each["kind"], "fields": each["fields"]} for each in others)]
    lines = [
        [part["slot"], "; ".join(f"{name}: {_short(value)}" for name, value in part["fields"].items())]
        for part in parts
        if part["fields"]
    ]
    return [[place if number == 0 else "", *line] for number, line in enumerate(lines)]


def _counts(document: dict[str, Any]) -> list[str]:
    counts = [
        f"{len(document['refused'])} would be refused",
        f"{document['landed_before']} have landed before",
        f"{document['known']} speak of somebody known already and {document['new']} of nobody known",
    ]
    if document["of_other_records"] and not document["known"] + document["new"]:
        counts.pop()
    for key, said in (
        ("of_other_records", "belong to records of another stream"),
        ("left_alone", "are left alone"),
        ("keys_repeated", "of all these repeat an earlier one"),
    ):
        if document[key]:
            counts.append(f"{document[key]} {said}")
    return counts


def _place(place: str | None, key: str) -> str:
    return key if place is None else place


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return " ".join(text.split())


def _say(text: str) -> None:
    console().print(text, markup=False, soft_wrap=True)
