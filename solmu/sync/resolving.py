"""Resolving: which mentions speak of whom, and what is believed of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from solmu.beside.ahead import Ahead
from solmu.beside.child import start_child
from solmu.beside.garbage import rarely_collected
from solmu.errors import Busy
from solmu.golden.recompute import recompute
from solmu.golden.rules import Rules
from solmu.match.bundles import Bundle, active
from solmu.match.proof import watch
from solmu.match.rekey import rekey
from solmu.match.resolve import mentions_of
from solmu.match.resolve import resolve as resolve_mentions
from solmu.review.priority import rank
from solmu.store import dirty, time
from solmu.store.lease import lease
from solmu.sync import ledger
from solmu.sync.interrupt import check
from solmu.sync.merged_there import settle_merges
from solmu.sync.resolve_beside import works_by
from solmu.sync.rules import follow_matching, follow_rules, golden_rules
from solmu.sync.running import Run

PATIENCE = 300
"""Seconds that a run waits for another one to have resolved."""

HELPED_FROM = 40_000
"""Mentions that are due from which another process is worth its start."""

_MATCH_ALL = frozenset({"run", "match"})
"""Kinds of runs that match all mentions anew where the rules are others; what is done in between is done at once."""

_REMEMBERED = 16_384, 65_536
"""KiB of the file that are kept in memory then, at least and at most: the other process has a memory of its own. What
is written in one transaction must find room, or SQLite writes the same pages many times in it."""
_EACH = 32  # bytes of it for each mention that is due


def resolve(run: Run, *, patience: float = PATIENCE) -> None:
    """Find out which mentions speak of whom, and compute the golden records that this touches.

    Two runs at once resolve one after the other. If that takes more than ``patience`` seconds, what is unresolved waits
    for the next run, and nothing is planned of it meanwhile.
    """
    check()
    try:
        with lease(run.store, "resolve", wait=patience), rarely_collected():
            _resolve(run)
    except Busy as busy:
        run.failed.add("resolve")
        run.problems.append(busy)


@contextmanager
def _helped(run: Run, models: Bundle) -> Iterator[Ahead]:
    """What works out ahead, where so much is due that another process is worth its start."""
    address = run.store.address_for_others
    with run.store.read() as connection:
        due = dirty.waiting(connection, "match")
    if address is None or due < HELPED_FROM:
        yield Ahead()
        return
    least, most = _REMEMBERED
    with run.store.in_bulk(remembered=min(most, max(least, due * _EACH // 1024))):
        ahead = Ahead(start_child("solmu.sync.resolve_beside", (run.hub.folder, address), works_by(run.hub, models)))
        try:
            yield ahead
        finally:
            ahead.close()


def _resolve(run: Run) -> None:
    crms = [c.name for c in run.hub.connections.values() if c.is_target]
    if run.kind in _MATCH_ALL:
        follow_matching(run.store, run.hub)
        settings = run.hub.settings.matching
        rekey(run.store, lambda entity: mentions_of(entity, settings, crms), run.progress("making keys anew"))
    # Before anything merges by a score: does its threshold still keep its promise?
    watch(run.store, run.hub.settings.matching, crms=crms, now=time.now())
    with run.store.read() as connection:
        models = active(connection)
    with _helped(run, models) as ahead:
        found = resolve_mentions(
            run.store,
            run.hub.settings.matching,
            run_id=run.id,
            now=time.now(),
            remotes=crms,
            progress=run.progress("resolving"),
            models=models,
            ahead=ahead,
        )
        with run.store.write() as connection:
            ledger.add(connection, run.id, "pairs", "all", found.pairs)
            settle_merges(connection, now=time.now())
        follow_rules(run.store, "golden", golden_rules(run.hub))
        recompute(
            run.store,
            Rules.of_hub(run.hub),
            targets=run.targets,
            protecting=run.hub.settings.matching.protected,
            progress=run.progress("computing golden records"),
            ahead=ahead,
        )
    rank(run.store)
