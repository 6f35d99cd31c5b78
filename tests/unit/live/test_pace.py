"""When small runs are due, and what is told of them."""

from __future__ import annotations

from solmu.live.pace import GATHER_SECONDS, LONGEST_REST_SECONDS, Outcome, Pace
from solmu.live.told import AGAIN_MICROS, news, troubles


def test_nothing_that_waits_is_no_run() -> None:
    assert not Pace(10).due(100, waiting=False)


def test_what_came_waits_a_moment_for_what_comes_with_it() -> None:
    pace = Pace(10)
    assert not pace.due(100, waiting=True)
    assert not pace.due(100 + GATHER_SECONDS / 2, waiting=True)
    assert pace.due(100 + GATHER_SECONDS, waiting=True)


def test_after_a_run_there_is_a_rest() -> None:
    pace = Pace(10)
    pace.ended(100, Outcome.DONE)
    assert not pace.due(101, waiting=True)
    assert not pace.due(109, waiting=True)
    assert pace.due(110, waiting=True)
    assert not pace.due(111, waiting=False)


def test_a_run_that_met_another_one_comes_again_although_nothing_new_came() -> None:
    pace = Pace(10)
    pace.ended(100, Outcome.BUSY)
    assert not pace.due(109, waiting=False)
    assert pace.due(110, waiting=False)


def test_the_rest_after_trouble_doubles_up_to_ten_minutes_and_is_short_again_after_a_good_run() -> None:
    pace, now, rests = Pace(10), 0.0, []
    for _ in range(8):
        pace.ended(now, Outcome.TROUBLE)
        due = next(second for second in range(int(LONGEST_REST_SECONDS) + 1) if pace.due(now + second, waiting=False))
        rests.append(due)
        now += due
    assert rests == [20, 40, 80, 160, 320, 600, 600, 600]
    pace.ended(now, Outcome.DONE)
    pace.due(now + 1, waiting=True)
    assert pace.due(now + 10, waiting=True)


def test_a_trouble_is_news_once_a_day() -> None:
    found = frozenset({"crm/unavailable"})
    assert news(found, {}, 0) == found
    assert not news(found, {"crm/unavailable": 0}, AGAIN_MICROS - 1)
    assert news(found, {"crm/unavailable": 0}, AGAIN_MICROS) == found
    assert news(found | {"crm/fatal"}, {"crm/unavailable": 0}, 1) == {"crm/fatal"}


def test_that_another_run_was_in_the_way_is_no_trouble() -> None:
    problems = [{"connection": "crm", "code": "busy"}, {"connection": "form", "code": "fatal"}]
    assert troubles({"problems": problems, "unbalanced": []}) == {"form/fatal"}
