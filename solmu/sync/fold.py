"""Folding what a record says now into the claim that its earlier versions made. Pure.

A claim is ``{field: {"value", "own", "since": [low, high]}}``. ``since`` is the interval, in microseconds, in which the
field took its value: after ``low`` (when it was last seen with another value; null: unknown) and not after ``high``.
``own`` is false for an echo, a value that only repeats what we wrote there. An echo that took the place of a value of
the source's own keeps that as ``was``: we overwrote the value, but the record is still the one that it described, so it
stays evidence of whom the record speaks of. Without it, our own write would take a record out of the very cluster for
whose sake it was written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

Claim = dict[str, dict[str, Any]]


def fold(
    old: Mapping[str, Mapping[str, Any]] | None,
    fields: Mapping[str, Any],
    *,
    echoes: Collection[str],
    stamp: int,
    previous: int | None,
    partial: bool,
) -> Claim:
    """The new claim.

    ``stamp`` is when this version was made, ``previous`` when the one before it was (None: this is the first, so the
    age of its values is unknown). A ``partial`` row says nothing of the fields that it leaves out.
    """
    claim: Claim = {name: dict(entry) for name, entry in old.items()} if partial and old else {}
    for name, value in fields.items():
        own = name not in echoes
        before = old.get(name) if old else None
        if before is not None and before["value"] == value and (before["own"] or not own):
            # A value of its own stays the source's own, too, if all that we did was to write it in other letters.
            claim[name] = dict(before)
        else:
            claim[name] = {"value": value, "own": own, "since": [previous, stamp]}
            if not own and before is not None and (was := _last_own(before)) is not None:
                claim[name]["was"] = was
    return claim


def first(fields: Mapping[str, Any], stamp: int) -> Claim:
    """The claim of a record of which nothing was known; what ``fold`` gives without an old one, to be read only."""
    since = [None, stamp]
    return {name: {"value": value, "own": True, "since": since} for name, value in fields.items()}


def evidence(claim: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Any]:
    """By what the source itself describes whom it speaks of: its own values, or those that we overwrote."""
    return {name: last for name, entry in (claim or {}).items() if (last := _last_own(entry)) is not None}


def _last_own(entry: Mapping[str, Any]) -> Any:
    return entry["value"] if entry["own"] else entry.get("was")
