"""What the quality page shows, made of what was measured. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from solmu.report.quality import margin
from solmu.report.quality_figures import MEASURES

WIDTH, HEIGHT = 240, 44
_INSET = 4


@dataclass(frozen=True, slots=True)
class Line:
    """How a share went over time, as a drawing: the points, and the first and the last day with their shares."""

    points: str
    end: tuple[float, float]
    first: tuple[str, float]
    last: tuple[str, float]


def figures(told: Mapping[str, Any], history: Sequence[Mapping[str, Any]], entity: str) -> list[dict[str, Any]]:
    """The five: ``name, share`` (None where there was nothing to look at), ``good, of, margin, line``. ``margin`` is
    None where every record was looked at, ``line`` where one day is known only."""
    one = told["entities"][entity]
    whole = one["looked_at"] == one["records"]
    found = []
    for name in MEASURES:
        good, of = one["figures"].get(name, (0, 0))
        found.append(
            {
                "name": name,
                "share": good / of if of else None,
                "good": good,
                "of": of,
                "margin": None if whole else margin(one["figures"], name),
                "line": line([(each["day"], each[entity][name]) for each in history if name in each.get(entity, {})]),
            }
        )
    return found


def rows(told: Mapping[str, Any], entity: str, by: str, called: Callable[[str], str] = str) -> list[dict[str, Any]]:
    """One a source, field, country or owner: ``name, shares`` ({measure: share or None}), and of a source ``taken``,
    the share of its rows that are not in quarantine. Owners are in the order of what they are ``called``."""
    groups: Mapping[str, Mapping[str, Sequence[int]]] = told["entities"][entity]["by"][by]
    found = []
    for name, counts in groups.items():
        shares = {each: counts[each][0] / counts[each][1] if counts.get(each) else None for each in MEASURES}
        taken, of = told["rows"].get(name, (0, 0)) if by == "source" else (0, 0)
        found.append({"name": name, "shares": shares, "taken": taken / of if of else None})
    if by == "field":
        return found
    return sorted(found, key=lambda each: called(each["name"]).casefold() if by == "owner" else each["name"])


def line(days: Sequence[tuple[str, float]]) -> Line | None:
    """The drawing of a share over days; its scale goes from the least to the most that there was."""
    if len(days) < 2:
        return None
    shares = [share for _, share in days]
    least, most = min(shares), max(shares)
    spread = (most - least) or 1.0
    step = (WIDTH - 2 * _INSET) / (len(days) - 1)
    places = [
        (_INSET + place * step, HEIGHT - _INSET - (share - least) / spread * (HEIGHT - 2 * _INSET))
        for place, share in enumerate(shares)
    ]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return Line(points, places[-1], days[0], days[-1])
