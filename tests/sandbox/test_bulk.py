import csv
import io
import time

import pytest

from tests.sandbox.client import Api, error, to_csv


def rows(count: int, **fields: str) -> list[dict[str, str]]:
    return [{"Solmu_Id__c": f"b-{number}", "Name": f"Company {number}", **fields} for number in range(count)]


def test_a_job_goes_from_open_to_complete_and_counts_its_rows(api: Api) -> None:
    job = api.open_job("insert")
    document = api.get(f"jobs/ingest/{job}")
    assert document["state"] == "Open"
    assert document["contentUrl"] == f"services/data/v59.0/jobs/ingest/{job}/batches"
    assert (document["apiVersion"], document["lineEnding"], document["columnDelimiter"]) == (59.0, "LF", "COMMA")
    assert api.upload(job, to_csv(rows(450))).status_code == 201
    assert api.close(job).json()["state"] == "UploadComplete"
    done = api.finish(job)
    assert (done["state"], done["numberRecordsProcessed"], done["numberRecordsFailed"]) == ("JobComplete", 450, 0)
    assert done["jobType"] == "V2Ingest"
    assert api.get("query", params={"q": "SELECT COUNT() FROM Account"})["totalSize"] == 450


def test_upsert_creates_and_then_updates_and_each_result_carries_its_row(api: Api) -> None:
    first = api.run_job("upsert", rows(3, Phone="1"), externalIdFieldName="Solmu_Id__c")
    second = api.run_job("upsert", rows(4, Phone="2"), externalIdFieldName="Solmu_Id__c")
    created = {each["Solmu_Id__c"]: each for each in api.results(first["id"], "successfulResults")}
    updated = {each["Solmu_Id__c"]: each for each in api.results(second["id"], "successfulResults")}
    assert list(created["b-1"]) == ["sf__Id", "sf__Created", "Solmu_Id__c", "Name", "Phone"]
    assert [created[key]["sf__Created"] for key in ("b-0", "b-1", "b-2")] == ["true"] * 3
    assert (updated["b-0"]["sf__Created"], updated["b-3"]["sf__Created"]) == ("false", "true")
    assert updated["b-0"]["sf__Id"] == created["b-0"]["sf__Id"]
    assert api.read("Account", created["b-0"]["sf__Id"])["Phone"] == "2"


def test_results_do_not_keep_the_order_of_the_upload(api: Api) -> None:
    done = api.run_job("insert", rows(5))
    assert [each["Solmu_Id__c"] for each in api.results(done["id"], "successfulResults")] != [
        f"b-{n}" for n in range(5)
    ]


def test_failed_rows_say_why_and_the_others_are_done(api: Api) -> None:
    given = rows(4, Segment__c="")
    given[1]["Segment__c"] = "Huge"
    given[2]["Name"] = ""
    done = api.run_job("insert", given)
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (4, 2)
    failed = {each["Solmu_Id__c"]: each for each in api.results(done["id"], "failedResults")}
    assert failed["b-1"]["sf__Error"] == (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Segment: bad value for restricted picklist field: Huge:Segment__c --"
    )
    assert failed["b-2"]["sf__Error"] == "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"
    assert failed["b-2"]["sf__Id"] == ""
    assert api.results(done["id"], "unprocessedrecords") == []


def test_blank_leaves_a_field_alone_and_a_hash_na_clears_it(api: Api) -> None:
    record_id = api.create("Account", Name="Acme", Phone="1", Industry="Banking")
    api.run_job("update", [{"Id": record_id, "Phone": "", "Industry": "#N/A"}])
    record = api.read("Account", record_id)
    assert (record["Phone"], record["Industry"]) == ("1", None)


def test_types_are_checked_row_by_row(api: Api) -> None:
    given = [
        {"Name": "A", "NumberOfEmployees": "12", "AnnualRevenue": "1.5"},
        {"Name": "B", "NumberOfEmployees": "many", "AnnualRevenue": ""},
    ]
    done = api.run_job("insert", given)
    (failed,) = api.results(done["id"], "failedResults")
    assert failed["sf__Error"].startswith("INVALID_TYPE_ON_FIELD_IN_RECORD:Value not of required type: 'many'")
    contacts = [
        {"LastName": "A", "Birthdate": "1980-05-01", "DoNotCall": "TRUE"},
        {"LastName": "B", "Birthdate": "1.5.1980", "DoNotCall": ""},
    ]
    done = api.run_job("insert", contacts, "Contact")
    assert done["numberRecordsFailed"] == 1


