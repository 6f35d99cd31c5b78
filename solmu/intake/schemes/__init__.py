"""How senders show that a delivery is theirs, one module a way; each can also sign as its sender would.

Everything is judged over the raw bytes, in constant time, and fails closed: without a secret nothing is let in.
"""

from __future__ import annotations

from solmu.intake.schemes import google_ads, hashed, hubspot, netlify, shared, standard
from solmu.intake.schemes.terms import TOLERANCE, Scheme, Signed, Terms

SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        standard.SCHEME,
        hashed.TYPEFORM,
        hashed.TALLY,
        hubspot.SCHEME,
        shared.JOTFORM,
        netlify.SCHEME,
        google_ads.SCHEME,
        shared.PATH,
        shared.HEADER,
    )
}

__all__ = ["SCHEMES", "TOLERANCE", "Scheme", "Signed", "Terms"]
