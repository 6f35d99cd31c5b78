"""A form that came when nobody was signed in any more, or somebody anew: what was typed is kept for another go."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

_SECRET = ("/sign-in", "/sign-out", "/account", "/people", "/connections")
_NOT_TYPED = frozenset({"csrf", "seen", "upto"})


@dataclass(frozen=True)
class Again:
    """``fields`` go to ``action`` once more; ``typed`` are those that a person may want to read or copy."""

    action: str
    fields: list[tuple[str, str]]
    typed: list[tuple[str, str]]


def keep(request: Request, body: bytes) -> None:
    """Remember the form of this request, as it was sent."""
    request.state.form = body


def kept(request: Request) -> Again | None:
    """The form of this request; None without one, and for pages on which passwords and keys are typed."""
    body: bytes | None = getattr(request.state, "form", None)
    path = request.url.path
    if body is None or path.startswith((*_SECRET, "//")):
        return None
    try:
        sent = parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=10_000)
    except ValueError:
        return None
    fields = [(name, value) for name, value in sent if name != "csrf"]
    typed = [(name, value) for name, value in _columns(fields) if value and name not in _NOT_TYPED]
    return Again(f"{path}?{request.url.query}" if request.url.query else path, fields, typed)


def _columns(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The fields; where a form has a ``column`` before each ``value``, values under their columns."""
    found, column = [], None
    for name, value in fields:
        if name == "column":
            column = value
        else:
            found.append((column if name == "value" and column is not None else name, value))
    return found


def where(request: Request) -> str:
    """The page on which the form stood, as the browser says it; the first page where it does not."""
    try:
        came = urlsplit(request.headers.get("referer") or "")
    except ValueError:
        return "/"
    if came.netloc.lower() != request.headers.get("host", "").lower() or not came.path.startswith("/"):
        return "/"
    return came.path + (f"?{came.query}" if came.query else "")
