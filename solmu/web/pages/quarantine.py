"""Quarantine: refused rows by reason; each mended in place, tried again, taken home as a workbook, or dismissed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from pydantic import StringConstraints
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, RedirectResponse, Response

from solmu.errors import ConfigurationError, Skippable, SolmuError
from solmu.report import quarantine as report
from solmu.report.quarantine import DISMISSED, WAITING, Which
from solmu.report.refused import refused_rows, write_refused
from solmu.store import time
from solmu.sync.mend import corrected, dismiss, mapped, take_up_again
from solmu.web.access import Steward
from solmu.web.listing import MEDIA
from solmu.web.page import Page
from solmu.web.quarantine_read import columns_of, newest, rows_listing
from solmu.web.render import render
from solmu.web.roles import Role
from solmu.web.site import Site, TheSite
from solmu.web.texts import texts

router = APIRouter()
PAGE = Page("quarantine", "/quarantine", router, role=Role.STEWARD, order=50, badge=report.count_waiting)

_WORK = {"mend": "solmu.web.quarantine_work:mend_row", "replay": "solmu.web.quarantine_work:replay_rows"}
_IN_A_WORKBOOK = 10_000
_LAST = 2**62
Text = Annotated[str, StringConstraints(max_length=200)]
Typed = Annotated[str, StringConstraints(max_length=200_000)]
Number = Annotated[int, Path(ge=1, le=_LAST)]
Reason = Annotated[str, Form(max_length=1000)]


def _asked(
    connection: Annotated[Text, Query()] = "",
    stream: Annotated[Text, Query()] = "",
    code: Annotated[Text, Query()] = "",
    field: Annotated[Text, Query()] = "",
) -> Which:
    return Which(connection, stream, code, field)


def _meant(
    connection: Annotated[Text, Form()] = "",
    stream: Annotated[Text, Form()] = "",
    code: Annotated[Text, Form()] = "",
    field: Annotated[Text, Form()] = "",
    upto: Annotated[int | None, Form(ge=0, le=_LAST)] = None,
) -> Which:
    return Which(connection, stream, code, field, upto)


Asked = Annotated[Which, Depends(_asked)]
Meant = Annotated[Which, Depends(_meant)]


@router.get("/quarantine", include_in_schema=False)
def show(
    request: Request, site: TheSite, want: Asked, state: Annotated[Text, Query()] = WAITING, done: str = ""
) -> Response:
    """The reasons, and the rows."""
    return _list(request, site, want, DISMISSED if state == DISMISSED else WAITING, done=done[:12])


@router.post("/quarantine/replay", include_in_schema=False)
def replay_all(site: TheSite, user: Steward, which: Meant) -> Response:
    """Try all of a kind again, such as after their mapping was mended."""
    asked = {"which": which.as_dict(), "upto": which.upto, "number": None}
    return _begin(site, user.name, "replay", "/quarantine/replayed/{id}", asked)


@router.get("/quarantine/replayed/{id}", include_in_schema=False)
def replayed(request: Request, site: TheSite, id: str) -> Response:
    """What became of those that were tried again."""
    job = site.jobs.find(id[:40])
    told = job.result if job is not None and job.kind == "replay" else None
    site.forget_badges()
    return _list(request, site, Which(), WAITING, told=told)


@router.post("/quarantine/dismiss", include_in_schema=False)
def dismiss_all(request: Request, site: TheSite, user: Steward, which: Meant, reason: Reason = "") -> Response:
    """Put all of a kind aside, as far as they were shown."""
    try:
        with site.write() as connection:
            number = dismiss(connection, which, reason=reason, who=user.name, now=time.now())
    except SolmuError as problem:
        return _list(request, site, which, WAITING, problem=problem)
    site.forget_badges()
    return RedirectResponse(f"/quarantine?{urlencode({'done': number})}", 303)


@router.get("/quarantine/workbook", include_in_schema=False)
def workbook(site: TheSite, want: Asked) -> Response:
    """The rows of one stream as a workbook with a reason beside each, to be mended and imported again."""
    with site.read() as connection:
        keys = report.waiting_keys(connection, want, _IN_A_WORKBOOK) if want.connection and want.stream else []
        rows = list(refused_rows(connection, want.connection, want.stream, keys))
    if not rows:
        raise SolmuError("no such row waits", code="no-rows", expected="a connection and a stream with refused rows")
    with tempfile.NamedTemporaryFile(prefix="solmu-", suffix=".xlsx", delete=False) as file:
        path = FilePath(file.name)
    write_refused(path, want.connection, want.stream, list(rows[0].payload), rows)
    name = f"refused-{want.connection}-{want.stream}.xlsx"
    return FileResponse(path, media_type=MEDIA["xlsx"], filename=name, background=BackgroundTask(path.unlink))


@router.get("/quarantine/{number}", include_in_schema=False)
def one(request: Request, site: TheSite, number: Number) -> Response:
    """One row: as it was received, why it was refused, and what would be right."""
    return _row(request, site, number)


@router.post("/quarantine/{number}/mend", include_in_schema=False)
def mend_one(
    request: Request,
    site: TheSite,
    user: Steward,
    number: Number,
    column: Annotated[list[Typed], Form(max_length=900)],
    value: Annotated[list[Typed], Form(max_length=900)],
) -> Response:
    """Put the row right with what was typed, unless it would be refused again."""
    with site.read() as connection:
        row = report.refused_row(connection, number)
    if row["state"] != WAITING or not row["newest"] or row["payload"] is None:
        return _row(request, site, number, moved=True)
    typed = dict(zip(column, value, strict=False))
    offered = {each["column"] for each in columns_of(row, {}) if each["typed"]}
    payload = corrected(row["payload"], {name: text for name, text in typed.items() if name in offered})
    try:
        mapped(site.hub, row, payload)
    except (Skippable, ConfigurationError) as problem:
        return _row(request, site, number, typed=typed, problem=problem)
    return _begin(site, user.name, "mend", f"/quarantine/{number}", {"number": number, "payload": payload})


@router.post("/quarantine/{number}/replay", include_in_schema=False)
def replay_one(site: TheSite, user: Steward, number: Number) -> Response:
    """Try the row again as it is."""
    asked: dict[str, Any] = {"which": {}, "upto": None, "number": number}
    return _begin(site, user.name, "replay", f"/quarantine/{number}", asked)


@router.post("/quarantine/{number}/dismiss", include_in_schema=False)
def dismiss_one(request: Request, site: TheSite, user: Steward, number: Number, reason: Reason = "") -> Response:
    """Put the row aside."""
    try:
        with site.write() as connection:
            done = dismiss(connection, number, reason=reason, who=user.name, now=time.now())
    except SolmuError as problem:
        return _row(request, site, number, problem=problem)
    site.forget_badges()
    return RedirectResponse(f"/quarantine/{number}", 303) if done else _row(request, site, number, moved=True)


@router.post("/quarantine/{number}/again", include_in_schema=False)
def again(request: Request, site: TheSite, user: Steward, number: Number) -> Response:
    """Let a dismissed row wait again."""
    try:
        with site.write() as connection:
            take_up_again(connection, number, who=user.name, now=time.now())
    except SolmuError as problem:
        if problem.code != "moved":
            raise
        return _row(request, site, number, moved=True)
    site.forget_badges()
    return RedirectResponse(f"/quarantine/{number}", 303)


@router.get("/api/quarantine")
def api_groups(site: TheSite, user: Steward) -> Any:
    """The reasons for which rows wait, most frequent first, each with its newest row's message and value."""
    with site.read() as connection:
        return {"groups": report.groups(connection)}


