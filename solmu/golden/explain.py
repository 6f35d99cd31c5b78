"""Why a golden record is what it is: who speaks of it, why they are taken for the same, why each value survived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from solmu.golden.expire import last_day
from solmu.golden.recompute import IDENTITY
from solmu.store import time
from solmu.store.owners import Owners, owners
from solmu.store.prepared import Prepared, among_these
from solmu.store.tables import conflict, golden, link, mention, pair, pin, remote, source_record
from solmu.sync.equal import blank
from solmu.sync.judge import target_form

Explanation = dict[str, Any]

_INSIDE = frozenset({"id", "claim", "public_id"})
"""Of a mention, what the answer has elsewhere."""

_OWNER = "owner"

_GOLDEN = Prepared(lambda _: select(golden).where(golden.c.id == bindparam("golden_id")))
_SPEAKING = Prepared(
    lambda _: (
        select(
            mention.c.id,
            mention.c.slot,
            mention.c.state,
            mention.c.claim,
            mention.c.public_id,
            source_record.c.connection,
            source_record.c.stream,
            source_record.c.key,
            link.c.why,
            link.c.since,
        )
        .join(link, link.c.mention_id == mention.c.id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .where(link.c.golden_id == bindparam("golden_id"), link.c.until.is_(None))
        .order_by(mention.c.id)
    )
)
_COMPARED = Prepared(
    lambda connection: (
        select(pair)
        .where(among_these(connection, pair.c.left_id), among_these(connection, pair.c.right_id))
        .order_by(pair.c.weight.desc(), pair.c.left_id, pair.c.right_id)
    )
)
_PINNED = Prepared(
    lambda connection: (
        select(pin)
        .where(
            among_these(connection, pin.c.mention_id),
            pin.c.withdrawn_at.is_(None),
            or_(pin.c.expires_at.is_(None), pin.c.expires_at > bindparam("now")),
        )
        .order_by(pin.c.at, pin.c.mention_id)
    )
)
_THERE = Prepared(
    lambda connection: select(remote).where(among_these(connection, remote.c.mention_id)).order_by(remote.c.id)
)
_OPEN = Prepared(
    lambda connection: (
        select(conflict, remote.c.object, remote.c.remote_id)
        .join(remote, remote.c.id == conflict.c.remote_pk)
        .where(among_these(connection, remote.c.mention_id), conflict.c.state == "open")
        .order_by(conflict.c.id)
    )
)


def explain(connection: Connection, golden_id: int, *, field: str | None = None) -> Explanation:
    """Everything that is known of one golden record; with ``field``, what it is called and that field's story alone.

    ``fields`` gives for each value its rule, where it comes from and since when (by its record's own date, where that
    has one), and what others said instead; a field that a steward emptied is among them. ``gone`` is where the record
    that says it is there no more. An ``owner`` who is a user of
    a CRM has a ``name`` beside the value, where it is known. ``mentions`` says who speaks of it and why and since when
    they are linked; ``pairs`` what their comparison gave; ``remotes`` where it is, which record is written to there
    (``role``) and which fields somebody ``cleared`` there; ``conflicts`` what waits for a steward; ``pins`` what
    stewards said, the id among it that one of them kept (of ``public_id``).
    """
    row = _GOLDEN.first(connection, golden_id=golden_id)
    mentions = _mentions(connection, golden_id)
    pins = _pins(connection, mentions)
    pinned = {each["field"]: each for each in pins}  # the last word on a field is its last pin
    emptied = [name for name, pin in pinned.items() if name != IDENTITY and name not in row.document]
    names = [field] if field else [*row.document, *emptied]
    fields = {name: _field(name, row.document.get(name), mentions, pinned) for name in names}
    if _OWNER in fields:
        _call_by_name(fields[_OWNER], owners(connection))
    told = {
        "golden_id": row.public_id,
        "entity": row.entity,
        "state": row.state,
        "name": row.name,
        "fields": fields,
        "pins": [each for each in pins if field in (None, each["field"])],
    }
    if field is not None:
        return told
    return {
        **told,
        "aliases": sorted(each["public_id"] for each in mentions if each["public_id"] != row.public_id),
        "mentions": [{key: value for key, value in each.items() if key not in _INSIDE} for each in mentions],
        "pairs": _pairs(connection, mentions),
        "remotes": _remotes(connection, mentions),
        "conflicts": _conflicts(connection, mentions),
    }


def _mentions(connection: Connection, golden_id: int) -> list[dict[str, Any]]:
    return [{**row._asdict(), "since": time.iso(row.since)} for row in _SPEAKING.rows(connection, golden_id=golden_id)]


def _field(
    name: str,
    entry: Mapping[str, Any] | None,
    mentions: Sequence[Mapping[str, Any]],
    pinned: Mapping[str, Mapping[str, Any]],
) -> Explanation:
    by_id = {each["id"]: each for each in mentions}
    others = _others(name, entry, mentions)
    pin = pinned.get(name)
    if entry is None and pin is None:
        return {"value": None, "rule": None, "source": None, "since": None, "others": others}
    if entry is None or (pin is not None and entry["rule"] == "pin"):
        # Pinned to nothing, or to a value: it is the steward's word, whichever mention it hangs on.
        return {
            "value": entry["value"] if entry else None,
            "rule": "pin",
            "source": f"pinned by {pin['who']}" if pin else None,
            "since": pin["at"] if pin else None,
            "pin": pin,
            "others": [each for each in _others(name, None, mentions) if not each["echo"]],
        }
    if entry["rule"] == "pin":
        # It ran out, and no run has computed the value without it yet; nobody else ever said it.
        source = "a pin that has run out; the next run computes it without"
        since = time.iso(entry["since"])
        return {
            "value": entry["value"],
            "rule": "pin",
            "source": source,
            "since": since,
            "others": _others(name, None, mentions),
        }
    winner = by_id.get(entry["mention"])
    return {
        "value": entry["value"],
        "rule": entry["rule"],
        "source": _source(winner) if winner else None,
        "since": time.iso(entry["since"]) if entry["since"] is not None else None,
        "others": others,
        **_gone(winner),
    }


def _gone(each: Mapping[str, Any] | None) -> Explanation:
    """Said of what a record told before it left its list: it counts only where nobody tells anything now."""
    return {"gone": True} if each is not None and each["state"] == "withdrawn" else {}


def _call_by_name(entry: Explanation, known: Owners) -> None:
    for each in (entry, *entry["others"]):
        owner = known.named(each["value"])
        if owner is not None:
            each["name"] = owner.name


def _others(name: str, entry: Mapping[str, Any] | None, mentions: Sequence[Mapping[str, Any]]) -> list[Explanation]:
    return [
        {
            "value": said["value"],
            "source": _source(each),
            "echo": not said["own"],
            **_gone(each),
        }
        for each in mentions
        if (said := (each["claim"] or {}).get(name)) is not None and (entry is None or each["id"] != entry["mention"])
    ]


def _source(each: Mapping[str, Any]) -> str:
    return f"{each['connection']}/{each['stream']}/{each['key']}"


def _pairs(connection: Connection, mentions: Sequence[Mapping[str, Any]]) -> list[Explanation]:
    by_id = {each["id"]: _source(each) for each in mentions}
    return [
        {
            "left": by_id[row.left_id],
            "right": by_id[row.right_id],
            "band": row.band,
            "rule": row.rule,
            "probability": round(row.probability, 4),
            "explanation": row.explanation,
        }
        for row in _COMPARED.rows(connection, ids=by_id)
    ]


def _pins(connection: Connection, mentions: Sequence[Mapping[str, Any]]) -> list[Explanation]:
    ids = {each["id"]: each["public_id"] for each in mentions}
    return [
        {
            "field": row.field,
            "value": ids[row.mention_id] if row.field == IDENTITY else row.value,
            "who": row.who,
            "at": time.iso(row.at),
            "until": last_day(row.expires_at),
            "reason": row.reason,
        }
        for row in _PINNED.rows(connection, ids=list(ids), now=time.now())
    ]


def _remotes(connection: Connection, mentions: Sequence[Mapping[str, Any]]) -> list[Explanation]:
    return [
        {
            "target": row.target,
            "object": row.object,
            "remote_id": row.remote_id,
            "external_id": row.external_id,
            "role": row.role,
            "state": row.state,
            "hanging": row.hanging,
            "cleared": _cleared(row),
        }
        for row in _THERE.rows(connection, ids=[each["id"] for each in mentions])
    ]


def _cleared(row: Any) -> list[str]:
    """The target's fields in which both sides agreed on a value that is gone there: it is not written again."""
    if row.state != "live":
        return []
    agreed: Mapping[str, Any] = row.agreed or {}
    held: Mapping[str, Any] = row.observed or {}
    return sorted(name for name, each in agreed.items() if not blank(target_form(each)) and blank(held.get(name)))


def _conflicts(connection: Connection, mentions: Sequence[Mapping[str, Any]]) -> list[Explanation]:
    """What a steward has to say to: a field that both sides changed, or a merge there that was called wrong here."""
    return [
        {
            "target": row.target,
            "object": row.object,
            "remote_id": row.remote_id,
            "field": row.field,
            "hub": row.hub_value,
            "there": row.remote_value,
            "since": time.iso(row.since),
        }
        for row in _OPEN.rows(connection, ids=[each["id"] for each in mentions])
    ]
