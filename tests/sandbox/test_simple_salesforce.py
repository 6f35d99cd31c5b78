"""simple-salesforce's own calls against the sandbox: it was written by people who know the real one.

It speaks https only; `PlainHttp` is mounted in its session and sends what it asks to the sandbox instead.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.bulk2 import ColumnDelimiter, LineEnding
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from sandbox.start import Running
from tests.sandbox.client import Api


class PlainHttp(HTTPAdapter):
    """Whatever host is asked for over https: it is the sandbox that answers, over http."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.host = urlsplit(url).netloc

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        assert request.url is not None
        request.url = urlunsplit(("http", self.host, *urlsplit(request.url)[2:]))
        return super().send(request, stream, timeout, verify, cert, proxies)


@pytest.fixture
def session(sandbox: Running) -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.mount("https://", PlainHttp(sandbox.url))
        yield made


@pytest.fixture
def salesforce(api: Api, session: requests.Session) -> Any:
    # Any: its attributes are made up as they are asked for, and its types say too little of them.
    known = api.running.secrets
    return Salesforce(
        username=known["username"],
        password=known["password"],
        security_token=known["security_token"],
        session=session,
    )


def rows(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"Name": f"Company {number}", "Solmu_Id__c": f"s-{number}", **fields} for number in range(count)]


def test_it_logs_in_by_soap_with_password_and_security_token(salesforce: Any) -> None:
    assert salesforce.is_sandbox() is True


def test_a_wrong_password_is_an_authentication_failure(api: Api, session: requests.Session) -> None:
    name = api.running.secrets["username"]
    with pytest.raises(SalesforceAuthenticationFailed, match=r"INVALID_LOGIN\): Invalid username, password"):
        Salesforce(username=name, password="wrong", security_token="", session=session)


def test_it_logs_in_by_client_credentials_and_by_password_grant(api: Api, session: requests.Session) -> None:
    known = api.running.secrets
    app: dict[str, Any] = {"consumer_key": known["client_id"], "consumer_secret": known["client_secret"]}
    person = {"username": known["username"], "password": known["password"] + known["security_token"]}
    for way in ({"domain": "acme.my"}, person):
        assert Salesforce(**app, **way, session=session).limits()["DailyApiRequests"]["Max"] == 15000


def test_it_uses_a_session_that_it_is_given(api: Api, session: requests.Session) -> None:
    token = api.http.headers["Authorization"].removeprefix("Bearer ")
    direct = Salesforce(session_id=token, instance_url=api.running.url, session=session)
    assert direct.sf_instance == urlsplit(api.running.url).netloc
    assert direct.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_one_record_goes_through_its_life(salesforce: Any) -> None:
    account = salesforce.Account
    record_id = account.create({"Name": "Acme", "Solmu_Id__c": "a/1"})["id"]
    assert account.get(record_id)["Name"] == "Acme"
    assert account.get_by_custom_id("Solmu_Id__c", "a/1")["Id"] == record_id
    assert account.update(record_id, {"Phone": "1"}) == 204
    assert account.upsert("Solmu_Id__c/a%2F1", {"Phone": "2"}) == 200
    assert account.upsert("Solmu_Id__c/a2", {"Name": "Other"}) == 201
    now = datetime.now(UTC)
    around = (now - timedelta(hours=1), now + timedelta(minutes=2))
    assert record_id in account.updated(*around)["ids"]
    assert account.delete(record_id) == 204
    assert [each["id"] for each in account.deleted(*around)["deletedRecords"]] == [record_id]
    with pytest.raises(SalesforceResourceNotFound):
        account.get(record_id)


def test_refusals_are_the_exceptions_it_knows(salesforce: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="REQUIRED_FIELD_MISSING"):
        salesforce.Contact.create({"FirstName": "Anna"})
    with pytest.raises(SalesforceMalformedRequest, match="MALFORMED_QUERY"):
        salesforce.query("SELECT")


def test_it_describes(salesforce: Any) -> None:
    described = salesforce.describe()
    assert described is not None
    assert "Account" in [each["name"] for each in described["sobjects"]]
    assert salesforce.Account.metadata()["objectDescribe"]["keyPrefix"] == "001"
    assert "Solmu_Id__c" in [each["name"] for each in salesforce.Account.describe()["fields"]]


