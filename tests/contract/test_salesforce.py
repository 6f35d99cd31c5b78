"""Salesforce's connector keeps its contract, against the sandbox as a process of its own."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import pytest
import requests

from connectors.base import Connector
from connectors.memory import Trouble
from connectors.salesforce import SalesforceConnector, SalesforceSettings, SalesforceStream
from sandbox.salesforce.ids import check_suffix
from sandbox.start import Running, start
from solmu.exchange import Payload
from tests.contract import suite
from tests.contract.system import System, Wrong

IMPATIENT_SECONDS = 1.0
_AS_SANDBOX: dict[Trouble, dict[str, Any]] = {
    Trouble.REJECT: {"kind": "partial", "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION"},
    Trouble.LOCK: {"kind": "partial", "code": "UNABLE_TO_LOCK_ROW"},
    Trouble.THROTTLE: {"kind": "status", "status": 403, "retry_after": 7},
    Trouble.EXPIRE: {"kind": "expire_session"},
    Trouble.FAIL: {"kind": "status", "status": 500},
    Trouble.LOSE: {"kind": "reset_after"},
    Trouble.GARBLE: {"kind": "truncate", "clean": True},
    Trouble.TIME_OUT: {"kind": "slow", "seconds": IMPATIENT_SECONDS + 0.5},
}


class SalesforceSystem(System):
    """An org, in which salespeople work with accounts."""

    stream = "accounts"
    name_field = "Name"
    note_field = "Description"
    customer_field = "AccountId"
    many = 2_500
    impatience = MappingProxyType({"timeout_seconds": IMPATIENT_SECONDS})

    def __init__(self, folder: Path, running: Running, data: Path, **settings: Any) -> None:
        self.folder = folder
        self.url = running.url
        self.data = data
        self.secrets = running.secrets
        self.settings = settings
        self.slowed = False
        self._post("/_reset")

    def _post(self, path: str, document: Any = None) -> Any:
        answer = requests.post(f"{self.url}{path}", json=document, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    @contextmanager
    def connect(self, **settings: Any) -> Iterator[Connector]:
        stream = settings.pop("stream", {})
        given = {
            "login_url": self.url,
            "client_id": self.secrets["client_id"],
            "client_secret": self.secrets["client_secret"],
            "bulk_above": None,
            "retry_seconds": 0,
            "job_timeout_seconds": 30,
            **self.settings,
            **settings,
        }
        checked = SalesforceSettings.model_validate({name: value for name, value in given.items() if value != "unset"})
        streams = {self.stream: SalesforceStream.model_validate(stream)}
        with SalesforceConnector(name="crm", settings=checked, streams=streams, folder=self.folder) as connector:
            yield connector

    def wrong_settings(self) -> Sequence[Wrong]:
        return [
            Wrong("nobody there", {"login_url": "http://127.0.0.1:1"}, "login_url"),
            Wrong("plain http to somewhere else", {"login_url": "http://crm.example"}, "login_url"),
            Wrong("an app that is not known", {"client_id": "somebody"}, "client_id"),
            Wrong("a secret that is not right", {"client_secret": "guess"}, "client_secret"),
            Wrong("no secret at all", {"client_secret": "unset"}, "private_key"),
            Wrong("a key that is none", {**JWT, "username": "x@y.invalid", "private_key": "guess"}, "private_key"),
            Wrong("nobody to act as", {**JWT, "private_key": "guess"}, "username"),
            Wrong("an old version", {"api_version": "20.0"}, "api_version"),
            Wrong("a setting that does not exist", {"login_uri": "x"}, "login_uri"),
            Wrong("an object that is not there", {"stream": {"stream": "Acount"}}, "stream"),
            Wrong("a field that is not there", {"stream": {"fields": ["Name", "Fone"]}}, "fields"),
            Wrong("a condition that is none", {"stream": {"where": "IsActive"}}, "where"),
            Wrong("a condition on a field that is not there", {"stream": {"where": "Activ = true"}}, "where"),
        ]

    def add(self, payloads: Sequence[Payload]) -> list[str]:
        lines = "\n".join(json.dumps({"type": "Account", "as": "sales", **payload}) for payload in payloads)
        answer = requests.post(f"{self.url}/_load", data=lines.encode(), timeout=60)
        answer.raise_for_status()
        ids: list[str] = answer.json()["ids"]
        return ids

    def deal(self, name: str, customer: str) -> Payload:
        stands = {"StageName": "Qualification", "CloseDate": "2030-01-31", "Amount": 1000}
        return {"Name": name, self.customer_field: customer, **stands}

    def change(self, key: str, note: str) -> None:
        self._post("/_edit", {"as": "sales", "id": key, "fields": {self.note_field: note}})

    def remove(self, key: str) -> None:
        self._post("/_edit", {"as": "sales", "action": "delete", "id": key})

    def merge(self, key: str, into: str) -> None:
        self._post("/_edit", {"as": "sales", "action": "merge", "id": into, "merged": [key]})

    def add_with_one_stamp(self, payloads: Sequence[Payload]) -> list[str]:
        keys = self.add(payloads)
        self._stamp(keys, time.time() - 3600)
        return keys

    def add_late(self, payload: Payload) -> str:
        [key] = self.add([payload])
        self._stamp([key], time.time() - 30)
        return key

    def _stamp(self, keys: Sequence[str], at: float) -> None:
        """What no API can do: the org's own clock is behind the stamps."""
        milliseconds = int(at * 1000)
        rows = [(milliseconds, milliseconds, key) for key in keys]
        with closing(sqlite3.connect(self.data, timeout=30)) as database, database:
            database.executemany('UPDATE "Account" SET SystemModstamp = ?, LastModifiedDate = ? WHERE Id = ?', rows)

    def count(self) -> int:
        if self.slowed:
            self._wait_for_the_slow_call()
        with closing(sqlite3.connect(self.data, timeout=30)) as database:
            [found] = database.execute('SELECT COUNT(*) FROM "Account" WHERE IsDeleted = 0').fetchone()
        return int(found)

    def _wait_for_the_slow_call(self) -> None:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            calls = requests.get(f"{self.url}/_calls", params={"kind": "write"}, timeout=10).json()
            if any(call["fault"] == "slow" for call in calls):
                return
            time.sleep(0.02)
        raise AssertionError("the slow call never ended")

    def misbehave(self, trouble: Trouble, *, on: str, after: int = 0, times: int = 1) -> None:
        self.slowed = self.slowed or trouble is Trouble.TIME_OUT
        armed = {**_AS_SANDBOX[trouble], "times": times}
        armed["match"] = {"read": "/queryAll", "merge": "/Soap/"}.get(on, "/composite/sobjects")
        if on == "merge":  # a call for each winner
            armed["skip"] = after
        elif armed["kind"] == "partial":
            armed["nth"] = after + 1
        self._post("/_misbehave", armed)

    def behave(self) -> None:
        requests.delete(f"{self.url}/_misbehave", timeout=10).raise_for_status()

    def unknown_id(self, known: str) -> str:
        fifteen = known[:6] + "zzzzzzzzz"
        return fifteen + check_suffix(fifteen)


