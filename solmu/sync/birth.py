"""What a record that is new says, as rows that are ready to be stored. Pure: it knows no store.

A record that has never been mapped needs nothing that the store knows but its own ids, so it is mapped from memory,
here or in a helper's process. Whoever needs more (what a reference names, say) is told apart, and goes the way of
records that are there already; see ``claims``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from solmu.errors import Skippable
from solmu.mapping.values import Mapped, MappedHanging
from solmu.model import Entity
from solmu.store.ids import Births
from solmu.store.payload import canonical, keyed_hash
from solmu.sync.hanging import TYPED
from solmu.sync.mentions import first_claim, tombstone_hash
from solmu.sync.stage import Stage
from solmu.sync.versions import Fresh

MENTION = ("record_id", "slot", "entity", "state", "public_id", "claim", "claim_hash", "version_id", "recipe")
HANGING = ("record_id", "slot", "state", "document", "document_hash")
REFUSAL = ("record_id", "version_id", "stage", "code", "message", "field", "value", "expected")


@dataclass(slots=True)
class Born:
    """What a batch of records says.

    ``records`` are those that were mapped, and ``refused`` those that could not be, as rows of ``REFUSAL``; for one in
    neither, nothing is prepared. ``mentions`` are rows of ``MENTION``. ``hanging`` gives, by table, rows of (position
    in ``mentions`` of whose it is, that of the other end or None, values of ``HANGING``, values of ``TYPED``).
    ``consents`` are rows of (position, purpose, allowed, record id, stamp), ``dead`` hashes of e-mail addresses by
    which erased people are recognised.
    """

    records: list[int] = field(default_factory=list)
    refused: list[tuple[Any, ...]] = field(default_factory=list)
    mentions: list[tuple[Any, ...]] = field(default_factory=list)
    hanging: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    consents: list[tuple[Any, ...]] = field(default_factory=list)
    dead: list[bytes] = field(default_factory=list)


def bear(batch: Sequence[Fresh], stage: Stage, key: bytes, *, tombstones: bool) -> Born:
    """Map a batch. ``key`` is the store's own; ``tombstones`` whether it knows of people who were erased."""
    born, births = Born(), Births()
    for fresh in batch:
        try:
            mapped = stage.mapping.map(orjson.loads(fresh.text), connection=stage.stream.connection)
        except Skippable as refusal:
            born.refused.append(_refused(fresh, refusal))
            continue
        if all(isinstance(end, str | None) for thing in mapped.hanging for end in (thing.of, thing.other)):
            _add(born, fresh, mapped, stage, key, births)
            if tombstones:
                born.dead += _hashes(mapped, key)
    return born


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


def _add(born: Born, fresh: Fresh, mapped: Mapped, stage: Stage, key: bytes, births: Births) -> None:
    born.records.append(fresh.record_id)
    state = "ignored" if mapped.ignored else "pending"
    positions: dict[str, int] = {}
    for told in {each.slot: each for each in mapped.mentions}.values():
        positions[told.slot] = len(born.mentions)
        claim = canonical(first_claim(told, mapped, fresh.stamp, partial=stage.partial))
        born.mentions.append(
            (
                fresh.record_id,
                told.slot,
                told.entity.value,
                state,
                births.public_id(told.entity),
                claim.decode(),
                keyed_hash(key, claim),
                fresh.version_id,
                stage.mapping.recipe,
            )
        )
    for thing in {(each.kind, each.slot): each for each in mapped.hanging}.values():
        born.hanging.setdefault(thing.kind.value, []).append(_hung(thing, fresh, positions, key))
    born.consents += [
        (positions[each.slot], each.purpose, each.allowed, fresh.record_id, fresh.stamp)
        for each in mapped.consents
        if each.slot in positions
    ]


def _hung(thing: MappedHanging, fresh: Fresh, positions: dict[str, int], key: bytes) -> tuple[Any, ...]:
    document = canonical(thing.fields)
    return (
        positions.get(str(thing.of)),
        None if thing.other is None else positions.get(str(thing.other)),
        (fresh.record_id, thing.slot, "live", document.decode(), keyed_hash(key, document)),
        tuple(thing.fields.get(name) for name in TYPED),
    )


def _hashes(mapped: Mapped, key: bytes) -> list[bytes]:
    return [
        tombstone_hash(key, address)
        for told in mapped.mentions
        if told.entity is Entity.PERSON
        for address in told.fields.get("email", ())
    ]
