"""``solmu import``: a sheet, looked at together and brought in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from solmu.cli.opening import the_hub, the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, print_json, progress, table

if TYPE_CHECKING:
    from solmu.propose import Kind, Order
    from solmu.sync.imports import Import


class Rows(StrEnum):
    """What each row of a list is."""

    LEAD = "lead"
    PARTICIPATION = "participation"
    CONTACT = "contact"


class Dates(StrEnum):
    """Which figure of a date stands first."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


_ORDERS: dict[Dates, Order] = {Dates.DAY_FIRST: "dmy", Dates.MONTH_FIRST: "mdy"}
_KINDS: dict[Rows, Kind] = {Rows.LEAD: "lead", Rows.PARTICIPATION: "participant", Rows.CONTACT: "contact"}
_UNKNOWN = 12  # columns without a field that are listed by name
_UNASKED = 100  # rows that are looked at beforehand where nobody is asked: the report tells of all of them


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="import")(import_file)


def import_file(
    file: Annotated[Path, typer.Argument(help="An xlsx, xls, ods, csv or tsv file with a header.", readable=False)],
    mapping: Annotated[
        str | None, typer.Option(help="A mapping that exists; without it, one is proposed or the last one used.")
    ] = None,
    partner: Annotated[str | None, typer.Option(help="Who reported these leads.")] = None,
    event: Annotated[
        str | None, typer.Option(metavar="NAME", help="The event that these people attended, if no column says it.")
    ] = None,
    as_: Annotated[
        Rows | None, typer.Option("--as", help="What each row is, if the proposal takes it for something else.")
    ] = None,
    dates: Annotated[
        Dates | None, typer.Option(help="Which comes first in dates such as 01/02/2026, where no date shows it.")
    ] = None,
    save: Annotated[
        str | None, typer.Option(metavar="NAME", help="Know this list by a name, and notice when its columns change.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    push: Annotated[bool, typer.Option("--push", help="Send to the targets too.")] = False,
    try_: Annotated[bool, typer.Option("--try", help="Import into a scratch store, and keep nothing.")] = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Bring in a list: proposes what each column is, shows ten rows as they would land, asks, and remembers."""
    from solmu.sync import imports

    if event is not None and (partner is not None or as_ not in (None, Rows.PARTICIPATION)):
        raise typer.BadParameter("only a participation is of an event", param_hint="--event")
    if try_ and push:
        raise typer.BadParameter("a trial writes nothing, so there is nothing to push", param_hint="--try --push")
    loaded = the_hub(hub)
    with imports.scratch(loaded) as workbench:
        kind = _KINDS[as_] if as_ else None

        def prepare(order: Order | None) -> Import:
            return imports.prepare(
                loaded, file, mapping=mapping, partner=partner, event=event, kind=kind, save=save, order=order
            )

        ready = prepare(_ORDERS[dates] if dates else None)
        if ready.dates_undecided and not yes and not try_ and sys.stdin.isatty():
            answer = _ask_order(ready.dates_undecided)
            ready = prepare(answer) if answer else ready
        shown = imports.look(ready, workbench, looked_at=_UNASKED if yes or try_ else imports.LOOKED_AT)
        quiet = output is Format.JSON
        if not quiet:
            print_look(shown)
        if try_:
            with progress(quiet=quiet) as tell:
                report = imports.try_out(ready, workbench, tell=tell)
            report["import"]["refused_file"] = None  # it is gone with the scratch folder
            return _tell(report, shown, output, tried=True)
    if not yes:
        _ask()
    written = imports.save(ready)
    with the_store(str(written.folder), run="import") as (now, store), progress(quiet=quiet) as tell:
        report = imports.bring_in(now, store, ready, send=push, tell=tell)
    return _tell(report, shown, output, tried=False)


def _ask() -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("without a terminal nobody can be asked: say --yes to import, or --try to look only")
    typer.confirm("Import it like this?", abort=True)


def _ask_order(columns: Sequence[str]) -> Order | None:
    """What only people can know; None where they do not."""
    from click import Choice

    said = typer.prompt(
        f"Dates in {', '.join(columns)}, such as 01/02/2026: which comes first?",
        type=Choice([*Dates, "unknown"]),
        default="unknown",
    )
    return None if said == "unknown" else _ORDERS[Dates(said)]


def _tell(report: dict[str, Any], shown: dict[str, Any], output: Format, *, tried: bool) -> int:
    if output is Format.JSON:
        print_json({**report, "import": {**shown, **report["import"], "tried": tried}})
        return int(report["exit"])
    from solmu.cli.report import print_report

    print_report(report)
    out = console()
    if tried:
        out.print("This was a trial: nothing of it is kept.")
    if report["import"]["refused_file"]:
        out.print("Rows that were refused, each with its reason; mend them there and import that file:")
        out.print(report["import"]["refused_file"], markup=False, soft_wrap=True)
    return int(report["exit"])


def print_look(shown: dict[str, Any]) -> None:
    """What a sheet's columns are taken for, and its first rows as they would land."""
    out = console()
    kinds = {"lead": "is a lead", "participant": "is a participation", "contact": "is a contact"}
    what = kinds.get(shown["kind"] or "") or f"is what the mapping {shown['mapping']} says"
    where = f"{shown['connection']}/{shown['stream']}"
    out.print(f"{shown['file']} -> {where}: each row {what}", markup=False, soft_wrap=True)
    if shown["proposed"]:
        out.print("If that is wrong: --as lead, --as participation or --as contact.", markup=False)
    unknown = [each for each in shown["columns"] if not each["field"]]
    told = [each for each in shown["columns"] if each["field"] or each in unknown[:_UNKNOWN]]
    rows = [
        [each["column"], each["field"] or "-", f"{each['confidence']:.0%}" if each["confidence"] else "", each["why"]]
        for each in told
    ]
    table("Columns", ["column", "becomes", "sure", "because of"], rows)
    if len(told) < len(shown["columns"]):
        out.print(f"and {len(shown['columns']) - len(told)} more columns of which nothing is known")
    if shown["country"]:
        out.print(f"phone numbers and postcodes without a country are taken to be from {shown['country']}")
    for note in shown["notes"]:
        out.print(f"note: {note}", markup=False, soft_wrap=True)
    if shown["dates_undecided"]:
        out.print("Which comes first: --dates day-first or --dates month-first.", markup=False)
    _print_rows(shown["preview"])


def _print_rows(preview: dict[str, Any]) -> None:
    from solmu.cli.connection.shown import landing, print_left_out

    rows = [
        cells
        for row in preview["rows"]
        for cells in landing(row, row["key"] if row["place"] is None else row["place"].rpartition(", ")[2])
    ]
    count = len(preview["rows"])
    if count:
        first = "The first row as it would land" if count == 1 else f"The first {count} rows as they would land"
        table(first, ["row", "of", "what"], rows)
    if preview["refused"]:
        looked_at = f"the first {preview['looked_at']} rows" if preview["more"] else f"{preview['looked_at']} rows"
        refused = [
            [each["place"] or each["record"], each["field"], each["value"], each["message"], each["expected"]]
            for each in preview["refused"][:10]
        ]
        title = f"{len(preview['refused'])} of {looked_at} would be refused"
        table(title, ["row", "column", "value", "why", "expected"], refused)
    print_left_out(preview["values_dropped"])
