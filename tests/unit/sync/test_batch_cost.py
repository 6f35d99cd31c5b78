"""A batch costs what is in it: SQLite finds its rows by index, and never goes through all of a target or a hub."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import insert

from solmu.report import quality
from solmu.store import open_store
from solmu.store.tables import mention, outbox, plan, source_record
from solmu.sync import ledger, loading, seal
from solmu.sync.asked import asked_about
from solmu.sync.surroundings import linked_to
from tests.ways import ways_of

WHOLE_TARGET = "(target=?)"
WHOLE_PLAN = "(plan_id=? AND position>?)"


def test_what_is_known_of_a_batch_is_found_by_its_ids(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'hub.db'}") as store:
        ways = ways_of(
            store, lambda c: loading.load(c, "crm", "plan_1", list(range(1, 400)), hanging=["lead"], parent_fields={})
        )
    assert any("ix_outbox_golden_id" in way for way in ways)
    assert any("ix_remote_mention_id" in way for way in ways)
    assert not [way for way in ways if way.endswith(WHOLE_TARGET)]


def test_a_page_of_a_plan_begins_where_the_last_one_ended(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'hub.db'}") as store:
        with store.write() as connection:
            connection.execute(
                insert(plan).values(
                    id="plan_1", target="crm", run_id="run_1", state="open", rules_hash="", kept_out={}, made_at=0
                )
            )
            line = {"plan_id": "plan_1", "target": "crm", "object": "accounts", "position": 0, "action": "create"}
            line |= {"state": "planned", "subject": "accounts/rec_1", "parents": {}, "fields": {}, "attempts": 0}
            connection.execute(insert(outbox).values(**line, run_id="run_1", updated_at=0))
        ways = ways_of(store, lambda c: list(seal.lines(c, "plan_1")))
    assert any("ix_outbox_plan (plan_id=? AND position=? AND rowid>?)" in way for way in ways)
    assert not [way for way in ways if WHOLE_PLAN in way]


def test_which_records_are_asked_about_is_found_among_what_is_asked_of_them(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'hub.db'}") as store:
        planned = ways_of(store, lambda c: asked_about(c, "crm", [1, 2]))
        doubtful = ways_of(store, lambda c: quality._doubtful(c, {1: 1, 2: 2}))
    for ways in (planned, doubtful):
        read = [way for way in ways if "pair" in way]
        assert len(read) == 2
        for end in ("left", "right"):
            assert any(f"ix_pair_asked_{end} ({end}_id=?)" in way for way in read)


def test_whose_mentions_are_linked_to_a_record_is_read_from_the_index(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'hub.db'}") as store:
        ways = ways_of(store, lambda c: linked_to(c, [1, 2]))
    assert "SEARCH link USING COVERING INDEX ix_link_golden_id (golden_id=? AND until=?)" in ways


def test_mentions_are_counted_as_they_stand_in_the_index(tmp_path: Path) -> None:
    states = {"organisation": ["linked", "linked", "pending"], "person": ["linked", "withdrawn"]}
    with open_store(f"sqlite:///{tmp_path / 'hub.db'}") as store:
        with store.write() as connection:
            record = {"connection": "erp", "stream": "customers", "key": "1", "state": "mapped", "run_id": "run_1"}
            connection.execute(insert(source_record).values(id=1, **record))
            each = [(entity, state) for entity, some in states.items() for state in some]
            for slot, (entity, state) in enumerate(each):
                named = {"slot": str(slot), "public_id": f"id_{slot}"}
                connection.execute(insert(mention).values(record_id=1, entity=entity, state=state, **named))
        with store.read() as connection:
            counted = ledger.mention_counts(connection)
        ways = ways_of(store, ledger.mention_counts)
    assert counted == dict.fromkeys(ledger.MENTION_STATES, 0) | {"linked": 3, "pending": 1, "withdrawn": 1}
    assert ways == ["SCAN mention USING COVERING INDEX ix_mention_state"], "nothing is sorted"