def test_it_reads_all_pages_and_the_recycle_bin(salesforce: Any) -> None:
    salesforce.bulk2.Account.insert(records=rows(2500), wait=0)
    found = salesforce.query_all("SELECT Id, Name FROM Account ORDER BY Name")
    assert (found["totalSize"], found["done"]) == (2500, True)
    assert len({each["Id"] for each in found["records"]}) == 2500
    salesforce.Account.delete(found["records"][0]["Id"])
    assert salesforce.query_all("SELECT Id FROM Account")["totalSize"] == 2499
    assert salesforce.query_all("SELECT Id FROM Account", include_deleted=True)["totalSize"] == 2500
    assert sum(1 for _ in salesforce.query_all_iter("SELECT Id FROM Account")) == 2499


def test_it_counts_the_calls_that_are_left(salesforce: Any) -> None:
    salesforce.query("SELECT Id FROM Account")
    usage = salesforce.api_usage["api-usage"]
    assert (usage.total, usage.used) == (15000, 1)


def test_collections_go_through_its_restful_call(salesforce: Any) -> None:
    records = [{"attributes": {"type": "Account"}, **row} for row in rows(200)]
    path = "composite/sobjects/Account/Solmu_Id__c"
    created = salesforce.restful(path, method="PATCH", json={"allOrNone": False, "records": records})
    assert created is not None
    assert all(each["created"] for each in created)
    ids = ",".join(each["id"] for each in created[:100])
    deleted = salesforce.restful("composite/sobjects", {"ids": ids}, method="DELETE")
    assert deleted is not None
    assert len(deleted) == 100


def test_bulk_jobs_insert_update_upsert_and_delete(salesforce: Any) -> None:
    bulk = salesforce.bulk2.Account
    (inserted,) = bulk.insert(records=rows(300), wait=0)
    assert inserted == {
        "numberRecordsFailed": 0, "numberRecordsProcessed": 300, "numberRecordsTotal": 300,
        "job_id": inserted["job_id"],
    }  # fmt: skip
    (upserted,) = bulk.upsert(records=rows(301, Phone="1"), external_id_field="Solmu_Id__c", wait=0)
    outcome = bulk.get_all_ingest_records(upserted["job_id"])
    assert sorted({each["sf__Created"] for each in outcome["successfulRecords"]}) == ["false", "true"]
    ids = [each["sf__Id"] for each in outcome["successfulRecords"]]
    (updated,) = bulk.update(
        records=[{"Id": each, "Phone": "#N/A"} for each in ids],
        column_delimiter=ColumnDelimiter.PIPE,
        line_ending=LineEnding.CRLF,
        wait=0,
    )
    assert updated["numberRecordsFailed"] == 0
    assert salesforce.query("SELECT COUNT() FROM Account WHERE Phone != null")["totalSize"] == 0
    (deleted,) = bulk.delete(records=[{"Id": each} for each in ids], wait=0)
    assert deleted["numberRecordsProcessed"] == 301
    assert salesforce.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_bulk_jobs_tell_which_rows_failed(salesforce: Any) -> None:
    given = rows(3)
    given[1]["Name"] = ""
    (done,) = salesforce.bulk2.Account.insert(records=given, wait=0)
    outcome = salesforce.bulk2.Account.get_all_ingest_records(done["job_id"])
    assert [each["Solmu_Id__c"] for each in outcome["failedRecords"]] == ["s-1"]
    assert (len(outcome["successfulRecords"]), outcome["unprocessedRecords"]) == (2, [])


def test_bulk_jobs_query_and_download(salesforce: Any, tmp_path: Path) -> None:
    salesforce.bulk2.Account.insert(records=rows(250), wait=0)
    pages = list(salesforce.bulk2.Account.query("SELECT Id, Name FROM Account", max_records=100, wait=0))
    assert [page.count("\n") - 1 for page in pages] == [100, 100, 50]
    downloaded = salesforce.bulk2.Account.download("SELECT Id FROM Account", str(tmp_path), max_records=200, wait=0)
    assert [each["number_of_records"] for each in downloaded] == [200, 50]


def test_an_expired_session_is_renewed_by_itself_where_it_can_be(api: Api, salesforce: Any) -> None:
    before = salesforce.session_id
    api.misbehave(kind="expire_session")
    assert salesforce.query("SELECT COUNT() FROM Account")["totalSize"] == 0
    assert salesforce.session_id != before


def test_an_expired_session_of_a_bulk_job_is_an_error(api: Api, salesforce: Any) -> None:
    api.misbehave(kind="expire_session")
    with pytest.raises(SalesforceExpiredSession):
        salesforce.bulk2.Account.insert(records=rows(1), wait=0)
