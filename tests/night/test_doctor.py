"""Every invariant can be seen to fail: a hub is damaged on purpose, and its check, and no other, says so."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from solmu.cli import main
from solmu.config import Hub
from solmu.doctor import CHECKS, examine
from solmu.store import Store
from solmu.store.payload import unpack
from solmu.store.tables import (
    consent,
    decision,
    decision_mention,
    dirty,
    golden,
    golden_alias,
    link,
    mention,
    outbox,
    plan,
    quarantine,
    remote,
    run,
    run_count,
    source_record,
    source_version,
)
from solmu.sync.seal import digest
from tests.hubs import ONE, write_sheet
from tests.night.conftest import Night

Damage = Callable[[Connection], None]
BAD = ("3", "Hanko Hitsi Oy", "", "Hanko", "Ilmari Ek", "ilmari@@hankohitsi.example", "", "")


class Damaged(Store):
    """The store as it would be with changes that are taken back in the end."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.engine)
        self._connection = connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        yield self._connection


@pytest.fixture
def found(hub: Hub, store: Store, night: Night) -> Callable[[Damage], set[str]]:
    """After a night with one bad row: the names of the checks that a damage makes fail."""
    write_sheet(hub.folder, "one", [*ONE, BAD])
    night()
    healthy = examine(store, hub)
    assert healthy["ok"], healthy

    def look(damage: Damage) -> set[str]:
        with store.engine.connect().execution_options(solmu_write=True) as connection:
            damage(connection)
            document = examine(Damaged(connection), hub)
            connection.rollback()
        return {check["name"] for check in document["checks"] if not check["ok"]}

    return look


def sheet_row(connection: Connection, key: str) -> int:
    query = select(source_record.c.id).where(source_record.c.connection == "one", source_record.c.key == key)
    return connection.execute(query).scalar_one()


