"""What BottleCRM's answers mean.

A success is 200 with ``{"error": false, "message": …}``. A refusal is 400 with ``{"error": true, "errors": …}``, where
``errors`` is a text or has a list of texts by field; from deeper down it is ``{"detail": …}`` or the fields themselves.
A token that is not valid is answered by 403, not 401.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.bottlecrm.record import CUSTOM
from solmu.errors import Fatal, Retriable, SolmuError

_DUPLICATE = ("already exists", "already uses")
_NO_TOKEN = "organization context"  # noqa: S105 - what it says where the token is not valid
_PAUSE = 60.0


class Unanswered(Exception):
    """A call that may have been carried out, and whose answer did not come or could not be read."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Refused(Exception):
    """One record was refused; nothing was done."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a record was refused."""

    code: str
    message: str
    field: str | None = None


def problem_of(response: httpx.Response) -> Problem:
    """Of a write that was refused."""
    if response.status_code == 404:
        return Problem("gone", "the record is not there, or our user may not see it")
    field, message = first_problem(document_of(response))
    text = message.lower()
    if any(words in text for words in _DUPLICATE):
        return Problem("duplicate", f"BottleCRM takes it for a record that is there already: {message}", field)
    if field is None:
        return Problem("refused", message)
    missing = "required" in text or "may not be" in text
    return Problem("required" if missing else "invalid", f"{field}: {message}", field)


def first_problem(document: Any) -> tuple[str | None, str]:
    """The first field that an answer names, and what it says of it."""
    field: str | None = None
    prefix = ""
    found = document.get("errors", document) if isinstance(document, Mapping) else document
    while not isinstance(found, str):
        if isinstance(found, Mapping):
            rest = {name: value for name, value in found.items() if name != "error"}
            if not rest:
                return field, "no reason was given"
            name, found = next(iter(rest.items()))
            if name == "custom_fields":
                prefix = CUSTOM
            elif name not in ("detail", "message", "non_field_errors"):
                field = f"{prefix}{name}"
        elif isinstance(found, list) and found:
            found = found[0]
        else:
            return field, "no reason was given"
    return field, found


def error_of(response: httpx.Response) -> SolmuError:
    """The error of a call of which nothing was done."""
    status = response.status_code
    if status == 429:
        return Retriable("BottleCRM takes no more calls for now", code="throttled", retry_after=_retry_after(response))
    if status >= 500:
        return Retriable(f"BottleCRM failed: {status} {response.reason_phrase}", code=f"http-{status}")
    _, message = first_problem(document_of(response))
    if status == 401 or _NO_TOKEN in message.lower():
        return Fatal(
            "BottleCRM does not accept the token",
            code="bad-token",
            field="token",
            expected="a personal access token that is neither revoked nor expired, of an active user",
        )
    if status == 403:
        return Fatal(
            f"BottleCRM lets us not in: {message}",
            code="not-allowed",
            field="token",
            expected="a token without scopes, or with read and write of what is synchronised and custom-fields:read",
        )
    return Fatal(f"BottleCRM refuses the call: {status} {message}", code=f"http-{status}")


def document_of(response: httpx.Response) -> Any:
    """The answer's JSON; the status in words where it is none, as a proxy's page."""
    try:
        return response.json()
    except ValueError:
        return f"{response.status_code} {response.reason_phrase}"


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else _PAUSE
