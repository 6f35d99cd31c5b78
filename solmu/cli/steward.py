"""``solmu merge``, ``unmerge``, ``split``, ``move``, ``hold``, ``pin``, ``unpin``, ``undo``, ``history``.

Each of them shows what it would do, and does it only when told so.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, WhoOption, print_json

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from solmu.config import Hub
    from solmu.steward.intent import Intent

What = Annotated[
    str,
    typer.Argument(
        help="An id, a CRM's id or address, an e-mail, a phone or order number, a source record, or a name."
    ),
]
ReasonOption = Annotated[str | None, typer.Option(help="Why, for whoever asks later.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do it, without asking.")]
SeenOption = Annotated[
    str | None, typer.Option(help="The `seen` of a preview: refuse if anything changed since it was shown.")
]
LaterOption = Annotated[bool, typer.Option("--later", help="Only record it; the next run follows it.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (merge, unmerge, split, move, hold, pin, unpin, undo, history):
        app.command()(command)


def merge(
    one: What,
    other: What,
    keep: Annotated[
        str | None, typer.Option("--keep-id", metavar="ID", help="Whose id stays; the older one's, if left out.")
    ] = None,
    reason: ReasonOption = None,
    yes: YesOption = False,
    seen: SeenOption = None,
    who: WhoOption = None,
    later: LaterOption = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Make two golden records one. Shows what that would do first."""
    from solmu.steward.acts import merge as merging
    from solmu.steward.pointing import point

    def prepare(connection: Connection, _: Hub) -> Intent:
        first, second = point(connection, one), point(connection, other)
        return merging(connection, first, second, keep=_kept(connection, keep, (first, second)))

    return _act(prepare, reason, yes, seen, who, later, hub, output)


