"""Installing BottleCRM, and making its database once."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import URL

from tests.peers import postgres
from tests.peers.bottlecrm import newer_python

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[2]
_FOLDER = _ROOT / ".peers" / "bottlecrm"
_VERSIONS = _HERE / "requirements.txt"
_MAKE_ORG = _HERE / "make_org.py"
_LOG = _FOLDER / "install.log"
_STAMP = _FOLDER / "installed"
DUMP = _FOLDER / "database.sql"
PYTHON = _FOLDER / "venv" / "bin" / "python"
_STEP_SECONDS = 1200


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
        with _alone():
            _set_up(python)
    except InstallFailed as failure:
        return str(failure)
    return None


class InstallFailed(Exception):
    """The message names the log."""


@contextmanager
def _alone() -> Iterator[None]:
    """Two processes of one test run must not install at the same time."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _set_up(python: str) -> None:
    parts = [_VERSIONS.read_bytes(), _MAKE_ORG.read_bytes(), python.encode(), str(postgres.programs()).encode()]
    wanted = hashlib.sha256(b"".join(parts)).hexdigest()
    if _STAMP.exists() and _STAMP.read_text() == wanted and DUMP.exists():
        return
    _STAMP.unlink(missing_ok=True)
    _LOG.unlink(missing_ok=True)
    run([python, "-m", "venv", "--clear", str(_FOLDER / "venv")])
    install = ["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    run([str(PYTHON), "-m", "pip", *install, "--requirement", str(_VERSIONS)])
    with postgres.running() as server, owned_database(server) as url:
        _make_database(server, url)
    _STAMP.write_text(wanted)


def _make_database(server: postgres.Server, url: URL) -> None:
    environment = app_environment(url)
    with tempfile.TemporaryDirectory(prefix="solmu-bc-") as folder:  # BottleCRM writes its logs where it stands
        run([str(PYTHON), "-m", "django", "migrate", "--verbosity", "0"], environment, folder)
        run([str(PYTHON), str(_MAKE_ORG)], environment, folder)
    # By the server's superuser: its own user would not see all rows.
    whole = postgres.conninfo(server.url.set(database=url.database))
    run([str(_client("pg_dump")), "--no-owner", "--no-privileges", "--no-comments", f"--file={DUMP}", whole])


def restore(url: URL) -> None:
    """Fill an empty database, as its owner."""
    options = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    run([str(_client("psql")), *options, f"--file={DUMP}", postgres.conninfo(url)])


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


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, folder: str | None = None) -> None:
    """Raises InstallFailed."""
    with _LOG.open("a") as log:
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, stdout=log, stderr=log, timeout=_STEP_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise InstallFailed(f"a step of the installation did not end; see {_LOG.relative_to(_ROOT)}") from None
    if done.returncode != 0:
        raise InstallFailed(f"a step of the installation failed; see {_LOG.relative_to(_ROOT)}")


def _client(program: str) -> Path | None:
    """One of PostgreSQL's programs, of the version that is run."""
    folder = postgres.programs()
    return folder / program if folder is not None and (folder / program).exists() else None
