"""BottleCRM's connector keeps its contract, against a BottleCRM that runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Connector
from connectors.bottlecrm import BottleCrmConnector
from solmu.config import init_hub, load_hub
from solmu.errors import Fatal
from solmu.exchange import Outcome, Verb, Write
from tests.contract import suite
from tests.contract.bottlecrm import BottleCrmSystem
from tests.night.conversation import converse
from tests.peers import bottlecrm, postgres

pytestmark = [pytest.mark.peer("bottlecrm"), pytest.mark.peer("postgres")]


@pytest.fixture(scope="module")
def crm(postgres_server: postgres.Server) -> Iterator[bottlecrm.Crm]:
    with bottlecrm.running(postgres_server) as crm:
        yield crm


@pytest.fixture
def system(tmp_path: Path, crm: bottlecrm.Crm) -> BottleCrmSystem:
    """Each test begins without a record."""
    return BottleCrmSystem(tmp_path, crm)


@pytest.fixture
def connector(system: BottleCrmSystem) -> Iterator[Connector]:
    with system.connect() as connector:
        yield connector


class TestBottleCrm(
    suite.Connects,
    suite.Reads,
    suite.ReadsWholeLists,
    suite.ReadsOverNetwork,
    suite.Writes,
    suite.ReadsWhatItWrites,
    suite.WritesOneByOne,
    suite.CreatesByExternalId,
    suite.WritesDeals,
    suite.Deletes,
):
    pass


@pytest.mark.slow
class TestBottleCrmWithManyRecords(suite.Parts):
    @pytest.fixture
    def system(self, tmp_path: Path, crm: bottlecrm.Crm) -> BottleCrmSystem:
        system = BottleCrmSystem(tmp_path, crm)
        system.many = 500
        return system

    test_many_records_are_written_once_each = suite.Writes.test_many_records_are_written_once_each
    test_many_records_come_in_batches_each_once = suite.Reads.test_many_records_come_in_batches_each_once


RECORDS = [
    ("accounts", {"name": "Tester & Söhne", "phone": "+358 40 123 4567", "annual_revenue": "1000", "country": "FI"}),
    ("contacts", {"first_name": "Tessa", "last_name": "Testinen", "email": "tessa@example.org", "do_not_call": True}),
    ("leads", {"title": "Wants a quote", "last_name": "Testinen", "status": "assigned"}),
    ("opportunities", {"name": "A deal", "stage": "PROSPECTING"}),
    ("tasks", {"title": "Call", "status": "New", "priority": "High", "due_date": "2026-12-01"}),
]


@pytest.mark.parametrize(("stream", "fields"), RECORDS, ids=[stream for stream, _ in RECORDS])
def test_every_kind_is_written_read_and_found_again(connector: Connector, stream: str, fields: dict[str, Any]) -> None:
    [made] = connector.write(stream, [Write(1, Verb.CREATE, fields, external_id="slm_000001")], suite.no_journal)
    assert made.outcome is Outcome.CREATED
    [row] = suite.rows_of(suite.read(connector, stream))
    [found] = connector.find(stream, ["slm_000001"])
    assert row.key == found.remote_id == made.remote_id
    # An amount of money comes back with its two decimals.
    assert {name: found.payload[name] for name in fields} == fields | (
        {"annual_revenue": "1000.00"} if "annual_revenue" in fields else {}
    )
    [changed] = connector.write(
        stream, [Write(2, Verb.UPDATE, {"description": "by us"}, remote_id=made.remote_id)], suite.no_journal
    )
    [seen] = connector.fetch(stream, [str(made.remote_id)])
    assert (changed.outcome, changed.version) == (Outcome.UPDATED, seen.version)
    assert seen.changed_by_us


def test_whoever_may_own_a_record_is_listed_as_records_name_them(connector: Connector) -> None:
    listed = {user.name: user for user in connector.users()}
    assert {"solmu", "sales"} <= set(listed)
    owned = {"name": "Tester Oy", "owner": listed["sales"].id}
    [made] = connector.write("accounts", [Write(1, Verb.CREATE, owned, external_id="slm_000001")], suite.no_journal)
    [seen] = connector.fetch("accounts", [str(made.remote_id)])
    assert seen.payload["owner"] == listed["sales"].id


def test_a_task_hangs_on_its_contact(connector: Connector) -> None:
    person = {"first_name": "Tessa", "last_name": "Testinen"}
    [contact] = connector.write("contacts", [Write(1, Verb.CREATE, person, external_id="slm_000001")], suite.no_journal)
    task = {"title": "Call", "status": "New", "priority": "High", "contact": contact.remote_id}
    [made] = connector.write("tasks", [Write(2, Verb.CREATE, task, external_id="slm_000002")], suite.no_journal)
    [seen] = connector.fetch("tasks", [str(made.remote_id)])
    assert seen.payload["contact"] == contact.remote_id


def test_what_bottlecrm_takes_for_a_duplicate_is_refused_as_one(system: BottleCrmSystem, connector: Connector) -> None:
    system.add([system.payload("Tester Oy")])
    again = Write(1, Verb.CREATE, {"name": "TESTER oy"}, external_id="slm_000001")
    [result] = connector.write("accounts", [again], suite.no_journal)
    assert (result.outcome, result.code, result.field) == (Outcome.REJECTED, "duplicate", "name")


def test_a_record_that_somebody_changed_meanwhile_is_left_alone(system: BottleCrmSystem, connector: Connector) -> None:
    [key] = system.add([system.payload("Tester Oy")])
    [before] = connector.fetch("accounts", [key])
    system.change(key, "changed by hand")
    update = Write(1, Verb.UPDATE, {"description": "by us"}, remote_id=key, version=before.version)
    [result] = connector.write("accounts", [update], suite.no_journal)
    assert (result.outcome, result.code) == (Outcome.RETRIABLE, "changed-meanwhile")
    [after] = connector.fetch("accounts", [key])
    assert after.payload["description"] == "changed by hand"


def test_a_list_that_moves_while_it_is_read_loses_nothing(system: BottleCrmSystem) -> None:
    keys = system.add([system.payload(f"Firm {number}") for number in range(30)])
    with system.connect(page=10) as connector:
        batches = connector.read("accounts", None)
        landed = {row.key for row in suite.rows_of([next(batches)])}
        for key in sorted(landed)[:3]:
            system.remove(key)  # so that the rest moves up
        rest = list(batches)
    landed |= {row.key for row in suite.rows_of(rest)}
    assert landed == set(keys)
    assert rest[-1].complete


def test_without_our_custom_fields_it_is_read_and_not_written(system: BottleCrmSystem) -> None:
    with system.connect(id_field="other_id") as connector:
        [note] = connector.check()
        assert "other_id" in note
        assert not next(info for info in connector.discover() if info.name == "accounts").writable
        write = Write(1, Verb.CREATE, {"name": "Tester Oy"}, external_id="slm_000001")
        with pytest.raises(Fatal) as raised:
            list(connector.write("accounts", [write], suite.no_journal))
    assert raised.value.field == "id_field"
    assert system.count() == 0


def test_an_administrator_makes_our_custom_fields_by_the_api(system: BottleCrmSystem) -> None:
    with system.crm.client() as administrator:
        for key in ("second_id", "second_stamp"):
            field = {"target_model": "Account", "key": key, "label": key, "field_type": "text"}
            assert administrator.post("custom-fields/", json=field).status_code == 201
    with system.connect(id_field="second_id", stamp_field="second_stamp") as connector:
        assert connector.check() == []
        write = Write(1, Verb.CREATE, {"name": "Tester Oy"}, external_id="slm_000001")
        [made] = connector.write("accounts", [write], suite.no_journal)
        [found] = connector.find("accounts", ["slm_000001"])
    assert (found.remote_id, found.changed_by_us) == (made.remote_id, True)


def test_records_have_their_address_in_the_web_app(system: BottleCrmSystem) -> None:
    with system.connect(web_url="https://crm.example") as connector:
        assert isinstance(connector, BottleCrmConnector)
        assert connector.record_url("opportunities", "x") == "https://crm.example/pipeline/x"


def test_a_person_connects_it_by_answering(
    system: BottleCrmSystem, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    system.add([system.payload("Tester Oy")])
    init_hub(tmp_path / "hub")
    monkeypatch.setenv("SOLMU_HUB", str(tmp_path / "hub"))

    # kind, name, direction, url, token, where to keep it, streams, their mappings, write
    answers = ["bottlecrm", "marketing", "", system.crm.url, system.crm.token("solmu"), "", "1,2", "", "", "y"]
    talk = converse(capsys, monkeypatch, ["connection", "add"], answers)

    assert talk.code == 0, talk.said
    assert "name: Tester Oy" in talk.said
    connection = load_hub(tmp_path / "hub").connections["marketing"]
    mappings = {name: stream.mapping for name, stream in connection.streams.items()}
    assert mappings == {"accounts": "bottlecrm/account", "contacts": "bottlecrm/contact"}
