"""How a store and a copy of it that was matched anew differ: in pairs, and in who is together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, select

from solmu.match.index import stored_keys
from solmu.model import Entity
from solmu.store.sql import chunks
from solmu.store.tables import golden, link, mention, pair

RUN = "full"
"""The run that links on the copy are begun by."""
_PAGE = 5_000
Report = dict[str, Any]


def pairs_differ(here: Connection, there: Connection, shown: int) -> tuple[Report, set[int]]:
    """Compare the stored pairs with those of the copy; gives the figures, and the mentions whose pairs differ."""
    found: dict[str, Report] = {
        entity.value: {
            "gained": Counter[str](), "lost": Counter[str](), "moved": Counter[str](),
            "unchanged": 0, "rescored": 0, "examples": [],
        }
        for entity in Entity
    }  # fmt: skip
    changed: set[int] = set()
    for before, after in _side_by_side(_stored(here), _stored(there)):
        row = after or before
        of = found[row.entity]
        what = None
        if before is None:
            what = "gained"
            of[what][row.band] += 1
        elif after is None:
            what = "lost"
            of[what][row.band] += 1
        elif before.band != after.band:
            what = "moved"
            of[what][f"{before.band} > {after.band}"] += 1
        elif (before.weight, before.rule) != (after.weight, after.rule):
            of["rescored"] += 1
        else:
            of["unchanged"] += 1
        if what is not None or (before.weight, before.rule) != (after.weight, after.rule):
            changed |= {row.left_id, row.right_id}
        if what is not None and len(of["examples"]) < shown:
            of["examples"].append(
                {
                    "left": row.left_id,
                    "right": row.right_id,
                    "what": what,
                    "before": None if before is None else before.band,
                    "after": None if after is None else after.band,
                    "weight_before": None if before is None else round(before.weight, 2),
                    "weight_after": None if after is None else round(after.weight, 2),
                    "sentence": (row.explanation or {}).get("sentence", ""),
                }
            )
    for each in found.values():
        _name_ends(here, each["examples"])
        for name in ("gained", "lost", "moved"):
            each[name] = dict(sorted(each[name].items()))
    return found, changed


def keys_differ(here: Connection, there: Connection) -> set[int]:
    """The mentions that the copy has other block keys of: those that are stored are of an earlier release."""
    found: set[int] = set()
    for some in chunks(list(there.scalars(select(mention.c.id))), _PAGE):
        before, after = stored_keys(here, some), stored_keys(there, some)
        found |= {id for id in some if before[id] != after[id]}
    return found


def _stored(connection: Connection) -> Iterator[Any]:
    query = select(
        pair.c.left_id, pair.c.right_id, pair.c.entity, pair.c.band, pair.c.rule, pair.c.weight, pair.c.explanation
    ).order_by(pair.c.left_id, pair.c.right_id)
    rows = connection.execution_options(stream_results=True).execute(query)
    for some in rows.partitions(_PAGE):
        yield from some


def _side_by_side(one: Iterator[Any], other: Iterator[Any]) -> Iterator[tuple[Any, Any]]:
    """Rows of the same key beside each other, None where one side has none. Both are sorted by key."""
    left, right = next(one, None), next(other, None)
    while left is not None or right is not None:
        first = None if left is None else (left.left_id, left.right_id)
        second = None if right is None else (right.left_id, right.right_id)
        if first == second:
            yield left, right
            left, right = next(one, None), next(other, None)
        elif second is None or (first is not None and first < second):
            yield left, None
            left = next(one, None)
        else:
            yield None, right
            right = next(other, None)


def clusters_differ(there: Connection, here: Connection, now: int, shown: int) -> tuple[Report, set[int]]:
    """What would come together and apart, by the links that the copy began; and the mentions that would move."""
    entity_of: dict[int, str] = {}
    after: dict[int, int] = {}
    begun = (
        select(link.c.mention_id, link.c.golden_id, mention.c.entity)
        .join(mention, mention.c.id == link.c.mention_id)
        .where(link.c.run_id == RUN, link.c.until.is_(None))
    )
    for row in there.execute(begun):
        after[row.mention_id], entity_of[row.mention_id] = row.golden_id, row.entity
    before: dict[int, int] = {}
    for some in chunks(sorted(after)):
        ended = select(link.c.mention_id, link.c.golden_id).where(link.c.mention_id.in_(some), link.c.run_id != RUN,
                                                                  link.c.until == now)  # fmt: skip
        before |= {row.mention_id: row.golden_id for row in there.execute(ended)}
    stayed = _that_some_stayed_in(there, {*after.values(), *before.values()})
    from_: dict[int, set[int]] = {}
    to: dict[int, set[int]] = {}
    kind: dict[int, str] = {}
    for id, place in after.items():
        kind[place] = entity_of[id]
        if id not in before:
            continue
        kind[before[id]] = entity_of[id]
        from_.setdefault(place, {place} & stayed).add(before[id])
        to.setdefault(before[id], {before[id]} & stayed).add(place)
    merges = {place: sources for place, sources in from_.items() if len(sources) > 1}
    splits = {place: targets for place, targets in to.items() if len(targets) > 1}
    report = {
        entity.value: {
            name: _told(here, {at: those for at, those in events.items() if kind[at] == entity.value}, shown)
            for name, events in (("merge", merges), ("split", splits))
        }
        for entity in Entity
    }
    return report, set(after)


def _that_some_stayed_in(there: Connection, goldens: Collection[int]) -> set[int]:
    found: set[int] = set()
    for some in chunks(sorted(goldens)):
        query = select(link.c.golden_id).where(link.c.golden_id.in_(some), link.c.until.is_(None), link.c.run_id != RUN)
        found.update(there.scalars(query))
    return found


def _told(here: Connection, events: dict[int, set[int]], shown: int) -> Report:
    largest = sorted(events.items(), key=lambda one: (-len(one[1]), one[0]))[:shown]
    names = _names(here, {id for place, those in largest for id in (place, *those)})

    def called(id: int) -> Report:
        return {"golden_id": names[id][0], "name": names[id][1]}

    examples = [{**called(place), "with": [called(id) for id in sorted(those - {place})]} for place, those in largest]
    return {"count": len(events), "examples": examples}


def _name_ends(here: Connection, examples: list[Report]) -> None:
    """Put public ids and names in the place of mentions' ids."""
    ids = {id for each in examples for id in (each["left"], each["right"])}
    found: dict[int, Report] = {}
    for some in chunks(sorted(ids)):
        query = (
            select(mention.c.id, mention.c.public_id, golden.c.public_id.label("golden_id"), golden.c.name)
            .outerjoin(link, (link.c.mention_id == mention.c.id) & link.c.until.is_(None))
            .outerjoin(golden, golden.c.id == link.c.golden_id)
            .where(mention.c.id.in_(some))
        )
        for row in here.execute(query):
            found[row.id] = {"golden_id": row.golden_id or row.public_id, "name": row.name}
    for each in examples:
        each["left"], each["right"] = found.get(each["left"], {}), found.get(each["right"], {})


def _names(here: Connection, ids: Collection[int]) -> dict[int, tuple[str, str | None]]:
    """Public id and name of golden records by their id, which is their anchor's; also of those that are not yet."""
    found: dict[int, tuple[str, str | None]] = {}
    for some in chunks(sorted(ids)):
        query = (
            select(mention.c.id, mention.c.public_id, golden.c.name)
            .outerjoin(golden, golden.c.id == mention.c.id)
            .where(mention.c.id.in_(some))
        )
        found |= {row.id: (row.public_id, row.name) for row in here.execute(query)}
    return found
