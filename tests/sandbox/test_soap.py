"""`merge` by SOAP, as it goes over the wire; jsforce's own calls are in jsforce/check.mjs."""

from xml.etree import ElementTree

import httpx
import pytest

from tests.sandbox.client import Api

PATH = "/services/Soap/u/59.0"
BOMB = '<!DOCTYPE a [<!ENTITY b "boom"><!ENTITY c "&b;&b;&b;">]>'


def envelope(body: str, session: str = "", before: str = "") -> bytes:
    header = f"<SessionHeader><sessionId>{session}</sessionId></SessionHeader>"
    return (
        f'<?xml version="1.0"?>{before}<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns="urn:partner.soap.sforce.com">'
        f"<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def request(winner: str, *losers: str, sobject: str = "Account", more: str = "") -> str:
    merged = "".join(f"<recordToMergeIds>{loser}</recordToMergeIds>" for loser in losers)
    return f"<request><masterRecord><type>{sobject}</type><Id>{winner}</Id>{more}</masterRecord>{merged}</request>"


def post(api: Api, content: bytes, path: str = PATH) -> httpx.Response:
    return api.call("POST", path, content=content, headers={"Content-Type": "text/xml", "SOAPAction": '""'})


def merge(api: Api, *requests: str) -> httpx.Response:
    session = api.http.headers["Authorization"].removeprefix("Bearer ")
    return post(api, envelope(f"<merge>{''.join(requests)}</merge>", session))


def said(response: httpx.Response, name: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(response.content).iter() if each.tag.endswith(name)]


def faultcode(response: httpx.Response) -> str:
    assert response.status_code == 500
    assert response.headers["Content-Type"].startswith("text/xml")
    [code] = said(response, "faultcode")
    return code


def firms(api: Api, count: int) -> list[str]:
    return [api.create("Account", Name=f"Firm {number}") for number in range(count)]


def test_the_survivor_may_take_other_values(api: Api) -> None:
    winner, loser = firms(api, 2)
    api.call("PATCH", f"sobjects/Account/{winner}", json={"Phone": "1", "Fax": "2"})
    more = "<fieldsToNull>Fax</fieldsToNull><Name>Firm &amp; Sons</Name>"
    assert said(merge(api, request(winner, loser, more=more)), "success") == ["true"]
    left = api.read("Account", winner)
    assert (left["Name"], left["Phone"], left["Fax"]) == ("Firm & Sons", "1", None)


def test_contacts_of_two_accounts_and_leads_can_be_merged_too(api: Api) -> None:
    accounts = firms(api, 2)
    contacts = [api.create("Contact", LastName="Arja", AccountId=account) for account in accounts]
    leads = [api.create("Lead", LastName="Arja", Company=name) for name in ("A", "B")]
    task = api.create("Task", Subject="Call", WhoId=contacts[1])
    answer = merge(api, request(*contacts, sobject="Contact"), request(*leads, sobject="Lead"))
    assert said(answer, "success") == ["true", "true"]
    assert said(answer, "updatedRelatedIds") == [task]
    assert api.read("Task", task)["WhoId"] == contacts[0]
    assert api.read("Contact", contacts[0])["AccountId"] == accounts[0]


def test_each_request_is_merged_or_refused_by_itself(api: Api) -> None:
    winner, first, second, third, deleted = firms(api, 5)
    contact = api.create("Contact", LastName="Arja", AccountId=second)
    api.call("DELETE", f"sobjects/Account/{deleted}")
    nobody = api.create("Lead", LastName="Arja", Company="A")
    answer = merge(
        api,
        request(winner, first),
        request(winner, second, deleted),
        request(winner, winner),
        request(winner, second, third, first),
        request(winner, nobody),
        request(winner, second, more="<Solmu_Id__c>x</Solmu_Id__c>"),
        request(winner, second, more="<Colour>x</Colour>"),
    )
    assert said(answer, "success") == ["true", *["false"] * 6]
    assert said(answer, "statusCode") == [
        "ENTITY_IS_DELETED", "MERGE_FAILED", "MERGE_FAILED", "MALFORMED_ID", "INVALID_FIELD_FOR_INSERT_UPDATE",
        "INVALID_FIELD",
    ]  # fmt: skip
    assert api.read("Contact", contact)["AccountId"] == second


def test_who_has_no_session_is_refused(api: Api) -> None:
    winner, loser = firms(api, 2)
    merging = f"<merge>{request(winner, loser)}</merge>"
    assert faultcode(post(api, envelope(merging, "guess"))) == "sf:INVALID_SESSION_ID"
    assert faultcode(post(api, envelope(merging))) == "sf:INVALID_SESSION_ID"
    api.misbehave(kind="expire_session", match="/Soap/")
    assert faultcode(merge(api, request(winner, loser))) == "sf:INVALID_SESSION_ID"
    assert api.calls(method="POST", match="/Soap/")[-1]["fault"] == "expire_session"


def test_a_request_of_something_else_is_refused_as_a_whole(api: Api) -> None:
    winner, loser = firms(api, 2)
    good = request(winner, loser)
    assert faultcode(merge(api, good, request(winner, loser, sobject="Task"))) == "sf:INVALID_TYPE_FOR_OPERATION"
    assert faultcode(merge(api, good, request(winner, loser, sobject="Firm"))) == "sf:INVALID_TYPE"
    assert faultcode(merge(api, good, "<request/>")) == "sf:INVALID_TYPE"
    assert faultcode(merge(api, *[good] * 201)) == "sf:EXCEEDED_ID_LIMIT"
    assert faultcode(post(api, envelope("<merge/>"), "/services/Soap/u/12.0")) == "sf:UNSUPPORTED_API_VERSION"
    refused = post(api, envelope("<convertLead/>"))
    assert faultcode(refused) == "soapenv:Client"
    assert "login, logout and merge only, not for convertLead" in said(refused, "faultstring")[0]
    assert api.read("Account", loser)["IsDeleted"] is False


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"merge",
        b"<s:Envelope><merge/></s:Envelope>",
        b"<Envelope/>",
        b"<Envelope><Body/></Envelope>",
        b"<Body><merge/></Body>",
        b"<?xml version='1.0' encoding='nonsense'?><Envelope/>",
        envelope("<merge/>").decode().encode("utf-16") + b"\0",
        envelope("<merge>&c;</merge>", before=BOMB),
        envelope("<merge/>", before='<!DOCTYPE a SYSTEM "file:///etc/hostname">'),
        b"<a>" * 100_000,
    ],
)
def test_what_is_no_request_gets_a_fault_and_harms_nobody(api: Api, content: bytes) -> None:
    assert faultcode(post(api, content)) == "soapenv:Client"


