"""Correcting the mapping that an import made for a list, as long as nobody has changed its file by hand.

A mapping that was proposed says so with a hash of what it held. While the file still holds that, it is as the import
wrote it, and what somebody corrects of it on a page may take its place; what people wrote by hand is theirs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from solmu.config import Hub
from solmu.config.mappings import find_mapping
from solmu.config.yaml import load
from solmu.model import FIELDS, HANGING_FIELDS
from solmu.propose import Order, Proposal
from solmu.store.payload import plain_hash
from solmu.sync.import_mapping import mapped_columns, mapped_kind, new_document
from solmu.sync.known_lists import event_of
from solmu.sync.layouts import partner_of

_AS_PROPOSED = re.compile(r"^# As proposed: ([0-9a-f]{32})\b", re.MULTILINE)
_KNOWN = frozenset(
    {"notes", "consent.email", "ignore"}
    | {f"{of}.{name}" for of, fields in (*FIELDS.items(), *HANGING_FIELDS.items()) for name in fields}
)

Found = tuple[dict[str, Any] | None, Proposal | None, tuple[str, ...]]


def correctable(hub: Hub, mapping: str) -> bool:
    """Whether a mapping is as an import wrote it."""
    path = find_mapping(hub.folder, "sources", mapping)
    stated = _AS_PROPOSED.search(path.read_text(encoding="utf-8-sig")) if path else None
    return path is not None and stated is not None and stated[1] == _hash(load(path)[0])


def correction(
    hub: Hub,
    samples: dict[str, list[Any]],
    mapping: str,
    chosen: Mapping[str, str | None],
    order: Order | None,
    path: Path,
) -> Found:
    """The mapping with the fields that somebody ``chosen`` for some of its columns, as ``new_document`` gives one."""
    before = {each.name: each.field for each in mapped_columns(hub, mapping, list(samples))}
    fields = {name: field for name, field in before.items() if field is None or field in _KNOWN}
    partner, kind, event = partner_of(hub, mapping), mapped_kind(hub, mapping), event_of(hub, mapping)
    return new_document(hub, samples, None, partner, kind, event, path, {**fields, **chosen}, order)


def about(name: str, proposed: Mapping[str, Any] | None) -> Sequence[str]:
    """What stands above a mapping that was written for a file of that name, and all of which was ``proposed``."""
    told = f"Proposed by `solmu import` for {name}, from its columns. Change what is wrong."
    return [told] if proposed is None else [told, _as_proposed(proposed)]


def _as_proposed(document: Mapping[str, Any]) -> str:
    """The line of the file by which it is known as one that nobody has changed."""
    return f"As proposed: {_hash(document)} (while nobody changes it by hand, the page Import can correct it)"


def _hash(document: Mapping[str, Any]) -> str:
    # As it comes back out of the file: a tuple is a list there.
    return plain_hash(json.loads(json.dumps(document, default=str)))
