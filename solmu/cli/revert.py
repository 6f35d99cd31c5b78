"""``solmu revert``: taking back what a run wrote, where nobody has changed it since."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Annotated, Any

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, print_json, progress, table

SHOWN = 30
_BECAUSE = {
    "edited-since": "somebody changed it there since",
    "written-by-a-later-run": "a later run wrote it: take that one back first",
    "created": "the run created it: delete it by hand, if it shall go",
    "gone": "it was deleted or merged there",
    "opt-out": "an opt-out is never taken back",
    "erased": "nothing of this person is kept",
    "unanswered": "something sent to it was not answered yet: try again later",
    "not-configured": "the hub no longer writes to this stream",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(revert)


def revert(
    run: Annotated[str, typer.Argument(help="The run's id, or `last`: the last one that wrote something.")],
    hub: HubOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. Needed without a terminal.")] = False,
    select: Annotated[
        list[str] | None, typer.Option("--select", metavar="CONNECTION", help="Only this target; may be repeated.")
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option("--override", metavar="guard=NAME", help="Let this guard pass once; it leaves an audit line."),
    ] = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Take back what a run wrote to the CRM, wherever nobody has changed it since; lists the rest."""
    from solmu.cli.run import guards_named
    from solmu.errors import ConfigurationError
    from solmu.sync.reverting import revert_run

    shows = output is not Format.JSON
    if not yes and not (shows and sys.stdin.isatty()):
        raise ConfigurationError("without a terminal, taking back needs --yes", code="usage", expected="--yes")

    def agreed(document: dict[str, Any]) -> bool:
        if shows:
            _print_plan(document)
        return yes or _asked(document)

    with the_store(hub) as (loaded, store):
        only = [loaded.connection(name).name for name in select or ()]
        with progress(quiet=not shows or not yes) as tell:
            report = revert_run(
                loaded, store, run, confirm=agreed, only=only, override=guards_named(override), tell=tell
            )
    if shows:
        _print_report(report)
    else:
        print_json(report)
    return int(report["exit"])


def _asked(document: dict[str, Any]) -> bool:
    records = sum(each["records"] for each in document["targets"].values())
    try:
        return typer.confirm(f"Take this back in {records} records?")
    except typer.Abort:
        return False


def _print_plan(document: dict[str, Any]) -> None:
    out = console()
    for name, each in document["targets"].items():
        out.print(f"{name}: {each['records']} records get their earlier values back", markup=False)
        if each["already"]:
            out.print(f"  {each['already']:6} are as they were already")
        for why, number in sorted(Counter(left["why"] for left in each["left"]).items()):
            out.print(f"  {number:6} are left: {_BECAUSE[why]}", markup=False)
        if each["plan"]:
            out.print(f"  field by field: plans/{each['plan']}.json, about {each['calls_estimated']} API calls")
        for stop in each["guards"]:
            out.print(f"  guard {stop['guard']}: {stop['message']}", markup=False)


def _print_report(report: dict[str, Any]) -> None:
    from solmu.cli.report import print_report

    document = report["revert"]
    if not document["targets"]:
        console().print(f"run {document['run']} wrote nothing to any target that was asked for", markup=False)
    elif not document["done"]:
        if not any(each["records"] for each in document["targets"].values()):
            _print_plan(document)
        console().print("nothing was written")
    left = [
        [name, each["object"], each["url"] or each["remote_id"], ", ".join(each["fields"]), _because(each)]
        for name, target in document["targets"].items()
        for each in target["left"]
    ]
    if left:
        title = "Left as it is" if len(left) <= SHOWN else f"Left as it is, {SHOWN} of {len(left)} (--output json: all)"
        table(title, ["target", "object", "record", "fields", "because"], left[:SHOWN])
    print_report(report)


def _because(entry: dict[str, Any]) -> str:
    runs = sorted({each["run"] for each in entry["fields"].values() if each["run"]})
    return _BECAUSE[entry["why"]] + (f" ({', '.join(runs)})" if runs else "")
