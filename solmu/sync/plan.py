"""What a push would do to one record of a target. Pure: no clock, no database, no network.

A golden record's wanted fields are held against what the target is known to hold. Each field has three values in play:
what the hub *wants*, what the target *holds*, and what the two last *agreed* on. With them each difference says who
moved, and the field's rule says who gives way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from solmu.exchange import FieldInfo
from solmu.sync import picklist
from solmu.sync.equal import blank, fit, same

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
    SKIP = "skip"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
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
    """The record in the target, as it was last seen. ``remote_id`` is None for a create that was never answered."""

    remote_id: str | None
    external_id: str | None = None
    stamped: bool = False
    observed: Mapping[str, Any] = field(default_factory=dict)
    agreed: Mapping[str, Agreement] = field(default_factory=dict)
    version: str | None = None


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Context:
    """What else the plan of one record depends on.

    ``fields`` describes the target's fields as far as it does itself; ``external_id`` names the one that holds our id.
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


@dataclass(frozen=True, slots=True)
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
    for name, want in wanted.items():
        info = context.fields.get(name)
        if info is not None and not info.createable:
            continue
        change = _initial(golden, name, want, context)
        parent = context.parents.get(want.parent) if want.parent else None
        if parent is not None and parent.remote_id is None and parent.subject is None:
            return Action(
                Kind.CREATE, "blocked", code="parent", message=f"its {want.parent} record could not be made", field=name
            )
        if parent is not None and parent.subject is not None:
            parents[name] = parent.subject
        if change is not None and picklist.is_unlisted(change.new, info):
            if want.required:
                return Action(
                    Kind.CREATE,
                    "rejected",
                    {**fields, name: change},
                    code=picklist.CODE,
                    message=picklist.why(name, info),
                    field=name,
                )
            unlisted.append(name)
        elif change is not None:
            fields[name] = change
        elif want.required:
            return Action(
                Kind.CREATE,
                "rejected",
                fields,
                code="required",
                message=f"{name} is required, and the golden record has no value for it",
                field=name,
            )
    if unlisted:
        said = picklist.why(unlisted[0], context.fields.get(unlisted[0]))
        return Action(Kind.CREATE, "planned", fields, parents, code=picklist.CODE, message=said, field=unlisted[0])
    return Action(Kind.CREATE, "planned", fields, parents)


def _initial(golden: GoldenView, name: str, want: Wanted, context: Context) -> Change | None:
    if want.assign:
        return Change(None, context.owner.value, context.owner.rule, None) if context.owner else None
    if want.parent:
        parent = context.parents.get(want.parent)
        return Change(None, parent.remote_id, CHANGES, parent.source) if parent else None
    if blank(want.value) or want.only_on == "update":
        return None
    info = context.fields.get(name)
    value = picklist.listed(fit(want.value, info), info)
    return Change(None, value, _rule(golden, want, context), _source(golden, want))


# --- updating ---------------------------------------------------------------------------------------------------------


class _Verdict(StrEnum):
    PUSH = "push"
    LEAVE = "leave"
    AGREE = "agree"
    CLASH = "clash"


@dataclass(slots=True)
class _Draft:
    """An update in the making."""

    fields: dict[str, Change] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    agreed: dict[str, Agreement] = field(default_factory=dict)
    conflicts: dict[str, Clash] = field(default_factory=dict)
    emptied: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
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
            code = "rewritten"
            message = f"somebody keeps changing {', '.join(self.stopped)} back, so Solmu has stopped writing it"
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
            next(iter((*self.stopped, *self.unlisted)), None),
        )


def _update(golden: GoldenView, wanted: Mapping[str, Wanted], remote: RemoteView, context: Context) -> Action:
    draft = _Draft()
    for name, want in wanted.items():
        info = context.fields.get(name)
        if not (want.assign or want.only_on == "create" or (info is not None and not info.updateable)):
            _update_field(draft, golden, name, want, remote, context)
    return draft.action(_stamp(remote, context), context.external_id)


def _update_field(
    draft: _Draft, golden: GoldenView, name: str, want: Wanted, remote: RemoteView, context: Context
) -> None:
    info = context.fields.get(name)
    held, agreement = remote.observed.get(name), remote.agreed.get(name)
    parent = context.parents.get(want.parent) if want.parent else None
    if parent is not None and parent.remote_id is None:
        # A parent that is made by this very plan: somebody has moved to an employer whom the target does not know yet.
        # Where somebody else has put the record stays, as it does under every rule of ``changes``.
        as_agreed = blank(held) if agreement is None else same(held, _target_form(agreement), info)
        if parent.subject is not None and as_agreed:
            draft.parents[name] = parent.subject
            draft.fields[name] = Change(held, None, CHANGES, parent.source)
        return
    if parent is not None and isinstance(held, str) and held in parent.others:
        return  # it hangs on another record of the same parent, where somebody has put it
    wanted_value, rule, source = _wants(golden, want, parent, context)
    value = picklist.listed(fit(wanted_value, info), info)
    if want.required and blank(value) and not blank(held):
        draft.emptied.append(name)
    match _judge(value, held, agreement, rule, want, golden, info, context.rulings.get(name)):
        case _Verdict.AGREE:
            if not _recorded(value, held, agreement, info):
                draft.agreed[name] = {"hub": value, "target": held}
        case _Verdict.PUSH if picklist.is_unlisted(value, info):
            draft.refused = draft.refused or picklist.why(name, info)
            draft.unlisted[name] = Change(held, value, rule, source, _edited(held, agreement, info))
        case _Verdict.PUSH if _rewritten(name, value, info, context):
            draft.stopped.append(name)
        case _Verdict.PUSH:
            draft.fields[name] = Change(held, value, rule, source, _edited(held, agreement, info))
        case _Verdict.CLASH:
            draft.conflicts[name] = Clash(value, held, _target_form(agreement))
        case _Verdict.LEAVE:
            pass