def unmerge(
    what: What,
    of: Annotated[
        list[str] | None,
        typer.Option("--of", metavar="RECORD", help="A source record that leaves it; may be given several times."),
    ] = None,
    reason: ReasonOption = None,
    yes: YesOption = False,
    seen: SeenOption = None,
    who: WhoOption = None,
    later: LaterOption = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Take a merge apart: what leaves goes where it belongs by itself. Shows what that would do first."""
    from solmu.steward.acts import unmerge as unmerging
    from solmu.steward.pointing import mentions_named, point

    def prepare(connection: Connection, _: Hub) -> Intent:
        which = point(connection, what)
        return unmerging(connection, which, mentions_named(connection, which, of or ()))

    return _act(prepare, reason, yes, seen, who, later, hub, output)


def split(
    what: What,
    apart: Annotated[
        list[str],
        typer.Option("--apart", metavar="RECORD", help="A source record of the one part; the rest is the other."),
    ],
    reason: ReasonOption = None,
    yes: YesOption = False,
    seen: SeenOption = None,
    who: WhoOption = None,
    later: LaterOption = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Make exactly two of one golden record, each of which stays together. Shows what that would do first."""
    from solmu.steward.acts import split as splitting
    from solmu.steward.pointing import mentions_named, point

    def prepare(connection: Connection, loaded: Hub) -> Intent:
        which = point(connection, what)
        return splitting(connection, loaded, which, mentions_named(connection, which, apart))

    return _act(prepare, reason, yes, seen, who, later, hub, output)


def move(
    record: Annotated[str, typer.Argument(help="A source record: connection/stream/key, or a CRM's id or address.")],
    to: Annotated[str, typer.Option("--to", metavar="WHAT", help="The golden record that it belongs to.")],
    reason: ReasonOption = None,
    yes: YesOption = False,
    seen: SeenOption = None,
    who: WhoOption = None,
    later: LaterOption = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Move one source record to another golden record. Shows what that would do first."""
    from solmu.steward.acts import move as moving
    from solmu.steward.pointing import mention_named, point

    def prepare(connection: Connection, _: Hub) -> Intent:
        goal = point(connection, to)
        source, mention = mention_named(connection, record, entity=goal.entity)
        return moving(connection, source, mention, goal)

    return _act(prepare, reason, yes, seen, who, later, hub, output)


def hold(
    pairs: Annotated[list[str], typer.Argument(metavar="PAIR…", help="Pairs that a preview names.")],
    reason: ReasonOption = None,
    yes: YesOption = False,
    seen: SeenOption = None,
    who: WhoOption = None,
    later: LaterOption = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Keep merges apart that rest on evidence that turned out to be wrong. One `solmu undo` takes it back."""
    from solmu.steward.acts import hold as holding

    return _act(lambda connection, _: holding(connection, pairs), reason, yes, seen, who, later, hub, output)


def pin(
    what: What,
    field: Annotated[str, typer.Argument(help="A field, such as phone.")],
    value: Annotated[str, typer.Argument(help='Its value; "" says that there is none, whatever the sources say.')],
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="The last day that it holds; for ever, if not.")
    ] = None,
    reason: ReasonOption = None,
    yes: YesOption = False,
    seen: SeenOption = None,
    who: WhoOption = None,
    later: LaterOption = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Give a field a value of your own, which beats every rule. Shows what that would do first."""
    from solmu.steward.pins import pin as pinning
    from solmu.steward.pointing import point
    from solmu.store import time

    def prepare(connection: Connection, loaded: Hub) -> Intent:
        return pinning(connection, loaded, point(connection, what), field, value, now=time.now(), until=until)

    return _act(prepare, reason, yes, seen, who, later, hub, output)


def unpin(
    what: What,
    field: Annotated[str, typer.Argument(help="The field.")],
    reason: ReasonOption = None,
    yes: YesOption = False,
    seen: SeenOption = None,
    who: WhoOption = None,
    later: LaterOption = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Let the rules decide a field again. Shows what that would do first."""
    from solmu.steward.pins import unpin as unpinning
    from solmu.steward.pointing import point

    def prepare(connection: Connection, _: Hub) -> Intent:
        return unpinning(connection, point(connection, what), field)

    return _act(prepare, reason, yes, seen, who, later, hub, output)


def undo(
    change: Annotated[int | None, typer.Argument(help="A change's number, as `solmu history` shows it.")] = None,
    last: Annotated[int | None, typer.Option(min=1, help="The last so many that are in force.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="With --last: only this person's.")] = None,
    with_later: Annotated[
        bool, typer.Option("--with-later", help="With a change's number: what rests on it as well.")
    ] = False,
    reason: ReasonOption = None,
    yes: YesOption = False,
    seen: SeenOption = None,
    who: WhoOption = None,
    later: LaterOption = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Take changes back, at any time later; undoing an undo has them again. Shows what that would do first."""
    from solmu.steward.undo import undo as undoing
    from solmu.steward.undo import undo_last

    if (change is None) == (last is None):
        raise typer.BadParameter("give a change's number, or --last with how many", param_hint="CHANGE")

    def prepare(connection: Connection, loaded: Hub) -> Intent:
        if change is not None:
            return undoing(connection, loaded, change, with_later=with_later)
        return undo_last(connection, loaded, last or 1, who=by)

    return _act(prepare, reason, yes, seen, who, later, hub, output)


def history(
    what: Annotated[str | None, typer.Argument(help="Whose; of all, if left out.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 50,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Who merged, split, moved, pinned, decided and undid what, when and why; the newest first."""
    from solmu.cli import previewed
    from solmu.steward.pointing import point
    from solmu.steward.undo import history as told

    with the_store(hub) as (_, store), store.read() as connection:
        which = point(connection, what) if what else None
        document = {
            "golden_id": which.public_id if which else None,
            "changes": told(connection, which.id if which else None, limit=limit),
        }
    if output is Format.JSON:
        print_json(document)
    else:
        previewed.print_history(document)
    return 0


def _kept(connection: Connection, keep: str | None, both: tuple[Any, Any]) -> Any:
    from solmu.errors import SolmuError
    from solmu.steward.pointing import point

    if keep is None:
        return None
    kept = point(connection, keep)
    if kept.id not in {each.id for each in both}:
        raise SolmuError(
            "this is neither of the two", code="keep-id", value=keep,
            expected=" or ".join(each.public_id for each in both),
        )  # fmt: skip
    return kept


def _act(
    prepare: Callable[[Connection, Hub], Intent],
    reason: str | None,
    yes: bool,
    seen: str | None,
    who: str | None,
    later: bool,
    hub: str | None,
    output: Format,
) -> int:
    """Show what would be done; do it if that is wanted."""
    from solmu.cli import previewed
    from solmu.steward.changes import carry_out, moved
    from solmu.steward.follow import followed
    from solmu.steward.preview import preview
    from solmu.store import time

    with the_store(hub) as (loaded, store):
        with store.read() as connection:
            intent = prepare(connection, loaded)
            if seen is not None and seen != intent.seen:
                raise moved(intent.seen)
            shown = preview(connection, loaded, intent)
        document: dict[str, Any] = {"done": False, "change": None, "followed": False, "why_not": None}
        if output is Format.TEXT:
            previewed.print_preview(shown)
        if yes or (output is Format.TEXT and sys.stdin.isatty() and typer.confirm("Do it?")):
            with store.write() as connection:
                made = carry_out(connection, intent, who=who or getpass.getuser(), now=time.now(), reason=reason)
            document |= {"done": True, "change": made.id, **followed(loaded, store, intent, later=later)}
        if output is Format.JSON:
            print_json({**document, "preview": shown})
        else:
            previewed.print_done(document)
    return 0
