"""The contract of a connector as tests; see ``connectors.base``.

A connector's own test is one class that inherits the parts that fit what it can do, and one fixture, ``system``. Which
parts must be there follows from its capabilities: a class that leaves one out, or has one too many, fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.base import Connector
from connectors.memory import Trouble
from solmu.errors import Fatal, Retriable
from solmu.exchange import Batch, Cursor, Job, Merging, Outcome, Remote, Result, Row, Verb, Write
from solmu.sync.equal import same
from tests.contract.system import System

NAMES = (
    "Ärjä & Øster Ab",
    "Łódź „Młyn”",
    "株式会社サンプル",
    "Ελλάς ΑΕ",
    "Дуб-7",
    "🐟 Fisk",
    'O\'Neil \\ "Sons"',
    "e\u0301clair",
    "a\tb;c,d|e",
)
"""What an export, a query language or a code page may stumble over; all made up."""


def read(connector: Connector, stream: str, cursor: Cursor | None = None) -> list[Batch]:
    return list(connector.read(stream, cursor))


def rows_of(batches: Iterable[Batch]) -> list[Row]:
    rows = [row for batch in batches for row in batch.rows]
    assert all(isinstance(row, Row) for row in rows), rows
    return [row for row in rows if isinstance(row, Row)]


def last_cursor(batches: Sequence[Batch], before: Cursor | None = None) -> Cursor | None:
    cursors = [batch.cursor for batch in batches if batch.cursor is not None]
    return cursors[-1] if cursors else before


def no_journal(job: Job) -> None:
    raise AssertionError(f"no bulk job was asked for, and yet: {job}")


class Parts:
    """What every part of the suite uses."""

    @pytest.fixture
    def connector(self, system: System) -> Iterator[Connector]:
        with system.connect() as connector:
            yield connector

    def write(self, connector: Connector, system: System, *writes: Write) -> dict[int, Result]:
        """The results by action; exactly one each."""
        results = list(connector.write(system.stream, writes, no_journal))
        assert sorted(result.id for result in results) == sorted(write.id for write in writes)
        return {result.id: result for result in results}

    def create(self, connector: Connector, system: System, name: str, *, id: int = 1) -> Result:
        payload = system.payload(name)
        return self.write(connector, system, creation(id, payload, connector))[id]

    def fetch(self, connector: Connector, system: System, remote_id: str | None) -> Remote:
        assert remote_id is not None
        [remote] = connector.fetch(system.stream, [remote_id])
        assert remote.remote_id == remote_id
        return remote


def creation(id: int, payload: dict[str, Any], connector: Connector) -> Write:
    external_id = f"slm_{id:06}" if connector.capabilities.upserts_by_external_id else None
    return Write(id, Verb.CREATE, payload, external_id=external_id)


class Connects(Parts):
    """Every connector: it is checked and described."""

    def test_what_it_can_do_is_what_is_tested(self, connector: Connector) -> None:
        able = connector.capabilities
        parts = {
            Reads: able.can_read,
            ReadsWholeLists: able.can_read and not able.reports_changes_since,
            ReadsChanges: able.reports_changes_since,
            ReadsDeletes: able.reports_deletes,
            Writes: able.can_write,
            ReadsWhatItWrites: able.can_read and able.can_write,
            CreatesByExternalId: able.upserts_by_external_id,
            Deletes: able.can_delete,
            Merges: able.can_merge,
            WritesConditionally: able.writes_conditionally,
            WritesInBulk: able.bulk_above is not None,
        }
        assert {part for part in parts if isinstance(self, part)} == {part for part, wanted in parts.items() if wanted}

    def test_the_check_passes(self, connector: Connector) -> None:
        assert all(isinstance(note, str) and note for note in connector.check())

    def test_the_check_names_the_wrong_setting_and_says_what_would_be_right(self, system: System) -> None:
        cases = system.wrong_settings()
        assert cases
        for wrong in cases:
            with pytest.raises((ValidationError, Fatal)) as raised, system.connect(**wrong.settings) as connector:
                connector.check()
            error = raised.value
            if isinstance(error, ValidationError):
                assert wrong.field in str(error), wrong.what
                continue
            assert isinstance(error, Fatal)
            assert error.field == wrong.field, (wrong.what, error)
            assert error.expected, wrong.what
            assert error.connection, wrong.what
            assert error.message, wrong.what

    def test_it_describes_its_stream(self, system: System, connector: Connector) -> None:
        system.add([system.payload("First")])
        described = {info.name: info for info in connector.discover()}
        info = described[system.stream]
        assert {system.name_field, system.note_field} <= {field.name for field in info.fields}
        assert info.full is not connector.capabilities.reports_changes_since
        assert info.writable is connector.capabilities.can_write

    def test_closing_twice_does_no_harm(self, system: System) -> None:
        with system.connect() as connector:
            connector.close()


class Reads(Parts):
    """A source."""

    def test_the_first_read_gives_each_record_once(self, system: System, connector: Connector) -> None:
        keys = system.add([system.payload(f"Firm {number}") for number in range(25)])
        rows = rows_of(read(connector, system.stream))
        assert sorted(row.key for row in rows) == sorted(keys)
        assert {row.payload[system.name_field] for row in rows} == {f"Firm {number}" for number in range(25)}

    def test_an_empty_stream_is_no_error(self, system: System, connector: Connector) -> None:
        assert rows_of(read(connector, system.stream)) == []

    def test_text_arrives_as_it_was_entered(self, system: System, connector: Connector) -> None:
        system.add([system.payload(name) for name in NAMES])
        assert {row.payload[system.name_field] for row in rows_of(read(connector, system.stream))} == set(NAMES)

    def test_payloads_are_json_and_stamps_are_utc(self, system: System, connector: Connector) -> None:
        system.add([system.payload("First")])
        [row] = rows_of(read(connector, system.stream))
        assert orjson.loads(orjson.dumps(row.payload)) == row.payload
        assert row.changed_at is None or row.changed_at.utcoffset() is not None

    def test_a_row_tells_a_person_where_it_stood(self, system: System, connector: Connector) -> None:
        system.add([system.payload("First")])
        assert all(row.place for row in rows_of(read(connector, system.stream)))

    def test_cursors_can_be_stored(self, system: System, connector: Connector) -> None:
        system.add([system.payload("First")])
        for batch in read(connector, system.stream):
            assert batch.cursor is None or orjson.loads(orjson.dumps(batch.cursor)) == batch.cursor

    def test_many_records_come_in_batches_each_once(self, system: System, connector: Connector) -> None:
        keys = system.add([system.payload(f"Firm {number}") for number in range(system.many)])
        batches = read(connector, system.stream)
        assert len(batches) > 1
        assert max(len(batch.rows) for batch in batches) <= 2000
        got = [row.key for row in rows_of(batches)]
        assert len(got) == len(set(got)) == system.many
        assert set(got) == set(keys)

    def test_a_read_that_was_killed_goes_on_without_loss(self, system: System) -> None:
        keys = system.add([system.payload(f"Firm {number}") for number in range(system.more_than_a_batch)])
        with system.connect() as connector:
            batch = next(connector.read(system.stream, None))
        landed = {row.key for row in batch.rows}
        assert len(landed) < len(keys)
        with system.connect() as connector:
            landed |= {row.key for row in rows_of(read(connector, system.stream, batch.cursor))}
        assert landed == set(keys)


class ReadsWholeLists(Parts):
    """A source that gives the whole list each time; what is missing has gone."""

    def test_only_the_last_batch_completes_the_list(self, system: System, connector: Connector) -> None:
        system.add([system.payload(f"Firm {number}") for number in range(system.more_than_a_batch)])
        batches = read(connector, system.stream)
        assert [batch.complete for batch in batches] == [False] * (len(batches) - 1) + [True]

    def test_an_empty_list_is_complete(self, system: System, connector: Connector) -> None:
        assert [batch.complete for batch in read(connector, system.stream)] == [True]

    def test_reading_again_gives_the_same_list(self, system: System, connector: Connector) -> None:
        system.add([system.payload(f"Firm {number}") for number in range(5)])
        first = read(connector, system.stream)
        again = read(connector, system.stream, last_cursor(first))
        assert [(row.key, row.payload) for row in rows_of(again)] == [(row.key, row.payload) for row in rows_of(first)]
        assert again[-1].complete

    def test_what_changed_comes_changed_and_what_went_is_missing(self, system: System, connector: Connector) -> None:
        keys = system.add([system.payload(f"Firm {number}") for number in range(5)])
        first = read(connector, system.stream)
        system.change(keys[1], "moved")
        system.remove(keys[2])
        again = read(connector, system.stream, last_cursor(first))
        rows = {row.key: row.payload for row in rows_of(again)}
        assert set(rows) == set(keys) - {keys[2]}
        assert rows[keys[1]][system.note_field] == "moved"
        assert again[-1].complete


class ReadsChanges(Parts):
    """A source that tells what changed since."""

    def test_the_next_read_gives_what_changed(self, system: System, connector: Connector) -> None:
        keys = system.add([system.payload(f"Firm {number}") for number in range(5)])
        cursor = last_cursor(read(connector, system.stream))
        system.change(keys[1], "moved")
        new = system.add([system.payload("New")])
        rows = {row.key: row.payload for row in rows_of(read(connector, system.stream, cursor))}
        assert {keys[1], *new} <= set(rows)
        assert rows[keys[1]][system.note_field] == "moved"

    def test_nothing_new_leaves_the_cursor_where_it_was(self, system: System, connector: Connector) -> None:
        keys = system.add([system.payload(f"Firm {number}") for number in range(5)])
        first = read(connector, system.stream)
        cursor = last_cursor(first)
        known = {row.key: row.payload for row in rows_of(first)}
        again = read(connector, system.stream, cursor)
        assert all(known[row.key] == row.payload for row in rows_of(again))
        assert last_cursor(again, cursor) == cursor
        assert not any(batch.complete for batch in again)
        assert set(known) == set(keys)

    def test_records_that_share_a_stamp_with_the_cursor_are_not_lost(self, system: System) -> None:
        keys = system.add_with_one_stamp(
            [system.payload(f"Firm {number}") for number in range(system.more_than_a_batch)]
        )
        with system.connect() as connector:
            batch = next(connector.read(system.stream, None))
        landed = {row.key for row in batch.rows}
        assert len(landed) < len(keys)
        with system.connect() as connector:
            landed |= {row.key for row in rows_of(read(connector, system.stream, batch.cursor))}
        assert landed == set(keys)

    def test_a_record_that_commits_late_is_not_lost(self, system: System, connector: Connector) -> None:
        system.add([system.payload(f"Firm {number}") for number in range(5)])
        cursor = last_cursor(read(connector, system.stream))
        late = system.add_late(system.payload("Late"))
        assert late in {row.key for row in rows_of(read(connector, system.stream, cursor))}


class ReadsDeletes(Parts):
    """A source that tells of records that were deleted or merged away."""

    def test_a_deleted_record_comes_as_deleted(self, system: System, connector: Connector) -> None:
        keys = system.add([system.payload(f"Firm {number}") for number in range(3)])
        cursor = last_cursor(read(connector, system.stream))
        system.remove(keys[0])
        rows = {row.key: row for row in rows_of(read(connector, system.stream, cursor))}
        assert rows[keys[0]].deleted
        assert not any(row.deleted for key, row in rows.items() if key != keys[0])

    def test_a_record_that_was_merged_away_names_its_survivor(self, system: System, connector: Connector) -> None:
        keys = system.add([system.payload(f"Firm {number}") for number in range(3)])
        cursor = last_cursor(read(connector, system.stream))
        system.merge(keys[0], into=keys[1])
        rows = {row.key: row for row in rows_of(read(connector, system.stream, cursor))}
        assert rows[keys[0]].deleted
        assert keys[1] in rows[keys[0]].payload.values()
        [remote] = connector.fetch(system.stream, [keys[0]])
        assert remote.deleted
        assert remote.merged_into == keys[1]


class ReadsOverNetwork(Parts):
    """A source on the other side of a network, where one has a key and logs in to nothing."""

    def test_throttling_says_when_to_come_back(self, system: System, connector: Connector) -> None:
        system.add([system.payload("First")])
        connector.check()
        system.misbehave(Trouble.THROTTLE, on="read", times=20)
        with pytest.raises(Retriable) as raised:
            read(connector, system.stream)
        assert raised.value.connection == connector.name
        assert raised.value.retry_after is not None

    def test_a_lasting_failure_asks_to_come_back(self, system: System, connector: Connector) -> None:
        system.add([system.payload("First")])
        connector.check()
        for trouble in (Trouble.FAIL, Trouble.LOSE, Trouble.GARBLE):
            system.misbehave(trouble, on="read", times=20)
            with pytest.raises(Retriable):
                read(connector, system.stream)
            system.behave()
        assert len(rows_of(read(connector, system.stream))) == 1


class ReadsThroughTrouble(ReadsOverNetwork):
    """A source on the other side of a network, where one logs in for a while."""

    def test_an_expired_session_is_opened_again(self, system: System, connector: Connector) -> None:
        system.add([system.payload("First")])
        connector.check()
        system.misbehave(Trouble.EXPIRE, on="read")
        assert len(rows_of(read(connector, system.stream))) == 1


class Writes(Parts):
    """A target."""

    def test_a_created_record_is_there_and_ours(self, system: System, connector: Connector) -> None:
        result = self.create(connector, system, "New Oy")
        assert result.outcome is Outcome.CREATED
        remote = self.fetch(connector, system, result.remote_id)
        assert remote.payload[system.name_field] == "New Oy"
        assert remote.payload[system.note_field] == "as entered"
        assert remote.changed_by_us
        assert not remote.deleted
        assert remote.version

    def test_an_update_changes_only_what_it_names(self, system: System, connector: Connector) -> None:
        created = self.create(connector, system, "New Oy")
        update = Write(2, Verb.UPDATE, {system.note_field: "moved"}, remote_id=created.remote_id)
        assert self.write(connector, system, update)[2].outcome is Outcome.UPDATED
        remote = self.fetch(connector, system, created.remote_id)
        assert remote.payload[system.name_field] == "New Oy"
        assert remote.payload[system.note_field] == "moved"

    def test_an_update_to_the_same_values_is_no_failure(self, system: System, connector: Connector) -> None:
        created = self.create(connector, system, "New Oy")
        update = Write(2, Verb.UPDATE, {system.name_field: "New Oy"}, remote_id=created.remote_id)
        assert self.write(connector, system, update)[2].outcome in (Outcome.UPDATED, Outcome.UNCHANGED)
        assert self.fetch(connector, system, created.remote_id).payload[system.note_field] == "as entered"

    def test_none_clears_a_field(self, system: System, connector: Connector) -> None:
        created = self.create(connector, system, "New Oy")
        update = Write(2, Verb.UPDATE, {system.note_field: None}, remote_id=created.remote_id)
        assert self.write(connector, system, update)[2].outcome is Outcome.UPDATED
        remote = self.fetch(connector, system, created.remote_id)
        assert not remote.payload[system.note_field]
        assert remote.payload[system.name_field] == "New Oy"

    def test_text_is_kept_as_it_was_sent(self, system: System, connector: Connector) -> None:
        writes = [creation(number, system.payload(name), connector) for number, name in enumerate(NAMES, 1)]
        results = self.write(connector, system, *writes)
        ids = {results[number].remote_id: name for number, name in enumerate(NAMES, 1)}
        remotes = connector.fetch(system.stream, [id for id in ids if id is not None])
        assert {remote.remote_id: remote.payload[system.name_field] for remote in remotes} == ids

    def test_one_bad_record_does_not_hold_the_others(self, system: System, connector: Connector) -> None:
        good = self.create(connector, system, "Good Oy")
        results = self.write(
            connector,
            system,
            creation(2, system.payload("Second Oy"), connector),
            creation(3, system.payload(None), connector),
            creation(4, system.payload("Third Oy"), connector),
            Write(5, Verb.UPDATE, {system.name_field: None}, remote_id=good.remote_id),
            Write(6, Verb.UPDATE, {system.note_field: "moved"}, remote_id=good.remote_id),
        )
        assert [results[id].outcome for id in (2, 3, 4, 5, 6)] == [
            Outcome.CREATED,
            Outcome.REJECTED,
            Outcome.CREATED,
            Outcome.REJECTED,
            Outcome.UPDATED,
        ]
        for id in (3, 5):
            assert results[id].code
            assert results[id].message
            assert results[id].field == system.name_field
        assert system.count() == 3

    def test_a_record_that_is_gone_is_not_created_again(self, system: System, connector: Connector) -> None:
        created = self.create(connector, system, "New Oy")
        assert created.remote_id is not None
        system.remove(created.remote_id)
        update = Write(2, Verb.UPDATE, {system.note_field: "moved"}, remote_id=created.remote_id)
        result = self.write(connector, system, update)[2]
        assert result.outcome is Outcome.REJECTED
        assert result.code
        assert system.count() == 0
        assert self.fetch(connector, system, created.remote_id).deleted

    def test_the_look_before_a_batch_sees_what_others_changed(self, system: System, connector: Connector) -> None:
        first, second, third = (self.create(connector, system, f"Firm {id}", id=id) for id in (1, 2, 3))
        ids = [str(result.remote_id) for result in (first, second, third)]
        versions = {remote.remote_id: str(remote.version) for remote in connector.fetch(system.stream, ids)}
        system.change(ids[1], "changed by hand")
        system.remove(ids[2])
        moved = {remote.remote_id: remote for remote in connector.changed_since(system.stream, ids, versions)}
        assert set(moved) == {ids[1], ids[2]}
        assert not moved[ids[1]].changed_by_us
        assert moved[ids[1]].payload[system.note_field] == "changed by hand"
        assert moved[ids[2]].deleted

    def test_an_unknown_id_comes_back_as_deleted(self, system: System, connector: Connector) -> None:
        created = self.create(connector, system, "New Oy")
        missing = system.unknown_id(str(created.remote_id))
        remotes = {
            remote.remote_id: remote for remote in connector.fetch(system.stream, [missing, str(created.remote_id)])
        }
        assert remotes[missing].deleted
        assert not remotes[str(created.remote_id)].deleted

    def test_many_records_are_written_once_each(self, system: System, connector: Connector) -> None:
        writes = [creation(id, system.payload(f"Firm {id}"), connector) for id in range(1, system.many + 1)]
        size = connector.capabilities.max_batch
        for start in range(0, len(writes), size):
            results = self.write(connector, system, *writes[start : start + size])
            assert {result.outcome for result in results.values()} == {Outcome.CREATED}
        assert system.count() == system.many

    def test_what_it_costs_is_counted(self, system: System, connector: Connector) -> None:
        before = connector.calls_made()
        self.create(connector, system, "New Oy")
        assert connector.calls_made() > before
        assert connector.calls_for(system.stream, 1) >= 1
        left = connector.calls_left()
        assert left is None or left > 0

    def test_a_record_has_an_address_for_people(self, system: System, connector: Connector) -> None:
        created = self.create(connector, system, "New Oy")
        assert str(created.remote_id) in str(connector.record_url(system.stream, str(created.remote_id)))


class ReadsWhatItWrites(Parts):
    """A system that is source and target: what was landed says of the remote record what the system itself would."""

    def test_a_payload_tells_whose_it_is(self, system: System, connector: Connector) -> None:
        ours = self.create(connector, system, "New Oy")
        [theirs] = system.add([system.payload("Old Oy")])
        rows = {row.key: row for row in rows_of(read(connector, system.stream))}
        for key, mine in ((str(ours.remote_id), True), (theirs, False)):
            remote = connector.as_remote(system.stream, key, dict(rows[key].payload))
            there = self.fetch(connector, system, key)
            assert (remote.remote_id, remote.external_id) == (there.remote_id, there.external_id)
            assert remote.version == there.version
            assert remote.changed_by_us is there.changed_by_us is mine

    def test_the_version_of_a_write_is_the_one_that_is_read(self, system: System, connector: Connector) -> None:
        created = self.create(connector, system, "New Oy")
        assert created.version in (None, self.fetch(connector, system, created.remote_id).version)


class WritesOverNetwork(Parts):
    """A target on the other side of a network: nothing is doubled, and nothing that is not known is called done."""

    def test_throttling_does_nothing_and_says_when_to_come_back(self, system: System, connector: Connector) -> None:
        connector.check()
        system.misbehave(Trouble.THROTTLE, on="write")
        with pytest.raises(Retriable) as raised:
            self.create(connector, system, "New Oy")
        assert raised.value.retry_after is not None
        assert system.count() == 0
        assert self.create(connector, system, "New Oy").outcome is Outcome.CREATED

    def test_a_session_that_will_not_open_stops_the_connection(self, system: System, connector: Connector) -> None:
        connector.check()
        system.misbehave(Trouble.EXPIRE, on="write", times=20)
        with pytest.raises(Fatal) as raised:
            self.create(connector, system, "New Oy")
        assert raised.value.connection == connector.name
        assert system.count() == 0

    def test_a_refused_record_says_why(self, system: System, connector: Connector) -> None:
        connector.check()
        system.misbehave(Trouble.REJECT, on="write", after=1)
        writes = [creation(id, system.payload(f"Firm {id}"), connector) for id in (1, 2, 3)]
        results = self.write(connector, system, *writes)
        [refused] = [result for result in results.values() if result.outcome is Outcome.REJECTED]
        assert refused.code
        assert refused.message
        assert system.count() == 2


class WritesThroughTrouble(WritesOverNetwork):
    """A target that one logs in to for a while, and that takes many records in one call."""

    def test_an_expired_session_is_opened_again(self, system: System, connector: Connector) -> None:
        connector.check()
        system.misbehave(Trouble.EXPIRE, on="write")
        assert self.create(connector, system, "New Oy").outcome is Outcome.CREATED
        assert system.count() == 1

    def test_a_locked_record_comes_again(self, system: System, connector: Connector) -> None:
        connector.check()
        system.misbehave(Trouble.LOCK, on="write", after=1)
        writes = [creation(id, system.payload(f"Firm {id}"), connector) for id in (1, 2, 3)]
        results = self.write(connector, system, *writes)
        assert sorted(result.outcome for result in results.values()) == ["created", "created", "retriable"]
        assert system.count() == 2

    @pytest.mark.parametrize("trouble", [Trouble.FAIL, Trouble.LOSE, Trouble.GARBLE, Trouble.TIME_OUT])
    def test_without_an_answer_nothing_is_known(self, system: System, trouble: Trouble) -> None:
        with system.connect(**system.impatience) as connector:
            connector.check()
            system.misbehave(trouble, on="write", after=2)
            writes = [creation(id, system.payload(f"Firm {id}"), connector) for id in (1, 2, 3, 4)]
            results = self.write(connector, system, *writes)
        assert {result.outcome for result in results.values()} == {Outcome.UNKNOWN}
        assert all(result.code and result.message for result in results.values())
        # Sent once: a connector never repeats a write by itself.
        assert system.count() in ((0, 2) if trouble is Trouble.FAIL else (4,))


class WritesOneByOne(WritesOverNetwork):
    """A target that takes one record a call: trouble with one leaves what is known of the others."""

    def test_what_was_done_before_throttling_is_known(self, system: System, connector: Connector) -> None:
        system.misbehave(Trouble.THROTTLE, on="write", after=1)
        writes = [creation(id, system.payload(f"Firm {id}"), connector) for id in (1, 2, 3)]
        results = self.write(connector, system, *writes)
        assert [results[id].outcome for id in (1, 2, 3)] == [Outcome.CREATED, Outcome.RETRIABLE, Outcome.RETRIABLE]
        assert system.count() == 1

    @pytest.mark.parametrize("trouble", [Trouble.FAIL, Trouble.LOSE, Trouble.GARBLE, Trouble.TIME_OUT])
    def test_only_the_record_without_an_answer_is_unknown(self, system: System, trouble: Trouble) -> None:
        with system.connect(**system.impatience) as connector:
            connector.check()
            system.misbehave(trouble, on="write", after=2)
            writes = [creation(id, system.payload(f"Firm {id}"), connector) for id in (1, 2, 3, 4)]
            results = self.write(connector, system, *writes)
        assert [results[id].outcome for id in (1, 2, 3)] == [Outcome.CREATED, Outcome.CREATED, Outcome.UNKNOWN]
        assert results[4].outcome in (Outcome.CREATED, Outcome.RETRIABLE)
        assert all(results[id].code and results[id].message for id in (3, 4) if results[id].remote_id is None)
        # Sent once: a connector never repeats a write by itself.
        made = sum(result.outcome is Outcome.CREATED for result in results.values())
        assert system.count() == made + (trouble is not Trouble.FAIL)


class CreatesByExternalId(Parts):
    """A target that keeps an id of ours unique."""

    def test_a_create_that_is_sent_twice_makes_one_record(self, system: System, connector: Connector) -> None:
        first = self.create(connector, system, "New Oy")
        again = self.create(connector, system, "New Oy")
        assert again.outcome in (Outcome.UPDATED, Outcome.UNCHANGED)
        assert again.remote_id == first.remote_id
        assert system.count() == 1

    def test_a_create_without_an_answer_is_found_by_our_id(self, system: System, connector: Connector) -> None:
        connector.check()
        system.misbehave(Trouble.LOSE, on="write")
        assert self.create(connector, system, "New Oy").outcome is Outcome.UNKNOWN
        [found] = connector.find(system.stream, ["slm_000001", "slm_000002"])
        assert found.external_id == "slm_000001"
        assert found.payload[system.name_field] == "New Oy"
        assert self.create(connector, system, "New Oy").remote_id == found.remote_id
        assert system.count() == 1

    def test_nothing_is_found_of_what_was_never_sent(self, system: System, connector: Connector) -> None:
        assert list(connector.find(system.stream, ["slm_000001"])) == []

    def test_a_known_record_is_stamped_with_our_id(self, system: System, connector: Connector) -> None:
        [key] = system.add([system.payload("Old Oy")])
        stamp = Write(1, Verb.UPDATE, {}, remote_id=key, external_id="slm_000001")
        assert self.write(connector, system, stamp)[1].outcome is Outcome.UPDATED
        [found] = connector.find(system.stream, ["slm_000001"])
        assert found.remote_id == key


class WritesDeals(Parts):
    """A target that takes deals: each is a record of another stream, which points at its customer's."""

    def test_a_deal_is_made_once_at_its_customer_and_moves_with_it(self, system: System, connector: Connector) -> None:
        one, other = (str(self.create(connector, system, f"{id} Oy", id=id).remote_id) for id in (1, 2))
        deal = system.deal("A laser", one)
        create = creation(3, deal, connector)
        [made] = connector.write(system.deals, [create], no_journal)
        if create.external_id is not None:
            [again] = connector.write(system.deals, [create], no_journal)
            assert again.remote_id == made.remote_id
        assert made.outcome is Outcome.CREATED
        [row] = rows_of(read(connector, system.deals))
        assert row.key == made.remote_id
        landed = connector.as_remote(system.deals, row.key, dict(row.payload))
        assert landed.external_id == create.external_id
        assert (landed.changed_by_us, made.version in (None, landed.version)) == (True, True)
        assert all(same(row.payload[name], value) for name, value in deal.items())

        move = Write(4, Verb.UPDATE, {system.customer_field: other}, remote_id=made.remote_id, version=landed.version)
        [moved] = connector.write(system.deals, [move], no_journal)
        [seen] = connector.fetch(system.deals, [str(made.remote_id)])
        assert (moved.outcome, seen.payload[system.customer_field]) == (Outcome.UPDATED, other)
        assert seen.changed_by_us
        assert list(connector.changed_since(system.deals, [row.key], {row.key: str(seen.version)})) == []


