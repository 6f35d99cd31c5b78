"""The hub that ``pages.py`` looks at: synthetic companies with two people each, written straight into a store.

Nobody in it exists. Each company has two source records, each of which speaks of the company and of one person and
hangs a lead on that person; so three golden records a company. Their connection is none of the hub's own, as one that
was taken out. The hub's own one is a list that is empty at first: what a night finds in it is ``refill``'s. What hangs
on the companies, and what waits for a person, is in ``pages_more.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson
from sqlalchemy import Connection, Table, func, insert, select, text

from benchmarks import hub, leads, pages_more
from solmu.match.features import organisation_key
from solmu.model import Entity
from solmu.normalise import fold
from solmu.store import Store
from solmu.store.ids import public_id
from solmu.store.payload import pack
from solmu.store.tables import (
    affiliation,
    block_key,
    cursor,
    golden,
    golden_alias,
    lead,
    link,
    mention,
    order,
    remote,
    source_record,
    source_version,
)

_CHUNK = 500
"""Companies that are written at a time."""

_NOW = 1_790_000_000_000_000
_SERIAL = (source_record, source_version, mention, link, lead, affiliation, remote)
_NAMED = ("name", "country", "city", "email", "phone")

Rows = dict[Table, list[dict[str, Any]]]


@dataclass(frozen=True)
class Who:
    """A company that is asked for, and one of its people."""

    id: int
    public_id: str
    begins: str
    email: str
    number: str

    def parameters(self) -> dict[str, Any]:
        """For statements written by hand."""
        low = fold(self.begins)
        return {
            "id": self.id, "public_id": self.public_id, "begins": f"{low}%", "low": low, "high": f"{low}\uffff",
            "email": self.email, "person_key": f"p|mail|{self.email}", "organisation_key": f"o|mail|{self.email}",
            "number": self.number, "name_key": f"o|name|{organisation_key(self.begins)}",
            "since": (datetime.now(UTC).date() - timedelta(days=180)).isoformat(),
        }  # fmt: skip


def made(folder: Path, size: int, store_url: str) -> Path:
    """A hub with about so many golden records, in a store of its own."""
    for path, content in hub.FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content.lstrip().replace("sqlite:///solmu.db", store_url), encoding="utf-8")
    refill(folder, 0)
    with hub.opened(folder) as (loaded, store):
        _fill(store, size // 3)
        pages_more.fill(loaded, store, size // 3)
        _settled(store)
        pages_more.look(loaded, store)
    return folder


def refill(folder: Path, rows: int) -> None:
    """Give the hub's list so many rows; another number of rows makes others of them all."""
    leads.write(folder / "leads.csv", rows)


