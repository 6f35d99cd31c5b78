"""A BottleCRM for as long as it is needed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import URL

from tests.peers import postgres
from tests.peers.bottlecrm.install import PYTHON, app_environment, available, owned_database, restore
from tests.peers.dovecot import free_port

START_SECONDS = 60.0
_TABLES = ["accounts", "contacts", "lead", "opportunity", "task", "interaction", "activity"]
_LINKS = ["accounts_contacts", "lead_contacts", "opportunity_contacts", "task_contacts"]
_FILLED = {
    "accounts": {"is_active": True},
    "contacts": {
        "is_active": True,
        "do_not_call": False,
        "auto_created": False,
        "phone_e164": "",
        "source": "",
        "source_detail": "",
        "source_ref": "",
    },
    "task": {"status": "New", "priority": "Medium", "kanban_order": 0},
}


@dataclass(frozen=True)
class Crm:
    """A running BottleCRM with one organisation. ``database`` is its database, for a superuser."""

    url: str
    database: URL

    def token(self, user: str = "sales") -> str:
        """The access token of ``solmu`` or of ``sales``, both administrators."""
        return f"bcrm_pat_made-up-for-the-tests-{user}"

    def client(self, user: str = "sales") -> httpx.Client:
        """The API, as that user."""
        headers = {"Authorization": f"Bearer {self.token(user)}"}
        return httpx.Client(base_url=f"{self.url}/api/", headers=headers, timeout=60, trust_env=False)

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(postgres.conninfo(self.database), autocommit=True, connect_timeout=10) as connection:
            yield connection

    def empty(self) -> None:
        """Delete all records; the organisation, its users and custom fields stay."""
        with self.connection() as connection:
            # Without looking at what refers to them: TRUNCATE … CASCADE makes half of the database's files anew.
            connection.execute("SET session_replication_role = replica")
            for table in (*_LINKS, *_TABLES):
                connection.execute(f"DELETE FROM {table}".encode())

    def enter(self, table: str, records: Sequence[Mapping[str, Any]]) -> list[str]:
        """Records as ``sales`` would have entered them over time: many at once, which no call of the API can do."""
        now, ids = datetime.now(UTC), [str(uuid4()) for _ in records]
        with self.connection() as connection:
            [org] = connection.execute("SELECT id FROM organization").fetchone() or ()
            [user] = connection.execute("SELECT id FROM users WHERE email = 'sales@crm.example'").fetchone() or ()
            system = {"org_id": org, "created_by_id": user, "created_at": now, "updated_at": now, "is_sample": False}
            rows = [
                {**_FILLED[table], **record, **system, "id": id, "custom_fields": Jsonb({})}
                for id, record in zip(ids, records, strict=True)
            ]
            if rows:
                names = ", ".join(rows[0])
                values = ", ".join(f"%({name})s" for name in rows[0])
                connection.cursor().executemany(f"INSERT INTO {table} ({names}) VALUES ({values})".encode(), rows)
        return ids

    def count(self, table: str) -> int:
        with self.connection() as connection:
            [found] = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() or (0,)
        return int(found)


@contextmanager
def running(server: postgres.Server) -> Iterator[Crm]:
    """A BottleCRM for as long as the context lasts, with a database of its own in that PostgreSQL."""
    assert available() is None, available()
    with owned_database(server) as url, tempfile.TemporaryDirectory(prefix="solmu-bc-") as folder:
        restore(url)
        port = free_port()
        command = [str(PYTHON), "-m", "uvicorn", "crm.asgi:application", "--host", "127.0.0.1", "--port", str(port)]
        command += ["--no-access-log", "--lifespan", "off"]
        if shutil.which("setpriv") is not None:
            command = ["setpriv", "--pdeathsig=TERM", *command]  # not to outlive a run that is killed
        log = Path(folder, "log")
        with log.open("w") as said:
            process = subprocess.Popen(command, cwd=folder, env=app_environment(url), stdout=said, stderr=said)
        try:
            crm = Crm(f"http://127.0.0.1:{port}", server.url.set(database=url.database))
            _wait_until_it_answers(crm, process, log)
            yield crm
        finally:
            process.terminate()
            try:
                process.wait(timeout=START_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_it_answers(crm: Crm, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    with crm.client() as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                if client.get("custom-fields/", params={"include_counts": "false"}).is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
    raise RuntimeError(f"BottleCRM did not start:\n{log.read_text()}")
