"""What depends on how the process is started, and what outlives it."""

import json
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox.start import SandboxFailed, start
from tests.sandbox.client import Api, error


def test_it_starts_quickly_and_says_where_it_listens(tmp_path: Path) -> None:
    begun = time.monotonic()
    with start("salesforce", tmp_path / "sf.db") as running:
        assert time.monotonic() - begun < 30  # 0.4 s on an idle machine
        assert running.process.pid == running.pid
        assert urlsplit(running.url).hostname == "127.0.0.1"
        assert set(running.secrets) >= {"client_id", "client_secret", "username", "password", "security_token"}
    assert running.process.returncode == 0
    running.stop()


def test_it_listens_on_loopback_only(tmp_path: Path) -> None:
    with start("salesforce", tmp_path / "sf.db") as running:
        port = urlsplit(running.url).port
        assert port is not None
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
            assert other.connect_ex(("127.0.0.2", port)) != 0


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SandboxFailed, match="Address already in use"):
        start("salesforce", tmp_path / "sf.db", port=taken.getsockname()[1])


def test_records_outlive_the_process_and_sessions_do_not(tmp_path: Path) -> None:
    data = tmp_path / "sf.db"
    with start("salesforce", data) as running, Api(running) as api:
        record_id = api.create("Account", Name="Acme", Solmu_Id__c="a-1")
        session = api.http.headers["Authorization"]
    with start("salesforce", data, secrets=running.secrets_file) as running, Api(running) as api:
        assert api.read("Account", record_id)["Name"] == "Acme"
        assert api.create("Account", Name="Next") > record_id
        assert error(api.call("GET", "limits", headers={"Authorization": session}))[1] == "INVALID_SESSION_ID"


def test_a_job_goes_on_where_a_killed_process_left_it(tmp_path: Path) -> None:
    data, count = tmp_path / "sf.db", 20_000
    with start("salesforce", data) as running, Api(running) as api:
        job = api.open_job("insert")
        api.upload(job, "Name\n" + "".join(f"Company {number}\n" for number in range(count)))
        api.close(job)
        deadline = time.monotonic() + 30
        while not api.get(f"jobs/ingest/{job}").get("numberRecordsProcessed"):
            assert time.monotonic() < deadline
        running.kill()
    with start("salesforce", data) as running, Api(running) as api:
        done = api.finish(job)
        assert (done["state"], done["numberRecordsProcessed"], done["numberRecordsFailed"]) == ("JobComplete", count, 0)
        assert api.get("query", params={"q": "SELECT COUNT() FROM Account"})["totalSize"] == count
        assert len(api.results(job, "successfulResults")) == count


def test_an_org_without_the_external_id(tmp_path: Path) -> None:
    with start("salesforce", tmp_path / "sf.db", extra=["--external-id", "none"]) as running, Api(running) as api:
        names = {each["name"] for each in api.get("sobjects/Account/describe")["fields"]}
        assert "Solmu_Id__c" not in names
        assert error(api.call("GET", "query", params={"q": "SELECT Solmu_Id__c FROM Account"}))[1] == "INVALID_FIELD"
        assert error(api.call("PATCH", "sobjects/Account/Solmu_Id__c/a", json={"Name": "A"}))[1] == "NOT_FOUND"
        assert api.create("Account", Name="A")


def test_an_external_id_that_is_not_unique_can_be_cloned_and_then_matches_twice(tmp_path: Path) -> None:
    with start("salesforce", tmp_path / "sf.db", extra=["--external-id", "plain"]) as running, Api(running) as api:
        ids = [api.create("Account", Name=name, Solmu_Id__c="a-1") for name in ("Original", "Clone")]
        several = api.call("PATCH", "sobjects/Account/Solmu_Id__c/a-1", json={"Phone": "1"})
        assert several.status_code == 300
        assert several.json() == [f"/services/data/v59.0/sobjects/Account/{each}" for each in ids]
        (result,) = api.upsert_many("Account", [{"Name": "A", "Solmu_Id__c": "a-1"}])
        assert result["errors"][0]["statusCode"] == "DUPLICATE_EXTERNAL_ID"


def test_the_duplicate_rule_alerts_and_a_header_saves_all_the_same(tmp_path: Path) -> None:
    with start("salesforce", tmp_path / "sf.db", extra=["--duplicate-rule"]) as running, Api(running) as api:
        first = api.create("Contact", LastName="Arja", Email="a@acme.example")
        twin = {"LastName": "Ärjä", "Email": "A@acme.example"}
        refused = api.call("POST", "sobjects/Contact", json=twin)
        assert error(refused) == (400, "DUPLICATES_DETECTED", "Use one of these records?")
        (match,) = refused.json()[0]["duplicateResult"]["matchResults"][0]["matchRecords"]
        assert match["record"]["Id"] == first
        records = [{"attributes": {"type": "Contact"}, **twin}]
        (result,) = api.call("POST", "composite/sobjects", json={"records": records}).json()
        assert result["errors"] == [
            {"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these records?", "fields": []}
        ]
        headers = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
        assert api.call("POST", "sobjects/Contact", json=twin, headers=headers).status_code == 201


def test_stamps_can_be_whole_seconds_as_live_orgs_show_them(tmp_path: Path) -> None:
    with start("salesforce", tmp_path / "sf.db", extra=["--whole-seconds"]) as running, Api(running) as api:
        record_id = api.create("Account", Name="A")
        for number in range(3):
            api.call("PATCH", f"sobjects/Account/{record_id}", json={"Phone": str(number)})
        stamp = api.read("Account", record_id)["SystemModstamp"]
        assert stamp.endswith(".000+0000")
        # Milliseconds in a query count for nothing.
        later = stamp.replace(".000+0000", ".900Z")
        assert api.values(f"SELECT Id FROM Account WHERE SystemModstamp = {later}") == [record_id]
        assert api.values(f"SELECT Id FROM Account WHERE SystemModstamp > {later}") == []


def test_the_daily_calls_run_out(tmp_path: Path) -> None:
    with start("salesforce", tmp_path / "sf.db", extra=["--daily-calls", "2"]) as running, Api(running) as api:
        assert [api.call("GET", "limits").status_code for _ in range(3)] == [200, 200, 403]
        assert error(api.call("GET", "limits")) == (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def test_the_ready_file_appears_whole(tmp_path: Path) -> None:
    import subprocess
    import sys

    ready = tmp_path / "ready.json"
    command = [
        sys.executable,
        "-m",
        "sandbox.salesforce",
        "--data",
        str(tmp_path / "sf.db"),
        "--ready-file",
        str(ready),
    ]
    process = subprocess.Popen(command)
    try:
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.005)
        document = json.loads(ready.read_text())
        assert set(document) == {"url", "pid", "secrets"}
        assert document["pid"] == process.pid
        assert list(tmp_path.glob("ready.json*")) == [ready]
    finally:
        process.terminate()
        process.wait()
