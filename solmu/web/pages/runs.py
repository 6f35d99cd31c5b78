"""Runs: the ledger, and one run with what it counted, what went wrong, and the files that it left."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from sqlalchemy import Connection, Row, select
from starlette.responses import FileResponse, RedirectResponse, Response

from solmu.errors import SolmuError
from solmu.report.unfinished import under_way
from solmu.store.tables import plan, run
from solmu.sync import ledger
from solmu.sync import withdraw as taking_back
from solmu.sync.written import targets_of
from solmu.web import audit
from solmu.web.access import Steward, Viewer
from solmu.web.listing import Column, Listing
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.site import Site, TheSite
from solmu.web.texts import texts

router = APIRouter()
PAGE = Page("runs", "/runs", router, order=70)

KINDS = (
    *("run", "import", "plan", "apply", "retry", "remap", "mend", "withdraw", "revert", "review", "tasks"),
    ledger.SMALL_RUN,
)
STATES = ("running", "done", "failed", "stopped", "killed", "interrupted")
Id = Annotated[str, Path(pattern="^run_[a-z0-9]{1,40}$")]
_REPORTS = {"html": "text/html; charset=utf-8", "json": "application/json"}
_PLANS = 50


@router.get("/runs", include_in_schema=False)
def show(request: Request, site: TheSite) -> Response:
    """Every run, the newest first."""
    with site.read() as connection:
        look = _listing().answer(request, connection)
        working = under_way(connection)
    return look if isinstance(look, Response) else render(request, "runs.html", look=look, working=working)


@router.get("/runs/dedupe", include_in_schema=False)
def dedupe(site: TheSite, user: Steward) -> Response:
    """What was merged and why: the report that the last run has left. It names customers, so it is audited."""
    path = site.folder / "reports" / "dedupe.html"
    if not path.is_file():
        raise SolmuError(texts()("runs.no-dedupe"), code="no-dedupe", expected=texts()("runs.no-dedupe-do"))
    with site.write() as connection:
        audit.note(connection, user.name, "dedupe report fetched")
    return FileResponse(path, media_type=_REPORTS["html"], filename="dedupe.html")


@router.get("/runs/{id}", include_in_schema=False)
def one(request: Request, site: TheSite, user: Viewer, id: Id) -> Response:
    """A run: its counts by stream and target, its problems, and its files."""
    with site.read() as connection:
        row = _row(connection, id)
        query = select(plan.c.id, plan.c.target, plan.c.state).where(plan.c.run_id == id)
        plans = connection.execute(query.limit(_PLANS)).all()
        wrote = targets_of(connection, id) if row.state != "running" else []
        alive = any(each["run_id"] == id for each in under_way(connection))
    report: Mapping[str, Any] = row.report or {}
    applied = row.detail.get("plan")
    return render(
        request,
        "run.html",
        row=row,
        alive=alive,
        report=report,
        seconds=_seconds(row),
        streams=_table(report.get("streams") or {}),
        sent=_table(report.get("targets") or {}),
        refused=[_refused(name, each) for name, each in (report.get("streams") or {}).items() if each.get("refused")],
        plans=[{"id": each.id, "target": each.target, "state": each.state} for each in plans]
        + ([{"id": applied, "target": "", "state": "applied"}] if applied else []),
        wrote=wrote,
        files=[form for form in _REPORTS if _file(site, id, form).is_file()],
        dedupe=(site.folder / "reports" / "dedupe.html").is_file(),
        flow=row.detail.get("flow_run_name"),
        known={"kind": row.kind in KINDS, "state": row.state in STATES},
    )


@router.get("/runs/{id}/withdraw", include_in_schema=False)
def before_withdrawing(request: Request, site: TheSite, user: Steward, id: Id) -> Response:
    """What taking back an import would do."""
    with site.read() as connection:
        row = _row(connection, id)
        wrote = targets_of(connection, id)
    return render(request, "run_withdraw.html", row=row, rows=taking_back.look(site.store, id), wrote=wrote)


@router.post("/runs/{id}/withdraw", include_in_schema=False)
def take_back(site: TheSite, user: Steward, id: Id) -> Response:
    """Take back an import."""
    taking_back.look(site.store, id)
    job = site.jobs.start(
        "withdraw",
        "solmu.web.withdraw_work:take_back",
        who=user.name,
        then=f"/runs/{id}/withdraw",
        run=id,
        steward=user.name,
    )
    return RedirectResponse(f"/jobs/{job.id}", 303)


@router.get("/runs/{id}/report.{form}", include_in_schema=False)
def report_file(site: TheSite, user: Steward, id: Id, form: Annotated[str, Path(pattern="^(html|json)$")]) -> Response:
    """The report as the run has left it; as JSON also where it left no file."""
    path = _file(site, id, form)
    name = f"{id}.{form}"
    if path.is_file():
        return FileResponse(path, media_type=_REPORTS[form], filename=name)
    with site.read() as connection:
        row = _row(connection, id)
    if form == "html" or not row.report:
        raise SolmuError(texts()("runs.no-report"), code="no-report", value=id, expected=texts()("runs.no-report-do"))
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(json.dumps(row.report, indent=2), media_type=_REPORTS["json"], headers=disposition)


@router.get("/api/runs/{id}")
def api_run(site: TheSite, id: Id) -> Any:
    """A run's report as docs/reference has it, with ``state``; 404 where there is none of that id."""
    with site.read() as connection:
        row = _row(connection, id)
    return {"run_id": row.id, "kind": row.kind, "state": row.state, "exit": row.exit, "report": row.report}


