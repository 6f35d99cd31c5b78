"""Reads a request's body, never more of it than is allowed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

DRAINED = 16 * 1_048_576
"""Bytes of a body that is too large which are read and dropped, so that the sender gets to read why."""


class TooLarge(Exception):
    """The body is larger than allowed. ``rest`` says whether some of it was left unread."""

    def __init__(self, rest: bool) -> None:
        super().__init__()
        self.rest = rest


class Gone(Exception):
    """The sender hung up before the body was complete."""


async def read_body(
    receive: Receive, headers: Mapping[str, str], limit: int, take: Callable[[int], None], seconds: float
) -> bytes:
    """The body, at most ``limit`` bytes; ``take`` is told of each part before it is kept. It may take ``seconds``.

    Raises TooLarge, Gone, TimeoutError, and whatever ``take`` raises.
    """
    async with asyncio.timeout(seconds):
        if _announced(headers) > limit:
            # Who asks before it sends has sent nothing yet: there is nothing to drop.
            raise TooLarge(rest="expect" in headers or not await _drained(receive))
        parts: list[bytes] = []
        size = 0
        while True:
            part, more = await _part(receive)
            size += len(part)
            if size > limit:
                raise TooLarge(rest=more and not await _drained(receive))
            take(len(part))
            parts.append(part)
            if not more:
                return parts[0] if len(parts) == 1 else b"".join(parts)


async def _part(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] != "http.request":
        raise Gone
    return message.get("body", b""), message.get("more_body", False)


async def _drained(receive: Receive) -> bool:
    dropped, more = 0, True
    while more and dropped < DRAINED:
        part, more = await _part(receive)
        dropped += len(part)
    return not more


def _announced(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else 0
