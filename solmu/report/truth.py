"""How well the machine matched, where somebody knows who is truly meant: pairwise precision and recall.

A truth file has the columns ``connection, stream, key, slot, entity, truth_id``, one row a mention; mentions with the
same ``truth_id`` speak of the same one. It is read after resolving and by this report only: no step of a run sees it.

Only links that the machine made are judged. A mention that a steward placed, or that is there because we wrote it,
would flatter the figures. A mention that the truth lists and the hub does not know counts as never found.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, and_, func, select

from solmu.errors import ConfigurationError
from solmu.model import Entity
from solmu.store.tables import link, mention, pair, source_record

COLUMNS = ("connection", "stream", "key", "slot", "entity", "truth_id")
IDENTITY_FIELDS = ("business_id", "customer_number", "email", "phone")
"""What would prove two rows to be about the same one without looking at names."""
_OTHERS = frozenset({"decision", "created-by-us"})
"""Reasons of links that are not the machine's finding."""

Place = tuple[str, str, str, str]  # connection, stream, key, slot


@dataclass(frozen=True, slots=True)
class _Mention:
    """One mention that the truth lists. ``golden_id`` is None where it is linked to nobody.

    ``keys`` are the identity keys of its whole row: an address on the card of a person also tells which company it is.
    """

    truth_id: str
    golden_id: int | None
    keys: frozenset[str]


def truth_report(connection: Connection, truth: Path) -> dict[str, Any]:
    """Precision and recall of each entity, and how many pairs the steward is asked about.

    ``{organisation: {precision, recall, recall_without_identity_key, pairs}, person: {…}, asked_per_1000}``. Shares are
    from 0 to 1, or None where there is nothing to divide by; ``recall_without_identity_key`` is over the true pairs
    whose rows share no business id, customer number, e-mail address or phone; ``pairs`` counts those that are true,
    those that were found, those that are both, and the true ones without a key. ``asked_per_1000`` is per 1,000 rows of
    the truth. Raises ConfigurationError for a file that is no truth.
    """
    listed = _read(truth)
    known = _known(connection, {place[:2] for place, _ in listed})
    keys = _keys(known)
    mentions: dict[str, list[_Mention]] = defaultdict(list)
    for (place, entity), truth_id in listed.items():
        found = known.get(place)
        if found is None or found.why not in _OTHERS:
            golden_id = found.golden_id if found else None
            mentions[entity].append(_Mention(truth_id, golden_id, keys.get(place[:3], frozenset())))
    rows = len({place[:3] for place, _ in listed})
    asked = connection.scalar(select(func.count()).select_from(pair).where(pair.c.band == "ask")) or 0
    return {
        **{entity.value: _figures(mentions[entity.value]) for entity in Entity},
        "asked_per_1000": _share(1000 * asked, rows),
    }


def write_truth_report(folder: Path, report: Mapping[str, Any]) -> Path:
    """Write ``reports/truth.json`` in a hub's folder; it appears whole or not at all."""
    path = folder / "reports" / "truth.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    part.replace(path)
    return path


def _read(truth: Path) -> dict[tuple[Place, str], str]:
    with truth.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise ConfigurationError(
                f"this is no truth file: it has no column {', '.join(missing)}",
                file=str(truth),
                expected=", ".join(COLUMNS),
            )
        return {
            ((row["connection"], row["stream"], row["key"], row["slot"]), row["entity"]): row["truth_id"]
            for row in reader
        }


def _known(connection: Connection, streams: Iterable[tuple[str, str]]) -> dict[Place, Any]:
    """Every mention of these streams with its claim and, if it has one, its live link."""
    found: dict[Place, Any] = {}
    for name, stream in sorted(set(streams)):
        query = (
            select(source_record.c.key, mention.c.slot, mention.c.claim, link.c.golden_id, link.c.why)
            .join(mention, mention.c.record_id == source_record.c.id)
            .outerjoin(link, and_(link.c.mention_id == mention.c.id, link.c.until.is_(None)))
            .where(source_record.c.connection == name, source_record.c.stream == stream)
        )
        found |= {(name, stream, row.key, row.slot): row for row in connection.execute(query)}
    return found


def _keys(known: Mapping[Place, Any]) -> dict[tuple[str, str, str], frozenset[str]]:
    """The identity keys of each row: what its mentions say themselves, echoes left out."""
    keys: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for place, row in known.items():
        claim = row.claim or {}
        for name in IDENTITY_FIELDS:
            entry = claim.get(name)
            if entry is not None and entry["own"]:
                values = entry["value"] if isinstance(entry["value"], list) else [entry["value"]]
                keys[place[:3]].update(f"{name}:{value}" for value in values)
    return {place: frozenset(values) for place, values in keys.items()}


def _figures(mentions: list[_Mention]) -> dict[str, Any]:
    linked = [one for one in mentions if one.golden_id is not None]
    true = _pairs(one.truth_id for one in mentions)
    found = _pairs(one.golden_id for one in linked)
    right = _pairs((one.truth_id, one.golden_id) for one in linked)
    keyless, keyless_found = _without_key(mentions)
    return {
        "precision": _share(right, found),
        "recall": _share(right, true),
        "recall_without_identity_key": _share(keyless_found, keyless),
        "pairs": {"true": true, "found": found, "right": right, "without_identity_key": keyless},
    }


def _pairs(groups: Iterable[Hashable]) -> int:
    """How many pairs lie within one group: counted, not listed."""
    return sum(size * (size - 1) // 2 for size in Counter(groups).values())


def _without_key(mentions: Iterable[_Mention]) -> tuple[int, int]:
    """True pairs whose rows share no identity key, and how many of those were found."""
    groups: dict[str, list[_Mention]] = defaultdict(list)
    for one in mentions:
        groups[one.truth_id].append(one)
    keyless = [
        one.golden_id is not None and one.golden_id == two.golden_id
        for group in groups.values()
        for one, two in combinations(group, 2)
        if one.keys.isdisjoint(two.keys)
    ]
    return len(keyless), sum(keyless)


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
