"""The dedupe report as files: a page that stands alone, a workbook, JSON. Each is for its owner alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Connection

from solmu.config import Hub
from solmu.report.dedupe import dedupe_report
from solmu.review.queue import Filters
from solmu.review.sheet import private, review_rows, workbook, write_page, write_table
from solmu.store import Store, time

Report = Mapping[str, Any]

CHEAP = 200_000
"""Mentions up to which the report takes about a second, so that every run can leave one."""


def keep_dedupe(hub: Hub, store: Store, mentions: int) -> None:
    """Write ``reports/dedupe.html`` after a run, if the hub has so few ``mentions`` that it costs next to nothing.

    Of larger hubs it is made when somebody asks for it, because a night's cost follows the change.
    """
    if mentions <= CHEAP:
        with store.read() as connection:
            report = dedupe_report(connection, block_cap=hub.settings.matching.block_cap, now=time.now())
        write_dedupe_html(hub.folder / "reports" / "dedupe.html", report, hub.settings.name)


def dedupe_html(report: Report, name: str) -> str:
    """The page: no script, no network. ``name`` is the hub's."""
    environment = Environment(
        loader=PackageLoader("solmu.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("dedupe.html").render(report=report, name=name).lstrip()


def write_dedupe_html(path: Path, report: Report, name: str) -> None:
    """Write the page."""
    with private(path) as part:
        part.write_text(dedupe_html(report, name), encoding="utf-8")


def write_dedupe_json(path: Path, report: Report) -> None:
    """Write the report as JSON."""
    with private(path) as part:
        part.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))


def write_dedupe_xlsx(path: Path, connection: Connection, report: Report) -> None:
    """Write the workbook: the review sheet, which ``solmu review import`` reads back, and a sheet for each section."""
    with private(path) as part, workbook(part) as book:
        write_page(book, review_rows(connection, Filters()))
        for name, columns, rows in _tables(report):
            write_table(book, name, columns, rows)


def _tables(report: Report) -> Iterable[tuple[str, Sequence[str], list[Sequence[Any]]]]:
    trust, waiting, debt = report["trust"], report["waiting"], report["recall_debt"]
    yield (
        "summary",
        ("What", "Number"),
        [
            ("Made", report["made"]),
            *((f"Golden records, {entity}", row["golden"]) for entity, row in report["clusters"].items()),
            *((f"Of several mentions, {entity}", row["merged"]) for entity, row in report["clusters"].items()),
            ("Pairs that wait", waiting["total"]),
            ("The oldest since", waiting["oldest"]),
            ("Left unsure", waiting["unsure"]),
            ("Decisions whose evidence changed", waiting["changed"]),
            *((f"Decided: {verdict}", number) for verdict, number in report["decisions"].items()),
            (f"Answers, of about {trust['needed']}", trust["answers"]),
            ("State", trust["state"]),
            *(
                (f"{label}, {name}", trust[kind][key])
                for kind, label in (("asked", "Asked"), ("merged", "Merged"))
                for key, name in (
                    ("answers", "answers"),
                    ("share", "the same"),
                    ("low", "at least"),
                    ("high", "at most"),
                )
            ),
            ("Crowded keys", debt["keys"]),
            ("Comparisons not made, at most", debt["comparisons"]),
        ],
    )
    yield (
        "merged",
        ("Id", "Entity", "Name", "Mentions", "From", "Linked because of"),
        [
            (
                each["golden_id"],
                each["entity"],
                each["name"],
                each["mentions"],
                _counts(each["sources"]),
                _counts(each["why"]),
            )
            for each in report["biggest"]
        ],
    )
    yield (
        "bridges",
        ("Pair", "Id", "Name", "One", "Other", "Parts", "Because of"),
        [
            (
                each["pair"],
                each["golden_id"],
                each["name"],
                each["left"],
                each["right"],
                " + ".join(map(str, each["parts"])),
                each["sentence"],
            )
            for each in report["bridges"]
        ],
    )
    yield (
        "refused",
        ("Pair or decision", "One", "Other", "For it", "Apart because"),
        [
            *(
                (each["pair"], each["left"]["name"], each["right"]["name"], each["sentence"], each["held"])
                for each in report["refused"]["examples"]
            ),
            *(
                (
                    each["id"],
                    each["left"]["name"],
                    each["right"]["name"],
                    "",
                    f"{each['who']} said {each['verdict']}" + (f": {each['reason']}" if each["reason"] else ""),
                )
                for each in report["refused"]["decided"]
            ),
        ],
    )
    yield (
        "recall debt",
        ("Entity", "Kind of key", "Key", "Mentions"),
        [(each["entity"], each["kind"], each["value"], each["mentions"]) for each in debt["largest"]],
    )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items())