def test_a_parent_is_named_by_its_external_id_in_the_header(api: Api) -> None:
    account = api.create("Account", Name="Acme", Solmu_Id__c="a-1")
    given = [{"LastName": "Arja", "Account.Solmu_Id__c": "a-1"}, {"LastName": "Salo", "Account.Solmu_Id__c": "no"}]
    done = api.run_job("insert", given, "Contact")
    assert api.values("SELECT AccountId FROM Contact") == [account]
    (failed,) = api.results(done["id"], "failedResults")
    assert "Foreign key external ID: no not found for field Solmu_Id__c in entity Account" in failed["sf__Error"]


def test_rows_with_one_external_id_in_one_chunk_are_all_refused(api: Api) -> None:
    given = [{"Name": "A", "Solmu_Id__c": "x"}, {"Name": "B", "Solmu_Id__c": "X"}]
    done = api.run_job("upsert", given, externalIdFieldName="Solmu_Id__c")
    assert done["numberRecordsFailed"] == 2
    for failed in api.results(done["id"], "failedResults"):
        assert failed["sf__Error"].startswith("DUPLICATE_VALUE:Duplicate external id specified: ")


def test_delete_wants_ids_and_nothing_else(api: Api) -> None:
    ids = [api.create("Account", Name="A"), "001000000000001AAA"]
    done = api.run_job("delete", [{"Id": each} for each in ids])
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (2, 1)
    assert api.query("SELECT Id FROM Account") == []
    wrong = api.run_job("delete", [{"Id": ids[0], "Name": "A"}])
    assert wrong["errorMessage"] == "InvalidBatch : The 'delete' batch must contain only ids"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Name,Colour\nA,red\n", "InvalidBatch : Field name not found : Colour"),
        ("\ufeffName\nA\n", "InvalidBatch : Field name not found : \ufeffName"),
        ("Name\r\nA\r\n", "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF"),
        ("", "InvalidBatch : Failed to parse CSV. The upload has no header row"),
    ],
)
def test_data_that_cannot_be_read_at_all_fails_the_job(api: Api, text: str, message: str) -> None:
    job = api.open_job("insert")
    api.upload(job, text)
    api.close(job)
    done = api.finish(job)
    assert (done["state"], done["errorMessage"], done["numberRecordsProcessed"]) == ("Failed", message, 0)
    assert len(api.results(job, "unprocessedrecords")) == (1 if text else 0)


def test_data_that_is_not_utf_8_fails_the_job(api: Api) -> None:
    job = api.open_job("insert")
    api.call("PUT", f"jobs/ingest/{job}/batches", content="Name\nÄrjä\n".encode("cp1252"))
    api.close(job)
    assert api.finish(job)["errorMessage"] == "ClientInputError : the data is not UTF-8"


def test_a_cell_of_more_than_a_megabyte_fails_the_job_after_the_rows_before_it(api: Api) -> None:
    job = api.open_job("insert")
    api.upload(job, "Name\n" + "Company\n" * 200 + "x" * 1_100_000 + "\n")
    api.close(job)
    done = api.finish(job)
    assert (done["state"], done["numberRecordsProcessed"]) == ("Failed", 200)
    assert done["errorMessage"].startswith("InvalidBatch : Failed to parse CSV.")


def test_line_ends_and_delimiters_are_as_the_job_says(api: Api) -> None:
    job = api.open_job("insert", lineEnding="CRLF", columnDelimiter="SEMICOLON")
    api.upload(job, 'Name;BillingStreet\r\n"Acme; Oy";"Street 1"\r\n')
    api.close(job)
    assert api.finish(job)["numberRecordsFailed"] == 0
    assert api.query("SELECT Name, BillingStreet FROM Account") == [{"Name": "Acme; Oy", "BillingStreet": "Street 1"}]
    assert api.call("GET", f"jobs/ingest/{job}/successfulResults").text.startswith('"sf__Id";"sf__Created";"Name"')


def test_a_value_may_have_lines_within_quotes(api: Api) -> None:
    job = api.open_job("insert")
    api.upload(job, 'Name,BillingStreet\nAcme,"Street 1\nBuilding ""B"""\n')
    api.close(job)
    api.finish(job)
    assert api.values("SELECT BillingStreet FROM Account") == ['Street 1\nBuilding "B"']


