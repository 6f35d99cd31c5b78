"""Copies of a hub with its store: a hub is kept as it is before a night, and nights are spent on copies of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from tests.peers.postgres import Server

_ADDRESS = "store"  # the file in the hub's folder


@dataclass(frozen=True)
class Copies:
    """Copies hubs whose stores are on one kind of database. ``blank`` is a folder with an empty store and no hub yet.

    A store on SQLite is a file of the hub's folder. One on PostgreSQL is a database of ``server``; a file of the hub's
    folder says which, so that a copy's configuration is that of its original to the letter.
    """

    blank: Path
    server: Server | None = None

    @property
    def kind(self) -> str:
        return "postgresql" if self.server else "sqlite"

    @property
    def store(self) -> str:
        """What ``hub.yaml`` says of the store."""
        return f"file://{_ADDRESS}" if self.server else "sqlite:///solmu.db"

    @contextmanager
    def of(self, hub: Path, to: Path) -> Iterator[Path]:
        """A copy of a hub whose store nobody has open. It is gone at the end; after an error its files stay."""
        shutil.copytree(hub, to)
        if self.server is None:
            yield to
        else:
            template = make_url((hub / _ADDRESS).read_text(encoding="utf-8")).database
            assert template is not None
            with self.server.database(template) as url:
                say_where(to, url.render_as_string(hide_password=False))
                yield to
        shutil.rmtree(to)


def say_where(folder: Path, address: str) -> None:
    """Write the address of a hub's store on PostgreSQL where its configuration looks for it."""
    (folder / _ADDRESS).write_text(address, encoding="utf-8")


def on(kind: str, *more: object) -> Any:
    """Parameters of a test that takes ``copies`` first, left out where that kind of database cannot be had."""
    return pytest.param(kind, *more, marks=pytest.mark.peer("postgres") if kind == "postgresql" else ())
