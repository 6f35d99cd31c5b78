"""Which other merges rest on the same evidence: the same rule, and the same value that two records share.

A telephone number that joined two firms wrongly has perhaps joined others too: who takes the two apart is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from solmu.match.component import Component
from solmu.match.index import holders
from solmu.match.rules import Band
from solmu.review.names import PairId
from solmu.review.sides import load_sides
from solmu.steward.intent import goldens_of
from solmu.store.sql import chunks
from solmu.store.tables import pair

SHOWN = 20
_CAP = 500  # a value that more records share is told with its number alone
_VALUES = {
    "bid": "business id",
    "num": "customer number",
    "dom": "mail domain or web site",
    "mail": "e-mail address",
    "tel": "phone number",
    "adr": "address",
    "name": "name",
    "id": "identifier",
    "born+name": "name with a date of birth",
    "home": "name and address",
    "role+name": "shared mailbox and name",
    "dom+sur": "mail domain and family name",
}
"""The kinds of block key that are a value which people know; the others are spellings and parts of names."""


def same_evidence(
    connection: Connection, component: Component, places: Mapping[int, tuple[int | None, int | None]]
) -> list[dict[str, Any]]:
    """``{rule, kind, value, records, merges}`` for each value on which pairs rest that would be cut.

    ``records`` counts those that share the value. ``merges``: ``pair, golden_id, name, left, right`` of further pairs
    that the same rule joined while sharing it, at most ``SHOWN``.
    """
    cut = {
        (row.left_id, row.right_id): row.rule
        for row in component.pairs
        if row.band == Band.SAME.value and _comes_apart(places.get(row.left_id), places.get(row.right_id))
    }
    shared: dict[tuple[str, str], None] = {}
    for (left, right), rule in sorted(cut.items()):
        for key in sorted(component.known[left].keys & component.known[right].keys):
            if key.split("|")[1] in _VALUES:
                shared[rule, key] = None
    found, crowded = holders(connection, {key for _, key in shared}, _CAP)
    told = []
    for rule, key in shared:
        merges = _joined(connection, rule, set(found.get(key, ())), set(cut))
        if merges or key in crowded:
            _, kind, value = key.split("|", 2)
            told.append(
                {
                    "rule": rule,
                    "kind": _VALUES[kind],
                    "value": value.replace("|", ", "),
                    "records": crowded.get(key, len(found.get(key, ()))),
                    "merges": merges,
                }
            )
    return told


def _comes_apart(one: tuple[int | None, int | None] | None, other: tuple[int | None, int | None] | None) -> bool:
    return one is not None and other is not None and one[0] == other[0] and one[1] != other[1]


def _joined(
    connection: Connection, rule: str, sharing: set[int], without: set[tuple[int, int]]
) -> list[dict[str, Any]]:
    rows = []
    for some in chunks(sorted(sharing)):
        query = select(pair.c.left_id, pair.c.right_id).where(
            pair.c.left_id.in_(some), pair.c.rule == rule, pair.c.band == Band.SAME.value
        )
        rows += [
            (row.left_id, row.right_id)
            for row in connection.execute(query)
            if row.right_id in sharing and (row.left_id, row.right_id) not in without
        ]
    places = goldens_of(connection, {id for each in rows for id in each})
    rows = [(left, right) for left, right in sorted(rows) if places.get(left) == places.get(right)][:SHOWN]
    sides = load_sides(connection, {id for each in rows for id in each})
    return [
        {
            "pair": str(PairId(left, right)),
            "golden_id": sides[left].public_id,
            "name": sides[left].name,
            "left": sides[left].compared.source,
            "right": sides[right].compared.source,
        }
        for left, right in rows
    ]
