"""Visitors fill in forms: saved bodies, signed and posted to a real `solmu serve`, one twice and one by a stranger."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from examples.nordic.demo.home import Home
from solmu.intake.schemes import SCHEMES

_SCHEMES = {"offers": "typeform", "website": "standard-webhooks"}
_START_SECONDS = 90.0
_STOP_SECONDS = 15.0
_SERVE = "import sys; sys.argv[0] = 'solmu'; from solmu.cli import main; main()"


class NotServed(Exception):
    """The receiver did not start, or answered what it should not; the message says what."""


@dataclass(frozen=True, slots=True)
class Posted:
    """How many deliveries were accepted as new, recognised as sent before, and turned away."""

    accepted: int
    repeated: int
    turned_away: int


def make_secrets(home: Home) -> None:
    """What the senders sign with, at random, as they would give it out."""
    home.keep_secret("offers", secrets.token_urlsafe(32))
    home.keep_secret("website", "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode())


def post_forms(home: Home) -> Posted:
    """Post every saved delivery, the first one a second time, and one that is signed with a secret of its own."""
    answers: list[dict[str, object]] = []
    with _serving(home) as url, httpx.Client(trust_env=False, timeout=30) as client:
        for connection in _SCHEMES:
            secret = (home.secrets / connection).read_text(encoding="utf-8")
            saved = sorted((home.folder / "data" / "deliveries" / connection).glob("*.json"))
            for path in [*saved, saved[0]]:
                answer = _post(client, url, connection, secret, path)
                answer.raise_for_status()
                answers.append(answer.json())
        strange = _post(client, url, "offers", secrets.token_urlsafe(32), path)
        if strange.status_code != httpx.codes.UNAUTHORIZED:
            raise NotServed(f"a delivery with a wrong signature was answered {strange.status_code}")
    repeated = sum(bool(answer.get("repeated")) for answer in answers)
    return Posted(len(answers) - repeated, repeated, 1)


def _post(client: httpx.Client, url: str, connection: str, secret: str, path: Path) -> httpx.Response:
    address = f"{url}/in/{connection}"
    scheme = SCHEMES[_SCHEMES[connection]]
    signed = scheme.sign(secret, path.read_bytes(), at=datetime.now(UTC), id=path.stem, url=address, header=None)
    headers = {"content-type": "application/json"} | signed.headers
    return client.post(address + signed.path, content=signed.body, headers=headers)


@contextmanager
def _serving(home: Home) -> Iterator[str]:
    """The hub's receiver while the block runs: a process of its own, as an administrator starts it."""
    ready, log = home.folder / "serve.json", home.folder / "serve.log"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-c", _SERVE, "serve", "--port", "0", "--ready-file", str(ready)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--hub", str(home.folder)], stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise NotServed(f"`solmu serve` did not start: {log.read_text(encoding='utf-8', errors='replace')}")
            time.sleep(0.05)
        yield str(json.loads(ready.read_text(encoding="utf-8"))["url"])
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
