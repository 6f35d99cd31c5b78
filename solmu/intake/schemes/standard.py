"""Standard Webhooks: an id, a time and one or several signatures, each over ``id.time.body``.

Source: the specification at github.com/standard-webhooks/standard-webhooks, "Verifying webhook authenticity". Svix,
where it comes from, sends the same under the names ``svix-…``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

from solmu.exchange import Request
from solmu.intake.schemes.terms import Scheme, Signed, Terms, header, in_time, judged

_MOST = 20  # signatures in one header; a sender that replaces its key sends two


def verify(request: Request, terms: Terms) -> None:
    """``webhook-id``, ``webhook-timestamp`` (seconds) and ``webhook-signature`` (``v1,<base64>``, split by blanks)."""
    prefix = "svix" if "webhook-id" not in request.headers and "svix-id" in request.headers else "webhook"
    id = header(request, f"{prefix}-id")
    signatures = header(request, f"{prefix}-signature").split()[:_MOST]
    stamp = in_time(request, terms, f"{prefix}-timestamp")
    judged(terms, signatures, lambda secret: _signature(secret, id, stamp, request.body), "signature")


def sign(secret: str, body: bytes, *, at: datetime, id: str, url: str = "", header: str | None = None) -> Signed:
    """Raises ValueError for a secret that is none."""
    stamp = str(int(at.timestamp()))
    signature = _signature(secret, id, stamp, body)
    if signature is None:
        raise ValueError("a secret of Standard Webhooks is base64, mostly after whsec_")
    return Signed(body, {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": signature})


def is_secret(secret: str) -> bool:
    """Whether this can be a secret of Standard Webhooks."""
    return _key(secret) is not None


def _signature(secret: str, id: str, stamp: str, body: bytes) -> str | None:
    key = _key(secret)
    if key is None:
        return None
    text = f"{id}.{stamp}.".encode("utf-8", "surrogatepass") + body
    return "v1," + base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode()


def _key(secret: str) -> bytes | None:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True) or None
    except (binascii.Error, ValueError):
        return None


SCHEME = Scheme("standard-webhooks", "webhook-signature, over id, time and body", verify, sign)
