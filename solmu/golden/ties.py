"""To whom a golden record belongs: who works there, where somebody works, and how organisations are related."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, alias, bindparam, or_, select

from solmu.store.prepared import Prepared
from solmu.store.tables import affiliation, golden, link, relation, source_record

_here, _there = alias(link), alias(link)


def _tied(table: Any, near: Any, far: Any, reference: Any) -> Prepared:
    return Prepared(
        lambda _: (
            select(
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
                table.c.state == "live",
                or_(golden.c.id.is_(None), golden.c.id != _here.c.golden_id),
            )
            .order_by(table.c.id)
        )
    )


_EMPLOYERS = _tied(affiliation, affiliation.c.mention_id, affiliation.c.other_mention_id, affiliation.c.other_reference)
_EMPLOYED = _tied(affiliation, affiliation.c.other_mention_id, affiliation.c.mention_id, affiliation.c.reference)
_TO = _tied(relation, relation.c.mention_id, relation.c.other_mention_id, relation.c.other_reference)
_FROM = _tied(relation, relation.c.other_mention_id, relation.c.mention_id, relation.c.reference)


def ties(connection: Connection, golden_id: int) -> dict[str, list[dict[str, Any]]]:
    """``{affiliations, relations}`` of a golden record, as records that are there say them.

    Each: ``golden_id`` and ``name`` of the other end (None where it has not landed yet; ``reference`` names it then)
    and ``source``. An affiliation has ``job_title, since, until``; a relation ``kind`` and ``of_the_other``: False
    where this one's own record says that the other is its parent, site, brand or dealer, True where the other's does.
    """
    people = [*_EMPLOYERS.rows(connection, golden_id=golden_id), *_EMPLOYED.rows(connection, golden_id=golden_id)]
    sides = ((False, _TO), (True, _FROM))
    return {
        "affiliations": [
            {**_end(row), **{name: row.document.get(name) for name in ("job_title", "since", "until")}}
            for row in people
        ],
        "relations": [
            {**_end(row), "kind": row.document.get("kind"), "of_the_other": theirs}
            for theirs, question in sides
            for row in question.rows(connection, golden_id=golden_id)
        ],
    }


def _end(row: Any) -> dict[str, Any]:
    return {
        "golden_id": row.public_id,
        "name": row.name,
        "reference": row.reference if row.public_id is None else None,
        "source": f"{row.connection}/{row.stream}/{row.key}",
    }
