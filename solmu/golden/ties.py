"""To whom a golden record belongs: who works or worked there, where somebody does or did, and how organisations are
related."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, alias, bindparam, or_, select

from solmu.store import time
from solmu.store.prepared import Prepared, among_these
from solmu.store.tables import affiliation, golden, link, relation, run, source_record, source_version
from solmu.sync.slots import in_its_place

_here, _there = alias(link), alias(link)


def _tied(table: Any, near: Any, far: Any, reference: Any, *, state: str = "live") -> Prepared:
    return Prepared(
        lambda _: (
            select(
                table.c.id,
                table.c.record_id,
                table.c.slot,
                table.c.document,
                golden.c.public_id,
                golden.c.name,
                reference.label("reference"),
                source_record.c.connection,
                source_record.c.stream,
                source_record.c.key,
            )
            .select_from(table)
            .join(_here, (_here.c.mention_id == near) & _here.c.until.is_(None))
            .join(source_record, source_record.c.id == table.c.record_id)
            .outerjoin(_there, (_there.c.mention_id == far) & _there.c.until.is_(None))
            .outerjoin(golden, golden.c.id == _there.c.golden_id)
            .where(
                _here.c.golden_id == bindparam("golden_id"),
                table.c.state == state,
                or_(golden.c.id.is_(None), golden.c.id != _here.c.golden_id),
            )
            .order_by(table.c.id)
        )
    )


_EMPLOYERS = _tied(affiliation, affiliation.c.mention_id, affiliation.c.other_mention_id, affiliation.c.other_reference)
_EMPLOYED = _tied(affiliation, affiliation.c.other_mention_id, affiliation.c.mention_id, affiliation.c.reference)
_ONCE_EMPLOYERS = _tied(
    affiliation, affiliation.c.mention_id, affiliation.c.other_mention_id, affiliation.c.other_reference,
    state="withdrawn",
)  # fmt: skip
_ONCE_EMPLOYED = _tied(
    affiliation, affiliation.c.other_mention_id, affiliation.c.mention_id, affiliation.c.reference, state="withdrawn"
)
_NAMED = Prepared(
    lambda connection: (
        select(affiliation.c.id, affiliation.c.record_id, affiliation.c.slot, source_version.c.landed_at)
        .join(source_version, source_version.c.id == affiliation.c.version_id)
        .where(among_these(connection, affiliation.c.record_id))
    )
)
_GONE = Prepared(
    lambda connection: (
        select(source_record.c.id, run.c.started)
        .join(run, run.c.id == source_record.c.run_id)
        .where(among_these(connection, source_record.c.id), source_record.c.state == "withdrawn")
    )
)
_TO = _tied(relation, relation.c.mention_id, relation.c.other_mention_id, relation.c.other_reference)
_FROM = _tied(relation, relation.c.other_mention_id, relation.c.mention_id, relation.c.reference)


def ties(connection: Connection, golden_id: int) -> dict[str, list[dict[str, Any]]]:
    """``{affiliations, past_affiliations, relations}`` of a golden record, as its records say them.

    Each: ``golden_id`` and ``name`` of the other end (None where it has not landed yet; ``reference`` names it then)
    and ``source``. An affiliation has ``job_title, since, until`` as the source says them, ``named``, when its record
    first named that employer here, and ``ended``, when it no longer did (None: it still does, or nobody knows). Those
    of which no record speaks any more are past. A relation has ``kind`` and ``of_the_other``: False where this one's
    own record says that the other is its parent, site, brand or dealer, True where the other's does.
    """
    people = [*_EMPLOYERS.rows(connection, golden_id=golden_id), *_EMPLOYED.rows(connection, golden_id=golden_id)]
    still = {row.public_id for row in people}
    once = [
        *_ONCE_EMPLOYERS.rows(connection, golden_id=golden_id),
        *_ONCE_EMPLOYED.rows(connection, golden_id=golden_id),
    ]
    # Whose row only came under another key, or left one of two lists, works where they worked.
    past = [row for row in once if row.public_id is not None and row.public_id not in still]
    when = _when(connection, [*people, *past])
    sides = ((False, _TO), (True, _FROM))
    return {
        "affiliations": [_affiliation(row, when[row.id][0], None) for row in people],
        "past_affiliations": [_affiliation(row, *when[row.id]) for row in past],
        "relations": [
            {**_end(row), "kind": row.document.get("kind"), "of_the_other": theirs}
            for theirs, question in sides
            for row in question.rows(connection, golden_id=golden_id)
        ],
    }


def _when(connection: Connection, rows: list[Any]) -> dict[int, tuple[int | None, int | None]]:
    """When each affiliation was first named by its record, and when the record named another, or went."""
    records = sorted({row.record_id for row in rows})
    if not records:
        return {}
    named = _NAMED.rows(connection, ids=records)
    gone = dict(tuple(row) for row in _GONE.rows(connection, ids=records))
    since = {row.id: row.landed_at for row in named}
    found: dict[int, tuple[int | None, int | None]] = {}
    for row in rows:
        begun = since.get(row.id)
        place = row.record_id, in_its_place(row.slot)
        ends = [each.landed_at for each in named if (each.record_id, in_its_place(each.slot)) == place]
        ends += [gone[row.record_id]] if row.record_id in gone else []
        found[row.id] = begun, min((at for at in ends if begun is not None and at > begun), default=None)
    return found


def _affiliation(row: Any, named: int | None, ended: int | None) -> dict[str, Any]:
    return {
        **_end(row),
        **{name: row.document.get(name) for name in ("job_title", "since", "until")},
        "named": time.iso(named) if named is not None else None,
        "ended": time.iso(ended) if ended is not None else None,
    }


def _end(row: Any) -> dict[str, Any]:
    return {
        "golden_id": row.public_id,
        "name": row.name,
        "reference": row.reference if row.public_id is None else None,
        "source": f"{row.connection}/{row.stream}/{row.key}",
    }
