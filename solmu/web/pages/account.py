"""One's own account: the password, and signing out wherever else one is signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from solmu.errors import SolmuError
from solmu.web import passwords, sessions, users
from solmu.web.access import PASSWORD_PATH, Viewer
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.site import TheSite
from solmu.web.visit import give

router = APIRouter(include_in_schema=False)
PAGE = Page("account", PASSWORD_PATH, router)
Typed = Annotated[str, Form(max_length=4096)]


@router.get(PASSWORD_PATH)
def account(request: Request, user: Viewer, done: bool = False) -> Response:
    """The form."""
    return render(request, "account.html", problem=None, done=done)


@router.post(PASSWORD_PATH)
def change(
    request: Request, site: TheSite, user: Viewer, password: Typed = "", new: Typed = "", again: Typed = ""
) -> Response:
    """Take a new password; other browsers that one is signed in with are signed out."""
    with site.read() as connection:
        kept = users.kept_password(connection, user.name)
    address = request.client.host if request.client else ""
    try:
        if site.attempts.take(address, user.name) or not passwords.fits(password, kept):
            raise SolmuError("this is not your password", code="password", field="password")
        site.attempts.succeeded(address, user.name)
        if new != again:
            raise SolmuError("the two are not the same", code="password", field="again")
        passwords.check(new, name=user.name)
    except SolmuError as problem:
        return render(request, "account.html", status_code=422, problem=problem, done=False)
    hash = passwords.hashed(new)
    with site.write() as connection:
        users.set_password(connection, user.name, hash, by=user.name)
        token = sessions.begin(connection, user.id)
    response = RedirectResponse(f"{PASSWORD_PATH}?done=1" if not user.must_change else "/", 303)
    give(request, response, token)
    return response
