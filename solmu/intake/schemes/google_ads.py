"""Google Ads lead forms: the key that the advertiser chose stands in the body, as ``google_key``.

Source: Google Ads, "Lead form webhook", Implementation. Whoever sees one delivery knows the key; the connection must be
encrypted.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from solmu.errors import Unverified
from solmu.exchange import Request
from solmu.intake.schemes.terms import Scheme, Signed, Terms, judged

LARGEST = 1_000_000
"""Bytes that are parsed of somebody who is not known yet; a lead has a few thousand."""


def verify(request: Request, terms: Terms) -> None:
    """The body must be parsed before it is known to be Google's: within limits, and by a parser that has its own
    (orjson ends at 1,024 levels)."""
    found = _document(request.body) if len(request.body) <= LARGEST else None
    key = found.get("google_key") if found is not None else None
    if not isinstance(key, str) or not key:
        raise Unverified(
            "there is no google_key in the body",
            code="signature-missing",
            field="google_key",
            expected=f"a JSON object of at most {LARGEST:,} bytes, with the key of the lead form",
        )
    judged(terms, [key], lambda secret: secret, "google_key")


def sign(secret: str, body: bytes, *, at: datetime, id: str = "", url: str = "", header: str | None = None) -> Signed:
    """The body with the key in it. Raises ValueError where it is no JSON object."""
    found = _document(body)
    if found is None:
        raise ValueError("a lead of Google Ads is a JSON object")
    return Signed(orjson.dumps(found | {"google_key": secret}), {})


def _document(body: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


SCHEME = Scheme("google-ads", "google_key in the body", verify, sign)
