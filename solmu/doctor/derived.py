"""Invariants 3, 4 and 5: golden records are derived, ids are for ever, stewards outrank machines."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import alias as aliased
from sqlalchemy import and_, func, or_, select

from solmu.config import Hub
from solmu.golden.rebuild import claim_differences, golden_differences
from solmu.store import Store
from solmu.store.tables import decision, decision_mention, golden_alias, link, mention
from solmu.store.tables import golden as golden_table


def golden(store: Store, hub: Hub) -> Iterator[str]:
    """Claims follow from what was received, and golden records from links."""
    yield from claim_differences(store, hub)
    yield from golden_differences(store, hub)


def ids(store: Store, hub: Hub) -> Iterator[str]:
    """Every mention was born with a public id that still resolves, and a golden record carries its anchor's."""
    with store.read() as connection:
        unborn = (
            select(mention.c.public_id)
            .outerjoin(
                golden_alias,
                and_(golden_alias.c.public_id == mention.c.public_id, golden_alias.c.mention_id == mention.c.id),
            )
            .where(golden_alias.c.public_id.is_(None))
        )
        for public_id in connection.scalars(unborn):
            yield f"{public_id} leads nowhere"
        foreign = (
            select(golden_table.c.public_id)
            .outerjoin(mention, mention.c.id == golden_table.c.id)
            .where(or_(mention.c.id.is_(None), mention.c.public_id != golden_table.c.public_id))
        )
        for public_id in connection.scalars(foreign):
            yield f"{public_id} is not the id of its anchor"
        # A golden record that anybody is linked to is anchored in one of those who are.
        own = aliased(link, name="own")
        adrift = (
            select(golden_table.c.public_id)
            .join(link, and_(link.c.golden_id == golden_table.c.id, link.c.until.is_(None)))
            .outerjoin(
                own,
                and_(
                    own.c.golden_id == golden_table.c.id, own.c.mention_id == golden_table.c.id, own.c.until.is_(None)
                ),
            )
            .where(own.c.id.is_(None))
            .distinct()
        )
        for public_id in connection.scalars(adrift):
            yield f"{public_id} has lost its anchor"


def decisions(store: Store, hub: Hub) -> Iterator[str]:
    """Both sides of a steward's "different" are apart, both sides of a steward's "same" are together."""
    left, right = aliased(decision_mention, name="l"), aliased(decision_mention, name="r")
    left_link, right_link = aliased(link, name="ll"), aliased(link, name="rl")
    together = left_link.c.golden_id == right_link.c.golden_id
    query = (
        select(decision.c.id, decision.c.verdict, decision.c.who, func.count().label("pairs"))
        .join(left, and_(left.c.decision_id == decision.c.id, left.c.side == "left"))
        .join(right, and_(right.c.decision_id == decision.c.id, right.c.side == "right"))
        .join(left_link, and_(left_link.c.mention_id == left.c.mention_id, left_link.c.until.is_(None)))
        .join(right_link, and_(right_link.c.mention_id == right.c.mention_id, right_link.c.until.is_(None)))
        .where(
            decision.c.withdrawn_at.is_(None),
            decision.c.rank == "steward",  # a merge in a CRM gives way to a steward's word
            or_(
                and_(decision.c.verdict == "different", together),
                and_(decision.c.verdict == "same", ~together),
            ),
        )
        .group_by(decision.c.id, decision.c.verdict, decision.c.who)
        .order_by(decision.c.id)
    )
    with store.read() as connection:
        for row in connection.execute(query):
            yield f"decision {row.id} ({row.verdict}, by {row.who}) does not hold for {row.pairs} pairs of mentions"
