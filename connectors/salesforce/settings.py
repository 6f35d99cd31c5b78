"""What a connection to a Salesforce org can be told."""

from __future__ import annotations

from typing import Self, TypedDict
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.base import Settings, ask

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_SUFFIX = ".salesforce.com"


class WhereToLogIn(TypedDict):
    """Attributes of an error."""

    field: str
    expected: str


class SalesforceSettings(Settings):
    """How to log in, and how to behave.

    Logging in takes a connected app or External Client App (``client_id``) and either its ``client_secret`` (client
    credentials flow, at the org's own domain) or the ``username`` and ``private_key`` of the JWT bearer flow.
    """

    domain: str = Field(
        "login",
        description="login, test (sandboxes), or the org's My Domain (acme.my, acme--uat.sandbox.my)",
        json_schema_extra=ask(),
    )
    login_url: str | None = Field(
        None, description="address to log in at, instead of a domain; plain http on this machine only"
    )
    client_id: str = Field(min_length=1, description="the app's consumer key")
    client_secret: SecretStr | None = Field(
        None,
        description="the app's consumer secret, for client credentials",
        json_schema_extra=ask(one_of="how to log in"),
    )
    private_key: SecretStr | None = Field(
        None,
        description="PEM of the key that the app's certificate belongs to",
        json_schema_extra=ask(one_of="how to log in"),
    )
    username: str | None = Field(
        None, description="whom to act as, for JWT", json_schema_extra=ask(when={"private_key": True})
    )
    api_version: str = Field("62.0", pattern=r"^\d\d\.0$", description="version of the API")
    external_id_field: str | None = Field(
        "Solmu_Id__c",
        description="custom field with our id: text (64), unique, case-insensitive, external id; null: there is none",
    )
    bulk_above: int | None = Field(
        2000, ge=1, description="from how many records on a Bulk API 2.0 job is used; null: never"
    )
    lag_seconds: float = Field(
        120, ge=0, description="how far behind the cursor reading starts again, for transactions that commit late"
    )
    timeout_seconds: float = Field(60, gt=0, description="how long to wait for an answer")
    retry_seconds: float = Field(1, ge=0, description="pause before a read that failed is repeated; doubles each time")
    job_timeout_seconds: float = Field(
        3600, gt=0, description="how long to wait for a bulk job; the next run then asks again"
    )
    auto_assign: bool = Field(False, description="let the org's assignment rules give new records an owner")
    allow_duplicates: bool = Field(False, description="save records although the org's duplicate rules warn of them")

    @field_validator("domain")
    @classmethod
    def _without_suffix(cls, value: str) -> str:
        name = value.strip().lower().removeprefix("https://").rstrip("/").removesuffix(_SUFFIX)
        if not name or "/" in name or name.endswith(".lightning.force.com"):
            raise ValueError("login, test, or My Domain as in https://<domain>.salesforce.com (acme.my)")
        return name

    @field_validator("login_url")
    @classmethod
    def _safe(cls, value: str | None) -> str | None:
        if value is None:
            return None
        url = urlsplit(value)
        if url.scheme == "http" and url.hostname in LOOPBACK:
            return value.rstrip("/")
        if url.scheme != "https" or not url.hostname:
            raise ValueError("an https:// address; plain http only on this machine")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.client_secret is None) == (self.private_key is None):
            raise ValueError(
                "give either `client_secret`, or `private_key` and `username`; `solmu connection add salesforce` in a "
                "terminal makes a key, and docs/how-to/salesforce.md says how to make one without"
            )
        if self.private_key is not None and not self.username:
            raise ValueError("`private_key` needs the `username` to act as")
        if self.client_secret is not None and self.login_url is None and self.domain in ("login", "test"):
            raise ValueError("client credentials need the org's own `domain`, such as acme.my")
        return self

    @property
    def login_address(self) -> str:
        """Where tokens are to be had."""
        return self.login_url or f"https://{self.domain}{_SUFFIX}"

    @property
    def where_to_log_in(self) -> WhereToLogIn:
        """Which setting an error about the address is about, and what would be right."""
        if self.login_url is None:
            return {"field": "domain", "expected": "login, test, or the org's own domain (acme.my)"}
        return {"field": "login_url", "expected": "the address of an org that is running"}

    @property
    def audience(self) -> str:
        """Whom a JWT is meant for: Salesforce takes its login hosts."""
        if self.login_url is not None and urlsplit(self.login_url).hostname in LOOPBACK:
            return self.login_url
        is_sandbox = self.domain == "test" or ".sandbox." in self.login_address
        return f"https://{'test' if is_sandbox else 'login'}{_SUFFIX}"


class SalesforceStream(Settings):
    """One object of the org."""

    stream: str | None = Field(
        None, description="accounts, contacts, leads, … or the API name of any object; default: the stream's own name"
    )
    fields: tuple[str, ...] = Field(
        (), description="which fields to read, all that mappings use among them; default: the usual and custom ones"
    )
    where: str | None = Field(None, description="SOQL condition that limits what is read (IsActive = true)")

    @field_validator("where")
    @classmethod
    def _a_condition(cls, value: str | None) -> str | None:
        if value is not None and value.strip().lower().startswith(("where ", "select ")):
            raise ValueError("only the condition, without WHERE")
        return value