def test_what_was_done_before_the_answer_was_lost_stays_done(api: Api) -> None:
    winner, loser, other = firms(api, 3)
    api.misbehave(kind="reset_after", match="/Soap/")
    with pytest.raises(httpx.TransportError):
        merge(api, request(winner, loser))
    api.misbehave(kind="status", status=503, match="/Soap/")
    assert merge(api, request(winner, other)).status_code == 503
    assert api.values("SELECT Id FROM Account") == [winner, other]


def test_one_of_many_requests_fails_on_demand(api: Api) -> None:
    winner, first, second = firms(api, 3)
    api.misbehave(kind="partial", nth=2, match="/Soap/")
    answer = merge(api, request(winner, first), request(winner, second))
    assert said(answer, "success") == ["true", "false"]
    assert said(answer, "statusCode") == ["UNABLE_TO_LOCK_ROW"]


def test_merges_are_counted_as_writes(api: Api) -> None:
    winner, loser = firms(api, 2)
    before = api.get("limits")["DailyApiRequests"]["Remaining"]
    api.call("DELETE", "/_calls")
    merge(api, request(winner, loser))
    [call] = api.calls(kind="write")
    assert (call["path"], call["status"], call["records"]) == (PATH, 200, 1)
    assert api.get("limits")["DailyApiRequests"]["Remaining"] == before - 2
