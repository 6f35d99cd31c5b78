"""Finding a golden record by what a person has in front of them.

A public id of now or of long ago, a record's id or address in a CRM, an e-mail address, a phone number, an order or
customer number, a business id however it is written, a source record as ``explain`` shows it, or a name; an
organisation by those names, too, that only some of its sources call it by. An order, a deal, a task or what else hangs
on customers leads to the one whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, or_, select, union_all

from solmu.model import Entity
from solmu.normalise import Invalid, business_id_readings, email, fold, phones
from solmu.store.ids import check_public_id
from solmu.store.prepared import Prepared, beginning, begins_with
from solmu.store.tables import (
    HANGING,
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
_LONGEST_NAME = 200
# The last part of a CRM's address, but for what one does with the record there.
_ID_IN_URL = re.compile(r"/([\w.-]{1,64})(?:/view|/edit|/details)?/?(?:[?#].*)?$")
_PHONE = re.compile(r"[+\d][\d\s()./-]{4,24}")
_MAY_BE_BUSINESS_ID = re.compile(r"[^\W\d][^\d]{0,24}(?:\d[\s./-]?){6,20}\w{0,4}|(?:\d[\s./-]?){6,20}\w{0,4}")
_SALESFORCE_SHORT = re.compile(r"[A-Za-z0-9]{15}")


@dataclass(frozen=True, slots=True)
class Found:
    """One golden record, and by what it was found."""

    golden_id: int
    by: str


def find(connection: Connection, text: str) -> list[Found]:
    """The golden records that ``text`` may mean, at most ``LIMIT``; the surest kind of evidence alone answers."""
    text = text.strip()
    for by, ids in _answers(connection, text):
        if ids:
            return [Found(id, by) for id in ids]
    return []


def _answers(connection: Connection, text: str) -> Iterator[tuple[str, list[int]]]:
    """By each kind of evidence, one after the other."""

    def ask(question: Prepared, **values: Any) -> list[int]:
        return [row[0] for row in question.rows(connection, **values)]

    def of_record(id: int) -> list[int]:
        return ask(_SPOKEN_OF, record=id) or _all(ask(question, record=id) for question in _HUNG_IN)

    if public := check_public_id(text):
        yield "id", ask(_BY_ID, public=public)
    spellings = _spellings(id_in_url(text))
    yield "id in a CRM", ask(_BY_REMOTE_ID, one=spellings[0], other=spellings[-1])
    there = _HUNG_THERE.rows(connection, one=spellings[0], other=spellings[-1])
    yield "id of a task or deal in a CRM", _all(ask(_HUNG[row.hanging], hung=row.hanging_id) for row in there)
    if "@" in text:
        yield "e-mail", ask(_BY_EMAIL, **_email_spellings(text))
    for name, question in _BY_NUMBER.items():
        yield name, ask(question, number=text)
    record = text.split("/", 2)
    if len(record) == 3:
        ids = ask(_RECORD, connection=record[0], stream=record[1], key=record[2])
        yield "source record", _all(map(of_record, ids))
        key, _, slot = record[2].partition("#")  # of a row that speaks of a company and a person, one of the two
        ids = ask(_RECORD, connection=record[0], stream=record[1], key=key) if slot else []
        yield "source record", _all(ask(_SPOKEN_OF_IN, record=id, slot=slot) for id in ids)
    streams = _STREAMS.rows(connection)
    for key in dict.fromkeys((text, *spellings)):  # a task or deal that was made in a CRM is a record of that source
        # Stream by stream, so that the index on connection, stream and key serves a key alone.
        ids = [id for each in streams for id in ask(_RECORD, connection=each[0], stream=each[1], key=key)]
        yield "key in a source", _all(map(of_record, ids))
    if _PHONE.fullmatch(text) and (numbers := _numbers(text)):
        for of in ("p", "o"):
            found = connection.scalars(_by_phone(numbers, of).distinct().limit(LIMIT))
            yield "phone number", list(found)
    readings = business_id_readings(text) if _MAY_BE_BUSINESS_ID.fullmatch(text) else []
    for number in dict.fromkeys((text, *(each.key for each in readings))):
        yield "business id", ask(_BY_BUSINESS_ID, business_id=number, key=f"o|bid|{number}")
    if folded := fold(text):
        yield "name", ask(_BY_NAME, name=folded)
        yield "name in a source", ask(_BY_SAID_NAME, key=f"o|name|{_without_legal_form(text)}")
        yield "beginning of the name", ask(_BY_BEGINNING, **beginning(folded))


_LIVE = select(link.c.golden_id).where(link.c.until.is_(None))


def _prepared(query: Select[Any]) -> Prepared:
    return Prepared(lambda _: query.distinct().limit(LIMIT))


def _all(found: Iterable[Iterable[int]]) -> list[int]:
    return list(dict.fromkeys(id for some in found for id in some))[:LIMIT]


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


def _without_legal_form(name: str) -> str:
    from solmu.match.features import organisation_key

    return organisation_key(name[:_LONGEST_NAME])


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


def _email_spellings(text: str) -> dict[str, str]:
    try:
        found = email(text)
    except Invalid:
        found = None
    address, key = (found.address, found.key) if found else (text, text)
    return {"one": address, "other": address.lower(), "person": f"p|mail|{key}", "organisation": f"o|mail|{key}"}


def _any_of(*queries: Select[Any]) -> Select[Any]:
    """The golden records of any of these: a union, since an OR over two tables is answered without their indexes."""
    return select(golden.c.id).where(golden.c.state != "merged", golden.c.id.in_(union_all(*queries)))


_BY_ID = _prepared(
    _LIVE.join(golden_alias, golden_alias.c.mention_id == link.c.mention_id).where(
        golden_alias.c.public_id == bindparam("public")
    )
)
_BY_REMOTE_ID = _prepared(
    _LIVE.join(remote, remote.c.mention_id == link.c.mention_id).where(
        or_(remote.c.remote_id == bindparam("one"), remote.c.remote_id == bindparam("other"))
    )
)
# The match index knows every address that anybody said; those shared by many (info@) are found as somebody's first.
_BY_EMAIL = _prepared(
    _any_of(
        select(golden.c.id).where(or_(golden.c.email == bindparam("one"), golden.c.email == bindparam("other"))),
        _LIVE.join(block_key, block_key.c.mention_id == link.c.mention_id).where(
            or_(block_key.c.key == bindparam("person"), block_key.c.key == bindparam("organisation"))
        ),
    )
)
_BY_NUMBER = {
    name: _prepared(
        _LIVE.join(table, table.c.mention_id == link.c.mention_id).where(table.c.number == bindparam("number"))
    )
    for table, name in ((order, "order number"), (deal, "deal number"), (lead, "lead number"))
}
_RECORD = _prepared(
    select(source_record.c.id).where(
        source_record.c.connection == bindparam("connection"),
        source_record.c.stream == bindparam("stream"),
        source_record.c.key == bindparam("key"),
    )
)
_STREAMS = Prepared(lambda _: select(cursor.c.connection, cursor.c.stream))
_SPOKEN_OF = _prepared(
    _LIVE.join(mention, mention.c.id == link.c.mention_id).where(mention.c.record_id == bindparam("record"))
)
_SPOKEN_OF_IN = _prepared(
    _LIVE.join(mention, mention.c.id == link.c.mention_id).where(
        mention.c.record_id == bindparam("record"), mention.c.slot == bindparam("slot")
    )
)
_HANGS = {
    name: (table, _LIVE.join(table, table.c.mention_id == link.c.mention_id))
    for name, table in HANGING.items()
    if name in ("lead", "order", "deal", "activity")
}
_HUNG = {name: _prepared(whose.where(table.c.id == bindparam("hung"))) for name, (table, whose) in _HANGS.items()}
_HUNG_IN = [_prepared(whose.where(table.c.record_id == bindparam("record"))) for table, whose in _HANGS.values()]
_HUNG_THERE = Prepared(
    lambda _: (
        select(remote.c.hanging, remote.c.hanging_id)
        .where(
            or_(remote.c.remote_id == bindparam("one"), remote.c.remote_id == bindparam("other")),
            or_(*(remote.c.hanging == name for name in _HANGS)),
        )
        .limit(LIMIT)
    )
)
_BY_BUSINESS_ID = _prepared(
    _any_of(
        select(golden.c.id).where(golden.c.business_id == bindparam("business_id")),
        _LIVE.join(block_key, block_key.c.mention_id == link.c.mention_id).where(block_key.c.key == bindparam("key")),
    )
)
# What a source calls an organisation although another name survived: its name before a merge, a former one, a brand.
_BY_SAID_NAME = _prepared(
    _any_of(
        _LIVE.join(block_key, block_key.c.mention_id == link.c.mention_id).where(block_key.c.key == bindparam("key"))
    )
)
_NAMED = select(golden.c.id).where(golden.c.state != "merged", or_(*(golden.c.entity == each for each in Entity)))
_BY_NAME = _prepared(_NAMED.where(golden.c.search_name == bindparam("name")))
_BY_BEGINNING = Prepared(
    lambda connection: _NAMED.where(begins_with(connection, golden.c.search_name)).distinct().limit(LIMIT)
)
