"""Limits that stop a run before it does something surprising. Pure: counts in, what tripped out.

Shares are looked at only from a base of ``min_base`` records on, and ``changed_share`` not on the first contact with a
target: there it is expected that many records change, and a person has looked at ten of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from solmu.errors import Stopped


class Limits(Protocol):
    """``guards:`` of hub.yaml."""

    @property
    def changed_share(self) -> float: ...
    @property
    def changed_count(self) -> int: ...
    @property
    def created_count(self) -> int: ...
    @property
    def merged_count(self) -> int: ...
    @property
    def min_base(self) -> int: ...
    @property
    def shrunk_share(self) -> float: ...
    @property
    def refused_share(self) -> float: ...
    @property
    def emptied_count(self) -> int: ...
    @property
    def api_reserve(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Push:
    """What a plan would do. ``base`` is how many records of ours the target holds; ``of_objects`` has both ``changed``
    and ``base`` for each object, since all accounts renamed are a small share of all records. ``emptied`` counts
    records by field; ``unknown_ids`` those of the target with external ids of Solmu's that this hub never gave.

    ``calls_left`` is None where the target does not say.
    """

    created: int = 0
    changed: int = 0
    merged: int = 0
    base: int = 0
    of_objects: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    emptied: Mapping[str, int] = field(default_factory=dict)
    calls: int = 0
    calls_left: int | None = None
    first_contact: bool = False
    unknown_ids: int = 0


GUARDS = (
    "source-shrank",
    "refused-share",
    "created-count",
    "changed-count",
    "merged-count",
    "changed-share",
    "emptied-count",
    "api-reserve",
    "unknown-ids",
)
"""The guards that ``--override guard=…`` may let pass once."""


@dataclass(frozen=True, slots=True)
class Tripped:
    """One guard that stops the run. ``guard`` is its name, for reports and for ``--override guard=…``."""

    guard: str
    message: str


def look_at_push(push: Push, limits: Limits, *, overridden: Collection[str] = ()) -> list[Tripped]:
    """The guards that a plan trips, those overridden left out."""
    found = []
    if push.created > limits.created_count:
        found.append(
            Tripped(
                "created-count", f"{push.created} records would be created, and the limit is {limits.created_count}"
            )
        )
    if push.changed > limits.changed_count:
        found.append(
            Tripped("changed-count", f"{push.changed} records would change, and the limit is {limits.changed_count}")
        )
    if push.merged > limits.merged_count:
        found.append(
            Tripped(
                "merged-count",
                f"{push.merged} records would be merged into others, and the limit is {limits.merged_count}",
            )
        )
    shares = {"records": (push.changed, push.base), **push.of_objects}
    for name, (changed, base) in shares.items() if not push.first_contact else ():
        if base >= limits.min_base and changed > limits.changed_share * base:
            share = f"{limits.changed_share:.0%}"
            found.append(Tripped("changed-share", f"{changed} of {base} {name} would change, and the limit is {share}"))
            break
    for name, count in sorted(push.emptied.items()):
        if count > limits.emptied_count:
            found.append(
                Tripped(
                    "emptied-count", f"{count} records have lost their {name}, and the limit is {limits.emptied_count}"
                )
            )
    if push.calls_left is not None and push.calls > push.calls_left * (1 - limits.api_reserve):
        found.append(
            Tripped(
                "api-reserve",
                f"{push.calls} calls would be made, {push.calls_left} are left,"
                f" and {limits.api_reserve:.0%} of those stay with others",
            )
        )
    if push.unknown_ids and push.created:
        found.append(
            Tripped(
                "unknown-ids",
                f"{push.unknown_ids} records there carry ids of Solmu's that this hub never gave: another hub writes"
                " there too, or this store is older than that, and what it made since would be created again",
            )
        )
    return [each for each in found if each.guard not in overridden]


def look_at_stream(*, read: int, refused: int, limits: Limits, overridden: Collection[str] = ()) -> list[Tripped]:
    """The guard that a stream trips whose mapping suddenly refuses many rows."""
    if "refused-share" in overridden or read < limits.min_base or refused <= limits.refused_share * read:
        return []
    return [
        Tripped("refused-share", f"{refused} of {read} rows were refused, and the limit is {limits.refused_share:.0%}")
    ]


def stop(tripped: Collection[Tripped], *, connection: str, stream: str | None = None) -> None:
    """Raise Stopped for what tripped, if anything did; the first one names the guard, the message tells all."""
    if not tripped:
        return
    first = next(iter(tripped))
    look = "a look at what is refused (`solmu export quarantine`)" if stream else "a look at the plan"
    raise Stopped(
        "; ".join(each.message for each in tripped),
        guard=first.guard,
        connection=connection,
        stream=stream,
        expected=f"{look}, then `--override guard={first.guard}`",
    )
