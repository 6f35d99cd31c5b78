"""What happened with a customer: orders, leads, deals and activities, theirs and their people's, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select

from solmu.store.prepared import Prepared, among_these
from solmu.store.tables import activity, deal, golden, lead, link, order, source_record
from solmu.sync.copies import said_there

KINDS = ("order", "lead", "deal", "activity")
PER_PAGE = 30
_TABLES = {"order": order, "lead": lead, "deal": deal, "activity": activity}
_LONG = 400


def _happened(table: Any) -> Prepared:
    return Prepared(
        lambda connection: (
            select(table.c.document, table.c.on, table.c.mention_id, table.c.id.label("hung_id"), source_record)
            .select_from(table)
            .join(source_record, source_record.c.id == table.c.record_id)
            .where(among_these(connection, table.c.mention_id), table.c.state == "live")
            .order_by(table.c.on.desc().nulls_last(), table.c.id.desc())
            .limit(bindparam("wanted"))
        )
    )


_HAPPENED = {name: _happened(table) for name, table in _TABLES.items()}
_WHOSE = Prepared(
    lambda connection: (
        select(link.c.mention_id, golden.c.public_id, golden.c.name)
        .join(golden, golden.c.id == link.c.golden_id)
        .where(among_these(connection, link.c.golden_id), link.c.until.is_(None))
    )
)


def timeline(
    connection: Connection, goldens: Iterable[int], *, kind: str | None = None, page: int = 1
) -> tuple[list[dict[str, Any]], bool]:
    """One page of it, and whether there is more.

    Each entry: ``kind, on, number, title, words, text, next_step, owner, status, amount, currency, source, who`` (whose
    it is: a golden record's id and name). ``kind`` narrows it to one of ``KINDS``.
    """
    whose = _mentions(connection, goldens)
    wanted = page * PER_PAGE + 1
    found: list[dict[str, Any]] = []
    for name in KINDS if kind is None else (kind,):
        rows = _HAPPENED[name].rows(connection, ids=whose, wanted=wanted)
        there = said_there(connection, deal, [row.hung_id for row in rows]) if name == deal.name else {}
        found += [_entry(name, row, whose[row.mention_id], there.get(row.hung_id, ())) for row in rows]
    found.sort(key=lambda one: one["on"] or "", reverse=True)
    begin = (page - 1) * PER_PAGE
    return found[begin : begin + PER_PAGE], len(found) > begin + PER_PAGE


def _mentions(connection: Connection, goldens: Iterable[int]) -> dict[int, Any]:
    rows = _WHOSE.rows(connection, ids=list(goldens))
    return {row.mention_id: {"id": row.public_id, "name": row.name or row.public_id} for row in rows}


def _entry(kind: str, row: Any, who: Mapping[str, Any], there: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """``there`` is what CRMs say of a deal that was sent to them, which adds to what its own source says."""
    said = {name: value for each in (*there, row.document) for name, value in each.items() if value not in ("", None)}
    stages = dict.fromkeys(stage for each in (row.document, *there) for stage in _texts(each, "stage"))
    text = str(said.get("text") or "")
    interest = said.get("interest") or []
    return {
        "kind": str(said.get("kind") or kind),
        "on": row.on,
        "number": said.get("number"),
        "title": said.get("subject") or said.get("name") or "",
        "words": ", ".join(
            [*map(str, interest if isinstance(interest, list) else [interest]), *_texts(said, "partner"), *stages]
        ),
        "text": text if len(text) <= _LONG else text[:_LONG] + "…",
        "next_step": said.get("next_step"),
        "owner": said.get("owner"),
        "status": said.get("status"),
        "amount": said.get("amount"),
        "currency": said.get("currency"),
        "source": f"{row.connection}/{row.stream}/{row.key}",
        "who": who,
    }


def _texts(said: Mapping[str, Any], *names: str) -> list[str]:
    return [str(said[name]) for name in names if said.get(name)]
