"""Posts many deliveries over connections that are kept open, and notes how long each took to be acknowledged.

Plain sockets and ready-made bytes, so that on a small machine the sender is not what is measured. Those that are posted
at a rate are timed from the moment when they were due, so that a stall is not hidden by the sender waiting for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Posted:
    """``seconds`` is from the first to the last; ``waits`` are seconds, one a delivery, sorted."""

    seconds: float
    waits: Sequence[float]

    @property
    def per_second(self) -> float:
        return len(self.waits) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share was acknowledged."""
        return 1000 * self.waits[min(len(self.waits) - 1, int(share * len(self.waits)))]


def request(url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A POST as it goes over the line."""
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1", f"host: {parts.netloc}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def post(url: str, requests: Sequence[bytes], *, connections: int, rate: float | None = None) -> Posted:
    """Post them all: each connection the next one as soon as it is free, or ``rate`` a second in all.

    Raises AssertionError for an answer other than 200.
    """
    return asyncio.run(_post(url, requests, connections, rate))


async def _post(url: str, requests: Sequence[bytes], connections: int, rate: float | None) -> Posted:
    parts = urlsplit(url)
    waits: list[float] = []
    waiting = iter(enumerate(requests))
    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_connection(parts.hostname or "", parts.port or 80, waiting, begun, rate, waits))
    return Posted(time.perf_counter() - begun, sorted(waits))


async def _connection(
    host: str, port: int, waiting: Iterator[tuple[int, bytes]], begun: float, rate: float | None, waits: list[float]
) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for number, request in waiting:
        due = time.perf_counter() if rate is None else begun + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter())) if rate else None
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200"), head
        await reader.readexactly(int(head.partition(b"content-length:")[2].split(None, 1)[0]))
        waits.append(time.perf_counter() - due)
    writer.close()
    await writer.wait_closed()
