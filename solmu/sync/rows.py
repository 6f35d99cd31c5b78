"""The lines of a batch as rows of the store, before any of it is stored. Pure.

Plain values, so that another process can work them out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from solmu.store.sql import as_document
from solmu.sync.action import Change, Clash, Kind
from solmu.sync.drawn import Drawn, drawn
from solmu.sync.planned import Batch, Line

REMOTE = (
    "id",
    "target",
    "object",
    "external_id",
    "stamped",
    "mention_id",
    "hanging",
    "hanging_id",
    "role",
    "state",
    "written",
    "observed",
    "agreed",
    "updated_at",
)
ACTION = (
    "plan_id",
    "target",
    "object",
    "position",
    "action",
    "state",
    "subject",
    "golden_id",
    "golden_version",
    "hanging",
    "hanging_id",
    "remote_id",
    "remote_version",
    "external_id",
    "parents",
    "fields",
    "attempts",
    "code",
    "message",
    "field",
    "run_id",
    "updated_at",
    "remote_pk",
)
_NOTHING = as_document({})
_POSITION, _SUBJECT, _FIELDS, _CODE, _FIELD = map(ACTION.index, ("position", "subject", "fields", "code", "field"))

Values = tuple[Any, ...]


@dataclass(slots=True)
class Rows:
    """What a batch writes. ``actions`` go in the order of ``ACTION``; those of records that are to be made lack the id
    of theirs, and ``remotes`` are these records in turn, in the order of ``REMOTE`` without its id.

    ``agreed``, ``named`` and ``clashes`` go by the id of a record that is there: what it and the hub agree on now, our
    id for one that had none, and what both have changed. ``replaced`` are actions that these take the place of.
    ``overridden`` counts values of people that give way. ``drawn``, where they are asked for, are the lines of those
    actions that do something, as the plan is sealed over them.
    """

    actions: list[Values] = field(default_factory=list)
    remotes: list[Values] = field(default_factory=list)
    agreed: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    named: list[tuple[int, str]] = field(default_factory=list)
    clashes: dict[int, Mapping[str, Clash]] = field(default_factory=dict)
    replaced: list[int] = field(default_factory=list)
    roles: Mapping[int, str] = field(default_factory=dict)
    abandoned: Sequence[int] = ()
    kept_out: Counter[str] = field(default_factory=Counter)
    overridden: int = 0
    drawn: list[Drawn] = field(default_factory=list)


def rows_of(batch: Batch, target: str, plan_id: str, run_id: str, now: int, *, draw: bool = False) -> Rows:
    """The rows of a batch's lines, in their order. ``draw``: with the lines that a plan is sealed over."""
    rows = Rows(roles=batch.roles, abandoned=batch.abandoned, kept_out=batch.kept_out)
    for line in batch.lines:
        fields = {name: change.as_dict() for name, change in _shown(line).items()}
        action = _action(line, fields, target, plan_id, run_id, now)
        rows.actions.append(action)
        if draw and line.action.kind is not Kind.SKIP:
            rows.drawn.append(_drawn(line, fields, action))
        rows.replaced += line.replaces
        rows.overridden += sum(change.overrides for change in line.action.fields.values())
        record = line.remote
        if record is None:
            rows.remotes.append(_intended(line, target, now))
            continue
        if line.action.agreed:
            rows.agreed.append((record.id, {**record.agreed, **line.action.agreed}))
        if record.external_id is None:
            rows.named.append((record.id, line.external_id))
        if record.remote_id:
            rows.clashes[record.id] = line.action.conflicts
    return rows


def _intended(line: Line, target: str, now: int) -> Values:
    return (
        target,
        line.stream.name,
        line.external_id,
        False,
        None if line.hung else line.golden.id,  # a golden record's id is its anchor mention's
        line.hung.table if line.hung else None,
        line.hung.id if line.hung else None,
        "primary",
        "intended",
        _NOTHING,
        _NOTHING,
        _NOTHING,
        now,
    )


def _action(line: Line, fields: Mapping[str, Any], target: str, plan_id: str, run_id: str, now: int) -> Values:
    action = line.action
    code, name = action.code, action.field
    if code is None and action.emptied:
        code, name = "emptied", action.emptied[0]
    return (
        plan_id,
        target,
        line.stream.name,
        line.position,
        action.kind.value,
        action.state,
        line.subject,
        line.golden.id,
        line.golden.version,
        line.hung.table if line.hung else None,
        line.hung.id if line.hung else None,
        line.remote.remote_id if line.remote else None,
        line.remote.version if line.remote else None,
        line.external_id,
        as_document(dict(action.parents)) if action.parents else _NOTHING,
        as_document(fields),
        0,
        code,
        action.message,
        name,
        run_id,
        now,
        line.remote.id if line.remote else None,
    )


def _drawn(line: Line, fields: Mapping[str, Any], action: Values) -> Drawn:
    """The same as ``seal`` says it."""
    said = {
        "action": line.action.kind.value,
        "object": line.stream.name,
        "golden_id": line.golden.public_id,
        "remote_id": line.remote.remote_id if line.remote else None,
        "fields": fields,
        "subject": action[_SUBJECT],
        "parents": dict(line.action.parents),
        "position": action[_POSITION],
        "golden_version": line.golden.version,
        "remote_version": line.remote.version if line.remote else None,
        "hanging": f"{line.hung.table}/{line.hung.id}" if line.hung else None,
    }
    return drawn(said, action[_FIELDS], (line.action.state, action[_CODE], line.action.message, action[_FIELD]))


def _shown(line: Line) -> Mapping[str, Change]:
    """What a line says of its fields: what would change, or what both sides have changed."""
    if line.action.kind is not Kind.CONFLICT:
        return line.action.fields
    return {name: Change(clash.target, clash.hub, "ask", None) for name, clash in line.action.conflicts.items()}
