"""Undoing changes: any of them, at any time later, as many as there are, in any order that makes sense."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from solmu.config import Hub
from solmu.errors import SolmuError
from solmu.golden.expire import last_day
from solmu.golden.recompute import IDENTITY
from solmu.match.contradiction import contradiction, contradicts
from solmu.match.decisions import Stored, Verdict, by_id
from solmu.model import Entity
from solmu.review.decide import Moved
from solmu.steward.intent import Intent, Kind, assumed, goldens_of, members_of, state_digest, told
from solmu.steward.ledger import Change, change, holds, standing, with_fate
from solmu.steward.rejoin import rejoined
from solmu.steward.resting import Rests, freed, ready, unwind
from solmu.store import time
from solmu.store.sql import chunks
from solmu.store.tables import decision, decision_mention, golden, link, mention, pin, source_record
from solmu.sync.fold import evidence

_HIGHEST = 2**63 - 1
"""The highest number that a store may give: any above is nobody's, and it could not even be asked for that."""


class Together(SolmuError):
    """The last changes that cannot be undone without some before them. ``least`` is how many go together."""

    def __init__(self, number: int, least: int) -> None:
        super().__init__(
            f"the last {number} cannot be undone alone: what they took back contradicts an older decision that an undo "
            "has since put back in force",
            code="undo-together",
            value=number,
            expected=f"the last {least} at once",
        )
        self.least = least


def undo(connection: Connection, hub: Hub, id: int, *, with_later: bool = False) -> Intent:
    """Put back what one change did; ``with_later`` undoes those that rest on it as well.

    Raises Moved where that is done already, Rests where another change rests on it, and Contradiction where what it
    took back contradicts what was said since.
    """
    id = min(id, _HIGHEST)
    one = change(connection, id)
    if one is None:
        raise _no_change(connection, id)
    undone = [one]
    while True:
        try:
            return _possible(connection, hub, _back(connection, ready(connection, undone)))
        except Rests as resting:
            later = change(connection, resting.later) if resting.later is not None else None
            if not with_later or later is None:
                raise
            undone.append(later)


def undo_decision(connection: Connection, hub: Hub, id: int) -> Intent:
    """Take one decision back, and nothing else of the change that it came with.

    Raises SolmuError where there is no such one, and Moved where somebody has done it before.
    """
    id = min(id, _HIGHEST)
    there = connection.execute(select(decision).where(decision.c.id == id)).first()
    if there is None:
        raise SolmuError(
            "there is no such decision", code="no-decision", value=id, expected="one of `solmu review decisions`"
        )
    if there.withdrawn_at is not None:
        raise Moved(
            f"{there.withdrawn_by} has withdrawn this decision before",
            code="withdrawn-already",
            now=there.withdrawn_at,
            expected="one of `solmu review decisions` that is in force",
        )
    (one,) = by_id(connection, [id])
    ids = one.left | one.right
    goldens = tuple(dict.fromkeys(goldens_of(connection, ids).values()))
    seen = state_digest(connection, ids)
    intent = Intent(Kind.UNDO, Entity(there.entity), goldens, ids, seen, takes_back=(id,))
    return _whole(connection, rejoined(connection, hub, intent))


def undo_last(connection: Connection, hub: Hub, number: int, *, who: str | None = None) -> Intent:
    """Put back the last ``number`` changes that are in force, of one steward or of all.

    Raises Together where only more of them can be undone at once, Contradiction where none can, and SolmuError where
    there are not so many.
    """
    found: list[Change] = []
    decisions: dict[int, bool] = {}
    pins: dict[int, bool] = {}
    for one, undone, alone in with_fate(connection):
        mine = one.kind is not Kind.UNDO and (who is None or one.who == who)
        if undone or not mine or not holds(connection, one, decisions, pins, alone):
            continue
        found.append(one)
        unwind(one, decisions, pins)
        if len(found) < number:
            continue
        intent = _back(connection, found)
        if _excluded_by(connection, intent) is None:
            if len(found) > number:
                raise Together(number, len(found))
            return _possible(connection, hub, intent)
    if len(found) >= number:
        return _possible(connection, hub, _back(connection, found[:number]))
    whose = f" of {who}" if who else ""
    changes = f"1 change{whose} is" if len(found) == 1 else f"{len(found)} changes{whose} are"
    raise SolmuError(
        f"only {changes} in force" if found else f"no change{whose} is in force",
        code="no-change",
        value=number,
        expected=f"at most {len(found)}" if found else "a change that `solmu history` shows as in force",
    )


