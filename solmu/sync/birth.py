"""What a record that is new says, as rows that are ready to be stored. Pure: it knows no store.

A record that has never been mapped needs nothing that the store knows but its own ids, so it is mapped from memory,
here or in a helper's process. Whoever needs more (what a reference names, say) is told apart, and goes the way of
records that are there already; see ``claims``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson

from solmu.errors import Skippable
from solmu.mapping.values import Mapped, Reference
from solmu.model import Entity
from solmu.store.ids import Births
from solmu.store.payload import canonical, hasher
from solmu.store.tables import HANGING
from solmu.sync.hanging import TYPED
from solmu.sync.left_out import count_left_out
from solmu.sync.mentions import claim_stamp, first_claim, tombstone_hash
from solmu.sync.stage import Stage
from solmu.sync.versions import Fresh

MENTION = ("id", "record_id", "slot", "entity", "state", "public_id", "claim", "claim_hash", "version_id", "recipe")
REFUSAL = ("record_id", "version_id", "stage", "code", "message", "field", "value", "expected")
POSITIONS = ("id", "mention_id", "other_mention_id")
"""Columns of what is born that hold a mention's position among those of the batch, until ids are given to them."""


@cache
def hanging_columns(kind: str) -> tuple[str, ...]:
    """The columns of rows of that table, in their order."""
    there = HANGING[kind].c
    ends = [name for name in POSITIONS[1:] if name in there]
    said_in = ("version_id",) if kind in _DATED else ()
    return (*ends, "record_id", "slot", "state", "document", "document_hash", *_typed(kind), *said_in)


@cache
def _typed(kind: str) -> tuple[str, ...]:
    return tuple(name for name in TYPED if name in HANGING[kind].c)


@dataclass(slots=True)
class Born:
    """What a batch of records says.

    ``records`` are those that were mapped, and ``refused`` those that could not be, as rows of ``REFUSAL``; for one in
    neither, nothing is prepared. ``mentions`` are rows of ``MENTION``, and ``hanging`` gives, by table, rows of its
    ``hanging_columns``; ``quiet`` are the positions of mentions that nobody is to resolve. ``consents`` are rows of
    (position, purpose, allowed, record id, stamp), ``dead`` hashes of e-mail addresses by which erased people are
    recognised. ``left_out`` counts the values that the records land without, by column and reason.
    """

    records: list[int] = field(default_factory=list)
    refused: list[tuple[Any, ...]] = field(default_factory=list)
    mentions: list[tuple[Any, ...]] = field(default_factory=list)
    quiet: list[int] = field(default_factory=list)
    hanging: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    consents: list[tuple[Any, ...]] = field(default_factory=list)
    dead: list[bytes] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def bear(batch: Sequence[Fresh], stage: Stage, key: bytes, *, tombstones: bool) -> Born:
    """Map a batch. ``key`` is the store's own; ``tombstones`` whether it knows of people who were erased."""
    born, births, hash_of = Born(), Births(), hasher(key)
    payloads = [orjson.loads(fresh.text) for fresh in batch]
    results = stage.mapping.map_all(payloads, connection=stage.stream.connection)
    for fresh, mapped in zip(batch, results, strict=True):
        if isinstance(mapped, Skippable):
            born.refused.append(_refused(fresh, mapped))
        elif not _refers(mapped):
            _add(born, fresh, mapped, stage, hash_of, births)
            if mapped.warnings:
                count_left_out(born.left_out, mapped)
            if tombstones:
                born.dead += _hashes(mapped, key)
    return born


def _refers(mapped: Mapped) -> bool:
    """Whether only the store can tell whose something is."""
    for thing in mapped.hanging:  # noqa: SIM110 (a generator costs more than what it goes through)
        if thing.of.__class__ is Reference or thing.other.__class__ is Reference:
            return True
    return False


def _refused(fresh: Fresh, refusal: Skippable) -> tuple[Any, ...]:
    return (
        fresh.record_id,
        fresh.version_id,
        refusal.stage,
        refusal.code,
        refusal.message,
        refusal.field,
        None if refusal.value is None else str(refusal.value),
        refusal.expected,
    )


def _add(
    born: Born, fresh: Fresh, mapped: Mapped, stage: Stage, hash_of: Callable[[bytes], bytes], births: Births
) -> None:
    record_id, version_id = fresh.record_id, fresh.version_id
    born.records.append(record_id)
    state, recipe = "ignored" if mapped.ignored else "pending", stage.mapping.recipe
    stamp = claim_stamp(mapped, fresh.stamp)
    positions: dict[Any, int] = {}
    for told in {each.slot: each for each in mapped.mentions}.values():
        position = positions[told.slot] = len(born.mentions)
        if mapped.ignored:
            born.quiet.append(position)
        claim = canonical(first_claim(told, mapped, stamp))
        entity = told.entity._value_  # as quick as it gets: this is done for every row
        public_id, hash = births.public_id(entity), hash_of(claim)
        born.mentions.append(
            (position, record_id, told.slot, entity, state, public_id, claim.decode(), hash, version_id, recipe)
        )
    for thing in {(each.kind._value_, each.slot): each for each in mapped.hanging}.values():
        kind, fields = thing.kind._value_, thing.fields
        document = canonical(fields)
        ends: tuple[int | None, ...] = (positions.get(thing.of),)
        if kind in _TWO_SIDED:
            ends += (positions.get(thing.other),)
        row = (*ends, record_id, thing.slot, "live", document.decode(), hash_of(document))
        row += tuple(map(fields.get, _typed(kind)))
        born.hanging.setdefault(kind, []).append((*row, version_id) if kind in _DATED else row)
    for each in mapped.consents:
        if each.slot in positions:
            born.consents.append((positions[each.slot], each.purpose, each.allowed, record_id, fresh.stamp))


_TWO_SIDED = frozenset(name for name, table in HANGING.items() if "other_mention_id" in table.c)
_DATED = frozenset(name for name, table in HANGING.items() if "version_id" in table.c)


def _hashes(mapped: Mapped, key: bytes) -> list[bytes]:
    return [
        tombstone_hash(key, address)
        for told in mapped.mentions
        if told.entity is Entity.PERSON
        for address in told.fields.get("email", ())
    ]
