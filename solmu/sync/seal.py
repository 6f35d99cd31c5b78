"""Sealing a plan: its hash, and the file that people and scripts read.

The hash is over the canonical JSON of every line that does something, in the order in which they are sent. It is taken
when the plan is complete and compared before anything is sent; what changed in between, in the store or in the file, is
not what somebody has looked at.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from solmu.errors import ConfigurationError, Stopped
from solmu.store.payload import canonical
from solmu.store.tables import mention, outbox, plan

PAGE = 1000
_COLUMNS = tuple(
    outbox.c[name]
    for name in (
        "id",
        "action",
        "object",
        "remote_id",
        "fields",
        "subject",
        "parents",
        "position",
        "golden_version",
        "remote_version",
        "hanging",
        "hanging_id",
        "state",
        "code",
        "message",
        "field",
    )
)
# What happens to a line after it was planned is no part of what was planned.
_FATE = frozenset({"state", "code", "message", "field"})


@dataclass(slots=True)
class Digest:
    """The hash of a plan, and what it would do: creates, and records of which a value changes."""

    hash: str
    created: int = 0
    changed: int = 0
    emptied: Mapping[str, int] = field(default_factory=dict)


def digest(connection: Connection, plan_id: str) -> Digest:
    """Read the whole plan, a page at a time."""
    hashing = hashlib.blake2b(digest_size=16)
    kinds: Counter[str] = Counter()
    for line in lines(connection, plan_id):
        _feed(hashing, line)
        kinds["created"] += line["action"] == "create"
        # A record that is only stamped with our id does not change for those who work with it.
        kinds["changed"] += any(change["rule"] != "stamp" for change in line["fields"].values()) and line["action"] in {
            "update",
            "link",
        }
    return Digest(hashing.hexdigest(), kinds["created"], kinds["changed"], _emptied(connection, plan_id))


def lines(connection: Connection, plan_id: str) -> Iterator[dict[str, Any]]:
    """The lines of a plan that do something, as they are hashed and shown, in the order in which they are sent."""
    query = select(outbox.c.position).distinct().where(outbox.c.plan_id == plan_id).order_by(outbox.c.position)
    for position in connection.scalars(query).all():
        yield from _lines_at(connection, plan_id, position)


def _lines_at(connection: Connection, plan_id: str, position: int) -> Iterator[dict[str, Any]]:
    """Those of one position: an index leads to where the last page ended, which it would not for all of them."""
    after = -1
    while True:
        query = (
            select(*_COLUMNS, mention.c.public_id)
            .outerjoin(mention, mention.c.id == outbox.c.golden_id)  # a golden record's id is its anchor mention's
            .where(
                outbox.c.plan_id == plan_id,
                outbox.c.position == position,
                outbox.c.action != "skip",
                outbox.c.id > after,
            )
            .order_by(outbox.c.id)
            .limit(PAGE)
        )
        rows = connection.execute(query).all()
        for row in rows:
            yield _line(row)
        if len(rows) < PAGE:
            return
        after = rows[-1].id


def write_file(connection: Connection, plan_id: str, path: Path) -> None:
    """Write the plan as contracts.md describes it, a line of the file an action."""
    row = connection.execute(select(plan).where(plan.c.id == plan_id)).one()
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    with half.open("wb") as file:
        head = {"id": row.id, "hash": row.hash, "target": row.target}
        file.write(orjson.dumps(head)[:-1] + b',"actions":[')
        for number, line in enumerate(lines(connection, plan_id)):
            file.write((b",\n" if number else b"\n") + orjson.dumps(line))
        tail = {"kept_out": row.kept_out, "calls_estimated": row.calls_estimated}
        file.write(b"\n]," + orjson.dumps(tail)[1:] + b"\n")
    half.replace(path)


def named(text: str) -> tuple[str, str | None]:
    """The id, and the hash that a file states, of a plan named by its id or by the path of its file.

    Raises Stopped(guard="plan-changed") for a file whose actions are not what its hash says.
    """
    path = Path(text)
    if not (path.suffix == ".json" or path.is_file()):
        return text, None
    try:
        document = orjson.loads(path.read_bytes())
        hashing = hashlib.blake2b(digest_size=16)
        for line in document["actions"]:
            _feed(hashing, line)
        plan_id, stated = str(document["id"]), str(document["hash"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            "this is no plan that can be read", code="plan-unreadable", file=text, expected="plans/<id>.json"
        ) from error
    if hashing.hexdigest() != stated:
        raise Stopped(
            "the file is not what was sealed", guard="plan-changed", file=text, expected="a plan that nobody has edited"
        )
    return plan_id, stated


def _line(row: Any) -> dict[str, Any]:
    return {
        "action": row.action,
        "object": row.object,
        "golden_id": row.public_id,
        "remote_id": row.remote_id,
        "fields": row.fields,
        "subject": row.subject,
        "parents": row.parents,
        "position": row.position,
        "golden_version": row.golden_version,
        "remote_version": row.remote_version,
        "hanging": None if row.hanging is None else f"{row.hanging}/{row.hanging_id}",
        "state": row.state,
        "code": row.code,
        "message": row.message,
        "field": row.field,
    }


def _feed(hashing: Any, line: Mapping[str, Any]) -> None:
    hashing.update(canonical({name: value for name, value in line.items() if name not in _FATE}))
    hashing.update(b"\n")


def _emptied(connection: Connection, plan_id: str) -> dict[str, int]:
    query = (
        select(outbox.c.field, func.count())
        .where(outbox.c.plan_id == plan_id, outbox.c.code == "emptied")
        .group_by(outbox.c.field)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
