"""What Salesforce's settings, queries and answers mean, without an org."""

from __future__ import annotations

import csv
import gc
import io
import json
import logging
import weakref
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from pydantic import SecretStr, ValidationError

from connectors.salesforce import SalesforceConnector, SalesforceSettings, SalesforceStream, bulk, soql
from connectors.salesforce.answers import error_of, problem_of, problem_of_row
from connectors.salesforce.bulk import _uploads as uploads
from connectors.salesforce.objects import Described, object_of
from connectors.salesforce.session import Session
from solmu.errors import Fatal, Retriable, Skippable
from solmu.exchange import Outcome, Verb, Write

APP = {"client_id": "app", "client_secret": "hush"}


def settings(**more: Any) -> SalesforceSettings:
    return SalesforceSettings.model_validate({"domain": "acme.my", **APP, **more})


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"domain": "acme.my"}, "https://acme.my.salesforce.com"),
        ({"domain": "https://acme.my.salesforce.com/"}, "https://acme.my.salesforce.com"),
        ({"login_url": "http://127.0.0.1:8080/"}, "http://127.0.0.1:8080"),
        ({"login_url": "https://crm.example"}, "https://crm.example"),
    ],
)
def test_the_login_address_follows_from_domain_or_url(given: dict[str, Any], address: str) -> None:
    assert settings(**given).login_address == address


@pytest.mark.parametrize(
    ("domain", "audience"),
    [
        ("login", "https://login.salesforce.com"),
        ("test", "https://test.salesforce.com"),
        ("acme.my", "https://login.salesforce.com"),
        ("acme--uat.sandbox.my", "https://test.salesforce.com"),
    ],
)
def test_a_token_is_meant_for_the_login_host(domain: str, audience: str) -> None:
    given = {"domain": domain, "client_secret": None, "username": "a@b.example", "private_key": "pem"}
    assert settings(**given).audience == audience


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"domain": "login"}, "domain"),
        ({"domain": "acme.lightning.force.com"}, "domain"),
        ({"client_secret": None}, "private_key"),
        ({"private_key": "pem", "username": "a@b.example"}, "client_secret"),
        ({"login_url": "http://crm.example"}, "login_url"),
        ({"login_url": "http://127.0.0.1.example"}, "login_url"),
        ({"login_url": "ftp://127.0.0.1"}, "login_url"),
        ({"api_version": "latest"}, "api_version"),
    ],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError) as raised:
        settings(**given)
    assert named in str(raised.value)


def test_a_condition_is_no_whole_query() -> None:
    with pytest.raises(ValidationError):
        SalesforceStream(where="WHERE IsActive = true")


def test_secrets_do_not_show() -> None:
    assert "hush" not in repr(settings())
    assert settings().client_secret == SecretStr("hush")


def test_streams_are_objects_by_their_usual_names_or_any_by_its_own() -> None:
    assert [object_of(name) for name in ("accounts", "Contacts", "Invoice__c")] == ["Account", "Contact", "Invoice__c"]


def test_text_in_a_query_stays_text() -> None:
    assert soql.text('O\'Neil \\ "x"\n') == "'O\\'Neil \\\\ \\\"x\\\"\\n'"
    query = soql.select(["Id"], "Account", None, "(a = 1 OR b = 2)", soql.among("Name", ["A", "B"]), order="Id")
    assert query == "SELECT Id FROM Account WHERE (a = 1 OR b = 2) AND Name IN ('A','B') ORDER BY Id"
    assert soql.moment(datetime(2024, 2, 3, 4, 5, 6, 999_999, tzinfo=UTC)) == "2024-02-03T04:05:06Z"


def test_long_lists_are_asked_for_in_portions() -> None:
    ids = [f"001{number:015}" for number in range(1000)]
    portions = list(soql.lists(ids))
    assert [id for portion in portions for id in portion] == ids
    assert max(map(len, portions)) <= 200
    assert all(len(soql.among("Id", portion)) < 8000 for portion in portions)
    assert [len(portion) for portion in soql.lists(["Ä" * 1000] * 3)] == [1, 1, 1]


