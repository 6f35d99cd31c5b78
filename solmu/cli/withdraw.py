"""``solmu withdraw``: an import, taken back."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, print_json, progress


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(withdraw)


def withdraw(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run of the import, as its report names it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Take back an import: its rows are withdrawn, or are again what they were before it. Nothing is sent.

    What it has pushed stays in the CRM; `solmu revert` takes that back.
    """
    from solmu.cli.report import print_report
    from solmu.sync import withdraw as taking_back

    with the_store(hub) as (loaded, store):
        rows = taking_back.look(store, run)
        if output is not Format.JSON:
            console().print(
                f"{rows.withdrawn} rows would be withdrawn, {rows.put_back} put back as they were before;"
                f" {rows.moved} were changed since and stay as they are."
            )
        if not yes:
            if not sys.stdin.isatty():
                raise typer.BadParameter("without a terminal nobody can be asked: say --yes")
            typer.confirm("Take the import back?", abort=True)
        with progress(quiet=output is Format.JSON) as tell:
            report = taking_back.withdraw(loaded, store, run, who=getpass.getuser(), tell=tell)
    if output is Format.JSON:
        print_json(report)
    else:
        print_report(report)
    return int(report["exit"])
