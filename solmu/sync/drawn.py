"""The lines of a plan as they were drawn up, kept until it is sealed, so that a long plan is not read back for that.

They are the very text that ``seal.digest`` makes of what is stored. They wait in files that have no name, one for each
position, since a plan is sealed in the order in which it is sent.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import orjson
from sqlalchemy import Connection

from solmu.store.payload import canonical
from solmu.store.sql import from_json
from solmu.sync.seal import FATE, Digest, Tally

Fate = tuple[str | None, ...]


class Drawn(NamedTuple):
    """A line that does something. ``text`` is what is hashed, ``rules`` are those of the fields that it changes in a
    record that is there."""

    position: int
    action: str
    subject: str
    state: str | None
    rules: tuple[str, ...]
    text: bytes
    fate: bytes


def drawn(said: Mapping[str, Any], fields: str, fate: Fate) -> Drawn:
    """A line that says this; ``fields`` is the JSON text of its fields as it is stored."""
    try:
        text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # what JSON holds in a form of its own
        text = canonical({**said, "fields": from_json(fields)})
    action = said["action"]
    rules = () if action == "create" else tuple(change["rule"] for change in said["fields"].values())
    return Drawn(said["position"], action, said["subject"], fate[0], rules, text, _fated(fate))


@lru_cache(1024)
def _fated(fate: Fate) -> bytes:
    return orjson.dumps(dict(zip(FATE, fate, strict=True)))


@dataclass(slots=True)
class Drafts:
    """All lines of one plan. Add what has been stored, in that order."""

    folder: Path
    tally: Tally = field(default_factory=Tally)
    _at: dict[int, BinaryIO] = field(default_factory=dict)

    def add(self, lines: Iterable[Drawn]) -> None:
        """Keep some more."""
        texts: dict[int, list[bytes]] = {}
        for line in lines:
            self.tally.add(line.action, line.subject, line.state, line.rules)
            texts.setdefault(line.position, []).extend((line.text, line.fate))
        for position, some in texts.items():
            if position not in self._at:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._at[position] = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115 (see __exit__)
            self._at[position].write(b"\n".join(some) + b"\n")

    def digest(self, connection: Connection, plan_id: str, to: BinaryIO | None = None) -> Digest:
        """What ``seal.digest`` would say of the plan. ``to``: write each line there too, as the plan's file has it."""
        hashing = hashlib.blake2b(digest_size=16)
        before = b"\n"
        for _, lines in sorted(self._at.items()):
            lines.seek(0)
            for text in lines:
                fate = next(lines)
                hashing.update(text)
                if to is not None:
                    to.write(before + text[:-2] + b"," + fate[1:-1])
                    before = b",\n"
        return self.tally.digest(connection, plan_id, hashing.hexdigest())

    def __enter__(self) -> Drafts:
        return self

    def __exit__(self, *_: object) -> None:
        for lines in self._at.values():
            lines.close()
