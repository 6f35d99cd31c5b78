"""hub.yaml says otherwise who is meant, who is protected, or what is a CRM: the next night matches all by that."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, update

from solmu.config import Hub, load_hub
from solmu.store import Store, dirty
from solmu.store.tables import block_key, golden, link, mention, meta, source_record
from solmu.sync.rules import follow_matching
from tests.hubs import crm_of, write_sheet
from tests.night.conftest import Night

MEMBER = "fields: {person: {custom.member: {kind: text, label: Member}, custom.vip: {kind: flag, label: VIP}}}\n"
READS = "  phone: {from: Phone, region: {const: FI}}\n"
TASKS = "  tasks: {mapping: task, direction: target}\n"
ROWS = {
    "one": [("1", "Kotka Kone Oy", "", "Kotka", "Aino Laine", "aino@kotkakone.example", "", "M-4711")],
    "two": [("A", "Suomen Sorvi Oy", "", "Oulu", "Aino Laine-Salo", "aino.ls@sorvi.example", "", "M-4711")],
}


@pytest.fixture
def matching(hub: Hub, store: Store) -> Hub:
    """The two sheets have a member number in their last column."""
    sheet = hub.folder / "mappings" / "sources" / "sheet.yaml"
    sheet.write_text(sheet.read_text().replace(READS, READS + "  custom.member: Interest\n"))
    file = hub.folder / "hub.yaml"
    file.write_text(file.read_text() + MEMBER)
    for name, rows in ROWS.items():
        write_sheet(hub.folder, name, rows)
    return hub


def state(hub: Hub, text: str) -> None:
    """Says it in hub.yaml, in the place of what was said before."""
    file = hub.folder / "hub.yaml"
    file.write_text(file.read_text().partition("matching:")[0] + text)


def people(store: Store, *connections: str, entity: str = "person") -> set[int]:
    """The golden records of these lists' people."""
    query = (
        select(link.c.golden_id)
        .join(mention, mention.c.id == link.c.mention_id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .where(link.c.until.is_(None), mention.c.entity == entity, source_record.c.connection.in_(connections))
    )
    with store.read() as connection:
        return set(connection.scalars(query))


def organisations(store: Store, *connections: str) -> set[int]:
    return people(store, *connections, entity="organisation")


def test_an_identifier_that_is_named_later_finds_those_who_are_there_already(
    matching: Hub, store: Store, night: Night
) -> None:
    night()
    assert len(people(store, "one", "two")) == 2
    state(matching, "matching: {identifiers: [custom.member]}\n")
    night()
    assert len(people(store, "one", "two")) == 1
    assert night()["pairs"] == {"same": 0, "ask": 0, "different": 0}  # once is enough
    state(matching, "")
    night()
    assert len(people(store, "one", "two")) == 2


def test_a_protection_that_is_named_later_takes_apart_what_was_merged_unasked(
    hub: Hub, store: Store, night: Night
) -> None:
    night()
    assert len(people(store, "one", "two", "crm")) == 2  # Aino of three lists, and Eero
    sheet = hub.folder / "mappings" / "sources" / "sheet.yaml"
    sheet.write_text(sheet.read_text().replace(READS, READS + "  tags: Interest\n"))
    night()
    state(hub, "matching: {protected: [key_account, tags=laser]}\n")
    night()
    assert len(people(store, "one", "two", "crm")) == 3
    with store.read() as connection:
        assert len(list(connection.scalars(select(golden.c.id).where(golden.c.protected)))) == 1


def test_a_source_that_becomes_a_crm_has_its_records_kept_apart(hub: Hub, store: Store, night: Night) -> None:
    file = hub.folder / "connections" / "crm.yaml"
    both = file.read_text()
    source = both.replace("direction: both", "direction: source").replace(TASKS, "")
    file.write_text(source)
    crm_of(hub).put("accounts", {"Name": "Kotka Kone Oy", "BusinessId": "FI20925406"}, key="002")
    night()
    assert len(organisations(store, "crm")) == 1
    file.write_text(both)
    night()
    assert len(organisations(store, "crm")) == 3  # one of them is the account that was made of Suomen Sorvi
    # Who was kept apart there stays so.
    file.write_text(source)
    night()
    assert len(organisations(store, "crm")) == 3


def test_a_new_crm_and_what_has_nothing_to_do_with_whom_match_nothing_anew(
    hub: Hub, store: Store, night: Night
) -> None:
    night()
    night()
    state(hub, "matching: {promised_precision: 0.98, block_cap: 100}\n")
    assert not follow_matching(store, load_hub(hub.folder))
    other = (hub.folder / "connections" / "crm.yaml").read_text()
    (hub.folder / "connections" / "other.yaml").write_text(other)
    assert not follow_matching(store, load_hub(hub.folder))
    with store.read() as connection:
        assert dirty.waiting(connection, "match") == 0


def test_whoever_is_there_since_an_earlier_release_is_found_though_it_made_other_keys(
    matching: Hub, store: Store, night: Night
) -> None:
    same = ("A", "Kotka Kone Oy", "", "Kotka", "Aino Laine", "aino@kotkakone.example", "", "M-4711")
    write_sheet(matching.folder, "two", [])
    night()
    with store.write() as connection:
        earlier = func.substr(block_key.c.key, 1, 2) + "earlier|" + func.substr(block_key.c.key, 3)
        connection.execute(update(block_key).values(key=earlier))
        connection.execute(delete(meta).where(meta.c.name == "keys:edition"))
    write_sheet(matching.folder, "two", [same])
    night()
    assert len(people(store, "one", "two")) == len(organisations(store, "one", "two")) == 1
