"""A plan as one HTML page that stands alone: what it would do, and its first lines, each with its fields behind it. It
names customers."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import orjson
from sqlalchemy import Connection, select

from solmu.report.page import environment
from solmu.report.plan_lines import brief, groups
from solmu.report.plans import counted
from solmu.review.sheet import private
from solmu.store import time
from solmu.store.owners import owners
from solmu.store.tables import plan
from solmu.sync.seal import FATE, lines

SHOWN = 1000
"""Lines that the page has; the file beside it, ``<plan>.json``, has all."""


def write_plan_html(path: Path, connection: Connection, plan_id: str) -> None:
    """Write the page, as the plan stands now."""
    with private(path) as part:
        part.write_text(plan_html(connection, plan_id), encoding="utf-8")


def plan_html(connection: Connection, plan_id: str) -> str:
    """The page: no script, no network."""
    head = connection.execute(select(plan).where(plan.c.id == plan_id)).one()
    shown = [
        {**orjson.loads(line.text), **dict(zip(FATE, line.fate, strict=True))}
        for line in islice(lines(connection, plan_id), SHOWN)
    ]
    page = environment().get_template("plan.html")
    return page.render(
        head=head,
        counts=counted(connection, plan_id),
        lines=shown,
        shown=SHOWN,
        made=time.iso(head.made_at),
        brief=brief,
        groups=groups,
        known=owners(connection),
    ).lstrip()
