"""Which headers of a delivery are kept.

A list of what may stay, not of what must go: the next sender's name for its secret is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping

KEPT = frozenset(
    {
        "content-type",
        "content-encoding",
        "content-language",
        "date",
        "user-agent",
        "webhook-id",
        "webhook-timestamp",
    }
)
KEPT_ENDINGS = (
    "-event",
    "-event-id",
    "-event-type",
    "-delivery",
    "-delivery-id",
    "-request-id",
    "-topic",
    "-timestamp",
)
"""How headers end that say what a delivery is about, by whatever vendor: X-Netlify-Event, X-GitHub-Delivery …"""

LONGEST = 1_000
"""Characters of a value; none of these headers has reason to be longer."""


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those headers, names in lower case, that whoever reads the body later may need. No signature, cookie or token."""
    return {
        name: value
        for name, value in headers.items()
        if (name in KEPT or (name.startswith("x-") and name.endswith(KEPT_ENDINGS))) and len(value) <= LONGEST
    }
