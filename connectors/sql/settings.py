"""What a connection to a database can be told."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.base import Settings, ask

CURSOR = re.compile(r"(?<![:\w\\]):cursor\b")
"""Where a query places the cursor itself."""


class SqlSettings(Settings):
    """Which database, and how its clocks are to be read."""

    url: SecretStr = Field(description="the database as SQLAlchemy writes it: postgresql+psycopg://user@host/erp")
    timezone: str = Field(
        "UTC", description="the time zone of stamps that have none, such as Europe/Helsinki", json_schema_extra=ask()
    )

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
    key: tuple[str, ...] = Field(
        (), description="columns that make a row's key; needed with a cursor", json_schema_extra=ask(column="key")
    )
    cursor: str | None = Field(
        None,
        description="column that grows with every change (a stamp or a number); without: whole lists are compared",
        json_schema_extra=ask(when={"key": True}, column="changed"),
    )
    lag_seconds: float = Field(
        0,
        ge=0,
        description="how far behind the cursor reading starts again, for transactions that commit late",
        json_schema_extra=ask(when={"cursor": True}),
    )

    @model_validator(mode="after")
    def _a_key_for_changes(self) -> QueryStream:
        if self.cursor is not None and not self.key:
            raise ValueError("a stream with a `cursor` needs a `key`: else a changed row would be a new one")
        if self.cursor is None and (self.lag_seconds or CURSOR.search(self.query)):
            raise ValueError("`lag_seconds` and :cursor need the name of the `cursor` column")
        return self
