"""Matching everything anew: what would differ, told before anything changes, and taking it over.

On a copy of the store every mention is resolved again with the model that is asked for, and Splink scores all
candidates. What then differs is the difference report. It changes nothing; ``take_over`` puts the model in force and
marks what differs, and the resolver makes it so, as it does every night.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict
from typing import Protocol

from sqlalchemy import Connection, select

from solmu.errors import ConfigurationError
from solmu.match.bundles import SHIPPED, Bundle, activate, in_force, load, look_at, note_look, shipped
from solmu.match.difference import RUN, Report, clusters_differ, keys_differ, pairs_differ
from solmu.match.engine import Name, engine, require
from solmu.match.index import Mentions
from solmu.match.rescore import rescore
from solmu.match.resolve import Settings as ResolveSettings
from solmu.match.resolve import resolve
from solmu.match.scratch import mark_everything, scratch_copy
from solmu.model import Entity
from solmu.store import Store, dirty, time
from solmu.store.lease import lease
from solmu.store.sql import chunks
from solmu.store.tables import mention

SHOWN = 20
"""Examples of each kind that a report names."""
_PAGE = 5_000
Tell = Callable[[str, int], None]


class Settings(ResolveSettings, Protocol):
    """What a full run needs of the hub's ``matching:`` settings."""

    @property
    def engine(self) -> Name:
        """What Splink works on: ``duckdb`` or ``spark``."""

    @property
    def memory_mb(self) -> int:
        """Memory that DuckDB, or Spark's driver, may take; the rest goes to disk."""


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
    """The difference report of a version (the one in force, if none is named), and the mentions that would change,
    or be found by other block keys than those that an earlier release has stored.

    ``{version, in_force, made, waiting, mentions, splink, pairs, clusters}``. ``waiting`` counts mentions that no run
    has matched yet: what they change is told, too. ``splink`` by entity: see ``Rescored``. ``pairs`` by entity:
    ``gained``, ``lost`` by band, ``moved`` by "band > band", ``unchanged``, ``rescored`` (only the weight is another
    one), ``examples``. ``clusters`` by entity: ``merge`` and ``split`` with ``count`` and ``examples``.
    Raises Busy where somebody resolves just now, ConfigurationError where the engine is not to be had.
    """
    require(settings.engine)
    with store.read() as connection:
        used = in_force(connection)
        bundle = load(connection, used if version is None else version)
        waiting = dirty.waiting(connection, "match")
    now = time.now()
    with scratch_copy(store, patience=patience, progress=lambda more: tell("copying", more)) as (copy, folder):
        mentions = mark_everything(copy)
        resolve(
            copy,
            settings,
            run_id=RUN,
            now=now,
            remotes=crms,
            progress=lambda more: tell("matching anew", more),
            models=bundle,
        )
        with (
            engine(settings.engine, folder=folder, memory_mb=settings.memory_mb) as scratch,
            copy.read() as connection,
        ):
            splink = {}
            for entity in Entity:
                mentions_of = Mentions(entity, crms=crms, protected=settings.protected, identity=settings)
                found = rescore(
                    connection,
                    bundle(entity),
                    mentions_of,
                    cap=settings.block_cap,
                    engine=scratch,
                    progress=lambda more: tell("scoring with Splink", more),
                )
                splink[entity.value] = asdict(found)
                scratch.clear()
        with store.read() as here, copy.read() as there:
            pairs, changed = pairs_differ(here, there, shown)
            clusters, moved = clusters_differ(there, here, now, shown)
            found_otherwise = keys_differ(here, there)
    report: Report = {
        "version": bundle.version,
        "in_force": used,
        "made": time.iso(now),
        "waiting": waiting,
        "mentions": mentions,
        "splink": splink,
        "pairs": pairs,
        "clusters": clusters,
    }
    with store.write() as connection:
        note_look(connection, bundle.version, {"clusters": _counts(clusters), "mentions": mentions}, now)
    return report, changed | moved | found_otherwise


def take_over(store: Store, bundle: Bundle, changed: Collection[int] | None, *, who: str, patience: float = 0) -> int:
    """Put a version in force, and mark what it changes for the resolver; gives how many mentions were marked.

    ``changed`` are the mentions that a report named; None marks everything, as another model wants it. Raises
    ConfigurationError where nobody has had a difference report of that version.
    """
    now = time.now()
    with lease(store, "resolve", wait=patience):
        with store.read() as connection:
            before = in_force(connection)
            if before != bundle.version and look_at(connection, bundle.version) is None:
                raise unseen(bundle.version)
            everything = changed is None or not _scores_alike(connection, before, bundle)
            ids = sorted(connection.scalars(select(mention.c.id)) if everything else changed or ())
        if before != bundle.version:
            with store.write() as connection:
                activate(connection, bundle.version, who=who, now=now)
        # The version first: were it the other way round, a run in between would match by the old one, and be done.
        for some in chunks(ids, _PAGE):
            with store.write() as connection:
                dirty.mark(connection, "match", some)
    return len(ids)


def _scores_alike(connection: Connection, before: str, bundle: Bundle) -> bool:
    try:
        old = load(connection, before)
    except ConfigurationError:  # of another release
        return False
    return all(old(entity).hash == bundle(entity).hash for entity in Entity)


def unseen(version: str) -> ConfigurationError:
    """Why a version cannot come in force yet."""
    name = SHIPPED if version == shipped().version else version
    return ConfigurationError(
        f"nobody has seen yet what the model {version} would change",
        code="no-difference-report",
        value=version,
        expected=f"`solmu match --full --model {name}` first",
    )


def _counts(clusters: Report) -> Report:
    return {entity: {name: one["count"] for name, one in each.items()} for entity, each in clusters.items()}
