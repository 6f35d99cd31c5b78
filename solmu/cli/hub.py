"""``solmu init``."""

from __future__ import annotations

from typing import Annotated

import typer

from solmu.cli.output import Format, OutputOption, console, print_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(init)


def init(
    folder: Annotated[str, typer.Argument(help="The new hub's folder.")],
    output: OutputOption = Format.TEXT,
) -> int:
    """Make a hub: a folder with a commented hub.yaml, and room for connections and mappings."""
    from pathlib import Path

    from solmu.config import init_hub

    made = init_hub(Path(folder))
    if output is Format.JSON:
        print_json({"hub": str(made)})
    else:
        console().print(f"made {made}\nnext: solmu --help, or: cd {folder} && solmu connection add", soft_wrap=True)
    return 0
