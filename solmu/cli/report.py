"""A run's report and the hub's status, as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solmu.cli.output import console, counted, table
from solmu.errors import sentence

_REFUSED = ("refused", "rejected", "retriable", "unknown", "blocked")  # what the counts call what did not go through


def print_report(report: Mapping[str, Any]) -> None:
    """One page: what came in, what it became, what went out, and whether the books balance."""
    out = console()
    if report["streams"]:
        _counts("Sources", "stream", report["streams"])
    for line in anew_in_words(report):
        _say(line)
    for stream, values in report.get("left_out", {}).items():
        for reason, count in values.items():
            what = "value" if count == 1 else "values"
            _say(f"{stream}: {count} {what} left out of rows that landed. {reason}")
    mentions = ", ".join(f"{count} {state}" for state, count in report["mentions"].items() if count)
    golden, pairs = report["golden"], report["pairs"]
    organisations = counted(golden["organisations"], "organisation", "organisations")
    people = counted(golden["people"], "person", "people")
    out.print(f"\n{organisations} and {people} from mentions: {mentions}")
    out.print(f"pairs compared: {pairs['same']} same, {pairs['ask']} for the steward, {pairs['different']} different\n")
    if any(sum(row.values()) for row in report["targets"].values()):
        _counts("Targets", "target", report["targets"])
    for name, waiting in report.get("not_sent", {}).items():
        if not report["targets"][name]["planned"]:
            _say(f"target {name}: nothing was planned or sent; {waiting} organisations and people wait to be planned")
    for problem in report["problems"]:
        _say(f"problem: {sentence(problem)}")
    _print_amiss(report)
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
        _say(f"message not delivered: {each}; try: solmu notify test")
    if document["overdue"]:
        out.print(f"[bold red]overdue[/]: last good run {document['last_good_run'] or 'never'}")
    for each in document["failing"]:
        late = ", [bold red]overdue[/]" if each["overdue"] else ""
        out.print(
            f"[bold red]{each['connection']} failed[/] last time; well last: {each['well'] or 'never'}{late}",
            soft_wrap=True,
        )
        _say(f"  {sentence(each['problem'])}")
    _print_amiss(document)
    golden, waiting = document["golden"], document["waiting"]
    out.print(f"{golden['organisations']} organisations, {golden['people']} people")
    out.print(
        f"waiting for a person: {counted(waiting['pairs'], 'pair', 'pairs')}, "
        f"{counted(waiting['quarantine'], 'row', 'rows')} in quarantine, "
        f"{counted(waiting['conflicts'], 'conflict', 'conflicts')}"
    )
    if waiting["without_customer"]:
        out.print(f"waiting for their customer to land: {waiting['without_customer']} orders, leads and the like")
    if waiting["deliveries"]:
        out.print(f"received, and waiting for the next run: {waiting['deliveries']} deliveries")
    for name, target in document["targets"].items():
        state = "armed" if target["armed"] else f"read-only; arm it with: solmu target arm {name}"
        actions = ", ".join(f"{count} {each}" for each, count in sorted(target["actions"].items()))
        out.print(f"target {name}: {state}" + (f"; {actions}" if actions else ""))


def _print_amiss(found: Mapping[str, Any]) -> None:
    """Sources that are silent, columns that were lost, and thresholds that were taken back."""
    from solmu.match import taken_back
    from solmu.report import silence
    from solmu.sync import lost_columns

    lines = [silence.in_words(each) for each in found.get("silent", ())]
    for each in found.get("lost_columns", ()):
        lines.append(lost_columns.in_words(each) + (f" (file {each['file']})" if each["file"] else ""))
    lines += [taken_back.in_words(each) for each in found.get("taken_back", ())]
    for line in lines:
        _say(line, style="bold")


def _say(text: str, style: str | None = None) -> None:
    """A line in the words of a source or a system: nothing in it is markup, and it is not broken."""
    console().print(text, style=style, markup=False, soft_wrap=True)


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
