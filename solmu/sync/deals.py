"""Which deals of a customer become records of their own in a target. Pure, but for the loading.

A deal that is over when it is first seen is no work for anybody there. And a deal is known by its number: what the ERP
and the CRM both have is one deal, which is not made there a second time.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from solmu.followup.stand import is_over
from solmu.store.sql import among, chunks
from solmu.store.tables import deal, link, source_record
from solmu.sync.copies import COPY
from solmu.sync.mirror import Known
from solmu.sync.planned import TargetStream
from solmu.sync.views import Hung, Views

OVER = "deal-over"
THERE = "deal-there"


def kept_out_by(views: Views, golden_id: int, stream: TargetStream, hung: Hung, remote: Known | None) -> str | None:
    """The rule by which a deal is not made in a stream of the target; None for one that is there, and for what is no
    deal. ``remote`` is what is known of its record there.
    """
    if hung.table != deal.name or (remote is not None and remote.state != "intended"):
        return None
    number = _plain(hung.document.get("number"))
    same = [each for each in views.hanging.get(golden_id, ()) if number and _is(each, number) and each.id != hung.id]
    if any(is_over(each.document.get("stage")) for each in (hung, *same)):
        return OVER
    if number in views.deals_there.get(golden_id, ()):
        return THERE
    return THERE if any(_goes_first(views, stream, each, hung) for each in same) else None


def load_deals_there(connection: Connection, views: Views, ids: Sequence[int]) -> None:
    """The numbers of the deals that the target itself says these golden records have."""
    for some in chunks(ids):
        query = (
            select(link.c.golden_id, deal.c.number, source_record.c.connection)
            .join(deal, deal.c.mention_id == link.c.mention_id)
            .join(source_record, source_record.c.id == deal.c.record_id)
            .where(
                among(connection, link.c.golden_id, some),
                link.c.until.is_(None),
                deal.c.state.in_(("live", COPY)),
                deal.c.number.is_not(None),
            )
        )
        for row in connection.execute(query):
            if row.connection == views.target:
                views.deals_there[row.golden_id].add(_plain(row.number))


def _is(hung: Hung, number: str) -> bool:
    return hung.table == deal.name and _plain(hung.document.get("number")) == number


def _goes_first(views: Views, stream: TargetStream, other: Hung, hung: Hung) -> bool:
    """Of several that are one deal the first goes, but for one that is there already."""
    remote = views.hung_remotes.get((other.table, other.id))
    is_there = remote is not None and remote.state != "intended"
    return is_there or (other.id < hung.id and stream.takes(other))


def _plain(number: object) -> str:
    return "" if number is None else str(number).strip().casefold()
