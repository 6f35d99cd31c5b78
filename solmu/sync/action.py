"""What planning one record is given, and what it gives: plain values.

Each field has three values in play: what the hub *wants*, what the target *holds*, and what the two last *agreed* on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from solmu.exchange import FieldInfo

Agreement = Mapping[str, Any]
"""``{"hub", "target"}``: the agreed value in the hub's form and in the target's; ``target`` only once it was seen."""

OPT_OUT = "opt_out"
CHANGES = "changes"
"""The rule of fields that have no survivorship (parents, what hangs on a record): the hub's changes go out, and what
people change in the target stays."""


class Wanted(Protocol):
    """What a target mapping wants in one field. ``source`` is the canonical field that the value comes from.

    ``parent`` names the stream whose record's id is wanted, ``assign`` asks for an owner; ``only_on`` is ``create``
    where a field is never touched again.
    """

    @property
    def value(self) -> Any: ...
    @property
    def source(self) -> str | None: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def assign(self) -> bool: ...
    @property
    def only_on(self) -> str | None: ...
    @property
    def required(self) -> bool: ...


class Kind(StrEnum):
    """What an action does."""

    CREATE = "create"
    UPDATE = "update"
    LINK = "link"  # stamps a record that the target had already with our id, perhaps with changes beside
    MERGE = "merge"  # a further record of one customer goes into the one that stays
    SKIP = "skip"
    CONFLICT = "conflict"


@dataclass(slots=True)
class GoldenView:
    """The golden record, or what hangs on it, as the planner sees it.

    ``rules`` gives the rule of each canonical field, ``pin`` for one that a steward has set; ``sources`` the record
    that each value comes from, as ``connection/stream/key`` (one an item for a field that holds many). ``values`` is
    what the mapping was given.
    """

    id: int
    version: int
    values: Mapping[str, Any]
    rules: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoteView:
    """The record in the target, as it was last seen. ``remote_id`` is None for a create that was never answered.

    ``ours`` are the fields that hold what we wrote there and nobody has changed since.
    """

    remote_id: str | None
    external_id: str | None = None
    stamped: bool = False
    observed: Mapping[str, Any] = field(default_factory=dict)
    agreed: Mapping[str, Agreement] = field(default_factory=dict)
    version: str | None = None
    ours: frozenset[str] = frozenset()


@dataclass(slots=True)
class Parent:
    """Where a parent record stands.

    ``remote_id``: it is in the target (``others`` are further records there of the same parent). ``subject``: this plan
    makes it. Neither: it cannot be had now, because making it failed.
    """

    remote_id: str | None = None
    others: frozenset[str] = frozenset()
    subject: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a new record goes to, and by which assignment rule."""

    value: str
    rule: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a steward said to a conflict, ``hub`` or ``target``, and to which two values."""

    choice: str
    hub: Any
    target: Any


@dataclass(slots=True)
class Context:
    """What else the plan of one record depends on.

    ``object`` is the target's stream, and ``fields`` describes its fields as far as the target does itself;
    ``external_id`` names the one that holds our id; ``demanded`` are those of them without which it takes no new
    record, where somebody has looked them out already.
    ``written`` counts, by field, how often in a row which value was written already. ``default_rule`` is the rule of
    what comes from no canonical field.
    """

    fields: Mapping[str, FieldInfo] = field(default_factory=dict)
    external_id: str | None = None
    parents: Mapping[str, Parent] = field(default_factory=dict)
    owner: Owner | None = None
    written: Mapping[str, tuple[Any, int]] = field(default_factory=dict)
    rewritten_times: int = 3
    rulings: Mapping[str, Ruling] = field(default_factory=dict)
    default_rule: str = "hub"
    object: str = ""
    demanded: Mapping[str, FieldInfo] | None = None


@dataclass(slots=True)
class Change:
    """One field's part of an action. ``new`` is None while it waits for a parent that the same plan makes.

    Not frozen, which would treble what making one costs, and every record has many; nobody changes one all the same.

    ``overrides``: the old value is what somebody wrote there since the two last agreed, and the rule lets it not stand.
    """

    old: Any
    new: Any
    rule: str
    source: str | None
    overrides: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As plans are stored and shown."""
        shown = {"old": self.old, "new": self.new, "rule": self.rule, "source": self.source}
        return shown | {"overrides": True} if self.overrides else shown


@dataclass(frozen=True, slots=True)
class Clash:
    """Both sides changed a field on which they had agreed."""

    hub: Any
    target: Any
    agreed: Any


@dataclass(slots=True)
class Action:
    """What to do about one record.

    ``state`` is ``planned`` if it is to be sent, else what it is already: unchanged, conflicting, rejected, blocked,
    held. ``agreed`` are fields newly found equal. ``emptied`` are required fields that the hub has no value for any
    more while the target has.
    """

    kind: Kind
    state: str
    fields: Mapping[str, Change] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)
    agreed: Mapping[str, Agreement] = field(default_factory=dict)
    conflicts: Mapping[str, Clash] = field(default_factory=dict)
    emptied: tuple[str, ...] = ()
    code: str | None = None
    message: str | None = None
    field: str | None = None
