"""Finding a golden record by what a person has in front of them.

A public id of now or of long ago, a record's id or address in a CRM, an e-mail address, a phone number, an order or
customer number, a source record as ``explain`` shows it, or a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, or_, select, union_all

from solmu.model import Entity
from solmu.normalise import Invalid, email, fold, phones
from solmu.store.ids import check_public_id
from solmu.store.sql import begins
from solmu.store.tables import (
    block_key,
    cursor,
    deal,
    golden,
    golden_alias,
    lead,
    link,
    mention,
    order,
    remote,
    source_record,
)

LIMIT = 20
# The last part of a CRM's address, but for what one does with the record there.
_ID_IN_URL = re.compile(r"/([\w.-]{1,64})(?:/view|/edit|/details)?/?(?:[?#].*)?$")
_PHONE = re.compile(r"[+\d][\d\s()./-]{4,24}")
_SALESFORCE_SHORT = re.compile(r"[A-Za-z0-9]{15}")


@dataclass(frozen=True, slots=True)
class Found:
    """One golden record, and by what it was found."""

    golden_id: int
    by: str


def find(connection: Connection, text: str) -> list[Found]:
    """The golden records that ``text`` may mean, at most ``LIMIT``; the surest kind of evidence alone answers."""
    text = text.strip()
    for by, query in _queries(connection, text):
        ids = [row[0] for row in connection.execute(query.distinct().limit(LIMIT))]
        if ids:
            return [Found(id, by) for id in ids]
    return []


def _queries(connection: Connection, text: str) -> list[tuple[str, Select[Any]]]:
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
    queries.append(
        (
            "id in a CRM",
            live.join(remote, remote.c.mention_id == link.c.mention_id).where(
                remote.c.remote_id.in_(_spellings(id_in_url(text)))
            ),
        )
    )
    if "@" in text:
        queries.append(("e-mail", _by_email(text)))
    for table, name in ((order, "order number"), (deal, "deal number"), (lead, "lead number")):
        queries.append((name, live.join(table, table.c.mention_id == link.c.mention_id).where(table.c.number == text)))
    record = text.split("/", 2)
    if len(record) == 3:
        queries.append(
            (
                "source record",
                live.join(mention, mention.c.id == link.c.mention_id)
                .join(source_record, source_record.c.id == mention.c.record_id)
                .where(
                    source_record.c.connection == record[0],
                    source_record.c.stream == record[1],
                    source_record.c.key == record[2],
                ),
            )
        )
    queries.append(
        (
            "key in a source",
            live.join(mention, mention.c.id == link.c.mention_id)
            .join(source_record, source_record.c.id == mention.c.record_id)
            .where(source_record.c.key == text, _in_any_stream(connection)),
        )
    )
    if _PHONE.fullmatch(text) and (numbers := _numbers(text)):
        queries.append(("phone number", _by_phone(numbers, "p")))
        queries.append(("phone number", _by_phone(numbers, "o")))
    queries.append(("business id", _any_of(select(golden.c.id).where(golden.c.business_id == text))))
    if folded := fold(text):
        named = select(golden.c.id).where(golden.c.state != "merged", golden.c.entity.in_([*Entity]))
        queries.append(("name", named.where(golden.c.search_name == folded)))
        queries.append(("beginning of the name", named.where(begins(connection, golden.c.search_name, folded))))
    return queries


def _in_any_stream(connection: Connection) -> ColumnElement[bool]:
    """True of every record, in words that let the index on connection, stream and key serve a key alone."""
    streams = connection.execute(select(cursor.c.connection, cursor.c.stream)).all()
    return or_(
        false(), *(and_(source_record.c.connection == each[0], source_record.c.stream == each[1]) for each in streams)
    )


def id_in_url(text: str) -> str:
    """The record's id in a CRM's address; a text that is no address, as it is."""
    found = _ID_IN_URL.search(text) if "://" in text else None
    return found.group(1) if found else text


def _spellings(remote_id: str) -> list[str]:
    """An id as it is; of 15 characters, as Salesforce's reports show it, with the three that it has elsewhere too.

    Each of the three says which of five characters are capitals, so that ids differ without regard to case (Salesforce
    Help, "Convert 15 Character IDs to 18 Characters").
    """
    if not _SALESFORCE_SHORT.fullmatch(remote_id):
        return [remote_id]
    fives = (remote_id[at : at + 5] for at in (0, 5, 10))
    bits = (sum(sign.isupper() << place for place, sign in enumerate(five)) for five in fives)
    return [remote_id, remote_id + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[each] for each in bits)]


def _numbers(text: str) -> list[str]:
    """The number as the hub keeps it; one without its country's code as it would be in any country."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    if text.startswith(("+", "00")):
        try:
            return [each.e164 for each in phones("+" + text.removeprefix("00").removeprefix("+"))]
        except Invalid:
            return []
    digits = re.sub(r"\D", "", text)
    # Nearly everywhere the first zero is dialled within the country only; in Italy it is part of the number.
    return sorted({f"+{code}{each}" for code in COUNTRY_CODE_TO_REGION_CODE for each in (digits, digits.lstrip("0"))})


def _by_phone(numbers: Sequence[str], of: str) -> Select[Any]:
    """Whose own number it is. A company is found by its people's numbers too, but only where nobody else is."""
    said = (
        select(link.c.golden_id)
        .join(block_key, block_key.c.mention_id == link.c.mention_id)
        .where(link.c.until.is_(None), block_key.c.key.in_([f"{of}|tel|{number}" for number in numbers]))
    )
    return _any_of(select(golden.c.id).where(golden.c.phone.in_(numbers)), said)


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
    return _any_of(select(golden.c.id).where(golden.c.email.in_({address, address.lower()})), said)


def _any_of(*queries: Select[Any]) -> Select[Any]:
    """The golden records of any of these: a union, since an OR over two tables is answered without their indexes."""
    return select(golden.c.id).where(golden.c.state != "merged", golden.c.id.in_(union_all(*queries)))
