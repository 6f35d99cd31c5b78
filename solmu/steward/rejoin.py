"""Undoing puts together again what a change took apart, though each part has a record in a CRM by now.

The night after somebody takes records out of a customer, the part that has none gets a record in the CRM. Two such
parts are never joined unasked; but whoever undoes the change asks. So where nothing else keeps apart those who were one
when the change was made, undoing it says in that steward's name that they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from solmu.config import Hub
from solmu.match.cluster import Rank
from solmu.match.contradiction import contradiction
from solmu.match.decisions import InForce, Stored, Verdict, by_id
from solmu.model import Entity
from solmu.steward.hypothesis import cluster_under
from solmu.steward.intent import Intent, Said, assumed, goldens_of
from solmu.steward.ledger import Change, change
from solmu.store.sql import chunks
from solmu.store.tables import decision, decision_mention, link, mention


def rejoined(connection: Connection, hub: Hub, intent: Intent) -> Intent:
    """An undoing, with a "same" for those who were one before and whom two records in a CRM would keep apart."""
    undone = [each for each in (change(connection, id) for id in intent.undoes) if each is not None]
    back = {one.id: one for one in by_id(connection, intent.puts_back)}
    says = list(intent.says)
    looked_at: set[frozenset[int]] = set()
    for one in by_id(connection, intent.takes_back):
        for were_one in _goldens_before(connection, one, undone):
            would_be = assumed(says, intent.takes_back, back)
            if were_one in looked_at or one.verdict is Verdict.UNSURE:
                continue
            looked_at.add(were_one)
            for left, right in _kept_by_crms(connection, hub, were_one, would_be):
                rank = Rank.STEWARD
                if contradiction(connection, Verdict.SAME, left, right, rank=rank, in_force=would_be) is None:
                    says.append(Said(Verdict.SAME, left, right))
                    would_be = assumed(says, intent.takes_back, back)
    return replace(intent, says=tuple(says))


def _kept_by_crms(
    connection: Connection, hub: Hub, were_one: Collection[int], would_be: InForce
) -> list[tuple[frozenset[int], frozenset[int]]]:
    """Of those, whom nothing but two records in a CRM keeps apart."""
    entity = Entity(connection.execute(select(mention.c.entity).where(mention.c.id == min(were_one))).scalar_one())
    now = cluster_under(connection, hub, entity, were_one, would_be).outcome.golden_of
    if len(_parts(were_one, now)) == 1:
        return []
    without = cluster_under(connection, hub, entity, were_one, would_be, crms=()).outcome.golden_of
    apart = [_parts(part, now) for part in _parts(were_one, without)]
    return [(first, frozenset().union(*others)) for first, *others in apart if others]


def _goldens_before(connection: Connection, said: Stored, undone: Iterable[Change]) -> list[frozenset[int]]:
    """The golden records that a decision is about, as they were when the change was made that it came with.

    And when others were made that are taken back by now: in whichever order several are undone, the same comes of it.
    Those of them who are in no golden record any more, and those who were alone, are left out.
    """
    ids = said.left | said.right
    times = {each.at for each in undone if said.id in each.began} | _taken_back(connection, said.id, ids)
    found: dict[frozenset[int], None] = {}
    for at in sorted(times):
        goldens = set(_then(connection, link.c.mention_id, ids, at).values())
        whole = _then(connection, link.c.golden_id, goldens, at)
        found |= dict.fromkeys(part for part in _parts(goldens_of(connection, whole), whole) if len(part) > 1)
    return list(found)


def _taken_back(connection: Connection, id: int, mentions: Collection[int]) -> set[int]:
    """When those decisions were recorded that name some of these and are not in force, or are that one."""
    found: set[int] = set()
    for some in chunks(sorted(mentions)):
        query = (
            select(decision.c.at)
            .join(decision_mention, decision_mention.c.decision_id == decision.c.id)
            .where(decision_mention.c.mention_id.in_(some))
            .where(or_(decision.c.withdrawn_at.is_not(None), decision.c.id == id))
        )
        found.update(connection.scalars(query))
    return found


def _then(connection: Connection, column: ColumnElement[int], ids: Collection[int], at: int) -> dict[int, int]:
    """The links of a time: of mentions, or those to golden records."""
    found: dict[int, int] = {}
    stood = and_(link.c.since <= at, or_(link.c.until.is_(None), link.c.until > at))
    for some in chunks(sorted(ids)):
        query = select(link.c.mention_id, link.c.golden_id).where(column.in_(some), stood)
        found |= {row.mention_id: row.golden_id for row in connection.execute(query)}
    return found


def _parts(ids: Iterable[int], places: Mapping[int, int]) -> list[frozenset[int]]:
    found: dict[int, set[int]] = {}
    for id in sorted(ids):
        if id in places:
            found.setdefault(places[id], set()).add(id)
    return [frozenset(part) for part in found.values()]
