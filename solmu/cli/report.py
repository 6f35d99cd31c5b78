"""A run's report and the hub's status, as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solmu.cli.output import console, table
from solmu.errors import sentence

_REFUSED = ("refused", "rejected", "retriable", "unknown", "blocked")  # what the counts call what did not go through


def print_report(report: Mapping[str, Any]) -> None:
    """One page: what came in, what it became, what went out, and whether the books balance."""
    out = console()
    if report["streams"]:
        _counts("Sources", "stream", report["streams"])
    for line in anew_in_words(report):
        out.print(line, markup=False, soft_wrap=True)
    for stream, values in report.get("left_out", {}).items():
        for reason, count in values.items():
            what = "value" if count == 1 else "values"
            out.print(f"{stream}: {count} {what} left out of rows that landed. {reason}", markup=False, soft_wrap=True)
    mentions = ", ".join(f"{count} {state}" for state, count in report["mentions"].items() if count)
    golden, pairs = report["golden"], report["pairs"]
    organisations = "1 organisation" if golden["organisations"] == 1 else f"{golden['organisations']} organisations"
    people = "1 person" if golden["people"] == 1 else f"{golden['people']} people"
    out.print(f"\n{organisations} and {people} from mentions: {mentions}")
    out.print(f"pairs compared: {pairs['same']} same, {pairs['ask']} for the steward, {pairs['different']} different\n")
    if any(sum(row.values()) for row in report["targets"].values()):
        _counts("Targets", "target", report["targets"])
    for name, waiting in report.get("not_sent", {}).items():
        if not report["targets"][name]["planned"]:
            line = f"target {name}: nothing was planned or sent; {waiting} organisations and people wait to be planned"
            out.print(line, markup=False, soft_wrap=True)
    for problem in report["problems"]:
        out.print(f"problem: {sentence(problem)}", markup=False, soft_wrap=True)
    _print_silent(report.get("silent", ()))
    _print_lost(report.get("lost_columns", ()))
    _print_taken_back(report.get("taken_back", ()))
    if report["balanced"]:
        out.print(f"[green]The books balance.[/] {report['seconds']:.1f} s, run {report['run_id']}, {_exit(report)}")
    else:
        out.print("[bold red]The books do not balance:[/]")
        for line in report["unbalanced"]:
            out.print(f"  {line}", markup=False)


def anew_in_words(report: Mapping[str, Any]) -> list[str]:
    """What a run has mapped anew though it had not changed, a line a stream."""
    lines = []
    for stream, each in report.get("mapped_anew", {}).items():
        rows = f"{each['rows']:,} {'row' if each['rows'] == 1 else 'rows'} of {stream}"
        refused = f"; {each['refused']:,} of them are refused now" if each["refused"] else ""
        lines.append(f"{rows} {'was' if each['rows'] == 1 else 'were'} mapped anew: {each['why']}{refused}")
    return lines


def print_status(document: Mapping[str, Any]) -> None:
    """What the hub holds and what waits."""
    out = console()
    last = document["last_run"]
    out.print(f"[bold]{document['hub']}[/] ({document['store']})")
    out.print(f"last run: {last['finished']}, {last['kind']}, exit {last['exit']}" if last else "no run yet")
    for each in document["under_way"]:
        out.print(f"under way: {each['kind']} {each['run_id']} since {each['started']}, process {each['process']}")
    broken = document["interrupted"]
    if broken:
        out.print(
            f"[bold red]{broken['how']}[/]: {broken['kind']} {broken['run_id']} of {broken['started']}; nothing of it "
            "is lost, and the next one goes on from there: solmu run",
            soft_wrap=True,
        )
    for each in document["undelivered"]:
        out.print(f"message not delivered: {each}; try: solmu notify test", markup=False, soft_wrap=True)
    if document["overdue"]:
        out.print(f"[bold red]overdue[/]: last good run {document['last_good_run'] or 'never'}")
    for each in document["failing"]:
        late = ", [bold red]overdue[/]" if each["overdue"] else ""
        out.print(
            f"[bold red]{each['connection']} failed[/] last time; well last: {each['well'] or 'never'}{late}",
            soft_wrap=True,
        )
        out.print(f"  {sentence(each['problem'])}", markup=False, soft_wrap=True)
    _print_silent(document["silent"])
    _print_lost(document["lost_columns"])
    _print_taken_back(document["taken_back"])
    golden, waiting = document["golden"], document["waiting"]
    out.print(f"{golden['organisations']} organisations, {golden['people']} people")
    out.print(
        f"waiting for a person: {waiting['pairs']} pairs, {waiting['quarantine']} rows in quarantine, "
        f"{waiting['conflicts']} conflicts"
    )
    if waiting["without_customer"]:
        out.print(f"waiting for their customer to land: {waiting['without_customer']} orders, leads and the like")
    if waiting["deliveries"]:
        out.print(f"received, and waiting for the next run: {waiting['deliveries']} deliveries")
    for name, target in document["targets"].items():
        state = "armed" if target["armed"] else f"read-only; arm it with: solmu target arm {name}"
        actions = ", ".join(f"{count} {each}" for each, count in sorted(target["actions"].items()))
        out.print(f"target {name}: {state}" + (f"; {actions}" if actions else ""))


def _print_silent(sources: Sequence[Mapping[str, Any]]) -> None:
    from solmu.report.silence import in_words

    for each in sources:
        console().print(in_words(each), style="bold", markup=False, soft_wrap=True)


def _print_lost(columns: Sequence[Mapping[str, Any]]) -> None:
    from solmu.sync.lost_columns import in_words

    for each in columns:
        where = f" (file {each['file']})" if each["file"] else ""
        console().print(f"{in_words(each)}{where}", style="bold", markup=False, soft_wrap=True)


def _print_taken_back(thresholds: Sequence[Mapping[str, Any]]) -> None:
    from solmu.match.taken_back import in_words

    for each in thresholds:
        console().print(in_words(each), style="bold", markup=False, soft_wrap=True)


def _counts(title: str, name: str, rows: Mapping[str, Mapping[str, int]]) -> None:
    # Columns that are zero throughout say nothing.
    columns = [c for c in next(iter(rows.values())) if any(row[c] for row in rows.values())]
    table(title, [name, *columns], [[key, *(row[c] for c in columns)] for key, row in rows.items()])


def _exit(report: Mapping[str, Any]) -> str:
    counts = [*report["streams"].values(), *report["targets"].values()]
    refused = not report["problems"] or any(row.get(state) for row in counts for state in _REFUSED)
    meaning = {
        0: "exit 0",
        1: "exit 1: nothing could be done",
        3: "exit 3: done, but "
        + ("some rows or actions were refused" if refused else "not everything; see the problems"),
        4: "exit 4: stopped by a guard, nothing more was written",
        130: "exit 130: interrupted after a batch; the next run goes on from there",
        143: "exit 143: ended after a batch; the next run goes on from there",
    }
    return meaning.get(report["exit"], f"exit {report['exit']}")