def some(connection: Connection, random: Random, count: int) -> list[Who]:
    """Companies, drawn at random."""
    # A company has ordered once, by its first record; what nights add has ordered nothing.
    last = connection.scalar(select(func.max(order.c.record_id))) or 1
    drawn = [random.randrange(last // 2 + 1) for _ in range(count)]
    query = select(golden.c.id, golden.c.public_id).where(golden.c.id.in_([4 * each + 1 for each in drawn]))
    found = {row.id: row.public_id for row in connection.execute(query)}
    return [Who(4 * each + 1, found[4 * each + 1], _company(each), _email(each, 1), _number(each, 1)) for each in drawn]


def _fill(store: Store, companies: int) -> None:
    words = _words()
    for first in range(0, companies, _CHUNK):
        rows: Rows = defaultdict(list)
        for number in range(first, min(first + _CHUNK, companies)):
            _add(rows, number, words[number % len(words)])
        with store.write() as connection:
            for table in (source_record, source_version, mention, golden, golden_alias, link, block_key, lead,
                          affiliation):  # fmt: skip
                connection.execute(insert(table), rows[table])
    with store.write() as connection:
        connection.execute(insert(cursor).values(connection="old", stream="leads", run_id="benchmark", updated_at=_NOW))


def _settled(store: Store) -> None:
    """As a store is that has been in use for a while."""
    with store.write() as connection:
        if store.dialect == "postgresql":
            for table in _SERIAL:  # the ids were ours
                serial = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"
                connection.execute(text(serial))
        connection.execute(text("ANALYZE"))


def _add(rows: Rows, number: int, town: str) -> None:
    """One company: mentions 4n+1 and 4n+3 are of it, 4n+2 and 4n+4 of its people."""
    name, anchor = _company(number), 4 * number + 1
    company: dict[str, Any] = {"name": name, "country": "FI", "city": town, "domain": f"{_host(number)}.example"}
    if number % 5 < 3:
        company |= {"business_id": f"{number:07}-0", "segment": _SEGMENTS[number % len(_SEGMENTS)]}
    for nth in (1, 2):
        record, of, who = 2 * number + nth, 4 * number + 2 * nth - 1, 4 * number + 2 * nth
        mail, phone = _email(number, nth), f"+35840{1_000_000 + 2 * number + nth}"
        person = {"name": f"{_HEADS[number % len(_HEADS)]} {name.split()[0]}", "email": [mail], "phone": [phone]}
        raw = {"Company": name, "Contact person": person["name"], "E-mail": mail, "Phone": phone, "City": town}
        rows[source_record].append({
            "id": record, "connection": "old", "stream": "leads", "key": f"K{record}", "state": "mapped",
            "version_id": record, "run_id": "benchmark",
        })  # fmt: skip
        rows[source_version].append({
            "id": record, "record_id": record, "run_id": "benchmark", "outcome": "new", "content_hash": b"",
            "payload": pack(orjson.dumps(raw)), "landed_at": _NOW,
        })  # fmt: skip
        for id, entity, values in ((of, Entity.ORGANISATION, company), (who, Entity.PERSON, person)):
            own = anchor if entity is Entity.ORGANISATION else id
            public = public_id(entity)
            rows[mention].append({
                "id": id, "record_id": record, "slot": f"{entity.value}#1", "entity": entity.value, "state": "linked",
                "public_id": public, "claim": _claim(values), "version_id": record,
            })  # fmt: skip
            rows[golden_alias].append({"public_id": public, "mention_id": id})
            rows[link].append({
                "mention_id": id, "golden_id": own, "since": _NOW, "why": "born", "run_id": "benchmark",
            })  # fmt: skip
            if own == id:
                rows[golden].append(_golden(id, entity, public, values))
        rows[block_key] += [{"key": f"p|{key}", "mention_id": who} for key in (f"mail|{mail}", f"tel|{phone}")]
        rows[lead].append({
            "record_id": record, "slot": "lead#1", "mention_id": who, "state": "live", "document_hash": b"",
            "document": {"number": _number(number, nth), "interest": ["Laser"], "on": "2026-05-01"},
            "number": _number(number, nth), "on": f"2026-05-{1 + number % 28:02}",
        })  # fmt: skip
        rows[affiliation].append({
            "record_id": record, "slot": "of person#1", "mention_id": who, "other_mention_id": anchor, "state": "live",
            "document": {}, "document_hash": b"",
        })  # fmt: skip


def _golden(id: int, entity: Entity, public: str, values: dict[str, Any]) -> dict[str, Any]:
    document = {
        field: {"value": value, "mention": id, "rule": "rank", "since": _NOW} for field, value in values.items()
    }
    first = {name: value[0] if isinstance(value, list) else value for name, value in values.items()}
    return {
        "id": id, "public_id": public, "entity": entity.value, "state": "live", "version": 1, "document": document,
        "document_hash": b"1", "mentions": 2 if entity is Entity.ORGANISATION else 1,
        "search_name": fold(first["name"]),
        **{name: first.get(name) for name in _NAMED}, "domain": first.get("domain"),
        "business_id": first.get("business_id"), "protected": False,
        "updated_at": _NOW,
    }  # fmt: skip


def _claim(values: dict[str, Any]) -> dict[str, Any]:
    return {name: {"value": value, "own": True, "since": [None, _NOW]} for name, value in values.items()}


_SEGMENTS = ("dealer", "workshop", "maker")
_HEADS = ("Maija", "Eero", "Astrid", "Nils", "Giulia", "Paolo", "Jutta", "Uwe")
_SYLLABLES = ("ka", "to", "ri", "sa", "lo", "me", "nu", "pi", "ve", "ha", "ju", "ko", "ni", "ta", "ro", "mi")


def _host(number: int) -> str:
    """A name that no other company has: its number in syllables, the fastest changing first."""
    return "".join(_SYLLABLES[number >> shift & 15] for shift in (0, 4, 8, 12, 16))


def _company(number: int) -> str:
    return f"{_host(number).capitalize()} Paja Oy"


def _email(number: int, nth: int) -> str:
    return f"p{nth}@{_host(number)}.example"


def _number(number: int, nth: int) -> str:
    return f"L{2 * number + nth}"


def _words() -> Sequence[str]:
    return tuple(_towns(Random(3)))


def _towns(random: Random) -> Iterator[str]:
    for _ in range(2_000):
        yield "".join(random.choices(_SYLLABLES, k=3)).capitalize()
