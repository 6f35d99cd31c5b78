"""What a golden record's other mentions say against joining one more: what clustering would hold a pair for."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from solmu.match.cluster import Traits, objection_to
from solmu.match.index import Mentions
from solmu.match.rules import RULES
from solmu.store.tables import link

LOOKED_AT = 50
"""Mentions of each golden record that are looked at, the first that came."""


def objections(
    connection: Connection, mentions: Mentions, mine: Traits, joined: Iterable[tuple[int, str]]
) -> dict[int, str]:
    """By golden record why a record with these traits is not joined with it, as ``cluster.Held`` has it; nothing of
    those that nothing speaks against. ``joined``: golden records, each with the rule by which it would be joined."""
    found: dict[int, str] = {}
    for golden_id, name in joined:
        there = mentions.load(connection, _members(connection, golden_id))
        rule = RULES.get(name)
        soft, names_aside = (rule.soft, rule.names_aside) if rule else (False, False)
        traits = [one.traits for one in there.values() if one.compared]
        reason = objection_to(mine, traits, soft=soft, names_aside=names_aside)
        if reason is not None:
            found[golden_id] = reason
    return found


def _members(connection: Connection, golden_id: int) -> Collection[int]:
    query = select(link.c.mention_id).where(link.c.golden_id == golden_id, link.c.until.is_(None))
    return connection.scalars(query.order_by(link.c.mention_id).limit(LOOKED_AT)).all()
