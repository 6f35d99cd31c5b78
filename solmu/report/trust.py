"""How far scores can be trusted to merge: what stewards said of pairs that were drawn at random, with intervals.

Only what was drawn (`solmu match sample`) speaks for the rest, and only that is counted towards the proof, as
`solmu match calibrate` counts it. What stewards picked from the queue is told beside it, as what it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, or_, select

from solmu.match.answered import answers, clustered
from solmu.match.bundles import active
from solmu.match.calibrate import Audit, about, audit
from solmu.match.drawn import PairKey, draws, open_draws
from solmu.match.index import Mentions
from solmu.match.model import Model
from solmu.match.proof import Promise
from solmu.model import Entity
from solmu.report.interval import wilson
from solmu.review.likeness import BULK_REASON
from solmu.store.tables import decision

Trust = dict[str, Any]


def trust(connection: Connection, settings: Promise, *, crms: Iterable[str]) -> dict[str, Trust]:
    """By entity ``state, promised, threshold, about, answers, unanswered, pairs, clusters, picked``.

    ``state``: *unproven* (scores only ask) · *proven* (from ``threshold`` on they merge). ``answers`` counts those on
    drawn pairs, of ``about`` so many that a proof takes, and ``unanswered`` drawn pairs that wait. ``pairs`` and
    ``clusters`` are the precision of what a proven threshold merges (``answers, errors, worth, low, high``, a 95 %
    interval), None where none is in force. ``picked``: answers on pairs that nobody drew, by what the machine had done
    with the pair then (``asked``, ``merged``): ``answers, same, share, low, high``; accepting in bulk is no answer.
    """
    models = active(connection)
    crms = tuple(crms)
    found = {}
    for entity in Entity:
        model = models(entity)
        mentions = Mentions(entity, crms=crms, protected=settings.protected, identity=settings)
        drawn = {one.pair for each in draws(connection, model) for one in each.pairs}
        known, _, _ = answers(connection, model, mentions, {})
        threshold = model.thresholds.same
        audited: Audit | None = None
        if threshold is not None:
            # What it merges is merged: the links tell the clusters.
            audited = audit(clustered(connection, known, {}, threshold), threshold)
        found[entity.value] = {
            "state": "unproven" if threshold is None else "proven",
            "promised": settings.promised_precision,
            "threshold": threshold,
            "about": about(settings.promised_precision),
            "answers": sum(each.chance is not None for each in known),
            "unanswered": len(open_draws(connection, model)) if drawn else 0,
            "pairs": audited.pairs.as_dict() if audited else None,
            "clusters": audited.clusters.as_dict() if audited else None,
            "picked": _picked(connection, model, drawn),
        }
    return found


def _picked(connection: Connection, model: Model, drawn: set[PairKey]) -> Trust:
    first = decision.c.evidence
    query = select(
        decision.c.verdict,
        first[(0, "band")].as_string().label("band"),
        first[(0, "left")].as_integer().label("one"),
        first[(0, "right")].as_integer().label("other"),
    ).where(
        decision.c.entity == model.entity.value,
        decision.c.rank == "steward",
        decision.c.withdrawn_at.is_(None),
        decision.c.verdict.in_(("same", "different")),
        or_(decision.c.reason.is_(None), decision.c.reason != BULK_REASON),
    )
    counts = {"asked": [0, 0], "merged": [0, 0]}
    for row in connection.execute(query):
        if row.one is not None and (row.one, row.other) not in drawn:
            counts["merged" if row.band == "same" else "asked"][row.verdict != "same"] += 1
    return {name: _share(*each) for name, each in counts.items()}


def _share(same: int, different: int) -> Trust:
    interval = wilson(same, same + different)
    return {
        "answers": same + different,
        "same": same,
        "share": round(same / (same + different), 4) if same + different else None,
        "low": None if interval is None else round(interval[0], 4),
        "high": None if interval is None else round(interval[1], 4),
    }
