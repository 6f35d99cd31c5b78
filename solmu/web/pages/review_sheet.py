"""The review sheet: what waits as a workbook with a column to decide in, and the way back."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, UploadFile
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from solmu.errors import SolmuError
from solmu.review.sheet import export_sheet
from solmu.web import audit
from solmu.web.access import Steward
from solmu.web.page import Page
from solmu.web.pages.review import AskedFor
from solmu.web.render import render
from solmu.web.roles import Role
from solmu.web.site import TheSite

router = APIRouter(include_in_schema=False)
PAGE = Page("review_sheet", "/review/sheet", router, role=Role.STEWARD)
_MOST = 5_000
_PIECE = 1 << 20


@router.get("/review/sheet")
def show(request: Request, user: Steward, want: AskedFor) -> Response:
    """Where it is fetched and brought back."""
    return render(request, "review_sheet.html", want=want, outcome=None, most=_MOST)


@router.get("/review/sheet/{job}")
def brought(request: Request, site: TheSite, user: Steward, want: AskedFor, job: str) -> Response:
    """What became of a sheet that was brought back."""
    found = site.jobs.find(job)
    if found is None or found.kind != "review sheet" or found.result is None:
        raise SolmuError("there is no such sheet, or it was long ago", code="no-sheet")
    return render(request, "review_sheet.html", want=want, outcome=found.result, most=_MOST)


@router.post("/review/sheet/export")
def fetch(
    site: TheSite, user: Steward, want: AskedFor, form: Annotated[str, Form(pattern="^(xlsx|csv)$")] = "xlsx"
) -> Response:
    """The pairs that wait as a sheet."""
    folder = Path(tempfile.mkdtemp(prefix="solmu-review-"))
    path = folder / f"review.{form}"
    count = export_sheet(site.store, path, want.filters(), limit=_MOST)
    with site.write() as connection:
        audit.note(connection, user.name, "review sheet exported", pairs=count)
    return FileResponse(path, filename=path.name, background=BackgroundTask(_remove, path))


@router.post("/api/review-sheet")
async def bring(site: TheSite, user: Steward, file: UploadFile) -> dict[str, Any]:
    """Take a filled-in sheet; gives the address of the work. Only the pages' own script sends files."""
    suffix = Path(file.filename or "").suffix.lower()
    if suffix not in {".xlsx", ".csv"}:
        raise SolmuError("this is no review sheet", code="sheet-format", value=suffix, expected="an .xlsx or .csv file")
    path = Path(tempfile.mkdtemp(prefix="solmu-review-")) / f"sheet{suffix}"
    with path.open("xb") as out:
        while piece := await file.read(_PIECE):
            out.write(piece)
    job = site.jobs.start(
        "review sheet",
        "solmu.web.review_work:take_sheet",
        who=user.name,
        steward=user.name,
        then="/review/sheet/{id}",
        path=str(path),
    )
    return {"job": job.id, "url": f"/jobs/{job.id}"}


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.parent.rmdir()
