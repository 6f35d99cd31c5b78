"""What a connection to web forms can be told."""

from __future__ import annotations

import codecs
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.base import Settings, ask
from solmu.intake.schemes import Terms
from solmu.intake.schemes.shared import fits_a_path
from solmu.intake.schemes.standard import is_secret

SchemeName = Literal[
    "typeform", "tally", "hubspot", "jotform", "netlify", "google-ads", "standard-webhooks", "path", "header"
]
SenderName = Literal["typeform", "tally", "hubspot", "jotform", "netlify", "google-ads", "standard-webhooks", "plain"]

IN_PATH = frozenset({"path", "jotform"})


class WebformSettings(Settings):
    """Forms whose sender posts to `solmu serve`, at /in/<connection>; or deliveries that were saved in a folder."""

    scheme: SchemeName = Field(
        description="who sends, and so how a delivery is known to be genuine; a website's own form: path (a secret at"
        " the end of the address) or header"
    )
    secret: SecretStr | tuple[SecretStr, ...] | None = Field(
        None,
        description="what the sender signs with; a list while one replaces another. Without it nothing is let in",
        json_schema_extra=ask(),
    )
    sender: SenderName | None = Field(
        None,
        description="how a delivery reads, where the scheme does not say: a Tally form whose secret is in the path",
    )
    header: str | None = Field(
        None,
        pattern="^[A-Za-z0-9-]+$",
        description="for header: which one holds the secret; default X-Webhook-Secret",
        json_schema_extra=ask(when={"scheme": "header"}),
    )
    url: str | None = Field(
        None,
        pattern="^https?://",
        description="for hubspot: the address as HubSpot was given it, where a proxy hides that",
    )
    tolerance_seconds: int = Field(300, gt=0, le=86_400, description="how old a signature with a time may be")
    charset: str = Field("utf-8", description="what a website's form is written in, where it does not say so itself")
    id_field: str | None = Field(
        None, min_length=1, description="for a website's own form: the field with an id of its own for each submission"
    )
    form_field: str | None = Field(
        None, min_length=1, description="for a website's own form: the field that says which form; default: form_id …"
    )
    folder: Path | None = Field(
        None, description="a folder of saved deliveries, read as well; starts at the hub's folder"
    )
    trusted: bool = Field(
        False, description="saved deliveries are taken without a signature: whoever may write there is trusted"
    )

    @field_validator("secret")
    @classmethod
    def _not_blank(cls, value: SecretStr | tuple[SecretStr, ...] | None) -> SecretStr | tuple[SecretStr, ...] | None:
        if any(not text.strip() for text in _texts(value)) or value == ():
            raise ValueError("a secret that is blank lets everybody in")
        return value

    @field_validator("charset")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            codecs.lookup(value)
        except LookupError:
            raise ValueError("a character set, such as utf-8 or windows-1252") from None
        return value

    @model_validator(mode="after")
    def _fitting(self) -> WebformSettings:
        if self.scheme in IN_PATH and not all(map(fits_a_path, self.secrets)):
            raise ValueError("a `secret` in an address has letters, digits and . _ ~ - only")
        if self.scheme == "standard-webhooks" and not all(map(is_secret, self.secrets)):
            raise ValueError("this `secret` is none of Standard Webhooks: whsec_ and base64")
        if self.header is not None and self.scheme != "header":
            raise ValueError("`header` is for `scheme: header`")
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """All that count now."""
        return _texts(self.secret)

    @property
    def terms(self) -> Terms:
        """What deliveries are judged by."""
        return Terms(self.secrets, timedelta(seconds=self.tolerance_seconds), self.header, self.url)

    @property
    def reads_as(self) -> str:
        """Whose documents these are."""
        return self.sender or ("plain" if self.scheme in ("path", "header") else self.scheme)


class FormStream(Settings):
    """The submissions of one form."""

    form: str | tuple[str, ...] = Field(
        (), description="the sender's id of the form, or several; default: what no other stream takes"
    )

    @property
    def forms(self) -> tuple[str, ...]:
        """What ``form`` says, as a list."""
        return (self.form,) if isinstance(self.form, str) else self.form


def _texts(value: SecretStr | tuple[SecretStr, ...] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(each.get_secret_value() for each in (value if isinstance(value, tuple) else (value,)))
