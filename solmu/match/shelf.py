"""Features of the mentions of one pass, kept in a file that has no name and is gone when it is closed.

What a pass has put into the index it reads once more to compare it, in another order, and far more may come in between
than memory should hold. To read it here costs a third of what it does to make it anew from the claims.
"""

from __future__ import annotations

import marshal
import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import fields
from io import BytesIO
from operator import attrgetter
from types import TracebackType
from typing import IO, Any

from solmu.match.features import Features, OrganisationFeatures, PersonFeatures
from solmu.model import Entity

_FEATURES: dict[Entity, type[Features]] = {
    Entity.ORGANISATION: OrganisationFeatures,
    Entity.PERSON: PersonFeatures,
}
_WORTH = {made: attrgetter(*(field.name for field in fields(made))) for made in _FEATURES.values()}


def shelved(features: Features, beside: tuple[Any, ...]) -> bytes:
    """Features, and a few plain values beside them, as a shelf keeps them."""
    return marshal.dumps((beside, marshal.dumps(_WORTH[type(features)](features))))


class Shelf:
    """Keeps by the mention's id what ``shelved`` gives."""

    def __init__(self, entity: Entity) -> None:
        self._made = _FEATURES[entity]
        self._full = False
        self._file: IO[bytes] = BytesIO()
        try:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (closed at the block's end)
        except OSError:  # nowhere to write to, as in some containers
            self._full = True
        # Two numbers a mention, since there may be a million: a dictionary would take ten times as much.
        self._ids = array("q")
        self._ends = array("q", (0,))

    def __enter__(self) -> Shelf:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def put(self, things: Iterable[tuple[int, bytes]]) -> None:
        """Keep these, each with its id. Those that do not come in the order of their ids are left out."""
        if self._full:
            return
        last = self._ids[-1] if self._ids else 0
        ids: list[int] = []
        texts: list[bytes] = []
        for id, text in things:
            if id > last:
                ids.append(last := id)
                texts.append(text)
        try:
            self._file.seek(self._ends[-1])
            self._write(b"".join(texts))
        except OSError:  # no room: what is not kept is read from the store again, as if it had never been here
            self._full = True
            return
        self._ids.extend(ids)
        for text in texts:
            self._ends.append(self._ends[-1] + len(text))

    def get(self, id: int) -> tuple[bytes, tuple[Any, ...]] | None:
        """What is kept of a mention: features, for ``open``, and what is beside them. None where nothing is."""
        place = bisect_left(self._ids, id)
        if place == len(self._ids) or self._ids[place] != id:
            return None
        begin, end = self._ends[place], self._ends[place + 1]
        self._file.seek(begin)
        beside, features = marshal.loads(self._file.read(end - begin))  # noqa: S302 (our own file)
        return features, beside

    def open(self, features: bytes) -> Features:
        """Features as they were; many are asked for nothing but what is beside."""
        return self._made(*marshal.loads(features))  # noqa: S302 (our own)

    def _write(self, text: bytes) -> None:
        left = memoryview(text)
        while left:  # a file without a buffer may take a part at a time
            left = left[self._file.write(left) :]
