"""What senders are told, and what is kept."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from solmu.intake.answers import Answer
from solmu.intake.body import DRAINED
from solmu.intake.doors import Doors
from solmu.intake.limits import Budget
from solmu.intake.receiver import Receiver
from solmu.intake.refusals import Refusals
from solmu.intake.server import make_app, receiving
from solmu.intake.store import IntakeStore, Stored, intake_path
from solmu.intake.writer import Writer
from solmu.store import open_store
from solmu.store.tables import audit
from tests.doorbell import make_hub, signed

RING = b'{"email": "aino@kotkakone.example"}'


class Client:
    """Sends requests to an application in this process."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def sent() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://door.example") as client:
                return await client.request(method, path, **more)

        return asyncio.run(sent())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)


@contextmanager
def serving(folder: Path) -> Iterator[Client]:
    with receiving(folder) as (_, receiver):
        yield Client(make_app(receiver.routes()))


@pytest.fixture
def client(hub_folder: Path) -> Iterator[Client]:
    with serving(hub_folder) as opened:
        yield opened


def ring(client: Client, body: bytes = RING, path: str = "/in/front", **more: Any) -> tuple[int, Any]:
    answer = client.post(path, content=body, headers=signed(body, **more))
    return answer.status_code, answer.json()


def stored(folder: Path, connection: str = "front") -> list[Stored]:
    with IntakeStore(intake_path(folder)) as store:
        return store.after(connection, 0, 1000)


def audited(folder: Path) -> list[Any]:
    with open_store(f"sqlite:///{folder / 'solmu.db'}") as store, store.read() as connection:
        return list(connection.execute(select(audit).order_by(audit.c.id)))


def test_a_delivery_is_stored_and_acknowledged(client: Client, hub_folder: Path) -> None:
    assert ring(client, id="1") == (200, {"accepted": True, "repeated": False})

    (found,) = stored(hub_folder)
    assert (found.delivery_id, found.body, found.content_type) == ("1", RING, "application/json")


def test_a_redelivery_is_acknowledged_and_changes_nothing(client: Client, hub_folder: Path) -> None:
    ring(client, id="1")

    assert ring(client, id="1") == (200, {"accepted": True, "repeated": True})
    assert len(stored(hub_folder)) == 1


def test_what_stands_below_the_connection_reaches_its_connector(client: Client, hub_folder: Path) -> None:
    assert ring(client, path="/in/front/a%20b/c?x=%31", x_answer="url")[0] == 200

    assert stored(hub_folder)[0].delivery_id == "http://door.example/in/front/a%20b/c?x=%31 /a b/c"


def test_the_address_that_senders_call_may_be_stated(plugged_in: Path, tmp_path: Path) -> None:
    folder = make_hub(tmp_path / "hub", intake="{public_url: https://hooks.example/solmu/}")
    with serving(folder) as client:
        ring(client, x_answer="url")

    assert stored(folder)[0].delivery_id == "https://hooks.example/solmu/in/front "


