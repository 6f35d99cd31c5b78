"""Starts a sandbox as a process of its own and waits until it listens. The tests and the demo use it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sandbox

START_TIMEOUT_SECONDS = 30.0
STOP_TIMEOUT_SECONDS = 10.0
_ROOT = Path(sandbox.__file__).resolve().parent.parent


class SandboxFailed(Exception):
    """The sandbox ended, or did not listen in time; the message has what it wrote to stderr."""


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox that listens. A context manager that stops it."""

    url: str
    pid: int
    # JSON: client_id, client_secret, username, password, security_token, public_key_file.
    secrets_file: Path
    process: "subprocess.Popen[bytes]"

    @property
    def secrets(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.secrets_file.read_text(encoding="utf-8"))
        return found

    def stop(self) -> None:
        """Ends it in good order; kills it if it does not end within ten seconds. Stopping twice does no harm."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def start(
    kind: str,
    data: Path,
    *,
    secrets: Path | None = None,
    port: int = 0,
    extra: Sequence[str] = (),
    log: Path | None = None,
    detached: bool = False,
) -> Running:
    """Starts `sandbox.<kind>` over the SQLite file `data`.

    `secrets` is the JSON file both sides know (made at random beside `data` if none is given); `extra` goes to the
    sandbox's command line; its stderr goes to `log` (default: beside `data`). `detached` lets it outlive its
    starter's terminal. Raises SandboxFailed.
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    log = log or data.with_suffix(".log")
    with tempfile.TemporaryDirectory(prefix="sandbox-") as folder:
        ready = Path(folder) / "ready.json"
        command = [sys.executable, "-m", f"sandbox.{kind}", "--port", str(port)]
        command += ["--data", str(data), "--ready-file", str(ready), *extra]
        if secrets is not None:
            command += ["--secrets", str(secrets)]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH")))),
        }
        with log.open("ab") as errors:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=environment,
                start_new_session=detached,
            )
        document = _wait(process, ready, log)
    return Running(document["url"], document["pid"], Path(document["secrets"]), process)


def _wait(process: "subprocess.Popen[bytes]", ready: Path, log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not ready.exists():
        if process.poll() is not None:
            raise SandboxFailed(f"ended with {process.returncode}: {_tail(log)}")
        if time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise SandboxFailed(f"did not listen within {START_TIMEOUT_SECONDS:.0f} s: {_tail(log)}")
        time.sleep(0.01)
    document: dict[str, Any] = json.loads(ready.read_text(encoding="utf-8"))
    return document


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])
