"""One small call to an address that somebody gave us."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from solmu.errors import Fatal, Retriable
from solmu.notify.attempts import attempt

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LATER = (408, 425, 429)


def call(
    method: Literal["GET", "POST"], address: str, *, content: bytes | None = None, timeout: float, what: str
) -> None:
    """Make the call, up to three times; ``content`` is JSON. The answer's body is not read.

    ``what`` names the other side in errors, which never show the address: it is a secret. A redirect is not followed,
    so that nobody else gets that secret. Raises Retriable where it did not go through, Fatal where it was refused.
    """
    try:
        there = urlsplit(address)
        host = there.hostname if there.scheme in ("http", "https") else None
    except ValueError:
        host = None
    if not host:
        raise Fatal(f"{what} has no address that can be called", code="no-address", expected="https://…")
    by_proxy = host not in _LOOPBACK  # a proxy has no business between two programs on one machine
    attempt(lambda: _once(method, address, content, timeout, what, by_proxy))


def _once(method: str, address: str, content: bytes | None, timeout: float, what: str, by_proxy: bool) -> None:
    import httpx

    headers = {"User-Agent": "solmu"} | ({"Content-Type": "application/json"} if content is not None else {})
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=False, trust_env=by_proxy) as client,
            client.stream(method, address, content=content, headers=headers) as response,
        ):
            status, asked = response.status_code, response.headers.get("Retry-After", "")
    except httpx.InvalidURL:
        raise Fatal(f"{what} has no address that can be called", code="no-address", expected="https://…") from None
    except httpx.HTTPError as error:
        raise Retriable(f"{what} did not answer: {type(error).__name__}", code="no-answer") from None
    if 200 <= status < 300:
        return
    if status >= 500 or status in _LATER:
        after = float(asked) if asked.isascii() and asked.isdigit() else None
        raise Retriable(f"{what} could not take it (HTTP {status})", code="no-answer", retry_after=after)
    if 300 <= status < 400:
        raise Fatal(
            f"{what} points to another address (HTTP {status})", code="redirected", expected="the final address"
        )
    raise Fatal(f"{what} refuses it (HTTP {status})", code="refused")
