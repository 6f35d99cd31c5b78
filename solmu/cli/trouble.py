"""Troubles of the machine, not of Solmu: told as what they are."""

from __future__ import annotations

import errno

from solmu.errors import SolmuError

# As SQLite and PostgreSQL say it.
_FULL = ("database or disk is full", "no space left on device")


def trouble_of(error: BaseException) -> SolmuError | None:
    """What an unexpected error comes from, if that is the machine's: a disk that is full. None for a defect."""
    seen: BaseException | None = error
    while seen is not None:
        full = isinstance(seen, OSError) and seen.errno in (errno.ENOSPC, errno.EDQUOT)
        if full or any(text in str(seen).casefold() for text in _FULL):
            return SolmuError(
                "the disk is full: what was not written yet was given up, and nothing is half written",
                code="disk-full",
                file=seen.filename if isinstance(seen, OSError) else None,
                expected="room on the disk of the hub and its store; then the same again: it goes on from there",
            )
        seen = seen.__cause__ or seen.__context__
    return None
