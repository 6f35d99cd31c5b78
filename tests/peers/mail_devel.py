"""mail-devel, a mail server for developers, from PyPI: a second IMAP server, in Python, without CONDSTORE.

It is installed with the versions that mail-devel.txt states. The first time takes ten seconds and the package index
that pip is set up for.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.peers.place import InstallFailed, Place

PASSWORD = "made-up-for-the-tests"
START_SECONDS = 15.0
_VERSIONS = Path(__file__).with_name("mail-devel.txt")
_PLACE = Place("mail-devel")


@dataclass(frozen=True)
class Server:
    """A running server. Any user exists, with one password."""

    imap_port: int


@cache
def available() -> str | None:
    """None when mail-devel is there or could be installed, else why not."""
    try:
        set_up()
    except InstallFailed as problem:
        return str(problem)
    return None


def set_up() -> Path:
    """The command, installed where it is not. Raises InstallFailed."""
    _PLACE.once([_VERSIONS.read_bytes(), sys.version.encode()], lambda: _PLACE.environment(_VERSIONS))
    return _PLACE.python.with_name("mail_devel")


@contextmanager
def running() -> Iterator[Server]:
    """A server for as long as the context lasts; it keeps all mail in its memory."""
    server = Server(_free_port())
    command = [str(set_up()), "--host", "127.0.0.1", "--imap-port", str(server.imap_port), "--no-http", "--multi-user"]
    command += ["--smtp-port", str(_free_port()), "--smtps-port", str(_free_port()), "--password", PASSWORD]
    if shutil.which("setpriv") is not None:
        command = ["setpriv", "--pdeathsig=TERM", *command]  # not to outlive a run that is killed
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd="/", stdout=log, stderr=log)
        try:
            _wait_until_it_answers(server, process)
            yield server
        finally:
            process.kill()  # it would first wait for its clients, and nobody needs its mail
            process.wait(timeout=START_SECONDS)


def _wait_until_it_answers(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", server.imap_port), timeout=5) as client:
                if client.recv(100).startswith(b"* OK"):
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("mail-devel did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
