"""Calls: each with a time limit, reads repeated, writes never."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from connectors.bottlecrm.answers import Refused, Unanswered, error_of, problem_of
from connectors.bottlecrm.settings import LOOPBACK, BottleCrmSettings
from solmu.errors import Fatal, Retriable

_ATTEMPTS = 3
_LONGEST_PAUSE = 30.0


class Session:
    """One API with one token. ``transport`` replaces the network."""

    def __init__(self, settings: BottleCrmSettings, transport: httpx.BaseTransport | None = None) -> None:
        self._settings = settings
        self._http = httpx.Client(
            base_url=f"{settings.url}/api/",
            headers={"Authorization": f"Bearer {settings.token.get_secret_value()}"},
            timeout=settings.timeout_seconds,
            transport=transport,
            # A proxy has no business between two programs on one machine.
            trust_env=urlsplit(settings.url).hostname not in LOOPBACK,
        )
        self.calls = 0

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON object that a path gives, None where there is nothing. Raises Retriable (after three attempts) and
        Fatal."""
        asking = Retrying(
            retry=retry_if_exception(_is_worth_repeating),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_exponential(multiplier=self._settings.retry_seconds, max=_LONGEST_PAUSE),
            reraise=True,
        )
        return asking(self._read, path, params)

    def _read(self, path: str, params: Mapping[str, Any] | None) -> Any:
        self.calls += 1
        try:
            response = self._http.get(path, params=params)
        except httpx.HTTPError as error:
            raise Retriable(f"BottleCRM did not answer: {_kind(error)}", code="no-answer") from error
        if response.status_code == 404 and _is_json(response):
            return None
        if response.status_code != 200 and response.status_code != 404:
            raise error_of(response)
        try:
            document = response.json()
        except ValueError as error:
            if response.status_code == 200 and _is_json(response):
                raise Retriable("BottleCRM's answer could not be read", code="garbled") from error
            raise _not_bottlecrm(self._settings.url) from error
        if not isinstance(document, dict):
            raise Retriable("BottleCRM's answer could not be read", code="garbled")
        return document

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Send a write once, and give what answers it.

        Raises Refused, Retriable or Fatal when nothing was done, and Unanswered when that is not known.
        """
        self.calls += 1
        try:
            response = self._http.request(method, path, json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise Retriable(f"BottleCRM could not be reached: {_kind(error)}", code="no-answer") from error
        except httpx.HTTPError as error:
            raise Unanswered("no-answer", f"no answer came: {_kind(error)}") from error
        if response.status_code >= 500:
            raise Unanswered(f"http-{response.status_code}", "the server failed in between")
        if response.status_code in (400, 404, 409):
            raise Refused(problem_of(response))
        if not response.is_success:
            raise error_of(response)
        try:
            document = response.json()
        except ValueError as error:
            raise Unanswered("garbled", "the answer could not be read") from error
        if not isinstance(document, dict):
            raise Unanswered("garbled", "the answer could not be read")
        return document

    def close(self) -> None:
        self._http.close()


def _is_worth_repeating(error: BaseException) -> bool:
    """A read that failed is repeated, unless we were told to stay away for a while."""
    return isinstance(error, Retriable) and (error.retry_after or 0.0) <= _LONGEST_PAUSE


def _is_json(response: httpx.Response) -> bool:
    return str(response.headers.get("content-type", "")).startswith("application/json")


def _not_bottlecrm(url: str) -> Fatal:
    return Fatal(
        f"what answers at {url} is not BottleCRM's API",
        code="not-bottlecrm",
        field="url",
        value=url,
        expected="the address of its API, which may be another than that of its web app",
    )


def _kind(error: httpx.HTTPError) -> str:
    """What kind of failure it was; the text of the error may hold the address with its query."""
    return "it took too long" if isinstance(error, httpx.TimeoutException) else "the connection failed"
