import json
import re
from typing import Any

from tests.sandbox.client import Api, error


def load(api: Api, *records: dict[str, Any], path: str = "/_load") -> list[str]:
    lines = "\n".join(json.dumps(record) for record in records)
    response = api.call("POST", path, content=lines.encode())
    assert response.status_code == 200, response.text
    ids: list[str] = response.json()["ids"]
    return ids


def test_records_that_were_there_before_are_loaded_with_their_parents_and_users(api: Api) -> None:
    account, contact, task = load(
        api,
        {"type": "Account", "as": "sales", "Name": "Acme"},
        {"type": "Contact", "as": "sales", "LastName": "Arja", "AccountId": "@1"},
        {"type": "Task", "Subject": "Call", "WhoId": "@2", "WhatId": "@1"},
    )
    (record,) = api.query("SELECT AccountId, CreatedBy.Username FROM Contact")
    assert record["AccountId"] == account
    assert record["CreatedBy"]["Username"] == "sales@sandbox.invalid"
    assert api.read("Task", task)["WhoId"] == contact


def test_loading_stops_at_the_first_bad_line_and_leaves_nothing(api: Api) -> None:
    lines = b'{"type": "Account", "Name": "A"}\n{"type": "Account", "Phone": "1"}'
    status, code, message = error(api.call("POST", "/_load", content=lines))
    assert (status, code) == (400, "REQUIRED_FIELD_MISSING")
    assert message.startswith("line 2: ")
    assert api.query("SELECT Id FROM Account") == []


def test_a_salesperson_edits_creates_and_deletes(api: Api) -> None:
    record_id = api.create("Account", Name="Acme")
    before = api.read("Account", record_id)
    api.edit(id=record_id, fields={"Phone": "7"})
    after = api.read("Account", record_id)
    assert after["Phone"] == "7"
    assert after["LastModifiedById"] != before["LastModifiedById"]
    assert after["SystemModstamp"] > before["SystemModstamp"]
    made = api.edit(action="create", type="Contact", fields={"LastName": "Arja", "AccountId": record_id})["id"]
    api.edit(action="delete", id=made)
    assert api.query("SELECT Id FROM Contact") == []
    api.edit(action="undelete", id=made)
    assert api.values("SELECT Id FROM Contact") == [made]


def test_a_merge_keeps_one_record_and_moves_what_hung_on_the_other(api: Api) -> None:
    winner, loser = api.create("Account", Name="Acme"), api.create("Account", Name="Acme Oy", Solmu_Id__c="a-2")
    contact = api.create("Contact", LastName="Arja", AccountId=loser)
    task = api.create("Task", Subject="Call", WhatId=loser)
    before = api.read("Contact", contact)["SystemModstamp"]
    api.edit(action="merge", id=winner, merged=[loser], fields={"Phone": "7"}, **{"as": "sales"})
    assert api.read("Account", winner)["Phone"] == "7"
    (gone,) = api.query(
        "SELECT Id, MasterRecordId, LastModifiedBy.Username FROM Account WHERE IsDeleted = true", everything=True
    )
    assert (gone["Id"], gone["MasterRecordId"]) == (loser, winner)
    assert gone["LastModifiedBy"]["Username"] == "sales@sandbox.invalid"
    assert api.read("Contact", contact)["AccountId"] == winner
    assert api.read("Contact", contact)["SystemModstamp"] > before
    assert api.read("Task", task)["WhatId"] == winner
    assert error(api.call("PATCH", f"sobjects/Account/{loser}", json={"Phone": "1"}))[1] == "ENTITY_IS_DELETED"
    refused = api.call("POST", "/_edit", json={"action": "merge", "id": winner, "merged": [winner]})
    assert refused.status_code == 400


