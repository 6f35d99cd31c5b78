"""Since when a list names whom as somebody's employer, though its rows change places. Pure.

A sheet that is sorted anew, or comes with other numbers, names everybody's employer in new rows. That is no news: it is
named since the version in which the list began to, unless the list has named another one in between that it names no
more. Who works for two is named with both, and neither ends the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Named(NamedTuple):
    """One row of a list that names an employer: of which golden organisation, since which version of it (their order
    is that of time; 0: not known), and whether it still does."""

    organisation: int
    since: int
    live: bool


def named_since(said: Iterable[Named]) -> dict[int, int]:
    """The version since which one list names each employer that it names now, of what all its rows say, or said, of
    one person."""
    rows = list(said)
    now = {each.organisation for each in rows if each.live}
    ended = [each for each in rows if each.organisation not in now]
    found: dict[int, int] = {}
    for organisation in now:
        own = [each for each in rows if each.organisation == organisation]
        last = max(each.since for each in own if each.live)
        other = max((each.since for each in ended if each.since < last), default=-1)
        found[organisation] = min(each.since for each in own if each.since > other)
    return found
