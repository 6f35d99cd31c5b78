"""What the store promises to whoever writes to it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, MetaData, insert, inspect, select
from sqlalchemy.exc import IntegrityError

from solmu.errors import Busy, ConfigurationError
from solmu.model import Entity
from solmu.store import Store, dirty, open_store
from solmu.store.ids import Births, check_public_id, public_id
from solmu.store.lease import lease
from solmu.store.migrate import hash_key, migrate, newest
from solmu.store.payload import canonical, pack, unpack
from solmu.store.sql import add_rows
from solmu.store.tables import affiliation, cursor, mention, meta, run, run_count, source_record, source_version
from solmu.store.tables import lease as lease_table

A_VERSION = {"run_id": "run_1", "outcome": "new", "content_hash": b"", "landed_at": 1}


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        yield store


def test_a_transaction_that_fails_leaves_nothing_behind(store: Store) -> None:
    def write_twice() -> None:
        with store.write() as connection:
            connection.execute(meta.insert().values(name="half", value="done"))
            connection.execute(meta.insert().values(name="half", value="again"))

    with pytest.raises(IntegrityError):
        write_twice()
    with store.read() as connection:
        assert connection.scalar(select(meta.c.value).where(meta.c.name == "half")) is None


def test_whoever_writes_decides_on_what_nobody_else_is_changing(store: Store) -> None:
    """Each counts on from what it reads: were two to read before either has written, one count would be lost."""
    with store.write() as connection:
        connection.execute(meta.insert().values(name="count", value="0"))

    def count_on() -> None:
        for _ in range(20):
            with store.write() as connection:
                there = connection.scalar(select(meta.c.value).where(meta.c.name == "count"))
                connection.execute(meta.update().where(meta.c.name == "count").values(value=str(int(there or 0) + 1)))

    threads = [threading.Thread(target=count_on) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as connection:
        assert connection.scalar(select(meta.c.value).where(meta.c.name == "count")) == "60"


def test_whoever_reads_sees_one_state_while_others_write(store: Store) -> None:
    with store.read() as connection:
        before = connection.scalars(select(meta.c.name)).all()
        with store.write() as other:
            other.execute(meta.insert().values(name="new", value="written"))
        assert connection.scalars(select(meta.c.name)).all() == before


def test_a_row_that_names_what_is_not_there_is_refused_also_after_a_trusted_transaction(store: Store) -> None:
    for trusted in (False, True, False):
        with store.write(trusted=trusted) as connection:
            connection.execute(meta.insert().values(name=secrets.token_hex(4), value="written"))
        with pytest.raises(IntegrityError), store.write() as connection:
            connection.execute(source_version.insert().values(**A_VERSION, record_id=404))


def test_work_that_is_marked_again_while_it_is_done_stays(store: Store) -> None:
    with store.write() as connection:
        dirty.mark(connection, "golden", [1, 2])
        work = dirty.take(connection, "golden", 10)
    with store.write() as connection:
        dirty.mark(connection, "golden", [2])
    with store.write() as connection:
        dirty.done(connection, "golden", work)
        assert [id for id, _ in dirty.take(connection, "golden", 10)] == [2]


def test_consumers_do_not_see_each_others_work(store: Store) -> None:
    with store.write() as connection:
        dirty.mark(connection, "match", [1])
        assert dirty.take(connection, "golden", 10) == []


def test_of_little_that_is_due_little_waits_for_one_transaction() -> None:
    assert [dirty.at_once(60_000, due) for due in (0, 40, 1_200_000, 9_000_000)] == [0, 2, 60_000, 60_000]


def test_a_lease_is_refused_while_it_is_held_and_free_afterwards(store: Store) -> None:
    with lease(store, "resolve"), pytest.raises(Busy, match="another run is resolving"), lease(store, "resolve"):
        pass
    with lease(store, "resolve") as again:
        assert again.token == 2


def test_the_lease_of_a_process_that_died_here_is_taken_over_at_once(store: Store) -> None:
    with lease(store, "resolve"):
        pass
    with store.write() as connection:
        host = connection.scalar(select(lease_table.c.holder)).partition(":")[0]  # type: ignore[union-attr]
        # No process has so high a number: the kernel's limit is 2^22.
        connection.execute(lease_table.update().values(holder=f"{host}:4194999:1", expires=2**60))
    with lease(store, "resolve") as taken:
        assert taken.token == 2


def test_whoever_lost_a_lease_is_fenced_off(store: Store) -> None:
    with lease(store, "push:crm") as held, store.write() as connection:
        connection.execute(lease_table.update().values(holder="elsewhere:1:1", token=held.token + 1))
        with pytest.raises(Busy, match="lost to elsewhere"):
            held.confirm(connection)


def test_of_two_that_come_at_once_one_gets_the_lease(store: Store) -> None:
    got: list[str] = []
    barrier, finished = threading.Barrier(2), threading.Barrier(2)

    def try_it() -> None:
        barrier.wait()
        try:
            with lease(store, "resolve"):
                got.append("held")
                finished.wait()
        except Busy:
            got.append("busy")
            finished.wait()

    threads = [threading.Thread(target=try_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == ["busy", "held"]


def tables(connection: Connection) -> dict[str, Any]:
    """Everything that a database says of its tables."""
    there = inspect(connection)
    return {
        name: {
            "columns": {each["name"]: (str(each["type"]), each["nullable"]) for each in there.get_columns(name)},
            "key": there.get_pk_constraint(name),
            "foreign keys": sorted(there.get_foreign_keys(name), key=repr),
            "unique": sorted(there.get_unique_constraints(name), key=repr),
            "indexes": sorted(map(plain, there.get_indexes(name)), key=repr),
        }
        for name in there.get_table_names()
    }


def plain(index: Any) -> dict[str, Any]:
    """An index whose condition can be compared."""
    return {**index, "dialect_options": {key: str(value) for key, value in index.get("dialect_options", {}).items()}}


def migrated_anew(connection: Connection, version: str) -> None:
    there = MetaData()
    there.reflect(connection)
    there.drop_all(connection)
    migrate(connection, version)


def test_a_store_of_the_first_version_is_brought_to_the_newest(database_url: str) -> None:
    with open_store(database_url) as store, store.write() as connection:
        newest_tables = tables(connection)
        migrated_anew(connection, "0001")
    with open_store(database_url) as store, store.read() as connection:
        assert tables(connection) == newest_tables
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == newest()
        assert hash_key(connection)


def test_a_new_store_has_the_tables_that_migrating_from_the_first_version_gives(database_url: str) -> None:
    with open_store(database_url) as store, store.write() as connection:
        at_once = tables(connection)
        migrated_anew(connection, "head")
        assert tables(connection) == at_once
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == newest()


def test_employers_named_before_the_store_knew_when_keep_their_order(database_url: str) -> None:
    with open_store(database_url) as store, store.write() as connection:
        migrated_anew(connection, "0009")
        for id, version in ((1, 5), (2, 6)):
            record = {"id": id, "connection": "one", "stream": "rows", "key": str(id), "state": "mapped", "run_id": "r"}
            connection.execute(insert(source_record).values(**record, version_id=version))
        said = {"entity": "organisation", "state": "linked", "record_id": 1, "version_id": 3}
        connection.execute(insert(mention).values(**said, id=1, slot="organisation", public_id="org_1"))
        hangs = {"slot": "affiliation", "state": "live", "document": {}, "document_hash": b""}
        for record_id, employer in ((1, 1), (2, 1)):  # of the row itself, and by reference
            connection.execute(insert(affiliation).values(**hangs, record_id=record_id, other_mention_id=employer))
        migrate(connection)
        order = select(affiliation.c.version_id).order_by(affiliation.c.record_id)
        assert connection.scalars(order).all() == [3, 6]


def test_a_store_that_a_newer_solmu_has_written_is_refused(database_url: str) -> None:
    with open_store(database_url) as store, store.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigurationError, match="newer version"):
        open_store(database_url)


def test_a_new_store_is_for_its_owner_alone(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/new/solmu.db") as store, store.write() as connection:
        connection.execute(meta.insert().values(name="some", value="thing"))
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    assert modes == {"solmu.db": 0o600, "solmu.db-wal": 0o600, "solmu.db-shm": 0o600}


def test_a_store_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "solmu.db").touch(0o640)
    (tmp_path / "solmu.db").chmod(0o640)
    open_store(f"sqlite:///{tmp_path}/solmu.db").close()
    assert (tmp_path / "solmu.db").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("value", [{"name": "half \ud800"}, {"share": float("inf")}])
def test_a_document_that_the_fast_reader_refuses_is_read(tmp_path: Path, value: dict[str, Any]) -> None:
    with open_store(f"sqlite:///{tmp_path}/solmu.db") as store, store.write() as connection:
        connection.execute(insert(cursor).values(connection="a", stream="b", value=value, run_id="r", updated_at=0))
        assert connection.scalar(select(cursor.c.value)) == value


@pytest.mark.parametrize("url", ["nonsense", "mysql://localhost/x"])
def test_an_address_that_is_no_store_is_a_configuration_error(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_store(url)
    assert "sqlite:///" in str(caught.value)


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(-(2**53), 2**53), st.booleans(), st.none())))
def test_a_payload_comes_back_as_it_was(payload: dict[str, object]) -> None:
    try:
        text = canonical(payload)
    except TypeError:  # lone surrogates are no text: a reader replaces them before
        return
    assert unpack(pack(text)) == payload


def test_keys_that_are_no_text_have_a_place_in_canonical_text() -> None:
    assert canonical({2: "b", "1": "a"}) == b'{"1":"a","2":"b"}'


def test_rows_get_their_ids_by_position(store: Store) -> None:
    with store.write() as connection:
        connection.execute(insert(run), [{"id": "one", "kind": "run", "state": "done", "started": 0, "config_hash": "",
                                          "config": {}, "detail": {}}])  # fmt: skip
        columns, positions = ("run_id", "section", "name", "counter", "value"), ("value",)
        for ids, names in ((range(7, 9), "ab"), ([3, 5], "cd")):
            rows = [("one", "test", name, name, place) for place, name in enumerate(names)]
            add_rows(connection, run_count, columns, rows, positions=positions, ids=ids)
        there = {row.name: row.value for row in connection.execute(select(run_count))}
    assert there == {"a": 7, "b": 8, "c": 3, "d": 5}


def test_work_is_taken_unless_it_was_marked_again(store: Store) -> None:
    with store.write() as connection:
        dirty.mark(connection, "map", range(1, 4))
        dirty.mark(connection, "map", [3, 3, 9])
        assert dirty.take_new(connection, "map", [1, 2, 3, 4]) == 2
        assert dirty.take_new(connection, "map", []) == 0
        assert dirty.take(connection, "map", 10) == [(3, 2), (9, 1)]


# Minted once, so that an example that is tried again is the same.
_BIRTHS = Births()
IDS = [mint(entity) for mint in (public_id, _BIRTHS.public_id) for entity in Entity for _ in range(20)]


def test_ids_of_one_birth_differ_and_stand_together() -> None:
    ids = {_BIRTHS.public_id(Entity.PERSON) for _ in range(1000)}
    assert len(ids) == 1000
    assert len({id[:10] for id in ids}) == 1
    assert Births().public_id(Entity.PERSON)[:10] not in {id[:10] for id in ids}


@given(st.data())
def test_every_single_slip_in_a_public_id_is_noticed(data: st.DataObject) -> None:
    id = data.draw(st.sampled_from(IDS))
    assert check_public_id(f" {id.upper()} ") == id
    place = data.draw(st.integers(4, len(id) - 1))
    other = data.draw(st.sampled_from("0123456789abcdefghjkmnpqrstvwxyz").filter(lambda c: c != id[place]))
    # The check is modulo 31 over an alphabet of 32: 0 and z alone weigh the same.
    if {other, id[place]} != {"0", "z"}:
        assert check_public_id(id[:place] + other + id[place + 1 :]) is None


def test_each_connection_keeps_as_much_of_the_file_as_was_said(tmp_path: Path) -> None:
    def kept(connection: Connection) -> Any:
        return connection.exec_driver_sql("PRAGMA cache_size").scalar()

    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        with store.read() as one, store.write() as other:
            assert kept(one) == kept(other) == -65_536
        store.remember(8_192)
        with store.read() as one, store.write() as other:
            assert kept(one) == kept(other) == -8_192
        store.remember()
        with store.read() as one, store.write() as other:
            assert kept(one) == kept(other) == -65_536


def test_the_connection_that_was_used_last_is_used_again(tmp_path: Path) -> None:
    """Another thread's, such as a lease's heartbeat, remembers the file as it was."""

    def used(connection: Connection) -> Any:
        return connection.connection.dbapi_connection

    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        with store.read() as mine:
            last = used(mine)
            with store.write() as beats:
                assert used(beats) is not last
        for _ in range(3):
            with store.write() as mine:
                assert used(mine) is last
