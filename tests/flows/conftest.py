"""Prefect in the tests: nothing of it is imported before its settings point away from the tester's own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.night.conftest import armed, hub, store

__all__ = ["armed", "hub", "store"]


@pytest.fixture(scope="session")
def prefect_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings under which Prefect runs here, for this process and for others."""
    settings = {
        "PREFECT_HOME": str(tmp_path_factory.mktemp("prefect")),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PREFECT_")]:
            patch.delenv(name)
        for name, value in settings.items():
            patch.setenv(name, value)
        yield settings


@pytest.fixture(scope="session")
def prefect(prefect_environment: dict[str, str]) -> Iterator[None]:
    """A temporary Prefect server; it takes a quarter of a minute to start."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield
