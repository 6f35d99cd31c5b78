"""What Salesforce's answers mean: for the whole call, and for one record of it ("Status Codes and Error Responses")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from solmu.errors import Fatal, Retriable, Skippable, SolmuError
from solmu.exchange import Outcome

_LIMIT_PAUSE = 900.0
"""Seconds. The daily limit counts the last 24 hours, so that calls come back little by little."""

_PASSING = frozenset(
    {
        "UNABLE_TO_LOCK_ROW",
        "SERVER_UNAVAILABLE",
        "REQUEST_RUNNING_TOO_LONG",
        "REQUEST_LIMIT_EXCEEDED",
        "CONCURRENT_REQUESTS_LIMIT_EXCEEDED",
        "QUERY_TIMEOUT",
        "UNKNOWN_EXCEPTION",
        "INVALID_QUERY_LOCATOR",
        "InternalServerError",
    }
)
_LIMITS = frozenset({"REQUEST_LIMIT_EXCEEDED", "CONCURRENT_REQUESTS_LIMIT_EXCEEDED"})

# What a message of Salesforce's leaves open.
_EXPLAINED = {
    "DUPLICATES_DETECTED": "a duplicate rule of the org takes it for a record that is there already",
    "ENTITY_IS_DELETED": "the record was deleted in Salesforce",
    "INVALID_CROSS_REFERENCE_KEY": "the record, or one that it refers to, is not there or may not be seen",
    "INSUFFICIENT_ACCESS_OR_READONLY": "our user may not change this record",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "our user may not use a record that this one refers to",
    "CANNOT_UPDATE_CONVERTED_LEAD": "the lead was converted",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "a validation rule of the org refuses it",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "an automation of the org failed",
}


class Unanswered(Exception):
    """A call that may have been carried out, and whose answer did not come or could not be read."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a call or a record was refused."""

    code: str
    message: str
    field: str | None = None

    @property
    def outcome(self) -> Outcome:
        return Outcome.RETRIABLE if self.code in _PASSING else Outcome.REJECTED

    @property
    def sentence(self) -> str:
        explained = _EXPLAINED.get(self.code)
        return f"{explained}: {self.message}" if explained else self.message


def problem_of(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Of a record in a collection's answer: the first of its errors."""
    first: Mapping[str, Any] = errors[0] if errors else {}
    fields = first.get("fields") or ()
    return Problem(str(first.get("statusCode", "UNKNOWN")), str(first.get("message", "")), next(iter(fields), None))


def problem_of_row(text: str) -> Problem:
    """Of a row in a job's failed results: ``CODE:message:fields --``."""
    code, _, rest = text.partition(":")
    message, _, fields = rest.rpartition(":")
    return Problem(code.strip(), message.strip() or rest.strip(), next(iter(fields.strip(" -").split()), None))


def problem_of_call(response: requests.Response) -> Problem:
    """Of a call that was refused as a whole: ``[{errorCode, message, fields}]``, or whatever a proxy says."""
    try:
        document = response.json()
        first = document[0] if isinstance(document, list) else document
        fields = first.get("fields") or ()
        return Problem(str(first["errorCode"]), str(first["message"]).strip(), next(iter(fields), None))
    except (requests.JSONDecodeError, LookupError, TypeError, AttributeError):
        return Problem(f"HTTP_{response.status_code}", f"the answer was {response.status_code} {response.reason}")


def error_of(response: requests.Response, *, writing: bool) -> SolmuError:
    """The error of a call of which nothing was done."""
    problem = problem_of_call(response)
    if problem.code in _LIMITS or response.status_code == 429:
        return Retriable(
            f"Salesforce takes no more calls for now: {problem.message}",
            code=problem.code,
            retry_after=retry_after(response) or _LIMIT_PAUSE,
        )
    if response.status_code >= 500 or problem.code in _PASSING:
        return Retriable(
            f"Salesforce did not do it: {problem.sentence}", code=problem.code, retry_after=retry_after(response)
        )
    if response.status_code in (401, 403):
        return Fatal(
            f"Salesforce lets us not in: {problem.sentence}",
            code=problem.code,
            expected="a user with the permission 'API Enabled' and access to the objects that are synchronised",
        )
    if response.status_code == 400 and writing:
        return Skippable(problem.sentence, stage="push", code=problem.code, field=problem.field)
    return Fatal(_last_line(problem.sentence), code=problem.code, field=problem.field)


def retry_after(response: requests.Response) -> float | None:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


def _last_line(message: str) -> str:
    """Queries come back with their text and a caret; what is wrong stands in the last line."""
    return message.strip().rpartition("\n")[2]
