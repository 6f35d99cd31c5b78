"""A hub with a door, its plug-in installed for the time of a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from solmu.config import connectors
from tests import doorbell


@pytest.fixture
def plugged_in(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = doorbell.plugged_in(tmp_path_factory.mktemp("plug-in"))
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("DOORBELL_SECRET", doorbell.SECRET)
    connectors._entry_points.cache_clear()
    yield folder
    connectors._entry_points.cache_clear()


@pytest.fixture
def hub_folder(plugged_in: Path, tmp_path: Path) -> Path:
    return doorbell.make_hub(tmp_path / "hub")
