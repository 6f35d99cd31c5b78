"""A stand-in for a provider's token endpoints (RFC 6749, RFC 8628, RFC 7662), for tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.mailbox import OAuthSettings


@dataclass
class Provider:
    """``pending``: how often a device's login is not ready yet; ``refuses``: what it answers to every request."""

    url: str = ""
    user: str = "anna"
    pending: int = 1
    refuses: tuple[int, dict[str, Any]] | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    refresh_tokens: list[str] = field(default_factory=list)

    @property
    def introspection(self) -> str:
        return f"{self.url}/introspect?token="

    def oauth(self, grant: str, **more: str) -> OAuthSettings:
        settings = {
            "grant": grant,
            "token_url": f"{self.url}/token",
            "device_url": f"{self.url}/device",
            "client_id": "solmu",
            "client_secret": "hush",
            "token_file": "token",
        }
        return OAuthSettings.model_validate(settings | more)

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append(form)
        if self.refuses is not None:
            return self.refuses
        if path == "/device":
            where = {"verification_uri": "https://login.example/device", "user_code": "ABC-123"}
            return 200, {"device_code": "d1", "interval": 0, "expires_in": 60} | where
        if form.get("client_id") != "solmu":
            return 401, {"error": "invalid_client"}
        match form["grant_type"]:
            case "client_credentials" if form.get("client_secret") == "hush":
                return 200, self.token()
            case "refresh_token" if form["refresh_token"] in self.refresh_tokens:
                return 200, self.token() | self.refresh_token()
            case "urn:ietf:params:oauth:grant-type:device_code" if form["device_code"] == "d1":
                if self.pending:
                    self.pending -= 1
                    return 400, {"error": "authorization_pending"}
                return 200, self.token() | self.refresh_token()
        return 400, {"error": "invalid_grant"}

    def token(self) -> dict[str, str]:
        self.tokens.append(f"t{len(self.tokens) + 1}")
        return {"access_token": self.tokens[-1], "token_type": "Bearer"}

    def refresh_token(self) -> dict[str, str]:
        self.refresh_tokens.append(f"r{len(self.refresh_tokens) + 1}")
        return {"refresh_token": self.refresh_tokens[-1]}


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider for as long as the context lasts."""
    state = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            self.say(*state.answer(self.path, form))

        def do_GET(self) -> None:
            [token] = parse_qs(urlsplit(self.path).query).get("token", [""])
            self.say(200, {"active": token in state.tokens, "email": state.user})

        def say(self, status: int, answer: dict[str, Any]) -> None:
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
