"""Tasks: a list behind a figure, pushed to a CRM as one task a customer, after a look at what would be made."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from solmu.errors import SolmuError
from solmu.followup.lists import NARROWED_BY
from solmu.followup.own import task_streams
from solmu.followup.push import KIND
from solmu.followup.tasks import Ask, Ready, ready
from solmu.store.owners import owners
from solmu.sync.arm import arming
from solmu.sync.guard import GUARDS
from solmu.web.access import Steward
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.roles import Role
from solmu.web.site import Site, TheSite
from solmu.web.texts import texts

router = APIRouter()
PAGE = Page("tasks", "/tasks", router, role=Role.STEWARD)

_WORK = "solmu.web.task_work:push"
_SHOWN = 50
_DAYS = 14
Figure = Annotated[
    Literal["no-owner", "no-next-step", "unreachable", "long-ago", "completeness"], Path(description="The list.")
]
Text = Annotated[str, Field(max_length=200)]
FORM_FIELDS = ("target", "subject", "due", *NARROWED_BY)


class Wanted(BaseModel):
    """What somebody has filled in: in the address to look what would be made, in the form to make it."""

    target: Text = ""
    subject: Text = ""
    due: Text = ""
    country: Text = ""
    tier: Text = ""
    owner: Text = ""

    def asked(self, figure: str) -> dict[str, str]:
        """The same for that list."""
        return {"figure": figure, **{name: getattr(self, name).strip() for name in FORM_FIELDS}}


class Looked(Wanted):
    """What the address of the page has. ``job`` is the work that made the tasks."""

    job: str = Field("", max_length=40)


class Pushed(Wanted):
    """What the form sends. ``seen`` is that of the tasks as they were shown, ``override`` names guards."""

    seen: str = Field("", max_length=64)
    override: list[Annotated[str, Field(max_length=40)]] = Field([], max_length=20)


@router.get("/tasks/{figure}", include_in_schema=False)
def show(request: Request, site: TheSite, user: Steward, figure: Figure, want: Annotated[Looked, Query()]) -> Response:
    """The form, once it is filled in what would be made, and after that what was."""
    return _page(request, site, want.asked(figure), job=want.job)


@router.post("/tasks/{figure}", include_in_schema=False)
def push(request: Request, site: TheSite, user: Steward, figure: Figure, want: Annotated[Pushed, Form()]) -> Response:
    """Make the tasks that were shown, if they are the same still. Only an administrator may let a guard pass."""
    asked = want.asked(figure)
    passed = [name for name in want.override if name in GUARDS]
    if passed and not user.role.may(Role.ADMINISTRATOR):
        raise SolmuError(texts()("tasks.not-you"), code="not-allowed", value=", ".join(passed))
    try:
        ask = _ask(asked)
        with site.read() as connection:
            ready(connection, site.hub, ask)
    except SolmuError as problem:
        return _page(request, site, asked, problem=problem)
    stated = {name: value for name, value in asked.items() if name != "figure" and value}
    work = site.jobs.start(
        KIND,
        _WORK,
        who=user.name,
        then=f"/tasks/{figure}?{urlencode(stated)}&job={{id}}",
        figure=figure,
        target=ask.target,
        subject=ask.subject,
        due=ask.due.isoformat(),
        only=dict(ask.only),
        seen=want.seen,
        by=user.name,
        override=passed,
    )
    return RedirectResponse(f"/jobs/{work.id}", 303)


def _ask(asked: dict[str, str]) -> Ask:
    """Raises SolmuError for a day that is none."""
    try:
        due = date.fromisoformat(asked["due"])
    except ValueError:
        raise SolmuError(texts()("tasks.no-day"), code="no-day", field="due", expected=texts()("tasks.a-day")) from None
    only = {name: asked[name] for name in NARROWED_BY if asked[name]}
    return Ask(asked["figure"], asked["target"], asked["subject"], due, only)


def _page(
    request: Request, site: Site, asked: dict[str, str], *, job: str = "", problem: SolmuError | None = None
) -> Response:
    hub = site.hub
    found: Ready | None = None
    armed = False
    done = site.jobs.find(job) if job else None
    told = done.result if done is not None and done.kind == KIND else None
    with site.read() as connection:
        known = owners(connection)
        if asked["subject"] and problem is None:
            try:
                found = ready(connection, hub, _ask(asked))
                armed = arming(connection, asked["target"]).armed
            except SolmuError as error:
                problem = error
    return render(
        request,
        "tasks.html",
        status_code=422 if problem else 200,
        asked=asked,
        targets={name: name for name in task_streams(hub)},
        due=asked["due"] or (datetime.now(UTC).date() + timedelta(days=_DAYS)).isoformat(),
        only={name: asked[name] for name in NARROWED_BY if asked[name]},
        found=found,
        known=known,
        shown=found.tasks[:_SHOWN] if found else (),
        armed=armed,
        told=told,
        guards=[name for name in told["guards"] if name in GUARDS] if told else [],
        problem=problem,
    )
