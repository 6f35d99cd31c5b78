"""``solmu remap``: an edited mapping, applied to the rows that are there, now."""

from __future__ import annotations

from typing import Annotated

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, print_json, progress


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(remap)


def remap(
    what: Annotated[
        str, typer.Argument(metavar="CONNECTION[/STREAM]", help="Whose mapping was edited; all of its streams, or one.")
    ],
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Map the rows of a stream anew after its mapping changed, and resolve. The next run would do it; nothing is sent.

    Look at what comes of it with `solmu plan`.
    """
    from solmu.cli.report import print_report
    from solmu.sync.unread import remap as map_now

    name, _, stream = what.partition("/")
    with the_store(hub) as (loaded, store):
        config = loaded.connection(name)
        if not config.source_streams or (stream and stream not in config.source_streams):
            there = ", ".join(f"{name}/{each}" for each in config.source_streams) or "none"
            raise typer.BadParameter(f"{what} is not read; what is: {there}", param_hint="CONNECTION[/STREAM]")
        with progress(quiet=output is Format.JSON) as tell:
            report = map_now(loaded, store, name, [stream] if stream else (), tell=tell)
    if output is Format.JSON:
        print_json(report)
    else:
        print_report(report)
        if not report["mapped_anew"]:
            console().print("No mapping has changed, so no row was mapped anew.")
    return int(report["exit"])
