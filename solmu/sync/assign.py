"""Who owns a new record in the target. Pure.

The first rule of ``assignment:`` whose conditions all hold decides; what no rule fits goes to the default, under a name
of its own so that it can be counted. An existing owner is never changed: the planner asks only when it creates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from solmu.sync.action import Owner

PARTNER = "partner"
_BY_RULE = "assign "


class Rule(Protocol):
    """One rule: ``when`` names canonical fields of the organisation, or ``partner``, with the values that fit."""

    @property
    def when(self) -> Mapping[str, Sequence[Any]]: ...
    @property
    def owner(self) -> str: ...


class Assignment(Protocol):
    """``assignment:`` of hub.yaml."""

    @property
    def rules(self) -> Sequence[Rule]: ...
    @property
    def default(self) -> str | None: ...


def owner_of(assignment: Assignment, values: Mapping[str, Any], partners: Iterable[str] = ()) -> Owner | None:
    """The owner of a new record, or None where the target shall decide.

    ``values`` are those of the organisation, or of the person where there is none; ``partners`` are the partners who
    reported a lead, earliest first: who came first decides.
    """
    facts = {**values, PARTNER: next(iter(partners), None)} if assignment.rules else {}
    for number, rule in enumerate(assignment.rules, start=1):
        if all(_fits(facts.get(name), wanted) for name, wanted in rule.when.items()):
            return Owner(rule.owner, f"{_BY_RULE}{number}")
    return None if assignment.default is None else Owner(assignment.default, f"{_BY_RULE}default")


def naming_rule(message: str | None, rule: str) -> str | None:
    """Why a target refused a field, with where its value came from if ``assignment:`` gave it."""
    if not message or not rule.startswith(_BY_RULE):
        return message
    which = rule.removeprefix(_BY_RULE)
    place = f"assignment.{which}" if which == "default" else f"rule {which} of assignment"
    return f"{message} (the owner is from {place} in hub.yaml)"


def _fits(value: Any, wanted: Sequence[Any]) -> bool:
    held = value if isinstance(value, list | tuple) else [value]
    return any(_plain(one) == _plain(other) for one in held for other in wanted if one is not None)


def _plain(value: Any) -> Any:
    return value.strip().casefold() if isinstance(value, str) else value
