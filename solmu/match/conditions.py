"""What may hold of two rows, in two languages: SQL for Splink, and Python for the compiled scorer.

Conditions say "not" only of two values that are there, so that SQL's null and Python's False mean the same. All text is
folded ASCII, on which DuckDB's byte-wise distances equal those of rapidfuzz.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

Row = Mapping[str, Any]
"""Text, lists of text, None where there is nothing to compare; see ``rows``."""


class Condition(ABC):
    """Something that holds of two rows or does not."""

    @property
    @abstractmethod
    def sql(self) -> str:
        """In DuckDB's SQL, over columns that end in ``_l`` and ``_r``."""

    @property
    @abstractmethod
    def python(self) -> str:
        """The same as an expression of Python over the rows ``left`` and ``right``."""


@dataclass(frozen=True, slots=True)
class Missing(Condition):
    """One side has nothing in the column."""

    column: str

    @property
    def sql(self) -> str:
        return f"({self.column}_l IS NULL OR {self.column}_r IS NULL)"

    @property
    def python(self) -> str:
        return f"(left[{self.column!r}] is None or right[{self.column!r}] is None)"


@dataclass(frozen=True, slots=True)
class Same(Condition):
    """Equal text."""

    column: str

    @property
    def sql(self) -> str:
        return f"{self.column}_l = {self.column}_r"

    @property
    def python(self) -> str:
        return _equal(self.column, self.column)


@dataclass(frozen=True, slots=True)
class Differs(Condition):
    """Both have something, and not the same."""

    column: str

    @property
    def sql(self) -> str:
        return f"{self.column}_l <> {self.column}_r"

    @property
    def python(self) -> str:
        return _of_both("differ", self.column)


@dataclass(frozen=True, slots=True)
class Slip(Condition):
    """One letter too many, missing, changed or swapped with its neighbour; or up to ``most`` such slips."""

    column: str
    most: int = 1

    @property
    def sql(self) -> str:
        return f"damerau_levenshtein({self.column}_l, {self.column}_r) <= {self.most}"

    @property
    def python(self) -> str:
        return _of_both("slips", self.column, self.most)


@dataclass(frozen=True, slots=True)
class Begins(Condition):
    """One text begins with the other, or is it."""

    column: str

    @property
    def sql(self) -> str:
        name = self.column
        return f"(left({name}_l, length({name}_r)) = {name}_r OR left({name}_r, length({name}_l)) = {name}_l)"

    @property
    def python(self) -> str:
        return _of_both("begin", self.column)


@dataclass(frozen=True, slots=True)
class Crossed(Condition):
    """What one side has in a column, the other has in another column."""

    column: str
    other: str

    @property
    def sql(self) -> str:
        return f"({self.column}_l = {self.other}_r OR {self.other}_l = {self.column}_r)"

    @property
    def python(self) -> str:
        return f"({_equal(self.column, self.other)} or {_equal(self.other, self.column)})"


@dataclass(frozen=True, slots=True)
class Swapped(Condition):
    """Both sides have the same in two columns, each in the other's place."""

    column: str
    other: str

    @property
    def sql(self) -> str:
        return f"({self.column}_l = {self.other}_r AND {self.other}_l = {self.column}_r)"

    @property
    def python(self) -> str:
        return f"({_equal(self.column, self.other)} and {_equal(self.other, self.column)})"


@dataclass(frozen=True, slots=True)
class Similar(Condition):
    """Jaro–Winkler similarity of at least ``least``; a number that no pair of short words hits exactly."""

    column: str
    least: float

    @property
    def sql(self) -> str:
        return f"jaro_winkler_similarity({self.column}_l, {self.column}_r) >= {self.least}"

    @property
    def python(self) -> str:
        return _of_both("similar", self.column, self.least)


@dataclass(frozen=True, slots=True)
class Dissimilar(Condition):
    """Both have something, and their Jaro–Winkler similarity is below ``most``."""

    column: str
    most: float

    @property
    def sql(self) -> str:
        return f"jaro_winkler_similarity({self.column}_l, {self.column}_r) < {self.most}"

    @property
    def python(self) -> str:
        return _of_both("dissimilar", self.column, self.most)


