"""Sealing a plan: its hash, and the file that people and scripts read.

The hash is over the canonical JSON of every line that does something, in the order in which they are sent. It is taken
when the plan is complete and compared before anything is sent; what changed in between, in the store or in the file, is
not what somebody has looked at.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import orjson
from sqlalchemy import Connection, bindparam, func, select, type_coerce
from sqlalchemy.types import NullType

from solmu.errors import ConfigurationError, Stopped
from solmu.store.payload import canonical
from solmu.store.sql import from_stored
from solmu.store.tables import mention, outbox

PAGE = 1000
DOCUMENTS = ("fields", "parents")
PLANNED = (
    "action",
    "object",
    "remote_id",
    *DOCUMENTS,
    "subject",
    "position",
    "golden_version",
    "remote_version",
    "hanging",
    "hanging_id",
)
# What happens to a line after it was planned is no part of what was planned.
FATE = ("state", "code", "message", "field")
_NO_HASH = "0" * 32
_QUERY = (
    select(
        outbox.c.id,
        mention.c.public_id,
        # As they are stored: what is read a hundred thousand times over is not taken apart by SQLAlchemy's types.
        *(type_coerce(outbox.c[name], NullType) if name in DOCUMENTS else outbox.c[name] for name in PLANNED),
        *(outbox.c[name] for name in FATE),
    )
    .outerjoin(mention, mention.c.id == outbox.c.golden_id)  # a golden record's id is its anchor mention's
    .where(
        outbox.c.plan_id == bindparam("plan_id"),
        outbox.c.position == bindparam("position"),
        outbox.c.action != "skip",
        outbox.c.id > bindparam("after"),
    )
    .order_by(outbox.c.id)
    .limit(PAGE)
)


@dataclass(slots=True)
class Digest:
    """The hash of a plan, and what it would do: creates, merges, and records of which a value changes, by object.

    ``writes`` counts what is still to be sent, by object and whether it creates.
    """

    hash: str
    created: int = 0
    writes: Mapping[tuple[str, bool], int] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)
    emptied: Mapping[str, int] = field(default_factory=dict)
    merged: int = 0


@dataclass(slots=True)
class Tally:
    """Counts the lines of a plan as a ``Digest`` tells them."""

    created: int = 0
    merged: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    writes: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def add(self, action: str, subject: str, state: str | None, rules: Iterable[str]) -> None:
        """One more line; ``rules`` are those of the fields that it changes."""
        object = subject.partition("/")[0]
        if action == "create":
            self.created += 1
        elif action == "merge":
            self.merged += 1
        elif action in {"update", "link"}:
            # A record that is only stamped with our id does not change for those who work with it.
            self.changed[object] += any(rule != "stamp" for rule in rules)
        if state == "planned":
            self.writes[object, action == "create"] += 1

    def digest(self, connection: Connection, plan_id: str, hash: str) -> Digest:
        """What the plan comes to."""
        return Digest(hash, self.created, self.writes, self.changed, _emptied(connection, plan_id), self.merged)


class Line(NamedTuple):
    """A line of a plan that does something: the text that is hashed, and what has become of it since."""

    text: bytes
    fate: tuple[str | None, ...]
    action: str
    subject: str
    fields: Mapping[str, Any]
    id: int


def digest(connection: Connection, plan_id: str, to: BinaryIO | None = None) -> Digest:
    """Read the whole plan, a page at a time. ``to``: write each line there too, as the plan's file has it."""
    hashing = hashlib.blake2b(digest_size=16)
    tally = Tally()
    before = b"\n"
    fates: dict[tuple[str | None, ...], bytes] = {}
    for text, fate, action, subject, fields, _ in lines(connection, plan_id):
        hashing.update(text)
        hashing.update(b"\n")
        tally.add(action, subject, fate[0], (change["rule"] for change in fields.values()))
        if to is not None:
            if fate not in fates:
                fates[fate] = b"," + orjson.dumps(dict(zip(FATE, fate, strict=True)))[1:]
            to.write(before + text[:-1] + fates[fate])
            before = b",\n"
    return tally.digest(connection, plan_id, hashing.hexdigest())


