"""``solmu target arm``: letting Solmu write to a CRM, after having seen what it would do."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, print_json

app = typer.Typer(help="Targets: what Solmu may write to.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Targets: what Solmu may write to."""


@app.command()
def arm(
    name: Annotated[str, typer.Argument(help="The connection.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask. Needed without a terminal.")] = False,
    first_ten: Annotated[
        bool, typer.Option("--first-ten-are-right", help="The first ten records were looked at; send the rest.")
    ] = False,
    disarm: Annotated[bool, typer.Option("--disarm", help="Make the target read-only again.")] = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Let Solmu write to a target. First shows what would be linked, created, changed and kept out."""
    from solmu.errors import ConfigurationError
    from solmu.store import time
    from solmu.sync.arm import FIRST, arming, confirm_first_ten
    from solmu.sync.arm import arm as arm_target
    from solmu.sync.arm import disarm as disarm_target

    with the_store(hub) as (loaded, store):
        connection = loaded.connection(name)
        if not connection.is_target:
            raise ConfigurationError(
                f"{name} is a source only",
                connection=name,
                file=str(connection.file),
                expected="direction: both or target",
            )
        who, now = getpass.getuser(), time.now()
        if disarm:
            disarm_target(store, name, who=who, now=now)
        else:
            if not yes:
                if not sys.stdin.isatty():
                    raise ConfigurationError("without a terminal, arming needs --yes", code="usage", expected="--yes")
                _preview(loaded.folder, name)
                typer.confirm(f"Let Solmu write to {name}?", abort=True)
            arm_target(store, name, who=who, now=now)
            if first_ten:
                with store.read() as reading:
                    left = arming(reading, name).left
                if left == FIRST:
                    raise ConfigurationError(
                        "nothing has been written yet that somebody could have looked at",
                        connection=name,
                        expected="`solmu run` first, then a look at those records in the CRM",
                    )
                confirm_first_ten(store, name, who=who, now=now)
        with store.read() as reading:
            state = arming(reading, name)
    if output is Format.JSON:
        print_json({"target": name, "armed": state.armed, "first_ten_left": state.left})
    elif not state.armed:
        console().print(f"{name} is read-only now")
    elif state.left is None:
        console().print(f"{name} is armed; next: solmu run")
    else:
        console().print(
            f"{name} is armed. The next run writes {state.left} records, some of each kind, and stops, so that you can "
            f"look at them in the CRM.\nThen: solmu target arm {name} --first-ten-are-right",
            soft_wrap=True,
        )
    return 0


def _preview(folder: object, name: str) -> None:
    from solmu.cli.run import plan

    plan(target=name, hub=str(folder))