class Deletes(Parts):
    """A target in which records can be deleted."""

    def test_a_deleted_record_is_gone(self, system: System, connector: Connector) -> None:
        created = self.create(connector, system, "New Oy")
        self.create(connector, system, "Other Oy", id=2)
        deleted = self.write(connector, system, Write(3, Verb.DELETE, {}, remote_id=created.remote_id))[3]
        assert deleted.outcome is Outcome.UPDATED
        assert self.fetch(connector, system, created.remote_id).deleted
        assert system.count() == 1


class Merges(Parts):
    """A target in which two records can be made one."""

    def merge(self, connector: Connector, system: System, *pairs: tuple[str, str]) -> list[Result]:
        """The results of pairs (winner, loser), in their order."""
        asked = [Merging(id, winner, loser) for id, (winner, loser) in enumerate(pairs)]
        results = {result.id: result for result in connector.merge(system.stream, asked)}
        assert sorted(results) == [pair.id for pair in asked]
        assert all(results[pair.id].remote_id == pair.winner for pair in asked)
        return [results[pair.id] for pair in asked]

    def two(self, system: System) -> list[str]:
        return system.add([system.payload("Firm Oy"), system.payload("Firm Ltd")])

    def test_merging_two_records_leaves_one_and_doing_it_again_changes_nothing(
        self, system: System, connector: Connector
    ) -> None:
        assert connector.merges(system.stream)
        winner, loser = self.two(system)
        [merged] = self.merge(connector, system, (winner, loser))
        assert merged.outcome is Outcome.UPDATED
        assert system.count() == 1
        gone, left = self.fetch(connector, system, loser), self.fetch(connector, system, winner)
        assert (gone.deleted, gone.merged_into) == (True, winner)
        assert (left.deleted, left.payload[system.name_field]) == (False, "Firm Oy")
        [again] = self.merge(connector, system, (winner, loser))
        assert again.outcome is Outcome.UNCHANGED
        assert self.fetch(connector, system, winner).version == left.version
        assert self.fetch(connector, system, loser).version == gone.version

    def test_several_go_into_one(self, system: System, connector: Connector) -> None:
        winner, *losers = system.add([system.payload(f"Firm {number}") for number in range(6)])
        results = self.merge(connector, system, *((winner, loser) for loser in losers))
        assert {result.outcome for result in results} == {Outcome.UPDATED}
        assert {remote.merged_into for remote in connector.fetch(system.stream, losers)} == {winner}
        assert system.count() == 1

    def test_what_people_merged_by_way_of_another_is_merged(self, system: System, connector: Connector) -> None:
        winner, between, loser = system.add([system.payload(f"Firm {number}") for number in range(3)])
        system.merge(loser, into=between)
        system.merge(between, into=winner)
        [result] = self.merge(connector, system, (winner, loser))
        assert result.outcome is Outcome.UNCHANGED
        assert system.count() == 1

    def test_what_cannot_be_merged_says_why_and_holds_nothing_up(self, system: System, connector: Connector) -> None:
        winner, deleted, elsewhere, other, loser, last = system.add([system.payload(f"F {n}") for n in range(6)])
        system.remove(deleted)
        system.merge(elsewhere, into=other)
        pairs = [(winner, deleted), (winner, loser), (winner, elsewhere), (deleted, last), (last, last)]
        results = self.merge(connector, system, *pairs)
        assert [result.outcome for result in results] == ["rejected", "updated", "rejected", "rejected", "rejected"]
        assert all(result.code and result.message for result in results if result.outcome is Outcome.REJECTED)
        assert {remote.deleted for remote in connector.fetch(system.stream, [winner, other, last])} == {False}

    def test_throttling_merges_nothing(self, system: System, connector: Connector) -> None:
        pair = self.two(system)
        connector.check()
        system.misbehave(Trouble.THROTTLE, on="merge")
        with pytest.raises(Retriable) as raised:
            self.merge(connector, system, (pair[0], pair[1]))
        assert (raised.value.retry_after is None, raised.value.connection) == (False, connector.name)
        assert system.count() == 2

    def test_a_session_that_expired_is_opened_again_and_one_that_will_not_open_stops_the_connection(
        self, system: System, connector: Connector
    ) -> None:
        winner, first, second = system.add([system.payload(f"Firm {number}") for number in range(3)])
        connector.check()
        system.misbehave(Trouble.EXPIRE, on="merge")
        assert self.merge(connector, system, (winner, first))[0].outcome is Outcome.UPDATED
        system.misbehave(Trouble.EXPIRE, on="merge", times=20)
        with pytest.raises(Fatal):
            self.merge(connector, system, (winner, second))
        assert system.count() == 2

    def test_one_that_is_refused_or_locked_leaves_the_others(self, system: System, connector: Connector) -> None:
        one, two, three, four, five, six = system.add([system.payload(f"Firm {number}") for number in range(6)])
        for trouble, outcome, pairs in (
            (Trouble.REJECT, Outcome.REJECTED, [(one, two), (three, four)]),
            (Trouble.LOCK, Outcome.RETRIABLE, [(one, five), (three, six)]),
        ):
            system.misbehave(trouble, on="merge", after=1)
            done, held = self.merge(connector, system, *pairs)
            assert (done.outcome, held.outcome) == (Outcome.UPDATED, outcome)
            assert held.code
            assert held.message
        assert system.count() == 4

    @pytest.mark.parametrize("trouble", [Trouble.FAIL, Trouble.LOSE, Trouble.GARBLE, Trouble.TIME_OUT])
    def test_without_an_answer_nothing_is_known_until_it_is_asked_again(self, system: System, trouble: Trouble) -> None:
        winner, loser = self.two(system)
        with system.connect(**system.impatience) as connector:
            connector.check()
            system.misbehave(trouble, on="merge")
            [lost] = self.merge(connector, system, (winner, loser))
        assert lost.outcome is Outcome.UNKNOWN
        assert lost.code
        assert lost.message
        assert system.count() == (2 if trouble is Trouble.FAIL else 1)
        with system.connect() as connector:
            [again] = self.merge(connector, system, (winner, loser))
        assert again.outcome is (Outcome.UPDATED if trouble is Trouble.FAIL else Outcome.UNCHANGED)
        assert system.count() == 1