def history(connection: Connection, golden_id: int | None = None, *, limit: int = 50) -> list[dict[str, Any]]:
    """The changes that touch a golden record, or all, the newest first.

    Each: ``change, kind, at, who, reason, about`` (``golden_id, name, records``: those of now, and whom the change was
    made of, by the names that their own records give), ``in_force, undoes, decisions, said`` (the verdict of an
    answer), ``pins`` (``field, value, until, set``; of ``public_id`` the value is the id that was kept).
    """
    decided: set[int] | None = None
    pinned: set[int] = set()
    if golden_id is not None:
        decided, pinned = _said_of(connection, members_of(connection, [golden_id])[golden_id])
    found: list[dict[str, Any]] = []
    for one, undone, alone in with_fate(connection):
        about = decided is None or decided & {*one.began, *one.ended} or pinned & {*one.pinned, *one.unpinned}
        if about:
            found.append(_told(connection, one, in_force=not undone and holds(connection, one, alone=alone)))
        if len(found) == limit:
            break
    return found


def _back(connection: Connection, undone: Iterable[Change]) -> Intent:
    """One change that puts back all of these, the newest first."""
    said: dict[int, bool] = {}
    pins: dict[int, bool] = {}
    those = list(undone)
    for one in those:
        unwind(one, said, pins)
    decided, pinned = standing(connection, decision, said), standing(connection, pin, pins)
    mentions = _mentions(connection, said, pins)
    places = goldens_of(connection, mentions)
    entities = {Entity(each) for each in _entities(connection, mentions)}
    return Intent(
        kind=Kind.UNDO,
        entity=min(entities, key=lambda each: each is Entity.PERSON),
        goldens=tuple(dict.fromkeys(places[id] for id in sorted(mentions) if id in places)),
        mentions=frozenset(mentions),
        seen=state_digest(connection, mentions),
        takes_back=tuple(sorted(id for id, stand in said.items() if not stand and id in decided)),
        puts_back=tuple(sorted(id for id, stand in said.items() if stand and id not in decided)),
        unpins=tuple(sorted(id for id, stand in pins.items() if not stand and id in pinned)),
        repins=tuple(sorted(id for id, stand in pins.items() if stand and id not in pinned)),
        undoes=tuple(one.id for one in those),
    )


def _possible(connection: Connection, hub: Hub, intent: Intent) -> Intent:
    """That intent, so that it restores what was.

    Raises Contradiction, with the chain that shows why, where carrying it out would, and Rests where nothing would come
    of it.
    """
    chain = _excluded_by(connection, intent)
    if chain is not None:
        raise told(connection, contradicts(chain))
    return _whole(connection, rejoined(connection, hub, freed(connection, intent)))


def _whole(connection: Connection, intent: Intent) -> Intent:
    """An intent that goes by the state of everybody of whom it says something."""
    mentions = intent.mentions.union(*(one.left | one.right for one in intent.says))
    mentions = mentions.union(*(one.left | one.right for one in by_id(connection, intent.takes_back)))
    if mentions == intent.mentions:
        return intent
    return replace(intent, mentions=mentions, seen=state_digest(connection, mentions))


def _excluded_by(connection: Connection, intent: Intent) -> tuple[int, ...] | None:
    """The decisions that exclude one that would be put back, in the order in which they are; None: nothing does."""
    back: dict[int, Stored] = {}
    for one in by_id(connection, intent.puts_back):
        would_be = assumed((), intent.takes_back, back)
        if one.verdict in (Verdict.SAME, Verdict.DIFFERENT):
            chain = contradiction(connection, one.verdict, one.left, one.right, rank=one.rank, in_force=would_be)
            if chain is not None:
                return chain
        back[one.id] = one
    return None


