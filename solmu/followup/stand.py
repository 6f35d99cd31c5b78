"""How one customer stands, from what is known of it. Pure.

A customer is a live organisation that is in a CRM or has ordered, and is no supplier.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from solmu.normalise.deal_stage import says_it_is_over

OPEN = "open"
"""The next step of a customer with an open deal that names no date."""

KEY_ACCOUNT = "key account"


@dataclass(slots=True)
class Known:
    """What is known of an organisation: its own golden record, its people, and what hangs on either.

    ``owner_there`` is who looks after it in a CRM: where we gave it an owner ourselves, no source says so.
    ``people`` are documents of people's golden records; dates are ISO text. ``deals`` and ``activities`` are pairs of
    state and date; of an activity the state is its status. ``planned`` are no contacts.
    """

    document: Mapping[str, Any]
    in_crm: bool = False
    ordered: bool = False
    owner_there: str | None = None
    people: list[Mapping[str, Any]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)  # dates of orders, leads, and activities
    deals: list[tuple[str, str]] = field(default_factory=list)
    activities: list[tuple[str, str]] = field(default_factory=list)
    planned: list[str] = field(default_factory=list)  # dates of the hub's own tasks that are open


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands. ``next_on``: a date, or ``open``; ``contacted_on``: empty where never."""

    tier: str
    owner: str | None
    next_on: str | None
    reachable: bool
    contacted_on: str
    filled: float


def standing(known: Known, *, today: str, complete: Collection[str]) -> Standing | None:
    """How a customer stands on a day; None for what is no customer."""
    if not (known.in_crm or known.ordered) or _value(known.document, "supplier") is True:
        return None
    past = [day for day in (*known.heard, *(on for _, on in known.activities)) if day and day <= today]
    return Standing(
        tier=KEY_ACCOUNT if _value(known.document, "key_account") is True else _value(known.document, "segment") or "",
        owner=_value(known.document, "owner") or known.owner_there or None,
        next_on=_next(known, today),
        reachable=any(map(_reachable, (known.document, *known.people))),
        contacted_on=max(past, default=""),
        filled=_filled(known.document, complete),
    )


def _next(known: Known, today: str) -> str | None:
    planned = [on for status, on in known.activities if on >= today and not is_over(status)]
    planned += [on for on in known.planned if on >= today]
    deals = [stage for stage, _ in known.deals if not is_over(stage)]
    return min(planned, default=OPEN if deals else None)


def is_over(state: str | None) -> bool:
    """Whether a deal's stage or an activity's status says that nothing more will come of it."""
    return says_it_is_over(state or "")


def _reachable(document: Mapping[str, Any]) -> bool:
    if _value(document, "opt_out") is True:
        return bool(_value(document, "phone"))
    return bool(_value(document, "email") or _value(document, "phone"))


def _filled(document: Mapping[str, Any], fields: Collection[str]) -> float:
    """Blank lists and texts are not known; a flag that is false is."""
    known = sum(_value(document, name) not in (None, "", []) for name in fields)
    return known / len(fields) if fields else 1.0


def _value(document: Mapping[str, Any], name: str) -> Any:
    entry = document.get(name)
    return entry["value"] if entry else None


def silence(days: Iterable[int], *, least: int) -> float:
    """After how many days without a lead a partner is silent: three times the usual gap, and ``least`` at least.

    ``days`` are the ordinals of the days on which leads came. The usual gap is the median between two of those days.
    """
    came = sorted(set(days))
    gaps = sorted(later - earlier for earlier, later in pairwise(came))
    return max(least, 3 * gaps[len(gaps) // 2]) if gaps else least
