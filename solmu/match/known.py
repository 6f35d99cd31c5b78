"""Mentions as resolving hands them round."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from solmu.match.blocking import block_keys
from solmu.match.card import SILENT, SPEAKS
from solmu.match.cluster import Traits
from solmu.match.conditions import Row
from solmu.match.features import Features
from solmu.match.rows import row
from solmu.model import Entity


def looked() -> tuple[Features, int]:
    """How to look at what was looked at before: not at all."""
    raise AssertionError


@dataclass(slots=True)
class Known:
    """One mention as matching sees it; not to be changed."""

    id: int
    record_id: int
    state: str
    public_id: str
    remembered: bool
    traits: Traits
    _look: Callable[[], tuple[Features, int]]  # many are asked for no more than the above
    _seen: tuple[Features, int] | None = None
    _row: Row | None = None

    @property
    def features(self) -> Features:
        """What matching knows of it."""
        return self._looked()[0]

    @property
    def look(self) -> int:
        """The same number for mentions that look the same, whose features are equal."""
        return self._looked()[1]

    def _looked(self) -> tuple[Features, int]:
        if self._seen is None:
            self._seen, self._look = self._look(), looked  # which lets go what it was made of
        return self._seen

    @property
    def compared(self) -> bool:
        """Whether others are compared with it: it speaks, or is remembered as its list or form showed it last. Nobody
        is compared with what was deleted in a CRM: people there wanted it gone."""
        return self.remembered or self.state in SPEAKS

    @property
    def silent(self) -> bool:
        """Whether it stays as it was judged last."""
        return self.state in SILENT and not self.remembered

    @property
    def row(self) -> Row:
        """Its features for the comparisons."""
        if self._row is None:
            self._row = row(self.features)
        return self._row

    @property
    def keys(self) -> frozenset[str]:
        """Its block keys; none for what is not compared."""
        return block_keys(self.features) if self.compared else frozenset()


class Page(NamedTuple):
    """Some mentions of one entity; ``turn`` is the same for all that are resolved together."""

    turn: int
    entity: Entity
    ids: Sequence[int]


class Seen(NamedTuple):
    """A mention as the index needs it: its block keys, where it stands in line, and what a shelf keeps of it."""

    id: int
    keys: frozenset[str]
    place: str
    text: bytes


def packed(seen: Iterable[Seen]) -> bytes:
    """As it goes from one process to another, and waits there."""
    return marshal.dumps([tuple(one) for one in seen])


def unpacked(seen: bytes) -> list[Seen]:
    """What was packed."""
    return [Seen._make(one) for one in marshal.loads(seen)]  # noqa: S302 (our own parent or child)
