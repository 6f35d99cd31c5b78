"""Questions that are put together once give what SQLAlchemy gives, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from solmu.store import Store, open_store
from solmu.store.prepared import Prepared, among_these, beginning, begins_with
from solmu.store.tables import meta, run

RUNS = [
    {"id": f"run_{n}", "kind": "run", "state": "done", "started": n, "exit": 0, "config_hash": "", "config": {"ä": [n]},
     "detail": {}}
    for n in range(3)
]  # fmt: skip


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        with store.write() as connection:
            connection.execute(insert(run), RUNS)
            connection.execute(insert(meta), [{"name": name, "value": "?"} for name in ("50%", "50_", "509", "5/")])
        yield store


def test_documents_and_names_of_columns_are_those_of_the_table(store: Store) -> None:
    asked = Prepared(lambda _: select(run).where(run.c.id == bindparam("id"), run.c.state == "done"))
    with store.read() as connection:
        for id in ("run_1", "run_2"):
            expected = connection.execute(select(run).where(run.c.id == id)).one()
            found = asked.first(connection, id=id)
            assert found._asdict() == expected._asdict()
            assert found.config == {"ä": [int(id[-1])]}
        assert asked.first(connection, id="run_9") is None


def test_any_number_of_ids_has_one_place(store: Store) -> None:
    asked = Prepared(
        lambda connection: select(run.c.id).where(among_these(connection, run.c.started)).order_by(run.c.started)
    )
    with store.read() as connection:
        for ids in ([], [1], [0, 2, 7]):
            assert [row.id for row in asked.rows(connection, ids=ids)] == [f"run_{n}" for n in ids if n < 3]


def test_what_begins_with_a_text_is_taken_by_the_letter(store: Store) -> None:
    asked = Prepared(lambda connection: select(meta.c.name).where(begins_with(connection, meta.c.name)))
    with store.read() as connection:
        for text in ("50%", "50_", "5/"):
            assert [row.name for row in asked.rows(connection, **beginning(text))] == [text]


def test_all_questions_of_a_look_see_one_state(sqlite_url: str) -> None:
    counted = Prepared(lambda _: select(func.count().label("runs")).select_from(run))
    with open_store(sqlite_url) as store, store.read() as connection:
        assert counted.first(connection).runs == 0
        with store.write() as writing:
            writing.execute(insert(run), RUNS)
        assert counted.first(connection).runs == 0


def test_what_the_database_refuses_is_an_error_of_sqlalchemys(store: Store) -> None:
    asked = Prepared(lambda _: select(meta.c.name).where(meta.c.name == bindparam("name")))
    with store.read() as connection, pytest.raises(SQLAlchemyError) as refused:
        asked.rows(connection, name=object())
    assert isinstance(refused.value, DBAPIError)


def test_a_list_of_values_is_refused(store: Store) -> None:
    asked = Prepared(lambda _: select(meta.c.name).where(meta.c.name.in_(["a", "b"])))
    with store.read() as connection, pytest.raises(AssertionError, match="no fixed number"):
        asked.rows(connection)
