"""Every command with its help, as it is printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from solmu.cli import app
from tools.reference.markdown import block, page

WIDTH = 100


def names() -> list[str]:
    """The commands, groups among them: ``connection``, ``connection add`` …"""
    return [" ".join(path) for path, _ in _commands() if path]


def commands_page() -> str:
    """``commands.md``."""
    sections = [f"## solmu {' '.join(path)}".rstrip() + "\n\n" + block(text) for path, text in _commands()]
    return page(
        "Commands",
        "`solmu --install-completion` sets up tab completion for your shell. What each exit code means stands in "
        "[Errors and exit codes](errors.md).",
        *sections,
    )


def _commands() -> Iterator[tuple[tuple[str, ...], str]]:
    yield from _walk(typer.main.get_command(app), (), None)


def _walk(command: Any, path: tuple[str, ...], parent: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    context = command.context_class(
        command,
        info_name=path[-1] if path else "solmu",
        parent=parent,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )
    yield path, command.get_help(context)
    for name, each in sorted(getattr(command, "commands", {}).items()):
        yield from _walk(each, (*path, name), context)
