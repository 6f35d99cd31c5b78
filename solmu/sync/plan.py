"""What a push would do to one record of a target. Pure: no clock, no database, no network.

A golden record's wanted fields are held against what the target is known to hold; ``judge`` says of each who gives way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from solmu.exchange import FieldInfo
from solmu.model import FIELDS
from solmu.sync import picklist, required
from solmu.sync.action import (
    CHANGES,
    OPT_OUT,
    Action,
    Agreement,
    Change,
    Clash,
    Context,
    GoldenView,
    Kind,
    Parent,
    RemoteView,
    Wanted,
)
from solmu.sync.equal import blank, fit, same
from solmu.sync.judge import Verdict, judge, target_form

REWRITTEN = "rewritten"
"""The code of an action with a field that somebody keeps changing back."""

_GROUPS = {name: each.group for fields in FIELDS.values() for name, each in fields.items() if each.group}


def plan_record(
    golden: GoldenView, wanted: Mapping[str, Wanted], remote: RemoteView | None, context: Context
) -> Action:
    """The action that brings the target's record to what the golden record says, as far as the rules allow.

    ``remote`` is None, or has no ``remote_id``, for a record that is not in the target.
    """
    if remote is None or remote.remote_id is None:
        return _create(golden, wanted, context)
    return _update(golden, wanted, remote, context)


# --- creating ---------------------------------------------------------------------------------------------------------


def _create(golden: GoldenView, wanted: Mapping[str, Wanted], context: Context) -> Action:
    fields: dict[str, Change] = {}
    parents: dict[str, str] = {}
    unlisted: list[str] = []
    demanded = required.demanded(context.fields) if context.demanded is None else context.demanded
    for name, want in wanted.items():
        has_nothing = want.value is None and not (want.parent or want.assign)
        if has_nothing and not (want.required or name in demanded):
            continue  # as most fields of most records
        info = context.fields.get(name)
        if info is not None and not info.createable:
            continue
        change = _initial(golden, want, info, context)
        parent = context.parents.get(want.parent) if want.parent else None
        if parent is not None and parent.remote_id is None and parent.subject is None:
            return Action(
                Kind.CREATE, "blocked", code="parent", message=f"its {want.parent} record could not be made", field=name
            )
        if parent is not None and parent.subject is not None:
            parents[name] = parent.subject
        if change is not None and info is not None and info.restricted and picklist.is_unlisted(change.new, info):
            if required.is_required(want, info):
                said = picklist.why(name, info)
                return _refused({**fields, name: change}, picklist.CODE, said, name)
            unlisted.append(name)
        elif change is not None:
            fields[name] = change
        elif required.is_required(want, info):
            return _refused(fields, required.CODE, required.why_blank(context.object, name, want), name)
    lacking = required.unmapped(demanded, wanted, context.external_id)
    if lacking is not None:
        name, info = lacking
        return _refused(fields, required.CODE, required.why_unmapped(context.object, name, info), name)
    if unlisted:
        said = picklist.why(unlisted[0], context.fields.get(unlisted[0]))
        return Action(Kind.CREATE, "planned", fields, parents, code=picklist.CODE, message=said, field=unlisted[0])
    return Action(Kind.CREATE, "planned", fields, parents)


def _refused(fields: Mapping[str, Change], code: str, message: str, name: str) -> Action:
    return Action(Kind.CREATE, "rejected", fields, code=code, message=message, field=name)


def _initial(golden: GoldenView, want: Wanted, info: FieldInfo | None, context: Context) -> Change | None:
    if want.assign:
        return Change(None, context.owner.value, context.owner.rule, None) if context.owner else None
    if want.parent:
        parent = context.parents.get(want.parent)
        return Change(None, parent.remote_id, CHANGES, parent.source) if parent else None
    if blank(want.value) or want.only_on == "update":
        return None
    value = picklist.listed(fit(want.value, info), info)
    return Change(None, value, _rule(golden, want, context), _source(golden, want))


# --- updating ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """An update in the making."""

    fields: dict[str, Change] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    agreed: dict[str, Agreement] = field(default_factory=dict)
    conflicts: dict[str, Clash] = field(default_factory=dict)
    emptied: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    insisted: list[str] = field(default_factory=list)
    unlisted: dict[str, Change] = field(default_factory=dict)
    refused: str | None = None  # why the first of those is

    def action(self, stamp: Change | None, external_id: str | None) -> Action:
        kind, state = Kind.SKIP, "unchanged"
        if self.fields:
            kind, state = Kind.UPDATE, "planned"
        if stamp is not None and external_id is not None:
            self.fields[external_id] = stamp
            kind, state = Kind.LINK, "planned"
        code = message = None
        if self.stopped:
            code = REWRITTEN
            message = f"somebody keeps changing {', '.join(self.stopped)} back, so Solmu has stopped writing it"
        elif self.insisted:
            code = REWRITTEN
            message = f"somebody keeps changing {', '.join(self.insisted)} back; an opt-out is written again each time"
        elif self.unlisted:
            code, message = picklist.CODE, self.refused
        if not self.fields and self.stopped:
            kind, state = Kind.UPDATE, "held"
        elif not self.fields and self.unlisted:
            self.fields.update(self.unlisted)
            kind, state = Kind.UPDATE, "rejected"
        elif not self.fields and self.conflicts:
            kind, state = Kind.CONFLICT, "conflicting"
        return Action(
            kind,
            state,
            self.fields,
            self.parents,
            self.agreed,
            self.conflicts,
            tuple(self.emptied),
            code,
            message,
            next(iter((*self.stopped, *self.insisted, *self.unlisted)), None),
        )


def _update(golden: GoldenView, wanted: Mapping[str, Wanted], remote: RemoteView, context: Context) -> Action:
    draft = _Draft()
    for name, want in wanted.items():
        info = context.fields.get(name)
        if not (want.assign or want.only_on == "create" or (info is not None and not info.updateable)):
            _update_field(draft, golden, name, want, remote, context)
    _wait_together(draft, wanted)
    return draft.action(_stamp(remote, context), context.external_id)


def _wait_together(draft: _Draft, wanted: Mapping[str, Wanted]) -> None:
    """What wins together waits together: no town of another address beside a street that a steward is asked about."""
    waiting = {_GROUPS.get(wanted[name].source or "") for name in draft.conflicts} - {None}
    for name in [name for name in draft.fields if _GROUPS.get(wanted[name].source or "") in waiting]:
        del draft.fields[name]


def _update_field(
    draft: _Draft, golden: GoldenView, name: str, want: Wanted, remote: RemoteView, context: Context
) -> None:
    info = context.fields.get(name)
    held, agreement = remote.observed.get(name), remote.agreed.get(name)
    parent = context.parents.get(want.parent) if want.parent else None
    if parent is not None and parent.remote_id is None:
        # A parent that is made by this very plan: somebody has moved to an employer whom the target does not know yet.
        # Where somebody else has put the record stays, as it does under every rule of ``changes``.
        as_agreed = blank(held) if agreement is None else same(held, target_form(agreement), info)
        if parent.subject is not None and as_agreed:
            draft.parents[name] = parent.subject
            draft.fields[name] = Change(held, None, CHANGES, parent.source)
        return
    if parent is not None and isinstance(held, str) and held in parent.others and name not in remote.ours:
        return  # it hangs on another record of the same parent, where somebody has put it
    wanted_value, rule, source = _wants(golden, want, parent, context)
    value = picklist.listed(fit(wanted_value, info), info)
    if want.required and blank(value) and not blank(held):
        draft.emptied.append(name)
    ruling = context.rulings.get(name)
    match judge(value, held, agreement, rule, want, golden, info, ruling, ours=name in remote.ours):
        case Verdict.AGREE:
            if not _recorded(value, held, agreement, info):
                draft.agreed[name] = {"hub": value, "target": held}
        case Verdict.PUSH if picklist.is_unlisted(value, info):
            draft.refused = draft.refused or picklist.why(name, info)
            draft.unlisted[name] = Change(held, value, rule, source, _edited(held, agreement, info))
        case Verdict.PUSH:
            if _rewritten(name, value, info, context):
                if want.source != OPT_OUT:
                    draft.stopped.append(name)
                    return
                draft.insisted.append(name)  # whoever opted out has opted out, however often it is taken back there
            draft.fields[name] = Change(held, value, rule, source, _edited(held, agreement, info))
        case Verdict.CLASH:
            draft.conflicts[name] = Clash(value, held, target_form(agreement))
        case Verdict.LEAVE:
            pass


def _edited(held: Any, agreement: Agreement | None, info: FieldInfo | None) -> bool:
    """Whether the target holds a value that somebody put there since the two sides last agreed."""
    return agreement is not None and not blank(held) and not same(held, target_form(agreement), info)


def _recorded(value: Any, held: Any, agreement: Agreement | None, info: FieldInfo | None) -> bool:
    """Whether that agreement is known already; one that waits to be read back waits on."""
    return agreement is not None and same(value, agreement["hub"], info) and bool(held == target_form(agreement))


def _wants(golden: GoldenView, want: Wanted, parent: Parent | None, context: Context) -> tuple[Any, str, str | None]:
    """The wanted value, its rule and where it comes from."""
    if parent is not None:
        return parent.remote_id, CHANGES, parent.source
    if want.parent:
        return None, CHANGES, None
    return want.value, _rule(golden, want, context), _source(golden, want)


def _rewritten(name: str, value: Any, info: FieldInfo | None, context: Context) -> bool:
    before, times = context.written.get(name, (None, 0))
    return times >= context.rewritten_times and same(value, before, info)


def _stamp(remote: RemoteView, context: Context) -> Change | None:
    """Our id for a record that does not carry it; a clone of another record carries that one's."""
    name = context.external_id
    if name is None or remote.external_id is None:
        return None
    info = context.fields.get(name)
    if (context.fields and info is None) or (info is not None and not info.updateable):
        return None
    there = remote.observed.get(name)
    if remote.stamped if blank(there) else there == remote.external_id:
        return None
    return Change(there, remote.external_id, "stamp", None)


def _rule(golden: GoldenView, want: Wanted, context: Context) -> str:
    if want.source is None:
        return context.default_rule
    return golden.rules.get(want.source, context.default_rule)


def _source(golden: GoldenView, want: Wanted) -> str | None:
    """The record that the value comes from; of a field that holds many, the one that this item comes from."""
    sources = golden.sources.get(want.source or "")
    if sources is None or isinstance(sources, str):
        return sources
    values = golden.values.get(want.source or "")
    place = values.index(want.value) if isinstance(values, list) and want.value in values else 0
    return sources[place]
