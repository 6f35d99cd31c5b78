"""What every request passes before any page sees it: who is looking, and whether the request is from our own pages.

A request that changes something must come from this site (``Origin``) *and* bring the token that only this browser's
pages hold: as the field ``csrf`` of a plain form, else as the header ``X-CSRF-Token``. It is checked here, for all
routes, so that none can forget to. A machine that asks for JSON with a token of its own (``Authorization: Bearer``)
needs neither: no browser sends that header by itself. Every answer gets headers that forbid the browser whatever the
pages do not need.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from math import ceil
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse

from solmu.errors import SolmuError
from solmu.intake.limits import Rate
from solmu.web import again, problems
from solmu.web.site import Site
from solmu.web.tokens import MOST_A_SECOND
from solmu.web.visit import Visit, cookie_name

log = logging.getLogger(__name__)
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_FORM = 1_048_576
LARGEST_UPLOAD = 64 * 1_048_576
"""Bytes that a request may have; an upload is a file with the token in its header, from somebody who has signed in."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_STATIC = "/static/"
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")


class Gate:
    """The middleware."""

    def __init__(self, app: App, site: Site) -> None:
        self._app = app
        self._site = site
        self._rate = Rate()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        # The path as it was asked for: `request.url` is put together with whatever the sender calls this host.
        is_static = scope["path"].startswith(_STATIC)
        guarded = _with_headers(send, None if is_static else "no-store")
        scope.setdefault("state", {})["visit"] = Visit(None, None)
        if not _is_host(request.headers.get("host", "")):
            await PlainTextResponse("this is no name of a host", 400)(scope, receive, guarded)
            return
        if is_static:
            await self._app(scope, receive, guarded)
            return
        try:
            secret = _bearer(request)
            if secret is None:
                visit = await run_in_threadpool(self._site.visit, request.cookies.get(cookie_name(request)))
            else:
                visit = await self._machine(request, secret)
            scope["state"]["visit"] = visit
            if request.method not in SAFE:
                receive = await _checked(request, visit, receive, self._site.hub.settings.intake.public_url)
        except problems.Refused as refused:
            answer = problems.answer(request, refused.status, refused.code)
            answer.headers.update(refused.headers)
            await answer(scope, receive, guarded)
        except (SolmuError, SQLAlchemyError, OSError) as error:
            log.warning("a page could not be shown: %s", error if isinstance(error, SolmuError) else type(error))
            await problems.answer(request, 503, "not-ready", error)(scope, receive, guarded)
        else:
            await self._pass(scope, receive, guarded, request)

    async def _machine(self, request: Request, secret: str) -> Visit:
        """Whose token it is. Raises Refused for one that is nobody's, and for one that asks too often."""
        address = request.client.host if request.client else ""
        if wait := self._site.attempts.wait(address):
            raise problems.Refused(429, "too-often", {"retry-after": str(ceil(wait))})
        visit = await run_in_threadpool(self._site.machine, secret)
        if visit is None or visit.user is None:
            self._site.attempts.failed(address)
            raise problems.Refused(401, "no-token", {"www-authenticate": 'Bearer error="invalid_token"'})
        if wait := self._rate.wait(visit.user.name, "", MOST_A_SECOND):
            raise problems.Refused(429, "too-often", {"retry-after": str(ceil(wait))})
        return visit

    async def _pass(self, scope: Message, receive: Receive, send: Send, request: Request) -> None:
        begun = False

        async def tell(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, tell)
        except ClientDisconnect:  # nobody is there to be answered
            return
        except Exception as error:
            # A defect. Its text may quote what a customer said, so the log gets the places only.
            log.error("a page failed: %s", places(error))
            if begun:
                raise
            await problems.answer(request, 500, "unforeseen")(scope, receive, send)


def _bearer(request: Request) -> str | None:
    """The token that a machine brings; only what is answered as JSON can be asked for with one."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" and request.scope["path"].startswith(problems.API) else None


def _is_host(text: str) -> bool:
    found = _HOST.fullmatch(text)
    return found is not None and int(found[2] or 0) < 65_536


def places(error: BaseException) -> str:
    """What kind of error it was, and where, without its text."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return f"{type(error).__name__} at {', '.join(f'{frame.filename}:{frame.lineno}' for frame in frames)}"


async def _checked(request: Request, visit: Visit, receive: Receive, public_url: str | None) -> Receive:
    """Raises Refused unless it is from a page of ours, or a machine's. Gives what the body can be read from."""
    if not visit.machine and not _from_here(request, public_url):
        raise problems.Refused(403, "foreign")
    token = request.headers.get("x-csrf-token")
    kind = request.headers.get("content-type", "")
    is_told = visit.machine or bool(token)
    most = LARGEST_UPLOAD if is_told and visit.user and kind.startswith("multipart/form-data") else LARGEST_FORM
    try:
        if int(request.headers.get("content-length") or 0) > most:
            raise problems.Refused(413, "too-large")
    except ValueError:
        raise problems.Refused(400, "not-understood") from None
    if visit.machine:
        return _limited(receive, most)
    if token is None and kind.startswith("application/x-www-form-urlencoded"):
        body = await _whole(receive, most)
        again.keep(request, body)
        # One field too many is no reason to look at them all.
        try:
            fields = parse_qs(body.decode("latin-1"), max_num_fields=10_000)
        except ValueError:
            raise problems.Refused(400, "not-understood") from None
        token = fields.get("csrf", [None])[0]
        receive = _again(body, receive)
    else:
        receive = _limited(receive, most)
    if not visit.knows(token):
        raise problems.Refused(403, "stale-form")
    return receive


def _from_here(request: Request, public_url: str | None) -> bool:
    """Browsers send ``Origin`` with every POST; what sends none is no page of ours.

    ``public_url`` is where a proxy that does not tell is reached.
    """
    origin = request.headers.get("origin") or request.headers.get("referer") or ""
    site = request.headers.get("sec-fetch-site", "same-origin")
    ours = {request.headers.get("host", "").lower(), urlsplit(public_url or "").netloc.lower()} - {""}
    try:
        return site == "same-origin" and urlsplit(origin).netloc.lower() in ours
    except ValueError:  # no address at all
        return False


async def _whole(receive: Receive, most: int) -> bytes:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise problems.Refused(400, "not-understood")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise problems.Refused(413, "too-large")
        more = message.get("more_body", False)
    return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    told = False

    async def tell() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return tell


def _limited(receive: Receive, most: int) -> Receive:
    size = 0

    async def tell() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:  # a sender that did not say how much there is
            raise HTTPException(413)
        return message

    return tell


def _with_headers(send: Send, caching: str | None) -> Send:
    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if caching is not None:
                headers["cache-control"] = caching
        await send(message)

    return tell
