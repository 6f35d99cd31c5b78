"""Servers as processes of their own, for benchmarks that post to them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SECRET = "synthetic-secret-of-a-benchmark"
SOLMU = "import sys; sys.argv[0] = 'solmu'; from solmu.cli import main; main()"
_START_SECONDS, _END_SECONDS = 60, 60


@contextmanager
def served(hub: Path) -> Iterator[str]:
    """The address of `solmu serve` of a hub, which runs in the block."""
    ready = hub / "ready.json"
    command = ["-c", SOLMU, "serve", "--hub", str(hub), "--port", "0", "--ready-file", str(ready)]
    with listening(command, ready) as url:
        yield url


@contextmanager
def listening(command: Sequence[str], ready: Path) -> Iterator[str]:
    """The address of a server that runs in the block: a Python that writes ``{url}`` to the file ``ready``."""
    ready.unlink(missing_ok=True)
    process = subprocess.Popen([sys.executable, *command], cwd=ready.parent, env=environment())
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not ready.exists() or not ready.read_text():
            assert process.poll() is None, "the server ended by itself"
            assert time.monotonic() < deadline, "the server does not listen"
            time.sleep(0.05)
        yield json.loads(ready.read_text())["url"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_END_SECONDS)


def environment() -> dict[str, str]:
    """That of a process that finds this project's packages, and the secret of a benchmark's forms."""
    path = os.pathsep.join(filter(None, [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "BENCHMARK_SECRET": SECRET}
