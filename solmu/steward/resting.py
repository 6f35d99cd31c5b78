"""What stands in the way of undoing a change: later ones that rest on it, named so that they can go first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from solmu.match.cluster import Rank
from solmu.match.contradiction import contradiction, in_words
from solmu.match.decisions import InForce, Stored, Verdict, by_id
from solmu.review.decide import Moved
from solmu.steward.intent import UNSAID, Intent, Kind, Said, assumed, left_of
from solmu.steward.ledger import Change, changes, holds, standing, with_fate
from solmu.store import time
from solmu.store.tables import decision


class Rests(Moved):
    """A change that cannot be undone, or of whose undoing nothing would come, because of ``later``: that change's
    number, or None where it is a decision that no steward's change can take back."""

    def __init__(self, message: str, *, later: int | None, expected: str) -> None:
        super().__init__(message, code="undo-first", now=later, expected=expected)
        self.later = later


def unwind(one: Change, decisions: dict[int, bool], pins: dict[int, bool]) -> None:
    """What would be in force, and what not, once a change is undone."""
    for stand, begun, over in ((decisions, one.began, one.ended), (pins, one.pinned, one.unpinned)):
        stand |= dict.fromkeys(begun, False) | dict.fromkeys(over, True)


def ready(connection: Connection, undone: Collection[Change]) -> list[Change]:
    """These changes in the order in which they can be undone, the newest first. Raises Moved, and Rests."""
    wanted = {each.id for each in undone}
    decisions: dict[int, bool] = {}
    pins: dict[int, bool] = {}
    found: list[Change] = []
    for one, is_undone, alone in with_fate(connection, after=min(wanted) - 1):
        if one.id in wanted:
            if is_undone or not holds(connection, one, decisions, pins, alone):
                raise _why_not(connection, one, wanted)
            unwind(one, decisions, pins)
            found.append(one)
    return found


def freed(connection: Connection, intent: Intent) -> Intent:
    """An undoing that takes a "same" back for good.

    Whoever moved a record to a merged one said that it is the same as all that was there, so the merge can only go
    after that: raises Rests. What an undoing has said of parts that it put together is said anew of the two sides each.
    """
    back = {one.id: one for one in by_id(connection, intent.puts_back)}
    undone = [one for one in changes(connection, after=min(intent.undoes, default=1) - 1) if one.id in intent.undoes]
    says, takes_back = list(intent.says), set(intent.takes_back)
    for said in by_id(connection, intent.takes_back):
        one = max((one for one in undone if said.id in one.began), key=lambda each: each.id, default=None)
        if said.verdict is not Verdict.SAME or one is None:
            continue
        since = _said_since(connection, one)
        while chain := _chain(connection, said, assumed(says, takes_back, back), since):
            aside = [id for id in chain if id in since and since[id].kind is Kind.UNDO]
            if not aside:
                raise _keeps(connection, one.id, chain, since)
            takes_back.update(aside)
            says += [
                Said(Verdict.SAME, *sides) for each in by_id(connection, aside) for sides in left_of(each, said.left)
            ]
    return replace(intent, says=tuple(says), takes_back=tuple(sorted(takes_back)))


def because(connection: Connection, intent: Intent) -> list[str]:
    """Which decisions keep together, or apart, those of whom an undoing takes back that they are; a sentence each."""
    back = {one.id: one for one in by_id(connection, intent.puts_back)}
    would_be = assumed(intent.says, intent.takes_back, back)
    ids: list[int] = []
    for said in by_id(connection, intent.takes_back):
        if said.verdict is Verdict.SAME:
            chain = contradiction(
                connection, Verdict.DIFFERENT, said.left, said.right, rank=Rank.STEWARD, in_force=would_be
            )
            ids += chain or ()
        elif said.verdict is not Verdict.UNSURE:
            others = [one for one in would_be(connection, said.left | said.right) if one.verdict is not Verdict.SAME]
            ids += [one.id for one in others if one.verdict is not Verdict.UNSURE and _parts_too(one, said)]
    return in_words(connection, dict.fromkeys(id for id in ids if id < UNSAID))


def _parts_too(one: Stored, said: Stored) -> bool:
    return bool((one.left & said.left and one.right & said.right) or (one.left & said.right and one.right & said.left))


