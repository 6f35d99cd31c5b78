import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from sandbox.salesforce.times import read as read_time
from tests.sandbox.client import Api, error


def test_a_record_is_created_read_changed_and_deleted(api: Api) -> None:
    record_id = api.create("Account", Name="Acme", Phone="+358 40 1234567")
    record = api.read("Account", record_id)
    assert record["attributes"] == {"type": "Account", "url": f"/services/data/v59.0/sobjects/Account/{record_id}"}
    assert (record["Name"], record["Phone"], record["Industry"], record["IsDeleted"]) == (
        "Acme", "+358 40 1234567", None, False,
    )  # fmt: skip
    changed = api.call("PATCH", f"sobjects/Account/{record_id}", json={"Phone": None, "Industry": "Banking"})
    assert (changed.status_code, changed.content) == (204, b"")
    record = api.read("Account", record_id)
    assert (record["Phone"], record["Industry"]) == (None, "Banking")
    assert api.call("DELETE", f"sobjects/Account/{record_id}").status_code == 204
    gone = (404, "ENTITY_IS_DELETED", "entity is deleted")
    assert error(api.call("GET", f"sobjects/Account/{record_id}")) == gone
    assert error(api.call("PATCH", f"sobjects/Account/{record_id}", json={"Phone": "1"})) == gone
    assert error(api.call("DELETE", f"sobjects/Account/{record_id}")) == gone


def test_fifteen_characters_of_an_id_and_field_names_in_any_case_will_do(api: Api) -> None:
    record_id = api.create("account", name="Acme")
    assert api.read("Account", record_id[:15])["Id"] == record_id
    assert set(api.get(f"sobjects/Account/{record_id}?fields=name,PHONE")) == {"attributes", "Name", "Phone"}


def test_text_is_trimmed_and_empty_text_is_null_and_e_mail_is_in_lower_case(api: Api) -> None:
    record_id = api.create("Contact", LastName="  Ärjä ", FirstName=" ", Title="", Email=" Anna.Arja@Example.COM")
    record = api.read("Contact", record_id)
    assert (record["LastName"], record["FirstName"], record["Title"]) == ("Ärjä", None, None)
    assert record["Email"] == "anna.arja@example.com"


def test_the_name_of_a_person_is_made_of_its_parts(api: Api) -> None:
    record_id = api.create("Contact", FirstName="Anna", LastName="Ärjä")
    assert api.read("Contact", record_id)["Name"] == "Anna Ärjä"
    api.call("PATCH", f"sobjects/Contact/{record_id}", json={"FirstName": None})
    assert api.read("Contact", record_id)["Name"] == "Ärjä"


def test_a_task_is_closed_when_it_is_completed(api: Api) -> None:
    task = api.create("Task", Subject="Call back")
    record = api.read("Task", task)
    assert (record["Status"], record["Priority"], record["IsClosed"]) == ("Not Started", "Normal", False)
    api.call("PATCH", f"sobjects/Task/{task}", json={"Status": "Completed"})
    record = api.read("Task", task)
    assert record["IsClosed"] is True
    assert record["CompletedDateTime"] is not None


def test_each_write_moves_the_stamp_and_names_its_user(api: Api) -> None:
    record_id = api.create("Account", Name="Acme")
    stamps = []
    for number in range(20):
        api.call("PATCH", f"sobjects/Account/{record_id}", json={"Phone": str(number)})
        record = api.read("Account", record_id)
        assert record["LastModifiedDate"] == record["SystemModstamp"]
        stamps.append(record["SystemModstamp"])
    assert stamps == sorted(set(stamps))
    assert record["CreatedById"] == record["LastModifiedById"] == record["OwnerId"]
    api.edit(id=record_id, fields={"Phone": "2"}, **{"as": "sales"})
    assert api.read("Account", record_id)["LastModifiedById"] != record["LastModifiedById"]


def test_upsert_by_external_id_creates_and_then_updates_the_same_record(api: Api) -> None:
    path = "sobjects/Account/Solmu_Id__c/a%2F1"
    created = api.call("PATCH", path, json={"Name": "Acme"})
    updated = api.call("PATCH", path.upper().replace("SOBJECTS/ACCOUNT", "sobjects/Account"), json={"Name": "Acme Oy"})
    assert (created.status_code, updated.status_code) == (201, 200)
    assert created.json() == {"id": updated.json()["id"], "success": True, "errors": [], "created": True}
    assert updated.json()["created"] is False
    record = api.get(path)
    assert (record["Id"], record["Name"], record["Solmu_Id__c"]) == (created.json()["id"], "Acme Oy", "a/1")


