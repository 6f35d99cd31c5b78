"""Folding what a record says now into the claim that its earlier versions made. Pure.

A claim is ``{field: {"value", "own", "since": [low, high]}}``. ``since`` is the interval, in microseconds, in which the
field took its value: after ``low`` (when it was last seen with another value; null: unknown) and not after ``high``.
``own`` is false for an echo, a value that only repeats what we wrote there.
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
        if before is not None and before["value"] == value and before["own"] == own:
            claim[name] = dict(before)
        else:
            claim[name] = {"value": value, "own": own, "since": [previous, stamp]}
    return claim


def own_values(claim: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Any]:
    """What the source itself says; echoes abstain."""
    return {name: entry["value"] for name, entry in (claim or {}).items() if entry["own"]}
