"""Any database that SQLAlchemy reaches, through queries that the connection states. It is only ever read.

With a ``cursor`` column a stream is read by increments: from the cursor's value on, that value included, so that rows
that share it come again rather than never, and ``lag_seconds`` earlier, for transactions that commit late. Without one,
every read gives the whole list.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.base import Connector, Settings
from connectors.keys import Keys
from solmu.errors import Fatal, Retriable, SolmuError
from solmu.exchange import Batch, Cursor, FieldInfo, Row, StreamInfo

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Engine, Select

_BATCH = 1000
_SAFE_INTEGER = 2**63


class SqlSettings(Settings):
    """Which database, and how its clocks are to be read."""

    url: SecretStr = Field(description="the database as SQLAlchemy writes it: postgresql+psycopg://user@host/erp")
    timezone: str = Field("UTC", description="the time zone of stamps that have none, such as Europe/Helsinki")

    @field_validator("timezone")
    @classmethod
    def _a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("a time zone such as Europe/Helsinki") from None
        return value


class QueryStream(Settings):
    """One query as a stream."""

    query: str = Field(
        min_length=1,
        description="a SELECT; it may place the cursor itself as :cursor, which is NULL on the first read",
    )
    cursor: str | None = Field(
        None, description="column that grows with every change (a stamp or a number); without: whole lists are compared"
    )
    key: tuple[str, ...] = Field((), description="columns that make a row's key; needed with a cursor")
    lag_seconds: float = Field(
        0, ge=0, description="how far behind the cursor reading starts again, for transactions that commit late"
    )

    @model_validator(mode="after")
    def _a_key_for_changes(self) -> QueryStream:
        if self.cursor is not None and not self.key:
            raise ValueError("a stream with a `cursor` needs a `key`: else a changed row would be a new one")
        if self.cursor is None and (self.lag_seconds or ":cursor" in self.query):
            raise ValueError("`lag_seconds` and :cursor need the name of the `cursor` column")
        return self


class SqlConnector(Connector):
    """Reads queries of one database."""

    Settings = SqlSettings
    StreamSettings = QueryStream

    settings: SqlSettings

    def __init__(self, *, name: str, settings: SqlSettings, streams: Mapping[str, Any], folder: Path) -> None:
        super().__init__(name=name, settings=settings, streams=streams, folder=folder)
        self._engine: Engine | None = None
        self._calls = 0

    @property
    def capabilities(self) -> Any:
        from dataclasses import replace

        changes = any(stream.cursor is not None for stream in self.streams.values())
        return replace(super().capabilities, reports_changes_since=changes)
