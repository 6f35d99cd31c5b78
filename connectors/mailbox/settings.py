"""What a connection to a mailbox can be told."""

from __future__ import annotations

from datetime import date
from fnmatch import translate
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.base import Settings, ask
from connectors.mailbox.forms import LABELS

_LOCAL = ("localhost", "127.0.0.1", "::1")


class OAuthSettings(Settings):
    """How an access token is had for a mailbox that takes no password (Microsoft 365, Gmail)."""

    grant: Literal["client_credentials", "device_code"] = Field(
        description="client_credentials: the app by itself; device_code: somebody logged in once for it"
    )
    token_url: str = Field(description="where tokens are given out, as the provider states it")
    device_url: str | None = Field(
        None,
        description="where a device's login begins; for device_code",
        json_schema_extra=ask(when={"grant": "device_code"}),
    )
    client_id: str = Field(min_length=1, description="the app's id")
    client_secret: SecretStr | None = Field(
        None,
        description="the app's secret; device_code often needs none",
        json_schema_extra=ask(when={"grant": "client_credentials"}),
    )
    scope: str | None = Field(
        None,
        description="what the token is for, such as https://outlook.office365.com/.default",
        json_schema_extra=ask(),
    )
    token_file: Path | None = Field(
        None,
        description="file that keeps the refresh token of device_code; only its owner may read it",
        json_schema_extra=ask(when={"grant": "device_code"}),
    )

    @field_validator("token_url", "device_url")
    @classmethod
    def _encrypted(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(
            ("https://", *(f"http://{host}{end}" for host in _LOCAL[:2] for end in ":/"))
        ):
            raise ValueError("an address that begins with https://; plain http on this machine only")
        return value

    @model_validator(mode="after")
    def _enough_for_its_grant(self) -> OAuthSettings:
        if self.grant == "client_credentials" and self.client_secret is None:
            raise ValueError("client_credentials needs a `client_secret`")
        if self.grant == "device_code" and (self.device_url is None or self.token_file is None):
            raise ValueError("device_code needs a `device_url` and a `token_file`")
        return self


class MailboxSettings(Settings):
    """A mailbox on a server (``host``), or mail in files (``path``)."""

    host: str | None = Field(
        None,
        min_length=1,
        description="the IMAP server, such as imap.example.com; with a port of its own: mail.example.com:1993",
        json_schema_extra=ask(one_of="where the mail is"),
    )
    path: Path | None = Field(
        None,
        description="a maildir, an mbox file, or a folder of .eml and .mbox files; starts at the hub's folder",
        json_schema_extra=ask(one_of="where the mail is"),
    )
    port: int | None = Field(None, gt=0, lt=65536, description="default: 993; without implicit TLS 143")
    tls: Literal["implicit", "starttls", "none"] = Field(
        "implicit", description="how the connection is encrypted; none: on this machine only"
    )
    ca_file: Path | None = Field(None, description="PEM of the authority that signed the server's certificate")
    username: str | None = Field(
        None, min_length=1, description="whose mailbox", json_schema_extra=ask(when={"host": True})
    )
    password: SecretStr | None = Field(
        None,
        description="its password, or an app password",
        json_schema_extra=ask(when={"host": True}, one_of="how to log in"),
    )
    oauth: OAuthSettings | None = Field(
        None, description="instead of a password", json_schema_extra=ask(when={"host": True}, one_of="how to log in")
    )
    timeout_seconds: float = Field(60, gt=0, description="how long to wait for an answer")
    max_bytes: int = Field(
        25_000_000, ge=10_000, description="of a larger mail only the beginning is read: header and, mostly, text"
    )
    own: tuple[str, ...] = Field(
        (),
        description="our own domains and addresses: of mail that a colleague forwards, who wrote it first counts",
        json_schema_extra=ask(),
    )
    country: str | None = Field(
        None,
        pattern="^[A-Z]{2}$",
        description="where local phone numbers are dialled, such as FI, if nothing tells",
        json_schema_extra=ask(),
    )

    @model_validator(mode="before")
    @classmethod
    def _port_of_its_host(cls, said: Any) -> Any:
        """A host as people write it, with its port."""
        host, colon, port = str(said.get("host") or "").rpartition(":") if isinstance(said, dict) else ("", "", "")
        if not colon or ":" in host or not port.isdigit():
            return said
        if said.get("port") not in (None, int(port), port):
            raise ValueError(f"`host` says port {port}, and `port` says {said['port']}: say it once")
        return {**said, "host": host, "port": int(port)}

    @property
    def port_of_server(self) -> int:
        """The port, where none is stated the usual one (RFC 8314, RFC 3501)."""
        return self.port or (993 if self.tls == "implicit" else 143)

    @model_validator(mode="after")
    def _one_place(self) -> MailboxSettings:
        if (self.path is None) == (self.host is None):
            raise ValueError("a mailbox has a `host`, or a `path` to files")
        if self.host is None:
            return self
        if self.username is None:
            raise ValueError("a `host` needs a `username`")
        if (self.password is None) == (self.oauth is None):
            raise ValueError("a `host` needs a `password`, or `oauth`")
        if self.tls == "none" and self.host not in _LOCAL:
            raise ValueError("`tls: none` would send the password in the clear; it is for this machine only")
        return self


class FormTemplate(Settings):
    """How mails of one web form look, where its labels are not the usual ones."""

    subject: str = Field("*", description="pattern that the subject matches, such as *website*")
    labels: dict[str, tuple[str, ...]] = Field(
        description="what the form's labels stand for: " + ", ".join(LABELS) + " -> labels"
    )

    @field_validator("subject")
    @classmethod
    def _a_pattern(cls, value: str) -> str:
        translate(value)
        return value

    @field_validator("labels")
    @classmethod
    def _known(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        strangers = [name for name in value if name not in LABELS]
        if strangers:
            raise ValueError(f"{strangers[0]} is none of {', '.join(LABELS)}")
        return value


class MailStream(Settings):
    """The mail of some folders."""

    folders: str | tuple[str, ...] = Field(
        (), description="folders of the mailbox, or patterns of files; default: INBOX, or all .eml and .mbox files"
    )
    since: date | None = Field(
        None, description="mail that arrived earlier is left out, such as 2024-01-01", json_schema_extra=ask()
    )
    kinds: dict[str, tuple[str, ...]] | None = Field(
        None,
        description="kind -> words in subject or text that make a mail one, the first that fits counts; default:"
        " complaint and meeting request, in five languages",
    )
    forms: tuple[FormTemplate, ...] = Field((), description="forms whose mails have labels of their own")
    save_sheets: Path | None = Field(
        None, description="folder in which attached spreadsheets are put, for a connection that imports them"
    )

    @property
    def names(self) -> tuple[str, ...]:
        """What ``folders`` says, as a list."""
        return (self.folders,) if isinstance(self.folders, str) else self.folders
