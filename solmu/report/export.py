"""``solmu export``: links, golden records, pairs, quarantine and doubles as tables, in the columns that contracts.md
names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, case, func, select
from sqlalchemy import alias as aliased

from solmu.model import FIELDS, Entity
from solmu.report.doubles import COLUMNS, doubles
from solmu.store import Store, time
from solmu.store.tables import (
    decision,
    decision_mention,
    golden,
    link,
    mention,
    pair,
    quarantine,
    source_record,
    source_version,
)

Row = Sequence[Any]
_STREAMED = 2_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table on its way out: its columns, and rows that are read as they are written."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Row]


def links(connection: Connection) -> Sheet:
    """Which mention is linked to which golden record, since when and why."""
    query = (
        select(
            source_record.c.connection,
            source_record.c.stream,
            source_record.c.key,
            mention.c.slot,
            mention.c.entity,
            golden.c.public_id,
            link.c.since,
            link.c.why,
        )
        .join(mention, mention.c.id == link.c.mention_id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .join(golden, golden.c.id == link.c.golden_id)
        .where(link.c.until.is_(None))
        .order_by(source_record.c.connection, source_record.c.stream, source_record.c.key, mention.c.slot)
    )
    rows = ((*row[:6], time.iso(row[6]), row[7]) for row in _stream(connection, query))
    return Sheet("links", ("connection", "stream", "key", "slot", "entity", "golden_id", "since", "why"), rows)


def golden_records(connection: Connection) -> Sheet:
    """Every live or dormant golden record with its canonical fields; several values are joined with ``; ``."""
    names = tuple(dict.fromkeys(name for entity in Entity for name in FIELDS[entity]))
    query = (
        select(golden.c.public_id, golden.c.entity, golden.c.document)
        .where(golden.c.state != "merged")
        .order_by(golden.c.entity, golden.c.search_name, golden.c.public_id)
    )
    rows = (
        (row.public_id, row.entity, *(_text(row.document.get(name, {}).get("value")) for name in names))
        for row in _stream(connection, query)
    )
    return Sheet("golden", ("golden_id", "entity", *names), rows)


def pairs(connection: Connection) -> Sheet:
    """Every scored pair with its band, and the decision that binds it if there is one."""
    left, right = aliased(mention, name="l"), aliased(mention, name="r")
    left_record, right_record = aliased(source_record, name="lr"), aliased(source_record, name="rr")
    one, other = aliased(decision_mention, name="dl"), aliased(decision_mention, name="dr")
    decided = (
        select(func.max(decision.c.verdict))
        .join(one, one.c.decision_id == decision.c.id)
        .join(other, other.c.decision_id == decision.c.id)
        .where(
            decision.c.withdrawn_at.is_(None),
            one.c.side != other.c.side,
            one.c.mention_id == pair.c.left_id,
            other.c.mention_id == pair.c.right_id,
        )
        .scalar_subquery()
    )
    query = (
        select(
            left_record.c.connection,
            left_record.c.stream,
            left_record.c.key,
            left.c.slot,
            right_record.c.connection,
            right_record.c.stream,
            right_record.c.key,
            right.c.slot,
            pair.c.entity,
            pair.c.probability,
            pair.c.band,
            decided,
            pair.c.explanation,
        )
        .join(left, left.c.id == pair.c.left_id)
        .join(right, right.c.id == pair.c.right_id)
        .join(left_record, left_record.c.id == left.c.record_id)
        .join(right_record, right_record.c.id == right.c.record_id)
        # What a person may have to look at comes first.
        .order_by(case((pair.c.band == "ask", 0), else_=1), pair.c.weight.desc(), pair.c.left_id, pair.c.right_id)
    )
    sides = tuple(f"{side}_{name}" for side in ("left", "right") for name in ("connection", "stream", "key", "slot"))
    rows = ((*row[:9], round(row[9], 6), row[10], row[11], _sentence(row[12])) for row in _stream(connection, query))
    return Sheet("pairs", (*sides, "entity", "score", "band", "decision", "explanation"), rows)


def waiting(connection: Connection) -> Sheet:
    """What waits in quarantine, and why."""
    query = (
        select(
            source_record.c.connection,
            source_record.c.stream,
            source_record.c.key,
            quarantine.c.stage,
            quarantine.c.code,
            quarantine.c.field,
            quarantine.c.value,
            quarantine.c.message,
            source_version.c.file,
            source_version.c.line,
            quarantine.c.expected,
        )
        .join(source_record, source_record.c.id == quarantine.c.record_id)
        .join(source_version, source_version.c.id == quarantine.c.version_id)
        .where(quarantine.c.state == "waiting")
        .order_by(quarantine.c.id)
    )
    columns = ("connection", "stream", "key", "stage", "code", "field", "value", "message", "file", "line", "expected")
    return Sheet("quarantine", columns, (tuple(row) for row in _stream(connection, query)))


def second_records(connection: Connection) -> Sheet:
    """Records in targets that stand beside another one of the same customer."""
    return Sheet("doubles", COLUMNS, doubles(connection))


SHEETS = {
    "links": links,
    "golden": golden_records,
    "pairs": pairs,
    "quarantine": waiting,
    "doubles": second_records,
}
FORMATS = ("csv", "xlsx", "parquet", "json")
BINARY = ("xlsx", "parquet")


def export(store: Store, what: str, form: str, to: Path | None) -> str | None:
    """Write one sheet. Gives its text where ``to`` is None, which only csv and json allow."""
    from solmu.report import formats

    with store.read() as connection:
        sheet = SHEETS[what](connection)
        if to is None:
            return formats.as_text(sheet, form)
        to.parent.mkdir(parents=True, exist_ok=True)
        part = to.with_name(to.name + ".part")
        formats.write(sheet, form, part)
        part.replace(to)
    return None


def _stream(connection: Connection, query: Any) -> Iterator[Any]:
    yield from connection.execution_options(yield_per=_STREAMED).execute(query)


def _text(value: Any) -> Any:
    return "; ".join(str(each) for each in value) if isinstance(value, list) else value


def _sentence(explanation: Any) -> str:
    if isinstance(explanation, dict) and "sentence" in explanation:
        return str(explanation["sentence"])
    return json.dumps(explanation, ensure_ascii=False)
