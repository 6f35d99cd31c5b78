"""Statements that one engine has compiled serve all engines of its kind.

Each test opens a store of its own, and compiling a night's hundreds of statements anew takes a good part of the night.
What is compiled depends on the kind of database, not on where it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine

from solmu.store import engine as opening

MOST = 5000


class Statements(dict[Any, Any]):
    """What SQLAlchemy takes as ``compiled_cache``. Its keys begin with the dialect, which each engine has for itself:
    here with its name."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        if len(self) >= MOST:
            self.clear()
        super().__setitem__((key[0].name, *key[1:]), compiled)


@contextmanager
def shared() -> Iterator[None]:
    """The stores that are opened as long as this lasts share theirs."""
    statements = Statements()

    def sharing(url: Any, **options: Any) -> Engine:
        return create_engine(url, execution_options={"compiled_cache": statements}, **options)

    opening.create_engine = sharing
    try:
        yield
    finally:
        opening.create_engine = create_engine
