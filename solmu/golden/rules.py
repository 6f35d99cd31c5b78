"""Survivorship rules, compiled from ``hub.yaml``. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from solmu.config.settings import FOR_ALL
from solmu.model import FIELDS, CanonicalField, Entity

if TYPE_CHECKING:
    from solmu.config import Hub


class Rule(StrEnum):
    """By which of several values one survives.

    ``rank`` the best source's; of one source the fuller record's, then the newer's, then that of the one that came
    first · ``newest`` the one that changed last; where that cannot be told the best source's, and of sources that rank
    alike as ``ask`` · ``complete`` the one with the most of its group filled in · ``frequent`` the one said most often
    · ``longest`` · ``union`` all of them · ``ask`` as rank, but a field that both sides changed is a conflict for a
    steward · ``hub`` what a CRM says comes last · ``crm`` what a CRM says comes first, and is pushed only when a record
    is created · ``crm-unless-blank`` what a CRM says comes first, its blanks are filled, and what we wrote there
    follows the hub until somebody changes it.
    """

    RANK = "rank"
    NEWEST = "newest"
    COMPLETE = "complete"
    FREQUENT = "frequent"
    LONGEST = "longest"
    UNION = "union"
    ASK = "ask"
    HUB = "hub"
    CRM = "crm"
    CRM_UNLESS_BLANK = "crm-unless-blank"
    ANY = "any"
    PIN = "pin"


# A person who opted out anywhere has opted out, and a key account is one whoever says so: no rule may revive these.
ALWAYS = dict.fromkeys(FOR_ALL, Rule.ANY)


@dataclass(frozen=True)
class Rules:
    """Which rule holds for which field, and how sources rank.

    ``sources``: connection names or patterns, best first. ``crms``: the connections that are targets too.
    ``by_field``: {entity: {field or group: rule}}. ``custom``: the hub's own fields.
    """

    sources: Sequence[str] = ()
    crms: frozenset[str] = frozenset()
    default: Rule = Rule.RANK
    by_field: Mapping[Entity, Mapping[str, Rule]] = field(default_factory=dict)
    custom: Mapping[Entity, Sequence[CanonicalField]] = field(default_factory=dict)

    @classmethod
    def of_hub(cls, hub: Hub) -> Rules:
        """The rules that a hub's configuration states."""
        stated = hub.settings.survivorship
        return cls(
            sources=stated.sources,
            crms=frozenset(c.name for c in hub.connections.values() if c.is_target and c.is_source),
            default=Rule(stated.default),
            by_field={entity: {name: Rule(rule) for name, rule in stated.rules(entity).items()} for entity in Entity},
            custom={entity: hub.settings.custom_fields(entity) for entity in Entity},
        )

    def rule(self, entity: Entity, name: str) -> Rule:
        """The rule of a field: its own, else its group's, else the default; of several values, all."""
        if name in ALWAYS:
            return ALWAYS[name]
        declared = self.by_field.get(entity, {})
        canonical = self.fields[entity].get(name)
        if name in declared:
            return declared[name]
        if canonical is not None and canonical.group in declared:
            return declared[canonical.group or ""]
        if canonical is not None and canonical.many:
            return Rule.UNION
        return self.default

    def for_files(self) -> Rules:
        """The same for a target that nobody's words are ever read from: no rule there puts a CRM's before ours."""
        ours = {rule: Rule.RANK if rule in (Rule.CRM, Rule.CRM_UNLESS_BLANK) else rule for rule in Rule}
        by_field = {entity: {name: ours[rule] for name, rule in each.items()} for entity, each in self.by_field.items()}
        return replace(self, default=ours[self.default], by_field=by_field)

    def states(self, rule: Rule) -> bool:
        """Whether that rule holds for any field."""
        return rule is self.default or any(rule in each.values() for each in self.by_field.values())

    def rank(self, connection: str) -> int:
        """0 is best; a source that nobody ranked comes after all that somebody did."""
        found = self._ranks.get(connection)
        if found is None:
            found = next(
                (place for place, pattern in enumerate(self.sources) if fnmatchcase(connection, pattern)),
                len(self.sources),
            )
            self._ranks[connection] = found
        return found

    def groups(self, entity: Entity, said: frozenset[str]) -> Sequence[tuple[Rule, Sequence[str]]]:
        """These fields in the model's order, those that belong together in one list, and the rule of each list.

        A field with another rule than the rest of its group stands alone: no rule can hold for a part of what wins as
        a whole.
        """
        found = self._groups.get((entity, said))
        if found is None:
            found = self._groups[entity, said] = self._grouped(entity, said)
        return found

    def _grouped(self, entity: Entity, said: frozenset[str]) -> list[tuple[Rule, Sequence[str]]]:
        known = self.fields[entity]
        groups: dict[tuple[str, Rule], list[str]] = {}
        for name in [*(name for name in known if name in said), *sorted(said - known.keys())]:
            field = known.get(name)
            rule = self.rule(entity, name)
            groups.setdefault(((field.group if field else None) or name, rule), []).append(name)
        return [(rule, names) for (_, rule), names in groups.items()]

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {}

    @cached_property
    def _groups(self) -> dict[tuple[Entity, frozenset[str]], Sequence[tuple[Rule, Sequence[str]]]]:
        return {}

    @cached_property
    def fields(self) -> dict[Entity, dict[str, CanonicalField]]:
        """All fields of each entity, the hub's own among them."""
        return {
            entity: fields | {each.name: each for each in self.custom.get(entity, ())}
            for entity, fields in FIELDS.items()
        }
