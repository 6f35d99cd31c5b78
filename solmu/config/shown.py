"""A connection's settings as people may see them: of a secret no more than the reference to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from solmu.config.secrets import HIDDEN, is_open_secret, is_reference, without_secrets

_DEFAULT = re.compile(r"(\$\{[A-Za-z_][A-Za-z0-9_]*):-[^}]*\}")


def shown_settings(model: type[BaseModel], settings: Mapping[str, Any]) -> dict[str, Any]:
    """``settings`` without anything that is secret by the model, by its name, or as a password in an address.

    A reference stays as it is, but for its default: ``${PASSWORD:-…}``, for that would be the secret itself.
    """
    secret = {field.alias or name for name, field in model.model_fields.items() if "SecretStr" in str(field.annotation)}
    return {
        key: _hidden(value) if key in secret else _without_defaults(without_secrets(value, key))
        for key, value in settings.items()
    }


def without_default(text: str) -> str:
    """A reference without the default that would stand in for its variable."""
    return _DEFAULT.sub(rf"\1:-{HIDDEN}}}", text)


def _hidden(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_hidden(each) for each in value]
    if not isinstance(value, str):
        return HIDDEN
    return without_default(without_secrets(value)) if not is_open_secret(value) else HIDDEN


def _without_defaults(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_defaults(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_defaults(each) for each in value]
    return without_default(value) if is_reference(value) else value
