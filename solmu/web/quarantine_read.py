"""The tables of the page Quarantine: the rows that were refused, and the columns of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from solmu.report import quarantine as report
from solmu.store.tables import quarantine, source_record, source_version
from solmu.sync.mend import as_text, is_typed
from solmu.web.listing import Column, Listing
from solmu.web.show import capital
from solmu.web.words import labelled, word

_LONG_KEY = 24
_LONG = 60  # characters from which a value is typed into several lines


def rows_listing(state: str, groups: Sequence[Mapping[str, Any]]) -> Listing:
    """The rows in that state; what they can be filtered by comes from the reasons."""

    def some(name: str) -> dict[str, str]:
        return {each: each for each in sorted({group[name] for group in groups})}

    reasons = {code: word(code, "reason") for code in some("code")}
    fields = {name: _columns({"field": name, "value": None}) for name in some("field")}

    def column(name: str, value: Any, **more: Any) -> Column:
        return Column(name, f"quarantine.column.{name}", value, **more)

    return Listing(
        "quarantine",
        (
            column("number", quarantine.c.id, sort=True, shown=False),
            column("record", source_record.c.key, link=lambda row: f"/quarantine/{row['number']}", words=_key),
            column("connection", source_record.c.connection, filter="equals", choices=some("connection")),
            column("stream", source_record.c.stream, filter="equals", choices=some("stream")),
            column("field", report.FIELD, filter="equals", choices=fields, words=_columns, shown=False),
            column("value", quarantine.c.value),
            column("code", quarantine.c.code, filter="equals", choices=reasons, shown=False),
            column("message", quarantine.c.message, words=lambda row: capital(labelled(report.in_words(row)))),
            column("since", source_version.c.landed_at, kind="moment"),
        ),
        select(quarantine.c.id)
        .select_from(
            quarantine.join(source_record, source_record.c.id == quarantine.c.record_id).join(
                source_version, source_version.c.id == quarantine.c.version_id
            )
        )
        .where(quarantine.c.state == state),
        quarantine.c.id,
        "-number",
    )


def _key(row: Mapping[str, Any]) -> str:
    key = str(row["record"])
    return key if len(key) <= _LONG_KEY else f"{key[: _LONG_KEY - 1]}…"


def _columns(row: Mapping[str, Any]) -> str:
    return ", ".join(report.columns_at_fault(row))


def columns_of(row: Mapping[str, Any], typed: Mapping[str, str]) -> list[dict[str, Any]]:
    """The columns of a row as they are shown, those at fault first; what the reason names and the row lacks, too."""
    payload = row["payload"] or {}
    at_fault = report.columns_at_fault(row)
    names = [*dict.fromkeys(at_fault), *(name for name in payload if name not in at_fault)]
    found = []
    for name in names:
        value = payload.get(name)
        text = typed.get(name, as_text(value) if is_typed(value) else "")
        found.append(
            {
                "column": name,
                "value": value,
                "typed": is_typed(value),
                "text": text,
                "long": len(text) > _LONG or "\n" in text,
                "wrong": name in at_fault,
            }
        )
    return found


def newest(connection: Connection) -> int:
    """The number of the row that was refused last."""
    return connection.scalar(select(quarantine.c.id).order_by(quarantine.c.id.desc()).limit(1)) or 0