def without(connection: Connection, plan_id: str, ids: Collection[int]) -> tuple[str, str]:
    """The hash of a plan, and the one that it would have without the lines ``ids``, which a newer plan takes over."""
    whole, rest = hashlib.blake2b(digest_size=16), hashlib.blake2b(digest_size=16)
    for line in lines(connection, plan_id):
        for hashing in (whole,) if line.id in ids else (whole, rest):
            hashing.update(line.text + b"\n")
    return whole.hexdigest(), rest.hexdigest()


def lines(connection: Connection, plan_id: str) -> Iterator[Line]:
    """The lines of a plan that do something, in the order in which they are sent."""
    query = select(outbox.c.position).distinct().where(outbox.c.plan_id == plan_id).order_by(outbox.c.position)
    for position in connection.scalars(query).all():
        yield from _lines_at(connection, plan_id, position)


def _lines_at(connection: Connection, plan_id: str, position: int) -> Iterator[Line]:
    """Those of one position: an index leads to where the last page ended, which it would not for all of them."""
    after = -1
    while True:
        rows = connection.execute(_QUERY, {"plan_id": plan_id, "position": position, "after": after}).all()
        for row in rows:
            yield _line(*row)
        if len(rows) < PAGE:
            return
        after = rows[-1][0]


def _line(
    id: int,
    public_id: str | None,
    action: str,
    object: str,
    remote_id: str | None,
    stored_fields: Any,
    stored_parents: Any,
    subject: str,
    position: int,
    golden_version: int | None,
    remote_version: str | None,
    hanging: str | None,
    hanging_id: int | None,
    *fate: str | None,
) -> Line:
    fields = from_stored(stored_fields)
    planned = {
        "action": action,
        "object": object,
        "golden_id": public_id,
        "remote_id": remote_id,
        "fields": fields,
        "subject": subject,
        "parents": from_stored(stored_parents),
        "position": position,
        "golden_version": golden_version,
        "remote_version": remote_version,
        "hanging": None if hanging is None else f"{hanging}/{hanging_id}",
    }
    return Line(canonical(planned), fate, action, subject, fields, id)


@contextmanager
def plan_file(path: Path | None, plan_id: str, target: str) -> Iterator[PlanFile]:
    """The file of a plan as contracts.md describes it, a line of the file an action. It is there once it is finished.

    Without a path it is written nowhere.
    """
    if path is None:
        yield PlanFile(None, plan_id, target)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    with half.open("wb") as lines:
        file = PlanFile(lines, plan_id, target)
        yield file
    if file.finished:
        half.replace(path)


class PlanFile:
    """A plan's file while it is written; ``lines`` takes the actions."""

    def __init__(self, lines: BinaryIO | None, plan_id: str, target: str) -> None:
        self.lines = lines
        self.finished = False
        self._head = {"id": plan_id, "hash": _NO_HASH, "target": target}
        if lines is not None:
            lines.write(self._begin())

    def finish(self, hash: str, kept_out: Mapping[str, int], calls_estimated: int) -> None:
        """End the file, and put the hash of its lines, which is known only now, at its beginning."""
        if self.lines is not None:
            tail = {"kept_out": kept_out, "calls_estimated": calls_estimated}
            self.lines.write(b"\n]," + orjson.dumps(tail)[1:] + b"\n")
            self._head["hash"] = hash
            self.lines.seek(0)
            self.lines.write(self._begin())
        self.finished = True

    def _begin(self) -> bytes:
        return orjson.dumps(self._head)[:-1] + b',"actions":['


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


def _feed(hashing: Any, line: Mapping[str, Any]) -> None:
    hashing.update(canonical({name: value for name, value in line.items() if name not in FATE}))
    hashing.update(b"\n")


def _emptied(connection: Connection, plan_id: str) -> dict[str, int]:
    query = (
        select(outbox.c.field, func.count())
        .where(outbox.c.plan_id == plan_id, outbox.c.code == "emptied")
        .group_by(outbox.c.field)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