def test_a_second_upload_is_taken_but_the_job_cannot_be_closed_any_more(api: Api) -> None:
    job = api.open_job("insert")
    assert [api.upload(job, "Name\nA\n").status_code for _ in range(2)] == [201, 201]
    status, code, message = error(api.close(job))
    assert (status, code) == (400, "INVALIDJOB")
    assert message.startswith(f"Found multipe contents for job: <{job}>")
    assert api.call("PATCH", f"jobs/ingest/{job}", json={"state": "Aborted"}).json()["state"] == "Aborted"


def test_more_than_a_hundred_megabytes_are_refused(api: Api) -> None:
    job = api.open_job("insert")
    text = "Name\n" + "x" * (100 * 1024 * 1024)
    assert api.upload(job, text).status_code == 413
    assert api.get(f"jobs/ingest/{job}")["state"] == "Open"


def test_states_change_in_one_direction_only(api: Api) -> None:
    done = api.run_job("insert", rows(1))
    assert error(api.upload(done["id"], "Name\nB\n"))[1] == "INVALIDJOBSTATE"
    assert error(api.close(done["id"]))[1] == "INVALIDJOBSTATE"
    open_job = api.open_job("insert")
    assert error(api.call("GET", f"jobs/ingest/{open_job}/successfulResults"))[1] == "INVALIDJOBSTATE"
    assert error(api.call("DELETE", f"jobs/ingest/{open_job}"))[1] == "INVALIDJOBSTATE"
    assert api.call("DELETE", f"jobs/ingest/{done['id']}").status_code == 204
    assert api.call("GET", f"jobs/ingest/{done['id']}").status_code == 404


def test_a_job_that_makes_no_sense_is_not_made(api: Api) -> None:
    def refused(**body: str) -> str:
        return error(api.call("POST", "jobs/ingest", json={"object": "Account", "operation": "insert", **body}))[1]

    assert refused(operation="paint") == "INVALIDJOB"
    assert refused(object="Nothing") == "INVALIDENTITY"
    assert refused(operation="upsert") == "INVALIDJOB"
    assert refused(operation="upsert", externalIdFieldName="Phone") == "INVALIDJOB"
    assert refused(lineEnding="CR") == "INVALIDJOB"


def test_jobs_are_listed_newest_first(api: Api) -> None:
    made = [api.open_job("insert"), api.open_job("update")]
    listed = api.get("jobs/ingest")
    assert [each["id"] for each in listed["records"]] == made[::-1]
    assert (listed["done"], listed["nextRecordsUrl"]) == (True, None)


def test_a_query_job_gives_its_rows_in_pages_of_csv(api: Api) -> None:
    api.run_job("insert", rows(250, Phone="1"))
    body = {
        "operation": "query",
        "query": "SELECT Name, Owner.Name, SystemModstamp, IsDeleted, Industry FROM Account ORDER BY Id",
    }
    job = api.call("POST", "jobs/query", json=body).json()["id"]
    done = api.finish(job, "query")
    assert (done["state"], done["numberRecordsProcessed"], done["jobType"]) == ("JobComplete", 250, "V2Query")
    locator, names = "", []
    while locator != "null":
        page = api.call("GET", f"jobs/query/{job}/results", params={"maxRecords": "100", "locator": locator})
        found = list(csv.DictReader(io.StringIO(page.text)))
        assert len(found) == int(page.headers["Sforce-NumberOfRecords"])
        names += [each["Name"] for each in found]
        locator = page.headers["Sforce-Locator"]
    assert names == [f"Company {number}" for number in range(250)]
    assert (found[0]["Owner.Name"], found[0]["IsDeleted"], found[0]["Industry"]) == ("Solmu Integration", "false", "")
    assert found[0]["SystemModstamp"].endswith("Z")


def test_a_query_job_that_cannot_be_understood_is_not_made(api: Api) -> None:
    def refused(query: str) -> str:
        return error(api.call("POST", "jobs/query", json={"operation": "query", "query": query}))[1]

    assert refused("SELECT Colour FROM Account") == "INVALID_FIELD"
    assert refused("SELECT COUNT(Id) FROM Account") == "INVALIDJOB"


def test_ten_thousand_rows_take_seconds(api: Api) -> None:
    start = time.perf_counter()
    done = api.run_job("upsert", rows(10_000, Phone="1", Industry="Banking"), externalIdFieldName="Solmu_Id__c")
    assert done["numberRecordsProcessed"] == 10_000
    # 0.5 s on an idle machine.
    assert time.perf_counter() - start < 10
