"""Taking back what a run wrote to a target. Pure: no clock, no database, no network.

A value goes back only where the target still holds what the run wrote there. What somebody has changed since is theirs,
and what a later run has written is that run's to take back: both are listed. A record that the run created is listed
too, since nothing is deleted unasked. Our id, stamped on a record that the target had already, stays: it harms nobody,
and by it the record is known.

What was taken back stays away: both sides then count as agreed on the value that was restored, against the value that
the hub has, so the hub pushes again only when it has another one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from solmu.exchange import FieldInfo
from solmu.sync.action import Agreement, Change
from solmu.sync.equal import blank, same

REVERT = "revert"
"""The rule of a change that takes something back."""


class Why(StrEnum):
    """Why something of a run is left as it is."""

    EDITED = "edited-since"  # somebody has changed the field in the target
    LATER = "written-by-a-later-run"  # take that one back first
    CREATED = "created"  # it is left there: delete it by hand
    GONE = "gone"  # the record was deleted or merged away in the target
    OPT_OUT = "opt-out"  # nothing brings a consent back
    ERASED = "erased"  # somebody has asked that nothing of the person be kept
    UNANSWERED = "unanswered"  # another action on the record was sent, and its answer is not known yet
    NOT_CONFIGURED = "not-configured"  # the target's stream is no longer in the hub


@dataclass(frozen=True, slots=True)
class Wrote:
    """What a run wrote into one field: ``new`` in place of ``old``. ``later`` is a run that wrote there after it."""

    old: Any
    new: Any
    later: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The record as it is now: what it holds, and what of it we wrote and nobody has changed since."""

    observed: Mapping[str, Any]
    written: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Left:
    """A field that is left as it is. ``holds`` is what stands there now, ``run`` the later run that wrote it."""

    why: Why
    old: Any
    wrote: Any
    holds: Any
    run: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As it is shown."""
        return {"old": self.old, "wrote": self.wrote, "holds": self.holds, "run": self.run}


@dataclass(slots=True)
class TakenBack:
    """What comes of one record: fields that get their earlier value, and fields that are left, each with its reason.

    A field that holds its earlier value already is in neither.
    """

    fields: dict[str, Change] = field(default_factory=dict)
    left: dict[str, Left] = field(default_factory=dict)


def take_back(
    wrote: Mapping[str, Wrote],
    now: Standing,
    *,
    source: str,
    fields: Mapping[str, FieldInfo] | None = None,
    opt_outs: Collection[str] = (),
) -> TakenBack:
    """Plan the earlier values of one record that is still there.

    ``source`` is named in each change. ``fields`` describes the target's fields where that is known; ``opt_outs`` names
    those that hold an opt-out.
    """
    result = TakenBack()
    for name, each in wrote.items():
        holds = now.observed.get(name)
        if same(holds, each.old, (fields or {}).get(name)):
            continue
        why = _why_left(name, each, now, opt_outs)
        if why is None:
            result.fields[name] = Change(holds, None if blank(each.old) else each.old, REVERT, source)
        else:
            result.left[name] = Left(why, each.old, each.new, holds, each.later if why is Why.LATER else None)
    return result


def _why_left(name: str, wrote: Wrote, now: Standing, opt_outs: Collection[str]) -> Why | None:
    if name in opt_outs:
        return Why.OPT_OUT
    # The mark of what we wrote is dropped as soon as the record lands with another value. To compare values alone would
    # take back what somebody has entered by hand, if it is the same.
    if name not in now.written:
        return Why.EDITED if wrote.later is None else Why.LATER
    if wrote.later is not None:
        return Why.LATER
    return None if same(now.written[name], wrote.new) else Why.EDITED


def agreed_back(agreed: Mapping[str, Agreement], name: str, restored: Any) -> dict[str, Any]:
    """The agreement on a field whose earlier value was restored; ``agreed`` is what was agreed before.

    Neither side has moved from it, so no rule pushes the hub's value again until there is another one.
    """
    before = agreed.get(name)
    return {"hub": restored if before is None else before["hub"], "target": restored}
