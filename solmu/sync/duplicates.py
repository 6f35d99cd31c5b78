"""What a target took for records that it has already: a pair for the steward, who says whether it is one.

"Same" links the two, so that nothing is created; "different" leaves the create rejected, until the target's own rule
lets it pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from solmu.exchange import Result
from solmu.match.cluster import Rank
from solmu.match.component import ASKED_BY_CRM
from solmu.match.contradiction import contradiction
from solmu.match.decisions import Verdict
from solmu.match.rules import PROVEN, RULES, Band
from solmu.store.sql import chunks, upsert
from solmu.store.tables import link, mention, pair, remote
from solmu.sync.outbox import Queued

RULE = ASKED_BY_CRM
_SENTENCE = "The CRM's own duplicate rule takes them for one, and refuses to make the second."
_MODEL = "crm"


def ask(connection: Connection, target: str, refused: Sequence[tuple[Queued, Result]], *, run_id: str) -> int:
    """Make pairs of creates that were refused and the records that they were taken for; gives how many are new.

    Records that the hub does not know, and pairs that somebody has decided, make none.
    """
    wanted = {(row.object, id) for row, result in refused for id in result.alike}
    there = _mentions(connection, target, wanted)
    made = 0
    for row, result in refused:
        for id in result.alike:
            other = there.get((row.object, id))
            if other is not None and row.golden_id is not None and row.hanging is None:
                made += _pair(connection, row.golden_id, other, run_id)
    return made


def _pair(connection: Connection, one: int, other: int, run_id: str) -> int:
    """A golden record's id is its anchor mention's."""
    query = (
        select(mention.c.id, mention.c.entity, link.c.golden_id)
        .join(link, (link.c.mention_id == mention.c.id) & link.c.until.is_(None))
        .where(mention.c.id.in_((one, other)))
    )
    rows = {row.id: row for row in connection.execute(query)}
    if len(rows) < 2 or rows[one].entity != rows[other].entity or rows[one].golden_id == rows[other].golden_id:
        return 0
    if contradiction(connection, Verdict.SAME, frozenset({one}), frozenset({other}), rank=Rank.STEWARD) is not None:
        return 0
    left, right = sorted((one, other))
    there = select(pair.c.rule).where(pair.c.left_id == left, pair.c.right_id == right)
    rule = connection.scalar(there)
    if rule in (RULE, PROVEN) or rule in RULES:
        return 0  # asked already, by what the machine itself would join them for
    values = {
        "left_id": left,
        "right_id": right,
        "entity": rows[one].entity,
        "weight": 0.0,
        "probability": 0.5,
        "band": Band.ASK.value,
        "rule": RULE,
        "explanation": {"sentence": _SENTENCE, "bars": [], "held": None},
        "model": _MODEL,
        "run_id": run_id,
    }
    # The machine may have asked because they are alike; that question goes away with the likeness, the CRM's does not.
    upsert(connection, pair, [values], conflict=("left_id", "right_id"))
    return 1


def _mentions(connection: Connection, target: str, wanted: set[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for some in chunks(sorted({id for _, id in wanted})):
        query = select(remote.c.object, remote.c.remote_id, remote.c.mention_id).where(
            remote.c.target == target, remote.c.remote_id.in_(some), remote.c.mention_id.is_not(None)
        )
        found.update({(row.object, row.remote_id): row.mention_id for row in connection.execute(query)})
    return found
