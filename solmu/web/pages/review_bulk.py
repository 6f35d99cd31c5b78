"""Accepting many at once, by how likely they are, each with the precision that the answers so far speak for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from solmu.model import Entity
from solmu.review.likeness import bands
from solmu.web.access import Steward
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.roles import Role
from solmu.web.site import TheSite

router = APIRouter(include_in_schema=False)
PAGE = Page("review_bulk", "/review/bulk", router, role=Role.STEWARD)
_MOST = 500


@router.get("/review/bulk")
def show(
    request: Request,
    site: TheSite,
    user: Steward,
    entity: Annotated[Entity, Query()] = Entity.ORGANISATION,
    job: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The bands."""
    done = site.jobs.find(job) if job else None
    outcome = done.result if done and done.kind == "bulk" else None
    with site.read() as connection:
        found = bands(connection, entity)
    return render(request, "review_bulk.html", bands=found, entity=entity, outcome=outcome, most=_MOST)


@router.post("/review/bulk")
def accept(
    site: TheSite,
    user: Steward,
    entity: Annotated[Entity, Form()],
    least: Annotated[float, Form(ge=0.5, le=1)],
    most: Annotated[float, Form(ge=0.5, le=1.01)],
    limit: Annotated[int, Form(ge=1, le=_MOST)] = 100,
) -> Response:
    """Say "same" of the likest of a band, each a decision of its own."""
    job = site.jobs.start(
        "bulk",
        "solmu.web.review_work:accept",
        who=user.name,
        steward=user.name,
        then=f"/review/bulk?entity={entity.value}&job={{id}}",
        entity=entity.value,
        least=least,
        most=most,
        limit=limit,
    )
    site.forget_badges()
    return RedirectResponse(f"/jobs/{job.id}", 303)
