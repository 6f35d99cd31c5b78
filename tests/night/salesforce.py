"""A small hub on a Salesforce sandbox of its own, for nights that people there spend too. Synthetic names."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from sandbox.start import Running, start
from solmu.config import Hub, load_hub
from tests.hubs import make_hub
from tests.sandbox.client import Api

CRM = """
connector: salesforce
direction: both
settings:
  login_url: {url}
  client_id: file://client_id
  client_secret: file://client_secret
  retry_seconds: 0
{settings}
streams:
"""


def salesforce_hub(
    folder: Path,
    org: Running,
    streams: Sequence[str],
    *,
    store: str | None = None,
    migrated: Path | None = None,
    sheets: Mapping[str, Sequence[Sequence[str]]],
    settings: Sequence[str] = (),
) -> Hub:
    """The hub of ``tests/hubs.py`` with the org in the place of its CRM. ``streams`` and ``settings`` are lines of
    the connection; ``migrated`` is an empty store to begin with."""
    make_hub(folder, store=store, sheets=sheets)
    if migrated is not None:
        shutil.copyfile(migrated, folder / "solmu.db")
    file = folder / "hub.yaml"
    file.write_text(file.read_text().partition("assignment:")[0], encoding="utf-8")
    for name in ("client_id", "client_secret"):
        (folder / name).write_text(org.secrets[name], encoding="utf-8")
    text = CRM.format(url=org.url, settings="\n".join(f"  {line}" for line in settings))
    (folder / "connections" / "crm.yaml").write_text(
        text + "".join(f"  {line}\n" for line in streams), encoding="utf-8"
    )
    return load_hub(folder)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with start("salesforce", tmp_path_factory.mktemp("org") / "org.db") as running:
        yield running


@pytest.fixture
def api(running: Running) -> Iterator[Api]:
    """The org, emptied for each test."""
    with Api(running) as api:
        api.call("POST", "/_reset")
        yield api
