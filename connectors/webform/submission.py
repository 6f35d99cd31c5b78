"""A submission: what somebody entered in a form, in one shape whoever sent it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from solmu.exchange import Payload

Answer = tuple[str | None, str | None, Any]
"""The question's label, the sender's own key for it, and what was answered."""


@dataclass(frozen=True, slots=True)
class Submission:
    """``key`` is the sender's id of the submission, which stays when it is edited; ``about`` is what the sender says of
    it besides the answers, ``raw`` the document as it came."""

    answers: tuple[Answer, ...]
    raw: Any
    key: str | None = None
    form: str | None = None
    form_name: str | None = None
    submitted_at: datetime | None = None
    test: bool = False
    about: Payload = field(default_factory=dict)

    def payload(self, received_at: datetime | None = None) -> Payload:
        """As a mapping reads it: answers by their label (``from: Company``), and by the sender's keys below ``_keys``
        (``from: _keys.company``). What begins with ``_`` is not an answer.

        ``received_at`` stands in for a time that the sender does not state; otherwise it would only make a redelivery
        look like news.
        """
        payload: Payload = {}
        keys: Payload = {}
        payload_name, keys_name = _namer(payload), _namer(keys)
        for label, key, value in self.answers:
            name = (label or "").strip() or key or "?"
            payload[payload_name(name)] = value
            if key and key != name:
                keys[keys_name(key)] = value
        meta = {
            "_form": self.form,
            "_form_name": self.form_name,
            "_submission": self.key,
            "_submitted_at": self.submitted_at.isoformat() if self.submitted_at else None,
            "_received_at": received_at.isoformat() if received_at and not self.submitted_at else None,
            "_test": True if self.test else None,
            "_keys": keys or None,
            "_about": {name: value for name, value in self.about.items() if value is not None} or None,
            "_raw": self.raw,
        }
        # A field of the form's own with such a name is still there, in _raw.
        return payload | {name: value for name, value in meta.items() if value is not None}


def text_of(value: Any) -> str | None:
    """An id of a sender's as text."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def moment_of(value: Any) -> datetime | None:
    """A sender's time: ISO 8601, or seconds or milliseconds since 1970; None where it is none, or says no zone."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > 100_000_000_000 else value, UTC)
        if isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
            return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError, OSError):
        pass
    return None


def plain(values: Iterable[Any]) -> Any:
    """One answer by itself, several as a list, none as None."""
    found = [value for value in values if value is not None and value != ""]
    return found[0] if len(found) == 1 else found or None


def block(value: Any) -> dict[str, Any]:
    """A block of a document; an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def blocks(value: Any) -> list[dict[str, Any]]:
    """The blocks of a list; other things in it are left out."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _namer(taken: Payload) -> Callable[[str], str]:
    """Gives a second question of the same label a number. It goes on from the last one: looking from 2 each time, a
    body of nothing but one label would take hours."""
    last: dict[str, int] = {}

    def free(name: str) -> str:
        if name not in taken:
            return name
        number = last.get(name, 1) + 1
        while f"{name} ({number})" in taken:
            number += 1
        last[name] = number
        return f"{name} ({number})"

    return free
