"""Plans: the next push field by field, lines left out, targets armed, plans sent, runs taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Query, Request
from pydantic import StringConstraints
from starlette.responses import RedirectResponse, Response

from solmu.config import Hub
from solmu.errors import Busy, SolmuError
from solmu.report.plans import plan_head, targets, why_not
from solmu.store import time
from solmu.store.owners import owners
from solmu.sync.arm import FIRST, arm, arming, confirm_first_ten, disarm
from solmu.sync.dismiss import leave_out, plan_anew
from solmu.sync.guard import GUARDS
from solmu.sync.revert import REVERT
from solmu.sync.written import run_named
from solmu.web.access import Administrator, Steward, Viewer
from solmu.web.page import Page
from solmu.web.plans_read import became, first_lines, kinds_of, lines_listing, plans_listing, shown
from solmu.web.render import render
from solmu.web.site import Site, TheSite
from solmu.web.texts import texts

router = APIRouter()
PAGE = Page("plans", "/plans", router, order=60)

_WORK = "solmu.web.plan_work"
_LAST = 2**62
_FIRST_SHOWN = 10  # lines on the page of a target that is to be armed
Id = Annotated[str, Path(max_length=60)]
Name = Annotated[str, Path(max_length=200)]
JobId = Annotated[str, Query(max_length=40)]
Reason = Annotated[str, Form(max_length=1000)]


@router.get("/plans", include_in_schema=False)
def show(request: Request, site: TheSite, job: JobId = "") -> Response:
    """The targets, and the plans that were made for them, the newest first."""
    hub = site.hub
    with site.read() as connection:
        there = targets(connection, hub)
        look = plans_listing(hub).answer(request, connection)
    return look if isinstance(look, Response) else render(request, "plans.html", there=there, look=look)


@router.post("/plans/make", include_in_schema=False)
def make(site: TheSite, user: Steward, target: Annotated[str, Form(max_length=200)]) -> Response:
    """Make a new plan for a target; nothing is sent."""
    _target(site.hub, target)
    job = site.jobs.start("plan", f"{_WORK}:make", who=user.name, then="/plans/made/{id}", target=target)
    return RedirectResponse(f"/jobs/{job.id}", 303)


@router.get("/plans/made/{id}", include_in_schema=False)
def made(site: TheSite, id: Annotated[str, Path(max_length=40)]) -> Response:
    """On to the plan that a job made."""
    job = site.jobs.find(id)
    found = (job.result or {}).get("plan") if job is not None and job.kind == "plan" else None
    return RedirectResponse(f"/plans/{found}" if found else "/plans", 303)


@router.get("/plans/targets/{name}", include_in_schema=False)
def target(request: Request, site: TheSite, name: Name) -> Response:
    """A target: whether it may be written to, and what its newest plan would link, create, change and keep out."""
    _target(site.hub, name)
    with site.read() as connection:
        there = next(each for each in targets(connection, site.hub) if each["name"] == name)
        newest = there["plan"]
        head = plan_head(connection, newest["id"]) if newest else None
        lines = first_lines(newest["id"]).limit(_FIRST_SHOWN) if newest else None
        first = connection.execute(lines).all() if lines is not None else []
        users = owners(connection)
    return render(
        request,
        "plans_target.html",
        there=there,
        head=head,
        first=[{**shown(row), "golden": row.public_id, "told": "plan"} for row in first],
        users=users,
        first_ten=FIRST,
        kinds=kinds_of(head),
    )


@router.post("/plans/targets/{name}/arm", include_in_schema=False)
def arm_target(
    site: TheSite, user: Administrator, name: Name, act: Annotated[str, Form(pattern="^(arm|disarm|first-ten)$")]
) -> Response:
    """Let a target be written to, make it read-only again, or say that its first ten records look right."""
    _target(site.hub, name)
    acts: dict[str, Callable[..., None]] = {"arm": arm, "disarm": disarm, "first-ten": confirm_first_ten}
    if act == "first-ten":
        with site.read() as connection:
            if arming(connection, name).left == FIRST:
                raise SolmuError(
                    texts()("plans.nothing-written"), code="not-yet", expected=texts()("plans.nothing-written-do")
                )
    acts[act](site.store, name, who=user.name, now=time.now())
    return RedirectResponse(f"/plans/targets/{quote(name)}", 303)


@router.get("/plans/revert/{of}", include_in_schema=False)
def revert(request: Request, site: TheSite, of: Id, job: JobId = "") -> Response:
    """Taking a run back: what a look at it has shown, or that one is needed first."""
    with site.read() as connection:
        run_named(connection, of)
    found = site.jobs.find(job) if job else None
    told = found.result if found is not None and found.kind == REVERT and found.result else None
    if told is not None and told["revert"]["run"] != of:
        told = None
    return render(request, "plans_revert.html", of=of, told=told)


@router.post("/plans/revert/{of}", include_in_schema=False)
def take_back(site: TheSite, user: Steward, of: Id, seen: Annotated[str, Form(max_length=64)] = "") -> Response:
    """Look what taking a run back would do; with ``seen``, do it if it is still as it was seen."""
    with site.read() as connection:
        run_named(connection, of)
    job = site.jobs.start(
        REVERT,
        f"{_WORK}:take_back",
        who=user.name,
        then=f"/plans/revert/{quote(of)}?job={{id}}",
        run=of,
        seen=seen or None,
    )
    return RedirectResponse(f"/jobs/{job.id}", 303)


@router.get("/plans/{id}", include_in_schema=False)
def one(
    request: Request,
    site: TheSite,
    user: Viewer,
    id: Id,
    job: JobId = "",
    done: Annotated[int | None, Query(ge=0, le=_LAST)] = None,
) -> Response:
    """A plan, line by line."""
    return _plan(request, site, id, job=job, done=done)


@router.post("/plans/{id}/leave-out", include_in_schema=False)
def put_aside(
    request: Request,
    site: TheSite,
    user: Steward,
    id: Id,
    line: Annotated[list[Annotated[int, Form(ge=1, le=_LAST)]], Form(max_length=500)] = [],  # noqa: B006  FastAPI copies it
    reason: Reason = "",
) -> Response:
    """Leave lines out of this plan, and of those to come until their record changes."""
    try:
        number = leave_out(site.store, id, line, reason=reason, who=user.name, now=time.now())
    except Busy as problem:
        return _plan(request, site, id, problem=problem, status=409)
    except SolmuError as problem:
        return _plan(request, site, id, problem=problem, status=422)
    return RedirectResponse(f"/plans/{quote(id)}?done={number}", 303)


@router.post("/plans/{id}/anew", include_in_schema=False)
def anew(
    request: Request, site: TheSite, user: Steward, id: Id, line: Annotated[int, Form(ge=1, le=_LAST)]
) -> Response:
    """Let the next plan take up a line that was left out, or that the target rejected."""
    try:
        plan_anew(site.store, line, who=user.name, now=time.now())
    except SolmuError as problem:
        return _plan(request, site, id, problem=problem, status=409)
    return RedirectResponse(f"/plans/{quote(id)}", 303)


@router.post("/plans/{id}/apply", include_in_schema=False)
def send(
    site: TheSite,
    user: Steward,
    id: Id,
    override: Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Form(max_length=20)] = [],  # noqa: B006
) -> Response:
    """Send what is left of a plan. Only an administrator may let a guard pass."""
    with site.read() as connection:
        head = plan_head(connection, id)
    if head["draft"]:
        raise SolmuError(texts()("plans.draft-not-sent"), code="draft", expected=texts()("plans.draft-do"), value=id)
    passed = [name for name in override if name in GUARDS]
    if passed and not user.role.may(user.role.ADMINISTRATOR):
        raise SolmuError(
            texts()("plans.not-you"), code="not-allowed", expected=texts()("plans.not-you-do"), value=", ".join(passed)
        )
    _target(site.hub, head["target"])
    job = site.jobs.start(
        "apply", f"{_WORK}:send", who=user.name, then=f"/plans/{quote(id)}?job={{id}}", plan=id, override=passed
    )
    return RedirectResponse(f"/jobs/{job.id}", 303)


@router.get("/api/plans/{id}")
def api_plan(site: TheSite, id: Id) -> Any:
    """A plan with its lines counted by object, action and state; 404 where there is none of that id."""
    with site.read() as connection:
        return plan_head(connection, id)


def _plan(
    request: Request,
    site: Site,
    id: str,
    *,
    job: str = "",
    done: int | None = None,
    problem: SolmuError | None = None,
    status: int = 200,
) -> Response:
    asked = request.query_params
    with site.read() as connection:
        head = plan_head(connection, id)
        state = arming(connection, head["target"])
        users = owners(connection)
        look = lines_listing(head, users).answer(request, connection)
    if isinstance(look, Response):
        return look
    found = site.jobs.find(job) if job else None
    told = found.result if found is not None and found.kind == "apply" else None
    held = head["held"]
    return render(
        request,
        "plan.html",
        status_code=status,
        head=head,
        armed=state,
        look=look,
        users=users,
        unfolded=bool(asked.get("open")),
        kinds=kinds_of(head),
        lines=[shown(row) | ({"told": "plan", "left_out": False} if head["draft"] else {}) for row in look.rows],
        why=why_not(head, state.left, armed=state.armed),
        guard=held["code"] if held and held["code"] in GUARDS else None,
        told=told,
        became=became(head),
        done=done,
        problem=problem,
        known=head["target"] in site.hub.connections,
        filtered=any(asked.get(name) for name in ("object", "action", "state")),
    )


def _target(hub: Hub, name: str) -> None:
    config = hub.connections.get(name)
    if config is None or not config.is_target or not config.enabled:
        raise SolmuError(texts()("plans.no-target"), code="no-target", value=name, expected=texts()("plans.a-target"))