def test_an_upsert_may_not_repeat_its_key_and_needs_a_field_that_is_an_external_id(api: Api) -> None:
    repeated = api.call("PATCH", "sobjects/Account/Solmu_Id__c/a", json={"Name": "A", "Solmu_Id__c": "a"})
    assert error(repeated)[:2] == (400, "INVALID_FIELD")
    unknown = api.call("PATCH", "sobjects/Account/Phone/1", json={"Name": "A"})
    assert error(unknown) == (
        404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: Phone",
    )  # fmt: skip


def test_a_parent_may_be_named_by_its_external_id(api: Api) -> None:
    account = api.create("Account", Name="Acme", Solmu_Id__c="a-1")
    contact = api.create("Contact", LastName="Arja", Account={"Solmu_Id__c": "A-1"})
    assert api.read("Contact", contact)["AccountId"] == account
    missing = api.call("POST", "sobjects/Contact", json={"LastName": "Arja", "Account": {"Solmu_Id__c": "no"}})
    message = "Foreign key external ID: no not found for field Solmu_Id__c in entity Account"
    assert error(missing) == (400, "INVALID_FIELD", message)


def test_what_hangs_on_a_deleted_account_goes_with_it(api: Api) -> None:
    account = api.create("Account", Name="Acme")
    contact = api.create("Contact", LastName="Arja", AccountId=account)
    task = api.create("Task", Subject="Call", WhoId=contact)
    other = api.create("Contact", LastName="Salo")
    api.call("DELETE", f"sobjects/Account/{account}")
    assert api.values("SELECT Id FROM Contact") == [other]
    assert api.query("SELECT Id, IsDeleted FROM Task", everything=True) == [{"Id": task, "IsDeleted": True}]


