"""Loading the facts about golden records that admission looks at: what speaks for them, and where they are already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, select

from solmu.store.sql import among
from solmu.store.tables import HANGING, source_record
from solmu.sync.action import OPT_OUT
from solmu.sync.admission import Facts
from solmu.sync.asked import asked_about
from solmu.sync.equal import blank
from solmu.sync.mirror import Known
from solmu.sync.surroundings import Linked
from solmu.sync.views import Golden, Views

EVIDENCE = ("lead", "order", "deal", "activity")
"""What hangs on a record and may let it into a target."""

_NOWHERE: frozenset[str] = frozenset()
_NOBODY: frozenset[int] = frozenset()


def load_facts(connection: Connection, views: Views, ids: Sequence[int], linked: Linked) -> None:
    """Of the golden records ``ids``, which are in ``views`` already with their records in the target."""
    evidence = {
        name: _with_evidence(connection, views.target, name, linked) if _matters(views, name) else _NOBODY
        for name in EVIDENCE
    }
    views.facts |= {
        id: _facts(views.goldens[id], views.remotes.get(id, ()), evidence) for id in ids if id in views.goldens
    }
    if _matters(views, "in-review"):
        outside = [id for id in ids if id in views.facts and not views.facts[id].in_target]
        for id in asked_about(connection, views.target, outside):
            views.facts[id].asked = True


def _matters(views: Views, reason: str) -> bool:
    return views.reasons is None or reason in views.reasons


def _facts(record: Golden, remotes: Sequence[Known], evidence: Mapping[str, Collection[int]]) -> Facts:
    streams = frozenset(each.object for each in remotes if each.state == "live") if remotes else _NOWHERE
    lead, order, deal, activity = (record.id in evidence[name] for name in EVIDENCE)
    return Facts(
        lead=lead,
        order=order,
        deal=deal,
        activity=activity,
        in_target=bool(streams),
        streams=streams,
        supplier=record.values.get("supplier") is True,
        dormant=record.state == "dormant",
        opted_out=record.values.get(OPT_OUT) is True,
        reachable=not (blank(record.values.get("email")) and blank(record.values.get("phone"))),
    )


def _with_evidence(connection: Connection, target: str, name: str, linked: Linked) -> set[int]:
    """Those on whom one hangs. What the target itself holds, a lead of its own say, needs no further record there."""
    table = HANGING[name]
    query = (
        select(table.c.mention_id, source_record.c.connection)
        .distinct()
        .join(source_record, source_record.c.id == table.c.record_id)
        .where(among(connection, table.c.mention_id, list(linked)), table.c.state == "live")
    )
    return {linked[row.mention_id] for row in connection.execute(query) if row.connection != target}
