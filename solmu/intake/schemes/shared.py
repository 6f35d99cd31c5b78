"""Senders that sign nothing, such as Jotform and a website's own form: a secret at the end of the address, or in a
header. Both only say who knows the secret, not what was sent: the connection must be encrypted.
"""

from __future__ import annotations

import re
from datetime import datetime

from solmu.errors import Unverified
from solmu.exchange import Request
from solmu.intake.schemes.terms import Scheme, Signed, Terms, judged
from solmu.intake.schemes.terms import header as header_of

DEFAULT_HEADER = "x-webhook-secret"
_PATH_SECRET = re.compile(r"[A-Za-z0-9._~-]+")


def verify_path(request: Request, terms: Terms) -> None:
    """``/in/<connection>/<secret>``."""
    offered = request.path.removeprefix("/").removesuffix("/")
    if not offered:
        raise Unverified(
            "the address ends before its secret", code="signature-missing", expected="/in/<connection>/<secret>"
        )
    judged(terms, [offered], lambda secret: secret, "secret in the address")


def sign_path(
    secret: str, body: bytes, *, at: datetime, id: str = "", url: str = "", header: str | None = None
) -> Signed:
    return Signed(body, {}, f"/{secret}")


def verify_header(request: Request, terms: Terms) -> None:
    """The secret by itself, or after ``Bearer``."""
    offered = header_of(request, (terms.header or DEFAULT_HEADER).lower())
    judged(terms, [offered, offered.removeprefix("Bearer ")], lambda secret: secret, "secret in the header")


def sign_header(
    secret: str, body: bytes, *, at: datetime, id: str = "", url: str = "", header: str | None = None
) -> Signed:
    name = (header or DEFAULT_HEADER).lower()
    return Signed(body, {name: f"Bearer {secret}" if name == "authorization" else secret})


def fits_a_path(secret: str) -> bool:
    """Whether a secret stands in an address as it is: whatever would be encoded, somebody on the way decodes."""
    return _PATH_SECRET.fullmatch(secret) is not None


PATH = Scheme("path", "a secret at the end of the address", verify_path, sign_path)
JOTFORM = Scheme("jotform", "a secret at the end of the address: Jotform signs nothing", verify_path, sign_path)
HEADER = Scheme("header", "a secret in a header", verify_header, sign_header)
