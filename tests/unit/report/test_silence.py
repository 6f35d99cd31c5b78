"""Which sources have gone silent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pytest

from solmu.report.silence import DAYS, in_words, note_arrivals, silent_sources
from solmu.store import Store, open_store
from solmu.store.tables import meta

DAY = 86_400_000_000
START = 20_000 * DAY
NEW, SAME = {"read": 3, "new": 1, "unchanged": 2}, {"read": 3, "unchanged": 3}


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        yield store


def came(store: Store, days: Sequence[int], name: str = "erp") -> None:
    with store.write() as connection:
        for day in days:
            note_arrivals(connection, {f"{name}/orders": NEW, f"{name}/items": SAME}, now=START + day * DAY)


def silent(store: Store, day: int, *, least: int = 7, **streams: dict[str, int]) -> list[dict[str, Any]]:
    with store.read() as connection:
        read = {f"{name}/orders": row for name, row in ({"erp": SAME} | streams).items()}
        return silent_sources(connection, ["erp", "shop"], read, now=START + day * DAY, least=least)


def test_a_source_that_brought_something_each_day_is_silent_after_the_least_number_of_days(store: Store) -> None:
    came(store, range(10))
    assert silent(store, 16) == []
    (found,) = silent(store, 17)
    assert found == {"connection": "erp", "last": "2024-10-13", "days": 8, "limit": 7, "newly": True}
    assert in_words(found) == "erp is silent: nothing new since 2024-10-13, and 7 days would be usual"
    assert silent(store, 17, least=8) == []


def test_one_that_comes_once_a_week_has_three_weeks(store: Store) -> None:
    came(store, range(0, 70, 7))
    assert silent(store, 63 + 21) == []
    assert silent(store, 63 + 22)[0]["limit"] == 21


def test_one_of_which_no_rhythm_is_known_yet_is_not_silent(store: Store) -> None:
    assert silent(store, 400) == []
    came(store, range(4))
    assert silent(store, 400) == []


def test_whatever_comes_ends_the_silence_the_same_night(store: Store) -> None:
    came(store, range(10))
    assert silent(store, 40, erp=NEW) == []
    assert [each["connection"] for each in silent(store, 40)] == ["erp"]


def test_rows_that_come_as_they_were_are_no_sign_of_life(store: Store) -> None:
    came(store, range(10))
    with store.write() as connection:
        note_arrivals(connection, {"erp/orders": SAME}, now=START + 30 * DAY)
    assert silent(store, 40)[0]["days"] == 31


def test_no_more_is_kept_of_a_source_than_its_last_days_and_a_day_once(store: Store) -> None:
    came(store, [*range(60), 59, 58])
    with store.read() as connection:
        (value,) = (row.value for row in connection.execute(meta.select()) if row.name == "came:erp")
    began = date(2024, 10, 4).toordinal()
    assert json.loads(value) == [began + day for day in range(60 - DAYS, 60)]
