"""The store: SQLite by default, PostgreSQL in production, the same code and tests on both."""

from solmu.store.engine import Store, open_store

__all__ = ["Store", "open_store"]
