"""``solmu doctor`` and ``solmu rebuild``: does everything still hold?"""

from __future__ import annotations

from typing import Annotated

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, print_json


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(doctor)
    app.command()(rebuild)


def doctor(hub: HubOption = None, output: OutputOption = Format.TEXT) -> int:
    """Check every invariant on the whole store. Exit 1 if one does not hold."""
    from solmu.doctor import examine

    with the_store(hub) as (loaded, store):
        document = examine(store, loaded)
    if output is Format.JSON:
        print_json(document)
    else:
        out = console()
        for check in document["checks"]:
            mark = "[green]ok[/]   " if check["ok"] else "[bold red]WRONG[/]"
            out.print(f"{mark} {check['number']:2} {check['name']}: ", end="")
            out.print(check["detail"], markup=False, soft_wrap=True)
    return 0 if document["ok"] else 1


def rebuild(
    check: Annotated[bool, typer.Option("--check", help="Only compare; exit 1 if anything differs.")] = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Compute golden records anew from links and claims; with --check, only say what would differ."""
    from solmu.golden.rebuild import claim_differences, golden_differences
    from solmu.golden.rebuild import rebuild as compute
    from solmu.sync.unread import all_waiting

    with the_store(hub) as (loaded, store):
        waiting = all_waiting(loaded, store)
        if check:
            found = [*claim_differences(store, loaded, or_lost=True), *golden_differences(store, loaded)]
        else:
            changed = compute(store, loaded)
    if output is Format.JSON:
        document = {"ok": not found, "differences": found} if check else {"changed": changed}
        print_json({**document, "waiting": waiting} if waiting else document)
    elif check:
        for line in found:
            console().print(line, markup=False, soft_wrap=True)
        console().print("everything derived can be derived again" if not found else f"{len(found)} differences")
    else:
        console().print(f"{changed} golden records changed")
    for path, rows in () if output is Format.JSON else waiting.items():
        console().print(
            f"{path}: another mapping made the claims of {rows:,} rows; the next run maps them anew", markup=False
        )
    return 1 if check and found else 0
