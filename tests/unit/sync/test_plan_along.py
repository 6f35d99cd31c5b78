"""Pages that are worked out before those in front of them are stored come out as if they were not."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

import pytest

from solmu.beside.child import Lost
from solmu.sync.plan_along import Along, Due
from solmu.sync.planner import Page
from solmu.sync.rows import Rows


class Planner:
    """Plans each golden record with its employer, unless it is planned already; ``stored`` is what the store has."""

    def __init__(self, employers: dict[int, int]) -> None:
        self.employers = employers
        self.stored: list[int] = []
        self.pages = 0

    def page(self, due: Due) -> Page:
        self.pages += 1
        ids = [id for id, _ in due]
        looked_at = {*ids, *(self.employers[id] for id in ids if id in self.employers)}
        touched = looked_at - set(self.stored)
        return Page(Rows(replaced=sorted(touched)), (), 0, looked_at, touched)

    def plan(self, along: Along, pages: Iterable[Due]) -> list[int]:
        for due, page in along.pages(pages):
            assert due[0][0] in page.rows.replaced
            self.stored += page.rows.replaced
        return self.stored


class Beside:
    """Works out a page as soon as it is given one, and tells it when it must; dies after ``lives`` pages."""

    def __init__(self, planner: Planner, *, lives: int = 100) -> None:
        self._page: Callable[[Due], Page] = planner.page
        self._lives = lives
        self._answers: deque[Page] = deque()
        self.given = 0
        self.closed = False

    def is_ready(self) -> bool:
        return True

    def give(self, what: object) -> None:
        assert isinstance(what, list)
        self.given += 1
        self._answers.append(self._page(what))

    def result(self, *, wait: bool) -> Page | None:
        if not wait:
            return None
        if self.given > self._lives:
            raise Lost
        return self._answers.popleft()

    def close(self) -> None:
        self.closed = True


def pages(count: int) -> list[list[tuple[int, int]]]:
    return [[(10 * number, 1)] for number in range(1, count + 1)]


@pytest.mark.parametrize("lives", [100, 3, 0])
def test_each_record_is_planned_once_and_in_order_whatever_becomes_of_the_process_beside(lives: int) -> None:
    planner = Planner({})
    beside = Beside(planner, lives=lives)
    assert planner.plan(Along(planner, beside), pages(12)) == [10 * number for number in range(1, 13)]
    assert beside.given > 0


@pytest.mark.parametrize("lives", [100, 3, 0])
def test_an_employer_whom_two_pages_need_is_planned_once(lives: int) -> None:
    planner = Planner({20: 7, 30: 7, 40: 10, 60: 7})
    planner.plan(Along(planner, Beside(planner, lives=lives)), pages(8))
    assert sorted(planner.stored) == [7, *(10 * number for number in range(1, 9))]


def test_a_process_whose_pages_are_of_no_use_is_let_go() -> None:
    planner = Planner({10 * number: 7 for number in range(1, 21)})
    beside = Beside(planner)
    planner.plan(Along(planner, beside), pages(20))
    assert beside.closed
    assert sorted(planner.stored) == [7, *(10 * number for number in range(1, 21))]


def test_without_a_process_beside_each_page_is_worked_out_when_its_turn_comes() -> None:
    planner = Planner({20: 7, 30: 7})
    planner.plan(Along(planner, None), pages(5))
    assert planner.pages == 5
    assert sorted(planner.stored) == [7, 10, 20, 30, 40, 50]
