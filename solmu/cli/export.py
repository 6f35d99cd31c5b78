"""``solmu export``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import HubOption, messages


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(export)


def export(
    what: Annotated[str, typer.Argument(help="links, golden, pairs, quarantine or doubles.")],
    form: Annotated[str, typer.Option("--format", "-f", help="csv, xlsx, parquet or json.")] = "csv",
    to: Annotated[Path | None, typer.Option("--to", help="The file; stdout if left out (csv and json).")] = None,
    hub: HubOption = None,
) -> int:
    """Write links, golden records, pairs, the quarantine or doubles as a table; doubles are records of a CRM that stand
    beside another one of the same customer."""
    from solmu.report.export import BINARY, FORMATS, SHEETS
    from solmu.report.export import export as write

    if what not in SHEETS:
        raise typer.BadParameter(f"{what!r} is not one of {', '.join(SHEETS)}", param_hint="WHAT")
    if form not in FORMATS:
        raise typer.BadParameter(f"{form!r} is not one of {', '.join(FORMATS)}", param_hint="--format")
    if form in BINARY and to is None:
        raise typer.BadParameter(f"{form} is no text: say where with --to PATH", param_hint="--to")
    with the_store(hub) as (_, store):
        text = write(store, what, form, to)
    if text is not None:
        sys.stdout.write(text)
    else:
        messages().print(f"wrote {to}")
    return 0
