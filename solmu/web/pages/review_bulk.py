"""Accepting many at once, by how likely they are, each with the precision that the answers so far speak for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy import Connection, select
from starlette.responses import RedirectResponse, Response

from solmu.model import Entity
from solmu.report.interval import wilson
from solmu.review.turn import by_likeness
from solmu.store.tables import decision
from solmu.web.access import Steward
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.review_work import BULK_REASON
from solmu.web.roles import Role
from solmu.web.site import TheSite

router = APIRouter(include_in_schema=False)
PAGE = Page("review_bulk", "/review/bulk", router, role=Role.STEWARD)
_BOUNDS = (1.0000001, 0.99, 0.95, 0.9, 0.75, 0.5)
"""Probabilities between which bands lie, from the likest down; what is less likely is no matter for bulk."""
_MOST = 500


@dataclass(frozen=True, slots=True)
class Likeness:
    """Pairs of about one likeness. ``answered`` of such pairs were decided, ``right`` of them as the same;
    ``precision`` is the share with its interval, None where nobody answered any."""

    least: float
    most: float
    waiting: int
    answered: int
    right: int

    @property
    def precision(self) -> tuple[float, float, float] | None:
        """Share and 95 % interval (Wilson)."""
        bounds = wilson(self.right, self.answered)
        return None if bounds is None else (self.right / self.answered, *bounds)


def bands(connection: Connection, entity: Entity) -> list[Likeness]:
    """What waits and what was answered, by likeness."""
    waiting = [probability for probability, _ in by_likeness(connection, entity)]
    said: list[tuple[float, bool]] = []
    query = select(decision.c.verdict, decision.c.evidence).where(
        decision.c.entity == entity.value, decision.c.rank == "steward", decision.c.withdrawn_at.is_(None)
    )
    # Of what was accepted in bulk nobody looked at the single pair, so it says nothing of whether bulk is right.
    query = query.where(decision.c.reason.is_(None) | (decision.c.reason != BULK_REASON))
    for verdict, evidence in connection.execute(query):
        if evidence and "probability" in evidence[0] and verdict != "unsure":
            said.append((evidence[0]["probability"], verdict == "same"))
    found = []
    for most, least in pairwise(_BOUNDS):
        answers = [right for probability, right in said if least <= probability < most]
        found.append(Likeness(least, most, sum(least <= each < most for each in waiting), len(answers), sum(answers)))
    return found


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
