"""A BottleCRM to hold the connector against, and a network to it that can be made to misbehave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import httpx

from connectors.base import Connector
from connectors.bottlecrm import BottleCrmConnector, BottleCrmSettings, BottleCrmStream
from connectors.memory import Trouble
from solmu.exchange import Payload
from tests.contract.system import System, Wrong
from tests.peers.bottlecrm import Crm

_WRITES = ("POST", "PATCH", "DELETE")


class Network(httpx.BaseTransport):
    """The real one, until it is told to run into trouble: BottleCRM itself has none to order."""

    def __init__(self) -> None:
        self._real = httpx.HTTPTransport()
        self._trouble: tuple[Trouble, str] | None = None
        self._after = 0
        self._times = 0

    def misbehave(self, trouble: Trouble, *, on: str, after: int, times: int) -> None:
        self._trouble, self._after, self._times = (trouble, on), after, times

    def behave(self) -> None:
        self._trouble = None

    def close(self) -> None:
        self._real.close()  # it opens again with the next call

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        trouble = self._due(request)
        return _WAYS[trouble](self._real, request) if trouble else self._real.handle_request(request)

    def _due(self, request: httpx.Request) -> Trouble | None:
        """The trouble that this call runs into."""
        if self._trouble is None or self._trouble[1] != ("write" if request.method in _WRITES else "read"):
            return None
        if self._after:
            self._after -= 1
            return None
        trouble = self._trouble[0]
        self._times -= 1
        if not self._times:
            self.behave()
        return trouble


def _refuse(
    status: int, document: Any, **headers: str
) -> Callable[[httpx.BaseTransport, httpx.Request], httpx.Response]:
    """Nothing of the call gets through; what BottleCRM, or a proxy before it, would say then."""
    return lambda real, request: httpx.Response(status, json=document, headers=headers, request=request)


def _lose(real: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
    real.handle_request(request).read()
    raise httpx.ReadError("the connection was reset", request=request)


def _time_out(real: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
    real.handle_request(request).read()
    raise httpx.ReadTimeout("too slow", request=request)


def _garble(real: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
    whole = real.handle_request(request).read()
    headers = {"Content-Type": "application/json"}
    return httpx.Response(200, content=whole[: len(whole) // 2], headers=headers, request=request)


_WAYS = {
    Trouble.REJECT: _refuse(400, {"error": True, "errors": {"phone": ["Enter a valid phone number"]}}),
    Trouble.THROTTLE: _refuse(429, {"detail": "Request was throttled."}, **{"Retry-After": "7"}),
    Trouble.EXPIRE: _refuse(403, {"detail": "Organization context is required. Please login again."}),
    Trouble.FAIL: _refuse(500, {"detail": "Server Error"}),
    Trouble.LOSE: _lose,
    Trouble.TIME_OUT: _time_out,
    Trouble.GARBLE: _garble,
}


class BottleCrmSystem(System):
    """An organisation, in which salespeople work with accounts."""

    stream = "accounts"
    note_field = "description"
    customer_field = "account"
    many = 60
    more_than_a_batch = 110
    impatience = MappingProxyType({"timeout_seconds": 20})

    def __init__(self, folder: Path, crm: Crm) -> None:
        self.folder = folder
        self.crm = crm
        self.network = Network()
        crm.empty()

    @contextmanager
    def connect(self, **settings: Any) -> Iterator[Connector]:
        stream = settings.pop("stream", {})
        given = {"url": self.crm.url, "token": self.crm.token("solmu"), "page": 50, "retry_seconds": 0} | settings
        with BottleCrmConnector(
            name="crm",
            settings=BottleCrmSettings.model_validate(given),
            streams={self.stream: BottleCrmStream.model_validate(stream)},
            folder=self.folder,
            transport=self.network,
        ) as connector:
            yield connector

    def wrong_settings(self) -> Sequence[Wrong]:
        return [
            Wrong("nobody there", {"url": "http://127.0.0.1:1"}, "url"),
            Wrong("something else there", {"url": f"{self.crm.url}/elsewhere"}, "url"),
            Wrong("plain http to somewhere else", {"url": "http://crm.example"}, "url"),
            Wrong("a token that is none", {"token": "guess"}, "token"),
            Wrong("a token that is not known", {"token": "bcrm_pat_guess"}, "token"),
            Wrong("a key that no custom field can have", {"id_field": "Solmu Id"}, "id_field"),
            Wrong("a setting that does not exist", {"adress": "x"}, "adress"),
            Wrong("a kind that is not there", {"stream": {"stream": "acounts"}}, "stream"),
        ]

    def add(self, payloads: Sequence[Payload]) -> list[str]:
        return self.crm.enter("accounts", payloads)

    def deal(self, name: str, customer: str) -> Payload:
        deal = super().deal(name, customer)
        return deal | {"currency": "EUR", "closed_on": "2030-01-31", "stage": "QUALIFICATION"}

    def change(self, key: str, note: str) -> None:
        with self.crm.client() as client:
            client.patch(f"accounts/{key}/", json={self.note_field: note}).raise_for_status()

    def remove(self, key: str) -> None:
        with self.crm.client() as client:
            client.delete(f"accounts/{key}/").raise_for_status()

    def count(self) -> int:
        return self.crm.count("accounts")

    def misbehave(self, trouble: Trouble, *, on: str, after: int = 0, times: int = 1) -> None:
        self.network.misbehave(trouble, on=on, after=after, times=times)

    def behave(self) -> None:
        self.network.behave()

    def unknown_id(self, known: str) -> str:
        return str(uuid4())
