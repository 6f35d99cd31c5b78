"""Netlify: a JSON Web Signature (RFC 7515, HS256) whose claims hold the body's SHA-256.

Source: Netlify's documentation of HTTP POST notifications, "Payload signature": header ``X-Webhook-Signature``, claims
``iss: netlify`` and ``sha256``. It holds no time: what stops a replay is the submission's id.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from solmu.errors import Unverified
from solmu.exchange import Request
from solmu.intake.schemes.terms import Scheme, Signed, Terms, equal, header, judged

_HEADER = "x-webhook-signature"
_LONGEST = 4_000


def verify(request: Request, terms: Terms) -> None:
    """The signature first; only then are its claims looked at."""
    token = header(request, _HEADER)
    signed, _, signature = token.rpartition(".")
    head, _, claims = signed.partition(".")
    # Which algorithm is used is ours to say, never the token's (RFC 8725, 3.1).
    if len(token) > _LONGEST or not token.isascii() or _document(head).get("alg") != "HS256":
        raise _refused("this is no signature that Netlify makes")
    judged(terms, [signature], lambda secret: _signature(secret, signed), "signature")
    said = _document(claims)
    if said.get("iss") != "netlify" or not equal(str(said.get("sha256")), hashlib.sha256(request.body).hexdigest()):
        raise _refused("the signature is for another body")


def sign(secret: str, body: bytes, *, at: datetime, id: str = "", url: str = "", header: str | None = None) -> Signed:
    parts = ({"typ": "JWT", "alg": "HS256"}, {"iss": "netlify", "sha256": hashlib.sha256(body).hexdigest()})
    signed = ".".join(_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return Signed(body, {_HEADER: f"{signed}.{_signature(secret, signed)}"})


def _signature(secret: str, signed: str) -> str:
    return _encoded(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _document(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _refused("this is no signature that Netlify makes")
    return found


def _refused(message: str) -> Unverified:
    return Unverified(
        message,
        code="signature-wrong",
        field=_HEADER,
        expected="a JSON Web Signature by Netlify (HS256) over the body's SHA-256",
    )


SCHEME = Scheme("netlify", "X-Webhook-Signature, a JWS over the body's SHA-256", verify, sign)
