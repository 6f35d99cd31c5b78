"""``solmu conflict list``, ``show``, ``decide`` and ``reopen``."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, WhoOption, console, print_json, table

app = typer.Typer(
    help="Conflicts: fields that the hub and a CRM both changed.", no_args_is_help=True, rich_markup_mode=None
)
Number = Annotated[int, typer.Argument(metavar="CONFLICT", help="Its number, as `solmu conflict list` shows it.")]


@app.callback()
def _group() -> None:
    """Conflicts: fields that the hub and a CRM both changed."""


@app.command(name="list")
def list_(
    target: Annotated[str | None, typer.Option(metavar="CONNECTION", help="Only of this target.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Those that were decided or settled, too.")] = False,
    after: Annotated[int, typer.Option(metavar="CONFLICT", help="Only those after this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 100,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """What waits for a word: both values, and on which the two sides agreed last."""
    from solmu.steward.conflicts import listed

    with the_store(hub) as (loaded, store), store.read() as connection:
        if target:
            loaded.connection(target)
        state = None if all_ else "open"
        found = listed(connection, loaded, state=state, target=target, after=after, limit=limit)
    if output is Format.JSON:
        print_json({"conflicts": found})
        return 0
    rows = [
        [each["conflict"], each["name"], f"{each['target']}/{each['object']}/{each['remote_id']}", each["field"]]
        + [_text(each[name]) for name in ("hub", "there", "agreed")]
        + ([each["state"]] if all_ else [])
        for each in found
    ]
    columns = ["conflict", "who", "record", "field", "hub", "CRM", "agreed before", *(["state"] if all_ else [])]
    if rows:
        table(None, columns, rows)
    else:
        console().print("no conflicts")
    return 0


@app.command()
def show(number: Number, hub: HubOption = None, output: OutputOption = Format.TEXT) -> int:
    """One conflict, and what may be said to it."""
    from solmu.steward.conflicts import shown

    with the_store(hub) as (loaded, store), store.read() as connection:
        document = shown(connection, loaded, number)
    _print(document, output)
    return 0


@app.command()
def decide(
    number: Number,
    choice: Annotated[
        str,
        typer.Argument(
            metavar="hub|crm|value|leave",
            help="hub: its value goes to the CRM; crm: the CRM's holds, in the hub too; value: another holds on both "
            "sides; leave: each keeps its own until one of them changes.",
        ),
    ],
    value: Annotated[str | None, typer.Argument(help='With value: the value; "" for none.')] = None,
    reason: Annotated[str | None, typer.Option(help="Why, for whoever asks later.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="With crm and value: the last day that it holds in the hub.")
    ] = None,
    seen: Annotated[str | None, typer.Option(help="The `seen` of a conflict as shown: refuse if it changed.")] = None,
    who: WhoOption = None,
    later: Annotated[bool, typer.Option("--later", help="Only record it; the next run follows it.")] = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Say which value is right. The next run carries it out; `reopen`, or `solmu undo`, takes it back."""
    from solmu.steward.conflicts import Choice
    from solmu.steward.follow import followed
    from solmu.steward.settling import decide as deciding
    from solmu.store import time

    if choice not in set(Choice):
        raise typer.BadParameter(f"{choice!r} is none of {', '.join(Choice)}", param_hint="hub|crm|value|leave")
    with the_store(hub) as (loaded, store):
        with store.write() as connection:
            document, intent = deciding(
                connection,
                loaded,
                number,
                Choice(choice),
                value=value,
                who=who or getpass.getuser(),
                now=time.now(),
                reason=reason,
                until=until,
                seen=seen,
            )
        if intent is not None:
            followed(loaded, store, intent, later=later)
    _print(document, output)
    return 0


@app.command()
def reopen(number: Number, who: WhoOption = None, hub: HubOption = None, output: OutputOption = Format.TEXT) -> int:
    """Take back what was said to a conflict; the next run asks again, where the two sides still differ."""
    from solmu.steward.settling import reopen as reopening
    from solmu.store import time

    with the_store(hub) as (loaded, store), store.write() as connection:
        document = reopening(connection, loaded, number, who=who or getpass.getuser(), now=time.now())
    _print(document, output)
    return 0


def _print(document: dict[str, Any], output: Format) -> None:
    if output is Format.JSON:
        print_json(document)
        return
    out = console()
    head = f"conflict {document['conflict']}, {document['state']}: {document['name'] or document['golden_id']}"
    out.print(f"{head}, {document['field']} of {document['target']}/{document['object']}/{document['remote_id']}",
              markup=False, soft_wrap=True)  # fmt: skip
    for title, name in (("hub", "hub"), ("CRM", "there"), ("agreed before", "agreed")):
        out.print(f"  {title}: {_text(document[name])}", markup=False, soft_wrap=True)
    if document["choices"]:
        out.print(f"decide: {', '.join(document['choices'])}", markup=False)
    elif document["choice"]:
        out.print(f"{document['decided_by']} said {document['choice']} at {document['decided_at']}", markup=False)
    if document["change"] is not None:
        out.print(f"it is a pin; `solmu undo {document['change']}` takes it back", markup=False)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
