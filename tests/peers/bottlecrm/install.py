"""Installing BottleCRM, and making its database once."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import URL

from tests.peers import postgres
from tests.peers.bottlecrm import newer_python
from tests.peers.place import InstallFailed, Place

_HERE = Path(__file__).parent
_PLACE = Place("bottlecrm")
_VERSIONS = _HERE / "requirements.txt"
_MAKE_ORG = _HERE / "make_org.py"
DUMP = _PLACE.folder / "database.sql"
PYTHON = _PLACE.python


@cache
def available() -> str | None:
    """None when BottleCRM is there or could be installed, else why not."""
    problem = postgres.available()
    if problem is not None:
        return problem
    if _client("pg_dump") is None or _client("psql") is None:
        return "there is no pg_dump or no psql; Debian's package `postgresql` has them"
    python = newer_python.find()
    if python is None:
        return newer_python.HOW_TO_GET_ONE
    try:
        _set_up(python)
    except InstallFailed as failure:
        return str(failure)
    return None


def _set_up(python: str) -> None:
    made_from = [_VERSIONS.read_bytes(), _MAKE_ORG.read_bytes(), python.encode(), str(postgres.programs()).encode()]
    _PLACE.once(made_from, lambda: _install(python))


def _install(python: str) -> None:
    _PLACE.environment(_VERSIONS, python, "--require-hashes")
    with postgres.running() as server, owned_database(server) as url:
        _make_database(server, url)


def _make_database(server: postgres.Server, url: URL) -> None:
    environment = app_environment(url)
    with tempfile.TemporaryDirectory(prefix="solmu-bc-") as folder:  # BottleCRM writes its logs where it stands
        _PLACE.run([str(PYTHON), "-m", "django", "migrate", "--verbosity", "0"], environment, folder)
        _PLACE.run([str(PYTHON), str(_MAKE_ORG)], environment, folder)
    # By the server's superuser: its own user would not see all rows.
    whole = postgres.conninfo(server.url.set(database=url.database))
    _PLACE.run([str(_client("pg_dump")), "--no-owner", "--no-privileges", "--no-comments", f"--file={DUMP}", whole])


def restore(url: URL) -> None:
    """Fill an empty database, as its owner."""
    options = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    _PLACE.run([str(_client("psql")), *options, f"--file={DUMP}", postgres.conninfo(url)])


@contextmanager
def owned_database(server: postgres.Server) -> Iterator[URL]:
    """An empty database whose owner is no superuser: BottleCRM keeps organisations apart by row-level security, which
    does not hold a superuser."""
    role, password = f"bottlecrm_{secrets.token_hex(6)}", secrets.token_hex(16)
    with server.database() as url:
        server.execute(f"CREATE ROLE \"{role}\" LOGIN NOSUPERUSER PASSWORD '{password}'")
        try:
            server.execute(f'ALTER DATABASE "{url.database}" OWNER TO "{role}"')
            yield url.set(username=role, password=password)
        finally:
            server.execute(f'ALTER DATABASE "{url.database}" OWNER TO CURRENT_USER')
            _drop_owned(server.url.set(database=url.database), role)


def _drop_owned(url: URL, role: str) -> None:
    server = postgres.Server(url)
    server.execute(f'DROP OWNED BY "{role}" CASCADE')
    server.execute(f'DROP ROLE "{role}"')


def app_environment(url: URL) -> Mapping[str, str]:
    """What BottleCRM is told by its environment. Without a message broker it would look for one on this machine, and
    answer each create by 500 although it was done; mail goes nowhere, since nothing works off the broker's queue."""
    return {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "SECRET_KEY": "made-up-for-the-tests-and-longer-than-32-bytes",
        "ENV_TYPE": "dev",
        "DEBUG": "false",
        "DBNAME": str(url.database),
        "DBUSER": str(url.username),
        "DBPASSWORD": str(url.password),
        "DBHOST": str(url.query.get("host") or url.host),
        "DBPORT": str(url.port or 5432),
        "DB_POOL_ENABLED": "true",
        "CELERY_BROKER_URL": "memory://",
        "CELERY_RESULT_BACKEND": "cache+memory://",
    }


def _client(program: str) -> Path | None:
    """One of PostgreSQL's programs, of the version that is run."""
    folder = postgres.programs()
    return folder / program if folder is not None and (folder / program).exists() else None