JWT = {"client_secret": "unset"}


Sandboxes = Callable[[Sequence[str]], tuple[Running, Path]]


@pytest.fixture(scope="module")
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandboxes]:
    """Gives the process that was started with these arguments; all end with the module."""
    with ExitStack() as stack:

        @cache
        def running(extra: tuple[str, ...]) -> tuple[Running, Path]:
            data = tmp_path_factory.mktemp("salesforce") / "org.db"
            return stack.enter_context(start("salesforce", data, extra=["--daily-calls", "1000000", *extra])), data

        yield lambda extra: running(tuple(extra))


class OnSandbox:
    """Each test begins with an empty org."""

    extra: ClassVar[Sequence[str]] = ()
    settings: ClassVar[dict[str, Any]] = {}

    @pytest.fixture
    def system(self, tmp_path: Path, sandboxes: Sandboxes) -> System:
        return SalesforceSystem(tmp_path, *sandboxes(self.extra), **self.settings)


class TestSalesforce(
    OnSandbox,
    suite.Connects,
    suite.Reads,
    suite.ReadsChanges,
    suite.ReadsDeletes,
    suite.ReadsThroughTrouble,
    suite.Writes,
    suite.ReadsWhatItWrites,
    suite.WritesThroughTrouble,
    suite.CreatesByExternalId,
    suite.WritesDeals,
    suite.Deletes,
    suite.Merges,
):
    pass


class TestSalesforceInBulk(
    OnSandbox,
    suite.Connects,
    suite.Reads,
    suite.ReadsChanges,
    suite.ReadsDeletes,
    suite.Writes,
    suite.ReadsWhatItWrites,
    suite.CreatesByExternalId,
    suite.WritesDeals,
    suite.Deletes,
    suite.Merges,
    suite.WritesInBulk,
):
    settings: ClassVar[dict[str, Any]] = {"bulk_above": 250}


class TestSalesforceWithoutOurField(
    OnSandbox,
    suite.Connects,
    suite.Reads,
    suite.ReadsChanges,
    suite.ReadsDeletes,
    suite.Writes,
    suite.ReadsWhatItWrites,
    suite.WritesThroughTrouble,
    suite.WritesDeals,
    suite.Deletes,
    suite.Merges,
):
    extra = ("--external-id", "none", "--whole-seconds")
