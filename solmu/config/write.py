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
    return write_files(hub, name, document, comments or {}, {}, {})[0]


def write_files(
    hub: Hub | Path,
    name: str,
    document: Mapping[str, Any],
    comments: Mapping[str, str],
    mappings: Mapping[Path, str],
    secrets: Mapping[Path, str],
) -> list[Path]:
    """Write a connection as ``write_connection`` does, and with it the texts of mappings and secrets by their files.

    All or none of them: what was written before something failed is removed. Gives their paths, the connection's first.
    Secrets are for the user only, in a folder that git leaves alone. Nothing that exists is replaced.
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
    text = connection_text(document, comments)
    connection_from(path, *parse(text, str(path)))
    written: list[Path] = []
    try:
        for place, secret in secrets.items():
            _protect(place.parent)
            written.append(write_new(place, secret, "secret", mode=0o600))
        for place, mapping in mappings.items():
            written.append(write_new(place, mapping, "mapping"))
        # The connection comes last: with it a run begins to use the others.
        return [write_new(path, text, "connection"), *reversed(written)]
    except BaseException:
        for each in written:
            each.unlink(missing_ok=True)
        raise


def write_new(path: Path, text: str, what: str, mode: int = 0o666) -> Path:
    """Write a file of the hub at once as a whole, and give its path. Raises ConfigurationError if it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
    try:
        os.link(draft, path)  # unlike a rename, this never replaces a file that is there
    except FileExistsError as error:
        raise ConfigurationError(
            f"there is a {what} {path.stem!r} already",
            code=f"{what}-exists",
            file=str(path),
            expected="another name",
        ) from error
    finally:
        draft.unlink()
    return path


def _protect(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n", encoding="utf-8")


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


def describe(name: str, connector: Any, settings: Mapping[str, Any]) -> dict[str, str]:
    """The comments of a connection's file: what the connector is, and what each of its settings is for."""
    about = (connector.__doc__ or "").strip().partition("\n")[0]
    comments = {"": f"{name}: {about}"}
    for key, field in connector.Settings.model_fields.items():
        if field.description and (field.alias or key) in settings:
            comments[f"settings.{field.alias or key}"] = field.description
    return comments


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
