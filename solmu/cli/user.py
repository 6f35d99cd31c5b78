"""``solmu user``: who may sign in to the pages of ``solmu serve``."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, messages, print_json, table
from solmu.errors import ConfigurationError, SolmuError

if TYPE_CHECKING:
    from sqlalchemy import Connection

app = typer.Typer(no_args_is_help=True, help="Say who may sign in to the pages of `solmu serve`.")
NameArgument = Annotated[str, typer.Argument(help="The user's name, such as an e-mail address.")]
StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from stdin instead of asking for it.")
]


class RoleName(StrEnum):
    """What somebody may do: look; decide about records; change the hub and its users."""

    VIEWER = "viewer"
    STEWARD = "steward"
    ADMINISTRATOR = "administrator"


@app.command()
def add(
    name: NameArgument,
    role: Annotated[RoleName, typer.Option(help="What they may do.")] = RoleName.VIEWER,
    password_stdin: StdinOption = False,
    hub: HubOption = None,
) -> None:
    """Let somebody in. The first administrator is made this way."""
    from solmu.web.roles import Role
    from solmu.web.users import add as adding

    hashed = _hashed(name, password_stdin)
    with _changing(hub) as connection:
        made = adding(connection, name, Role(role.value), hashed, by=getpass.getuser())
    messages().print(f"{made.name} may sign in as {made.role.value}")


@app.command("list")
def list_(hub: HubOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show who may sign in."""
    from solmu.store import time
    from solmu.web.users import everyone

    with the_store(hub) as (_, store), store.read() as connection:
        found = everyone(connection)
    rows = [
        (each.name, each.role.value, None if each.signed_in_at is None else time.iso(each.signed_in_at))
        for each in found
    ]
    if output is Format.JSON:
        print_json({"users": [dict(zip(("name", "role", "signed_in"), row, strict=True)) for row in rows]})
    elif not rows:
        messages().print("nobody may sign in yet: `solmu user add NAME --role administrator`")
    else:
        table(None, ("name", "role", "signed in"), rows)


@app.command()
def remove(name: NameArgument, hub: HubOption = None) -> None:
    """Let somebody in no more, at once."""
    from solmu.web.users import remove as removing

    with _changing(hub) as connection:
        removing(connection, name, by=getpass.getuser())
    messages().print(f"{name} may not sign in any more")


@app.command()
def password(name: NameArgument, password_stdin: StdinOption = False, hub: HubOption = None) -> None:
    """Give somebody a new password; wherever they are signed in, they are signed out."""
    from solmu.web.users import find, set_password

    with the_store(hub) as (_, store), store.read() as connection:
        find(connection, name)
    hashed = _hashed(name, password_stdin)
    with _changing(hub) as connection:
        set_password(connection, name, hashed, by=getpass.getuser())
    messages().print(f"{name} has a new password")


@contextmanager
def _changing(hub: str | None) -> Iterator[Connection]:
    with the_store(hub) as (_, store), store.write() as connection:
        yield connection


def _hashed(name: str, from_stdin: bool) -> str:
    """Asks, or reads, and checks."""
    try:
        from solmu.web import passwords
    except ModuleNotFoundError as error:
        if error.name != "argon2":
            raise
        raise ConfigurationError(
            "`solmu user` needs argon2-cffi, which is not installed",
            code="not-installed",
            expected="pip install 'solmu[web]'",
        ) from error
    if from_stdin:
        typed = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        typed = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        raise SolmuError("there is no terminal to ask for the password", code="usage", expected="--password-stdin")
    passwords.check(typed, name=name.strip().lower())
    return passwords.hashed(typed)
