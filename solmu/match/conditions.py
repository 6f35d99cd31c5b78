"""What may hold of two rows: written as SQL for Splink, and tested in Python by the compiled scorer.

Conditions never say "not", so that SQL's null and Python's False mean the same. All text is folded ASCII, on which
DuckDB's byte-wise distances equal those of rapidfuzz.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

Row = Mapping[str, Any]
"""Text, lists of text, None where there is nothing to compare; see ``rows``."""


class Condition(ABC):
    """Something that holds of two rows or does not."""

    @property
    @abstractmethod
    def sql(self) -> str:
        """In DuckDB's SQL, over columns that end in ``_l`` and ``_r``."""

    @abstractmethod
    def holds(self, left: Row, right: Row) -> bool:
        """The same in Python."""


@dataclass(frozen=True, slots=True)
class Missing(Condition):
    """One side has nothing in the column."""

    column: str

    @property
    def sql(self) -> str:
        return f"({self.column}_l IS NULL OR {self.column}_r IS NULL)"

    def holds(self, left: Row, right: Row) -> bool:
        return left[self.column] is None or right[self.column] is None


@dataclass(frozen=True, slots=True)
class Same(Condition):
    """Equal text."""

    column: str

    @property
    def sql(self) -> str:
        return f"{self.column}_l = {self.column}_r"

    def holds(self, left: Row, right: Row) -> bool:
        value = left[self.column]
        return value is not None and bool(value == right[self.column])


@dataclass(frozen=True, slots=True)
class Differs(Condition):
    """Both have something, and not the same."""

    column: str

    @property
    def sql(self) -> str:
        return f"{self.column}_l <> {self.column}_r"

    def holds(self, left: Row, right: Row) -> bool:
        one, two = left[self.column], right[self.column]
        return one is not None and two is not None and bool(one != two)


@dataclass(frozen=True, slots=True)
class Slip(Condition):
    """One letter too many, missing, changed or swapped with its neighbour; or up to ``most`` such slips."""

    column: str
    most: int = 1

    @property
    def sql(self) -> str:
        return f"damerau_levenshtein({self.column}_l, {self.column}_r) <= {self.most}"

    def holds(self, left: Row, right: Row) -> bool:
        one, two = left[self.column], right[self.column]
        if one is None or two is None or abs(len(one) - len(two)) > self.most:
            return False
        return DamerauLevenshtein.distance(one, two, score_cutoff=self.most) <= self.most


@dataclass(frozen=True, slots=True)
class Begins(Condition):
    """One text begins with the other, or is it."""

    column: str

    @property
    def sql(self) -> str:
        name = self.column
        return f"(left({name}_l, length({name}_r)) = {name}_r OR left({name}_r, length({name}_l)) = {name}_l)"

    def holds(self, left: Row, right: Row) -> bool:
        one, two = left[self.column], right[self.column]
        return one is not None and two is not None and bool(one.startswith(two) or two.startswith(one))


@dataclass(frozen=True, slots=True)
class Crossed(Condition):
    """What one side has in a column, the other has in another column."""

    column: str
    other: str

    @property
    def sql(self) -> str:
        return f"({self.column}_l = {self.other}_r OR {self.other}_l = {self.column}_r)"

    def holds(self, left: Row, right: Row) -> bool:
        pairs = ((left[self.column], right[self.other]), (left[self.other], right[self.column]))
        return any(one is not None and one == two for one, two in pairs)


@dataclass(frozen=True, slots=True)
class Swapped(Condition):
    """Both sides have the same in two columns, each in the other's place."""

    column: str
    other: str

    @property
    def sql(self) -> str:
        return f"({self.column}_l = {self.other}_r AND {self.other}_l = {self.column}_r)"

    def holds(self, left: Row, right: Row) -> bool:
        pairs = ((left[self.column], right[self.other]), (left[self.other], right[self.column]))
        return all(one is not None and one == two for one, two in pairs)


@dataclass(frozen=True, slots=True)
class Similar(Condition):
    """Jaro–Winkler similarity of at least ``least``; a number that no pair of short words hits exactly."""

    column: str
    least: float

    @property
    def sql(self) -> str:
        return f"jaro_winkler_similarity({self.column}_l, {self.column}_r) >= {self.least}"

    def holds(self, left: Row, right: Row) -> bool:
        one, two = left[self.column], right[self.column]
        return one is not None and two is not None and JaroWinkler.similarity(one, two) >= self.least


@dataclass(frozen=True, slots=True)
class Shares(Condition):
    """The lists have an item in common."""

    column: str

    @property
    def sql(self) -> str:
        return f"list_has_any({self.column}_l, {self.column}_r)"

    def holds(self, left: Row, right: Row) -> bool:
        one, two = left[self.column], right[self.column]
        return one is not None and two is not None and not set(one).isdisjoint(two)


@dataclass(frozen=True, slots=True)
class Contains(Condition):
    """All items of one list are in the other."""

    column: str

    @property
    def sql(self) -> str:
        name = self.column
        return f"(list_has_all({name}_l, {name}_r) OR list_has_all({name}_r, {name}_l))"

    def holds(self, left: Row, right: Row) -> bool:
        one, two = left[self.column], right[self.column]
        return one is not None and two is not None and (set(one) <= set(two) or set(two) <= set(one))


@dataclass(frozen=True, slots=True)
class Both(Condition):
    """All of the conditions."""

    conditions: tuple[Condition, ...]

    @property
    def sql(self) -> str:
        return "(" + " AND ".join(condition.sql for condition in self.conditions) + ")"

    def holds(self, left: Row, right: Row) -> bool:
        return all(condition.holds(left, right) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Either(Condition):
    """One of the conditions."""

    conditions: tuple[Condition, ...]

    @property
    def sql(self) -> str:
        return "(" + " OR ".join(condition.sql for condition in self.conditions) + ")"

    def holds(self, left: Row, right: Row) -> bool:
        return any(condition.holds(left, right) for condition in self.conditions)


class Otherwise(Condition):
    """What is left."""

    @property
    def sql(self) -> str:
        return "ELSE"

    def holds(self, left: Row, right: Row) -> bool:
        return True