class WritesConditionally(Parts):
    """A target that refuses a write when somebody changed the record in the meantime."""

    def test_an_edit_in_between_is_not_overwritten(self, system: System, connector: Connector) -> None:
        created = self.create(connector, system, "New Oy")
        assert created.remote_id is not None
        system.change(created.remote_id, "by hand")
        update = Write(
            2, Verb.UPDATE, {system.note_field: "ours"}, remote_id=created.remote_id, version=created.version
        )
        assert self.write(connector, system, update)[2].outcome is Outcome.RETRIABLE
        assert self.fetch(connector, system, created.remote_id).payload[system.note_field] == "by hand"


class WritesInBulk(Parts):
    """A target with bulk jobs; the job is known to us before the target has anything of it."""

    def bulk(
        self, connector: Connector, system: System, writes: Sequence[Write]
    ) -> tuple[dict[int, Result], list[Job]]:
        jobs: list[Job] = []

        def journal(job: Job) -> None:
            assert system.count() == self.before
            jobs.append(job)

        self.before = system.count()
        results = list(connector.write(system.stream, writes, journal))
        assert sorted(result.id for result in results) == sorted(write.id for write in writes)
        return {result.id: result for result in results}, jobs

    def many_writes(self, connector: Connector, system: System, *, bad: bool = False) -> list[Write]:
        above = connector.capabilities.bulk_above
        assert above is not None
        writes = [creation(id, system.payload(f"Firm {id}"), connector) for id in range(1, above + 1)]
        return [creation(above + 1, system.payload(None), connector), *writes] if bad else writes

    def test_a_job_gives_one_result_a_write(self, system: System, connector: Connector) -> None:
        writes = self.many_writes(connector, system, bad=True)
        results, jobs = self.bulk(connector, system, writes)
        assert sorted(id for job in jobs for id in job.action_ids) == sorted(write.id for write in writes)
        rejected = [result for result in results.values() if result.outcome is Outcome.REJECTED]
        assert [result.id for result in rejected] == [writes[0].id]
        assert rejected[0].code
        assert {result.outcome for result in results.values() if result not in rejected} == {Outcome.CREATED}
        assert system.count() == len(writes) - 1

    def test_none_clears_and_text_is_kept(self, system: System, connector: Connector) -> None:
        created, _ = self.bulk(connector, system, self.many_writes(connector, system))
        ids = [str(result.remote_id) for result in created.values()]
        names = [f"{NAMES[number % len(NAMES)]} {number}\nsecond line" for number in range(len(ids))]
        note = {system.note_field: None}
        writes = [
            Write(number, Verb.UPDATE, {system.name_field: name.replace("\n", " ")} | note, remote_id=id)
            for number, (id, name) in enumerate(zip(ids, names, strict=True))
        ]
        results = {result.id: result for result in connector.write(system.stream, writes, lambda job: None)}
        assert {result.outcome for result in results.values()} <= {Outcome.UPDATED, Outcome.UNCHANGED}
        for remote in connector.fetch(system.stream, ids):
            assert not remote.payload[system.note_field]
            wanted = names[ids.index(remote.remote_id)].replace("\n", " ")
            assert remote.payload[system.name_field] == wanted

    def test_a_job_is_asked_for_its_results_by_a_later_process(self, system: System) -> None:
        with system.connect() as connector:
            results, jobs = self.bulk(connector, system, self.many_writes(connector, system))
        with system.connect() as connector:
            resumed = {result.id: result for job in jobs for result in connector.resume(job)}
        assert {id: result.remote_id for id, result in resumed.items()} == {
            id: result.remote_id for id, result in results.items()
        }

    def test_a_job_that_was_killed_before_its_upload_says_so(self, system: System) -> None:
        jobs: list[Job] = []

        def die(job: Job) -> None:
            jobs.append(job)
            raise KeyboardInterrupt

        with system.connect() as connector, pytest.raises(KeyboardInterrupt):
            list(connector.write(system.stream, self.many_writes(connector, system), die))
        with system.connect() as connector:
            resumed = [result for job in jobs for result in connector.resume(job)]
        assert [result.outcome for result in resumed] == [Outcome.UNKNOWN] * len(jobs[0].action_ids)
        assert all(result.code for result in resumed)
        assert system.count() == 0
