"""Finding a golden record by what a person has in front of them.

A public id of now or of long ago, a record's id or address in a CRM, an e-mail address, an order or customer number, or
a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from solmu.normalise import Invalid, email, fold
from solmu.store.ids import check_public_id
from solmu.store.tables import block_key, deal, golden, golden_alias, lead, link, mention, order, remote, source_record

LIMIT = 20
# The last part of a CRM's address that looks like an id of a record.
_ID_IN_URL = re.compile(r"/([A-Za-z0-9]{6,36})(?:/view|/edit|/details)?/?(?:[?#].*)?$")


@dataclass(frozen=True, slots=True)
class Found:
    """One golden record, and by what it was found."""

    golden_id: int
    by: str


def find(connection: Connection, text: str) -> list[Found]:
    """The golden records that ``text`` may mean, at most ``LIMIT``; the surest kind of evidence alone answers."""
    text = text.strip()
    for by, query in _queries(text):
        ids = [row[0] for row in connection.execute(query.distinct().limit(LIMIT))]
        if ids:
            return [Found(id, by) for id in ids]
    return []


def _queries(text: str) -> list[tuple[str, Select[Any]]]:
    live = select(link.c.golden_id).where(link.c.until.is_(None))
    queries: list[tuple[str, Select[Any]]] = []
    if public := check_public_id(text):
        queries.append(
            (
                "id",
                live.join(golden_alias, golden_alias.c.mention_id == link.c.mention_id).where(
                    golden_alias.c.public_id == public
                ),
            )
        )
    in_url = _ID_IN_URL.search(text) if "://" in text else None
    remote_id = in_url.group(1) if in_url else text
    queries.append(
        (
            "id in a CRM",
            live.join(remote, remote.c.mention_id == link.c.mention_id).where(remote.c.remote_id == remote_id),
        )
    )
    if "@" in text:
        queries.append(("e-mail", _by_email(text)))
    for table, name in ((order, "order number"), (deal, "deal number"), (lead, "lead number")):
        queries.append((name, live.join(table, table.c.mention_id == link.c.mention_id).where(table.c.number == text)))
    queries.append(
        (
            "key in a source",
            live.join(mention, mention.c.id == link.c.mention_id)
            .join(source_record, source_record.c.id == mention.c.record_id)
            .where(source_record.c.key == text),
        )
    )
    queries.append(("business id", select(golden.c.id).where(golden.c.business_id == text, golden.c.state != "merged")))
    if folded := fold(text):
        named = select(golden.c.id).where(golden.c.state != "merged")
        queries.append(("name", named.where(golden.c.search_name == folded)))
        queries.append(("beginning of the name", named.where(golden.c.search_name.startswith(folded, autoescape=True))))
    return queries


def _by_email(text: str) -> Select[Any]:
    try:
        found = email(text)
    except Invalid:
        found = None
    address, key = (found.address, found.key) if found else (text, text)
    # The match index knows every address that anybody said; those shared by many (info@) are found as somebody's first.
    said = (
        select(link.c.golden_id)
        .join(block_key, block_key.c.mention_id == link.c.mention_id)
        .where(link.c.until.is_(None), block_key.c.key.in_((f"p|mail|{key}", f"o|mail|{key}")))
    )
    return select(golden.c.id).where(
        golden.c.state != "merged",
        or_(golden.c.email == address, func.lower(golden.c.email) == address.lower(), golden.c.id.in_(said)),
    )
