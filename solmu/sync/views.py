"""What the planner knows of a batch of golden records: plain values, which ``loading`` fills."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from solmu.model import Entity
from solmu.sync.action import Ruling
from solmu.sync.admission import Facts
from solmu.sync.mirror import Known


@dataclass(slots=True)
class Golden:
    """A golden record as it is stored."""

    id: int
    public_id: str
    entity: Entity
    state: str
    version: int
    document: Mapping[str, Mapping[str, Any]]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hung:
    """Something that hangs on a golden record. ``person`` is the golden record of the person in its source record."""

    table: str
    id: int
    document: Mapping[str, Any]
    source: str
    person: int | None


@dataclass(slots=True)
class Past:
    """An action of this or an earlier plan that still matters. ``foreseen``: the plan itself has refused it."""

    id: int
    plan_id: str
    state: str
    subject: str
    action: str
    fields: Mapping[str, Mapping[str, Any]]
    foreseen: bool = False


@dataclass(slots=True)
class Views:
    """A batch of golden records, those that they depend on, and what is known of them. All keyed by golden id."""

    target: str
    plan_id: str
    reasons: frozenset[str] | None = None  # those that admission looks at, if not all
    goldens: dict[int, Golden] = field(default_factory=dict)
    remotes: dict[int, list[Known]] = field(default_factory=lambda: defaultdict(list))
    facts: dict[int, Facts] = field(default_factory=dict)
    organisation: dict[int, int] = field(default_factory=dict)
    people: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    partners: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    hanging: dict[int, list[Hung]] = field(default_factory=lambda: defaultdict(list))
    hung_remotes: dict[tuple[str, int], Known] = field(default_factory=dict)  # by table and id
    deals_there: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))  # numbers of the target's own
    sources: dict[int, str] = field(default_factory=dict)  # by mention
    past: dict[int, list[Past]] = field(default_factory=lambda: defaultdict(list))
    written: dict[str, dict[str, tuple[Any, int]]] = field(default_factory=dict)  # by subject
    rulings: dict[int, dict[str, Ruling]] = field(default_factory=dict)  # by remote
    linked: dict[int, int] = field(default_factory=dict)  # by mention
    becoming: set[int] = field(default_factory=set)  # converted there into what has not landed yet
