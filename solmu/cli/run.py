"""``solmu run``, ``plan``, ``apply`` and ``retry``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from solmu.cli.opening import the_hub, the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, fail, print_json, progress

if TYPE_CHECKING:
    from solmu.config import Hub

SelectOption = Annotated[
    list[str] | None, typer.Option("--select", metavar="CONNECTION", help="Only this connection; may be repeated.")
]
OverrideOption = Annotated[
    list[str] | None,
    typer.Option(
        "--override", metavar="guard=NAME", help="Let this guard pass once (or just its name); it leaves an audit line."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(name="run")(run)
    app.command()(plan)
    app.command()(apply)
    app.command()(retry)


def run(
    hub: HubOption = None,
    select: SelectOption = None,
    override: OverrideOption = None,
    prefect: Annotated[bool, typer.Option("--prefect", help="As a Prefect flow, with states and artifacts.")] = False,
    output: OutputOption = Format.TEXT,
) -> int:
    """Land, resolve, plan, guard, apply, reconcile: a whole night, now."""
    from solmu.sync.run import listening, run_all

    if prefect:
        with progress(quiet=output is Format.JSON) as tell, listening(tell):
            report = _by_prefect(the_hub(hub), select or [], guards_named(override))
    else:
        with the_store(hub, run="run") as (loaded, store), progress(quiet=output is Format.JSON) as tell:
            report = run_all(loaded, store, only=_known(loaded, select), override=guards_named(override), tell=tell)
    return _tell(report, output)


def plan(
    target: Annotated[str | None, typer.Argument(help="The target; all of them if left out.")] = None,
    hub: HubOption = None,
    select: SelectOption = None,
    read: Annotated[
        bool, typer.Option("--read", help="Read the sources and the CRM first. Else: as of the last reading.")
    ] = False,
    output: OutputOption = Format.TEXT,
) -> int:
    """Say what a push would change, field by field, and write nothing outside the hub."""
    from solmu.cli.planned import print_plan, print_readings
    from solmu.report.readings import last_readings
    from solmu.store.owners import owners
    from solmu.sync.run import begin, chosen, finish, push, read_all, to_the_end

    with the_store(hub) as (loaded, store):
        only = _known(loaded, [*([target] if target else ()), *(select or ())])
        with progress(quiet=output is Format.JSON) as tell:
            detail = {"of": sorted(only), "read": read} if only or read else {}
            this = begin(loaded, store, kind="plan", detail=detail, tell=tell)
            made: list[str | None] = []
            with to_the_end(this):
                if read:
                    read_all(this, select or ())
                for name in chosen(this.targets, only):
                    made.append(push(this, name, send=False))
        report = finish(this)
        documents = [json.loads((loaded.folder / "plans" / f"{each}.json").read_bytes()) for each in made if each]
        with store.read() as connection:
            readings, known = last_readings(connection, this.sources), owners(connection)
    if this.problems and not documents:
        raise this.problems[0]
    if output is not Format.JSON:
        print_readings(readings)
        for document in documents:
            print_plan(document, known)
        for problem in this.problems:
            fail(problem, as_json=False)
    elif len(documents) == 1 and not this.problems:
        print_json(documents[0])
    else:
        print_json({"plans": documents, "problems": report["problems"]})
    return int(report["exit"]) if this.problems or this.interrupted else 0


def apply(
    plan: Annotated[str, typer.Argument(help="A plan's id, or the path of its file.")],
    hub: HubOption = None,
    limit: Annotated[int | None, typer.Option(help="Send at most so many actions.")] = None,
    override: OverrideOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Send a plan. Lines whose records moved since are planned anew; the rest goes on."""
    from solmu.sync.run import apply_plan

    with the_store(hub, run="apply") as (loaded, store), progress(quiet=output is Format.JSON) as tell:
        report = apply_plan(loaded, store, plan, limit=limit, override=guards_named(override), tell=tell)
    code = _tell(report, output)
    if output is not Format.JSON and report["apply"]["nothing_left"]:
        console().print(f"nothing of {report['apply']['plan']} was left to send: what it had was dealt with before")
    return code


def retry(
    hub: HubOption = None,
    quarantine: Annotated[bool, typer.Option("--quarantine", help="Only what waits in quarantine.")] = False,
    outbox: Annotated[bool, typer.Option("--outbox", help="Only actions that a target refused.")] = False,
    output: OutputOption = Format.TEXT,
) -> int:
    """Try again what was refused: map the quarantine anew, and plan anew what a target rejected."""
    from solmu.sync.retry import retry as retry_all

    both = quarantine == outbox
    with the_store(hub, run="retry") as (loaded, store), progress(quiet=output is Format.JSON) as tell:
        report = retry_all(loaded, store, quarantine=both or quarantine, rejected=both or outbox, tell=tell)
    code = _tell(report, output)
    if output is not Format.JSON:
        of = report["retry"]
        console().print(f"rows tried again: {of['rows']}, of which {of['refused_again']} were refused again")
        console().print(f"actions tried again: {of['actions']}, of which {of['rejected_again']} were rejected again")
    return code


def _tell(report: dict[str, Any], output: Format) -> int:
    if output is Format.JSON:
        print_json(report)
    else:
        from solmu.cli.report import print_report

        print_report(report)
    return int(report["exit"])


def _by_prefect(hub: Hub, select: list[str], override: list[str]) -> dict[str, Any]:
    """Find the flow by its entry point: the core does not import flows."""
    import os
    from importlib.metadata import entry_points

    os.environ.setdefault("PREFECT_HOME", str(hub.folder / ".prefect"))
    (point,) = entry_points(group="solmu.flows", name="nightly")
    report: dict[str, Any] = point.load()(hub=str(hub.folder), select=_known(hub, select) or None, override=override)
    return report


def _known(hub: Hub, select: list[str] | None) -> list[str]:
    return [hub.connection(name).name for name in select or ()]


def guards_named(override: list[str] | None) -> list[str]:
    """The guards that ``--override`` names, with or without ``guard=``. Raises BadParameter where there is no such."""
    from solmu.config.nearest import choice_of
    from solmu.sync.guard import GUARDS

    names = []
    for each in override or ():
        name = each.removeprefix("guard=")
        if name not in GUARDS:
            raise typer.BadParameter(f"there is no guard {name!r}: {choice_of(name, GUARDS)}", param_hint="--override")
        names.append(name)
    return names
