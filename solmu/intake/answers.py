"""What senders are told: a status that they act on, and one JSON document for the person who reads their log.

Senders repeat after 429 and 5xx, and mostly never after another 4xx; after 404 or 410 some switch the webhook off at
once (Typeform: https://www.typeform.com/developers/webhooks/, HubSpot:
https://legacydocs.hubspot.com/docs/methods/workflows/webhook_information). So whatever is our trouble and may be
mended is 503, and 404 is kept for an address that never was one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from solmu.intake.body import Message

Send = Callable[[Message], Awaitable[None]]

RETRY_SECONDS = 30
"""After how long a sender should come again when something must be mended first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, document and headers beyond the usual."""

    status: int
    document: dict[str, Any]
    headers: tuple[tuple[str, str], ...] = field(default=())

    async def send(self, send: Send) -> None:
        """Give it to the web server."""
        body = json.dumps(self.document).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            *((name.encode(), value.encode()) for name, value in self.headers),
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


ACCEPTED = Answer(200, {"accepted": True, "repeated": False})
REPEATED = Answer(200, {"accepted": True, "repeated": True})


def refusal(status: int, code: str, message: str, expected: str, **headers: str) -> Answer:
    """An answer that says what is wrong and what would be right; ``retry_after`` becomes the header Retry-After."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(status, {"error": {"code": code, "message": message, "expected": expected}}, named)


NOT_POST = refusal(405, "method", "deliveries are posted", "POST", allow="POST")
NO_SUCH_DOOR = refusal(404, "no-such-connection", "nothing is received at this address", "/in/<connection>")
UNVERIFIED = refusal(
    401, "unverified", "the delivery is not signed as this connection expects", "the signature of the shared secret"
)
TOO_SLOW = refusal(
    408, "too-slow", "the body did not arrive in time", "a body that is sent at once", connection="close"
)
TOO_DEEP = refusal(400, "too-deep", "the body is nested deeper than it can be read", "a flatter document")
SHUT = refusal(
    503,
    "not-now",
    "this connection takes no deliveries at the moment",
    "the same delivery again later",
    retry_after=str(RETRY_SECONDS),
)
NOT_STORED = refusal(
    503,
    "not-stored",
    "the delivery could not be stored",
    "the same delivery again later",
    retry_after=str(RETRY_SECONDS),
)
BUSY = refusal(
    503, "busy", "too much is being received at the moment", "the same delivery again later", retry_after="5"
)
FAILED = refusal(500, "failed", "the delivery could not be judged", "the same delivery again later")


def too_large(limit: int, *, close: bool) -> Answer:
    """Above the size limit; ``close`` where the sender is still sending."""
    return refusal(
        413,
        "too-large",
        "the body is too large",
        f"at most {limit} bytes",
        **({"connection": "close"} if close else {}),
    )


def too_many(wait: float) -> Answer:
    """Above the rate limit; in ``wait`` seconds one may pass."""
    return refusal(429, "too-many", "too many deliveries", "fewer a second", retry_after=str(max(1, math.ceil(wait))))


def later(wait: float | None) -> Answer:
    """The connector itself asks for another time."""
    seconds = RETRY_SECONDS if wait is None else max(1, math.ceil(wait))
    return refusal(
        503, "not-now", "the delivery cannot be judged now", "the same delivery again later", retry_after=str(seconds)
    )
