"""``solmu review``: what waits for a steward, one pair looked at, decisions, their undoing, and the review sheet."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, counted, messages, print_json

if TYPE_CHECKING:
    from solmu.config import Hub
    from solmu.review.queue import Filters
    from solmu.store import Store

app = typer.Typer(help="Pairs that wait for a person: look, decide, undo.", no_args_is_help=True, rich_markup_mode=None)

PairArgument = Annotated[str, typer.Argument(metavar="PAIR", help="A pair's name, as `solmu review list` shows it.")]
AsOption = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who decides; you, if left out.")]
LaterOption = Annotated[bool, typer.Option("--later", help="Only record it; the next run follows it.")]
EntityOption = Annotated[str | None, typer.Option(help="organisation or person.")]
SourceOption = Annotated[str | None, typer.Option(metavar="CONNECTION", help="Either record came by this connection.")]
CountryOption = Annotated[str | None, typer.Option(help="Either golden record is in this country, such as FI.")]
OwnerOption = Annotated[str | None, typer.Option(help="Either golden record has this owner, by name or CRM id.")]
OlderOption = Annotated[str | None, typer.Option("--older-than", help="Asked longer ago than this, such as 7d.")]
UnsureOption = Annotated[bool, typer.Option("--unsure", help="Those that somebody left undecided.")]


@app.callback()
def _group() -> None:
    """Pairs that wait for a person: look, decide, undo."""


@app.command(name="list")
def list_pairs(
    entity: EntityOption = None,
    source: SourceOption = None,
    country: CountryOption = None,
    owner: OwnerOption = None,
    older_than: OlderOption = None,
    band: Annotated[str, typer.Option(help="ask, same (the weakest first) or different (the likest first).")] = "ask",
    unsure: UnsureOption = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Decisions whose evidence is not what it was; they stay in force.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 20,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """The pairs that wait, first those with which most is at stake and least is sure."""
    from solmu.cli import reviewed
    from solmu.review.decided import changed_decisions
    from solmu.review.listing import listing

    with the_store(hub) as (loaded, store), store.read() as connection:
        if changed:
            moved = changed_decisions(connection, loaded.settings.matching)
            document: dict[str, Any] = {"total": len(moved), "decisions": moved[:limit]}
        else:
            chosen = _filters(loaded, entity, source, country, owner, older_than, band, unsure=unsure)
            document = listing(connection, loaded.settings.matching, chosen, limit=limit)
    if output is Format.JSON:
        print_json(document)
    elif changed:
        reviewed.print_changed(document)
    else:
        narrowed = unsure or band != "ask" or any((entity, source, country, owner, older_than))
        reviewed.print_list(document, narrowed=narrowed)
    return 0


@app.command()
def show(pair: PairArgument, hub: HubOption = None, output: OutputOption = Format.TEXT) -> int:
    """One pair side by side: what differs, why it is asked, and the golden record that the two would become."""
    from solmu.cli import reviewed
    from solmu.review.card import card
    from solmu.review.decide import named_pair

    with the_store(hub) as (loaded, store), store.read() as connection:
        document = card(connection, loaded, named_pair(pair))
    if output is Format.JSON:
        print_json(document)
    else:
        reviewed.print_card(document)
    return 0


@app.command()
def decide(
    pair: PairArgument,
    verdict: Annotated[str, typer.Argument(help="same, different, unsure or related.")],
    reason: Annotated[str | None, typer.Option(help="Why, for whoever asks later.")] = None,
    who: AsOption = None,
    seen: Annotated[
        str | None, typer.Option(help="The `seen` that `show --output json` gave: refuse if anything changed since.")
    ] = None,
    later: LaterOption = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Say what a pair is. It binds the machine until it is undone, and is followed at once where that is possible."""
    from solmu.match.decisions import Verdict
    from solmu.review.decide import decide as decide_pair
    from solmu.review.decide import named_pair
    from solmu.store import time

    if verdict not in set(Verdict):
        raise typer.BadParameter(f"{verdict!r} is not one of {', '.join(Verdict)}", param_hint="VERDICT")
    named = named_pair(pair)
    with the_store(hub) as (loaded, store):
        with store.write() as connection:
            done = decide_pair(
                connection, named, Verdict(verdict), who=_who(who), now=time.now(), reason=reason, seen=seen
            )
        document = {
            "decision": done.id,
            "change": done.change,
            "pair": str(done.pair),
            "verdict": done.verdict.value,
            **_followed(loaded, store, [done.id], later=later),
        }
    return _tell(document, f"recorded as decision {done.id}; take it back with: solmu undo {done.change}", output)


