"""Pins: a steward's own value for a field, with author and expiry. It beats every rule, and says who set it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from solmu.config import Hub
from solmu.config.nearest import choice_of
from solmu.errors import SolmuError
from solmu.golden.rules import ALWAYS, Rules
from solmu.mapping.transform import default_transform
from solmu.mapping.transforms import TRANSFORMS
from solmu.model import CanonicalField
from solmu.normalise import Invalid
from solmu.steward.intent import Intent, Kind, PinSaid, state_digest
from solmu.steward.pointing import Pointed
from solmu.store import time
from solmu.store.tables import golden
from solmu.store.tables import pin as pins


def pin(
    connection: Connection, hub: Hub, which: Pointed, field: str, value: str, *, now: int, until: str | None = None
) -> Intent:
    """Give a field a value of the steward's own; blank means that it has none, whatever the sources say.

    ``until`` is a day (``2027-01-31``, that day included) or a moment with its zone. A pin that the field has gives
    way. Raises SolmuError for a field or value that cannot be.
    """
    known = _field(hub, which, field)
    expires = _moment(until, now) if until is not None else None
    country = connection.scalar(select(golden.c.country).where(golden.c.id == which.id))
    said = PinSaid(which.id, known.name, _value(which, known, value, country), expires)
    return _intent(connection, Kind.PIN, which, pinned=(said,), unpins=_standing(connection, which, known.name))


def unpin(connection: Connection, which: Pointed, field: str) -> Intent:
    """Let the rules decide a field again. Raises SolmuError where nobody pinned it."""
    there = _standing(connection, which, field)
    if not there:
        query = select(pins.c.field).where(pins.c.mention_id.in_(which.ids), pins.c.withdrawn_at.is_(None)).distinct()
        fields = sorted(connection.scalars(query))
        raise SolmuError(
            f"{field} is not pinned on {which.public_id}",
            code="not-pinned",
            field=field,
            expected=choice_of(field, fields) if fields else "a field that `solmu explain` shows as pinned",
        )
    return _intent(connection, Kind.UNPIN, which, unpins=there)


def _field(hub: Hub, which: Pointed, field: str) -> CanonicalField:
    known = Rules.of_hub(hub).fields[which.entity]
    if field in ALWAYS:
        raise SolmuError(
            f"{field} is never pinned: whoever says it, says it for all",
            code="no-pin",
            field=field,
            expected="a correction in the source that says it",
        )
    if field not in known:
        raise SolmuError(
            f"{which.entity.value} has no field {field!r}",
            code="no-field",
            field=field,
            expected=choice_of(field, sorted(known)),
        )
    return known[field]


def _value(which: Pointed, field: CanonicalField, text: str, country: str | None) -> Any:
    """A value as a mapping would have read it; local numbers and ids are of the golden record's own country."""
    if not text.strip():
        return None
    transform = TRANSFORMS[default_transform(field, which.entity)]
    apply = transform.build({})
    try:
        found = apply(text, country) if transform.row_option else apply(text)
    except Invalid as problem:
        raise _unfit(field, text, problem.expected) from problem
    if transform.gives == "parts":
        found = dict(found or ()).get(field.name)
    said = [each for each in (found if isinstance(found, tuple | list) else (found,)) if each not in (None, "")]
    if not said:
        raise _unfit(field, text, f"{field.label.lower()} that says something, or blank for none at all")
    if field.many:
        return said
    if len(said) > 1:
        raise _unfit(field, text, "one value")
    return said[0]


def _unfit(field: CanonicalField, text: str, expected: str) -> SolmuError:
    return SolmuError(
        f"{field.label} cannot hold this", code="bad-value", field=field.name, value=text, expected=expected
    )


def _moment(text: str, now: int) -> int:
    try:
        moment = datetime.fromisoformat(text)
        with suppress(ValueError):
            moment = datetime.combine(date.fromisoformat(text) + timedelta(days=1), datetime.min.time())  # it is within
    except (ValueError, OverflowError) as error:
        raise SolmuError(
            "this is no day and no moment", code="bad-value", field="until", value=text, expected="such as 2027-01-31"
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if time.micros(moment) <= now:
        raise SolmuError(
            "that is over already", code="bad-value", field="until", value=text, expected="a day that is to come"
        )
    return time.micros(moment)


def _standing(connection: Connection, which: Pointed, field: str) -> tuple[int, ...]:
    query = select(pins.c.id).where(
        pins.c.mention_id.in_(which.ids), pins.c.field == field, pins.c.withdrawn_at.is_(None)
    )
    return tuple(sorted(connection.scalars(query)))


def _intent(
    connection: Connection,
    kind: Kind,
    which: Pointed,
    *,
    pinned: tuple[PinSaid, ...] = (),
    unpins: tuple[int, ...] = (),
) -> Intent:
    return Intent(
        kind=kind,
        entity=which.entity,
        goldens=(which.id,),
        mentions=which.ids,
        seen=state_digest(connection, which.ids),
        pins=pinned,
        unpins=unpins,
    )
