"""What a delivery is judged by, and what judging has in common."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from solmu.errors import Unverified
from solmu.exchange import Request

TOLERANCE = timedelta(minutes=5)
"""How far a signed time may lie from ours; what Standard Webhooks and HubSpot state."""


@dataclass(frozen=True, slots=True)
class Terms:
    """``secrets``: each of them counts, so that one can be replaced without a gap. ``header``: where a shared secret
    stands. ``url``: the address as the sender was given it, where a proxy hides that."""

    secrets: tuple[str, ...] = field(repr=False)
    tolerance: timedelta = TOLERANCE
    header: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """A body as its sender would send it: with which headers (lower case), to which ``path`` after the address."""

    body: bytes
    headers: dict[str, str]
    path: str = ""


class Verify(Protocol):
    """Returns where a request is genuine; raises Unverified where it is not."""

    def __call__(self, request: Request, terms: Terms, /) -> None: ...


class Sign(Protocol):
    """Signs a body as the sender would: for tests, for the demo, and for trying a connection out."""

    def __call__(self, secret: str, body: bytes, *, at: datetime, id: str, url: str, header: str | None) -> Signed: ...


@dataclass(frozen=True, slots=True)
class Scheme:
    """How one sender shows that a delivery is its own. ``about`` says it to a person."""

    name: str
    about: str
    verify: Verify
    sign: Sign


def equal(left: str, right: str) -> bool:
    """Whether two texts are equal, in a time that does not tell how far they are."""
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))


def matches(offered: Iterable[str], expected: Iterable[str]) -> bool:
    """Whether one of those offered is one of those expected. All are compared, whichever fits."""
    pairs = [(left, right) for right in list(expected) for left in offered]
    return sum(equal(left, right) for left, right in pairs) > 0


def judged(terms: Terms, offered: Iterable[str], expected: Callable[[str], str | None], what: str) -> None:
    """Refuse unless something offered is what one of the secrets gives. A secret that gives nothing fits nothing."""
    made = [text for secret in secrets_of(terms) if (text := expected(secret)) is not None]
    if not matches(list(offered), made):
        raise Unverified(
            f"the {what} does not fit",
            code="signature-wrong",
            expected=f"the {what} that our secret gives over the body as it was sent",
        )


def secrets_of(terms: Terms) -> tuple[str, ...]:
    """The secrets. Raises Unverified where there is none: what cannot be judged is not let in."""
    found = tuple(secret for secret in terms.secrets if secret)
    if not found:
        raise Unverified("no secret is set to judge deliveries by", code="no-secret", field="secret")
    return found


def header(request: Request, name: str) -> str:
    """A header. Raises Unverified where it is missing or blank."""
    value = request.headers.get(name, "").strip()
    if not value:
        raise Unverified(
            f"the header {name} is missing", code="signature-missing", field=name, expected=f"a header {name}"
        )
    return value


def in_time(request: Request, terms: Terms, name: str, *, per_second: int = 1) -> str:
    """The header ``name`` with the time of signing, within the tolerance of when the request came."""
    text = header(request, name)
    try:
        if not (text.isascii() and text.isdigit() and len(text) <= 15):
            raise ValueError(text)
        signed_at = datetime.fromtimestamp(int(text) / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        raise Unverified(
            f"the header {name} holds no time", code="timestamp-wrong", field=name, expected="seconds since 1970"
        ) from None
    if abs(request.received_at - signed_at) > terms.tolerance:
        raise Unverified(
            "this was signed too long ago, or a clock is wrong",
            code="timestamp-old",
            field=name,
            expected=f"a time within {terms.tolerance.total_seconds():g} seconds of ours",
        )
    return text
