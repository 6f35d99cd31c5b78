"""``solmu tasks``: a list of the home page, pushed as tasks."""

from __future__ import annotations

import getpass
import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, print_json, progress, table

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(tasks)


def tasks(
    figure: Annotated[
        str,
        typer.Argument(metavar="LIST", help="One of no-owner, no-next-step, unreachable, long-ago and completeness."),
    ],
    to: Annotated[str, typer.Option("--to", metavar="CONNECTION", help="The CRM that gets the tasks.")],
    subject: Annotated[str, typer.Option(help="What is to be done; the task's subject.")],
    due: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="When it is due: 2026-12-24.")],
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", metavar="FIELD=VALUE", help="Only customers with this country, tier or owner (a name or an id)."
        ),
    ] = None,
    hub: HubOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. Needed without a terminal.")] = False,
    override: Annotated[
        list[str] | None,
        typer.Option("--override", metavar="guard=NAME", help="Let this guard pass once; it leaves an audit line."),
    ] = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Push a list of the home page as tasks: one a customer who is in the CRM, for its owner there.

    Nobody gets a second one of the same list while the first is open. `solmu revert` closes them again.
    """
    from solmu.cli.run import guards_named
    from solmu.errors import ConfigurationError
    from solmu.followup.count import count, outdated, summary
    from solmu.followup.lists import FIGURES
    from solmu.followup.push import push_tasks
    from solmu.followup.tasks import Ask, ready
    from solmu.store.owners import owners

    if figure not in FIGURES:
        raise typer.BadParameter(f"{figure!r} is not one of {', '.join(FIGURES)}", param_hint="LIST")
    narrowed = _narrowed(only)
    shows = output is not Format.JSON
    if not yes and not (shows and sys.stdin.isatty()):
        raise ConfigurationError("without a terminal, pushing tasks needs --yes", code="usage", expected="--yes")
    ask = Ask(figure, to, subject, due.date(), narrowed)
    with the_store(hub) as (loaded, store):
        with store.read() as connection:
            stale = outdated(connection, summary(connection))
        with progress(quiet=not shows) as tell:
            if stale:
                count(loaded, store, tell)
        with store.read() as connection:
            found, known = ready(connection, loaded, ask), owners(connection)
        if shows:
            _print(found, known)
        if not found.tasks or not (yes or _agreed(found)):
            document = {"tasks": {**found.as_dict(), "plan": None}, "exit": 0}
            if not shows:
                print_json(document)
            return 0
        with progress(quiet=not shows or not yes) as tell:
            report = push_tasks(
                loaded, store, ask, seen=found.seen, who=getpass.getuser(), override=guards_named(override), tell=tell
            )
    if shows:
        from solmu.cli.report import print_report

        print_report(report)
    else:
        print_json(report)
    return int(report["exit"])


def _narrowed(only: list[str] | None) -> dict[str, str]:
    found = {}
    for each in only or ():
        name, equals, value = each.partition("=")
        if not equals:
            raise typer.BadParameter(f"{each!r} is no FIELD=VALUE", param_hint="--only")
        found[name] = value
    return found


def _print(found: Any, known: Any) -> None:
    out = console()
    number = len(found.tasks)
    out.print(f"{number} tasks would be made in {found.ask.target}, due {found.ask.due}", markup=False)
    if found.open:
        out.print(f"{found.open:6} have an open task of this list", markup=False)
    if found.not_there:
        out.print(f"{found.not_there:6} are not in {found.ask.target}", markup=False)
    if found.beyond:
        out.print("       the list is longer; its first customers are looked at", markup=False)
    rows = [
        [each.public_id, each.name, known.told(each.owner, found.ask.target) if each.owner else "", each.why_owner]
        for each in found.tasks[:_SHOWN]
    ]
    if rows:
        title = None if number <= _SHOWN else f"{_SHOWN} of {number}"
        table(title, ["customer", "name", "for", "because"], rows)


def _agreed(found: Any) -> bool:
    try:
        return typer.confirm(f"Make these {len(found.tasks)} tasks?")
    except typer.Abort:
        return False
