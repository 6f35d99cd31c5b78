"""Pins: values as a mapping would have read them, an expiry that is watched, and what cannot be pinned."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, update

from solmu.errors import SolmuError
from solmu.golden.expire import mark_expired
from solmu.golden.explain import explain
from solmu.golden.rebuild import golden_differences
from solmu.steward.changes import carry_out
from solmu.steward.intent import Kind
from solmu.steward.pins import pin, unpin
from solmu.steward.pointing import point
from solmu.steward.preview import preview
from solmu.steward.undo import history, undo_last
from solmu.store import dirty, time
from solmu.store.tables import golden
from solmu.store.tables import pin as pins
from tests.unit.steward.conftest import Desk

NOW = 1_700_000_000_000_000


def set_pin(desk: Desk, field: str, value: str, *, until: str | None = None) -> None:
    with desk.store.write() as connection:
        which = point(connection, "Merivirta Oy")
        intent = pin(connection, desk.hub, which, field, value, now=NOW, until=until)
        carry_out(connection, intent, who="anna", now=NOW)
    desk.settle()


def document(desk: Desk) -> Any:
    (row,) = desk.rows(golden)
    return {name: entry["value"] for name, entry in row.document.items()}


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("phone", "040 123 4567", ["+358401234567"]),
        ("business_id", "2092540-6", "FI:20925406"),
        ("email", "Info@Merivirta.example", ["Info@merivirta.example"]),
        ("city", " Turku ", "Turku"),
        ("city", "", None),
        ("name", "Merivirta Group Oyj", "Merivirta Group Oyj"),
    ],
)
def test_a_pinned_value_is_what_a_mapping_would_have_made_of_it(
    desk: Desk, field: str, value: str, kept: object
) -> None:
    desk.organisation(name="Merivirta Oy", city="Rauma", country="FI")
    desk.settle()
    set_pin(desk, field, value)
    assert document(desk).get(field) == kept


def test_of_what_a_golden_record_is_found_by_only_what_changes_is_written(desk: Desk) -> None:
    desk.organisation(name="Merivirta Oy", city="Rauma", country="FI")
    desk.settle()
    written: list[str] = []

    @event.listens_for(desk.store.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE golden"):
            written.append(statement)

    set_pin(desk, "city", "Turku")
    (statement,) = written
    columns = {each.split()[0] for each in statement.removeprefix("UPDATE golden SET ").split(",")}
    assert columns == {"city", "document", "document_hash", "recipe", "updated_at", "version"}
    (row,) = desk.rows(golden)
    assert (row.city, row.name, row.search_name, row.country) == ("Turku", "Merivirta Oy", "merivirta oy", "FI")


def test_a_second_pin_takes_the_place_of_the_first_and_unpinning_lets_the_rules_decide(desk: Desk) -> None:
    desk.organisation(name="Merivirta Oy", city="Rauma")
    desk.settle()
    set_pin(desk, "city", "Turku")
    set_pin(desk, "city", "Salo")
    assert document(desk)["city"] == "Salo"
    with desk.store.write() as connection:
        carry_out(connection, unpin(connection, point(connection, "Merivirta Oy"), "city"), who="anna", now=NOW)
    desk.settle()
    assert document(desk)["city"] == "Rauma"
    with desk.store.read() as connection, pytest.raises(SolmuError) as refused:
        unpin(connection, point(connection, "Merivirta Oy"), "city")
    assert refused.value.code == "not-pinned"


def test_what_is_undone_is_not_undone_again(desk: Desk) -> None:
    desk.organisation(name="Merivirta Oy", city="Rauma")
    desk.settle()
    set_pin(desk, "city", "Turku")
    with desk.store.write() as connection:
        carry_out(connection, unpin(connection, point(connection, "Merivirta Oy"), "city"), who="anna", now=NOW)
    for city in ("Turku", "Rauma"):
        with desk.store.write() as connection:
            carry_out(connection, undo_last(connection, desk.hub, 1), who="anna", now=NOW)
        desk.settle()
        assert document(desk)["city"] == city
    with desk.store.read() as connection, pytest.raises(SolmuError) as refused:
        undo_last(connection, desk.hub, 1)
    assert refused.value.code == "no-change"


def test_a_pin_that_ran_out_is_marked_once(desk: Desk) -> None:
    desk.organisation(name="Merivirta Oy", city="Rauma")
    desk.settle()
    set_pin(desk, "city", "Turku", until="2999-12-31")
    assert mark_expired(desk.store, NOW) == 0
    with desk.store.write() as connection:
        connection.execute(update(pins).values(expires_at=NOW))
    assert list(golden_differences(desk.store, desk.hub)) == []  # it waits for the next run
    assert mark_expired(desk.store, NOW) == 1
    assert mark_expired(desk.store, NOW) == 0
    with desk.store.read() as connection:
        assert (dirty.waiting(connection, "golden"), dirty.waiting(connection, "pin")) == (1, 0)


@pytest.mark.parametrize(
    ("given", "told"),
    [("2999-12-31", "2999-12-31"), ("29991231", "2999-12-31"), ("2999-12-31T12:00+02:00", "2999-12-31T10:00:00Z")],
)
def test_until_when_a_pin_holds_is_told_as_it_was_given(desk: Desk, given: str, told: str) -> None:
    desk.organisation(name="Merivirta Oy", city="Rauma")
    desk.settle()
    set_pin(desk, "city", "Turku", until=given)
    with desk.store.read() as connection:
        (change,) = history(connection)
        (one,) = explain(connection, point(connection, "Merivirta Oy").id)["pins"]
    assert change["pins"] == [{"field": "city", "value": "Turku", "until": told, "set": True}]
    assert one["until"] == told
    with desk.store.read() as connection:  # what is told can be given
        assert pin(connection, desk.hub, point(connection, "Merivirta Oy"), "city", "Kemi", now=NOW, until=told)


def test_pins_that_cannot_be_are_refused_with_what_would_be_right(desk: Desk) -> None:
    desk.organisation(name="Merivirta Oy", city="Rauma")
    desk.settle()
    with desk.store.read() as connection:
        which = point(connection, "Merivirta Oy")
        for field, value, until, code in (
            ("colour", "red", None, "no-field"),
            ("opt_out", "no", None, "no-pin"),
            ("key_account", "yes", None, "no-pin"),
            ("phone", "nobody knows", None, "bad-value"),
            ("country", "Atlantis", None, "bad-value"),
            ("city", "n/a", None, "bad-value"),
            ("city", "Turku", "1999-01-01", "bad-value"),
            ("city", "Turku", "soon", "bad-value"),
            ("city", "Turku", "9999-12-31", "bad-value"),
        ):
            with pytest.raises(SolmuError) as refused:
                pin(connection, desk.hub, which, field, value, now=NOW, until=until)
            assert (refused.value.code, bool(refused.value.expected)) == (code, True)


def test_a_pin_that_ran_out_is_no_word_of_the_record_that_it_hangs_on(desk: Desk) -> None:
    desk.organisation(name="Merivirta Oy", city="Rauma", country="FI")
    desk.settle()
    set_pin(desk, "city", "Turku", until="2099-12-31")
    with desk.store.write() as connection:
        connection.execute(update(pins).values(expires_at=NOW + 1))
    (row,) = desk.rows(golden)
    with desk.store.read() as connection:
        told = explain(connection, row.id, field="city")["fields"]["city"]
    assert (told["value"], told["rule"]) == ("Turku", "pin")
    assert told["source"] == "a pin that has run out; the next run computes it without"
    assert [each["value"] for each in told["others"]] == ["Rauma"]
    desk.settle()
    assert document(desk)["city"] == "Rauma"


def test_a_pin_that_a_change_ends_is_not_told_as_kept(desk: Desk) -> None:
    for _ in range(2):
        desk.organisation(name="Merivirta Oy", city="Rauma", business_id="FI:01234567")
    desk.settle()
    set_pin(desk, "city", "Turku")
    set_pin(desk, "name", "Merivirta Group")
    with desk.store.write() as connection:
        connection.execute(update(pins).values(at=time.now()))
    with desk.store.read() as connection:
        which = point(connection, "Merivirta Group")
        for intent in (
            unpin(connection, which, "city"),
            pin(connection, desk.hub, which, "city", "Kemi", now=NOW),
            undo_last(connection, desk.hub, 2),
        ):
            kept = {each["field"] for each in preview(connection, desk.hub, intent)["edited_since"]}
            assert kept == (set() if intent.kind is Kind.UNDO else {"name"})
