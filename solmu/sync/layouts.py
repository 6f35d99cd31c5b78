"""What a hub remembers of the lists that were imported into it: a connection, a stream a layout, a mapping."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from typing import Any

from solmu.config import ConnectionConfig, Hub, StreamConfig
from solmu.config.connections import NAME
from solmu.config.mappings import find_mapping
from solmu.config.write import write_connection
from solmu.config.yaml import load
from solmu.errors import ConfigurationError, Stopped
from solmu.normalise import fold
from solmu.propose.text import styled

CONNECTION = "import"
"""The connection of lists that nobody gave a name."""

STREAM = "rows"
"""The one stream of a list with a name."""

_ABOUT = """\
Lists that are brought in by `solmu import`; nightly runs leave them alone.
To have a folder read every night instead, set `enabled: true` and `files` to a pattern: a row that vanishes from
the folder then counts as gone."""
_COLUMNS = "the columns that the list had; one that is missing stops the import, and says so"


def slug(text: str) -> str:
    """A text as part of a stream's name: ``Leads 2024-05 (Kone)`` is ``leads-kone``; numbers and dates are left out."""
    words = [word for word in fold(text).split() if word.isascii() and not word.isdigit()]
    return "-".join(re.findall(r"[a-z0-9]+", " ".join(words))) or "list"


def connection_of(hub: Hub, name: str, folder: Path) -> ConnectionConfig:
    """The connection of that name, reading from ``folder`` this once; a new one if the hub has none.

    Raises ConfigurationError if it is a connection to something else, or no name for one.
    """
    if not NAME.fullmatch(name):
        raise ConfigurationError(
            f"a list cannot be called {name!r}", field="--save", value=name, expected="letters, digits, - and _"
        )
    known = hub.connections.get(name)
    settings = {"folder": str(folder)}
    if known is None:
        return ConnectionConfig(
            name, "spreadsheet", "source", settings, {}, False, hub.folder / "connections" / f"{name}.yaml"
        )
    if known.connector != "spreadsheet":
        raise ConfigurationError(
            f"{name} is a connection to something else than sheets",
            connection=name,
            file=str(known.file),
            field="--save",
            value=name,
            expected="another name",
        )
    return with_changes(known, settings={**known.settings, **settings})


def with_changes(config: ConnectionConfig, **changes: Any) -> ConnectionConfig:
    """A connection that differs for one import from what its file says."""
    from dataclasses import replace

    return replace(config, **changes)


def layout(stream: StreamConfig) -> tuple[str, ...]:
    """The columns that a stream's list had when it was first imported; none if its file does not say."""
    return tuple(stream.options.get("columns", ()))


def stop_if_changed(stream: StreamConfig, columns: Sequence[str], *, connection: str, file: str) -> None:
    """Raises Stopped with the difference if a list has lost columns. New ones beside the old do no harm."""
    before = layout(stream)
    gone = [column for column in before if column not in columns]
    if not gone:
        return
    new = [column for column in columns if column not in before]
    raise Stopped(
        f"the columns are not those of the last time; gone: {', '.join(gone)}; new: {', '.join(new) or 'none'}",
        guard="columns-changed",
        connection=connection,
        stream=stream.name,
        file=file,
        field=gone[0],
        expected=f"the columns {', '.join(before)}; or, if this is another list, `--save NAME` with a name of its own",
    )


def partner_of(hub: Hub, mapping: str) -> str | None:
    """The partner that a mapping states for all its leads."""
    path = find_mapping(hub.folder, "sources", mapping)
    document = load(path)[0] if path else None
    lead = document.get("lead") if isinstance(document, Mapping) else None
    partner = lead.get("partner") if isinstance(lead, Mapping) else None
    stated = partner.get("const") if isinstance(partner, Mapping) else None
    return None if stated is None else str(stated)


def free_name(hub: Hub, name: str) -> str:
    """The name of a mapping that there is not yet: this one, or with a number."""
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(each for each in names if find_mapping(hub.folder, "sources", each) is None)


def write_mapping(
    folder: Path, name: str, document: Mapping[str, Any], about: Sequence[str], *, anew: bool = False
) -> Path:
    """Write ``mappings/sources/<name>.yaml`` below a hub's folder. Raises ConfigurationError if it exists, unless it is
    written ``anew``."""
    from ruamel.yaml import YAML

    path = folder / "mappings" / "sources" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    yaml = YAML()
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(styled(document), out)
    up = "../" * (len(Path(name).parts) + 1)
    head = [
        f"# yaml-language-server: $schema={up}.schemas/source-mapping.json",
        *(f"# {line}".rstrip() for line in about),
    ]
    part = path.with_suffix(".yaml.part")
    if anew:
        part.write_text("\n".join([*head, out.getvalue()]), encoding="utf-8")
        part.replace(path)
        return path
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write("\n".join([*head, out.getvalue()]))
    except FileExistsError as error:
        raise ConfigurationError(
            f"there is a mapping {name!r} already", code="mapping-exists", file=str(path), expected="another name"
        ) from error
    return path


def write_stream(hub: Hub, config: ConnectionConfig, stream: StreamConfig) -> Path:
    """Write a stream into its connection's file, and the file if there is none yet; comments in it stay."""
    where: dict[str, Any] = {name: stream.options[name] for name in ("sheet", "header") if name in stream.options}
    written = {"files": stream.options["files"], **where, "mapping": stream.mapping, "columns": list(layout(stream))}
    if config.name not in hub.connections:
        folder = Path(config.settings["folder"])
        inside = folder.relative_to(hub.folder) if folder.is_relative_to(hub.folder) else folder
        document = {
            "connector": config.connector,
            "direction": "source",
            "enabled": False,
            "settings": {"folder": str(inside)},
            "streams": {stream.name: written},
        }
        comments = {"": _ABOUT, f"streams.{stream.name}.columns": _COLUMNS}
        return write_connection(hub, config.name, document, comments)
    return _add_stream(config.file, stream.name, written)


def _add_stream(path: Path, name: str, written: Mapping[str, Any]) -> Path:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(path.read_text(encoding="utf-8"))
    document.setdefault("streams", {})[name] = styled(written)
    out = io.StringIO()
    yaml.dump(document, out)
    part = path.with_suffix(".yaml.part")
    part.write_text(out.getvalue(), encoding="utf-8")
    part.replace(path)
    return path
