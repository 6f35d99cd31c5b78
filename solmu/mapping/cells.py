"""Reads a field of many rows at once: what a text in its column says is found out once, and then only looked up.

Nearly every cell of a list holds a text that makes sense, or nothing. Any other (a number of a workbook, a list, a text
that is no phone number) is read the way in which a single row is, so that there is one place that knows what it means.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import chain, repeat
from types import NoneType
from typing import Any, Protocol

from solmu.errors import Skippable
from solmu.mapping.columns import Column, Get, Unusable, compiled_path
from solmu.mapping.row import Columns, Fill, Pairs, Row
from solmu.mapping.specs import MEMO, Maker, RowOption
from solmu.normalise.invalid import Invalid

Keys = Callable[[Sequence[Row]], Iterable[Hashable]]
"""Of each row, what decides about the field there."""

STRANGE: Any = object()
"""Stands in a key for whatever is neither a text nor nothing."""

_MANY, _NEARLY_ALL = 100, 0.9
_TEXT_OR_NOTHING = frozenset({str, NoneType})


class ReadsMany(Protocol):
    """Reads something of each of many rows."""

    def read(self, rows: Sequence[Row], odd: set[int]) -> Iterable[Pairs]:
        """The fields that each row fills, one or several. Rows that are to be read each by itself, since something in
        them is refused or left out, are added to ``odd``."""


class Cells:
    """``make`` gives the fields by the key of a row, None where ``fill`` is to say; each key is asked for once, up to a
    bound."""

    def __init__(self, keys: Keys, make: Callable[[Any], Pairs | None], fill: Fill) -> None:
        self._keys, self._make, self._fill = keys, make, fill
        self._made: dict[Any, Pairs | None] = {}
        self._unmade: set[Any] = set()

    def read(self, rows: Sequence[Row], odd: set[int]) -> list[Pairs]:
        """See ``ReadsMany``."""
        keys, made = list(self._keys(rows)), self._made
        different = set(keys)
        fresh = different.difference(made)
        # Up to a bound; and where nearly all are new, as numbers of orders are, to remember them is nothing but a cost.
        if len(made) >= MEMO or len(fresh) > max(_MANY, _NEARLY_ALL * len(different)):
            made.clear()
            self._unmade.clear()
            fresh = different
        for key in fresh:
            made[key] = pairs = self._make(key)
            if pairs is None:
                self._unmade.add(key)
        found: list[Any] = list(map(made.__getitem__, keys))
        if not self._unmade.isdisjoint(keys):
            for number, pairs in enumerate(found):
                if pairs is None:
                    found[number] = self._filled(rows[number], number, odd)
        return found

    def _filled(self, row: Row, number: int, odd: set[int]) -> Pairs:
        row = Row(row.payload, row.connection)
        fields: dict[str, Any] = {}
        try:
            self._fill(row, fields, {})
        except Skippable:
            odd.add(number)
        if row.warnings:
            odd.add(number)
        return tuple(fields.items())


def plainly(*fills: Fill) -> Cells:
    """Reads many rows one by one."""

    def fill_all(row: Row, fields: dict[str, Any], columns: dict[str, Columns]) -> None:
        for fill in fills:
            fill(row, fields, columns)

    return Cells(lambda rows: repeat(STRANGE, len(rows)), lambda _: None, fill_all)


def read_together(many: Sequence[ReadsMany], rows: Sequence[Row], odd: set[int]) -> Iterator[dict[str, Any]]:
    """All fields of each row. What the later ones read goes before what the earlier ones do; see ``ReadsMany``."""
    found = [each.read(rows, odd) for each in many]
    return map(dict, map(chain.from_iterable, zip(*found, strict=True))) if found else ({} for _ in rows)


class Same:
    """What is the same in every row."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs

    def read(self, rows: Sequence[Row], odd: set[int]) -> Iterable[Pairs]:
        """See ``ReadsMany``."""
        return repeat(self._pairs, len(rows))


def cells(
    sources: Sequence[Column],
    maker: Maker,
    fill: Fill,
    pairs: Callable[[Any], Pairs],
    *,
    blank: Pairs,
    join: Callable[[Pairs, Pairs], Pairs] | None = None,
) -> Cells:
    """A field whose ``maker`` gives a value by the text of a column, and ``pairs`` the fields that a value fills.

    Of several columns the first counts that says something; all do where ``join`` joins what two of them say. ``blank``
    is what it comes to where none does.
    """
    columns: list[Keys] = [texts_of(each) for each in sources]
    if maker.option is not None:
        columns.append(_options(maker.option))

    def of_text(key: Any) -> Pairs | None:
        """Of one column: by far the most frequent."""
        if key is STRANGE:
            return None
        value = maker.fresh(key) if key else None
        return None if value.__class__ is Invalid else blank if value is None else pairs(value)

    def of_texts(key: tuple[Any, ...]) -> Pairs | None:
        texts, option = (key, ()) if maker.option is None else (key[:-1], key[-1:])
        said: Pairs = ()
        for text in texts:
            if text is STRANGE:
                return None
            value = maker.fresh((text, *option) if option else text) if text else None
            if value.__class__ is Invalid:
                return None
            if value is not None:
                if join is None:
                    return pairs(value)
                said = join(said, pairs(value)) if said else pairs(value)
        return said or blank

    if len(columns) == 1:
        return Cells(columns[0], of_text, fill)
    return Cells(lambda rows: zip(*(each(rows) for each in columns), strict=True), of_texts, fill)


def texts_of(column: Column) -> Callable[[Sequence[Row]], list[Any]]:
    """The text of a column in each row: None where there is nothing, STRANGE where there is something else."""
    path = compiled_path(column.text)
    name, get = column.text, column.get

    def texts(rows: Sequence[Row]) -> list[Any]:
        found = [row.payload.get(name) for row in rows] if path is None else [_reached(get, row) for row in rows]
        if not _TEXT_OR_NOTHING.issuperset(map(type, found)):
            return [each if type(each) in _TEXT_OR_NOTHING else STRANGE for each in found]
        return found

    return texts


def _reached(get: Get, row: Row) -> Any:
    try:
        return get(row.payload)
    except Unusable:
        return STRANGE


def _options(option: RowOption) -> Keys:
    if len(option.columns) != 1 or option.maker.option is not None:
        return lambda rows: map(option, rows)
    texts = texts_of(option.columns[0])

    def options(rows: Sequence[Row]) -> Iterable[Any]:
        found = texts(rows)
        by_text = dict(zip(found, rows, strict=True))  # some row with that text
        if STRANGE in by_text:
            return map(option, rows)
        known = {text: option(row) for text, row in by_text.items()}
        return map(known.__getitem__, found)

    return options
