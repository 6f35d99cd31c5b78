"""A browser without a screen: the application called directly, with cookies and the forms' tokens."""

from __future__ import annotations

import re
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

ADDRESS = "http://hub.example:8000"
_TOKEN = re.compile(r'<meta name="csrf" content="([^"]*)"')


class Client:
    """Asks as a browser would: what changes something carries `Origin` and the token of the last page."""

    def __init__(self, app: FastAPI, portal: BlockingPortal, *, address: str = ADDRESS) -> None:
        self._portal = portal
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=address)
        self.address = address
        self.token = ""

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request as it is given; redirects are not followed."""
        answer = self._portal.call(lambda: self._client.request(method, path, **options))
        found = _TOKEN.search(answer.text) if "html" in answer.headers.get("content-type", "") else None
        if found and found[1]:
            self.token = found[1]
        return answer

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        """Send a form of the last page that was seen."""
        headers = {"Origin": self.address, **options.pop("headers", {})}
        return self.ask("POST", path, data={"csrf": self.token, **(data or {})}, headers=headers, **options)

    def post_json(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        """Send JSON, as the pages' scripts do."""
        headers = {"Origin": self.address, "X-CSRF-Token": self.token, **options.pop("headers", {})}
        return self.ask("POST", path, json=json, headers=headers, **options)

    def sign_in(self, name: str, password: str) -> httpx.Response:
        """Sign in, and look at one page so that its token is known."""
        self.get("/sign-in")
        answer = self.post("/sign-in", {"name": name, "password": password})
        self.get("/account")
        return answer

    def enter(self, session: str) -> None:
        """Go on with a session that is there already."""
        self._client.cookies.set("solmu-8000", session)
        self.get("/account")

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def close(self) -> None:
        self._portal.call(self._client.aclose)
