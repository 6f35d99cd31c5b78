"""What can go wrong, named by what to do next.

::

    SolmuError
    ├── ConfigurationError   mend the hub's YAML or the command line (exit 2)
    ├── Fatal                stop this connection, tell the administrator
    ├── Retriable            back off and come back, perhaps after ``retry_after``
    ├── Skippable            this record waits in quarantine, the rest goes on
    ├── Unverified           a pushed delivery that is not genuine is not kept (401)
    ├── Stopped              a guard, or a plan that no longer holds, stopped the run (exit 4)
    ├── Busy                 somebody else holds the lease; wait or come back
    └── OutOfBalance         the books don't balance: a defect, never to be ignored (exit 1)

Each carries where it happened as attributes, so that a report can name it without parsing text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def where(problem: Mapping[str, Any]) -> str:
    """As far as they are known, file and line, and connection, stream and record of an error (``as_dict``)."""
    place = problem["file"] or ""
    if place and problem["line"] is not None:
        place += f":{problem['line']}"
    name = "/".join(problem[key] for key in ("connection", "stream", "record") if problem[key])
    return ": ".join(part for part in (place, name) if part)


def sentence(problem: Mapping[str, Any]) -> str:
    """Such an error in words, with where it is and what would be right."""
    head = where(problem)
    text = f"{head}: {problem['message']}" if head else problem["message"]
    return f"{text} (expected: {problem['expected']})" if problem["expected"] else text


class SolmuError(Exception):
    """Base of all errors that a user may see.

    The message is one plain sentence; ``expected`` says what would be right. No secret and no personal value goes
    into the message; the value that was wrong is an attribute of its own, which reports show and logs leave out.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        connection: str | None = None,
        stream: str | None = None,
        record: str | None = None,
        file: str | None = None,
        line: int | None = None,
        field: str | None = None,
        value: Any = None,
        expected: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).__name__.lower()
        self.connection = connection
        self.stream = stream
        self.record = record
        self.file = file
        self.line = line
        self.field = field
        self.value = value
        self.expected = expected

    def __str__(self) -> str:
        return sentence(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """The error as the ``--output json`` contract has it; every key present, unknown ones null."""
        return {
            "code": self.code,
            "message": self.message,
            "connection": self.connection,
            "stream": self.stream,
            "record": self.record,
            "file": self.file,
            "line": self.line,
            "field": self.field,
            "value": self.value
            if self.value is None or isinstance(self.value, int | float | bool)
            else str(self.value),
            "expected": self.expected,
        }


class ConfigurationError(SolmuError):
    """The hub's configuration or the command line is wrong; nothing was done."""

    exit_code = 2


class Fatal(SolmuError):
    """This connection cannot go on until an administrator mends something; others do."""


class Retriable(SolmuError):
    """The same request may succeed later. ``retry_after`` is in seconds where the system named a time."""

    def __init__(self, message: str, *, retry_after: float | None = None, **where: Any) -> None:
        super().__init__(message, **where)
        self.retry_after = retry_after


class Skippable(SolmuError):
    """This one record cannot be used as it is; it waits in quarantine with this reason. ``stage`` says where."""

    def __init__(self, message: str, *, stage: str = "map", **where: Any) -> None:
        super().__init__(message, **where)
        self.stage = stage


class Unverified(SolmuError):
    """A pushed delivery whose signature does not hold, or that cannot be judged. Its body is not kept."""


class Stopped(SolmuError):
    """Something surprising was about to happen, so nothing was written. ``guard`` names the limit."""

    exit_code = 4

    def __init__(self, message: str, *, guard: str, **where: Any) -> None:
        super().__init__(message, code=guard, **where)
        self.guard = guard


class Busy(SolmuError):
    """The lease ``name`` is held by ``holder``."""

    def __init__(self, message: str, *, name: str, holder: str) -> None:
        super().__init__(message)
        self.name = name
        self.holder = holder


class OutOfBalance(SolmuError):
    """A run's books don't balance."""
