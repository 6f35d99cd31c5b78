"""Finds and reads a mapping's file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from solmu.config.hub import Hub
from solmu.config.mappings import Side, find_mapping, mapping_names
from solmu.config.nearest import choice_of
from solmu.config.yaml import Lines, load
from solmu.errors import ConfigurationError


def read_mapping(hub: Hub, side: Side, name: str) -> tuple[Path, Any, Lines]:
    """The file of a mapping, its content and its lines. Raises ConfigurationError with the nearest name there is."""
    path = find_mapping(hub.folder, side, name)
    if path is None:
        what = "source" if side == "sources" else "target"
        raise ConfigurationError(
            f"there is no {what} mapping {name!r}",
            code="configuration",
            file=str(hub.folder / "mappings" / side),
            field="mapping",
            value=name,
            expected=choice_of(name, mapping_names(hub.folder, side)),
        )
    return path, *load(path)
