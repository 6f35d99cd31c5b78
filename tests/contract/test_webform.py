"""Web forms keep the contract of a connector: deliveries that `solmu serve` stored, and deliveries saved in files."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Connector
from connectors.webform import FormStream, WebformConnector, WebformSettings
from solmu.exchange import Payload, Request
from solmu.intake.schemes import SCHEMES
from solmu.intake.store import IntakeStore, intake_path
from tests.contract import suite
from tests.contract.system import System, Wrong

SECRET = "a-secret-of-the-contract"
SENT = datetime(2026, 7, 1, 7, 0, tzinfo=UTC)


class FormSystem(System):
    """A Typeform with two questions. A person who mends an answer sends the same response again, as a new event."""

    stream = "leads"
    name_field = "Company"
    note_field = "Message"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: dict[str, Any] = {"scheme": "typeform", "secret": SECRET}
        self.sent: dict[str, Payload] = {}
        self.events = itertools.count(1)

    @contextmanager
    def connect(self, **settings: Any) -> Iterator[Connector]:
        streams = settings.pop("streams", {self.stream: {}})
        with WebformConnector(
            name="web",
            settings=WebformSettings.model_validate(self.settings | settings),
            streams={name: FormStream.model_validate(each) for name, each in streams.items()},
            folder=self.folder,
        ) as connector:
            yield connector

    def wrong_settings(self) -> Sequence[Wrong]:
        return [
            Wrong("a sender that nobody knows", {"scheme": "typefrom"}, "scheme"),
            Wrong("a blank secret", {"secret": " "}, "secret"),
            Wrong("a list of no secrets", {"secret": []}, "secret"),
            Wrong("a secret that no address can hold", {"scheme": "path", "secret": "a/b c"}, "secret"),
            Wrong("a secret of another scheme", {"scheme": "standard-webhooks"}, "secret"),
            Wrong("a header that nothing reads", {"header": "X-Token"}, "header"),
            Wrong("a character set that there is not", {"charset": "utf-9"}, "charset"),
            Wrong("a folder that is not there", {"folder": "nowhere"}, "folder"),
            Wrong("one form in two streams", {"streams": {"a": {"form": "x"}, "b": {"form": ["y", "x"]}}}, "form"),
            Wrong("two streams that take the rest", {"streams": {"a": {}, "b": {}}}, "form"),
            Wrong("a setting that does not exist", {"secrets": "x"}, "secrets"),
        ]

    def add(self, payloads: Sequence[Payload]) -> list[str]:
        keys = [f"typeform:token-{len(self.sent) + number}" for number in range(1, len(payloads) + 1)]
        self.sent |= dict(zip(keys, payloads, strict=True))
        self.deliver(keys)
        return keys

    def add_with_one_stamp(self, payloads: Sequence[Payload]) -> list[str]:
        return self.add(payloads)  # all were submitted at the same time

    def add_late(self, payload: Payload) -> str:
        """Submitted before the others, and delivered after them: the sender tried for an hour."""
        key = f"typeform:token-{len(self.sent) + 1}"
        self.sent[key] = payload
        self.deliver([key], at=SENT - timedelta(hours=1))
        return key

    def change(self, key: str, note: str) -> None:
        self.sent[key] = self.sent[key] | {self.note_field: note}
        self.deliver([key])

    def request(self, key: str, at: datetime) -> Request:
        answers = [(f"q{number}", *each) for number, each in enumerate(self.sent[key].items())]
        body = {
            "event_id": f"event-{next(self.events)}",
            "event_type": "form_response",
            "form_response": {
                "form_id": "contact",
                "token": key.partition(":")[2],
                "submitted_at": at.isoformat(),
                "definition": {"fields": [{"id": id, "title": title} for id, title, _ in answers]},
                "answers": [{"type": "text", "text": text, "field": {"id": id}} for id, _, text in answers],
            },
        }
        made = SCHEMES["typeform"].sign(SECRET, json.dumps(body).encode(), at=at, id="", url="", header=None)
        return Request("POST", "", "", {"content-type": "application/json", **made.headers}, made.body, at)

    def deliver(self, keys: Sequence[str], *, at: datetime = SENT) -> None:
        with self.connect() as connector, IntakeStore(intake_path(self.folder)) as store:
            for start in range(0, len(keys), 1_000):
                requests = [self.request(key, at) for key in keys[start : start + 1_000]]
                assert all(store.add([("web", connector.verify(each).id, each) for each in requests]))


class SavedSystem(FormSystem):
    """The same, as files."""

    many = 3_000

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.settings |= {"folder": "saved"}
        (folder / "saved").mkdir()

    def deliver(self, keys: Sequence[str], *, at: datetime = SENT) -> None:
        for key in keys:
            request = self.request(key, at)
            document = {
                "headers": dict(request.headers),
                "body": request.body.decode(),
                "received_at": at.isoformat(),
            }
            file = self.folder / "saved" / f"{next(self.events):06}.json"
            file.write_text(json.dumps(document), encoding="utf-8")


class Forms(suite.Connects, suite.Reads, suite.ReadsChanges):
    pass


class TestReceived(Forms):
    @pytest.fixture
    def system(self, tmp_path: Path) -> System:
        return FormSystem(tmp_path)


class TestSaved(Forms):
    @pytest.fixture
    def system(self, tmp_path: Path) -> System:
        return SavedSystem(tmp_path)
