"""HubSpot's request signatures: v3 over method, address, body and time; v1 and v2 without a time.

Source: HubSpot, "Validating requests". Workflows sign with v2, subscriptions of an app with v1, and newer ones of both
also with v3. Where v3 is there, it alone counts. v1 and v2 are plain hashes of the secret and the text, as HubSpot
made them; a captured one can be replayed, which ends at the delivery's id.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import datetime

from solmu.errors import Unverified
from solmu.exchange import Request
from solmu.intake.schemes.terms import Scheme, Signed, Terms, header, in_time, judged, matches, secrets_of

_V3, _TIME = "x-hubspot-signature-v3", "x-hubspot-request-timestamp"
_OLD, _VERSION = "x-hubspot-signature", "x-hubspot-signature-version"

# "Decode any of the URL-encoded characters listed": HubSpot's own table, for the address in v3.
_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
_ENCODED = re.compile("|".join(_DECODED), re.IGNORECASE)


def verify(request: Request, terms: Terms) -> None:
    """v3 where it is there; else what ``X-HubSpot-Signature-Version`` says."""
    url = terms.url or request.url
    secrets = secrets_of(terms)
    if _V3 in request.headers:
        offered = header(request, _V3)
        stamp = in_time(request, terms, _TIME, per_second=1000)
        # Senders differ in whether they decode before they sign.
        addresses = dict.fromkeys((url, decoded(url)))
        made = [v3(secret, request.method, each, request.body, stamp) for secret in secrets for each in addresses]
        if not matches([offered], made):
            raise Unverified(
                "the signature does not fit",
                code="signature-wrong",
                field=_V3,
                expected=f"one made with the app's client secret for the address {url}; behind a proxy, state `url`",
            )
        return
    offered = header(request, _OLD).lower()
    match header(request, _VERSION).lower():
        case "v1":
            judged(terms, [offered], lambda secret: v1(secret, request.body), "signature")
        case "v2":
            judged(terms, [offered], lambda secret: v2(secret, request.method, url, request.body), "signature")
        case _:
            raise Unverified(
                "this version of signature is not known", code="signature-wrong", field=_VERSION, expected="v1, v2, v3"
            )


def sign(secret: str, body: bytes, *, at: datetime, id: str = "", url: str, header: str | None = None) -> Signed:
    """With v3."""
    stamp = str(int(at.timestamp() * 1000))
    return Signed(body, {_V3: v3(secret, "POST", decoded(url), body, stamp), _TIME: stamp})


def v1(secret: str, body: bytes) -> str:
    """SHA-256 of secret and body, in hexadecimal."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


def v2(secret: str, method: str, url: str, body: bytes) -> str:
    """SHA-256 of secret, method, address and body, in hexadecimal."""
    return hashlib.sha256(f"{secret}{method}{url}".encode() + body).hexdigest()


def v3(secret: str, method: str, url: str, body: bytes, stamp: str) -> str:
    """HMAC-SHA256 over method, address, body and time (milliseconds), in base64."""
    text = f"{method}{url}".encode() + body + stamp.encode()
    return base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()


def decoded(url: str) -> str:
    """The address with those characters as themselves that HubSpot lists."""
    return _ENCODED.sub(lambda found: _DECODED[found[0].upper()], url)


SCHEME = Scheme("hubspot", "X-HubSpot-Signature-v3, or v1 and v2", verify, sign)
