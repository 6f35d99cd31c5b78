"""Under Prefect a night is told of once, and ends in good order when Prefect cancels it."""

from __future__ import annotations

import json
import logging
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from solmu.config import Hub
from solmu.store import Store
from solmu.store.tables import run
from solmu.sync.run import listening
from tests.faults.test_signals import signal_at
from tests.hubs import crm_of
from tests.unit.notify.servers import Web, web_server

pytestmark = pytest.mark.usefixtures("prefect", "armed")


@pytest.fixture
def web(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with web_server() as web:
        monkeypatch.setenv("WEBHOOK", web.address)
        with (hub.folder / "hub.yaml").open("a") as file:
            file.write("notify: {webhook: {url: '${WEBHOOK}'}}\n")
        yield web


def messages(web: Web) -> list[str]:
    return [json.loads(body)["text"] for _, _, _, body in web.calls]


def nightly(hub: Hub) -> dict[str, Any]:
    from flows.nightly import nightly as flow

    report: dict[str, Any] = flow(hub=str(hub.folder))
    return report


def test_a_failed_connection_is_one_message(hub: Hub, store: Store, web: Web, expect_errors: list[Any]) -> None:
    (hub.folder / "data" / "two.csv").unlink()
    assert nightly(hub)["exit"] == 3
    (text,) = messages(web)
    assert "not for two" in text


def test_a_night_that_dies_is_one_message(
    hub: Hub, store: Store, web: Web, monkeypatch: pytest.MonkeyPatch, expect_errors: list[logging.LogRecord]
) -> None:
    def blow_up(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr("solmu.sync.resolving.resolve_mentions", blow_up)
    with pytest.raises(ZeroDivisionError):
        nightly(hub)
    (text,) = messages(web)
    assert "the run broke off" in text


def test_a_night_that_prefect_ends_finishes_its_batch_and_closes_its_books(
    hub: Hub, store: Store, web: Web, expect_errors: list[logging.LogRecord]
) -> None:
    from prefect.exceptions import TerminationSignal

    ends = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        with pytest.raises(TerminationSignal), listening(signal_at("resolving", signal.SIGTERM)):
            nightly(hub)
    finally:
        signal.signal(signal.SIGTERM, ends)
    (text,) = messages(web)
    assert "the run was interrupted" in text
    with store.read() as connection:
        row = connection.execute(select(run)).one()
    assert (row.state, row.exit, row.report["balanced"]) == ("interrupted", 143, True)
    assert crm_of(hub).records("tasks") == {}
    assert nightly(hub)["exit"] == 0
