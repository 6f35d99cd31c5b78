import json
import time

import httpx
import pytest

from tests.sandbox.client import Api, error


def test_a_status_is_answered_as_often_as_asked_and_nothing_is_done(api: Api) -> None:
    api.misbehave(kind="status", status=503, times=2, match="/composite", retry_after=7)
    for _ in range(2):
        (response,) = [api.call("PATCH", "composite/sobjects/Account/Solmu_Id__c", json={"records": []})]
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "7"
        assert response.json()[0]["errorCode"] == "SERVER_UNAVAILABLE"
    assert api.upsert_many("Account", [{"Name": "A", "Solmu_Id__c": "a"}])[0]["success"] is True
    assert [(each["status"], each["fault"], each["kind"]) for each in api.calls(match="composite")] == [
        (503, "status", "write"), (503, "status", "write"), (200, None, "write"),
    ]  # fmt: skip


def test_a_server_error_may_come_after_the_work_was_done(api: Api) -> None:
    api.misbehave(kind="status", status=500, work=True, method="POST")
    assert api.call("POST", "sobjects/Account", json={"Name": "A"}).status_code == 500
    assert api.values("SELECT Name FROM Account") == ["A"]


def test_a_code_and_a_message_may_be_given(api: Api) -> None:
    api.misbehave(kind="status", status=403)
    assert error(api.call("GET", "limits")) == (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    api.misbehave(kind="status", status=400, code="API_DISABLED_FOR_ORG", message="The REST API is not enabled")
    assert error(api.call("GET", "limits"))[1:] == ("API_DISABLED_FOR_ORG", "The REST API is not enabled")


def test_a_reset_connection_means_that_nothing_was_done(api: Api) -> None:
    api.misbehave(kind="reset", match="/sobjects/Account")
    with pytest.raises(httpx.TransportError):
        api.create("Account", Name="A")
    assert api.values("SELECT Name FROM Account") == []
    assert api.calls(match="/sobjects/Account")[0]["status"] == 0


def test_a_reset_connection_may_mean_that_everything_was_done(api: Api) -> None:
    api.misbehave(kind="reset_after", match="/sobjects/Account")
    with pytest.raises(httpx.TransportError):
        api.create("Account", Name="A")
    assert api.values("SELECT Name FROM Account") == ["A"]


def test_work_may_be_done_twice(api: Api) -> None:
    api.misbehave(kind="twice", match="/sobjects/Account")
    api.create("Account", Name="A")
    assert api.values("SELECT Name FROM Account") == ["A", "A"]


def test_an_answer_may_be_slow(api: Api) -> None:
    api.misbehave(kind="slow", seconds=0.3)
    start = time.perf_counter()
    api.get("limits")
    assert time.perf_counter() - start > 0.3


def test_a_session_may_expire_between_two_calls(api: Api) -> None:
    api.misbehave(kind="expire_session", skip=1)
    assert api.call("GET", "limits").status_code == 200
    assert error(api.call("GET", "limits"))[:2] == (401, "INVALID_SESSION_ID")
    api.log_in()
    assert api.call("GET", "limits").status_code == 200


def test_one_record_of_a_call_may_fail(api: Api) -> None:
    api.misbehave(kind="partial", nth=2, match="/composite")
    results = api.upsert_many("Account", [{"Name": str(n), "Solmu_Id__c": str(n)} for n in range(3)])
    assert [each["success"] for each in results] == [True, False, True]
    assert results[1]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert api.values("SELECT Name FROM Account ORDER BY Name") == ["0", "2"]


def test_every_so_many_th_record_may_fail_with_a_code_of_ones_own(api: Api) -> None:
    api.misbehave(kind="partial", every=2, code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="No.")
    results = api.upsert_many("Account", [{"Name": str(n), "Solmu_Id__c": str(n)} for n in range(4)])
    assert [each["success"] for each in results] == [True, False, True, False]
    assert results[3]["errors"][0]["message"] == "No."


def test_an_answer_may_be_cut_off_noticeably(api: Api) -> None:
    api.misbehave(kind="truncate", match="/sobjects")
    with pytest.raises(httpx.RemoteProtocolError):
        api.call("GET", "sobjects")


def test_an_answer_may_be_cut_off_with_a_length_that_agrees(api: Api) -> None:
    api.create("Account", Name="A")
    api.misbehave(kind="truncate", clean=True, length=30)
    response = api.call("GET", "query", params={"q": "SELECT Id FROM Account"})
    assert (response.status_code, len(response.content)) == (200, 30)
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_a_job_may_fail_half_way_and_the_rest_is_unprocessed(api: Api) -> None:
    api.misbehave(kind="fail_job", rows=2)
    done = api.run_job("insert", [{"Name": str(n)} for n in range(5)])
    assert (done["state"], done["numberRecordsProcessed"]) == ("Failed", 2)
    assert {each["Name"] for each in api.results(done["id"], "successfulResults")} == {"0", "1"}
    assert {each["Name"] for each in api.results(done["id"], "unprocessedrecords")} == {"2", "3", "4"}


def test_rows_of_a_job_may_fail(api: Api) -> None:
    api.misbehave(kind="partial_job", every=3)
    done = api.run_job("insert", [{"Name": str(n)} for n in range(6)])
    assert done["numberRecordsFailed"] == 2
    errors = {each["sf__Error"] for each in api.results(done["id"], "failedResults")}
    assert errors == {"UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: --"}


def test_a_job_can_be_aborted_while_it_waits_and_while_it_is_in_progress(api: Api) -> None:
    api.misbehave(kind="slow_job", seconds=2)
    first, second = api.open_job("insert"), api.open_job("insert")
    for job in (first, second):
        api.upload(job, "Name\nA\n")
        api.close(job)
    while api.get(f"jobs/ingest/{first}")["state"] != "InProgress":
        time.sleep(0.01)
    for job in (second, first):
        assert api.call("PATCH", f"jobs/ingest/{job}", json={"state": "Aborted"}).status_code == 200
    api.run_job("insert", [{"Name": "later"}])  # one job is done at a time: by then both have had their turn
    for job in (first, second):
        assert api.get(f"jobs/ingest/{job}")["state"] == "Aborted"
        assert [each["Name"] for each in api.results(job, "unprocessedrecords")] == ["A"]
    assert api.values("SELECT Name FROM Account") == ["later"]


def test_what_is_armed_is_listed_and_can_be_cleared(api: Api) -> None:
    api.misbehave(kind="status", status=503, times=None)
    assert [(each["kind"], each["times"], each["befell"]) for each in api.get("/_misbehave")] == [("status", None, 0)]
    assert [api.call("GET", "limits").status_code for _ in range(3)] == [503] * 3
    assert api.get("/_misbehave")[0]["befell"] == 3
    api.call("DELETE", "/_misbehave")
    assert api.call("GET", "limits").status_code == 200


def test_logging_in_can_fail_too(api: Api) -> None:
    api.misbehave(kind="status", status=503, match="/services/oauth2/token")
    assert httpx.post(f"{api.running.url}/services/oauth2/token").status_code == 503


def test_a_misbehaviour_that_does_not_exist_is_refused(api: Api) -> None:
    for wrong in ({"kind": "explode"}, {"kind": "status", "stauts": 500}):
        response = api.call("POST", "/_misbehave", json=wrong)
        assert response.status_code == 400
        assert "kinds: status, reset" in response.json()[0]["message"]