def _edited(held: Any, agreement: Agreement | None, info: FieldInfo | None) -> bool:
    """Whether the target holds a value that somebody put there since the two sides last agreed."""
    return agreement is not None and not blank(held) and not same(held, _target_form(agreement), info)


def _recorded(value: Any, held: Any, agreement: Agreement | None, info: FieldInfo | None) -> bool:
    """Whether that agreement is known already; one that waits to be read back waits on."""
    return agreement is not None and same(value, agreement["hub"], info) and bool(held == _target_form(agreement))


def _wants(golden: GoldenView, want: Wanted, parent: Parent | None, context: Context) -> tuple[Any, str, str | None]:
    """The wanted value, its rule and where it comes from."""
    if parent is not None:
        return parent.remote_id, CHANGES, parent.source
    if want.parent:
        return None, CHANGES, None
    return want.value, _rule(golden, want, context), _source(golden, want)


def _judge(
    value: Any,
    held: Any,
    agreement: Agreement | None,
    rule: str,
    want: Wanted,
    golden: GoldenView,
    info: FieldInfo | None,
    ruling: Ruling | None,
) -> _Verdict:
    if blank(value):
        return _Verdict.LEAVE  # a value that the hub does not have clears nothing
    if same(value, held, info):
        return _Verdict.AGREE
    hub_moved = agreement is None or not same(value, agreement["hub"], info)
    target_moved = agreement is None or not same(held, _target_form(agreement), info)
    if not hub_moved and not target_moved:
        return _Verdict.AGREE  # it is what the target made of our value
    if want.source == OPT_OUT:
        # Whoever opted out, wherever, has opted out everywhere; no rule brings a consent back.
        return _Verdict.PUSH if value is True else _Verdict.LEAVE
    if rule == "union" and _among(held, golden.values.get(want.source or ""), info):
        return _Verdict.LEAVE  # the target holds another of the values that are all true
    if rule == "union" and target_moved and not blank(held):
        return _Verdict.LEAVE  # all values are kept, so one that is missing was entered in a form that we cannot read
    if blank(held):
        return _judge_blank(hub_moved, agreement, rule)
    # A ruling is about the two values that the steward saw, and says nothing of later ones.
    holds = ruling is not None and same(value, ruling.hub, info) and same(held, ruling.target, info)
    return _judge_both(hub_moved, target_moved, agreement, rule, ruling.choice if ruling and holds else None)


def _judge_blank(hub_moved: bool, agreement: Agreement | None, rule: str) -> _Verdict:
    if rule == "crm":
        return _Verdict.LEAVE
    if agreement is None:
        return _Verdict.PUSH
    # Somebody cleared an agreed value there: a veto on that value, until the hub has another one.
    if not hub_moved:
        return _Verdict.LEAVE
    return _Verdict.CLASH if rule == "ask" else _Verdict.PUSH


def _judge_both(
    hub_moved: bool, target_moved: bool, agreement: Agreement | None, rule: str, decided: str | None
) -> _Verdict:
    """Both sides hold a value, and not the same."""
    if rule in {"crm", "crm-unless-blank"}:
        return _Verdict.LEAVE
    if rule == CHANGES:
        return _Verdict.PUSH if agreement is not None and not target_moved else _Verdict.LEAVE
    if rule not in {"ask", "pin"}:
        return _Verdict.PUSH
    clash = target_moved and (hub_moved if rule == "ask" else agreement is not None)
    if clash and decided is None:
        return _Verdict.CLASH
    if decided == "target":
        return _Verdict.LEAVE
    # Under `ask` an edit there that the hub has no answer to stays; a pin gives way to nothing but a steward.
    return _Verdict.PUSH if hub_moved or decided == "hub" or rule == "pin" else _Verdict.LEAVE


def _target_form(agreement: Agreement | None) -> Any:
    return None if agreement is None else agreement.get("target", agreement["hub"])


def _among(held: Any, values: Any, info: FieldInfo | None) -> bool:
    return isinstance(values, list | tuple) and any(same(held, value, info) for value in values)


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
