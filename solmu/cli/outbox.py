"""``solmu outbox list``, ``show``, ``dismiss`` and ``retry``."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, WhoOption, console, print_json, table

app = typer.Typer(
    help="The outbox: what is on its way to targets, waits, or was refused.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Number = Annotated[int, typer.Argument(metavar="ACTION", help="Its number, as `solmu outbox list` shows it.")]


@app.callback()
def _group() -> None:
    """The outbox: what is on its way to targets, waits, or was refused."""


@app.command(name="list")
def list_(
    target: Annotated[str | None, typer.Option(metavar="CONNECTION", help="Only of this target.")] = None,
    state: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help="Only in this state; may be repeated.")
    ] = None,
    plan: Annotated[str | None, typer.Option(metavar="PLAN", help="Only of this plan.")] = None,
    dismissed: Annotated[bool, typer.Option("--dismissed", help="Those that were dismissed, too.")] = False,
    after: Annotated[int, typer.Option(metavar="ACTION", help="Only those after this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 100,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """What is not done: on its way, waiting, or refused, with the reason."""
    from solmu.report.outbox import WAITING, listed
    from solmu.sync.ledger import ACTION_STATES

    known = {*ACTION_STATES, *WAITING}
    for each in state or ():
        if each not in known:
            raise typer.BadParameter(f"{each!r} is none of {', '.join(sorted(known))}", param_hint="--state")
    with the_store(hub) as (loaded, store), store.read() as connection:
        if target:
            loaded.connection(target)
        found = listed(
            connection,
            states=state or WAITING,
            target=target,
            plan=plan,
            dismissed=dismissed,
            after=after,
            limit=limit,
        )
    if output is Format.JSON:
        print_json({"actions": found})
    elif found:
        rows = [
            [each["number"], f"{each['target']}/{each['object']}", each["action"], each["name"], each["remote_id"],
             each["state"], each["code"], each["message"]]
            for each in found
        ]  # fmt: skip
        table(None, ["action", "target", "does", "who", "record", "state", "code", "why"], rows)
    else:
        console().print("nothing waits")
    return 0


@app.command()
def show(number: Number, hub: HubOption = None, output: OutputOption = Format.TEXT) -> int:
    """One action, field by field, and what became of it so far."""
    from solmu.report.outbox import shown

    with the_store(hub) as (_, store), store.read() as connection:
        document = shown(connection, number)
    _print(document, output)
    return 0


@app.command()
def dismiss(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why; the audit keeps it.")],
    who: WhoOption = None,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Put an action aside: it is not tried again until its record changes, here or there."""
    from solmu.store import time
    from solmu.sync.dismiss import dismiss as dismissing

    if not reason.strip():
        raise typer.BadParameter("say why", param_hint="--reason")
    with the_store(hub) as (_, store):
        document = dismissing(store, number, reason=reason, who=who or getpass.getuser(), now=time.now())
    _print(document, output)
    return 0


@app.command()
def retry(number: Number, who: WhoOption = None, hub: HubOption = None, output: OutputOption = Format.TEXT) -> int:
    """Let the next run plan one action anew that was rejected or dismissed; `solmu retry` does so with all rejected."""
    from solmu.store import time
    from solmu.sync.dismiss import plan_anew

    with the_store(hub) as (_, store):
        document = plan_anew(store, number, who=who or getpass.getuser(), now=time.now())
    _print(document, output)
    return 0


def _print(document: dict[str, Any], output: Format) -> None:
    if output is Format.JSON:
        print_json(document)
        return
    head = f"action {document['number']}, {document['state']}: {document['action']} {document['target']}/"
    head += f"{document['object']}/{document['remote_id'] or '(new)'}, {document['name'] or document['golden_id']}"
    console().print(head, markup=False, soft_wrap=True)
    if document["message"]:
        console().print(f"  {document['code']}: {document['message']}", markup=False, soft_wrap=True)
    rows = [[name, each["old"], each["new"], each["rule"], each["source"]] for name, each in document["fields"].items()]
    if rows:
        table(None, ["field", "old", "new", "rule", "source"], rows)
