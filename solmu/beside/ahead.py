"""What a process beside this one works out ahead, page by page, while this one stores what came before.

It writes nothing. What it cannot work out, since there is none, or it is not ready yet, or it has died, is worked out
here when its turn comes, and comes to the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from solmu.beside.child import Lost

Page = TypeVar("Page")
Result = TypeVar("Result")

_GIVEN = 3
"""Pages that it is given ahead, so that it need not wait for the next; more would only be more memory."""


class Helps(Protocol):
    """A process beside: a ``Child``."""

    def is_ready(self) -> bool:
        """Whether it can work by now. Raises Lost."""

    def give(self, what: object) -> None:
        """Have something worked out."""

    def result(self, *, wait: bool) -> Any:
        """What came of the next one. Raises Lost."""

    def close(self) -> None:
        """Let it end."""


class Ahead:
    """Has pages worked out by ``child``, if there is one."""

    def __init__(self, child: Helps | None = None) -> None:
        self._child = child

    def close(self) -> None:
        """Let the process beside go."""
        if self._child is not None:
            self._child.close()
            self._child = None

    @property
    def is_helped(self) -> bool:
        """Whether there is such a process, ready or not yet."""
        return self._child is not None

    def is_ready(self) -> bool:
        """Whether it can work by now."""
        with suppress(Lost):
            return self._child is not None and self._child.is_ready()
        self.close()
        return False

    def each(self, what: str, pages: Iterable[Page], here: Callable[[Page], Result]) -> Iterator[tuple[Page, Result]]:
        """Each page, in their order, with its result: the other process is asked for ``what`` of it, in this one it is
        what ``here`` gives. Store a page before the next one is asked for."""
        given: deque[Page] = deque()
        try:
            for page in pages:
                ready = self.is_ready()
                if not (ready or given):
                    yield page, here(page)
                    continue
                given.append(page)
                if ready and self._child is not None:
                    self._child.give((what, page))
                    if len(given) < _GIVEN:
                        continue
                first = given.popleft()
                yield first, self._result(first, here)
            while given:
                first = given.popleft()
                yield first, self._result(first, here)
        finally:
            if given:  # nobody waits any more for the answers to come
                self.close()

    def _result(self, page: Page, here: Callable[[Page], Result]) -> Result:
        with suppress(Lost):
            if self._child is not None:
                result: Result = self._child.result(wait=True)
                return result
        self.close()
        return here(page)