def test_a_bad_signature_is_counted_and_its_body_is_kept_nowhere(hub_folder: Path) -> None:
    with serving(hub_folder) as client:
        answers = [client.post("/in/front", content=RING, headers={"x-signature": "no"}) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {401}
    assert answers[0].json()["error"]["code"] == "unverified"
    lines = audited(hub_folder)
    assert sum(line.detail["count"] for line in lines) == 3
    assert {(line.who, line.what, line.subject) for line in lines} == {("serve", "delivery refused", "front")}
    assert lines[0].digest == hashlib.sha256(RING).hexdigest()
    assert lines[0].detail["reasons"] == {"signature": 1}
    assert not [path for path in hub_folder.rglob("*") if path.is_file() and b"aino@" in path.read_bytes()]


def test_a_connection_without_a_secret_takes_nothing(client: Client, hub_folder: Path) -> None:
    path = hub_folder / "connections" / "front.yaml"
    path.write_text(path.read_text().replace('{secret: "${DOORBELL_SECRET}"}', "{}"))

    assert ring(client)[0] == 401


def test_a_secret_that_cannot_be_read_is_our_trouble_and_not_the_senders(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOORBELL_SECRET")

    answer = client.post("/in/front", content=RING, headers=signed(RING))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


@pytest.mark.parametrize("path", ["/in/", "/in", "/in/back", "/in/..%2ffront", "/in/%00", "/in/" + "x" * 5000])
def test_what_is_no_door_is_not_found(client: Client, path: str) -> None:
    assert client.post(path, content=RING, headers=signed(RING)).status_code == 404


def test_a_connection_that_nobody_pushes_to_is_no_door(client: Client, hub_folder: Path) -> None:
    (hub_folder / "connections" / "crm.yaml").write_text("connector: memory\ndirection: both\n")

    assert ring(client, path="/in/crm")[0] == 404


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_deliveries_are_posted(client: Client, method: str) -> None:
    answer = client.request(method, "/in/front")

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [("skip", 400, "no-form"), ("later", 503, "not-now")],
)
def test_what_the_connector_says_is_passed_on(client: Client, wanted: str, status: int, code: str) -> None:
    answer = client.post("/in/front", content=RING, headers=signed(RING, x_answer=wanted))

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.headers.get("retry-after") == ("8" if status == 503 else None)


def test_a_wrong_content_type_is_told_with_the_right_one(client: Client) -> None:
    answer = client.post("/in/front", content=RING, headers=signed(RING) | {"content-type": "text/csv"})

    assert (answer.status_code, answer.json()["error"]["expected"]) == (415, "application/json")


def test_a_defect_of_a_connector_tells_nobody_what_was_sent(
    client: Client, hub_folder: Path, expect_errors: list[logging.LogRecord]
) -> None:
    status, document = ring(client, x_answer="defect")

    assert status == 500
    assert [record.getMessage() for record in expect_errors] == ["front could not judge a delivery: ValueError"]
    assert "aino" not in json.dumps(document)
    assert expect_errors[0].exc_info is None


def test_deep_json_is_refused_where_it_is_parsed_and_kept_where_it_is_not(client: Client) -> None:
    deep = b"[" * 50_000 + b"]" * 50_000

    assert ring(client, deep, x_answer="parse")[0] == 400
    assert ring(client, deep)[0] == 200


def test_a_delivery_as_large_as_allowed_is_taken_and_a_larger_one_is_not(plugged_in: Path, tmp_path: Path) -> None:
    folder = make_hub(tmp_path / "hub", intake="{max_body: 100000}")

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 50_000

    with serving(folder) as client:
        assert ring(client, b"x" * 100_000)[0] == 200
        status, document = ring(client, b"x" * 10_000_000)
        chunked = client.post("/in/front", content=parts())

    assert (status, chunked.status_code) == (413, 413)
    assert document["error"]["expected"] == "at most 100000 bytes"
    assert len(stored(folder)) == 1


def test_an_endless_body_is_not_read_to_its_end(hub_folder: Path) -> None:
    asked = 0

    async def endless() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    answer = asyncio.run(answered(hub_folder, endless))

    assert answer["status"] == 413
    assert (b"connection", b"close") in answer["headers"]
    assert asked * 65_536 < 2 * DRAINED


def test_whoever_hangs_up_is_sent_nothing(hub_folder: Path) -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    assert asyncio.run(answered(hub_folder, gone)) == {}


def test_a_body_that_does_not_come_is_not_waited_for(hub_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solmu.intake.receiver.BODY_SECONDS", 0.05)

    async def silent() -> dict[str, Any]:
        await asyncio.sleep(10)
        return {}

    assert asyncio.run(answered(hub_folder, silent))["status"] == 408


async def answered(folder: Path, receive: Any) -> dict[str, Any]:
    """What the application starts its answer with, for a sender that is played by ``receive``."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/in/front",
        "scheme": "http",
        "headers": [],
        "query_string": b"",
    }

    async def send(message: Any) -> None:
        sent.append(message)

    with receiving(folder) as (_, receiver):
        await make_app(receiver.routes())(scope, receive, send)
    return sent[0] if sent else {}


def test_too_many_are_asked_to_wait(plugged_in: Path, tmp_path: Path) -> None:
    with serving(make_hub(tmp_path / "hub", intake="{rate: 0.5}")) as client:
        assert ring(client, id="1")[0] == 200
        answer = client.post("/in/front", content=RING, headers=signed(RING, id="2"))

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")


def test_those_who_come_together_share_a_commit(hub_folder: Path) -> None:
    groups: list[int] = []

    class Counting(IntakeStore):
        def add(self, items: Any) -> list[bool]:
            groups.append(len(items))
            return super().add(items)

    async def many() -> list[bool]:
        from datetime import UTC, datetime

        from solmu.exchange import Request

        request = Request("POST", "", "", {}, RING, datetime.now(UTC))
        return await asyncio.gather(*(writer.store("front", str(number % 200), request) for number in range(210)))

    with Writer(lambda: Counting(intake_path(hub_folder))) as writer:
        new = asyncio.run(many())

    assert (sum(new), len(stored(hub_folder))) == (200, 200)
    assert len(groups) < 50


def test_what_cannot_be_stored_is_not_acknowledged_and_comes_again(
    hub_folder: Path, expect_errors: list[logging.LogRecord]
) -> None:
    pages = 20

    def small() -> IntakeStore:
        store = IntakeStore(intake_path(hub_folder))
        store._db.execute(f"PRAGMA max_page_count={pages}")
        return store

    doors = Doors(hub_folder)
    with Writer(small) as writer:
        client = Client(make_app(Receiver(doors, writer, Refusals()).routes()))
        answers = [
            client.post("/in/front", content=RING * 300, headers=signed(RING * 300, id=str(number)))
            for number in range(9)
        ]
        full = [answer for answer in answers if answer.status_code == 503]
        pages = 10_000
        again = ring(client, RING * 300, id="8")

    assert {answer.status_code for answer in answers} == {200, 503}
    assert full[0].headers["retry-after"] == "30"
    assert "database or disk is full" in expect_errors[0].getMessage()
    assert again == (200, {"accepted": True, "repeated": False})
    acknowledged = {str(number) for number, answer in enumerate(answers) if answer.status_code == 200} | {"8"}
    assert {found.delivery_id for found in stored(hub_folder)} == acknowledged


def test_a_store_that_somebody_holds_is_not_waited_for_until_the_sender_gives_up(
    hub_folder: Path, expect_errors: list[logging.LogRecord]
) -> None:
    def impatient() -> IntakeStore:
        store = IntakeStore(intake_path(hub_folder))
        store._db.execute("PRAGMA busy_timeout=50")
        return store

    with IntakeStore(intake_path(hub_folder)) as holder, Writer(impatient) as writer:
        client = Client(make_app(Receiver(Doors(hub_folder), writer, Refusals()).routes()))
        with holder._writing():
            held = ring(client, id="1")
        freed = ring(client, id="1")

    assert (held[0], freed) == (503, (200, {"accepted": True, "repeated": False}))
    assert "locked" in expect_errors[0].getMessage()


def test_more_than_memory_has_room_for_comes_again(hub_folder: Path) -> None:
    with receiving(hub_folder) as (_, receiver):
        receiver._budget = Budget(100)
        client = Client(make_app(receiver.routes()))
        answer = client.post("/in/front", content=b"x" * 101, headers=signed(b"x" * 101))
        then = ring(client)

    assert (answer.status_code, answer.headers["retry-after"], then[0]) == (503, "5", 200)


def test_it_is_healthy(client: Client) -> None:
    assert client.get("/healthz").json() == {"ok": True}


def test_every_refusal_says_what_would_be_right() -> None:
    from solmu.intake import answers

    refusals = [each for each in vars(answers).values() if isinstance(each, Answer) and each.status >= 400]

    assert len(refusals) > 5
    assert all(each.document["error"]["expected"] for each in refusals)