def header_date(stamp: str, *, seconds: int = 0) -> str:
    milliseconds = read_time(stamp)
    assert milliseconds is not None
    return format_datetime(datetime.fromtimestamp(milliseconds // 1000 + seconds, UTC), usegmt=True)


def test_a_conditional_write_is_refused_when_somebody_else_was_faster(api: Api) -> None:
    record_id = api.create("Account", Name="Acme")
    stamp = api.read("Account", record_id)["LastModifiedDate"]
    path = f"sobjects/Account/{record_id}"
    before = {"If-Unmodified-Since": header_date(stamp, seconds=-1)}
    after = {"If-Unmodified-Since": header_date(stamp)}
    assert api.call("PATCH", path, json={"Phone": "1"}, headers=before).status_code == 412
    assert api.read("Account", record_id)["Phone"] is None
    assert api.call("PATCH", path, json={"Phone": "1"}, headers=after).status_code == 204
    wrong = {"If-Unmodified-Since": "yesterday"}
    assert api.call("PATCH", path, json={"Phone": "2"}, headers=wrong).status_code == 400
    assert api.call("DELETE", path, headers=before).status_code == 204  # deletes take no conditions


def test_an_account_has_a_tag_that_changes_with_it(api: Api) -> None:
    path = f"sobjects/Account/{api.create('Account', Name='Acme')}"
    tag = api.call("GET", path).headers["ETag"]
    assert api.call("GET", path, headers={"If-None-Match": tag}).status_code == 304
    assert api.call("PATCH", path, json={"Phone": "1"}, headers={"If-Match": f'"other", {tag}'}).status_code == 204
    assert api.call("PATCH", path, json={"Phone": "2"}, headers={"If-Match": tag}).status_code == 412
    assert api.call("GET", path).headers["ETag"] != tag
    assert "ETag" not in api.call("GET", f"sobjects/Contact/{api.create('Contact', LastName='A')}").headers


def test_a_conditional_read_is_spared_when_nothing_changed(api: Api) -> None:
    record_id = api.create("Account", Name="Acme")
    stamp = api.read("Account", record_id)["LastModifiedDate"]
    path = f"sobjects/Account/{record_id}"
    spared = api.call("GET", path, headers={"If-Modified-Since": header_date(stamp)})
    assert (spared.status_code, spared.content) == (304, b"")
    assert api.call("GET", path, headers={"If-Modified-Since": header_date(stamp, seconds=-1)}).status_code == 200


def span(start: datetime, end: datetime) -> dict[str, str]:
    return {"start": start.isoformat(), "end": end.isoformat()}


def test_changes_and_deletions_of_a_span_of_minutes_are_listed(api: Api) -> None:
    kept, gone = api.create("Account", Name="Kept"), api.create("Account", Name="Gone")
    api.call("DELETE", f"sobjects/Account/{gone}")
    now = datetime.now(UTC)
    around = span(now - timedelta(hours=1), now + timedelta(minutes=2))
    updated, deleted = (api.get(f"sobjects/Account/{which}", params=around) for which in ("updated", "deleted"))
    assert updated["ids"] == [kept]
    assert [each["id"] for each in deleted["deletedRecords"]] == [gone]
    assert set(deleted) == {"deletedRecords", "earliestDateAvailable", "latestDateCovered"}
    assert updated["latestDateCovered"].endswith(":00.000+0000")  # seconds are ignored
    # So what happened in this very minute is not in a span that ends now.
    if now.second < 50:
        assert api.get("sobjects/Account/updated", params=span(now - timedelta(hours=1), now))["ids"] == []
    for wrong in (span(now, now), span(now - timedelta(days=40), now)):
        assert error(api.call("GET", "sobjects/Account/updated", params=wrong))[1] == "INVALID_REPLICATION_DATE"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "sobjects/Nothing", (404, "NOT_FOUND", "The requested resource does not exist")),
        ("GET", "sobjects/Account/001000000000001AAA", (404, "NOT_FOUND", "The requested resource does not exist")),
        ("GET", "sobjects/Contact/001000000000001AAA", (404, "NOT_FOUND", "The requested resource does not exist")),
        ("GET", "/services/data/v12.0/sobjects", (404, "NOT_FOUND", "The requested resource does not exist")),
        ("GET", "/nowhere", (404, "NOT_FOUND", "The requested resource does not exist")),
        ("PUT", "sobjects/Account", (405, "METHOD_NOT_ALLOWED", "HTTP Method 'PUT' not allowed. Allowed are GET,POST")),
    ],
)
def test_what_is_not_there_says_so(api: Api, method: str, path: str, expected: tuple[int, str, str]) -> None:
    assert error(api.call(method, path)) == expected


def test_the_org_describes_itself(api: Api) -> None:
    versions = [each["version"] for each in api.get("/services/data/")]
    assert {"50.0", "59.0", "64.0"} <= set(versions)
    assert {"sobjects", "query", "composite", "jobs"} <= set(api.get(""))
    listed = {each["name"]: each["keyPrefix"] for each in api.get("sobjects")["sobjects"]}
    assert listed["Contact"] == "003"
    described: dict[str, Any] = api.get("sobjects/Account/describe")
    fields = {each["name"]: each for each in described["fields"]}
    assert fields["Name"]["nillable"] is False
    assert fields["Name"]["length"] == 255
    assert fields["SystemModstamp"]["createable"] is False
    assert fields["ParentId"]["referenceTo"] == ["Account"]
    assert fields["Segment__c"]["restrictedPicklist"] is True
    assert "Key account" in [each["value"] for each in fields["Segment__c"]["picklistValues"]]
    key = fields["Solmu_Id__c"]
    assert (key["custom"], key["externalId"], key["unique"], key["caseSensitive"]) == (True, True, True, False)


def test_used_calls_are_counted_in_a_header_and_in_the_limits(api: Api) -> None:
    first = api.call("GET", "limits")
    used = int(first.headers["Sforce-Limit-Info"].removeprefix("api-usage=").partition("/")[0])
    second = api.call("GET", "limits")
    assert second.headers["Sforce-Limit-Info"] == f"api-usage={used + 1}/15000"
    assert second.json()["DailyApiRequests"] == {"Max": 15000, "Remaining": 15000 - used - 1}


def test_reading_one_record_takes_milliseconds(api: Api) -> None:
    record_id = api.create("Account", Name="Acme")
    start = time.perf_counter()
    for _ in range(20):
        api.read("Account", record_id)
    # A Nagle delay would make it 40 ms each.
    assert (time.perf_counter() - start) / 20 < 0.03
