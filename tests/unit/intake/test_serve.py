"""`solmu serve` as a process."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from solmu.intake.store import IntakeStore, intake_path
from tests.doorbell import signed

ROOT = Path(__file__).parents[3]
MAIN = "import sys; sys.argv[0] = 'solmu'; from solmu.cli import main; main()"


def command(*arguments: str, first: str = "") -> list[str]:
    return [sys.executable, "-c", first + MAIN, *arguments]


def environment(plugged_in: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(plugged_in)])}


@contextmanager
def served(hub: Path, plugged_in: Path, *more: str, first: str = "") -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    ready = hub / "ready.json"
    arguments = ["serve", "--hub", str(hub), "--port", "0", "--ready-file", str(ready), *more]
    process = subprocess.Popen(command(*arguments, first=first), env=environment(plugged_in), stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 30
        while not ready.exists():
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield json.loads(ready.read_text())["url"], process
    finally:
        process.kill()
        process.communicate()


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=20).close()
    except OSError:
        return False
    return True


def ended(process: subprocess.Popen[bytes]) -> str:
    _, said = process.communicate(timeout=20)
    return said.decode()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_it_receives_until_it_is_told_to_stop(
    hub_folder: Path, plugged_in: Path, number: signal.Signals, code: int
) -> None:
    with served(hub_folder, plugged_in) as (url, process):
        accepted = httpx.post(f"{url}/in/front", content=b"{}", headers=signed(b"{}", id="1"))
        refused = httpx.post(f"{url}/in/front/hush-hush", content=b"{}", headers={"x-signature": "no"})
        process.send_signal(number)
        said = ended(process)

    assert url.startswith("http://127.0.0.1:")
    assert (accepted.json(), refused.status_code) == ({"accepted": True, "repeated": False}, 401)
    assert process.returncode == code
    assert f"listening on {url}/in/front" in said
    assert "Traceback" not in said
    assert "hush" not in said
    assert not (hub_folder / "ready.json").exists()
    with IntakeStore(intake_path(hub_folder)) as intake:
        assert [each.delivery_id for each in intake.after("front", 0, 10)] == ["1"]
    with sqlite3.connect(hub_folder / "solmu.db") as db:
        assert db.execute("SELECT what, subject FROM audit").fetchall() == [("delivery refused", "front")]
    db.close()


def test_a_request_under_way_is_answered_before_it_ends(hub_folder: Path, plugged_in: Path) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in signed(b"{}", id="late").items())
    with served(hub_folder, plugged_in) as (url, process):
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as sender:
            line = "POST /in/front HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nexpect: 100-continue\r\n"
            sender.sendall(f"{line}{head}\r\n".encode())
            assert b" 100 " in sender.recv(10_000)  # now it waits for the body
            process.terminate()
            while listens(port):
                time.sleep(0.05)
            sender.sendall(b"{}")
            answer = sender.recv(10_000)
        ended(process)

    assert answer.startswith(b"HTTP/1.1 200")
    with IntakeStore(intake_path(hub_folder)) as intake:
        assert [each.delivery_id for each in intake.after("front", 0, 10)] == ["late"]


def test_a_sender_that_never_ends_its_head_does_not_keep_its_connection(hub_folder: Path, plugged_in: Path) -> None:
    hasty = (
        "from solmu.intake.patience import Patience; Patience.__init__.__defaults__ = (0.5, __import__('time').time); "
    )
    with served(hub_folder, plugged_in, first=hasty) as (url, _):
        port = int(url.rpartition(":")[2])
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as silent,
            socket.create_connection(("127.0.0.1", port), timeout=10) as slow,
            httpx.Client() as resting,
        ):
            assert resting.get(f"{url}/healthz").status_code == 200
            slow.sendall(b"POST /in/front HTTP/1.1\r\nx-a: ")

            assert (silent.recv(100), slow.recv(100)) == (b"", b"")
            assert resting.get(f"{url}/healthz").status_code == 200


def test_a_proxy_on_this_machine_tells_who_calls_and_how(hub_folder: Path, plugged_in: Path) -> None:
    forwarded = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7", "host": "hooks.example"}
    with served(hub_folder, plugged_in) as (url, _):
        httpx.post(f"{url}/in/front", content=b"{}", headers=signed(b"{}", x_answer="url") | forwarded)

    with IntakeStore(intake_path(hub_folder)) as intake:
        assert intake.after("front", 0, 10)[0].delivery_id == "https://hooks.example/in/front "


def test_a_port_that_is_taken_is_told(hub_folder: Path, plugged_in: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            command("serve", "--hub", str(hub_folder), "--port", port),
            env=environment(plugged_in),
            capture_output=True,
            text=True,
        )

    assert done.returncode == 2
    assert f"nobody can listen on 127.0.0.1 port {port}" in done.stderr


def test_without_the_extra_the_command_that_installs_it_is_told(hub_folder: Path, plugged_in: Path) -> None:
    done = subprocess.run(
        command("serve", "--hub", str(hub_folder), first="import sys; sys.modules['uvicorn'] = None; "),
        env=environment(plugged_in),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 2
    assert "pip install 'solmu[web]'" in done.stderr
