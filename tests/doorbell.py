"""A pushed connector that is as small as can be, and a hub whose door it is.

A delivery is signed by HMAC-SHA256 over its body in ``x-signature``; its id is in ``x-id``. ``plugged_in`` makes a
folder that, on ``PYTHONPATH``, is an installed plug-in.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from pydantic import SecretStr

from connectors.base import Connector, Settings
from solmu.errors import Retriable, Skippable, Unverified
from solmu.exchange import Batch, Cursor, Delivery, Request, Row, StreamInfo
from solmu.intake.store import IntakeStore, intake_path

SECRET = "ding-dong-a-synthetic-secret"
CONNECTION = """
connector: doorbell
direction: source
settings: {secret: "${DOORBELL_SECRET}"}
streams:
  rings: {mapping: ring}
"""
MAPPING = "record: lead\nperson:\n  email: email\n"
_METADATA = "Metadata-Version: 2.1\nName: doorbell\nVersion: 1\n"


class DoorbellSettings(Settings):
    """Its secret."""

    secret: SecretStr | None = None


class Doorbell(Connector):
    """Takes whatever is signed."""

    Settings: ClassVar[Any] = DoorbellSettings
    receives: ClassVar[bool] = True

    def check(self) -> list[str]:
        return []

    def discover(self) -> list[StreamInfo]:
        return [StreamInfo("rings", key=(), full=False)]

    def verify(self, request: Request) -> Delivery:
        if self.settings.secret is None:
            raise Unverified("there is no secret to judge it by", code="no-secret")
        if not hmac.compare_digest(
            signature(request.body, self.settings.secret), request.headers.get("x-signature", "")
        ):
            raise Unverified("the signature does not hold", code="signature")
        wanted = request.headers.get("x-answer", "")
        if wanted == "defect":
            raise ValueError(request.body)
        if wanted == "later":
            raise Retriable("not now", retry_after=7.2)
        if wanted == "skip":
            raise Skippable("no use of this", code="no-form", expected="a form")
        if request.headers.get("content-type") == "text/csv":
            raise Skippable("this is no JSON", code="content-type", expected="application/json")
        if wanted == "url":
            return Delivery(request.url + " " + request.path)
        if wanted == "parse":
            json.loads(request.body)
        return Delivery(request.headers.get("x-id") or hashlib.sha256(request.body).hexdigest())

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Batch]:
        seq = (cursor or {}).get("seq", 0)
        with IntakeStore(intake_path(self.folder)) as intake:
            while rings := intake.after(self.name, seq, 100):
                seq = rings[-1].seq
                yield Batch([Row(ring.delivery_id, json.loads(ring.body)) for ring in rings], {"seq": seq})


def signature(body: bytes, secret: str | SecretStr = SECRET) -> str:
    """Of a body, as hexadecimal text."""
    text = secret.get_secret_value() if isinstance(secret, SecretStr) else secret
    return hmac.new(text.encode(), body, hashlib.sha256).hexdigest()


def signed(body: bytes, id: str = "", secret: str = SECRET, **more: str) -> dict[str, str]:
    """The headers of a delivery."""
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {"content-type": "application/json", "x-signature": signature(body, secret), "x-id": id, **named}


def plugged_in(folder: Path) -> Path:
    """Make the plug-in."""
    info = folder / "doorbell-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(_METADATA)
    (info / "entry_points.txt").write_text("[solmu.connectors]\ndoorbell = tests.doorbell:Doorbell\n")
    return folder


def make_hub(folder: Path, *, intake: str = "{}", store: str = "sqlite:///solmu.db") -> Path:
    """A hub with one door, ``front``; its ``intake:`` block may be given."""
    (folder / "connections").mkdir(parents=True)
    (folder / "mappings" / "sources").mkdir(parents=True)
    (folder / "hub.yaml").write_text(f"name: Door\nstore: {store}\nintake: {intake}\n")
    (folder / "connections" / "front.yaml").write_text(CONNECTION)
    (folder / "mappings" / "sources" / "ring.yaml").write_text(MAPPING)
    return folder
