"""The lists behind the five figures: which customers are on each, as they were counted last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from solmu.config.settings import Web
from solmu.followup.count import long_ago
from solmu.store.tables import follow_up

FIGURES = ("no-owner", "no-next-step", "unreachable", "long-ago", "completeness")
NARROWED_BY = ("country", "tier", "owner")
"""The fields that a list may be narrowed by."""


def customers(name: str, today: date, rules: Web, tiers: Iterable[str]) -> Select[Any]:
    """The rows of ``follow_up`` on the list of a figure. ``tiers`` are those that there are."""
    conditions: Mapping[str, Any] = {
        "no-owner": follow_up.c.owner.is_(None),
        "no-next-step": follow_up.c.next_on.is_(None),
        "unreachable": follow_up.c.reachable.is_(False),
        "long-ago": long_ago(today, rules, tiers),
        "completeness": follow_up.c.filled < 1,
    }
    return select(follow_up).where(conditions[name])


def sorted_by(name: str) -> str:
    """The column of ``follow_up`` that a list is in the order of."""
    return {"long-ago": "contacted_on", "completeness": "filled"}.get(name, "name")


def same_in(name: str) -> ColumnElement[Any] | None:
    """The column that has the same value, or none, in all rows of a list."""
    columns = {"no-owner": follow_up.c.owner, "no-next-step": follow_up.c.next_on, "unreachable": follow_up.c.reachable}
    return columns.get(name)


def tiers_of(told: Mapping[str, Any] | None) -> list[str]:
    """The tiers that there are, from what was counted."""
    return [each["tier"] for each in told["tiers"]] if told else []
