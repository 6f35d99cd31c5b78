"""What the SOAP API's answers mean, without an org."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
import requests

from connectors.salesforce import soap
from connectors.salesforce.answers import ended_session, error_of, failed_in_between
from solmu.errors import Fatal, Retriable, Skippable

DONE = "<result><id>a</id><mergedRecordIds>b</mergedRecordIds><success>true</success></result>"
REFUSED = (
    "<result><errors><fields>Id</fields><message>entity is deleted</message><statusCode>ENTITY_IS_DELETED</statusCode>"
    '</errors><id xsi:nil="true"/><success>false</success></result>'
)


def answer(inner: str, before: str = "") -> bytes:
    return (
        f'{before}<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"'
        f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body>{inner}</e:Body></e:Envelope>'
    ).encode()


def fault(code: str, prefix: str = "sf:") -> requests.Response:
    inner = f"<faultcode>{prefix}{code}</faultcode><faultstring>{code}: that is why</faultstring>"
    return response(500, answer(f"<e:Fault>{inner}</e:Fault>"), "text/xml;charset=UTF-8")


def response(status: int, content: bytes, kind: str) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made.headers["Content-Type"] = kind
    made._content = content
    return made


def test_a_request_names_the_session_the_winner_and_its_losers_whatever_stands_in_them() -> None:
    sent = ElementTree.fromstring(soap.merge_request("<&>", "Account", "win", ["a", "<b>"]))
    said = [(each.tag.rpartition("}")[2], each.text) for each in sent.iter() if each.text]
    assert said == [
        ("sessionId", "<&>"),
        ("type", "Account"),
        ("Id", "win"),
        ("recordToMergeIds", "a"),
        ("recordToMergeIds", "<b>"),
    ]


def test_an_answer_says_that_it_was_done_or_why_not() -> None:
    assert soap.merge_result(answer(f"<mergeResponse>{DONE}</mergeResponse>")) == soap.Merged(True)
    refused = soap.merge_result(answer(f"<mergeResponse>{REFUSED}</mergeResponse>"))
    assert refused == soap.Merged(False, "ENTITY_IS_DELETED", "entity is deleted", "Id")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>sorry",
        b"{}",
        answer(""),
        answer("<result/>"),
        answer("<result><success>perhaps</success></result>"),
        answer(DONE)[:-20],
        answer(DONE, '<!DOCTYPE a [<!ENTITY b "true">]>'),
    ],
)
def test_what_is_no_answer_is_not_taken_for_one(content: bytes) -> None:
    with pytest.raises(soap.Garbled):
        soap.merge_result(content)
    assert soap.fault(content) is None


def test_a_session_that_ended_is_told_by_the_fault_not_by_the_status() -> None:
    assert ended_session(fault("INVALID_SESSION_ID"))
    assert not ended_session(fault("INVALID_TYPE"))
    assert not ended_session(response(500, b"INVALID_SESSION_ID", "text/html"))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("REQUEST_LIMIT_EXCEEDED", Retriable),
        ("INVALID_TYPE_FOR_OPERATION", Skippable),
        ("API_DISABLED_FOR_ORG", Fatal),
        ("UNSUPPORTED_API_VERSION", Fatal),
    ],
)
def test_a_fault_refuses_a_request_of_which_nothing_was_done(code: str, error: type[Exception]) -> None:
    refused = fault(code)
    assert not failed_in_between(refused)
    said = error_of(refused, writing=True)
    assert isinstance(said, error)
    assert (said.code, "that is why" in said.message) == (code, True)


def test_of_a_server_in_trouble_nothing_is_known() -> None:
    for made in (fault("UNKNOWN_EXCEPTION"), fault("SERVER_UNAVAILABLE"), response(503, b"<html>busy", "text/html")):
        assert failed_in_between(made)