def answer(status: int, document: Any, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = document.encode() if isinstance(document, str) else json.dumps(document).encode()
    response.headers.update(headers)
    return response


@pytest.mark.parametrize(
    ("status", "code", "writing", "kind"),
    [
        (403, "REQUEST_LIMIT_EXCEEDED", True, Retriable),
        (403, "REQUEST_LIMIT_EXCEEDED", False, Retriable),
        (403, "API_DISABLED_FOR_ORG", False, Fatal),
        (401, "INVALID_AUTH_HEADER", False, Fatal),
        (400, "JSON_PARSER_ERROR", True, Skippable),
        (400, "MALFORMED_QUERY", False, Fatal),
        (404, "NOT_FOUND", False, Fatal),
        (400, "QUERY_TIMEOUT", False, Retriable),
        (503, "SERVER_UNAVAILABLE", False, Retriable),
    ],
)
def test_a_refused_call_is_named_by_what_to_do_next(status: int, code: str, writing: bool, kind: type) -> None:
    error = error_of(answer(status, [{"errorCode": code, "message": "as told"}]), writing=writing)
    assert type(error) is kind
    assert error.code == code
    assert "as told" in error.message


def test_what_is_no_answer_of_salesforces_is_no_crash() -> None:
    for body in ("<html>Bad Gateway</html>", "[]", "{}", "null", "[1]"):
        error = error_of(answer(502, body), writing=False)
        assert isinstance(error, Retriable)
        assert error.code == "HTTP_502"


def test_a_limit_says_when_to_come_back() -> None:
    refused = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    for headers, seconds in (({"Retry-After": "30"}, 30.0), ({}, 900.0)):
        error = error_of(answer(403, refused, **headers), writing=True)
        assert isinstance(error, Retriable)
        assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("UNABLE_TO_LOCK_ROW", Outcome.RETRIABLE),
        ("REQUIRED_FIELD_MISSING", Outcome.REJECTED),
        ("DUPLICATES_DETECTED", Outcome.REJECTED),
        ("ENTITY_IS_DELETED", Outcome.REJECTED),
    ],
)
def test_a_refused_record_is_told_by_its_code(code: str, outcome: Outcome) -> None:
    problem = problem_of([{"statusCode": code, "message": "as told", "fields": ["Name"]}])
    assert (problem.outcome, problem.code, problem.field) == (outcome, code, "Name")
    row = problem_of_row(f"{code}:as told: with a colon:Name --")
    assert (row.outcome, row.code, row.message, row.field) == (outcome, code, "as told: with a colon", "Name")
    assert problem_of_row(f"{code}:as told:--").field is None


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_a_blank_cell_leaves_a_field_alone_and_none_clears_it() -> None:
    writes = [
        Write(1, Verb.UPDATE, {"Phone": "040", "DoNotCall": True}, remote_id="001A"),
        Write(2, Verb.UPDATE, {"Phone": None, "Description": 'a\r\nb,"c"'}, remote_id="001B"),
    ]
    [(content, part)] = uploads(Verb.UPDATE, "Solmu_Id__c", writes)
    assert list(part) == writes
    assert rows(content) == [
        {"Id": "001A", "Phone": "040", "DoNotCall": "true", "Description": ""},
        {"Id": "001B", "Phone": "#N/A", "DoNotCall": "", "Description": 'a\nb,"c"'},
    ]
    assert b"\r" not in content


def test_a_create_is_keyed_by_our_id_and_a_delete_by_theirs() -> None:
    create = Write(1, Verb.CREATE, {"Name": "Ärjä Oy"}, external_id="rec_1")
    [(content, _)] = uploads(Verb.CREATE, "Solmu_Id__c", [create])
    assert rows(content) == [{"Solmu_Id__c": "rec_1", "Name": "Ärjä Oy"}]
    [(content, _)] = uploads(Verb.DELETE, "Solmu_Id__c", [Write(1, Verb.DELETE, {}, remote_id="001A")])
    assert rows(content) == [{"Id": "001A"}]


