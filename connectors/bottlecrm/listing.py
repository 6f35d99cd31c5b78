"""Reading a whole list in pages that stay whole while people work in it.

The API pages by offset. What is added or deleted meanwhile moves the rest, so that a record would come twice, or never.
Each page therefore begins with the last record of the one before; where that is no longer so, the list is gone through
again for what was missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from connectors.bottlecrm.objects import Kind, Part
from solmu.errors import Retriable

_PASSES = 3

Ask = Callable[[int, int], Mapping[str, Any]]
"""Gives the answer with so many rows of each part of the list (limit), from there on (offset)."""


class Listing:
    """One reading of a list; ``whole`` tells afterwards whether each of its records was seen."""

    def __init__(self, kind: Kind, ask: Ask, page: int) -> None:
        self._kind = kind
        self._ask = ask
        self._page = page
        self.whole = False

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """The records, each once, a page at a time."""
        seen: set[str] = set()
        for _ in range(_PASSES):
            steady = True
            for rows, undisturbed in self._one_pass():
                steady = steady and undisturbed
                new = [row for row in rows if row["id"] not in seen]
                seen.update(row["id"] for row in new)
                if new:
                    yield new
            if steady:
                self.whole = True
                return

    def count(self) -> int:
        """How many records there are."""
        answer = self._ask(1, 0)
        return sum(_number(answer, part) for part in self._kind.parts)

    def _one_pass(self) -> Iterator[tuple[list[dict[str, Any]], bool]]:
        """The pages from the first to the last, and whether each fits to the one before."""
        offset = 0
        last: dict[Part, str | None] = dict.fromkeys(self._kind.parts)
        total: int | None = None
        while True:
            answer = self._ask(self._page, offset)
            rows: list[dict[str, Any]] = []
            more = False
            count = sum(_number(answer, part) for part in self._kind.parts)
            steady = total in (None, count)
            total = count
            for part in self._kind.parts:
                found = _rows(answer, part)
                begins = last[part]
                if begins is not None:
                    steady = steady and bool(found) and found[0]["id"] == begins
                unfinished = bool(found) and offset + len(found) < _number(answer, part)
                last[part] = found[-1]["id"] if unfinished else None
                more = more or unfinished
                rows += found
            yield rows, steady
            if not more:
                return
            offset += self._page - 1


def rows_of(kind: Kind, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All the rows of one answer. Raises Retriable where there are none to be found in it."""
    return [row for part in kind.parts for row in _rows(answer, part)]


def _rows(answer: Mapping[str, Any], part: Part) -> list[dict[str, Any]]:
    rows = _at(answer, part.rows)
    if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("id") for row in rows):
        raise _unreadable()
    return rows


def _number(answer: Mapping[str, Any], part: Part) -> int:
    number = _at(answer, part.count)
    if not isinstance(number, int):
        raise _unreadable()
    return number


def _at(answer: Any, path: Sequence[str]) -> Any:
    for name in path:
        if not isinstance(answer, Mapping) or name not in answer:
            raise _unreadable()
        answer = answer[name]
    return answer


def _unreadable() -> Retriable:
    return Retriable("BottleCRM's list could not be read", code="garbled")
