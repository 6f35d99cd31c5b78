"""The dedupe report as files: a page that stands alone, a workbook, JSON. Each is for its owner alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from solmu.config import Hub
from solmu.report.dedupe import dedupe_report
from solmu.report.page import environment
from solmu.review.queue import Filters
from solmu.review.sheet import private, review_rows, workbook, write_page, write_table
from solmu.store import Store, time

Report = Mapping[str, Any]

SMALL, LARGE = 50_000, 200_000
"""Mentions up to which the report costs next to nothing, and those from which on no run leaves one."""
_WORTH_IT = 20  # mentions for each row that a run brought


def keep_dedupe(hub: Hub, store: Store, mentions: int, brought: int) -> None:
    """Write ``reports/dedupe.html`` after a run that ``brought`` so many new and changed rows into a hub of so many
    ``mentions``, if the hub is small, or the run was a large one beside it.

    Otherwise it is made when somebody asks for it, because a night's cost follows the change.
    """
    if mentions <= min(LARGE, max(SMALL, brought * _WORTH_IT)):
        with store.read() as connection:
            report = report_of(connection, hub)
        write_dedupe_html(hub.folder / "reports" / "dedupe.html", report, hub.settings.name)


def report_of(connection: Connection, hub: Hub) -> dict[str, Any]:
    """The report of a hub, as of now."""
    crms = [each.name for each in hub.connections.values() if each.is_target]
    return dedupe_report(connection, hub.settings.matching, crms=crms, now=time.now())


def dedupe_html(report: Report, name: str) -> str:
    """The page: no script, no network. ``name`` is the hub's."""
    return environment().get_template("dedupe.html").render(report=report, name=name).lstrip()


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
    waiting, debt = report["waiting"], report["recall_debt"]
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
            ("Crowded keys", debt["keys"]),
            ("Comparisons not made, at most", debt["comparisons"]),
        ],
    )
    yield (
        "trust",
        ("Entity", "What", "Answers", "Right", "At least", "At most"),
        [row for entity, one in report["trust"].items() for row in _trusted(entity, one)],
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


def _trusted(entity: str, one: Report) -> Iterable[Sequence[Any]]:
    yield entity, f"{one['state']}: answers on drawn pairs, of about {one['about']}", one["answers"], None, None, None
    for name, said in (("pairs", one["pairs"]), ("clusters", one["clusters"])):
        if said is not None:
            right = said["answers"] - said["errors"]
            yield entity, f"{name} merged by score", said["answers"], right, said["low"], said["high"]
    for name, said in one["picked"].items():
        yield entity, f"picked by stewards, {name}", said["answers"], said["same"], said["low"], said["high"]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items())
