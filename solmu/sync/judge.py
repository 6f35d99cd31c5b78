"""Who gives way in one field. Pure.

With what the hub wants, what the target holds and what the two last agreed on, each difference says who moved; the
field's rule says who gives way.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from solmu.exchange import FieldInfo
from solmu.sync.action import CHANGES, OPT_OUT, Agreement, GoldenView, Ruling, Wanted
from solmu.sync.equal import blank, same


class Verdict(StrEnum):
    """What becomes of a field in which the two sides differ; *agree* where they do not."""

    PUSH = "push"
    LEAVE = "leave"
    AGREE = "agree"
    CLASH = "clash"


def judge(
    value: Any,
    held: Any,
    agreement: Agreement | None,
    rule: str,
    want: Wanted,
    golden: GoldenView,
    info: FieldInfo | None,
    ruling: Ruling | None,
    *,
    ours: bool = False,
) -> Verdict:
    """What becomes of a field: ``value`` is what the hub wants, ``held`` what the target holds.

    ``ours``: we wrote what it holds, and nobody has changed it since.
    """
    if blank(value):
        return Verdict.LEAVE  # a value that the hub does not have clears nothing
    if same(value, held, info):
        return Verdict.AGREE
    hub_moved = agreement is None or not same(value, agreement["hub"], info)
    target_moved = agreement is None or not same(held, target_form(agreement), info)
    if not hub_moved and not target_moved:
        return Verdict.AGREE  # it is what the target made of our value
    if want.source == OPT_OUT:
        # Whoever opted out, wherever, has opted out everywhere; no rule brings a consent back.
        return Verdict.PUSH if value is True else Verdict.LEAVE
    if rule == "union" and _among(held, golden.values.get(want.source or ""), info):
        return Verdict.LEAVE  # the target holds another of the values that are all true
    if rule == "union" and target_moved and not blank(held):
        return Verdict.LEAVE  # all values are kept, so one that is missing was entered in a form that we cannot read
    if blank(held):
        return _judge_blank(hub_moved, agreement, rule)
    if ours and hub_moved and not target_moved and rule == "crm-unless-blank":
        return Verdict.PUSH  # nobody there has said anything that could come first: what filled a blank is kept right
    # A ruling is about the two values that the steward saw, and says nothing of later ones.
    holds = ruling is not None and same(value, ruling.hub, info) and same(held, ruling.target, info)
    return _judge_both(hub_moved, target_moved, agreement, rule, ruling.choice if ruling and holds else None)


def _judge_blank(hub_moved: bool, agreement: Agreement | None, rule: str) -> Verdict:
    if rule == "crm":
        return Verdict.LEAVE
    if agreement is None:
        return Verdict.PUSH
    # Somebody cleared an agreed value there: a veto on that value, until the hub has another one.
    if not hub_moved:
        return Verdict.LEAVE
    return Verdict.CLASH if rule == "ask" else Verdict.PUSH


def _judge_both(
    hub_moved: bool, target_moved: bool, agreement: Agreement | None, rule: str, decided: str | None
) -> Verdict:
    """Both sides hold a value, and not the same."""
    if rule in {"crm", "crm-unless-blank"}:
        return Verdict.LEAVE
    if rule == CHANGES:
        return Verdict.PUSH if agreement is not None and not target_moved else Verdict.LEAVE
    if rule not in {"ask", "pin"}:
        return Verdict.PUSH
    clash = target_moved and (hub_moved if rule == "ask" else agreement is not None)
    if clash and decided is None:
        return Verdict.CLASH
    if decided == "target":
        return Verdict.LEAVE
    # Under `ask` an edit there that the hub has no answer to stays; a pin gives way to nothing but a steward.
    return Verdict.PUSH if hub_moved or decided == "hub" or rule == "pin" else Verdict.LEAVE


def target_form(agreement: Agreement | None) -> Any:
    """The agreed value as the target has it; in the hub's form where it was not seen yet."""
    return None if agreement is None else agreement.get("target", agreement["hub"])


def _among(held: Any, values: Any, info: FieldInfo | None) -> bool:
    return isinstance(values, list | tuple) and any(same(held, value, info) for value in values)
