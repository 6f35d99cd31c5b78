"""Typeform and Tally: an HMAC-SHA256 over the body, in base64. Neither signs a time: what stops a replay is the
delivery's id.

Sources: Typeform, "Secure your webhooks" (``Typeform-Signature: sha256=…``); Tally, help page "Webhooks"
(``Tally-Signature``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from solmu.exchange import Request
from solmu.intake.schemes.terms import Scheme, Signed, Terms, judged
from solmu.intake.schemes.terms import header as header_of


def _scheme(name: str, header_name: str, prefix: str) -> Scheme:
    def signature(secret: str, body: bytes) -> str:
        return prefix + base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()

    def verify(request: Request, terms: Terms) -> None:
        offered = header_of(request, header_name)
        judged(terms, [offered], lambda secret: signature(secret, request.body), "signature")

    def sign(
        secret: str, body: bytes, *, at: datetime, id: str = "", url: str = "", header: str | None = None
    ) -> Signed:
        return Signed(body, {header_name: signature(secret, body)})

    return Scheme(name, f"{header_name}, over the body", verify, sign)


TYPEFORM = _scheme("typeform", "typeform-signature", "sha256=")
TALLY = _scheme("tally", "tally-signature", "")