def _mentions(connection: Connection, said: Collection[int], pins: Collection[int]) -> set[int]:
    found = {id for one in by_id(connection, said) for id in one.left | one.right}
    for some in chunks(pins):
        found.update(connection.scalars(select(pin.c.mention_id).where(pin.c.id.in_(some))))
    return found


def _entities(connection: Connection, mentions: Collection[int]) -> set[str]:
    found: set[str] = set()
    for some in chunks(mentions):
        found.update(connection.scalars(select(mention.c.entity).where(mention.c.id.in_(some)).distinct()))
    return found


def _no_change(connection: Connection, id: int) -> SolmuError:
    expected = "one of `solmu history`"
    if connection.scalar(select(decision.c.id).where(decision.c.id == id)) is not None:
        expected += f"; a decision's number is another one, and goes to `solmu review undo {id}`"
    return SolmuError("there is no such change", code="no-change", value=id, expected=expected)


def _said_of(connection: Connection, mentions: Collection[int]) -> tuple[set[int], set[int]]:
    decided: set[int] = set()
    pinned: set[int] = set()
    for some in chunks(sorted(mentions)):
        decided.update(
            connection.scalars(
                select(decision_mention.c.decision_id).where(decision_mention.c.mention_id.in_(some)).distinct()
            )
        )
        pinned.update(connection.scalars(select(pin.c.id).where(pin.c.mention_id.in_(some))))
    return decided, pinned


def _told(connection: Connection, one: Change, *, in_force: bool) -> dict[str, Any]:
    said = select(decision.c.reason).where(decision.c.id.in_(one.began), decision.c.reason.is_not(None)).limit(1)
    verdicts = select(decision.c.verdict).where(decision.c.id.in_(one.began)).distinct().order_by(decision.c.verdict)
    query = select(pin, mention.c.public_id).join(mention, mention.c.id == pin.c.mention_id)
    pins = connection.execute(query.where(pin.c.id.in_({*one.pinned, *one.unpinned})).order_by(pin.c.id)).all()
    reason = connection.scalar(said) or next((row.reason for row in pins if row.id in one.pinned), None)
    return {
        "change": one.id,
        "kind": one.kind.value,
        "at": time.iso(one.at),
        "who": one.who,
        "reason": None if one.kind is Kind.UNDO else reason,
        "about": _about(connection, one),
        "in_force": in_force,
        "undoes": list(one.undoes),
        "decisions": {"began": list(one.began), "ended": list(one.ended)},
        "said": list(connection.scalars(verdicts)) if one.kind is Kind.DECIDE else [],
        "pins": [
            {
                "field": row.field,
                "value": row.public_id if row.field == IDENTITY else row.value,
                "until": last_day(row.expires_at),
                "set": row.id in one.pinned,
            }
            for row in pins
        ],
    }


def _about(connection: Connection, one: Change) -> list[dict[str, Any]]:
    """The golden records where those whom it is about are now, each with their ``records`` as these name them."""
    mentions = _mentions(connection, {*one.began, *one.ended}, {*one.pinned, *one.unpinned})
    found: dict[int, dict[str, Any]] = {}
    for some in chunks(sorted(mentions)):
        query = (
            select(golden.c.id, golden.c.public_id, golden.c.name, mention.c.claim, source_record)
            .join(link, link.c.golden_id == golden.c.id)
            .join(mention, mention.c.id == link.c.mention_id)
            .join(source_record, source_record.c.id == mention.c.record_id)
            .where(link.c.mention_id.in_(some), link.c.until.is_(None))
            .order_by(mention.c.id)
        )
        for row in connection.execute(query):
            about = found.setdefault(row.id, {"golden_id": row.public_id, "name": row.name, "records": []})
            name, record = evidence(row.claim).get("name"), f"{row.connection}/{row.stream}/{row.key}"
            about["records"].append({"name": name, "record": record})
    return [about for _, about in sorted(found.items())]
