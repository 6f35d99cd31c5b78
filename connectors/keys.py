"""Keys of rows that have none of their own: for sheets and queries, where the connection states the key's columns.

A key is its parts joined by ``|``; a blank part falls back to the row's hash, and without any columns the hash is the
key. Identical rows are then told apart by their number: the second of them ends in ``#2``.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from solmu.exchange import error_in

_START_SLOTS = 1 << 12


def row_hash(payload: Mapping[str, Any]) -> str:
    """32 hexadecimal digits that depend on the row's columns and values, not on the columns' order."""
    return hashlib.blake2b(orjson.dumps(payload, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def numbered(names: Sequence[str]) -> list[str]:
    """Column names made unique: what comes again gets a number, as in "Phone (2)"."""
    unique: dict[str, None] = {}
    for base in names:
        name, number = base, 2
        while name in unique:
            name, number = f"{base} ({number})", number + 1
        unique[name] = None
    return list(unique)


class Keys:
    """Gives the rows of one list their keys. Make one for each reading of a list.

    Whether two rows claim one key with different values is the core's to judge: such keys come out equal.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self._hashes = _Hashes()
        self._again: dict[str, int] = {}

    def of(self, payload: Mapping[str, Any]) -> str:
        """The key of the next row."""
        parts = [_part(payload.get(column)) for column in self.columns]
        if parts and all(parts):
            return "|".join(parts)
        digest = row_hash(payload)
        key = "|".join(part or digest for part in parts) or digest
        if self._hashes.add(digest):
            return key
        self._again[digest] = self._again.get(digest, 1) + 1
        return f"{key}#{self._again[digest]}"


def _part(value: Any) -> str:
    if value.__class__ is str:
        text = value
    elif value is None or error_in(value) is not None:
        return ""
    else:
        text = str(value)
    # Escaped, so that "a|b" and "c" is another key than "a" and "b|c".
    return text.strip().replace("\\", "\\\\").replace("|", "\\|")


class _Hashes:
    """A set of hashes in at most 24 bytes each: a list of a million rows must not need gigabytes.

    An open-addressing table that keeps 64 bits of each. Where two rows share them (one chance in thirty million for a
    million rows) the second is numbered like a repetition; nothing is lost.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * _START_SLOTS))
        self._count = 0

    def add(self, digest: str) -> bool:
        """Note a hash; whether it is new."""
        if self._count * 3 > len(self._slots) * 2:
            self._grow()
        mark = int(digest[:16], 16) or 1  # an empty slot is 0
        slot = self._slot(mark)
        if self._slots[slot]:
            return False
        self._slots[slot] = mark
        self._count += 1
        return True

    def _slot(self, mark: int) -> int:
        slots, last = self._slots, len(self._slots) - 1
        slot = mark & last
        while slots[slot] and slots[slot] != mark:
            slot = (slot + 1) & last
        return slot

    def _grow(self) -> None:
        old = self._slots
        self._slots = array("Q", bytes(16 * len(old)))
        for mark in old:
            if mark:
                self._slots[self._slot(mark)] = mark
