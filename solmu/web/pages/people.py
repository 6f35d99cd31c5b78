"""People and rights: who may sign in and what they may do, and what the audit says they did."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from sqlalchemy import select
from starlette.responses import RedirectResponse, Response

from solmu.errors import SolmuError
from solmu.store.tables import audit
from solmu.web import passwords, tokens, users, words
from solmu.web.access import Administrator
from solmu.web.listing import Column, Listing
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.roles import Role
from solmu.web.site import Site, TheSite

router = APIRouter(include_in_schema=False)
PAGE = Page("people", "/people", router, role=Role.ADMINISTRATOR, order=100)
Name = Annotated[str, Form(max_length=200)]
Secret = Annotated[str, Form(max_length=4096)]

AUDIT = Listing(
    "audit",
    (
        Column("at", "people.audit.at", audit.c.at, kind="moment"),
        Column("who", "people.audit.who", audit.c.who, filter="equals"),
        Column(
            "what", "people.audit.what", audit.c.what, filter="starts", choices=words.actions(),
            words=lambda row: words.done(row["what"]),
        ),
        Column(
            "subject", "people.audit.subject", audit.c.subject, filter="equals",
            words=lambda row: words.subject(row["subject"]),
        ),
        Column("detail", "people.audit.detail", audit.c.detail, words=lambda row: words.detail(row["detail"])),
        Column("digest", "people.audit.digest", audit.c.digest, shown=False),
        Column("id", "people.audit.id", audit.c.id, shown=False, sort=True),
    ),
    select(audit),
    audit.c.id,
    "-id",
)  # fmt: skip


@router.get("/people")
def people(request: Request, site: TheSite, done: str = "") -> Response:
    """Who may sign in."""
    return _page(request, site, done=done[:200])


@router.post("/people/add")
def add(
    request: Request, site: TheSite, user: Administrator, name: Name = "", role: Name = "", password: Secret = ""
) -> Response:
    """Let somebody in, with a password that they have to change first."""
    try:
        passwords.check(password, name=name.strip().lower())
        hashed = passwords.hashed(password)
        with site.write() as connection:
            users.add(connection, name, _role(role), hashed, by=user.name, must_change=True)
    except SolmuError as problem:
        return _page(request, site, problem=problem, adding={"name": name, "role": role})
    return _done(name)


@router.post("/people/role")
def role(request: Request, site: TheSite, user: Administrator, name: Name = "", role: Name = "") -> Response:
    """Change what somebody may do."""
    try:
        with site.write() as connection:
            users.give_role(connection, name, _role(role), by=user.name)
    except SolmuError as problem:
        return _page(request, site, problem=problem)
    return _done(name)


@router.post("/people/password")
def password(request: Request, site: TheSite, user: Administrator, name: Name = "", password: Secret = "") -> Response:
    """Give somebody a password that they have to change first."""
    try:
        passwords.check(password, name=name.strip().lower())
        hashed = passwords.hashed(password)
        with site.write() as connection:
            users.set_password(connection, name, hashed, by=user.name, must_change=True)
    except SolmuError as problem:
        return _page(request, site, problem=problem)
    return _done(name)


@router.post("/people/remove")
def remove(request: Request, site: TheSite, user: Administrator, name: Name = "") -> Response:
    """Let somebody in no more."""
    try:
        with site.write() as connection:
            users.remove(connection, name, by=user.name)
    except SolmuError as problem:
        return _page(request, site, problem=problem)
    return _done(name)


@router.post("/people/revoke")
def revoke(request: Request, site: TheSite, user: Administrator, name: Name = "") -> Response:
    """Let nobody in with a token any more."""
    try:
        with site.write() as connection:
            tokens.revoke(connection, name, by=user.name)
    except SolmuError as problem:
        return _page(request, site, problem=problem)
    return RedirectResponse("/people", 303)


@router.get("/people/audit")
def show_audit(request: Request, site: TheSite) -> Response:
    """Who did what, the newest first."""
    with site.read() as connection:
        look = AUDIT.answer(request, connection)
    return look if isinstance(look, Response) else render(request, "people_audit.html", look=look)


@router.get("/people/{name}")
def person(request: Request, site: TheSite, name: str) -> Response:
    """One of them: role, password, removal."""
    with site.read() as connection:
        found = users.find(connection, name[:200])
    return render(request, "people_one.html", person=found, roles=list(Role))


def _page(
    request: Request,
    site: Site,
    *,
    problem: SolmuError | None = None,
    adding: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    with site.read() as connection:
        everyone, machines = users.everyone(connection), tokens.everything(connection)
    return render(
        request,
        "people.html",
        status_code=422 if problem else 200,
        everyone=everyone,
        machines=machines,
        problem=problem,
        adding=adding or {"name": "", "role": Role.VIEWER.value},
        roles=list(Role),
        done=done if any(each.name == done for each in everyone) else "",
        shortest=passwords.SHORTEST,
    )


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise SolmuError("there is no such role", code="role", field="role", expected=", ".join(Role)) from None


def _done(name: str) -> Response:
    return RedirectResponse(f"/people?done={quote(name.strip().lower())}", 303)
