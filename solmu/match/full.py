"""Matching everything anew: what would differ, told before anything changes, and taking it over.

On a copy of the store every mention is resolved again with the model that is asked for, and Splink scores all
candidates. What then differs is the difference report. It changes nothing; ``take_over`` puts the model in force and
marks what differs, and the resolver makes it so, as it does every night.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict
from typing import Any, Protocol

from sqlalchemy import Connection, select

from solmu.errors import ConfigurationError
from solmu.match.bundles import SHIPPED, Bundle, activate, active, load, look_at, note_look, shipped
from solmu.match.index import Mentions
from solmu.match.rescore import rescore
from solmu.match.resolve import Settings as ResolveSettings
from solmu.match.resolve import resolve
from solmu.match.scratch import mark_everything, scratch_copy
from solmu.model import Entity
from solmu.store import Store, dirty, time
from solmu.store.lease import lease
from solmu.store.sql import chunks
from solmu.store.tables import golden, link, mention, pair

SHOWN = 20
"""Examples of each kind that a report names."""
_RUN = "full"
_PAGE = 5_000
Report = dict[str, Any]
Tell = Callable[[str, int], None]


class Settings(ResolveSettings, Protocol):
    """What a full run needs of the hub's ``matching:`` settings."""

    @property
    def memory_mb(self) -> int:
        """Memory that DuckDB may take; the rest goes to disk."""


def look(
    store: Store,
    settings: Settings,
    *,
    crms: Collection[str],
    version: str | None = None,
    patience: float = 0,
    tell: Tell = lambda _step, _more: None,
    shown: int = SHOWN,
) -> tuple[Report, set[int]]:
    """The difference report of a version (the one in force, if none is named), and the mentions that would change.

    ``{version, in_force, made, waiting, mentions, splink, pairs, clusters}``. ``waiting`` counts mentions that no run
    has matched yet: what they change is told, too. ``splink`` by entity: see ``Rescored``. ``pairs`` by entity:
    ``gained``, ``lost`` by band, ``moved`` by "band > band", ``unchanged``, ``rescored`` (only the weight is another
    one), ``examples``. ``clusters`` by entity: ``merge`` and ``split`` with ``count`` and ``examples``.
    Raises Busy where somebody resolves just now.
    """
    with store.read() as connection:
        in_force = active(connection)
        bundle = in_force if version is None else load(connection, version)
        waiting = dirty.waiting(connection, "match")
    now = time.now()
    with scratch_copy(store, patience=patience, progress=lambda more: tell("copying", more)) as (copy, folder):
        mentions = mark_everything(copy)
        resolve(
            copy,
            settings,
            run_id=_RUN,
            now=now,
            remotes=crms,
            progress=lambda more: tell("matching anew", more),
            models=bundle,
        )
        with copy.read() as connection:
            splink = {
                entity.value: asdict(
                    rescore(
                        connection,
                        bundle(entity),
                        Mentions(entity, crms=crms, protected=settings.protected),
                        cap=settings.block_cap,
                        folder=folder,
                        memory_mb=settings.memory_mb,
                        progress=lambda more: tell("scoring with Splink", more),
                    )
                )
                for entity in Entity
            }
        with store.read() as here, copy.read() as there:
            pairs, changed = _pairs(here, there, shown)
            clusters, moved = _clusters(there, here, now, shown)
    report: Report = {
        "version": bundle.version,
        "in_force": in_force.version,
        "made": time.iso(now),
        "waiting": waiting,
        "mentions": mentions,
        "splink": splink,
        "pairs": pairs,
        "clusters": clusters,
    }
    with store.write() as connection:
        note_look(connection, bundle.version, {"clusters": _counts(clusters), "mentions": mentions}, now)
    return report, changed | moved


def take_over(store: Store, bundle: Bundle, changed: Collection[int] | None, *, who: str, patience: float = 0) -> int:
    """Put a version in force, and mark what it changes for the resolver; gives how many mentions were marked.

    ``changed`` are the mentions that a report named; None marks everything, as another model wants it. Raises
    ConfigurationError where nobody has had a difference report of that version.
    """
    now = time.now()
    with lease(store, "resolve", wait=patience):
        with store.read() as connection:
            before = active(connection)
            if before.version != bundle.version and look_at(connection, bundle.version) is None:
                raise unseen(bundle.version)
            everything = changed is None or any(before(entity).hash != bundle(entity).hash for entity in Entity)
            ids = sorted(connection.scalars(select(mention.c.id)) if everything else changed or ())
        if before.version != bundle.version:
            with store.write() as connection:
                activate(connection, bundle.version, who=who, now=now)
        # The version first: were it the other way round, a run in between would match by the old one, and be done.
        for some in chunks(ids, _PAGE):
            with store.write() as connection:
                dirty.mark(connection, "match", some)
    return len(ids)


def unseen(version: str) -> ConfigurationError:
    """Why a version cannot come in force yet."""
    name = SHIPPED if version == shipped().version else version
    return ConfigurationError(
        f"nobody has seen yet what the model {version} would change",
        code="no-difference-report",
        value=version,
        expected=f"`solmu match --full --model {name}` first",
    )


def _pairs(here: Connection, there: Connection, shown: int) -> tuple[Report, set[int]]:
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


def _clusters(there: Connection, here: Connection, now: int, shown: int) -> tuple[Report, set[int]]:
    """What would come together and apart, by the links that the copy began; and the mentions that would move."""
    entity_of: dict[int, str] = {}
    after: dict[int, int] = {}
    begun = (
        select(link.c.mention_id, link.c.golden_id, mention.c.entity)
        .join(mention, mention.c.id == link.c.mention_id)
        .where(link.c.run_id == _RUN, link.c.until.is_(None))
    )
    for row in there.execute(begun):
        after[row.mention_id], entity_of[row.mention_id] = row.golden_id, row.entity
    before: dict[int, int] = {}
    for some in chunks(sorted(after)):
        ended = select(link.c.mention_id, link.c.golden_id).where(link.c.mention_id.in_(some), link.c.run_id != _RUN,
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
        query = select(link.c.golden_id).where(
            link.c.golden_id.in_(some), link.c.until.is_(None), link.c.run_id != _RUN
        )
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


def _counts(clusters: Report) -> Report:
    return {entity: {name: one["count"] for name, one in each.items()} for entity, each in clusters.items()}
