"""How commands speak: tables for people on stdout, one JSON document on request, progress and errors on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from solmu.errors import SolmuError

if TYPE_CHECKING:
    from rich.console import Console

    from solmu.sync.run import Tell


# Control characters, but for tab and line feed, and what turns the direction of writing around.
_ORDERS = dict.fromkeys(
    ({*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)} - {0x09, 0x0A}), "�"
)


class Format(StrEnum):
    """What a command prints."""

    TEXT = "text"
    JSON = "json"


HubOption = Annotated[
    str | None,
    typer.Option("--hub", metavar="DIR", help="The hub's folder; else SOLMU_HUB, else the nearest one upwards."),
]
OutputOption = Annotated[
    Format, typer.Option("--output", "-o", help="json prints exactly one document on stdout, also on failure.")
]
WhoOption = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who does it; you, if left out.")]


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for JSON, told without parsing it: parsing may be what failed."""
    return any(
        one in {"--output=json", "-ojson", "-o=json"} or (one in {"--output", "-o"} and two == "json")
        for one, two in pairwise([*arguments, ""])
    )


def console() -> Console:
    """Where people read results."""
    return _console(stderr=False)


def messages() -> Console:
    """Where people read what is going on."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    class Harmless(Console):
        def print(self, *objects: Any, **options: Any) -> None:
            super().print(*(visible(each) if isinstance(each, str) else each for each in objects), **options)

        def on_broken_pipe(self) -> None:
            raise  # from where it is being handled: how to end is for ``main`` to say

    return Harmless(stderr=stderr, highlight=False)


def visible(text: str) -> str:
    """The text without what a terminal would obey: a sheet or a form may hold orders to it."""
    return text.translate(_ORDERS)


def print_json(document: Mapping[str, Any]) -> None:
    """The one document."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def fail(error: SolmuError, *, as_json: bool) -> None:
    """Say what is wrong and what would be right."""
    if as_json:
        print_json({"error": error.as_dict()})
        return
    out = messages()
    out.print(f"[bold red]error[/] {_escape(str(error))}", soft_wrap=True)
    for note in getattr(error, "__notes__", ()):
        out.print(f"      {_escape(note)}", soft_wrap=True)


def counted(count: int, one: str, many: str) -> str:
    """``1 pair waits``, ``2 pairs wait``."""
    return f"{count} {one if count == 1 else many}"


def table(title: str | None, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A plain table; numbers to the right. Where it is too wide for the terminal, short columns stay in one piece."""
    from rich.table import Table

    out = console()
    whole = _whole([columns, *rows], out.width)
    numeric = [all(isinstance(row[place], int | float) for row in rows) for place in range(len(columns))]
    made = Table(
        title=None if title is None else visible(title),
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        header_style="dim",
    )
    for place, (name, number) in enumerate(zip(columns, numeric, strict=True)):
        justify: Literal["left", "right"] = "right" if number and rows else "left"
        made.add_column(_escape(name), justify=justify, overflow="fold", no_wrap=place in whole)
    for row in rows:
        made.add_row(*("" if cell is None else _escape(str(cell)) for cell in row))
    out.print(made)


def _whole(rows: Sequence[Sequence[Any]], width: int) -> set[int]:
    """The columns that are not folded: the narrowest, as long as they leave the others half of the line."""
    from rich.cells import cell_len

    widest = [
        max((cell_len(line) for cell in column if cell is not None for line in str(cell).split("\n")), default=0) + 2
        for column in zip(*rows, strict=True)
    ]
    kept: set[int] = set()
    for place in sorted(range(len(widest)), key=widest.__getitem__):
        if sum(widest[each] for each in {*kept, place}) > width // 2:
            break
        kept.add(place)
    return kept


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Tell]:
    """Progress bars on stderr while the block runs; nothing where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda _step, _more: None
        return
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn(), console=messages()
    ) as bars:
        tasks: dict[str, Any] = {}

        def tell(step: str, more: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=None)
            bars.advance(tasks[step], more)

        yield tell


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(visible(text))
