"""What a connection to a BottleCRM can be told."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from connectors.base import Settings

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class BottleCrmSettings(Settings):
    """How to reach it, and how to behave. The token says which organisation it is about."""

    url: str = Field(description="address of its API, without /api; plain http on this machine only")
    token: SecretStr = Field(description="personal access token of the user whom Solmu acts as (bcrm_pat_…)")
    web_url: str | None = Field(None, description="address of its web app, for links to records; default: url")
    id_field: str = Field(
        "solmu_id", pattern=r"^[a-z0-9_-]{1,64}$", description="key of the custom text field with our id"
    )
    stamp_field: str = Field(
        "solmu_stamp",
        pattern=r"^[a-z0-9_-]{1,64}$",
        description="key of the custom text field that tells our writes from the edits of others",
    )
    page: int = Field(100, ge=2, le=1000, description="records in one page of a list")
    timeout_seconds: float = Field(60, gt=0, description="how long to wait for an answer")
    retry_seconds: float = Field(1, ge=0, description="pause before a read that failed is repeated; doubles each time")

    @field_validator("url", "web_url")
    @classmethod
    def _safe(cls, value: str | None) -> str | None:
        if value is None:
            return None
        address = urlsplit(value)
        if address.scheme != "https" and not (address.scheme == "http" and address.hostname in LOOPBACK):
            raise ValueError("an https:// address; plain http only on this machine")
        return value.rstrip("/").removesuffix("/api")


class BottleCrmStream(Settings):
    """One kind of record."""

    stream: str | None = Field(
        None, description="accounts, contacts, leads, opportunities or tasks; default: the stream's own name"
    )
