"""prefect.yaml's deployment, on a real Prefect server, carried out by a real worker."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from solmu.store import open_store
from solmu.store.tables import run
from tests.hubs import make_hub

ROOT = Path(__file__).parents[2]
PATIENCE = 240.0  # seconds


@contextmanager
def running(log: Path, *command: str, env: dict[str, str]) -> Iterator[None]:
    """`prefect …` in the background; what it says goes to a log."""
    with log.open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", *command], cwd=ROOT, env=env, stdout=said, stderr=said
        )
    try:
        yield
        assert process.poll() is None, log.read_text()
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def until(answer: Callable[[], Any], what: str, log: Path) -> Any:
    """What ``answer`` gives as soon as it gives something; the log says why it never did."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if found := answer():
                return found
        except httpx.TransportError:
            pass  # it does not listen yet
        time.sleep(0.3)
    raise AssertionError(f"{what} did not happen in {PATIENCE:.0f} s:\n{log.read_text()}")


def told(answer: httpx.Response) -> Any:
    """What the server says. A busy one may say no for a moment: its database is locked."""
    return answer.json() if answer.is_success else None


@pytest.mark.timeout(900)
def test_the_deployed_night_is_completed_by_a_worker(
    prefect_environment: dict[str, str], migrated_sqlite: Path, tmp_path: Path
) -> None:
    hub = make_hub(tmp_path / "hub", crm_file="crm.db")
    shutil.copyfile(migrated_sqlite, tmp_path / "hub" / "solmu.db")
    address = f"http://127.0.0.1:{(port := free_port())}/api"
    env = {
        **os.environ,
        **prefect_environment,
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_API_URL": address,
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "SOLMU_HUB": str(hub.folder),
    }
    server, worker = tmp_path / "server.log", tmp_path / "worker.log"
    with ExitStack() as stack:
        stack.enter_context(running(server, "server", "start", "--host", "127.0.0.1", "--port", str(port), env=env))
        client = stack.enter_context(httpx.Client(base_url=address, timeout=30))
        until(lambda: client.get("/health").is_success, "the server's start", server)
        # A worker makes the pool that it works for, where there is none.
        stack.enter_context(running(worker, "worker", "start", "--pool", "solmu", "--type", "process", env=env))
        until(lambda: client.get("/work_pools/solmu").is_success, "the worker's start", worker)
        deployed = subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
        )
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        named = "/deployments/name/solmu-nightly/nightly"
        deployment = until(lambda: told(client.get(named)), "the deployment", server)
        assert [each["schedule"]["cron"] for each in deployment["schedules"]] == ["30 3 * * *"]

        order, once = f"/deployments/{deployment['id']}/create_flow_run", {"idempotency_key": "the night"}
        begun = until(lambda: told(client.post(order, json=once)), "the order for a night", server)

        def ended() -> str | None:
            flow_run = told(client.get(f"/flow_runs/{begun['id']}"))
            state: str | None = flow_run and flow_run["state"]["type"]
            return state if state in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else None

        assert until(ended, "the night's end", worker) == "COMPLETED", worker.read_text()
        # The nights to come are on the server's calendar, without anybody asking for them.
        to_come = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
        until(lambda: told(client.post("/flow_runs/count", json=to_come)), "the scheduling of the next night", server)
        with open_store(hub.store_url) as store, store.read() as connection:
            row = connection.execute(select(run)).one()
        assert row.detail["flow_run"] == begun["id"]
        assert row.report["balanced"]
        assert row.report["streams"]["one/leads"]["new"] == 2
