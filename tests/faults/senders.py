"""A receiver that is killed and started again, and senders that repeat what was not acknowledged."""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.doorbell import signed

ROOT = Path(__file__).parents[2]
_MAIN = "import sys; sys.argv[0] = 'solmu'; from solmu.cli import main; main()"
AGAIN_SECONDS = 0.1
START_SECONDS = 60.0
UP_SECONDS = (0.05, 1.0)
"""How long a receiver may live, between these, before it is killed."""


@dataclass(slots=True)
class Sent:
    """What the senders saw. ``repeated``: stored already by a receiver that was killed before it answered."""

    acknowledged: dict[str, int] = field(default_factory=dict)  # id: how often
    repeated: set[str] = field(default_factory=set)
    under_way: int = 0
    unanswered: int = 0
    kills: int = 0


class Receiver:
    """`solmu serve` on a port of its own."""

    def __init__(self, hub: Path, plugged_in: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._ready = hub / "ready.json"
        self._hub = hub
        self._environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(plugged_in)])}
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._ready.unlink(missing_ok=True)
        arguments = ["--hub", str(self._hub), "--port", str(self.port), "--ready-file", str(self._ready)]
        self._process = subprocess.Popen([sys.executable, "-c", _MAIN, "serve", *arguments], env=self._environment)
        deadline = time.monotonic() + START_SECONDS
        while not self._ready.exists():
            assert self._process.poll() is None, "the receiver ended by itself"
            assert time.monotonic() < deadline, "the receiver does not listen"
            await asyncio.sleep(0.02)

    def kill(self) -> None:
        assert self._process is not None
        assert self._process.poll() is None, "the receiver ended by itself"
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()


def body_of(id: str) -> bytes:
    """What is sent under an id; of different lengths, since some span several pages."""
    number = int(id)
    return json.dumps({"email": f"lead{number}@example.example", "notes": "x" * (number * 37 % 3000)}).encode()


def send_through_kills(hub: Path, plugged_in: Path, *, count: int, rate: float, kills: int, seed: int) -> Sent:
    """Send ``count`` deliveries, ``rate`` a second, each until it is acknowledged, while the receiver is killed."""
    return asyncio.run(_send_through_kills(Receiver(hub, plugged_in), count, rate, kills, random.Random(seed)))


async def _send_through_kills(receiver: Receiver, count: int, rate: float, kills: int, draw: random.Random) -> Sent:
    sent = Sent()
    await receiver.start()
    try:
        limits = httpx.Limits(max_connections=50)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{receiver.port}", limits=limits, timeout=30) as client:
            begun = time.monotonic()
            async with asyncio.TaskGroup() as group:
                group.create_task(_kill(receiver, sent, kills, draw))
                for number in range(count):
                    await asyncio.sleep(begun + number / rate - time.monotonic())
                    group.create_task(_deliver(client, str(number), sent))
    finally:
        receiver.stop()
    return sent


async def _kill(receiver: Receiver, sent: Sent, kills: int, draw: random.Random) -> None:
    for _ in range(kills):
        await asyncio.sleep(draw.uniform(*UP_SECONDS))
        while not sent.under_way:
            await asyncio.sleep(0)
        # A moment in the life of the request that is under way: read, being committed, or committed and not answered.
        await asyncio.sleep(draw.uniform(0, 0.004))
        if sent.under_way:
            sent.kills += 1
        receiver.kill()
        await receiver.start()


async def _deliver(client: httpx.AsyncClient, id: str, sent: Sent) -> None:
    body = body_of(id)
    while True:
        sent.under_way += 1
        try:
            answer = await client.post("/in/front", content=body, headers=signed(body, id=id))
        except httpx.TransportError as error:
            sent.unanswered += not isinstance(error, httpx.ConnectError)
        else:
            assert answer.status_code == 200, answer.text
            assert answer.json()["accepted"] is True
            sent.acknowledged[id] = sent.acknowledged.get(id, 0) + 1
            if answer.json()["repeated"]:
                sent.repeated.add(id)
            return
        finally:
            sent.under_way -= 1
        await asyncio.sleep(AGAIN_SECONDS)