def test_what_is_too_much_for_one_job_goes_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_MOST_BYTES", 60)
    writes = [Write(number, Verb.CREATE, {"Name": f"Company {number}"}, external_id="rec_1") for number in range(7)]
    parts = list(uploads(Verb.CREATE, "Solmu_Id__c", writes))
    assert len(parts) > 2
    assert all(len(content) <= 60 or len(part) == 1 for content, part in parts)
    assert [write for _, part in parts for write in part] == writes
    assert [row["Name"] for content, _ in parts for row in rows(content)] == [f"Company {n}" for n in range(7)]


def test_an_answer_is_let_go_as_soon_as_it_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(settings())
    answers: list[weakref.ref[requests.Response]] = []

    def answered(*_: object, **__: object) -> requests.Response:
        response = requests.Response()
        response.status_code, response._content = 200, b"a,b"
        answers.append(weakref.ref(response))
        return response

    monkeypatch.setattr(session, "_call", answered)
    gc.disable()
    try:
        assert session.get_text("jobs/ingest/1/successfulResults") == "a,b"
        assert [each() for each in answers] == [None], "it would stay until garbage is collected, which is rarely"
    finally:
        gc.enable()


def described(*fields: dict[str, Any], name: str = "Account") -> Described:
    usual = {"type": "string", "createable": True, "updateable": True, "nillable": True}
    return Described.of(
        {"name": name, "createable": True, "updateable": True, "fields": [usual | field for field in fields]}
    )


def test_the_usual_and_custom_fields_are_read_and_compound_ones_never() -> None:
    account = described(
        {"name": "Id", "type": "id"},
        {"name": "SystemModstamp", "type": "datetime"},
        {"name": "Name"},
        {"name": "BillingAddress", "type": "address"},
        {"name": "Jigsaw"},
        {"name": "Segment__c", "custom": True},
        {"name": "Solmu_Id__c", "custom": True, "externalId": True},
    )
    assert account.chosen((), "Solmu_Id__c") == ["Id", "SystemModstamp", "Solmu_Id__c", "Name", "Segment__c"]
    assert account.chosen(("Jigsaw",), "Solmu_Id__c") == ["Id", "SystemModstamp", "Solmu_Id__c", "Jigsaw"]
    assert account.is_external_id("Solmu_Id__c")
    assert not account.is_external_id("Segment__c")
    assert not account.is_external_id(None)


def test_a_description_tells_what_may_be_written() -> None:
    [name, status] = described(
        {"name": "Name", "label": "Account Name", "nillable": False, "length": 255},
        {
            "name": "Status__c",
            "type": "picklist",
            "custom": True,
            "restrictedPicklist": True,
            "picklistValues": [{"value": "Active", "active": True}, {"value": "Old", "active": False}],
        },
    ).infos()
    assert (name.required, name.length, name.label) == (True, 255, "Account Name")
    assert (status.values, status.restricted, status.custom, status.required) == (("Active",), True, True, False)


def test_nobody_at_the_address_is_told_without_the_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    connector = SalesforceConnector(
        name="crm", settings=settings(login_url="http://127.0.0.1:1", retry_seconds=0), streams={}, folder=tmp_path
    )
    with connector, pytest.raises(Fatal) as raised:
        connector.check()
    assert raised.value.field == "login_url"
    assert "hush" not in f"{raised.value}{caplog.text}"


def test_a_records_address_is_known_without_logging_in_where_the_domain_is_the_orgs_own(tmp_path: Path) -> None:
    def url(**given: Any) -> str | None:
        with SalesforceConnector(name="crm", settings=settings(**given), streams={}, folder=tmp_path) as connector:
            return connector.record_url("accounts", "001A")

    assert url() == "https://acme.my.salesforce.com/001A"
    assert url(login_url="https://crm.example") is None
