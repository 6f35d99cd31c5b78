"""``solmu connection …``: adding a system, looking at what it offers, and trying it before anything is stored."""

from __future__ import annotations

import typer

from solmu.cli.connection import add, commands

app = typer.Typer(
    help="Connections: the systems that this hub reads and writes.", no_args_is_help=True, rich_markup_mode=None
)
add.register(app)
commands.register(app)
