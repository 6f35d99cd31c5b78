"""Who decided what, and taking it back, however long ago it was."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from solmu.match.decisions import Verdict
from solmu.review.decided import changed_decisions, decisions
from solmu.web.access import Steward
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.roles import Role
from solmu.web.site import TheSite

router = APIRouter(include_in_schema=False)
PAGE = Page("review_decisions", "/review/decisions", router, role=Role.STEWARD)
_SHOWN = 100


@router.get("/review/decisions")
def show(
    request: Request,
    site: TheSite,
    user: Steward,
    who: Annotated[str, Query(max_length=200)] = "",
    verdict: Annotated[str, Query(pattern="^(same|different|unsure|related)?$")] = "",
    changed: bool = False,
) -> Response:
    """The decisions, the newest first; ``changed`` shows those whose evidence is not what it was."""
    identity = site.hub.settings.matching
    with site.read() as connection:
        if changed:
            found = changed_decisions(connection, identity)
            document = {"total": len(found), "decisions": found[:_SHOWN]}
        else:
            document = decisions(
                connection, identity, verdict=Verdict(verdict) if verdict else None, who=who or None, limit=_SHOWN
            )
    return render(
        request, "review_decisions.html", found=document, who=who, verdict=verdict, changed=changed, verdicts=Verdict
    )
