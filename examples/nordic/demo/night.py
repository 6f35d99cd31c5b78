"""One night: the real flow, under a Prefect server of its own that lives as long as this process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from examples.nordic.demo.home import Home
from examples.nordic.demo.screen import Screen
from solmu.config import load_hub
from solmu.store import open_store, time
from solmu.store.tables import run as run_table
from solmu.sync.arm import arm, arming, confirm_first_ten
from solmu.sync.run import listening

WHO = "make demo"
TARGET = "crm"


@dataclass(frozen=True, slots=True)
class Night:
    """What a night gave: its report, and the Prefect flow run that it was."""

    report: dict[str, Any]
    flow_run: str
    flow_state: str


def let_write(home: Home) -> bool:
    """Arm the CRM and confirm its first ten records; gives whether that was still to be done."""
    with open_store(load_hub(home.folder).store_url) as store:
        with store.read() as connection:
            fresh = not arming(connection, TARGET).armed
        if fresh:
            arm(store, TARGET, who=WHO, now=time.now())
            confirm_first_ten(store, TARGET, who=WHO, now=time.now())
    return fresh


def run_night(home: Home, screen: Screen) -> Night:
    """Run the nightly flow over the hub, with progress on the screen."""
    _environment(home)
    with screen.steps() as steps:
        steps.tell("starting Prefect and its own server", 0)
        from flows.nightly import nightly  # takes seconds, which the screen should show

        with listening(steps.tell):
            report: dict[str, Any] = nightly(hub=str(home.folder))
    with open_store(load_hub(home.folder).store_url) as store, store.read() as connection:
        detail = connection.scalars(select(run_table.c.detail).where(run_table.c.id == report["run_id"])).one()
    return Night(report, detail["flow_run_name"], _state(detail["flow_run"]))


def _state(flow_run: str) -> str:
    """What Prefect itself says became of the flow run."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        state = client.read_flow_run(UUID(flow_run)).state
    return state.type.value if state else "UNKNOWN"


def _environment(home: Home) -> None:
    """Prefect stays in the demo's folder, in this process, quiet, and calls nobody; read when it is imported."""
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    os.environ.update(
        PREFECT_HOME=str(home.folder / "prefect"),
        PREFECT_SERVER_ALLOW_EPHEMERAL_MODE="true",
        PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="120",
        PREFECT_SERVER_ANALYTICS_ENABLED="false",
        PREFECT_LOGGING_LEVEL="WARNING",
        PREFECT_LOGGING_SERVER_LEVEL="WARNING",
        DO_NOT_TRACK="1",
    )
    # The CRM and Prefect's server are on this machine: a proxy of the user's could not reach them.
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1", "localhost")))
