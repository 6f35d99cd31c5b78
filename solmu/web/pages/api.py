"""What scripts of the pages ask for, and the description of it all at /api/openapi.json."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, RedirectResponse, Response

from solmu.errors import SolmuError
from solmu.web import problems
from solmu.web.access import NotAllowed, Viewer
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.roles import Role
from solmu.web.site import TheSite

router = APIRouter()
PAGE = Page("api", "/api", router)


class JobStatus(BaseModel):
    """How far a piece of work is."""

    id: str
    kind: str
    about: str
    who: str
    state: str
    ahead: int
    started: str
    finished: str | None
    steps: dict[str, int]
    said: str
    then: str
    error: dict[str, Any] | None


@router.get("/api/openapi.json", include_in_schema=False)
def openapi(request: Request) -> JSONResponse:
    """The description, for whoever has signed in."""
    return JSONResponse(request.app.openapi())


@router.get("/api/jobs/{id}", response_model=JobStatus)
def job_status(id: str, request: Request, site: TheSite) -> Any:
    """How far a piece of work is: it is waiting for ``ahead`` others, running, done, failed or stopped."""
    job = site.jobs.find(id)
    if job is None:
        return problems.answer(request, 404, "no-job", SolmuError("there is no such job any more", code="no-job"))
    return job.as_dict()


@router.get("/jobs/{id}", include_in_schema=False)
def job_page(id: str, request: Request, site: TheSite) -> Response:
    """The page that waits for it."""
    job = site.jobs.find(id)
    if job is None:
        return problems.answer(request, 404, "no-job")
    return render(request, "job.html", job=job)


@router.post("/jobs/{id}/stop", include_in_schema=False)
def stop_job(id: str, request: Request, site: TheSite, user: Viewer) -> Response:
    """Stop it: whoever started it may, and an administrator."""
    job = site.jobs.find(id)
    if job is None:
        return problems.answer(request, 404, "no-job")
    if job.who != user.name and not user.role.may(Role.ADMINISTRATOR):
        raise NotAllowed(Role.ADMINISTRATOR)
    site.jobs.stop(id)
    return RedirectResponse(f"/jobs/{id}", 303)
