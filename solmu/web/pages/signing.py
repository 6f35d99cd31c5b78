"""Signing in and out."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from solmu.store import time
from solmu.web import audit, passwords, sessions, users
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.site import TheSite
from solmu.web.visit import Visit, give, take_away, visit_of

router = APIRouter(include_in_schema=False)
PAGE = Page("signing", "/sign-in", router, public=True)


@router.get("/sign-in")
def sign_in(request: Request, site: TheSite, next: str = "/") -> Response:
    """The form."""
    if visit_of(request).user is not None:
        return RedirectResponse(_ours(next), 303)
    return _form(request, site, next)


@router.post("/sign-in")
def signing_in(
    request: Request,
    site: TheSite,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=4096)] = "",
    next: Annotated[str, Form(max_length=4096)] = "/",
) -> Response:
    """Sign in. An unknown user and a wrong password get the same answer, after the same time."""
    address = request.client.host if request.client else ""
    wait = site.attempts.take(address, name)
    if wait:
        return _form(request, site, next, name=name, wait=int(wait // 60) + 1, status=429)
    with site.read() as connection:
        kept = users.kept_password(connection, name)
    if not passwords.fits(password, kept):
        with site.write() as connection:
            audit.note(connection, audit.NOBODY, "sign-in failed", values=[name.strip().lower(), address])
        return _form(request, site, next, name=name, wrong=True, status=401)
    site.attempts.succeeded(address, name)
    rules = site.hub.settings.web
    with site.write() as connection:
        user = users.find(connection, name)
        before = visit_of(request).secret
        if before is not None:
            sessions.end(connection, before)
        sessions.forget_expired(connection, idle_minutes=rules.idle_minutes, longest_minutes=rules.session_hours * 60)
        token = sessions.begin(connection, user.id, now=time.now())
        audit.note(connection, user.name, "signed in", f"user:{user.id}", values=[address])
    if kept is not None and passwords.outdated(kept):
        with site.write() as connection:
            users.rehash(connection, user.id, kept, passwords.hashed(password))
    response = RedirectResponse(_ours(next), 303)
    give(request, response, token)
    return response


@router.post("/sign-out")
def sign_out(request: Request, site: TheSite) -> Response:
    """Sign out."""
    visit = visit_of(request)
    if visit.user is not None and visit.secret is not None:
        with site.write() as connection:
            sessions.end(connection, visit.secret)
            audit.note(connection, visit.user.name, "signed out", f"user:{visit.user.id}")
    response = RedirectResponse("/sign-in", 303)
    take_away(request, response)
    return response


def _form(
    request: Request,
    site: TheSite,
    next: str,
    *,
    name: str = "",
    wrong: bool = False,
    wait: int = 0,
    status: int = 200,
) -> Response:
    cookie = secrets.token_urlsafe(32) if visit_of(request).secret is None else None
    if cookie is not None:
        request.state.visit = Visit(cookie, None)  # so that the form's token is of the cookie that comes with it
    response = render(
        request,
        "sign_in.html",
        status_code=status,
        next=_ours(next),
        name=name,
        wrong=wrong,
        wait=wait,
        nobody=not site.somebody_may_sign_in(),
        folder=site.folder,
    )
    if cookie is not None:
        give(request, response, cookie)
    if wait:
        response.headers["retry-after"] = str(wait * 60)
    return response


def _ours(path: str) -> str:
    """Where to go on to: a page of this site, whatever the address said."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