@router.get("/api/quarantine/{number}")
def api_row(site: TheSite, user: Steward, number: Number) -> Any:
    """One refused row with what was received; 404 where there is none of that number."""
    with site.read() as connection:
        return report.refused_row(connection, number)


def _begin(site: Site, who: str, kind: str, then: str, asked: Mapping[str, Any]) -> Response:
    job = site.jobs.start(kind, _WORK[kind], who=who, then=then, steward=who, **asked)
    site.forget_badges()
    return RedirectResponse(f"/jobs/{job.id}", 303)


def _list(
    request: Request,
    site: Site,
    which: Which,
    state: str,
    *,
    problem: SolmuError | None = None,
    told: Mapping[str, Any] | None = None,
    done: str = "",
) -> Response:
    with site.read() as connection:
        groups = report.groups(connection)
        look = rows_listing(state, groups).answer(request, connection)
        last = newest(connection)
    if isinstance(look, Response):
        return look
    chosen = which.as_dict()
    fits = [each for each in groups if all(each[name] == value for name, value in chosen.items())]
    return render(
        request,
        "quarantine.html",
        status_code=422 if problem else 200,
        groups=[{**each, "address": "/quarantine?" + urlencode(_names(each))} for each in groups],
        look=look,
        state=state,
        chosen=chosen,
        rows=sum(each["rows"] for each in fits),
        replays=any(each["replays"] for each in fits),
        workbook="/quarantine/workbook?" + urlencode(chosen) if {"connection", "stream"} <= set(chosen) else None,
        upto=last,
        problem=problem,
        told=told,
        done=int(done) if done.isdecimal() else None,
    )


def _names(group: Mapping[str, Any]) -> dict[str, str]:
    return {name: group[name] for name in ("connection", "stream", "code", "field")}


def _row(
    request: Request,
    site: Site,
    number: int,
    *,
    typed: Mapping[str, str] | None = None,
    problem: SolmuError | None = None,
    moved: bool = False,
) -> Response:
    hub = site.hub
    with site.read() as connection:
        row = report.refused_row(connection, number)
        after, others = report.next_alike(connection, row)
        of = report.speaks_of(connection, row["record"]) if row["state"] == "released" else []
        last = report.what_was_done(connection, number)
    config = hub.connections.get(row["connection"])
    stream = config.source_streams.get(row["stream"]) if config is not None else None
    alike = {name: row[name] for name in ("connection", "stream", "code")} | {"field": row["field"] or report.NONE}
    return render(
        request,
        "quarantine_row.html",
        status_code=409 if moved else 422 if problem else 200,
        row=row,
        waits=row["state"] == WAITING and row["newest"] and row["payload"] is not None,
        columns=columns_of(row, typed or {}),
        problem=problem,
        moved=moved,
        last=last,
        of=of,
        after=after,
        others=others,
        alike="/quarantine?" + urlencode(alike),
        mapping=stream.mapping if stream is not None else None,
        title=texts()("quarantine.row", name=row["key"]),
    )
