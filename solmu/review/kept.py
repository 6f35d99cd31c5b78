"""A review sheet that somebody has begun to fill in is hours of work: a new one does not take its place."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from solmu.errors import ConfigurationError
from solmu.review.answers import read_answers

_WRITTEN = (".xlsx", ".csv")
"""What an export writes: a sheet of another kind is not in its way."""


def keep_answers(path: Path) -> Path | None:
    """Where a sheet with answers stands at ``path``, give it another name beside it; gives that name."""
    try:
        found = read_answers(path) if path.is_file() and path.suffix.lower() in _WRITTEN else None
    except ConfigurationError:
        return None  # no review sheet, so nobody's answers
    if found is None or not (found.answers or found.refused):
        return None
    names = (path.with_stem(f"{path.stem}-{number}") for number in count(1))
    kept = next(each for each in names if not each.exists())
    path.rename(kept)
    return kept
