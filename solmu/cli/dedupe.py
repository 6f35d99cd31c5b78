"""``solmu report dedupe``: what was merged, what waits, what was refused, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, console, counted, messages, print_json, table

app = typer.Typer(help="Reports on what the hub holds.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Reports on what the hub holds."""


@app.command()
def dedupe(
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page.")] = None,
    xlsx: Annotated[
        Path | None,
        typer.Option("--xlsx", metavar="FILE", help="Write it as a workbook with the review sheet to decide in."),
    ] = None,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """What was merged and why, what waits, what was refused, the weakest bridges, and how far it can be trusted.

    The files name customers, so they are written for you alone.
    """
    from solmu.cli.reviewed import print_kept
    from solmu.report.dedupe_files import report_of, write_dedupe_html, write_dedupe_xlsx
    from solmu.review.kept import keep_answers

    with the_store(hub) as (loaded, store), store.read() as connection:
        report = report_of(connection, loaded)
        if html is not None:
            write_dedupe_html(html, report, loaded.settings.name)
        if xlsx is not None:
            print_kept(keep_answers(xlsx))
            write_dedupe_xlsx(xlsx, connection, report)
    if output is Format.JSON:
        print_json(report)
    else:
        _print(report)
    for file in (html, xlsx):
        if file is not None:
            messages().print(f"wrote {file}", markup=False, soft_wrap=True)
    return 0


def _print(report: Mapping[str, Any]) -> None:
    out = console()
    rows = [
        [entity, row["golden"], row["merged"], row["mentions"], row["largest"]]
        for entity, row in report["clusters"].items()
    ]
    table("Golden records", ["entity", "golden records", "of several", "mentions", "the largest"], rows)
    waiting, debt = report["waiting"], report["recall_debt"]
    since = f", the oldest since {waiting['oldest']}" if waiting["oldest"] else ""
    wait = counted(waiting["total"], "pair waits", "pairs wait")
    unsure = counted(waiting["unsure"], "was left unsure", "were left unsure")
    out.print(f"\n{wait}{since}; {unsure}: solmu review list")
    if waiting["changed"]:
        rest = counted(waiting["changed"], "decision rests", "decisions rest")
        out.print(f"{rest} on evidence that changed: solmu review list --changed")
    for entity, trust in report["trust"].items():
        _print_trust(entity, trust)
    if rows := [[each["sentence"], each["waiting"]] for each in report["refused"]["reasons"] if each["waiting"]]:
        table("\nHeld for a person", ["why", "pairs"], rows)
    if report["biggest"]:
        rows = [
            [each["golden_id"], each["name"], each["mentions"], _counts(each["sources"])]
            for each in report["biggest"][:5]
        ]
        table("\nThe biggest", ["id", "name", "mentions", "from"], rows)
    if report["bridges"]:
        rows = [
            [each["pair"], each["name"], f"{each['left']} - {each['right']}", each["sentence"]]
            for each in report["bridges"][:5]
        ]
        table("\nThe weakest bridges", ["pair", "name", "holds together", "because of"], rows)
    if debt["keys"]:
        out.print(
            f"\nrecall debt: {counted(debt['keys'], 'key', 'keys')} with more than {debt['cap']} mentions "
            f"made no new pairs, at most {debt['comparisons']} comparisons"
        )


def _print_trust(entity: str, trust: Mapping[str, Any]) -> None:
    out = console()
    waits = f"; {trust['unanswered']} drawn pairs wait" if trust["unanswered"] else ""
    out.print(f"{entity}: {trust['answers']} of about {trust['about']} answers on drawn pairs: {trust['state']}{waits}")
    if trust["pairs"]:
        for name in ("pairs", "clusters"):
            one = trust[name]
            out.print(
                f"of {one['answers']} {name} merged by score, {one['errors']} were wrong "
                f"(right: {one['low']:.1%} to {one['high']:.1%})"
            )
    for label, one in trust["picked"].items():
        if one["answers"]:
            out.print(
                f"of those {label} that stewards picked, {one['same']} of {one['answers']} were the same "
                f"({one['low']:.1%} to {one['high']:.1%})"
            )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items())
