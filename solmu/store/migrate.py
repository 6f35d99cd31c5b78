"""Bringing a store's tables to the newest version: at once where there are none, else with Alembic.

Alembic migrates (expand, migrate, contract) stores that exist. It is loaded only for that: it takes longer to load than
a command takes to open a store. A new store gets the tables as ``tables.py`` has them; a test holds that migrating from
the first version on gives the same ones.
"""

from __future__ import annotations

import re
import secrets
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, select, text

from solmu.errors import ConfigurationError
from solmu.store.engine import Store
from solmu.store.tables import meta, metadata

_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION = re.compile(r"(\d{4})_\w+\.py")


def upgrade(store: Store) -> None:
    """Migrate to the newest version, and give a new store its key. Costs two queries where there is nothing to do.

    Raises ConfigurationError where a newer Solmu has written the store.
    """
    with store.read() as connection:
        if _version(connection) == newest():
            return
    with store.write() as connection:
        if not inspect(connection).get_table_names():
            _create(connection)
        elif _version(connection) != newest():  # nobody else was quicker
            migrate(connection)
        if connection.scalar(select(meta.c.value).where(meta.c.name == "hash_key")) is None:
            connection.execute(meta.insert().values(name="hash_key", value=secrets.token_hex(32)))


def hash_key(connection: Connection) -> bytes:
    """The store's own key for content hashes and tombstones: a hash says nothing to whoever lacks it."""
    value = connection.scalar(select(meta.c.value).where(meta.c.name == "hash_key"))
    assert value is not None, "every migrated store has a key"
    return bytes.fromhex(value)


def newest() -> str:
    """The version that this Solmu writes: the last one below ``migrations/versions``."""
    return max(_versions())


def migrate(connection: Connection, version: str = "head") -> None:
    """Run the migrations that lead from a store's version to another one, those of an empty store from the first on."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def _create(connection: Connection) -> None:
    metadata.create_all(connection, checkfirst=False)
    # As Alembic makes it, which goes on from here.
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
        " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:newest)"), {"newest": newest()})


@cache
def _versions() -> frozenset[str]:
    names = (path.name for path in (_MIGRATIONS / "versions").iterdir())
    return frozenset(match[1] for name in names if (match := _VERSION.fullmatch(name)))


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if version is not None and version not in _versions():
        raise ConfigurationError(
            "a newer version of Solmu has written this store", value=version, expected="the same or a newer Solmu"
        )
    return version