def test_two_contacts_can_be_merged_too(api: Api) -> None:
    account = api.create("Account", Name="Acme")
    winner, loser = (api.create("Contact", LastName=name, AccountId=account) for name in ("Arja", "Ärjä"))
    task = api.create("Task", Subject="Call", WhoId=loser)
    api.edit(action="merge", id=winner, merged=[loser])
    assert api.read("Task", task)["WhoId"] == winner


def test_a_lead_is_converted_into_an_account_and_a_contact(api: Api) -> None:
    lead = api.create("Lead", LastName="Arja", Company="Acme", Email="a@acme.example", Solmu_Id__c="l-1")
    task = api.create("Task", Subject="Call", WhoId=lead)
    made = api.edit(action="convert", id=lead)
    record = api.read("Lead", lead)
    assert (record["IsConverted"], record["ConvertedContactId"]) == (True, made["contact"])
    contact = api.read("Contact", made["contact"])
    assert (contact["Email"], contact["AccountId"]) == ("a@acme.example", made["account"])
    assert api.read("Task", task)["WhoId"] == made["contact"]
    refused = api.call("PATCH", f"sobjects/Lead/{lead}", json={"Phone": "1"})
    assert refused.json()[0]["errorCode"] == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_an_edit_that_cannot_be_done_undoes_those_before_it(api: Api) -> None:
    record_id = api.create("Account", Name="Acme")
    changes = [{"id": record_id, "fields": {"Phone": "7"}}, {"id": record_id, "fields": {"Name": ""}}]
    assert error(api.call("POST", "/_edit", json=changes))[2].startswith("change 2: ")
    assert api.read("Account", record_id)["Phone"] is None
    assert api.call("POST", "/_edit", json={"id": record_id, "as": "nobody"}).status_code == 400


def test_every_call_is_listed_with_its_size_and_records(api: Api) -> None:
    api.upsert_many("Account", [{"Name": str(n), "Solmu_Id__c": str(n)} for n in range(7)])
    api.query("SELECT Id FROM Account")
    write, read = api.calls()
    assert (write["method"], write["kind"], write["records"], write["status"]) == ("PATCH", "write", 7, 200)
    assert (read["method"], read["kind"], read["records"], read["query"]) == (
        "GET",
        "read",
        7,
        "q=SELECT+Id+FROM+Account",
    )
    assert write["bytes_in"] > 100
    assert read["bytes_out"] > 500
    assert 0 < write["seconds"] < 5
    assert [each["n"] for each in api.calls(kind="read")] == [read["n"]]
    assert api.calls(after=str(write["n"])) == [read]
    assert "token" not in json.dumps(api.calls())


def test_a_reset_takes_away_a_job_at_work(api: Api) -> None:
    api.misbehave(kind="slow_job", seconds=0.2)
    job = api.open_job("insert")
    api.upload(job, "Name\nA\n")
    api.close(job)
    api.call("POST", "/_reset")
    assert api.call("GET", f"jobs/ingest/{job}").status_code == 404
    # The worker goes on with the next one; the fixture that stops the sandbox sees that nothing was logged.
    assert api.run_job("insert", [{"Name": "B"}])["state"] == "JobComplete"
    assert api.values("SELECT Name FROM Account") == ["B"]


def test_the_page_shows_what_is_there_with_everything_escaped(api: Api) -> None:
    api.create("Account", Name="<script>alert(1)</script> & Co")
    response = api.call("GET", "/")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co" in response.text
    assert "<script" not in response.text
    assert not re.search(r"(?:src|href)=.?(?:https?:)?//", response.text)
    assert "/services/data/v59.0/sobjects/Account" in response.text
    assert "There is no object &lt;b&gt;" in api.call("GET", "/?object=<b>").text


def test_only_this_machine_is_answered_and_no_other_sites_page(api: Api) -> None:
    assert api.call("POST", "/_reset", headers={"Origin": "https://elsewhere.invalid"}).status_code == 403
    assert api.call("GET", "/_calls", headers={"Host": "elsewhere.invalid"}).status_code == 403
