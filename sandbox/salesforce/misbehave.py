"""Failures on demand: what `POST /_misbehave` arms, and which call it befalls."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from sandbox.salesforce.errors import ApiError, RecordError
from sandbox.salesforce.exchange import Call, PartialFault, Reply, answer

MisbehaviourKind = Literal[
    "status",  # answers with a status instead of working; with `work: true` after the work was done
    "reset",  # drops the connection before any work
    "reset_after",  # does the work, then drops the connection
    "slow",  # waits `seconds` before the work
    "expire_session",  # ends all sessions before the call is looked at
    "partial",  # the `nth` record of the call fails, or `every` so many-th
    "truncate",  # cuts the answer off at `length` bytes (or half); `clean: true` with a Content-Length that agrees
    "twice",  # the work is done twice, as by an impatient proxy; the second answer is given
    "fail_job",  # a bulk job stops after `rows` rows with state Failed, the rest unprocessed
    "slow_job",  # a bulk job stays InProgress for `seconds` before its first row
    "partial_job",  # rows of a bulk job fail, as with `partial`
]
_OF_JOBS = ("fail_job", "slow_job", "partial_job")
_ERRORS: Mapping[int, tuple[str, str]] = {
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    429: ("REQUEST_LIMIT_EXCEEDED", "Too many requests."),
    500: ("UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support"),
    503: ("SERVER_UNAVAILABLE", "The server is temporarily unavailable. Please try again later."),
}
_RECORD_MESSAGES: Mapping[str, str] = {
    "UNABLE_TO_LOCK_ROW": "unable to obtain exclusive access to this record or 1 records",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "a trigger of the org failed",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "a validation rule of the org refused the record",
}


@dataclass(slots=True)
class Misbehaviour:
    kind: MisbehaviourKind
    # Part of the path and query; empty befalls every call.
    match: str = ""
    method: str | None = None
    # How often; None until it is cleared. `skip` calls that match go well first.
    times: int | None = 1
    skip: int = 0
    status: int = 503
    retry_after: int | None = None
    code: str | None = None
    message: str | None = None
    work: bool = False
    seconds: float = 1.0
    nth: int | None = None
    every: int | None = None
    length: int | None = None
    clean: bool = False
    rows: int = 0
    befell: int = field(default=0, init=False)

    def reply(self) -> Reply:
        code, message = _ERRORS.get(self.status, ("UNKNOWN_EXCEPTION", "told to misbehave"))
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        body = [{"message": self.message or message, "errorCode": self.code or code}]
        return answer(body, self.status, headers=headers)

    def partial_fault(self) -> PartialFault:
        code = self.code or "UNABLE_TO_LOCK_ROW"
        message = self.message or _RECORD_MESSAGES.get(code, "told to misbehave")
        nth = self.nth if self.nth is not None or self.every is not None else 1
        return PartialFault(RecordError(code, message), nth, self.every)

    def cut(self, body: bytes) -> bytes:
        return body[: len(body) // 2 if self.length is None else self.length]


class Misbehaving:
    def __init__(self) -> None:
        self._armed: list[Misbehaviour] = []
        self._lock = threading.Lock()

    def arm(self, document: Mapping[str, Any]) -> Misbehaviour:
        known = set(Misbehaviour.__dataclass_fields__) - {"befell"}
        unknown = sorted(set(document) - known)
        if unknown or document.get("kind") not in get_args(MisbehaviourKind):
            valid = f"kinds: {', '.join(get_args(MisbehaviourKind))}; keys: {', '.join(sorted(known))}"
            raise ApiError(
                400, "INVALID_INPUT", f"no such kind or key: {', '.join(unknown) or document.get('kind')}; {valid}"
            )
        made = Misbehaviour(**document)
        with self._lock:
            self._armed.append(made)
        return made

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def listing(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(each) for each in self._armed]

    def take(self, call: Call) -> Misbehaviour | None:
        """The first one armed that befalls this call, used up by one."""
        target = f"{call.path}?{call.query}" if call.query else call.path
        with self._lock:
            for each in self._armed:
                if each.kind in _OF_JOBS or each.match not in target or each.method not in (None, call.method):
                    continue
                if self._use(each):
                    return each
        return None

    def take_for_job(self, kind: MisbehaviourKind) -> Misbehaviour | None:
        """The first one armed of a kind that befalls jobs, used up by one."""
        with self._lock:
            return next((each for each in list(self._armed) if each.kind == kind and self._use(each)), None)

    def _use(self, each: Misbehaviour) -> bool:
        if each.skip:
            each.skip -= 1
            return False
        each.befell += 1
        if each.times is not None:
            each.times -= 1
            if each.times <= 0:
                self._armed.remove(each)
        return True
