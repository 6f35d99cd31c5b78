"""Sharing the planning of many records with a process beside this one, which works out some of the pages.

Only this process writes. A page is worked out before those in front of it are stored, and may have to know of them: who
is made for the sake of a colleague is not made twice. Then it is worked out once more when its turn comes. Whatever the
process beside comes to, the plan is the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from solmu.beside.child import Lost, start_child
from solmu.exchange import StreamInfo
from solmu.store import Store, dirty
from solmu.sync.planner import Page, Planner

HELPED_FROM = 40_000
"""Golden records that are due from which another process is worth its start."""

_GIVEN = 2
"""Pages that the other process is given ahead, so that it need not wait for the next."""

_UNDER_WAY = 4
"""Pages in memory; more would only be more memory."""

_AGAIN = 3
"""Pages that were of no use, after which the process beside is let go: these records hang together too much."""

Due = Sequence[tuple[int, int]]


class Plans(Protocol):
    """What works out a page: a ``Planner``."""

    def page(self, due: Due) -> Page:
        """The page of these golden records, given as (id, generation)."""


class Helps(Protocol):
    """What works them out beside: a ``Child``."""

    def is_ready(self) -> bool:
        """Whether it can work by now. Raises Lost."""

    def give(self, what: object) -> None:
        """Have a page worked out."""

    def result(self, *, wait: bool) -> Any:
        """The next page, or None if it is not known yet. Raises Lost."""

    def close(self) -> None:
        """Let it end."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How another process comes to what this one plans under: the hub's folder, the connection's name, what its
    connector says of its streams and whether it can be read."""

    folder: Path
    name: str
    infos: Sequence[StreamInfo]
    can_read: bool


@dataclass(slots=True)
class _Begun:
    """A page under way. ``before`` are those that were not stored when it was begun. ``page`` is None while the process
    beside works it out."""

    due: Due
    before: Sequence[_Begun]
    page: Page | None


@contextmanager
def planned_along(store: Store, planner: Planner, elsewhere: Elsewhere | None) -> Iterator[Along]:
    """Give ``Along.pages`` what is due. ``elsewhere`` is None where nobody may help."""
    child: Helps | None = None
    address = store.address_for_others
    if elsewhere is not None and address is not None and _is_much(store, planner.target):
        child = start_child("solmu.sync.plan_beside", (elsewhere, address, planner.task), planner.rules_hash)
    along = Along(planner, child)
    try:
        yield along
    finally:
        along.close()


def _is_much(store: Store, target: str) -> bool:
    with store.read() as connection:
        return dirty.waiting(connection, f"target:{target}") >= HELPED_FROM


class Along:
    """See ``planned_along``."""

    def __init__(self, planner: Plans, child: Helps | None) -> None:
        self._planner, self._child = planner, child
        self._given = self._again = 0

    def pages(self, dues: Iterable[Due]) -> Iterator[tuple[Due, Page]]:
        """Each of ``dues`` with its page, in their order. Store a page before the next one is asked for."""
        begun: deque[_Begun] = deque()
        for due in dues:
            begun.append(self._begin(due, tuple(begun)))
            while begun and self._is_due(begun):
                yield self._finished(begun)
        while begun:
            yield self._finished(begun)

    def close(self) -> None:
        """Let the process beside go."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _begin(self, due: Due, before: Sequence[_Begun]) -> _Begun:
        try:
            if self._child is not None and self._given < _GIVEN and self._child.is_ready():
                self._child.give(due)
                self._given += 1
                return _Begun(due, before, None)
        except Lost:
            self.close()
        return _Begun(due, before, self._planner.page(due))

    def _is_due(self, begun: deque[_Begun]) -> bool:
        """Whether the first of those under way can be stored, or must be, so that there are not too many."""
        first, many = begun[0], len(begun) >= _UNDER_WAY
        if first.page is None:
            first.page = self._result(first, wait=many)
        return first.page is not None

    def _finished(self, begun: deque[_Begun]) -> tuple[Due, Page]:
        first = begun[0]
        page = first.page or self._result(first, wait=True)
        assert page is not None
        if not all(each.page is None or each.page.touched.isdisjoint(page.looked_at) for each in first.before):
            page = self._planner.page(first.due)
            self._again += 1
            if self._again == _AGAIN:
                self.close()
        first.page, first.before = page, ()
        begun.popleft()
        return first.due, page

    def _result(self, begun: _Begun, *, wait: bool) -> Page | None:
        """What the process beside has made of it; where that is of no use any more, what this one makes of it."""
        try:
            if self._child is not None:
                page: Page | None = self._child.result(wait=wait)
                self._given -= page is not None
                return page
        except Lost:
            self.close()
        begun.before = ()  # they are stored by now
        return self._planner.page(begun.due)
