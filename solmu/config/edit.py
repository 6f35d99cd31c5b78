"""Small changes to a connection's file that keep its comments."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

from solmu.config.connections import ConnectionConfig, connection_from
from solmu.config.yaml import parse
from solmu.errors import ConfigurationError, SolmuError

_OF_THE_HUB = ("stream", "direction", "include", "exclude")
"""Keys of a stream that are not its connector's, and stay unless they are said anew."""


def set_enabled(connection: ConnectionConfig, enabled: bool) -> Path:
    """Write ``enabled: true`` or ``false`` into the connection's file, and give its path."""

    def change(document: Any) -> None:
        _set(document, "enabled", enabled, after="direction")

    return _rewritten(connection, change)


def set_settings(
    connection: ConnectionConfig,
    settings: Mapping[str, Any],
    comments: Mapping[str, str],
    *,
    seen: str | None = None,
) -> Path:
    """Write the connection's settings anew; those that stay as they are keep their places and comments.

    ``comments`` are put above settings that were not there before: ``{"settings.url": "any database …"}``.
    ``seen`` is what ``stamp`` said when somebody looked. Raises SolmuError if the file has changed since.
    """

    def change(document: Any) -> None:
        if not isinstance(document.get("settings"), Mapping):
            _set(document, "settings", {}, after="direction")
        _become(document["settings"], settings, comments)

    return _rewritten(connection, change, seen=seen)


def set_stream(
    connection: ConnectionConfig, name: str, stream: Mapping[str, Any], *, new: bool = False, seen: str | None = None
) -> Path:
    """Write mapping and options of one stream of the connection, added where there is none.

    Raises ConfigurationError if a ``new`` one is there already, and SolmuError as ``set_settings`` does.
    """

    def change(document: Any) -> None:
        if not isinstance(document.get("streams"), Mapping):
            document["streams"] = {}
        streams = document["streams"]
        if new and name in streams:
            raise ConfigurationError(
                f"{connection.name} has a stream {name!r} already", code="stream-exists", expected="another name"
            )
        if not isinstance(streams.get(name), Mapping):
            streams[name] = {}
        kept = {key: streams[name][key] for key in _OF_THE_HUB if key in streams[name]}
        _become(streams[name], {**kept, **stream})

    return _rewritten(connection, change, seen=seen)


def stamp(connection: ConnectionConfig) -> str:
    """What the connection's file is now, for whoever wants to know later whether it is still the same."""
    return file_stamp(connection.file.read_bytes())


def file_stamp(content: bytes) -> str:
    """The same of any file's content."""
    return blake2b(content, digest_size=10).hexdigest()


def replaced(file: Path, text: str) -> None:
    """Put a text in a file's place; whoever reads it meanwhile sees the old one or the new one, never half of it."""
    part = file.with_name(f"{file.name}.part")
    part.write_text(text, encoding="utf-8", newline="")
    part.chmod(file.stat().st_mode & 0o777)
    part.replace(file)


def _rewritten(connection: ConnectionConfig, change: Callable[[Any], None], *, seen: str | None = None) -> Path:
    """Change the file, unless hub and connectors would not understand it any more."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    before = connection.file.read_bytes()
    if seen is not None and seen != file_stamp(before):
        raise SolmuError(
            "this connection was changed since you looked at it",
            code="changed",
            connection=connection.name,
            expected="a look at it as it is now",
        )
    document = yaml.load(before.decode("utf-8"))
    change(document)
    out = io.StringIO()
    yaml.dump(document, out)
    connection_from(connection.file, *parse(out.getvalue(), str(connection.file)))
    replaced(connection.file, out.getvalue())
    return connection.file


def _set(document: Any, key: str, value: Any, *, after: str) -> None:
    if key in document:
        document[key] = value
    else:
        document.insert(list(document).index(after) + 1, key, value)


def _become(block: Any, wanted: Mapping[str, Any], comments: Mapping[str, str] | None = None) -> None:
    """Make a block hold just that, touching nothing that it holds already."""
    in_one_line = hasattr(block, "fa") and block.fa.flow_style()
    for key in [key for key in block if key not in wanted]:
        del block[key]
    for key, value in wanted.items():
        if isinstance(value, Mapping) and isinstance(block.get(key), Mapping):
            _become(block[key], value)
            continue
        about = None if key in block or in_one_line else (comments or {}).get(f"settings.{key}")
        if key not in block or block[key] != value:
            block[key] = list(value) if isinstance(value, tuple) else value
        if about:
            block.yaml_set_comment_before_after_key(key, before=about, indent=2)
