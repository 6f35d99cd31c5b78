"""Which path and method goes to which handler."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from sandbox.salesforce.errors import ApiError, not_found
from sandbox.salesforce.exchange import Call, Kind, Reply
from sandbox.salesforce.rest import NEWEST, OLDEST

Handler = Callable[..., Reply]
_VERSION = re.compile(r"v(\d\d)\.0")


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is relative to `/services/data/vXX.X`; `*` stands for one segment, given to the handler."""

    method: str
    path: str
    handler: Handler
    kind: Kind = "read"


class Router:
    """Finds the handler under `/services/data/vXX.X/`."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes: dict[int, list[tuple[tuple[str, ...], Route]]] = {}
        for route in routes:
            pattern = tuple(each for each in route.path.split("/") if each)
            self._routes.setdefault(len(pattern), []).append((pattern, route))

    def find(self, call: Call, raw_segments: list[str]) -> tuple[Route, list[str]]:
        """The route and its arguments; sets the call's version. Raises ApiError NOT_FOUND, METHOD_NOT_ALLOWED."""
        version, *rest = raw_segments
        match = _VERSION.fullmatch(version)
        if match is None or not OLDEST <= int(match.group(1)) <= NEWEST:
            raise not_found()
        call.version = version
        allowed: list[str] = []
        for pattern, route in self._routes.get(len(rest), []):
            arguments: list[Any] = []
            for wanted, given in zip(pattern, rest, strict=True):
                if wanted == "*":
                    arguments.append(unquote(given))
                elif wanted != given:
                    break
            else:
                if route.method == call.method:
                    return route, arguments
                allowed.append(route.method)
        if not allowed:
            raise not_found()
        message = f"HTTP Method '{call.method}' not allowed. Allowed are {','.join(allowed)}"
        raise ApiError(405, "METHOD_NOT_ALLOWED", message)
