"""Two records that become one, in the system that a memory connection speaks to."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.memory.space import Space
from solmu.exchange import Merging, Outcome, Result


def merge(space: Space, stream: str, pairs: Sequence[Merging], user: str) -> list[Result]:
    """Put each loser into its winner as ``user``; each succeeds or is refused by itself."""
    return [_merge(space, stream, pair, user) for pair in pairs]


def _merge(space: Space, stream: str, pair: Merging, user: str) -> Result:
    winner, loser = space.get(stream, pair.winner), space.get(stream, pair.loser)
    if pair.winner == pair.loser:
        return _refused(pair, "same", "a record cannot be merged into itself")
    if loser is not None and loser.deleted and _survivor(space, stream, pair.loser) == pair.winner:
        return Result(pair.id, Outcome.UNCHANGED, pair.winner)
    for key, record in ((pair.winner, winner), (pair.loser, loser)):
        if record is None or record.deleted:
            return _refused(pair, "gone", f"the record {key} was deleted")
    space.remove(stream, pair.loser, merged_into=pair.winner, by=user)
    return Result(pair.id, Outcome.UPDATED, pair.winner)


def _survivor(space: Space, stream: str, key: str) -> str:
    """The record that one went into in the end; itself if it went into none."""
    seen = {key}
    while (record := space.get(stream, key)) and record.merged_into and record.merged_into not in seen:
        key = record.merged_into
        seen.add(key)
    return key


def _refused(pair: Merging, code: str, message: str) -> Result:
    return Result(pair.id, Outcome.REJECTED, pair.winner, code=code, message=message)
