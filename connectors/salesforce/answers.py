"""What Salesforce's answers mean: for the whole call, and for one record of it ("Status Codes and Error Responses")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from connectors.salesforce import soap
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
# Faults of a request that nobody of ours could make, however it were written.
_NO_ENTRY = frozenset(
    {"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "FUNCTIONALITY_NOT_ENABLED", "UNSUPPORTED_API_VERSION"}
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
    """Of a call that was refused as a whole: ``[{errorCode, message, fields}]``, a fault of SOAP's, or whatever a proxy
    says."""
    said = _fault(response)
    if said is not None:
        return Problem(*said)
    try:
        document = response.json()
        first = document[0] if isinstance(document, list) else document
        fields = first.get("fields") or ()
        return Problem(str(first["errorCode"]), str(first["message"]).strip(), next(iter(fields), None))
    except (requests.JSONDecodeError, LookupError, TypeError, AttributeError):
        return Problem(f"HTTP_{response.status_code}", f"the answer was {response.status_code} {response.reason}")


def ended_session(response: requests.Response) -> bool:
    """Whether the session had ended, so that nothing was done; by SOAP this comes with status 500."""
    refused = response.status_code == 401 or _fault(response) is not None
    return refused and problem_of_call(response).code == "INVALID_SESSION_ID"


def failed_in_between(response: requests.Response) -> bool:
    """Whether the server may have done something before it failed. A fault of SOAP's has status 500 whatever it says,
    and refuses the request as a whole ("API Fault Element"); only some are of a server in trouble."""
    if response.status_code < 500:
        return False
    return _fault(response) is None or problem_of_call(response).code in _PASSING - _LIMITS


def _fault(response: requests.Response) -> tuple[str, str] | None:
    is_xml = "xml" in response.headers.get("Content-Type", "")
    return soap.fault(response.content) if is_xml and not response.ok else None


def error_of(response: requests.Response, *, writing: bool) -> SolmuError:
    """The error of a call of which nothing was done."""
    problem = problem_of_call(response)
    status = response.status_code
    if _fault(response) is not None:
        # What REST says by its status, a fault says by its code alone.
        status = 403 if problem.code in _NO_ENTRY else 400
    if problem.code in _LIMITS or response.status_code == 429:
        return Retriable(
            f"Salesforce takes no more calls for now: {problem.message}",
            code=problem.code,
            retry_after=retry_after(response) or _LIMIT_PAUSE,
        )
    if status >= 500 or problem.code in _PASSING:
        return Retriable(
            f"Salesforce did not do it: {problem.sentence}", code=problem.code, retry_after=retry_after(response)
        )
    if status in (401, 403):
        return Fatal(
            f"Salesforce lets us not in: {problem.sentence}",
            code=problem.code,
            expected="a user with the permission 'API Enabled' and access to the objects that are synchronised",
        )
    if status == 400 and writing:
        return Skippable(problem.sentence, stage="push", code=problem.code, field=problem.field)
    return Fatal(_last_line(problem.sentence), code=problem.code, field=problem.field)


def retry_after(response: requests.Response) -> float | None:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


def _last_line(message: str) -> str:
    """Queries come back with their text and a caret; what is wrong stands in the last line."""
    return message.strip().rpartition("\n")[2]
