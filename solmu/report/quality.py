"""The quality of the golden records: five figures, by source, field, country and owner, over time; the worst records.

Measured at the end of a night, and kept in ``meta``, so that whoever looks waits for nothing. Of each entity up to
``LOOKED_AT`` golden records are looked at: all of a smaller hub; of a larger one those next to places that are spread
evenly over the ids, so that the cost of a night does not grow with the store. The figures of a sample are estimates;
``margin`` says how far off they may be. The worst records are the worst of those that were looked at. What is kept of
them is their ids, never a value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from heapq import nlargest
from typing import Any

from sqlalchemy import Connection, func, select

from solmu.config import Hub
from solmu.model import Entity
from solmu.report.interval import wilson
from solmu.report.quality_figures import (
    DIMENSIONS,
    Claim,
    Looked,
    Tally,
    complete_of,
    findings,
    reasons,
)
from solmu.review.queue import ASKED, undecided
from solmu.store import Store, time
from solmu.store.sql import among, chunks, run_with_ids, upsert
from solmu.store.tables import golden, link, mention, meta, pair, quarantine, source_record

LOOKED_AT = 5_000
WORST = 500
GROUPS = 50
"""Countries and owners that are told apart, by their number of records."""
DAYS = 400
NAME, WORST_NAME, HISTORY_NAME = "quality", "quality-worst", "quality-history"

_NEXT_TO = """
SELECT DISTINCT (
    SELECT id FROM golden WHERE entity = ? AND state = 'live' AND id >= place.id ORDER BY id LIMIT 1
) FROM IDS AS place
"""


def measure(hub: Hub, store: Store, *, now: int | None = None, looked_at: int = LOOKED_AT) -> dict[str, Any]:
    """Look, keep what was found, and give it: ``at, seconds, entities``, which ``quality`` finds again."""
    began = time.now() if now is None else now
    started = time.now()
    entities: dict[str, Any] = {}
    worst: dict[str, Any] = {}
    with store.read() as connection:
        for entity in Entity:
            entities[entity.value], worst[entity.value] = _measured(connection, hub, entity, began, looked_at)
        told = {"at": began, "rows": _rows(connection), "entities": entities}
    told["seconds"] = (time.now() - started) / 1e6
    with store.write() as connection:
        kept = {NAME: told, WORST_NAME: worst, HISTORY_NAME: _history(connection, told)}
        rows = [{"name": name, "value": json.dumps(value)} for name, value in kept.items()]
        upsert(connection, meta, rows, conflict=["name"])
    return told


def quality(connection: Connection) -> dict[str, Any] | None:
    """What was measured last; None where nobody has. ``entities`` holds, by entity, ``records, looked_at, figures``
    ({measure: [good, of]}) and ``by`` ({dimension: {group: figures}}); ``rows`` is {source: [taken, of]}."""
    found: dict[str, Any] | None = _kept(connection, NAME)
    return found


def history(connection: Connection) -> list[dict[str, Any]]:
    """One entry a day, oldest first: ``day``, and by entity the share of each measure."""
    found: list[dict[str, Any]] = _kept(connection, HISTORY_NAME) or []
    return found


def worst_records(connection: Connection, entity: Entity, measure: str | None = None) -> list[dict[str, Any]]:
    """The fix list, worst first: ``public_id, name, country, city, owner, why`` (``measure:field`` …), as the records
    are now; those that are gone since are left out."""
    kept = (_kept(connection, WORST_NAME) or {}).get(entity.value, [])
    wanted = {id: why for id, why in kept if measure is None or any(_of(each, measure) for each in why)}
    query = select(
        golden.c.id, golden.c.public_id, golden.c.name, golden.c.country, golden.c.city, golden.c.document
    ).where(among(connection, golden.c.id, list(wanted)), golden.c.state == "live")
    there = {row.id: row for row in connection.execute(query)}
    return [
        {
            "public_id": row.public_id,
            "name": row.name,
            "country": row.country,
            "city": row.city,
            "owner": (row.document.get("owner") or {}).get("value"),
            "why": [each for each in why if measure is None or _of(each, measure)],
        }
        for id, why in wanted.items()
        if (row := there.get(id)) is not None
    ]


def margin(figures: Mapping[str, Sequence[int]], measure: str) -> float | None:
    """How far a figure of a sample may be from the true one, 95 times in 100."""
    good, of = figures.get(measure, (0, 0))
    bounds = wilson(good, of)
    return None if bounds is None else (bounds[1] - bounds[0]) / 2


def _of(reason: str, measure: str) -> bool:
    return reason.partition(":")[0] == measure


def _kept(connection: Connection, name: str) -> Any:
    text = connection.scalar(select(meta.c.value).where(meta.c.name == name))
    return None if text is None else json.loads(text)


def _measured(
    connection: Connection, hub: Hub, entity: Entity, now: int, looked_at: int
) -> tuple[dict[str, Any], list[Any]]:
    records, ids = _sample(connection, entity, looked_at)
    fields, complete = hub.fields(entity), complete_of(entity, hub.settings.web.complete)
    tally, bad = Tally(), list[tuple[int, int, list[str]]]()
    for some in chunks(ids):
        for record in _looked(connection, some):
            found = list(findings(record, fields, complete, now))
            tally.add(record, found)
            weight, why = reasons(found)
            if why:
                bad.append((weight, -record.id, why))
        bad = nlargest(WORST, bad)
    by = {name: _largest(tally.by[name]) if name in ("country", "owner") else tally.by[name] for name in DIMENSIONS}
    told = {"records": records, "looked_at": len(ids), "figures": tally.figures, "by": by}
    return told, [[-id, why] for _, id, why in bad]


def _sample(connection: Connection, entity: Entity, looked_at: int) -> tuple[int, list[int]]:
    """How many live records there are, and the ids of those to look at, of which no more are read than that."""
    where = (golden.c.entity == entity.value, golden.c.state == "live")
    records = connection.scalar(select(func.count()).select_from(golden).where(*where)) or 0
    query = select(golden.c.id).where(*where)
    if records <= looked_at:
        return records, list(connection.scalars(query.order_by(golden.c.id)))
    # Each by itself is a look-up; asked for both at once, SQLite would read all of them.
    first = connection.scalar(query.order_by(golden.c.id).limit(1)) or 0
    last = connection.scalar(query.order_by(golden.c.id.desc()).limit(1)) or 0
    places = [first + (last - first) * place // looked_at for place in range(looked_at)]
    return records, sorted(run_with_ids(connection, _NEXT_TO, (entity.value,), places).scalars())


def _looked(connection: Connection, ids: Sequence[int]) -> list[Looked]:
    claims: dict[int, list[Claim]] = {id: [] for id in ids}
    whose: dict[int, int] = {}
    query = (
        select(link.c.golden_id, link.c.mention_id, mention.c.claim, source_record.c.connection)
        .join(mention, mention.c.id == link.c.mention_id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .where(among(connection, link.c.golden_id, ids), link.c.until.is_(None))
    )
    for row in connection.execute(query):
        whose[row.mention_id] = row.golden_id
        own = {name: entry for name, entry in (row.claim or {}).items() if entry.get("own")}
        said = max((entry["since"][1] or 0 for entry in own.values()), default=0)
        if own:
            values = {name: entry["value"] for name, entry in own.items()}
            claims[row.golden_id].append(Claim(row.connection, values, said))
    doubtful = _doubtful(connection, whose)
    there = select(golden.c.id, golden.c.country, golden.c.document).where(among(connection, golden.c.id, ids))
    return [
        Looked(row.id, row.country, row.document, tuple(claims[row.id]), row.id in doubtful)
        for row in connection.execute(there.order_by(golden.c.id))
    ]


def _doubtful(connection: Connection, whose: Mapping[int, int]) -> set[int]:
    """Those of the golden records that are in a pair which waits for a steward."""
    found: set[int] = set()
    for side in (pair.c.left_id, pair.c.right_id):
        query = select(side).where(among(connection, side, list(whose)), ASKED, undecided())
        found |= {whose[id] for id in connection.execute(query).scalars()}
    return found


def _rows(connection: Connection) -> dict[str, list[int]]:
    """{source: [rows that are not in quarantine, rows]}"""
    name = source_record.c.connection
    counted = connection.execute(select(name, func.count()).group_by(name))
    waiting = dict[str, int]()
    query = (
        select(name, func.count())
        .select_from(quarantine)
        .join(source_record, source_record.c.id == quarantine.c.record_id)
        .where(quarantine.c.state == "waiting")
        .group_by(name)
    )
    for row in connection.execute(query):
        waiting[row[0]] = row[1]
    return {row[0]: [row[1] - waiting.get(row[0], 0), row[1]] for row in counted}


def _largest(groups: Mapping[str, Any]) -> dict[str, Any]:
    """The groups with most records, which uniqueness counts one each."""
    most = sorted(groups.items(), key=lambda each: (-each[1]["uniqueness"][1], each[0]))[:GROUPS]
    return dict(most)


def _history(connection: Connection, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The days before, and this one; of one day the last word counts."""
    day = time.from_micros(told["at"]).date().isoformat()
    shares = {
        entity: {name: good / of for name, (good, of) in one["figures"].items() if of}
        for entity, one in told["entities"].items()
    }
    before = [each for each in history(connection) if each["day"] != day]
    return sorted([*before, {"day": day, **shares}], key=lambda each: each["day"])[-DAYS:]
