"""What goes wrong, in plain words: a page for people, JSON below /api/."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from solmu.errors import Busy, ConfigurationError, Retriable, SolmuError
from solmu.review.decide import Moved
from solmu.web import again
from solmu.web.access import PASSWORD_PATH, NotAllowed, PasswordFirst, SignInFirst
from solmu.web.render import render
from solmu.web.texts import texts
from solmu.web.visit import visit_of

log = logging.getLogger(__name__)
API = "/api/"
_SIGN_IN = ("stale-form", "sign-in")
"""What happens to who has waited too long: signing in mends it."""


class Refused(Exception):
    """The gate lets a request through to no page. ``code`` names the text that says why."""

    def __init__(self, status: int, code: str, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers = headers


def register(app: FastAPI) -> None:
    """Handle all of them."""
    app.add_exception_handler(SignInFirst, _sign_in)
    app.add_exception_handler(PasswordFirst, _password)
    app.add_exception_handler(NotAllowed, _not_allowed)
    app.add_exception_handler(SolmuError, _ours)
    app.add_exception_handler(SQLAlchemyError, _database)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _plain)


def answer(request: Request, status: int, code: str, error: BaseException | None = None) -> Response:
    """Say it. ``code`` is a text below ``problem``; one of our own errors says for itself what is wrong, though only to
    whoever has signed in: it may name files and settings."""
    if visit_of(request).user is None:
        error = None
    if request.url.path.startswith(API):
        told = error if isinstance(error, SolmuError) else SolmuError(texts()(f"problem.{code}.text"), code=code)
        return JSONResponse({"error": told.as_dict()}, status)
    ours = error if isinstance(error, SolmuError) else None
    form = again.kept(request) if code in _SIGN_IN else None
    return render(
        request,
        "problem.html",
        status_code=status,
        code=code,
        error=ours,
        form=form,
        here=again.where(request),
        signs_in=code in _SIGN_IN and visit_of(request).user is None,
    )


def status_of(error: SolmuError) -> int:
    """The HTTP status of one of our own errors: 409 where another moved something, 404 where it is not there."""
    if error.code == "not-found" or error.code.startswith("no-"):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, Moved | Busy):
        return HTTPStatus.CONFLICT
    if isinstance(error, Retriable | ConfigurationError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.UNPROCESSABLE_ENTITY


async def _sign_in(request: Request, _error: Exception) -> Response:
    if request.url.path.startswith(API) or request.method != "GET":
        said = answer(request, 401, "sign-in")
        said.headers["www-authenticate"] = "Bearer"
        return said
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(back)}" if back != "/" else "/sign-in", 303)


async def _password(request: Request, _error: Exception) -> Response:
    if request.url.path.startswith(API):
        return answer(request, 403, "password-first")
    return RedirectResponse(PASSWORD_PATH, 303)


async def _not_allowed(request: Request, _error: Exception) -> Response:
    return answer(request, 403, "not-allowed")


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, SolmuError)
    return answer(request, status_of(error), "wrong", error)


async def _database(request: Request, error: Exception) -> Response:
    if isinstance(error, DataError):  # such as a text with a zero in it, which PostgreSQL does not have
        return answer(request, 422, "not-understood")
    # SQLAlchemy's text may hold the statement, and with it what a customer said.
    log.warning("the store could not be asked: %s", type(error).__name__)
    return answer(request, 503, "not-ready")


async def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    said, of_page = texts(), not request.url.path.startswith(API)
    if of_page and first["loc"][0] == "path":  # an address that no page has ever shown
        return answer(request, 404, "not-found")
    name = ".".join(str(part) for part in first["loc"][1:])
    message = said("problem.not-understood.of", field=name) if name else said("problem.not-understood.text").rstrip(".")
    told = SolmuError(
        message, code="not-understood", field=name, expected=_expected(first) if of_page else first["msg"]
    )
    return answer(request, 422, "not-understood", told)


def _expected(wrong: Mapping[str, Any]) -> str:
    """What would be right, in words: pydantic's own are for programmers."""
    said, limits = texts(), wrong.get("ctx") or {}
    if "max_length" in limits:
        return said("problem.right.letters", n=limits["max_length"])
    least, most = limits.get("ge"), limits.get("le")
    if least is not None or most is not None:
        return said("problem.right.least", n=least) if most is None else said("problem.right.most", n=most)
    kind = str(wrong["type"])
    if kind == "missing":
        return said("problem.right.something")
    if kind.startswith("int"):
        return said("problem.right.number")
    if kind in ("literal_error", "enum"):
        return str(limits["expected"]).replace("'", "")
    return said("problem.right.choice")


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "not-found", 405: "not-found", 413: "too-large"}.get(error.status_code, "not-understood")
    said = answer(request, error.status_code, code)
    said.headers.update(error.headers or {})
    return said