def _chain(
    connection: Connection, said: Stored, would_be: InForce, since: Mapping[int, Change]
) -> tuple[int, ...] | None:
    """The decisions by which the two sides of a "same" would stay one without it, some of them said ``since``.

    None where nothing joins them, or what was said before that: then taking the word back is to change nobody.
    """

    def before(connection: Connection, ids: Iterable[int]) -> list[Stored]:
        return [one for one in would_be(connection, ids) if one.id not in since]

    def chain(rank: Rank, in_force: InForce) -> tuple[int, ...] | None:
        return contradiction(connection, Verdict.DIFFERENT, said.left, said.right, rank=rank, in_force=in_force)

    if chain(Rank.STEWARD, before) is not None:
        return None
    found = chain(Rank.STEWARD, would_be)
    if found is None and (merged := chain(Rank.CRM, would_be)) is not None and max(merged) > said.id:
        found = merged
    return found and tuple(id for id in found if id < UNSAID)


def _said_since(connection: Connection, one: Change) -> dict[int, Change]:
    """The decisions that were recorded after a change, each with the change that did."""
    last = max(one.began)
    # The newest come first, so that the one that recorded it stays, and not one that put it back in force.
    return {id: each for each in changes(connection, after=one.id) for id in each.began if id > last}


def _keeps(connection: Connection, number: int, chain: Collection[int], since: Mapping[int, Change]) -> Rests:
    later = max((since[id] for id in chain if id in since), key=lambda each: each.id, default=None)
    words = in_words(connection, chain)
    if later is None:
        merged = min(chain)
        rests = Rests(
            f"nothing would come of undoing change {number}: a CRM has merged them since",
            later=None,
            expected=f"`solmu review undo {merged}`, or `solmu unmerge`",
        )
    else:
        rests = Rests(
            f"change {later.id} ({_called(later)}) came after it and rests on it: by that they would stay one",
            later=later.id,
            expected=f"`solmu undo {later.id}` first, or `solmu undo {number} --with-later` for all of it at once",
        )
    rests.value = " ".join(words)
    for line in words:
        rests.add_note(line)
    return rests


def _why_not(connection: Connection, one: Change, undone: Collection[int]) -> Moved:
    """Who changed what a change did, since."""
    later = [each for each in changes(connection, after=one.id) if each.id not in undone and _touches(each, one)]
    by_undo = next((each for each in later if one.id in each.undoes), None)
    if by_undo is not None and by_undo is later[0]:
        return Moved(
            f"{by_undo.who} has undone this on {time.iso(by_undo.at)[:10]}",
            code="undone-already",
            now=by_undo.id,
            expected=f"`solmu undo {by_undo.id}` to have it back",
        )
    off = _off(connection, one)
    resting = next((each for each in later if not each.alone and off & {*each.began, *each.ended}), None)
    resting = resting or next((each for each in later if {*one.pinned, *one.unpinned} & _pins(each)), None)
    if resting is not None:
        return Rests(
            f"change {resting.id} ({_called(resting)}) came after it and rests on it",
            later=resting.id,
            expected=f"`solmu undo {resting.id}` first, or `solmu undo {one.id} --with-later` for all of it at once",
        )
    again = f"`solmu undo {later[0].id}` to have it back, or " if later else ""
    return Moved(
        "what it said was withdrawn since, one by one",
        code="undone-already",
        now=None,
        expected=f"{again}a look at what is in force: `solmu review decisions --in-force`",
    )


def _off(connection: Connection, one: Change) -> set[int]:
    """The decisions of a change that are not as it left them."""
    there = standing(connection, decision, {*one.began, *one.ended})
    return {id for id in one.began if id not in there} | {id for id in one.ended if id in there}


def _touches(each: Change, one: Change) -> bool:
    return bool({*one.began, *one.ended} & {*each.began, *each.ended} or {*one.pinned, *one.unpinned} & _pins(each))


def _pins(each: Change) -> set[int]:
    return {*each.pinned, *each.unpinned}


def _called(each: Change) -> str:
    return f"{each.kind.value}, by {each.who} on {time.iso(each.at)[:10]}"
