"""Writes a connection's file with comments, so that nobody starts from a blank page."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from solmu.config.connections import NAME, connection_from
from solmu.config.hub import Hub
from solmu.config.init import SCHEMAS
from solmu.config.yaml import parse
from solmu.errors import ConfigurationError

_WIDTH = 110


def write_connection(
    hub: Hub | Path, name: str, document: Mapping[str, Any], comments: Mapping[str, str] | None = None
) -> Path:
    """Write ``connections/<name>.yaml`` and give its path.

    ``comments`` are put above the keys that they are for: ``{"settings.url": "any database SQLAlchemy reaches"}``,
    ``""`` for the top of the file. The document is checked first, as ``load_hub`` would. Raises ConfigurationError if
    it is wrong, or if there is such a connection already.
    """
    folder = hub.folder if isinstance(hub, Hub) else hub
    path = folder / "connections" / f"{name}.yaml"
    if not NAME.fullmatch(name):
        raise ConfigurationError(
            f"a connection cannot be called {name!r}",
            code="configuration",
            value=name,
            expected="letters, digits, - and _",
        )
    text = connection_text(document, comments or {})
    connection_from(path, *parse(text, str(path)))
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".yaml.new")
    draft.write_text(text, encoding="utf-8")
    try:
        os.link(draft, path)  # unlike a rename, this never replaces a file that somebody made meanwhile
    except FileExistsError as error:
        raise ConfigurationError(
            f"there is a connection {name!r} already", code="connection-exists", file=str(path), expected="another name"
        ) from error
    finally:
        draft.unlink()
    return path


def connection_text(document: Mapping[str, Any], comments: Mapping[str, str]) -> str:
    """The YAML text of a connection, comments in their places."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(_commented(document, comments), out)
    head = [f"# yaml-language-server: $schema=../{SCHEMAS}/connection.json"]
    head += [f"# {line}".rstrip() for line in comments.get("", "").splitlines()]
    return "\n".join([*head, out.getvalue()])


def _commented(block: Mapping[str, Any], comments: Mapping[str, str], prefix: str = "", depth: int = 0) -> Any:
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    written = CommentedMap()
    for key, value in block.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            written[key] = _commented(value, comments, f"{path}.", depth + 1)
        elif isinstance(value, list | tuple):
            written[key] = CommentedSeq(value)
            written[key].fa.set_flow_style()
        else:
            written[key] = value
        if path in comments:
            written.yaml_set_comment_before_after_key(key, before=comments[path], indent=2 * depth)
    return written
