"""Rows out of deliveries: which stream takes them, under which key they land, and what of them cannot be read."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connectors.webform.document import Unparsable, parse
from connectors.webform.senders import Sender, submissions
from connectors.webform.submission import Submission
from solmu.exchange import Payload, Row, Unreadable

Forms = Mapping[str, tuple[str, ...]]
"""Stream -> the forms that it names."""

# The one secret that a sender puts into the body: Google's, of a lead form.
_SECRET_IN_BODY = re.compile(r'("google_key"\s*:\s*)"(?:[^"\\]|\\.)*"')
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One delivery that was let in. ``place`` tells a person where it stands. ``received_at`` is sure where somebody
    noted it; the time of a file is not."""

    id: str
    received_at: datetime
    is_noted: bool
    content_type: str
    encoding: str
    body: bytes
    place: str
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A row, and which form it is of (None: not known)."""

    row: Row | Unreadable
    form: str | None


def found_in(arrived: Arrived, sender: Sender, namespace: str, charset: str) -> list[Found]:
    """What a delivery says: each submission by its own id, so that one that is edited comes as a change; a body that
    cannot be read as a whole."""
    try:
        document = parse(arrived.body, arrived.content_type, charset=charset, encoding=arrived.encoding)
        said = submissions(sender, document)
    except Unparsable as problem:
        return [Found(unreadable(arrived, problem.code, problem.message, problem.expected, problem.value), None)]
    many = len(said) > 1
    return [
        Found(_row(arrived, each, namespace, f"#{number}" if many else ""), each.form)
        for number, each in enumerate(said, 1)
    ]


def unreadable(arrived: Arrived, code: str, message: str, expected: str | None, value: str | None = None) -> Unreadable:
    """A delivery that waits for a person, with the whole of its body: the intake forgets it in time."""
    payload: Payload = {"content_type": arrived.content_type, "size": len(arrived.body)}
    try:
        payload["body"] = _SECRET_IN_BODY.sub(r'\1"•••"', arrived.body.decode("utf-8"))
    except UnicodeDecodeError:
        payload["body_base64"] = base64.b64encode(arrived.body).decode()
    return Unreadable(
        key=arrived.id,
        payload=payload,
        code=code,
        message=message,
        expected=expected,
        # A NUL in a sender's text is refused by some databases.
        value=value.replace("\x00", "�")[:200] if value else value,
        place=arrived.place,
        file=arrived.file,
    )


def nobodys(arrived_row: Row, form: str | None, forms: Forms) -> Unreadable:
    """A submission that no stream takes."""
    named = sorted({form for each in forms.values() for form in each})
    return Unreadable(
        key=arrived_row.key,
        payload=arrived_row.payload,
        code="no-stream",
        message=f"no stream takes the form {form!r}" if form else "it names no form, and no stream takes such",
        expected=f"a stream with `form: {form or '…'}`, or one without `form` for all others"
        + (f"; named so far: {', '.join(named)}" if named else ""),
        field="form",
        value=form,
        place=arrived_row.place,
        file=arrived_row.file,
    )


def owner_of(form: str | None, forms: Forms) -> str | None:
    """The stream that takes a form: the first that names it, else the first that names none."""
    for stream, named in forms.items():
        if form is not None and form in named:
            return stream
    return next((stream for stream, named in forms.items() if not named), None)


def _row(arrived: Arrived, said: Submission, namespace: str, suffix: str) -> Row:
    key = arrived.id + suffix if said.key is None else f"{namespace}:{said.key}"
    stated = said.submitted_at
    if stated is not None and not _EARLIEST <= stated <= arrived.received_at + _CLOCKS_DIFFER:
        said = replace(said, submitted_at=None)
    return Row(
        # Keys are chosen by senders; an endless one, or one that is no text, gives way to the delivery's.
        key if len(key) <= 250 and key.isprintable() else arrived.id + suffix,
        said.payload(arrived.received_at if arrived.is_noted else None),
        said.submitted_at or arrived.received_at,
        place=arrived.place,
        file=arrived.file,
    )
