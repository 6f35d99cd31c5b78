"""The values that cross between the core and a connector.

The core imports no connector, and a connector imports these. Everything here is a plain value: a payload is a flat or
nested JSON document exactly as the system gave it (numbers that JSON cannot hold exactly, dates and the like arrive as
text), so that it can be stored as received.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Payload = dict[str, Any]
Cursor = dict[str, Any]
"""How far a stream is read: a small JSON document that only its connector understands."""


_ERROR = "error"


def cell_error(text: str) -> Payload:
    """What stands in a payload for a cell that shows an error of its formula (``#REF!``): the text, and that it is no
    value. As a mere text it would pass for one, or for nothing."""
    return {_ERROR: text}


def error_in(value: object) -> str | None:
    """The text of a ``cell_error``; None for anything else."""
    text = value[_ERROR] if isinstance(value, dict) and value.keys() == {_ERROR} else None
    return text if isinstance(text, str) else None


@dataclass(slots=True)
class Row:
    """One source record as read. Not frozen, since that would treble what making one costs; nobody changes it.

    ``key`` is unique in its stream and never changes for the same thing. ``changed_at`` is the source's own stamp, in
    UTC, or None where the source has none. ``place`` tells a person where it stood ("leads.xlsx, sheet Leads, row 14").
    """

    key: str
    payload: Payload
    changed_at: datetime | None = None
    deleted: bool = False
    place: str | None = None
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that was there but could not be read as one. It lands in quarantine with what could be saved of it."""

    key: str
    payload: Payload
    code: str
    message: str
    expected: str | None = None
    field: str | None = None
    value: str | None = None
    place: str | None = None
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows, and the cursor that covers them and all before them.

    The cursor is stored in the transaction that lands the rows. ``complete`` is true on the last batch of a full list:
    only then may rows that were not seen count as gone.
    """

    rows: Sequence[Row | Unreadable]
    cursor: Cursor | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field of a stream, as the system describes it. ``length`` is in characters."""

    name: str
    type: str = "text"
    label: str | None = None
    custom: bool = False
    required: bool = False
    length: int | None = None
    values: tuple[str, ...] = ()
    restricted: bool = False
    createable: bool = True
    updateable: bool = True


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """One stream that a connection offers.

    ``full``: every read gives the whole list, so that a row that is missing has vanished. ``partial``: a row says
    nothing of the fields that it leaves out.
    """

    name: str
    fields: tuple[FieldInfo, ...] = ()
    key: tuple[str, ...] = ()
    full: bool = True
    partial: bool = False
    writable: bool = False


class Verb(StrEnum):
    """What an action does in the target."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(slots=True)
class Write:
    """One action on its way to a target. ``fields`` holds only what changes; None clears.

    A create carries ``external_id``, minted by us for this one remote record, where the target can hold it; an update
    and a delete carry ``remote_id``.
    """

    id: int
    verb: Verb
    fields: Mapping[str, Any]
    remote_id: str | None = None
    external_id: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Merging:
    """Two records of one stream of a target that are to be one: ``loser`` goes into ``winner``, which keeps its values.

    Both are remote ids; ``id`` is the action's, as a write has it.
    """

    id: int
    winner: str
    loser: str

    @property
    def remote_id(self) -> str:
        """The record that is left."""
        return self.winner


class Outcome(StrEnum):
    """What became of one action."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    RETRIABLE = "retriable"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Result:
    """What the target answered to one action.

    ``observed`` holds the values the target says it now has, where it says so; ``version`` is its own stamp of the
    record after our write. ``unknown`` means that no answer came: it must be looked up before anything is sent again.
    ``alike`` are the ids of records that the target took a create for, and refused it.
    """

    id: int
    outcome: Outcome
    remote_id: str | None = None
    version: str | None = None
    observed: Payload | None = None
    code: str | None = None
    message: str | None = None
    field: str | None = None
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remote:
    """A record as it is now in a target. ``external_id`` is ours, if it carries one."""

    remote_id: str
    payload: Payload
    external_id: str | None = None
    version: str | None = None
    changed_at: datetime | None = None
    changed_by_us: bool = False
    deleted: bool = False
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may own records in a system: the id that its records name, and what people call them there.

    ``active`` is false for whoever has left, and may still own what they owned.
    """

    id: str
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Job:
    """A bulk job of the target's, journalled before anything is uploaded to it."""

    id: str
    stream: str
    verb: Verb
    action_ids: tuple[int, ...]
    detail: Payload = field(default_factory=dict)


Journal = Callable[[Job], None]
"""Called with a job before its upload begins; returns once the job is stored durably."""


@dataclass(frozen=True, slots=True)
class Request:
    """A delivery at the door of a pushed source, exactly as it came.

    ``path`` is what follows ``/in/<connection>`` (empty, or ``/…``); ``url`` is the address that the sender called, as
    far as it is known behind a proxy; names of headers are in lower case; ``received_at`` is in UTC.
    """

    method: str
    path: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """What ``verify`` knows of a request whose signature holds: the id under which a redelivery comes again."""

    id: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a connector can do; see ``connectors/base.py`` for what each means."""

    can_read: bool = True
    can_write: bool = False
    can_delete: bool = False
    can_merge: bool = False
    receives: bool = False
    upserts_by_external_id: bool = False
    reports_changes_since: bool = False
    reports_deletes: bool = False
    writes_conditionally: bool = False
    max_batch: int = 200
    bulk_above: int | None = None
    search_lag: float = 0.0
