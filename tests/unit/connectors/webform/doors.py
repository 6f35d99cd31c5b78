"""A connection to web forms in an empty hub, and deliveries that come to its door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.webform import FormStream, WebformConnector, WebformSettings
from solmu.exchange import Batch, Cursor, Request, Row, Unreadable
from solmu.intake.store import IntakeStore, intake_path
from tests.unit.connectors.webform.bodies import SECRETS


def connection(
    hub: Path, scheme: str = "typeform", streams: dict[str, dict[str, Any]] | None = None, **settings: Any
) -> WebformConnector:
    stated = {"scheme": scheme, "secret": SECRETS.get(scheme)} | settings
    return WebformConnector(
        name="web",
        settings=WebformSettings.model_validate(stated),
        streams={
            name: FormStream.model_validate(each)
            for name, each in ({"leads": {}} if streams is None else streams).items()
        },
        folder=hub,
    )


def deliver(connector: WebformConnector, *requests: Request) -> list[bool]:
    """Whether each was new; judged as `solmu serve` does it."""
    with IntakeStore(intake_path(connector.folder)) as store:
        return store.add([(connector.name, connector.verify(request).id, request) for request in requests])


def read(connector: WebformConnector, stream: str = "leads", cursor: Cursor | None = None) -> list[Batch]:
    return list(connector.read(stream, cursor))


def everything(connector: WebformConnector, stream: str = "leads", cursor: Cursor | None = None) -> list[Any]:
    return [row for batch in read(connector, stream, cursor) for row in batch.rows]


def row(connector: WebformConnector, stream: str = "leads") -> Row:
    [found] = everything(connector, stream)
    assert isinstance(found, Row), found
    return found


def refused(connector: WebformConnector, stream: str = "leads") -> Unreadable:
    [found] = everything(connector, stream)
    assert isinstance(found, Unreadable), found
    return found


def last(batches: list[Batch]) -> Cursor | None:
    return next((batch.cursor for batch in reversed(batches) if batch.cursor is not None), None)