def mention_of(connection: Connection, where: str, key: str, slot: str) -> Any:
    query = (
        select(mention, link.c.golden_id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .join(link, (link.c.mention_id == mention.c.id) & link.c.until.is_(None))
        .where(source_record.c.connection == where, source_record.c.key == key, mention.c.slot == slot)
    )
    return connection.execute(query).one()


# --- 1: raw first -----------------------------------------------------------------------------------------------------


def payload_is_gone(connection: Connection) -> None:
    connection.execute(
        update(source_version).where(source_version.c.record_id == sheet_row(connection, "2")).values(payload=None)
    )


def payload_is_unreadable(connection: Connection) -> None:
    connection.execute(
        update(source_version)
        .where(source_version.c.record_id == sheet_row(connection, "2"))
        .values(payload=b"\x01 no deflated text")
    )


def payload_is_no_json(connection: Connection) -> None:
    connection.execute(
        update(source_version)
        .where(source_version.c.record_id == sheet_row(connection, "2"))
        .values(payload=b"\x01" + zlib.compress(b"{half a docu"))
    )


def payload_is_another(connection: Connection) -> None:
    row = source_version.c.record_id == sheet_row(connection, "2")
    text: bytes = connection.execute(select(source_version.c.payload).where(row)).scalar_one()
    assert unpack(text)["City"] == "Oulu"
    plain = text if text[:1] == b"\x00" else b"\x00" + zlib.decompress(text[1:])
    connection.execute(update(source_version).where(row).values(payload=plain.replace(b"Oulu", b"Raahe")))


def version_is_gone(connection: Connection) -> None:
    # The refused row: no claim was made of it.
    connection.execute(delete(source_version).where(source_version.c.record_id == sheet_row(connection, "3")))


# --- 2: the books balance ---------------------------------------------------------------------------------------------


def a_row_was_not_counted(connection: Connection) -> None:
    connection.execute(
        update(run_count)
        .where(run_count.c.name == "one/leads", run_count.c.counter == "new")
        .values(value=run_count.c.value - 1)
    )


def an_earlier_run_did_not_balance(connection: Connection) -> None:
    values = {"kind": "run", "state": "done", "config_hash": "", "config": {}, "detail": {}, "exit": 0}
    connection.execute(insert(run).values(id="run_old", started=1, finished=2, **values))
    count = {"run_id": "run_old", "section": "streams", "name": "one/leads"}
    connection.execute(insert(run_count), [{**count, "counter": "read", "value": 5}])


def record_is_in_no_known_state(connection: Connection) -> None:
    connection.execute(
        update(source_record).where(source_record.c.id == sheet_row(connection, "2")).values(state="lost")
    )


def mention_is_pending_and_linked(connection: Connection) -> None:
    id = mention_of(connection, "one", "2", "person").id
    connection.execute(update(mention).where(mention.c.id == id).values(state="pending"))


def action_is_in_no_known_state(connection: Connection) -> None:
    connection.execute(update(outbox).where(outbox.c.object == "tasks").values(state="mislaid"))


def refused_row_waits_nowhere(connection: Connection) -> None:
    connection.execute(update(quarantine).values(state="released"))


def refused_row_waits_twice(connection: Connection) -> None:
    row = connection.execute(select(quarantine)).mappings().one()
    connection.execute(insert(quarantine), [{name: value for name, value in row.items() if name != "id"}])


# --- 3: golden records are derived ------------------------------------------------------------------------------------


def golden_value_was_edited(connection: Connection) -> None:
    row = mention_of(connection, "one", "2", "organisation")
    document = connection.execute(select(golden.c.document).where(golden.c.id == row.golden_id)).scalar_one()
    document = {**document, "city": {**document["city"], "value": "Raahe"}}
    connection.execute(update(golden).where(golden.c.id == row.golden_id).values(document=document))


def golden_record_was_hidden(connection: Connection) -> None:
    row = mention_of(connection, "one", "2", "organisation")
    connection.execute(update(golden).where(golden.c.id == row.golden_id).values(state="dormant"))


def golden_record_is_searched_by_another_name(connection: Connection) -> None:
    row = mention_of(connection, "one", "2", "organisation")
    connection.execute(update(golden).where(golden.c.id == row.golden_id).values(search_name="raahe"))


def claim_was_edited(connection: Connection) -> None:
    row = mention_of(connection, "one", "2", "organisation")
    claim = {**row.claim, "city": {**row.claim["city"], "value": "Raahe"}}
    connection.execute(update(mention).where(mention.c.id == row.id).values(claim=claim))


def link_was_moved(connection: Connection) -> None:
    kotka, other = (
        mention_of(connection, "two", "A", "organisation"),
        mention_of(connection, "one", "2", "organisation"),
    )
    connection.execute(
        update(link).where(link.c.mention_id == kotka.id, link.c.until.is_(None)).values(golden_id=other.golden_id)
    )


# --- 4: ids are for ever ----------------------------------------------------------------------------------------------


def alias_is_gone(connection: Connection) -> None:
    row = mention_of(connection, "two", "A", "organisation")
    connection.execute(delete(golden_alias).where(golden_alias.c.public_id == row.public_id))


def alias_leads_to_another(connection: Connection) -> None:
    row, other = mention_of(connection, "two", "A", "organisation"), mention_of(connection, "one", "2", "organisation")
    connection.execute(
        update(golden_alias).where(golden_alias.c.public_id == row.public_id).values(mention_id=other.id)
    )


def golden_record_has_a_foreign_id(connection: Connection) -> None:
    row = mention_of(connection, "one", "2", "organisation")
    connection.execute(update(golden).where(golden.c.id == row.golden_id).values(public_id="org_0000000000000000"))


# --- 5: stewards outrank machines -------------------------------------------------------------------------------------


def decided(connection: Connection, verdict: str, left: int, right: int) -> None:
    values = {"entity": "organisation", "rank": "steward", "who": "tester", "at": 1, "evidence": []}
    id = connection.execute(insert(decision).values(verdict=verdict, **values).returning(decision.c.id)).scalar_one()
    sides = ((left, "left"), (right, "right"))
    connection.execute(
        insert(decision_mention), [{"decision_id": id, "mention_id": one, "side": side} for one, side in sides]
    )


def different_are_together(connection: Connection) -> None:
    one, two = mention_of(connection, "one", "1", "organisation"), mention_of(connection, "two", "A", "organisation")
    assert one.golden_id == two.golden_id
    decided(connection, "different", one.id, two.id)


def same_are_apart(connection: Connection) -> None:
    one, two = mention_of(connection, "one", "2", "organisation"), mention_of(connection, "two", "A", "organisation")
    assert one.golden_id != two.golden_id
    decided(connection, "same", one.id, two.id)


# --- 6: sealed plans --------------------------------------------------------------------------------------------------


def sent_without_a_seal(connection: Connection) -> None:
    connection.execute(update(plan).values(sealed_at=None, hash=None, state="open"))


def sealed_line_was_edited(connection: Connection) -> None:
    row = connection.execute(select(outbox).where(outbox.c.object == "accounts", outbox.c.action == "create")).one()
    fields = {**row.fields, "City": {**row.fields["City"], "new": "Raahe"}}
    connection.execute(update(outbox).where(outbox.c.id == row.id).values(fields=fields))


def sealed_line_was_added(connection: Connection) -> None:
    copy_of_a_create(connection, subject="accounts/rec_other", state="held")


def sealed_line_is_gone(connection: Connection) -> None:
    row = connection.execute(select(outbox.c.id).where(outbox.c.object == "tasks")).first()
    assert row is not None
    connection.execute(delete(outbox).where(outbox.c.id == row.id))


# --- 7: once in effect ------------------------------------------------------------------------------------------------


def copy_of_a_create(connection: Connection, **changes: Any) -> None:
    query = select(outbox).where(outbox.c.object == "accounts", outbox.c.action == "create")
    row = dict(connection.execute(query).mappings().one())
    del row["id"]
    connection.execute(insert(outbox), [row | changes])


def seal_again(connection: Connection) -> None:
    """A plan that is wrong, and yet as it was sealed."""
    for id in connection.scalars(select(plan.c.id)).all():
        connection.execute(update(plan).where(plan.c.id == id).values(hash=digest(connection, id).hash))


def one_company_was_made_twice(connection: Connection) -> None:
    query = select(outbox.c.remote_pk).where(outbox.c.object == "accounts", outbox.c.action == "create")
    row = dict(connection.execute(select(remote).where(remote.c.id.in_(query))).mappings().one())
    del row["id"]
    twin = row | {"remote_id": "a-twin", "external_id": "rec_twin"}
    id = connection.execute(insert(remote).values(twin).returning(remote.c.id)).scalar_one()
    copy_of_a_create(connection, subject="accounts/rec_twin", external_id="rec_twin", remote_pk=id)
    seal_again(connection)


def one_task_was_made_twice(connection: Connection) -> None:
    first, other = connection.execute(select(remote).where(remote.c.object == "tasks").order_by(remote.c.id)).all()[:2]
    connection.execute(update(remote).where(remote.c.id == other.id).values(hanging_id=first.hanging_id))
    connection.execute(update(outbox).where(outbox.c.remote_pk == other.id).values(hanging_id=first.hanging_id))
    seal_again(connection)


def answer_is_overdue(connection: Connection) -> None:
    connection.execute(update(outbox).where(outbox.c.object == "tasks").values(state="sent"))


# --- 8: absent never erases -------------------------------------------------------------------------------------------


def unknown_value_erases(connection: Connection) -> None:
    row = connection.execute(select(outbox).where(outbox.c.object == "accounts", outbox.c.action == "update")).one()
    fields = {**row.fields, "City": {"old": "Kotka", "new": None, "rule": "rank", "source": None}}
    connection.execute(update(outbox).where(outbox.c.id == row.id).values(fields=fields))
    seal_again(connection)


# --- 9: nothing is deleted, and an opt-out wins -----------------------------------------------------------------------


def delete_is_on_its_way(connection: Connection) -> None:
    copy_of_a_create(connection, action="delete", subject="accounts/rec_gone", state="planned")
    seal_again(connection)


def opt_out_is_not_in_force(connection: Connection) -> None:
    row = mention_of(connection, "one", "2", "person")
    values = {"mention_id": row.id, "purpose": "email", "allowed": False, "source": "one/leads/2", "at": 1}
    connection.execute(insert(consent).values(**values))


# --- 10: work follows change ------------------------------------------------------------------------------------------


def nobody_does_this_work(connection: Connection) -> None:
    connection.execute(insert(dirty).values(consumer="target:forgotten", id=1, generation=1))


def work_about_nothing(connection: Connection) -> None:
    connection.execute(insert(dirty).values(consumer="golden", id=999_999, generation=1))


def run_never_ended(connection: Connection) -> None:
    values = {"kind": "run", "state": "running", "config_hash": "", "config": {}, "detail": {}}
    connection.execute(insert(run).values(id="run_killed", started=1, **values))


DAMAGES: dict[str, list[Damage]] = {
    "raw-first": [payload_is_gone, payload_is_unreadable, payload_is_no_json, payload_is_another, version_is_gone],
    "books-balance": [
        a_row_was_not_counted,
        an_earlier_run_did_not_balance,
        record_is_in_no_known_state,
        mention_is_pending_and_linked,
        action_is_in_no_known_state,
        refused_row_waits_nowhere,
        refused_row_waits_twice,
    ],
    "golden-derived": [
        golden_value_was_edited,
        golden_record_was_hidden,
        golden_record_is_searched_by_another_name,
        claim_was_edited,
        link_was_moved,
    ],
    "ids-for-ever": [alias_is_gone, alias_leads_to_another, golden_record_has_a_foreign_id],
    "stewards-outrank": [different_are_together, same_are_apart],
    "sealed-plans": [sent_without_a_seal, sealed_line_was_edited, sealed_line_was_added, sealed_line_is_gone],
    "once-in-effect": [one_company_was_made_twice, one_task_was_made_twice, answer_is_overdue],
    "absent-never-erases": [unknown_value_erases],
    "nothing-deleted": [delete_is_on_its_way, opt_out_is_not_in_force],
    "work-follows-change": [nobody_does_this_work, work_about_nothing, run_never_ended],
}


def test_every_check_has_a_damage() -> None:
    assert list(DAMAGES) == [check.name for check in CHECKS]
    assert [check.number for check in CHECKS] == list(range(1, 11))


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damage_is_seen_by_its_check_and_by_no_other(found: Callable[[Damage], set[str]], name: str) -> None:
    assert {damage.__name__: found(damage) for damage in DAMAGES[name]} == {
        damage.__name__: {name} for damage in DAMAGES[name]
    }


def test_a_finding_says_where_it_is(hub: Hub, store: Store, night: Night) -> None:
    night()
    with store.write() as connection:
        payload_is_gone(connection)
    (check,) = [check for check in examine(store, hub)["checks"] if not check["ok"]]
    assert check["detail"] == "one/leads/2: what was received is gone"


def test_many_findings_are_counted_and_a_few_shown(hub: Hub, store: Store, night: Night) -> None:
    night()
    with store.write() as connection:
        connection.execute(update(source_version).values(payload=None))
    (check,) = [check for check in examine(store, hub)["checks"] if not check["ok"]]
    assert check["detail"].count("what was received is gone") == 5
    assert check["detail"].endswith("more")


def test_the_command_line_says_so_with_its_exit_code(
    hub: Hub, store: Store, night: Night, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    night()

    def doctor(*more: str) -> tuple[int | str | None, str]:
        monkeypatch.setattr("sys.argv", ["solmu", "doctor", "--hub", str(hub.folder), *more])
        with pytest.raises(SystemExit) as stop:
            main()
        return stop.value.code, capsys.readouterr().out

    code, out = doctor("--output", "json")
    assert code == 0
    document = json.loads(out)
    assert document["ok"] is True
    assert [check["name"] for check in document["checks"]] == list(DAMAGES)
    assert all({"name", "ok", "detail"} <= set(check) for check in document["checks"])
    with store.write() as connection:
        payload_is_gone(connection)
    code, out = doctor("--output", "json")
    assert code == 1
    assert json.loads(out)["ok"] is False
    code, out = doctor()
    assert code == 1
    assert "WRONG" in out
    assert "one/leads/2: what was received is gone" in out
