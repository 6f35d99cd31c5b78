"""Bringing a store's tables to the newest version with Alembic: expand, migrate, contract."""

from __future__ import annotations

import secrets
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text

from solmu.errors import ConfigurationError
from solmu.store.engine import Store
from solmu.store.tables import meta

_MIGRATIONS = Path(__file__).parent / "migrations"
# Any fixed number: two processes that open an empty PostgreSQL store at once migrate it one after the other.
_ADVISORY_LOCK = 0x50_4C_4D_55


def upgrade(store: Store) -> None:
    """Migrate to the newest version, and give a new store its key. Costs one query where there is nothing to do.

    Raises ConfigurationError where a newer Solmu has written the store.
    """
    script = ScriptDirectory.from_config(_config())
    head = script.get_current_head()
    with store.read() as connection:
        if _version(connection, script) == head:
            return
    with store.write() as connection:
        if store.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.scalar(select(meta.c.value).where(meta.c.name == "hash_key")) is None:
            connection.execute(meta.insert().values(name="hash_key", value=secrets.token_hex(32)))


def hash_key(connection: Connection) -> bytes:
    """The store's own key for content hashes and tombstones: a hash says nothing to whoever lacks it."""
    value = connection.scalar(select(meta.c.value).where(meta.c.name == "hash_key"))
    assert value is not None, "every migrated store has a key"
    return bytes.fromhex(value)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def _version(connection: Connection, script: ScriptDirectory) -> str | None:
    version = MigrationContext.configure(connection).get_current_revision()
    if version is not None and version not in {revision.revision for revision in script.walk_revisions()}:
        raise ConfigurationError(
            "a newer version of Solmu has written this store", value=version, expected="the same or a newer Solmu"
        )
    return version
