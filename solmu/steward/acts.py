"""Merge, unmerge, split, move a mention, hold: what each says and takes back. Nothing is written here.

What was decided before binds: an act that contradicts decisions in force is refused, with the chain that shows why.
Only what takes records out of a golden record also takes back the "same" that holds them there.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from solmu.config import Hub
from solmu.errors import SolmuError
from solmu.match.cluster import Rank
from solmu.match.decisions import Verdict, in_force
from solmu.model import Entity
from solmu.review.decide import named_pair
from solmu.steward.hypothesis import cluster_under
from solmu.steward.intent import Intent, Kind, PinSaid, Said, assumed, check, crossing, goldens_of, state_digest
from solmu.steward.pointing import Pointed, members
from solmu.store.sql import chunks
from solmu.store.tables import pin

ID = "public_id"
"""The field of a pin that says whose id a golden record carries."""


def merge(connection: Connection, one: Pointed, other: Pointed, *, keep: Pointed | None = None) -> Intent:
    """Two golden records become one, with the id of the one that was born first, or of ``keep``.

    Raises SolmuError where they are of two kinds or one already, and Contradiction.
    """
    if one.entity is not other.entity:
        raise SolmuError(
            f"{one.public_id} is of the kind {one.entity.value}, {other.public_id} of the kind {other.entity.value}",
            code="two-kinds",
            expected="two organisations, or two people",
        )
    if one.id == other.id:
        raise SolmuError(
            "these are one golden record already", code="one-already", value=one.public_id, expected="two of them"
        )
    said = Said(Verdict.SAME, one.ids, other.ids)
    check(connection, said, assumed())
    pins, unpins = _keeping(connection, keep.id, one.ids | other.ids) if keep is not None else ((), ())
    return _intent(connection, Kind.MERGE, one.entity, (one, other), [said], pins=pins, unpins=unpins)


def unmerge(connection: Connection, which: Pointed, out: frozenset[int] = frozenset()) -> Intent:
    """Mentions leave a golden record, and go where their own pairs place them.

    Without ``out`` the last "same" that a steward said within it is what comes apart; where there is none, the two
    mentions that it has. Raises SolmuError where it has more, or ``out`` is all of it.
    """
    if not out:
        out, rest = _last_joined(connection, which)
    else:
        rest = _rest(which, out)
    says: list[Said] = []
    takes_back: set[int] = set()
    crossing(connection, out, rest, says, takes_back)
    return _intent(connection, Kind.UNMERGE, which.entity, (which,), says, takes_back, apart=(out, rest))


def split(connection: Connection, hub: Hub, which: Pointed, out: frozenset[int]) -> Intent:
    """A golden record becomes exactly two: ``out``, and the rest; each stays together, whatever held it so far."""
    rest = _rest(which, out)
    says: list[Said] = []
    takes_back: set[int] = set()
    crossing(connection, out, rest, says, takes_back)
    after = cluster_under(connection, hub, which.entity, which.ids, assumed(says, takes_back)).outcome.golden_of
    for part in (out, rest):
        if len({after.get(id) for id in part}) > 1:
            first = frozenset({min(part)})
            says.append(Said(Verdict.SAME, first, part - first))
    return _intent(connection, Kind.SPLIT, which.entity, (which,), says, takes_back, apart=(out, rest))


def move(connection: Connection, source: Pointed, mention: int, to: Pointed) -> Intent:
    """One mention leaves its golden record for another one."""
    if source.entity is not to.entity:
        raise SolmuError(
            f"this record speaks of a {source.entity.value}, and {to.public_id} is a {to.entity.value}",
            code="two-kinds",
            expected=f"a golden record of the kind {source.entity.value}",
        )
    if source.id == to.id:
        raise SolmuError(
            "it is there already", code="one-already", value=to.public_id, expected="another golden record"
        )
    out = frozenset({mention})
    says: list[Said] = []
    takes_back: set[int] = set()
    if source.ids != out:
        crossing(connection, out, source.ids - out, says, takes_back)
    said = Said(Verdict.SAME, out, to.ids)
    check(connection, said, assumed(says, takes_back))
    says.append(said)
    return _intent(connection, Kind.MOVE, source.entity, (source, to), says, takes_back, apart=(out, source.ids - out))


def hold(connection: Connection, pairs: Iterable[str]) -> Intent:
    """Keep the two of each of these pairs apart until a steward says otherwise: one change, undone as one.

    For merges that rest on evidence that turned out to be wrong.
    """
    named = [named_pair(text) for text in pairs]
    ids = frozenset(id for each in named for id in (each.left, each.right))
    there = members(connection, ids)
    if len(there) != len(ids) or not ids:
        raise SolmuError(
            "there is no such pair", code="no-pair", expected="pairs that a preview or `solmu review list` shows"
        )
    places = goldens_of(connection, ids)
    entities = {_entity(each.slot) for each in there}
    if len(entities) > 1:
        raise SolmuError("these pairs are of two kinds", code="two-kinds", expected="organisations, or people")
    says: list[Said] = []
    takes_back: set[int] = set()
    for each in named:
        crossing(connection, frozenset({each.left}), frozenset({each.right}), says, takes_back)
    return Intent(
        kind=Kind.HOLD,
        entity=entities.pop(),
        goldens=tuple(dict.fromkeys(places[id] for id in sorted(ids) if id in places)),
        mentions=ids,
        seen=state_digest(connection, ids),
        says=tuple(says),
        takes_back=tuple(sorted(takes_back)),
    )


def _keeping(connection: Connection, id: int, mentions: frozenset[int]) -> tuple[tuple[PinSaid, ...], tuple[int, ...]]:
    """The pin by which an id is kept, unless there is one, and those of other ids, which give way to it."""
    standing: dict[int, int] = {}
    for some in chunks(sorted(mentions)):
        query = select(pin.c.id, pin.c.mention_id).where(
            pin.c.mention_id.in_(some), pin.c.field == ID, pin.c.withdrawn_at.is_(None)
        )
        standing |= {row.id: row.mention_id for row in connection.execute(query)}
    pins = () if id in standing.values() else (PinSaid(id, ID, True),)
    return pins, tuple(sorted(each for each, mention in standing.items() if mention != id))


def _entity(slot: str) -> Entity:
    return Entity(slot.partition("#")[0])


def _rest(which: Pointed, out: frozenset[int]) -> frozenset[int]:
    rest = which.ids - out
    if not rest:
        raise SolmuError(
            f"these are all the records that {which.public_id} has",
            code="nothing-left",
            value=which.public_id,
            expected="some of them, so that others stay",
        )
    return rest


def _last_joined(connection: Connection, which: Pointed) -> tuple[frozenset[int], frozenset[int]]:
    for one in reversed(in_force(connection, which.ids)):
        left, right = one.left & which.ids, one.right & which.ids
        if one.verdict is Verdict.SAME and one.rank is Rank.STEWARD and left and right:
            return left, right
    if len(which.ids) == 2:
        return frozenset({max(which.ids)}), frozenset({min(which.ids)})
    if len(which.ids) == 1:
        raise SolmuError(
            f"only one record speaks of {which.public_id}: there is nothing to take apart",
            code="one-mention",
            value=which.public_id,
            expected="a golden record of several",
        )
    records = ", ".join(each.source for each in which.members[:20])
    raise SolmuError(
        f"{len(which.ids)} records speak of {which.public_id}, and no steward joined them",
        code="which-one",
        value=which.public_id,
        expected=f"--of with what is to leave it: {records}",
    )


def _intent(
    connection: Connection,
    kind: Kind,
    entity: Entity,
    about: tuple[Pointed, ...],
    says: Iterable[Said],
    takes_back: Iterable[int] = (),
    *,
    pins: tuple[PinSaid, ...] = (),
    unpins: tuple[int, ...] = (),
    apart: tuple[frozenset[int], ...] = (),
) -> Intent:
    ids = frozenset().union(*(each.ids for each in about))
    return Intent(
        kind=kind,
        entity=entity,
        goldens=tuple(each.id for each in about),
        mentions=ids,
        seen=state_digest(connection, ids),
        says=tuple(says),
        takes_back=tuple(sorted(takes_back)),
        pins=pins,
        unpins=unpins,
        apart=apart,
    )
