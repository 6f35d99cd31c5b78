"""``solmu token``: by what a machine asks the JSON addresses of ``solmu serve``."""

from __future__ import annotations

import getpass
from enum import StrEnum
from typing import Annotated

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, messages, print_json, table

app = typer.Typer(no_args_is_help=True, help="Let a machine ask what `solmu serve` answers as JSON.")
NameArgument = Annotated[str, typer.Argument(help="Who asks with it, such as partner-website.")]


class Right(StrEnum):
    """What a machine may do: look; decide about records."""

    VIEWER = "viewer"
    STEWARD = "steward"


@app.command()
def add(
    name: NameArgument,
    role: Annotated[Right, typer.Option(help="What it may do.")] = Right.VIEWER,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Make a token, and print it: this once and never again."""
    from solmu.web.roles import Role
    from solmu.web.tokens import make

    with the_store(hub) as (_, store), store.write() as connection:
        secret = make(connection, name, Role(role.value), by=getpass.getuser())
    name = name.strip().lower()
    if output is Format.JSON:
        print_json({"name": name, "role": role.value, "token": secret})
    else:
        messages().print(f"{name} may ask as {role.value} with this token, which is not shown again:")
        typer.echo(secret)


@app.command("list")
def list_(hub: HubOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show which tokens there are, and when each was used last."""
    from solmu.store import time
    from solmu.web.tokens import everything

    with the_store(hub) as (_, store), store.read() as connection:
        found = everything(connection)
    rows = [
        (each.name, each.role.value, time.iso(each.made_at), None if each.used_at is None else time.iso(each.used_at))
        for each in found
    ]
    if output is Format.JSON:
        print_json({"tokens": [dict(zip(("name", "role", "made", "used"), row, strict=True)) for row in rows]})
    elif not rows:
        messages().print("no machine has a token yet: `solmu token add NAME`")
    else:
        table(None, ("name", "role", "made", "last used"), rows)


@app.command()
def revoke(name: NameArgument, hub: HubOption = None) -> None:
    """Let nobody in with a token any more, at once."""
    from solmu.web.tokens import revoke as revoking

    with the_store(hub) as (_, store), store.write() as connection:
        revoking(connection, name, by=getpass.getuser())
    messages().print(f"nobody is let in with {name.strip().lower()} any more")
