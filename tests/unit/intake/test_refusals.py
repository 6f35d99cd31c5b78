"""The audit tells what was turned away, and cannot be filled by knocking."""

from __future__ import annotations

from sqlalchemy import select

from solmu.intake.refusals import KEPT, MINUTE, Line, Refusals, write
from solmu.store import open_store
from solmu.store.tables import audit


def told(lines: list[Line]) -> list[tuple[str, int, dict[str, int]]]:
    return [(line.connection, line.at // MINUTE, dict(line.reasons)) for line in lines]


def test_of_a_minute_there_is_one_line_at_once_and_one_when_it_is_over() -> None:
    refusals = Refusals()

    assert [refusals.count("form", "signature", b"x", second) for second in range(100)] == [True] + [False] * 99
    refusals.count("form", "no-secret", b"x", 1000)

    assert told(refusals.take(1000)) == [("form", 0, {"signature": 1})]
    assert refusals.take(2000) == []
    assert told(refusals.take(MINUTE)) == [("form", 0, {"signature": 99, "no-secret": 1})]
    assert refusals.take(5 * MINUTE) == []


def test_connections_are_counted_apart_and_the_rest_is_told_at_the_end() -> None:
    refusals = Refusals()
    for connection in ("form", "shop", "form"):
        refusals.count(connection, "signature", b"x", 0)

    assert told(refusals.take(0, all_of_them=True)) == [
        ("form", 0, {"signature": 1}),
        ("shop", 0, {"signature": 1}),
        ("form", 0, {"signature": 1}),
    ]


def test_the_next_minute_begins_anew() -> None:
    refusals = Refusals()
    for at in (0, 1, MINUTE, MINUTE + 1, MINUTE + 2):
        refusals.count("form", "signature", b"x", at)

    assert told(refusals.take(3 * MINUTE)) == [
        ("form", 0, {"signature": 1}),
        ("form", 0, {"signature": 1}),
        ("form", 1, {"signature": 1}),
        ("form", 1, {"signature": 2}),
    ]


def test_what_the_store_could_not_take_waits_within_bounds() -> None:
    refusals = Refusals()
    refusals.give_back([Line(0, "form") for _ in range(2 * KEPT)])

    assert len(refusals.take(0)) == KEPT


def test_lines_of_the_audit_hold_numbers_and_no_values(database_url: str) -> None:
    refusals = Refusals()
    refusals.count("form", "signature", b"aino@kotkakone.example", 61_000_000)

    with open_store(database_url) as store:
        with store.write() as connection:
            write(connection, refusals.take(61_000_000))
            write(connection, [])
        with store.read() as connection:
            (line,) = connection.execute(select(audit)).all()

    assert (line.at, line.who, line.what, line.subject) == (61_000_000, "serve", "delivery refused", "form")
    assert line.detail == {"count": 1, "minute": "1970-01-01T00:01:00Z", "reasons": {"signature": 1}}
    assert len(line.digest) == 64