@app.command()
def undo(
    decision: Annotated[int, typer.Argument(help="A decision's number, as `solmu review decisions` shows it.")],
    who: AsOption = None,
    later: LaterOption = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Take a decision back: what it joined comes apart, and what it parted may come together."""
    from solmu.steward.changes import carry_out
    from solmu.steward.undo import undo_decision
    from solmu.store import time

    with the_store(hub) as (loaded, store):
        with store.write() as connection:
            carry_out(connection, undo_decision(connection, loaded, decision), who=_who(who), now=time.now())
        document = {"decision": decision, "withdrawn": True, **_followed(loaded, store, [decision], later=later)}
    return _tell(document, f"decision {decision} is withdrawn", output)


@app.command()
def decisions(
    who: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Only this person's.")] = None,
    verdict: Annotated[str | None, typer.Option(help="same, different, unsure or related.")] = None,
    in_force: Annotated[bool, typer.Option("--in-force", help="Without those that were withdrawn.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 50,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Who decided what, when and why, the newest first; with what changed in the evidence since."""
    from solmu.cli import reviewed
    from solmu.match.decisions import Verdict
    from solmu.review.decided import decisions as decided

    if verdict is not None and verdict not in set(Verdict):
        raise typer.BadParameter(f"{verdict!r} is not one of {', '.join(Verdict)}", param_hint="--verdict")
    with the_store(hub) as (loaded, store), store.read() as connection:
        kind = Verdict(verdict) if verdict else None
        document = decided(
            connection, loaded.settings.matching, verdict=kind, who=who, withdrawn=not in_force, limit=limit
        )
    if output is Format.JSON:
        print_json(document)
    else:
        reviewed.print_decisions(document)
    return 0


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The sheet to write, .xlsx or .csv.")],
    entity: EntityOption = None,
    source: SourceOption = None,
    country: CountryOption = None,
    owner: OwnerOption = None,
    older_than: OlderOption = None,
    unsure: UnsureOption = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many pairs, the most important ones.")] = None,
    hub: HubOption = None,
) -> int:
    """Write the pairs that wait as a sheet with a column to decide in; `solmu review import` reads it back."""
    from solmu.cli.reviewed import print_kept
    from solmu.review.kept import keep_answers
    from solmu.review.sheet import export_sheet

    with the_store(hub) as (loaded, store):
        chosen = _filters(loaded, entity, source, country, owner, older_than, "ask", unsure=unsure)
        print_kept(keep_answers(file))
        count = export_sheet(store, file, chosen, limit=limit)
    pairs = counted(count, "pair", "pairs")
    messages().print(f"wrote {pairs} to {file}; decide in the column Decision, then: solmu review import {file}",
                     markup=False, soft_wrap=True)  # fmt: skip
    return 0


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A sheet that `solmu review export` wrote, filled in.")],
    who: AsOption = None,
    later: LaterOption = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Take the decisions of a filled-in sheet. Rows that cannot be taken are told with their reason; exit 3 then."""
    from solmu.cli import reviewed
    from solmu.review.bring_back import import_sheet

    with the_store(hub) as (loaded, store):
        outcome = import_sheet(store, file, who=_who(who))
        document = {**outcome, **_followed(loaded, store, [], later=later or not outcome["decided"])}
    if output is Format.JSON:
        print_json(document)
    else:
        reviewed.print_import(document)
    return 3 if outcome["refused"] or outcome["changed"] or outcome["meanwhile"] else 0


def _filters(
    hub: Hub,
    entity: str | None,
    source: str | None,
    country: str | None,
    owner: str | None,
    older_than: str | None,
    band: str,
    *,
    unsure: bool,
) -> Filters:
    from solmu.cli.look import seconds_of
    from solmu.match.rules import Band
    from solmu.model import Entity
    from solmu.normalise import Invalid
    from solmu.normalise import country as read_country
    from solmu.review.queue import Filters
    from solmu.store import time

    if entity is not None and entity not in set(Entity):
        raise typer.BadParameter(f"{entity!r} is not one of {', '.join(Entity)}", param_hint="--entity")
    if band not in set(Band):
        raise typer.BadParameter(f"{band!r} is not one of {', '.join(Band)}", param_hint="--band")
    before = None
    if older_than is not None:
        before = time.now() - int(seconds_of(older_than, "--older-than") * 1_000_000)
    try:
        code = read_country(country) if country else None
    except Invalid as problem:
        raise typer.BadParameter(f"{country!r}: {problem.message}", param_hint="--country") from problem
    return Filters(
        entity=Entity(entity) if entity else None,
        source=hub.connection(source).name if source else None,
        country=code,
        owner=owner,
        before=before,
        band=Band(band),
        unsure=unsure,
    )


def _followed(hub: Hub, store: Store, ids: list[int], *, later: bool) -> dict[str, Any]:
    """What became of decisions: whether they were followed at once, and of one, whose the two sides are now."""
    from solmu.review.decided import outcome
    from solmu.review.settle import Settled, settle

    settled = Settled(False, "the next run takes it along") if later else settle(hub, store)
    with store.read() as connection:
        found = outcome(connection, ids[0]) if ids else {}
    return {"followed": settled.done, "why_not": settled.why, **found}


def _tell(document: dict[str, Any], said: str, output: Format) -> int:
    if output is Format.JSON:
        print_json(document)
        return 0
    out = console()
    out.print(said)
    if not document["followed"]:
        out.print(document["why_not"])
    elif document["together"]:
        out.print(f"they are one golden record: {document['left']}; look with: solmu explain {document['left']}")
    else:
        out.print(f"they are two golden records: {document['left']} and {document['right']}")
    return 0


def _who(name: str | None) -> str:
    return name or getpass.getuser()
