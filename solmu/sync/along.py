"""Mapping along with the reading: what a batch has brought into being is mapped while it is still in memory.

From some thousand records on a helper's process shares the work: it maps some batches while this one reads, stores, and
maps others. Only this process writes. Whatever comes to nothing here (a crash, a helper that dies, a record that needs
more than itself) is still marked in ``dirty``, and ``map_pending`` maps it from the store.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from solmu.store import Store, time
from solmu.store.migrate import hash_key
from solmu.sync.birth import Born, bear
from solmu.sync.helper import Helper, Lost, start
from solmu.sync.mentions import has_tombstones
from solmu.sync.newborn import Touched, store_born
from solmu.sync.stage import Stage, remember_recipe
from solmu.sync.versions import Fresh

HELPED_FROM = 3_000
"""New records in one read from which a helper is worth its start."""

_UNDER_WAY = 3
"""Batches that a helper is given ahead, so that it need not wait for the next."""


@contextmanager
def mapping_along(store: Store, stage: Stage, *, run_id: str) -> Iterator[Along]:
    """Give ``Along.take`` what a batch has brought into being. At the end of the block everything taken is mapped.

    Where the block ends in an exception, what is not stored yet is left to ``map_pending``.
    """
    along = Along(store, stage, run_id)
    try:
        yield along
        along.finish()
    finally:
        along.close()


class Along:
    """See ``mapping_along``."""

    def __init__(self, store: Store, stage: Stage, run_id: str) -> None:
        self._store, self._stage, self._run_id = store, stage, run_id
        self._helper: Helper | None = None
        self._given: deque[Sequence[Fresh]] = deque()  # to the helper, in this order
        self._taken = 0
        self._may_be_helped = True
        with store.read() as connection:
            self._key = hash_key(connection)
            self._tombstones = has_tombstones(connection)

    def take(self, batch: Sequence[Fresh]) -> None:
        """Map a batch now, or have it mapped."""
        if not batch or self._stage.as_remote is not None:
            return  # what repeats our own writes can only be told by what the store knows of them
        if not self._taken:
            remember_recipe(self._store, self._stage)
        self._taken += len(batch)
        if self._may_be_helped and self._taken > HELPED_FROM:
            self._may_be_helped = False
            self._helper = start(self._stage, self._key, tombstones=self._tombstones)
        self._settle()
        if self._helper is not None and len(self._given) < _UNDER_WAY:
            self._helper.give(batch)
            self._given.append(batch)
        else:
            self._keep(batch, bear(batch, self._stage, self._key, tombstones=self._tombstones))

    def finish(self) -> None:
        """Wait for what the helper has under way."""
        self._settle(wait=True)

    def close(self) -> None:
        """Let the helper go."""
        if self._helper is not None:
            self._helper.close()
            self._helper = None

    def _settle(self, *, wait: bool = False) -> None:
        """Store what the helper has done."""
        while self._helper is not None and self._given:
            try:
                born = self._helper.result(wait=wait)
            except Lost:
                # What it had under way is left to map_pending, and this process goes on alone.
                self._given.clear()
                self.close()
                return
            if born is None:
                return
            self._keep(self._given.popleft(), born)

    def _keep(self, batch: Sequence[Fresh], born: Born) -> None:
        with suppress(Touched), self._store.write(trusted=True) as connection:
            store_born(
                connection,
                self._stage,
                batch,
                born,
                tombstones=self._tombstones,
                run_id=self._run_id,
                now=time.now(),
            )
