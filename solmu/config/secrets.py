"""Secrets stand outside of the hub's files; a reference in a file says where.

=====================  =======================================================================================
reference              is replaced by
=====================  =======================================================================================
``${NAME}``            the environment variable, anywhere in the text; ``${NAME:-default}`` if it is not set
``file:///run/secret`` the content of that file, without blanks around it; ``file://x`` is in the hub's folder
``scheme:…``           what the entry point ``scheme`` of the group ``solmu.secrets`` gives for the rest. An entry
                       point ``name`` also answers to ``name-block:…`` (``prefect-block:crm-password``)
=====================  =======================================================================================
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from solmu.errors import ConfigurationError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "solmu.secrets"
HIDDEN = "•••"

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_SCHEME = re.compile(r"([a-z][a-z0-9-]+):(?!//)(\S+)")
_PASSWORD_IN_URL = re.compile(r"(?<=://)([^\s:/@]*):([^\s@]+)@")
_NAMED_SECRET = re.compile(
    r"(?i)\b([\w-]*(?:password|passwd|secret|token|api[_-]?key|authorization)[\w-]*['\"]?\s*[:=]\s*)\S+"
)
_SECRET_KEY = re.compile(r"(?i)password|passwd|secret|token|api_?key|private_?key|passphrase")

_known: set[str] = set()


def resolve(value: Any, *, folder: Path | None = None) -> Any:
    """The value with every reference in it replaced; dicts and lists are looked through, other values stay.

    ``folder`` is the hub's, for ``file://`` with a relative path. Raises ConfigurationError that names the reference,
    never what it stands for.
    """
    if isinstance(value, dict):
        return {key: resolve(each, folder=folder) for key, each in value.items()}
    if isinstance(value, list):
        return [resolve(each, folder=folder) for each in value]
    if not isinstance(value, str):
        return value
    if value.startswith("file://"):
        return _from_file(value, folder or Path())
    found = _SCHEME.fullmatch(value)
    provider = _provider(found[1]) if found else None
    if found and provider:
        return _from_provider(value, provider, found[2])
    return _VARIABLE.sub(_from_environment, value)


def is_reference(value: Any) -> bool:
    """Whether the text, as it stands in a file, only says where a secret is to be had."""
    if not isinstance(value, str):
        return False
    found = _SCHEME.fullmatch(value)
    return value.startswith("file://") or bool(_VARIABLE.search(value)) or bool(found and found[1] in providers())


def is_open_secret(value: Any) -> bool:
    """Whether a setting that must be secret is written out for everyone to read; a URL is secret for its password."""
    if not isinstance(value, str) or not value or is_reference(value):
        return False
    return bool(_PASSWORD_IN_URL.search(value)) if "://" in value else True


def remember(secret: str) -> None:
    """Make ``redact`` hide this secret from now on; of a URL only the password."""
    password = _PASSWORD_IN_URL.search(secret)
    if "://" not in secret:
        _known.add(secret)
    elif password:
        _known.update({password[2], unquote(password[2])})


def redact(text: str) -> str:
    """The text without the secrets that this process has read, passwords in URLs, and what is called a secret."""
    for secret in sorted(_known, key=len, reverse=True):
        if len(secret) >= 4:  # a shorter one would only tear holes into words
            text = text.replace(secret, HIDDEN)
    text = _PASSWORD_IN_URL.sub(rf"\1:{HIDDEN}@", text)
    return _NAMED_SECRET.sub(rf"\1{HIDDEN}", text)


def without_secrets(value: Any, key: str = "") -> Any:
    """A document as it may be kept and shown: references stay, what is a secret by its name or in a URL goes."""
    if isinstance(value, dict):
        return {name: without_secrets(each, str(name)) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(each, key) for each in value]
    if not isinstance(value, str):
        return value
    if "://" in value:
        return _PASSWORD_IN_URL.sub(_hidden_unless_reference, value)
    return HIDDEN if _SECRET_KEY.search(key) and not is_reference(value) else value


def _hidden_unless_reference(found: re.Match[str]) -> str:
    return found[0] if _VARIABLE.fullmatch(found[2]) else f"{found[1]}:{HIDDEN}@"


def _from_environment(found: re.Match[str]) -> str:
    name, default = found[1], found[2]
    value = os.environ.get(name)
    if value is None and default is None:
        raise ConfigurationError(
            f"the environment variable {name} is not set",
            code="configuration",
            expected=f"{name} in the environment, or ${{{name}:-a default}} in the file",
        )
    return default if value is None else value


def _from_file(reference: str, folder: Path) -> str:
    path = folder / unquote(reference.removeprefix("file://"))
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not text"
        raise ConfigurationError(
            f"the secret in {path} cannot be read: {reason.lower()}",
            code="configuration",
            expected="a file with the secret and nothing else, readable by this user",
        ) from error


def _from_provider(reference: str, provider: Callable[[str], str], name: str) -> str:
    try:
        return provider(name)
    except ConfigurationError:
        raise
    except Exception as error:  # whatever a plug-in raises, it is this reference that the administrator must mend
        raise ConfigurationError(
            f"the secret {reference} cannot be read: {type(error).__name__}", code="configuration"
        ) from error


def _provider(scheme: str) -> Callable[[str], str] | None:
    point = providers().get(scheme)
    return point.load() if point else None


@cache
def providers() -> dict[str, EntryPoint]:
    """The plug-ins that give secrets, by the schemes that they answer to. Looked for once, as that takes 20 ms."""
    from importlib.metadata import entry_points

    points = entry_points(group=GROUP)
    return {f"{point.name}-block": point for point in points} | {point.name: point for point in points}
