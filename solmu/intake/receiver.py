"""Answers what systems push: checked, stored durably, acknowledged. What it says is for landing to read.

``routes`` gives what a web application mounts: ``POST /in/<connection>`` (with anything below it) and ``/healthz``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request as WebRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from solmu.errors import Retriable, Skippable, SolmuError, Unverified
from solmu.exchange import Delivery, Request
from solmu.intake import answers
from solmu.intake.answers import Answer, Send
from solmu.intake.body import Gone, Message, Receive, TooLarge, read_body
from solmu.intake.doors import Doors, Shut
from solmu.intake.limits import Budget, Full, Rate
from solmu.intake.refusals import Refusals
from solmu.intake.writer import NotStored, Writer
from solmu.store import time

log = logging.getLogger(__name__)

BODY_SECONDS = 20.0
"""How long a sender may take over one body. A proxy in front has usually read it whole before we see it."""

LARGE = 65_536
"""Bytes from which on a body is judged in a thread, so that others need not wait for it."""

WRONG_TYPE = frozenset({"content-type", "unsupported-media-type"})
"""Codes of a Skippable that mean 415; any other one means 400."""


class Receiver:
    """The doors of a hub as an ASGI application. Mount it; see ``routes``."""

    def __init__(self, doors: Doors, writer: Writer, refusals: Refusals) -> None:
        self._doors = doors
        self._writer = writer
        self._refusals = refusals
        self._rate = Rate()
        self._budget = Budget()

    def routes(self) -> list[BaseRoute]:
        """What an application needs to receive: it may have other routes beside them."""
        return [Route("/healthz", _healthy, methods=["GET"]), Mount("/in", app=self)]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1003})
            return
        try:
            answer = await self._answer(scope, receive)
        except Gone:
            return
        await answer.send(send)

    async def _answer(self, scope: Message, receive: Receive) -> Answer:
        if scope["method"] != "POST":
            return answers.NOT_POST
        below = str(scope["path"]).removeprefix(scope.get("root_path", "")).removeprefix("/")
        name, slash, rest = below.partition("/")
        try:
            connector = self._doors.find(name)
        except Shut:
            return answers.SHUT
        if connector is None:
            return answers.NO_SUCH_DOOR
        settings = self._doors.settings
        wait = self._rate.wait(name, (scope.get("client") or ("",))[0], settings.rate)
        if wait:
            return answers.too_many(wait)
        headers = _headers(scope)
        with self._budget.share() as take:
            try:
                body = await read_body(receive, headers, settings.max_body, take, BODY_SECONDS)
            except TooLarge as large:
                return answers.too_large(settings.max_body, close=large.rest)
            except TimeoutError:
                return answers.TOO_SLOW
            except Full:
                return answers.BUSY
            request = Request(
                "POST", slash + rest, _url(scope, headers, settings.public_url), headers, body, datetime.now(UTC)
            )
            return await self._receive(connector, name, request)

    async def _receive(self, connector: Any, name: str, request: Request) -> Answer:
        try:
            delivery = await _verified(connector, request)
        except Unverified as error:
            self._refuse(name, error.code, request)
            return answers.UNVERIFIED
        except Skippable as error:
            self._refuse(name, error.code, request)
            status = 415 if error.code in WRONG_TYPE else 400
            return answers.refusal(status, error.code, error.message, error.expected or "another delivery")
        except RecursionError:
            self._refuse(name, "too-deep", request)
            return answers.TOO_DEEP
        except Retriable as error:
            return answers.later(error.retry_after)
        except SolmuError as error:
            log.warning("%s takes no deliveries: %s", name, error)
            return answers.SHUT
        except Exception as error:
            # A defect of the connector's; its text may quote what was sent.
            log.error("%s could not judge a delivery: %s", name, type(error).__name__)
            return answers.FAILED
        try:
            new = await self._writer.store(name, delivery.id, request)
        except NotStored:
            return answers.NOT_STORED
        return answers.ACCEPTED if new else answers.REPEATED

    def _refuse(self, name: str, code: str, request: Request) -> None:
        if self._refusals.count(name, code, request.body, time.now()):
            log.warning("%s was sent something that is not accepted: %s", name, code)


async def _verified(connector: Any, request: Request) -> Delivery:
    judge = connector.verify
    delivery: Delivery = await asyncio.to_thread(judge, request) if len(request.body) > LARGE else judge(request)
    return delivery


async def _healthy(_request: WebRequest) -> Response:
    return JSONResponse({"ok": True})


def _headers(scope: Message) -> dict[str, str]:
    """Names in lower case; of a header that came twice both values, as a list."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _url(scope: Message, headers: Mapping[str, str], public_url: str | None) -> str:
    """The address that the sender called, byte by byte: some signatures cover it."""
    base = public_url.rstrip("/") if public_url else f"{scope['scheme']}://{headers.get('host', '')}"
    path = (scope.get("raw_path") or str(scope["path"]).encode()).decode("latin-1")
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{base}{path}" + (f"?{query}" if query else "")
