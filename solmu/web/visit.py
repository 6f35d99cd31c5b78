"""Who is looking: what each request knows of its browser, and how the cookie says so."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from solmu.web.users import User


@dataclass(frozen=True, slots=True)
class Visit:
    """One request's browser. ``secret`` is the session's token, or a random one before signing in; None at first."""

    secret: str | None
    user: User | None
    machine: bool = False
    """Whether it brought a token with it, as no page of elsewhere can have a browser do."""

    @property
    def csrf(self) -> str:
        """What forms of this browser have to bring with them: nobody else can know it."""
        return "" if self.secret is None else hmac.digest(self.secret.encode(), b"csrf", hashlib.sha256).hex()

    def knows(self, token: str | None) -> bool:
        """Whether that is this browser's token."""
        return bool(self.secret and token) and hmac.compare_digest(self.csrf.encode(), str(token).encode())


def visit_of(request: Request) -> Visit:
    """The visit that the gate found."""
    visit: Visit = request.state.visit
    return visit


def cookie_name(request: Request) -> str:
    """Bound to the host where that can be; on plain HTTP with the port, as cookies of one machine share their ports."""
    if request.url.scheme == "https":
        return "__Host-solmu"
    return f"solmu-{request.url.port or 80}"


def give(request: Request, response: Response, secret: str | None = None) -> str:
    """Set the cookie; for a random token if none is given."""
    secret = secret or secrets.token_urlsafe(32)
    response.set_cookie(
        cookie_name(request), secret, path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )
    return secret


def take_away(request: Request, response: Response) -> None:
    """Remove the cookie."""
    response.delete_cookie(
        cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )
