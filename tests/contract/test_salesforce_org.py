"""What is particular to Salesforce, against the sandbox: objects and parents, jobs, duplicates, limits, logins."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.salesforce import SalesforceConnector, SalesforceSettings, SalesforceStream
from sandbox.salesforce.seed import USERS
from sandbox.start import Running, start
from solmu.errors import Fatal, Retriable
from solmu.exchange import Job, Merging, Outcome, Remote, Result, Row, Verb, Write

STREAMS = ("accounts", "contacts", "tasks", "leads", "users")


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with start("salesforce", tmp_path_factory.mktemp("org") / "org.db", extra=["--duplicate-rule"]) as running:
        yield running


class Org:
    """The sandbox, emptied, and how to connect to it."""

    def __init__(self, running: Running, folder: Path) -> None:
        self.url = running.url
        self.secrets = running.secrets
        self.folder = folder
        self.post("/_reset")

    def post(self, path: str, document: Any = None) -> Any:
        answer = requests.post(f"{self.url}{path}", json=document, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def misbehave(self, kind: str, **more: Any) -> None:
        self.post("/_misbehave", {"kind": kind, **more})

    def calls(self, **chosen: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = requests.get(f"{self.url}/_calls", params=chosen, timeout=30).json()
        return found

    def add(self, sobject: str, **fields: Any) -> str:
        made: list[dict[str, str]] = self.post("/_edit", [{"action": "create", "type": sobject, "fields": fields}])
        return made[0]["id"]

    def connect(self, **given: Any) -> SalesforceConnector:
        streams = {name: SalesforceStream() for name in STREAMS} | given.pop("streams", {})
        known = {"client_id": self.secrets["client_id"], "client_secret": self.secrets["client_secret"]}
        document = {"login_url": self.url, "retry_seconds": 0, "bulk_above": None, **known, **given}
        settings = SalesforceSettings.model_validate(document)
        return SalesforceConnector(name="crm", settings=settings, streams=streams, folder=self.folder)


@pytest.fixture
def org(process: Running, tmp_path: Path) -> Org:
    return Org(process, tmp_path)


@pytest.fixture
def crm(org: Org) -> Iterator[SalesforceConnector]:
    with org.connect() as connector:
        yield connector


def write(connector: SalesforceConnector, stream: str, *writes: Write) -> dict[int, Result]:
    results = {result.id: result for result in connector.write(stream, writes, no_job)}
    assert len(results) == len(writes)
    return results


def no_job(job: Job) -> None:
    raise AssertionError("no job was asked for")


def create(id: int, **fields: Any) -> Write:
    return Write(id, Verb.CREATE, fields, external_id=f"rec_{id}")


def rows(connector: SalesforceConnector, stream: str, cursor: Any = None) -> list[Row]:
    return [row for batch in connector.read(stream, cursor) for row in batch.rows if isinstance(row, Row)]


def fetched(connector: SalesforceConnector, stream: str, remote_id: str | None) -> Remote:
    [remote] = connector.fetch(stream, [str(remote_id)])
    return remote


def test_people_and_tasks_hang_on_their_parents(crm: SalesforceConnector) -> None:
    account = write(crm, "accounts", create(1, Name="Ärjä Oy"))[1].remote_id
    contact = write(crm, "contacts", create(2, LastName="Mäkelä", AccountId=account))[2].remote_id
    task = write(crm, "tasks", create(3, Subject="Soita", WhoId=contact, WhatId=account))[3]
    assert task.outcome is Outcome.CREATED
    [row] = rows(crm, "tasks")
    assert (row.payload["WhoId"], row.payload["WhatId"], row.payload["Subject"]) == (contact, account, "Soita")


def test_a_parent_that_is_gone_is_a_reason(crm: SalesforceConnector, org: Org) -> None:
    account = org.add("Account", Name="Vanha Oy")
    org.post("/_edit", {"action": "delete", "id": account})
    refused = write(crm, "contacts", create(1, LastName="Mäkelä", AccountId=account))[1]
    assert (refused.outcome, refused.code) == (Outcome.REJECTED, "ENTITY_IS_DELETED")


def test_a_duplicate_rule_of_the_org_is_named(crm: SalesforceConnector, org: Org) -> None:
    there = org.add("Account", Name="Ärjä Oy")
    refused = write(crm, "accounts", create(1, Name="Ärjä Oy"))[1]
    assert (refused.outcome, refused.code) == (Outcome.REJECTED, "DUPLICATES_DETECTED")
    assert refused.alike == (there,)
    assert "duplicate rule" in str(refused.message)
    with org.connect(allow_duplicates=True) as allowed:
        assert write(allowed, "accounts", create(1, Name="Ärjä Oy"))[1].outcome is Outcome.CREATED


def test_a_value_outside_of_a_picklist_is_refused_with_its_field(crm: SalesforceConnector) -> None:
    refused = write(crm, "accounts", create(1, Name="Ärjä Oy", Segment__c="Huge"))[1]
    assert (refused.code, refused.field) == ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Segment__c")


def test_an_object_is_described_as_the_org_has_it(crm: SalesforceConnector) -> None:
    infos = {info.name: info for info in crm.discover()}
    fields = {field.name: field for field in infos["contacts"].fields}
    assert fields["LastName"].required
    assert not fields["OwnerId"].required
    assert not fields["Name"].createable
    assert fields["Email"].length == 80
    assert {field.name: field for field in infos["accounts"].fields}["Segment__c"].restricted
    assert infos["accounts"].writable
    assert not infos["users"].writable


def test_a_stream_may_be_limited_and_have_a_name_of_its_own(org: Org) -> None:
    org.add("Account", Name="Iso Oy", NumberOfEmployees=500)
    org.add("Account", Name="Pieni Oy", NumberOfEmployees=5)
    stream = SalesforceStream(
        stream="accounts", fields=("Name", "Owner.Name"), where="NumberOfEmployees > 100 OR Name = 'x'"
    )
    with org.connect(streams={"big-customers": stream}) as crm:
        crm.check()
        [row] = rows(crm, "big-customers")
    assert row.payload["Name"] == "Iso Oy"
    assert set(row.payload["Owner"]) == {"Name"}
    assert "Phone" not in row.payload


def test_users_are_read_as_whom_assignment_rules_may_name(crm: SalesforceConnector) -> None:
    assert {USERS["sales"], USERS["left"]} <= {row.key for row in rows(crm, "users")}


def test_whoever_may_own_a_record_is_listed_by_name(crm: SalesforceConnector) -> None:
    listed = {user.id: user for user in crm.users()}
    assert all(len(id) == 18 and user.name for id, user in listed.items())
    assert (listed[USERS["sales"]].active, listed[USERS["left"]].active) == (True, False)


def test_whoever_is_no_active_user_could_own_nothing(crm: SalesforceConnector) -> None:
    queue = "00G000000000001AAA"
    owners = [USERS["sales"], USERS["sales"][:15], USERS["left"], "005000000000000AAA", "Aino", queue]
    assert crm.unknown_owners(owners) == [USERS["left"], "005000000000000AAA", "Aino"]
    assert crm.unknown_owners([]) == []


def test_what_was_deleted_before_the_first_read_does_not_come(crm: SalesforceConnector, org: Org) -> None:
    gone = org.add("Account", Name="Vanha Oy")
    org.post("/_edit", {"action": "delete", "id": gone})
    assert rows(crm, "accounts") == []


def test_an_id_of_fifteen_characters_is_known_too(crm: SalesforceConnector, org: Org) -> None:
    account = org.add("Account", Name="Ärjä Oy")
    remote = fetched(crm, "accounts", account[:15])
    assert (remote.remote_id, remote.deleted) == (account[:15], False)


def test_what_is_no_id_at_all_is_not_asked_for(crm: SalesforceConnector) -> None:
    assert fetched(crm, "accounts", "' OR Name != '").deleted


def test_the_budget_follows_the_orgs_own_count(crm: SalesforceConnector) -> None:
    left = crm.calls_left()
    assert left is not None
    write(crm, "accounts", create(1, Name="Ärjä Oy"))
    assert crm.calls_left() in (left - 1, left - 2)  # the object was described before it was written


def test_a_used_up_budget_stops_writing_before_anything_is_sent(crm: SalesforceConnector, org: Org) -> None:
    crm.check()
    org.misbehave("status", status=403, match="/composite", times=None)
    with pytest.raises(Retriable) as raised:
        write(crm, "accounts", create(1, Name="Ärjä Oy"))
    assert raised.value.code == "REQUEST_LIMIT_EXCEEDED"
    assert raised.value.retry_after is not None
    assert raised.value.retry_after > 60
    assert len([call for call in org.calls(kind="write") if call["status"] == 403]) == 1


def test_creates_and_updates_of_one_call_that_breaks_in_the_middle_are_told_apart(
    crm: SalesforceConnector, org: Org
) -> None:
    account = org.add("Account", Name="Vanha Oy")
    crm.check()
    org.misbehave("status", status=403, match="/composite", skip=1)
    update = Write(2, Verb.UPDATE, {"Phone": "040"}, remote_id=account)
    results = write(crm, "accounts", create(1, Name="Uusi Oy"), update)
    assert (results[1].outcome, results[2].outcome) == (Outcome.CREATED, Outcome.RETRIABLE)


def test_assignment_rules_of_the_org_are_left_out_unless_wanted(crm: SalesforceConnector) -> None:
    assert crm._session._write_headers() == {
        "Sforce-Auto-Assign": "FALSE",
        "Sforce-Duplicate-Rule-Header": "allowSave=false",
    }


# --- without an external id field -------------------------------------------------------------------------------------


def test_whoever_lacks_our_field_is_told_how_to_add_it(org: Org) -> None:
    with org.connect(external_id_field="Our_Id__c") as crm:
        note = next(each for each in crm.check() if each.startswith("accounts: "))
    assert "Account has no external id field Our_Id__c: what was sent without an answer is searched for" in note
    assert "Object Manager, Account, Fields & Relationships, New: Text, length 64, field name Our_Id, Unique" in note


def test_without_our_field_a_lost_answer_does_not_make_a_double(org: Org) -> None:
    with org.connect(external_id_field=None) as crm:
        assert any("no external id field" in note for note in crm.check())
        assert not crm.capabilities.upserts_by_external_id
        org.misbehave("reset_after", match="/composite")
        wanted = create(1, Name="Ärjä & Öl Oy", Phone="040", Description=None)
        assert write(crm, "accounts", wanted)[1].outcome is Outcome.UNKNOWN
        again = write(crm, "accounts", wanted, create(2, Name="Toinen Oy"))
    assert {again[1].outcome, again[2].outcome} == {Outcome.CREATED}
    with org.connect() as crm:
        assert sorted(row.payload["Name"] for row in rows(crm, "accounts")) == ["Toinen Oy", "Ärjä & Öl Oy"]


def test_without_our_field_a_record_of_somebody_else_is_not_taken_for_ours(org: Org) -> None:
    theirs = org.add("Contact", LastName="Mäkelä", Email="m@arja.example")
    with org.connect(external_id_field=None, allow_duplicates=True) as crm:
        made = write(crm, "contacts", create(1, LastName="Mäkelä", Email="m@arja.example"))[1]
    assert made.outcome is Outcome.CREATED
    assert made.remote_id != theirs


# --- bulk jobs --------------------------------------------------------------------------------------------------------


def bulk(crm: SalesforceConnector, writes: list[Write]) -> tuple[dict[int, Result], list[Job]]:
    jobs: list[Job] = []
    results = {result.id: result for result in crm.write("accounts", writes, jobs.append)}
    assert sorted(results) == sorted(write.id for write in writes)
    return results, jobs


def many(count: int = 600) -> list[Write]:
    return [create(number, Name=f"Firma {number} Oy") for number in range(1, count + 1)]


def test_a_job_that_fails_in_the_middle_says_what_was_not_done(org: Org) -> None:
    org.misbehave("fail_job", rows=200)
    with org.connect(bulk_above=500) as crm:
        results, _ = bulk(crm, many())
    outcomes = [result.outcome for result in results.values()]
    assert (outcomes.count(Outcome.CREATED), outcomes.count(Outcome.RETRIABLE)) == (200, 400)
    assert {result.code for result in results.values() if result.outcome is Outcome.RETRIABLE} == {"not-processed"}


def test_a_job_that_takes_too_long_is_asked_again_later(org: Org) -> None:
    org.misbehave("slow_job", seconds=2)
    with org.connect(bulk_above=500, job_timeout_seconds=0.5) as crm:
        results, jobs = bulk(crm, many())
        assert {result.outcome for result in results.values()} == {Outcome.UNKNOWN}
        with pytest.raises(Retriable):
            list(crm.resume(jobs[0]))
    with org.connect(bulk_above=500) as crm:
        later = list(crm.resume(stored(jobs[0])))
    assert {result.outcome for result in later} == {Outcome.CREATED}
    assert len(later) == 600


def stored(job: Job) -> Job:
    """The job as it comes back from the journal."""
    action_ids, detail = json.loads(json.dumps([job.action_ids, job.detail]))
    return Job(job.id, job.stream, job.verb, tuple(action_ids), detail)


def test_a_row_of_a_job_that_is_locked_comes_again(org: Org) -> None:
    org.misbehave("partial_job", nth=7)
    with org.connect(bulk_above=500) as crm:
        results, _ = bulk(crm, many())
    [locked] = [result for result in results.values() if result.outcome is not Outcome.CREATED]
    assert (locked.outcome, locked.code) == (Outcome.RETRIABLE, "UNABLE_TO_LOCK_ROW")


def test_a_column_that_the_object_does_not_have_is_no_reason_to_try_again(org: Org) -> None:
    with org.connect(bulk_above=1) as crm:
        results, _ = bulk(crm, [create(1, Name="Ärjä Oy", Fone="040")])
    assert results[1].outcome is Outcome.REJECTED
    assert "Fone" in str(results[1].message)


def test_an_upload_that_breaks_off_is_settled_by_the_job(org: Org) -> None:
    with org.connect(bulk_above=500) as crm:
        crm.check()
        org.misbehave("reset", match="/batches")
        results, jobs = bulk(crm, many())
        assert {result.outcome for result in results.values()} == {Outcome.UNKNOWN}
        assert {result.code for result in crm.resume(jobs[0])} == {"not-uploaded"}
        assert rows(crm, "accounts") == []


def test_a_job_that_salesforce_has_forgotten_is_unknown(org: Org) -> None:
    gone = Job("750Sm0000000009AAA", "accounts", Verb.CREATE, (1, 2), {"keys": ["rec_1", "rec_2"]})
    with org.connect(bulk_above=500) as crm:
        assert [result.outcome for result in crm.resume(gone)] == [Outcome.UNKNOWN] * 2


# --- logging in -------------------------------------------------------------------------------------------------------


def test_a_key_opens_the_door_as_well_as_a_secret(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "app.pem").write_bytes(public)
    known = {
        "client_id": "app",
        "client_secret": "unused",
        "username": "integration@sandbox.invalid",
        "password": "unused",
        "security_token": "unused",
        "public_key_file": "app.pem",
    }
    (tmp_path / "secrets.json").write_text(json.dumps(known))
    with start("salesforce", tmp_path / "org.db", secrets=tmp_path / "secrets.json") as running:
        org = Org(running, tmp_path)
        jwt = {"client_id": "app", "client_secret": None, "private_key": pem}
        with org.connect(**jwt, username="integration@sandbox.invalid") as crm:
            crm.check()
        with org.connect(**jwt, username="nobody@sandbox.invalid") as crm, pytest.raises(Fatal) as raised:
            crm.check()
        assert raised.value.field == "username"
        other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        wrong = {**jwt, "private_key": other.decode()}
        with org.connect(**wrong, username="integration@sandbox.invalid") as crm, pytest.raises(Fatal) as raised:
            crm.check()
        assert raised.value.field == "private_key"


@pytest.mark.parametrize("status", [429, 503])
def test_a_login_that_is_down_is_asked_again_later(org: Org, status: int) -> None:
    """What answers then is a list of errors, as of any call, where a login's own refusal is an object."""
    org.misbehave("status", status=status, match="/oauth2/token", times=None)
    try:
        with org.connect() as crm, pytest.raises(Retriable) as raised:
            rows(crm, "accounts")
    finally:
        requests.delete(f"{org.url}/_misbehave", timeout=30)
    assert raised.value.code == "login-unreachable"


def test_no_token_and_no_secret_reaches_the_log(org: Org, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with org.connect() as crm:
        crm.check()
        write(crm, "accounts", create(1, Name="Ärjä Oy"))
        token = crm._session.client().session_id
    assert len(token) > 20
    assert token not in caplog.text
    assert org.secrets["client_secret"] not in caplog.text


def test_the_version_tells_a_persons_edit_from_ours(crm: SalesforceConnector, org: Org) -> None:
    made = write(crm, "accounts", create(1, Name="Ärjä Oy"))[1].remote_id
    before = fetched(crm, "accounts", made)
    org.post("/_edit", {"as": "sales", "id": made, "fields": {"Phone": "040"}})
    after = fetched(crm, "accounts", made)
    assert before.changed_by_us
    assert not after.changed_by_us
    assert before.version != after.version


def merged(crm: SalesforceConnector, stream: str, *pairs: tuple[str, str]) -> list[Result]:
    """The results of pairs (winner, loser), in their order."""
    asked = [Merging(id, winner, loser) for id, (winner, loser) in enumerate(pairs)]
    return sorted(crm.merge(stream, asked), key=lambda result: result.id)


def test_what_hung_on_a_merged_record_hangs_on_the_one_that_is_left(crm: SalesforceConnector, org: Org) -> None:
    winner, loser = org.add("Account", Name="Firm Oy"), org.add("Account", Name="Firm Ltd", Phone="7")
    contact = org.add("Contact", LastName="Arja", AccountId=loser)
    [result] = merged(crm, "accounts", (winner, loser))
    assert result.outcome is Outcome.UPDATED
    assert fetched(crm, "contacts", contact).payload["AccountId"] == winner
    left = fetched(crm, "accounts", winner)
    assert (left.payload["Phone"], left.changed_by_us) == (None, True)


def test_contacts_of_two_accounts_and_leads_can_be_merged_and_nothing_else(crm: SalesforceConnector, org: Org) -> None:
    accounts = [org.add("Account", Name=name) for name in ("A", "B")]
    contacts = [org.add("Contact", LastName="Arja", AccountId=account) for account in accounts]
    leads = [org.add("Lead", LastName="Arja", Company=name) for name in ("A", "B")]
    for stream, (winner, loser) in (("contacts", contacts), ("leads", leads)):
        assert crm.merges(stream)
        assert merged(crm, stream, (winner, loser))[0].outcome is Outcome.UPDATED
        assert fetched(crm, stream, loser).merged_into == winner
    assert not crm.merges("tasks")
    with pytest.raises(TypeError, match="cannot merge tasks"):
        crm.merge("tasks", [])


def test_an_id_of_fifteen_characters_is_merged_too_and_known_to_be(crm: SalesforceConnector, org: Org) -> None:
    winner, loser = (org.add("Account", Name=name) for name in ("A", "B"))
    assert merged(crm, "accounts", (winner[:15], loser[:15]))[0].outcome is Outcome.UPDATED
    assert merged(crm, "accounts", (winner[:15], loser[:15]))[0].outcome is Outcome.UNCHANGED


def test_one_call_takes_two_losers_and_what_was_done_costs_none(crm: SalesforceConnector, org: Org) -> None:
    winner, *losers = (org.add("Account", Name=f"Firm {number}") for number in range(6))
    before = crm.calls_made()
    merged(crm, "accounts", *((winner, loser) for loser in losers))
    assert [call["status"] for call in org.calls(match="/Soap/")] == [200, 200, 200]
    assert {call["kind"] for call in org.calls(match="/Soap/")} == {"write"}
    assert crm.calls_made() - before == 4  # the look before, and three merges
    merged(crm, "accounts", *((winner, loser) for loser in losers))
    assert len(org.calls(match="/Soap/")) == 3


def test_what_somebody_merged_in_this_moment_is_merged(crm: SalesforceConnector, org: Org) -> None:
    winner, loser = (org.add("Account", Name=name) for name in ("A", "B"))
    # The work is done twice, as by an impatient proxy, and the second answer is that the loser is gone.
    org.misbehave("twice", match="/Soap/")
    assert merged(crm, "accounts", (winner, loser))[0].outcome is Outcome.UNCHANGED


def test_a_budget_that_is_used_up_between_two_merges_leaves_the_rest(crm: SalesforceConnector, org: Org) -> None:
    one, two, three, four = (org.add("Account", Name=f"Firm {number}") for number in range(4))
    org.misbehave("status", status=403, match="/Soap/", skip=1)
    results = merged(crm, "accounts", (one, two), (three, four))
    assert [result.outcome for result in results] == [Outcome.UPDATED, Outcome.RETRIABLE]
    assert results[1].code == "REQUEST_LIMIT_EXCEEDED"


def test_an_org_that_does_not_answer_is_not_asked_for_ever(crm: SalesforceConnector, org: Org) -> None:
    ids = [org.add("Account", Name=f"Firm {number}") for number in range(10)]
    org.misbehave("reset", match="/Soap/", times=None)
    results = merged(crm, "accounts", *zip(ids[::2], ids[1::2], strict=True))
    assert [result.outcome for result in results] == [*["unknown"] * 3, *["retriable"] * 2]
    assert len(org.calls(match="/Soap/")) == 3
