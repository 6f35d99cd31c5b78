"""What the mapping stage works with: how a stream becomes mentions, and a record on its way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from solmu.errors import Skippable
from solmu.exchange import Payload, Remote
from solmu.mapping.values import Mapped
from solmu.model import CanonicalField, Entity
from solmu.store import Store, time
from solmu.store.sql import upsert
from solmu.store.tables import recipe
from solmu.sync.fold import Claim
from solmu.sync.stream import Stream


class Maps(Protocol):
    """What this stage needs of a source mapping."""

    @property
    def recipe(self) -> str:
        """Hash of what makes its claims."""

    @property
    def recipe_detail(self) -> Mapping[str, Any]:
        """What the hash is of."""

    def map(self, payload: Mapping[str, Any], *, connection: str) -> Mapped:
        """The mentions of a payload. Raises Skippable."""

    def map_all(self, payloads: Sequence[Mapping[str, Any]], *, connection: str) -> Sequence[Mapped | Skippable]:
        """The same of many, in their order, with the error in place of what cannot be used."""


@dataclass(frozen=True, slots=True)
class Stage:
    """How one stream becomes mentions.

    ``as_remote`` is given for a connection that is a target too: it reads our external id, the version and who changed
    it last from a landed payload; ``entity`` is what its records there are made from. ``targets`` are the names of all
    targets, which look again at what changes. ``elsewhere``, which can be pickled, makes the same mapping in another
    process.
    """

    stream: Stream
    mapping: Maps
    partial: bool
    targets: Sequence[str]
    as_remote: Callable[[str, Payload], Remote] | None = None
    entity: Entity | None = None
    elsewhere: Callable[[], Maps] | None = None


class Past(NamedTuple):
    """What the earlier versions of a record say of a mention; ``stamp`` is when the last one with news was made."""

    claim: Claim
    stamp: int


@dataclass(slots=True)
class Record:
    """One record on its way through the stage.

    ``made_from``: we made it in the target, of a row of this table. ``again``: it has not changed, and is mapped
    another time. ``past`` is what its earlier versions say by slot, where that was looked up; see ``history``.
    """

    id: int
    generation: int
    key: str
    state: str
    version_id: int
    outcome: str
    stamp: int
    payload: Payload | None
    file: str | None
    line: int | None
    remote: Remote | None = None
    mapped: Mapped | None = None
    refusal: Skippable | None = None
    echoes: Collection[str] = ()
    made_from: str | None = None
    mentions: dict[str, Any] = field(default_factory=dict)
    again: bool = False
    past: dict[str, Past] | None = None


def remember_recipe(store: Store, stage: Stage) -> None:
    """Store what the stage's recipe is made of, before any claim names it."""
    row = {"hash": stage.mapping.recipe, "detail": dict(stage.mapping.recipe_detail), "made_at": time.now()}
    with store.write() as connection:
        upsert(connection, recipe, [row], conflict=("hash",), update=())


def mapping_of_file(name: str, file: Path, known: Mapping[Entity, Mapping[str, CanonicalField]]) -> Maps:
    """The source mapping in a file; ``known`` are the canonical fields of each entity."""
    from solmu.config.yaml import load
    from solmu.mapping.source import source_mapping

    return source_mapping(name, file, *load(file), known)