def _row(connection: Connection, id: str) -> Row[Any]:
    row = connection.execute(select(run).where(run.c.id == id)).first()
    if row is None:
        raise SolmuError(texts()("runs.no-run"), code="no-run", value=id, expected=texts()("runs.no-run-do"))
    return row


def _file(site: Site, id: str, form: str) -> FilePath:
    return site.folder / "reports" / f"{id}.{form}"


def _seconds(row: Row[Any]) -> float | None:
    return None if row.finished is None else round((row.finished - row.started) / 1_000_000, 1)


def _table(counts: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Counts as a table; columns that are zero throughout say nothing."""
    names = list(dict.fromkeys(name for row in counts.values() for name in row))
    shown = [name for name in names if any(row.get(name) for row in counts.values())]
    t = texts()
    return {
        "columns": [{"name": name, "label": t(f"runs.count.{name.replace('_', '-')}")} for name in shown],
        "rows": [{"name": name, "values": [row.get(each, 0) for each in shown]} for name, row in counts.items()],
    }


def _refused(path: str, counts: Mapping[str, int]) -> dict[str, Any]:
    connection, _, stream = path.partition("/")
    return {
        "name": path,
        "rows": counts["refused"],
        "address": f"/quarantine?connection={quote(connection)}&stream={quote(stream)}",
    }


def _listing() -> Listing:
    t = texts()
    seconds = (run.c.finished - run.c.started) / 1_000_000.0
    return Listing(
        "runs",
        (
            Column("started", "runs.column.started", run.c.started, kind="moment", sort=True),
            Column("id", "runs.column.run", run.c.id, link=lambda row: f"/runs/{row['id']}"),
            Column(
                "kind",
                "runs.column.kind",
                run.c.kind,
                filter="equals",
                choices={name: t(f"runs.kind.{name}") for name in KINDS},
            ),
            Column("seconds", "runs.column.seconds", seconds, kind="number"),
            Column(
                "state",
                "runs.column.state",
                run.c.state,
                filter="equals",
                choices={name: t(f"runs.state.{name}") for name in STATES},
            ),
            Column("exit", "runs.column.exit", run.c.exit, kind="number"),
            Column("balanced", "runs.column.balanced", run.c.report["balanced"].as_boolean()),
        ),
        select(run.c.id).select_from(run),
        run.c.id,
        "-started",
    )
