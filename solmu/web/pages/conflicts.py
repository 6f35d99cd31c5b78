"""Conflicts: fields that the hub and a CRM both changed, decided one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy import Connection, func, select
from starlette.responses import RedirectResponse, Response

from solmu.errors import SolmuError
from solmu.steward.conflicts import Choice, listed
from solmu.steward.pointing import members
from solmu.steward.settling import decide, reopen
from solmu.store import time
from solmu.store.owners import owners
from solmu.store.sql import chunks
from solmu.store.tables import conflict, golden
from solmu.web.access import Steward
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.review_work import follow_soon
from solmu.web.roles import Role
from solmu.web.site import Site, TheSite
from solmu.web.texts import texts

_SHOWN = 50


def count_open(connection: Connection) -> int:
    """How many wait."""
    return connection.scalar(select(func.count()).where(conflict.c.state == "open")) or 0


router = APIRouter()
PAGE = Page("conflicts", "/conflicts", router, role=Role.STEWARD, order=30, badge=count_open)
Number = Annotated[int, Form(ge=1, le=2**62)]
State = Annotated[str, Query(pattern="^(open|decided|all)$")]
Target = Annotated[str, Query(max_length=200)]
After = Annotated[int, Query(ge=0, le=2**62)]


@router.get("/conflicts", include_in_schema=False)
def show(
    request: Request,
    site: TheSite,
    user: Steward,
    state: State = "open",
    target: Target = "",
    after: After = 0,
    ruled: Annotated[str, Query(pattern="^[a-z-]{0,40}$")] = "",
) -> Response:
    """Those that wait, or those that were decided. ``ruled`` is a rule that was written just now."""
    return _page(request, site, state, target, after, ruled=ruled)


@router.post("/conflicts", include_in_schema=False)
def say(
    request: Request,
    site: TheSite,
    user: Steward,
    number: Number,
    choice: Annotated[Choice, Form()],
    seen: Annotated[str, Form(max_length=40)] = "",
    value: Annotated[str, Form(max_length=2000)] = "",
    target: Target = "",
) -> Response:
    """Say which value is right."""
    try:
        with site.write() as connection:
            _, intent = decide(
                connection,
                site.hub,
                number,
                choice,
                value=value if choice is Choice.VALUE else None,
                who=user.name,
                now=time.now(),
                seen=seen or None,
            )
    except SolmuError as problem:
        return _page(request, site, "open", target, 0, problem=problem)
    site.forget_badges()
    if intent is not None:
        follow_soon(site, user.name)
    return RedirectResponse(f"/conflicts?{urlencode({'target': target})}" if target else "/conflicts", 303)


@router.post("/conflicts/reopen", include_in_schema=False)
def ask_again(request: Request, site: TheSite, user: Steward, number: Number) -> Response:
    """Take back what was said."""
    try:
        with site.write() as connection:
            reopen(connection, site.hub, number, who=user.name, now=time.now())
    except SolmuError as problem:
        return _page(request, site, "decided", "", 0, problem=problem)
    return RedirectResponse("/conflicts?state=decided", 303)


@router.get("/api/conflicts")
def as_json(site: TheSite, user: Steward, state: State = "open", target: Target = "", after: After = 0) -> Any:
    """Conflicts by number, with both values and what may be said to them."""
    with site.read() as connection:
        return {"conflicts": _found(connection, site, state, target, after)}


def _page(
    request: Request,
    site: Site,
    state: str,
    target: str,
    after: int,
    *,
    problem: SolmuError | None = None,
    ruled: str = "",
) -> Response:
    with site.read() as connection:
        found = _found(connection, site, state, target, after)
        whence, known = _whence(connection, found), owners(connection)
    targets = [each.name for each in site.hub.connections.values() if each.is_target]
    return render(
        request,
        "conflicts.html",
        status_code=200 if problem is None else 409,
        found=found,
        whence=whence,
        known=known,
        state=state,
        states={name: texts()(f"conflicts.state.{name}") for name in ("open", "decided", "all")},
        target=target,
        targets={"": texts()("common.any"), **{name: name for name in targets}},
        more=found[-1]["conflict"] if len(found) == _SHOWN else None,
        problem=problem,
        ruled=ruled,
    )


def _found(connection: Connection, site: Site, state: str, target: str, after: int) -> list[dict[str, Any]]:
    wanted = None if state == "all" else state
    return listed(connection, site.hub, state=wanted, target=target or None, after=after, limit=_SHOWN)


def _whence(connection: Connection, found: Sequence[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Where the hub's value of each conflict comes from: ``source, rule, since``."""
    entries: dict[str, dict[str, Any]] = {}
    for some in chunks(sorted({each["golden_id"] for each in found if each["golden_id"]})):
        query = select(golden.c.public_id, golden.c.document).where(golden.c.public_id.in_(some))
        entries |= {row.public_id: row.document for row in connection.execute(query)}
    told = {
        each["conflict"]: entry
        for each in found
        if (entry := entries.get(each["golden_id"], {}).get(each["hub_field"])) is not None
    }
    known = {each.id: each.source for each in members(connection, {entry["mention"] for entry in told.values()})}
    return {
        number: {"source": known.get(entry["mention"]), "rule": entry["rule"], "since": entry.get("since")}
        for number, entry in told.items()
    }
