"""What planning a batch is given and what it gives: the streams of a target, the settings, and lines of a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from solmu.exchange import FieldInfo
from solmu.model import Entity
from solmu.sync import admission
from solmu.sync.action import Action, Kind, Wanted
from solmu.sync.assign import Assignment
from solmu.sync.mirror import Known
from solmu.sync.outbox import subject
from solmu.sync.views import Golden, Hung

_AFTER_ALL = 1000  # more than there are levels of streams


class Desires(Protocol):
    """What the planner needs of a target mapping."""

    def desired(self, document: Mapping[str, Any]) -> Mapping[str, Wanted]:
        """The wanted fields of a golden record's values."""


@dataclass(frozen=True, slots=True)
class TargetStream:
    """One stream of a target, with its mapping.

    ``entity`` is what its records are made from, or ``hanging`` the table of what hangs on one. ``parents`` are the
    streams that its records point at, ``level`` how many streams come before it. ``only`` and ``taken_back`` are the
    mapping's. ``merges``: of several records of one customer all but the first go into that one.
    """

    name: str
    mapping: Desires
    entity: Entity | None
    hanging: str | None
    rules: admission.Rules
    fields: Mapping[str, FieldInfo]
    external_id: str | None
    parents: frozenset[str] = frozenset()
    level: int = 0
    only: Mapping[str, Any] = field(default_factory=dict)
    taken_back: Mapping[str, Any] = field(default_factory=dict)
    merges: bool = False

    def takes(self, hung: Hung) -> bool:
        """Whether this is one of the things that hang on a record which the stream is for."""
        return hung.table == self.hanging and all(hung.document.get(name) == value for name, value in self.only.items())


@dataclass(frozen=True, slots=True)
class Settings:
    """What the hub's configuration says about planning. ``rule`` gives the rule of an entity's field."""

    rule: Callable[[Entity, str], str]
    assignment: Assignment
    rewritten_times: int
    mint: Callable[[], str]


@dataclass(slots=True)
class Line:
    """One line of a plan, ready to be stored. ``remote`` is what we know of its record; None: it is new."""

    stream: TargetStream
    golden: Golden
    hung: Hung | None
    remote: Known | None
    external_id: str
    action: Action
    replaces: tuple[int, ...] = ()

    @property
    def position(self) -> int:
        """When it is sent: parents before children, and merges last of all."""
        return self.stream.level + (_AFTER_ALL if self.action.kind is Kind.MERGE else 0)

    @property
    def subject(self) -> str:
        """The name of the record in the target that it is about."""
        return subject(self.stream.name, self.external_id)


@dataclass(slots=True)
class Batch:
    """What came of a batch. ``roles`` are records whose role changes, ``abandoned`` creates that are not needed."""

    lines: list[Line] = field(default_factory=list)
    kept_out: Counter[str] = field(default_factory=Counter)
    roles: dict[int, str] = field(default_factory=dict)
    abandoned: list[int] = field(default_factory=list)
