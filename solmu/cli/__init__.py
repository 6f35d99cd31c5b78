"""The command line: ``solmu …``, one module a command group.

Command modules import the core inside their commands, so that ``solmu --help`` and tab completion are instant.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from solmu import __version__
from solmu.cli import (
    check,
    conflict,
    connection,
    dedupe,
    export,
    hub,
    imports,
    look,
    match,
    notify,
    outbox,
    remap,
    revert,
    review,
    run,
    serve,
    steward,
    target,
    tasks,
    token,
    user,
    withdraw,
)
from solmu.cli.output import fail, wants_json
from solmu.errors import SolmuError

# A command makes most of what it makes to keep it, so that looking through it all for what nobody holds any more, after
# each 700 new ones, takes a quarter of an import's time.
_OBJECTS_BETWEEN_LOOKS = 50_000

_UNREAD = 128 + 13
"""The exit code of whoever writes to a pipe that nobody reads: that of SIGPIPE, which not every system has."""


class _Unread(BaseException):
    """Nobody reads what is said. No OSError: of one, Typer would make the exit code of a failure."""


class _Commands(TyperGroup):
    """Typer ends silently when it is interrupted; we say so."""

    def make_context(self, *words: Any, **options: Any) -> Any:
        try:
            return super().make_context(*words, **options)
        except BrokenPipeError as broken:
            raise _Unread from broken

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupted:
            raise typer.Abort from interrupted
        except BrokenPipeError as broken:
            raise _Unread from broken


app = typer.Typer(
    name="solmu",
    cls=_Commands,
    help="Brings leads and orders into the CRM without duplicates and without losing a row.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
hub.register(app)
app.add_typer(connection.app, name="connection")
imports.register(app)
run.register(app)
remap.register(app)
withdraw.register(app)
revert.register(app)
tasks.register(app)
app.add_typer(target.app, name="target")
look.register(app)
export.register(app)
check.register(app)
app.add_typer(match.app, name="match")
app.add_typer(review.app, name="review")
steward.register(app)
app.add_typer(conflict.app, name="conflict")
app.add_typer(outbox.app, name="outbox")
app.add_typer(dedupe.app, name="report")
app.add_typer(notify.app, name="notify")
serve.register(app)
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")


# What a command line that cannot be understood raises. Newer Typers bring a Click of their own under a private name;
# the class above a public one is the right one in all of them.
_UsageError: type[typer.BadParameter] = typer.BadParameter.mro()[1]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", help="Print the version and stop.", is_eager=True, callback=_print_version
    ),
) -> None:
    """Options that stand before a command."""


def _end(_signal: int, _frame: object) -> None:
    """Asked to end: what is under way is rolled back, or looked up by the next run."""
    sys.exit(128 + signal.SIGTERM)


def main() -> None:
    """Entry point: runs the command; where nobody reads on what it says, as after `| head -1`, it just ends."""
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)
    signal.signal(signal.SIGTERM, _end)
    try:
        _run(sys.argv[1:])
    except (_Unread, BrokenPipeError):
        # What is left of it would be written when the interpreter ends, which would complain.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in filter(None, (sys.__stdout__, sys.__stderr__)):
            os.dup2(nowhere, stream.fileno())
        sys.exit(_UNREAD)


def _run(arguments: list[str]) -> NoReturn:
    """Run the command, and turn every expected error into one clear message and its exit code."""
    try:
        result = app(args=arguments, standalone_mode=False)
        sys.stdout.flush()
    except _UsageError as error:
        if not wants_json(arguments):
            error.show()
        else:
            fail(SolmuError(error.format_message(), code="usage"), as_json=True)
        sys.exit(2)
    except SolmuError as error:
        fail(error, as_json=wants_json(arguments))
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        # What was sent and not answered is looked up by the next run before anything else is.
        stopped = SolmuError("it was interrupted", code="interrupted", expected="the same again: it goes on from there")
        fail(stopped, as_json=wants_json(arguments))
        sys.exit(130)
    except BrokenPipeError:
        raise
    except Exception as error:
        from solmu.cli.trouble import trouble_of

        trouble = trouble_of(error)
        if trouble is not None:
            fail(trouble, as_json=wants_json(arguments))
            sys.exit(trouble.exit_code)
        # A defect. People get the trace; a script gets its one document too.
        if not wants_json(arguments):
            raise
        traceback.print_exc()
        fail(SolmuError(f"an error that nobody foresaw: {type(error).__name__}", code="unforeseen"), as_json=True)
        sys.exit(1)
    sys.exit(result if isinstance(result, int) else 0)