@dataclass(frozen=True, slots=True)
class Shares(Condition):
    """The lists have an item in common."""

    column: str

    @property
    def sql(self) -> str:
        return f"list_has_any({self.column}_l, {self.column}_r)"

    @property
    def python(self) -> str:
        return _of_both("share", self.column)


@dataclass(frozen=True, slots=True)
class Apart(Condition):
    """Both lists have items, and none in common."""

    column: str

    @property
    def sql(self) -> str:
        return f"NOT list_has_any({self.column}_l, {self.column}_r)"

    @property
    def python(self) -> str:
        return _of_both("apart", self.column)


@dataclass(frozen=True, slots=True)
class Contains(Condition):
    """All items of one list are in the other."""

    column: str

    @property
    def sql(self) -> str:
        name = self.column
        return f"(list_has_all({name}_l, {name}_r) OR list_has_all({name}_r, {name}_l))"

    @property
    def python(self) -> str:
        return _of_both("contain", self.column)


@dataclass(frozen=True, slots=True)
class Both(Condition):
    """All of the conditions."""

    conditions: tuple[Condition, ...]

    @property
    def sql(self) -> str:
        return "(" + " AND ".join(condition.sql for condition in self.conditions) + ")"

    @property
    def python(self) -> str:
        return "(" + " and ".join(condition.python for condition in self.conditions) + ")"


@dataclass(frozen=True, slots=True)
class Either(Condition):
    """One of the conditions."""

    conditions: tuple[Condition, ...]

    @property
    def sql(self) -> str:
        return "(" + " OR ".join(condition.sql for condition in self.conditions) + ")"

    @property
    def python(self) -> str:
        return "(" + " or ".join(condition.python for condition in self.conditions) + ")"


class Otherwise(Condition):
    """What is left."""

    @property
    def sql(self) -> str:
        return "ELSE"

    @property
    def python(self) -> str:
        return "True"


def first_that_holds(conditions: Sequence[Condition]) -> Callable[[Row, Row], int]:
    """A function that gives the position of the first condition that holds of two rows; the last must always hold.

    It is put together as one expression, as SQL has it: to ask one condition after another costs several times as much.
    """
    places = [f"{place} if {condition.python} else" for place, condition in enumerate(conditions[:-1])]
    text = f"lambda left, right: {' '.join(places)} {len(conditions) - 1}"
    return cast(Callable[[Row, Row], int], eval(text, dict(_WORDS)))  # noqa: S307 (made of our own comparisons)


def _equal(mine: str, theirs: str) -> str:
    return f"(left[{mine!r}] is not None and left[{mine!r}] == right[{theirs!r}])"


def _of_both(word: str, column: str, *more: float) -> str:
    values = [f"left[{column!r}]", f"right[{column!r}]", *map(repr, more)]
    return f"({values[0]} is not None and {values[1]} is not None and {word}({', '.join(values)}))"


def _slips(one: str, two: str, most: int) -> bool:
    return abs(len(one) - len(two)) <= most and DamerauLevenshtein.distance(one, two, score_cutoff=most) <= most


def _share(one: Sequence[str], two: Sequence[str]) -> bool:
    return one[0] in two if len(one) == 1 else not set(one).isdisjoint(two)


_WORDS: dict[str, Callable[..., bool]] = {
    "differ": lambda one, two: one != two,
    "slips": _slips,
    "begin": lambda one, two: one.startswith(two) or two.startswith(one),
    "similar": lambda one, two, least: JaroWinkler.similarity(one, two) >= least,
    "dissimilar": lambda one, two, most: JaroWinkler.similarity(one, two) < most,
    "share": _share,
    "apart": lambda one, two: not _share(one, two),
    "contain": lambda one, two: set(one) <= set(two) or set(two) <= set(one),
}
"""What the expressions say of two values that are there."""
