"""Golden records, records in a target and past actions as the planner of one record is shown them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from solmu.model import Entity
from solmu.sync.action import Action, GoldenView, RemoteView
from solmu.sync.mirror import Known
from solmu.sync.views import Golden, Past


class Shown:
    """Shows golden records. ``sources`` names the record of each mention, ``rule`` gives the rule of an entity's
    field."""

    def __init__(self, sources: Mapping[Any, str], rule: Callable[[Entity, str], str]) -> None:
        self._sources, self._rule = sources, rule
        self._rules: dict[Entity, dict[str, str]] = {entity: {} for entity in Entity}

    def __call__(self, golden: Golden) -> GoldenView:
        rules, sources = {}, dict[str, str | Sequence[str]]()
        known, standing = self._sources, self._rules[golden.entity]
        for name, entry in golden.document.items():
            pinned = entry.get("rule") == "pin"
            if name not in standing:
                standing[name] = self._rule(golden.entity, name)
            # Of a rule that decides nothing here (two are as new), survivorship has made a question.
            rules[name] = entry["rule"] if entry.get("rule") in ("pin", "ask") else standing[name]
            mentions = entry.get("mentions")
            if mentions:
                sources[name] = [known.get(id, "") for id in mentions]
            elif pinned:
                sources[name] = "steward"
            elif (mention := entry.get("mention")) in known:
                sources[name] = known[mention]
        return GoldenView(golden.id, golden.version, golden.values, rules, sources)


def remote_view(remote: Known, external_id: str) -> RemoteView:
    """A record in a target, under the external id that it has or will have."""
    return RemoteView(
        remote.remote_id,
        external_id,
        remote.stamped,
        remote.observed,
        remote.agreed,
        remote.version,
        frozenset(remote.written),
    )


def would_be_refused(past: Past, action: Action) -> bool:
    """Whether this is what was refused already: neither side has changed since.

    What a plan has refused by itself, and would not refuse now, was never asked of the target.
    """
    if action.kind.value != past.action or (action.state == "planned" and past.foreseen):
        return False
    before = {name: (change["old"], change["new"]) for name, change in past.fields.items()}
    return before == {name: (change.old, change.new) for name, change in action.fields.items()}
