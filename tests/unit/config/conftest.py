"""A hub in a folder of its own, written line by line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from solmu.errors import ConfigurationError

Write = Callable[[str, str], Path]


@pytest.fixture
def hub_folder(tmp_path: Path) -> Path:
    """The smallest hub there is."""
    (tmp_path / "hub.yaml").write_text("name: Test\n")
    (tmp_path / "connections").mkdir()
    return tmp_path


@pytest.fixture
def write(hub_folder: Path) -> Write:
    """Write a file of that hub."""

    def write_file(name: str, text: str) -> Path:
        path = hub_folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def told(error: ConfigurationError) -> list[str]:
    """Everything that an error tells, its notes included."""
    return [str(error), *getattr(error, "__notes__", [])]
