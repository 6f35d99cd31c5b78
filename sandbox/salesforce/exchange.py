"""A request as the handlers see it, and their answer. No server in here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl

import orjson

from sandbox.salesforce.errors import ApiError, RecordError

Kind = Literal["login", "read", "write", "control"]


@dataclass(slots=True)
class Call:
    """One request. Header names are in lower case; `path` is percent-decoded segment by segment by the router."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    # Who calls, once the session is known.
    user: str = ""
    # `v59.0`, of the path.
    version: str = ""
    # The failure that `_misbehave` asks for in single records of this call.
    fault: "PartialFault | None" = None

    @property
    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def json(self) -> Any:
        """The body as JSON; an empty one is an empty object. Raises ApiError JSON_PARSER_ERROR."""
        if not self.body:
            return {}
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            message = f"{error.msg} at [line:{error.lineno}, column:{error.colno}]"
            raise ApiError(400, "JSON_PARSER_ERROR", message) from None

    def json_object(self) -> dict[str, Any]:
        document = self.json()
        if not isinstance(document, dict):
            raise ApiError(400, "JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object at [line:1, column:1]")
        return document


@dataclass(slots=True)
class Reply:
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json;charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)
    # How many records the call carried in or out, for `_calls`.
    records: int = 0


@dataclass(slots=True)
class PartialFault:
    """Makes every n-th record of a call (n = `every`) or exactly the n-th (`nth`, from 1) fail."""

    error: RecordError
    nth: int | None = None
    every: int | None = None
    seen: int = 0

    def __call__(self) -> RecordError | None:
        self.seen += 1
        hit = self.seen == self.nth or (self.every is not None and self.seen % self.every == 0)
        return self.error if hit else None


def answer(document: Any, status: int = 200, *, records: int = 0, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, orjson.dumps(document), headers=headers or {}, records=records)
