"""``solmu doctor`` and ``solmu rebuild``: does everything still hold?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, counted, print_json

_SHOWN = 10
"""Differences that are printed."""
_BY_OTHERS = (
    "golden records were made by other rules than those of now: hub.yaml has another survivorship (or other fields, "
    "protected ones or CRMs), or Solmu was upgraded; the next run computes them anew, as solmu rebuild does"
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(doctor)
    app.command()(rebuild)


def doctor(hub: HubOption = None, output: OutputOption = Format.TEXT) -> int:
    """Check every invariant on the whole store. Exit 1 if one does not hold."""
    from solmu.doctor import examine

    with the_store(hub) as (loaded, store):
        document = examine(store, loaded)
    if output is Format.JSON:
        print_json(document)
    else:
        out = console()
        for check in document["checks"]:
            mark = "[green]ok[/]   " if check["ok"] else "[bold red]WRONG[/]"
            out.print(f"{mark} {check['number']:2} {check['name']}: ", end="")
            out.print(check["detail"], markup=False, soft_wrap=True)
    return 0 if document["ok"] else 1


def rebuild(
    check: Annotated[bool, typer.Option("--check", help="Only compare; exit 1 if anything differs.")] = False,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Compute golden records anew from links and claims; with --check, only say what would differ."""
    from solmu.golden.rebuild import claim_differences, golden_differences
    from solmu.golden.rebuild import rebuild as compute
    from solmu.sync.rules import golden_rules, made_by_others
    from solmu.sync.unread import all_waiting

    claims: list[str] = []
    goldens: list[str] = []
    by_others, changed = False, 0
    with the_store(hub) as (loaded, store):
        waiting = all_waiting(loaded, store)
        if check:
            claims = list(claim_differences(store, loaded, or_lost=True))
            goldens = list(golden_differences(store, loaded))
            by_others = bool(goldens) and made_by_others(store, "golden", golden_rules(loaded))
        else:
            changed = compute(store, loaded)
    if output is Format.JSON:
        document: dict[str, Any] = {"changed": changed}
        if check:
            document = {"ok": not (claims or goldens), "differences": [*claims, *goldens]}
        if by_others:
            document["by_other_rules"] = True
        print_json({**document, "waiting": waiting} if waiting else document)
    elif check:
        _print_differences(claims, goldens, by_others=by_others)
    else:
        console().print(f"{changed} golden records changed")
    for path, rows in () if output is Format.JSON else waiting.items():
        console().print(
            f"{path}: another mapping made the claims of {rows:,} rows; the next run maps them anew", markup=False
        )
    return 1 if claims or goldens else 0


def _print_differences(claims: Sequence[str], goldens: Sequence[str], *, by_others: bool) -> None:
    out = console()
    if by_others:
        out.print(_BY_OTHERS, markup=False, soft_wrap=True)
    found = [*claims, *goldens]
    for line in found[:_SHOWN]:
        out.print(line, markup=False, soft_wrap=True)
    if len(found) > _SHOWN:
        out.print(f"and {len(found) - _SHOWN:,} more; all of them: solmu rebuild --check --output json", markup=False)
    of = [counted(len(claims), "claim", "claims"), counted(len(goldens), "golden record", "golden records")]
    told = f"{counted(len(found), 'difference', 'differences')}: {', '.join(of)}"
    out.print(told if found else "everything derived can be derived again")
