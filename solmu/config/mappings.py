"""Where a mapping's file is: in the hub's own ``mappings/`` first, then among those that ship with Solmu."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

Side = Literal["sources", "targets"]

_NAME = re.compile(r"[\w-]+(/[\w-]+)*")


def find_mapping(folder: Path, side: Side, name: str) -> Path | None:
    """The file of the mapping ``name`` ("salesforce/contact") to land (``sources``) or to push (``targets``)."""
    if not _NAME.fullmatch(name):
        return None
    candidates = (place / side / f"{name}.yaml" for place in (folder / "mappings", shipped_mappings()))
    return next((path for path in candidates if path.is_file()), None)


def mapping_names(folder: Path, side: Side) -> list[str]:
    """The mappings there are to choose from, sorted."""
    places = (folder / "mappings" / side, shipped_mappings() / side)
    return sorted(
        {path.relative_to(place).with_suffix("").as_posix() for place in places for path in place.rglob("*.yaml")}
    )


def shipped_mappings() -> Path:
    """The folder of the mappings that ship with Solmu."""
    from importlib.resources import files

    return Path(str(files("mappings")))
