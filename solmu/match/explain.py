"""Why a pair was joined, asked or held: one sentence in plain words, and a bar per field. Pure.

An explanation holds no value of anybody, only which fields are alike: it may outlive an erasure.
"""

from __future__ import annotations

import functools
from typing import Any

from solmu.match.comparisons import COMPARISONS
from solmu.match.rules import PROTECTED, RULES, WAS_ONE
from solmu.match.score import Levels, Score
from solmu.model import Entity
from solmu.store.sql import as_document

HELD: dict[str, str] = {
    "decided-different": "It was decided that they are different.",
    "different-business-ids": "Joining them would join two business ids of one country.",
    "different-people": "Joining them would join people whose given names do not fit.",
    "different-mailboxes": "Joining them would join people who write from different mailboxes.",
    "one-protected": "One of them belongs to a protected record, which is never joined without a person.",
    "both-protected": "Both belong to protected records, which are never joined without a person.",
    "both-in-crm": "Both belong to live records of the same CRM, which are never joined without a person.",
}
"""Reasons of ``cluster.Held``, in plain words."""

SHARED_MAILBOX = "shared-mailbox"
"""What stands in for a rule where a look-up gives no more than a mailbox that several use."""

SAME_NAME = "same-name"
"""The same where it gives no more than a name."""

_ASKED = {
    PROTECTED: "One of them is protected, so a person decides.",
    WAS_ONE: "They were one when the CRM was written, and a card has changed since.",
}
_SAYS = 1.0  # a weight of less than one bit, either way, is not worth a word


def explanation(entity: Entity, rule: str, score: Score, held: str | None = None) -> dict[str, Any]:
    """The explanation as a pair stores it: ``sentence``, ``bars`` (field, level, weight in bits), ``held`` or None."""
    return _explanation(entity, rule, score.levels, held)


@functools.lru_cache(maxsize=10_000)
def explanation_text(entity: Entity, rule: str, levels: Levels) -> str:
    """The same as JSON text, nothing being held: of a million pairs, most are alike in what is alike."""
    return as_document(_explanation(entity, rule, levels, None))


def _explanation(entity: Entity, rule: str, levels: Levels, held: str | None) -> dict[str, Any]:
    return {
        "sentence": _sentence(entity, rule, levels),
        "bars": [{"field": name, "level": label, "weight": round(weight, 2)} for name, label, weight in levels],
        "held": held,
    }


def _sentence(entity: Entity, rule: str, levels: Levels) -> str:
    if rule in RULES:
        return RULES[rule].sentence
    if rule == SHARED_MAILBOX:
        return "This is a shared mailbox, and no name tells who of those that use it is meant."
    if rule == SAME_NAME:
        return "Same name, and no more is said that tells whether it is this one."
    titles = {comparison.name: comparison.title for comparison in COMPARISONS[entity]}
    strongest = sorted(levels, key=lambda level: -abs(level[2]))
    alike = [_said(titles[name].lower(), label) for name, label, weight in strongest if weight >= _SAYS]
    unlike = [_said(titles[name].lower(), label) for name, label, weight in strongest if weight <= -_SAYS]
    parts = []
    if alike:
        parts.append("for it, " + ", ".join(alike))
    if unlike:
        parts.append("against it, " + ", ".join(unlike))
    evidence = "; ".join(parts) or "nothing says much either way"
    told = f"{evidence[0].upper()}{evidence[1:]}."
    return f"{_ASKED[rule]} {told}" if rule in _ASKED else told


def _said(title: str, label: str) -> str:
    """``business id: another one``, and plain ``same business id`` where the label names it already."""
    return label if title in label.lower() else f"{title}: {label}"
