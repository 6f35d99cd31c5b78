"""Whatever stewards do, undoing it restores the partition, the ids, the values and the live links."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, select

from solmu.errors import SolmuError
from solmu.golden.rebuild import golden_differences
from solmu.match.contradiction import Contradiction
from solmu.match.decisions import Verdict
from solmu.model import Entity
from solmu.review.decide import Moved
from solmu.review.names import PairId
from solmu.steward.acts import hold, merge, move, split, unmerge
from solmu.steward.changes import carry_out
from solmu.steward.hypothesis import try_out
from solmu.steward.intent import Intent, Kind, Said, members_of, state_digest
from solmu.steward.pins import pin, unpin
from solmu.steward.pointing import Pointed, members
from solmu.steward.resting import Rests
from solmu.steward.undo import Together, history, undo, undo_last
from solmu.store.tables import golden, golden_alias, link, mention
from tests.unit.steward.conftest import Desk

_FIRMS = (
    ("Merivirta Oy", "FI:01234567", "Rauma"),
    ("Kuulas Hydrauliikka Oy", "FI:20925406", "Oulu"),
    ("Rannikko Sorvi Oy", None, "Kemi"),
    ("Tuulipaja Oy", None, "Salo"),
)


def fill(desk: Desk) -> None:
    """Four firms, each of them on three cards; of two the business id joins the cards, of the others nothing does."""
    for name, business_id, city in _FIRMS:
        for system in ("erp", "erp", "crm"):
            values: dict[str, Any] = {"name": name, "city": city if system == "erp" else f"{city} 2"}
            if business_id:
                values["business_id"] = business_id
            desk.organisation(system=system, **values)
    for family in ("Laine", "Salo"):
        for city in ("Rauma", "Oulu"):
            desk.person(given_name="Aino", family_name=family, name=f"Aino {family}", city=city,
                        email=[f"aino.{family.lower()}@merivirta.example"])  # fmt: skip
    desk.settle()


def snapshot(desk: Desk) -> Any:
    """What must be as it was."""
    with desk.store.read() as connection:
        links = {tuple(row) for row in connection.execute(
            select(link.c.mention_id, link.c.golden_id).where(link.c.until.is_(None)))}  # fmt: skip
        query = select(
            golden.c.id, golden.c.public_id, golden.c.state, golden.c.document, golden.c.mentions, golden.c.name
        )
        return links, {row.id: tuple(row) for row in connection.execute(query.where(golden.c.state != "merged"))}


def all_pointed(desk: Desk) -> list[Pointed]:
    with desk.store.read() as connection:
        rows = connection.execute(
            select(golden.c.id, golden.c.public_id, golden.c.name, golden.c.entity)
            .where(golden.c.state != "merged")
            .order_by(golden.c.id)
        ).all()
        those = members_of(connection, [row.id for row in rows])
        return [
            Pointed(row.id, row.public_id, row.name, Entity(row.entity), tuple(members(connection, those[row.id])))
            for row in rows
        ]


class Steward:
    """Acts at random, and remembers the numbers of what was done."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.random = desk, Random(seed)
        self.done: list[int] = []
        self.refused = 0

    def step(self) -> None:
        if self.done and self.random.random() < 0.4:
            # Mostly one of the last ones, sometimes one of long ago: of those most are undone, or others rest on them.
            self.take_back(self.random.choice(self.done if self.random.random() < 0.2 else self.done[-8:]))
            return
        try:
            self.carry_out(self.act())
        except SolmuError:
            self.refused += 1  # a contradiction, or nothing that could be done: nothing was written

    def do(self, act: Callable[[Connection], Intent]) -> int:
        with self.desk.store.read() as connection:
            intent = act(connection)
        self.carry_out(intent)
        return self.done[-1]

    def act(self) -> Intent:
        goldens = all_pointed(self.desk)
        one, other = self.random.sample(goldens, 2)
        some = frozenset(self.random.sample(sorted(one.ids), self.random.randint(1, max(1, len(one.ids) - 1))))
        kind = self.random.choice(list(Kind))
        with self.desk.store.read() as connection:
            if kind is Kind.MERGE:
                return merge(connection, one, other, keep=self.random.choice([None, None, one, other]))
            if kind is Kind.UNMERGE:
                return unmerge(connection, one, self.random.choice([frozenset(), some]))
            if kind is Kind.SPLIT:
                return split(connection, self.desk.hub, one, some)
            if kind is Kind.MOVE:
                return move(connection, one, min(some), other)
            if kind is Kind.HOLD:
                left, right = sorted(self.random.sample(sorted(one.ids | other.ids), 2))
                return hold(connection, [str(PairId(left, right))])
            if kind is Kind.UNPIN:
                return unpin(connection, one, "city")
            if kind is Kind.UNDO:
                return undo_last(connection, self.desk.hub, self.random.randint(1, 3))
            if kind is Kind.DECIDE:
                verdict = self.random.choice(list(Verdict))
                ids = one.ids | other.ids
                return Intent(kind, one.entity, (one.id,), ids, state_digest(connection, ids),
                              says=(Said(verdict, one.ids, other.ids),))  # fmt: skip
            now = next(self.desk.clock)
            return pin(connection, self.desk.hub, one, "city", f"Turku {self.random.randint(1, 9)}", now=now)

    def carry_out(self, intent: Intent) -> None:
        with self.desk.store.read() as connection:
            _, parts = try_out(connection, self.desk.hub, intent)
        with self.desk.store.write() as connection:
            made = carry_out(connection, intent, who="anna", now=next(self.desk.clock))
        self.desk.settle()
        self.done.append(made.id)
        links, goldens = snapshot(self.desk)
        for part in parts:
            # What was shown is what came.
            assert {mention for mention, place in links if place == part.id} == part.is_to_be
            if part.is_to_be:
                assert values_of(goldens[part.id][3]) == values_of(part.after)

    def take_back(self, id: int) -> None:
        try:
            with self.desk.store.read() as connection:
                intent = undo(connection, self.desk.hub, id)
            self.carry_out(intent)
        except SolmuError:
            self.refused += 1  # another change rests on it

    def take_all_back(self) -> None:
        """Some at a time, the last ones first, until nothing that was done is in force."""
        number = 25
        while number:
            try:
                with self.desk.store.read() as connection:
                    intent = self.last(connection, self.random.randint(1, number))
                self.carry_out(intent)
            except SolmuError:
                number //= 2  # there are not so many any more

    def last(self, connection: Connection, number: int) -> Intent:
        """The undoing of the last so many, or of as many more as it says go together."""
        try:
            return undo_last(connection, self.desk.hub, number)
        except Together as more:
            return undo_last(connection, self.desk.hub, more.least)


def values_of(document: Any) -> dict[str, Any]:
    return {name: entry["value"] for name, entry in document.items()}


def run(desk: Desk, changes: int, seed: int) -> None:
    fill(desk)
    before = snapshot(desk)
    with desk.store.read() as connection:
        born = set(connection.scalars(select(golden_alias.c.public_id)))
    steward = Steward(desk, seed)
    while len(steward.done) < changes:
        steward.step()
    assert list(golden_differences(desk.store, desk.hub)) == []
    incremental = snapshot(desk)
    desk.mark([row.id for row in desk.rows(mention)])
    desk.settle()
    assert snapshot(desk) == incremental
    with desk.store.read() as connection:
        query = (
            select(golden_alias.c.public_id)
            .join(link, link.c.mention_id == golden_alias.c.mention_id)
            .where(link.c.until.is_(None))
        )
        assert set(connection.scalars(query)) == born
    steward.take_all_back()
    assert snapshot(desk) == before


def test_undoing_random_changes_restores_partition_ids_values_and_links(desk: Desk) -> None:
    # A server commits each of some hundred transactions to disk; it is the same code there.
    run(desk, 60 if desk.hub.store_url.startswith("sqlite") else 12, seed=4)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_undoing_a_thousand_random_changes_restores_everything(desk: Desk) -> None:
    run(desk, 1_000 if desk.hub.store_url.startswith("sqlite") else 150, seed=7)


def test_undoing_the_last_says_how_many_go_together_where_an_older_undo_stands_in_the_way(desk: Desk) -> None:
    fill(desk)
    do = Steward(desk, seed=1).do
    firms = [each for each in all_pointed(desk) if each.entity is Entity.ORGANISATION]
    one, other, third = (min(each.ids) for each in firms[-3:])

    def of(id: int) -> Pointed:
        return next(each for each in all_pointed(desk) if id in each.ids)

    do(lambda c: hold(c, [str(PairId(*sorted((one, third))))]))
    do(lambda c: merge(c, of(one), of(other)))
    parted = do(lambda c: unmerge(c, of(one), frozenset({one})))
    joined = do(lambda c: merge(c, of(other), of(third)))
    parted_again = do(lambda c: unmerge(c, of(third), frozenset({third})))
    do(lambda c: undo(c, desk.hub, parted))  # one is with the other again, and so the other cannot be with the third
    with desk.store.read() as connection:
        with pytest.raises(Together) as refused:
            undo_last(connection, desk.hub, 1)
        assert refused.value.least == 2
        assert undo_last(connection, desk.hub, 2).undoes == (parted_again, joined)
    do(lambda c: undo_last(c, desk.hub, 2))
    assert of(one) == of(other) != of(third)


def test_undoing_an_undo_that_would_contradict_is_refused_where_it_is_looked_at(desk: Desk) -> None:
    fill(desk)
    do = Steward(desk, seed=1).do
    one, other = [each for each in all_pointed(desk) if each.entity is Entity.ORGANISATION][-2:]

    held = do(lambda c: hold(c, [str(PairId(*sorted((min(one.ids), min(other.ids)))))]))
    taken_back = do(lambda c: undo(c, desk.hub, held))
    do(lambda c: merge(c, one, other))
    with desk.store.read() as connection:
        with pytest.raises(Contradiction) as refused:
            undo(connection, desk.hub, taken_back)
        assert refused.value.__notes__[0].startswith("anna said on ")
        with pytest.raises(SolmuError) as nothing:
            undo(connection, desk.hub, 4711)
    assert nothing.value.expected == "one of `solmu history`"


def test_a_move_that_rests_on_a_merge_is_named_and_is_undone_with_it(desk: Desk) -> None:
    fill(desk)
    before = snapshot(desk)
    do = Steward(desk, seed=1).do
    one, other, third = [each for each in all_pointed(desk) if each.entity is Entity.ORGANISATION][-3:]

    merged = do(lambda c: merge(c, one, other))
    apart = snapshot(desk)
    whole = next(each for each in all_pointed(desk) if min(one.ids) in each.ids)
    moved = do(lambda c: move(c, third, min(third.ids), whole))
    after = snapshot(desk)
    with desk.store.read() as connection:
        with pytest.raises(Rests) as refused:
            undo(connection, desk.hub, merged)
        assert refused.value.later == moved
        assert f"change {moved} (move, by anna on " in str(refused.value)
        assert refused.value.expected == (
            f"`solmu undo {moved}` first, or `solmu undo {merged} --with-later` for all of it at once"
        )
        assert refused.value.__notes__[0].startswith("anna said on ")
    undone = do(lambda c: undo(c, desk.hub, merged, with_later=True))
    assert snapshot(desk) == before
    do(lambda c: undo(c, desk.hub, undone))
    assert snapshot(desk) == after
    do(lambda c: undo(c, desk.hub, moved))
    assert snapshot(desk) == apart
    do(lambda c: undo(c, desk.hub, merged))
    assert snapshot(desk) == before


def test_the_id_that_was_kept_last_is_the_one_that_stays(desk: Desk) -> None:
    fill(desk)
    before = snapshot(desk)
    do = Steward(desk, seed=1).do
    one, other, third = [each for each in all_pointed(desk) if each.entity is Entity.ORGANISATION][-3:]

    def of(ids: Pointed) -> Pointed:
        return next(each for each in all_pointed(desk) if ids.ids <= each.ids)

    first = do(lambda c: merge(c, one, other, keep=other))
    assert of(one).public_id == other.public_id
    second = do(lambda c: merge(c, of(one), third, keep=third))
    assert of(one).public_id == third.public_id
    with desk.store.read() as connection:
        kept = [(each["field"], each["value"]) for each in history(connection, limit=1)[0]["pins"] if each["set"]]
    assert kept == [("public_id", third.public_id)]
    do(lambda c: undo(c, desk.hub, second))
    assert of(one).public_id == other.public_id
    do(lambda c: undo(c, desk.hub, first))
    assert snapshot(desk) == before


def test_the_loser_of_a_race_is_shown_the_new_state(desk: Desk) -> None:
    fill(desk)
    one, other, third, *_ = all_pointed(desk)
    with desk.store.read() as connection:
        mine, theirs = merge(connection, one, other), merge(connection, one, third)
    with desk.store.write() as connection:
        carry_out(connection, theirs, who="ben", now=next(desk.clock))
    with desk.store.write() as connection, pytest.raises(Moved) as lost:
        carry_out(connection, mine, who="anna", now=next(desk.clock))
    assert lost.value.code == "changed-meanwhile"
    assert lost.value.now != mine.seen


def test_who_asks_for_more_than_there_is_to_undo_is_told_how_many_there_are(desk: Desk) -> None:
    fill(desk)
    do = Steward(desk, seed=1).do
    one, other = [each for each in all_pointed(desk) if each.entity is Entity.ORGANISATION][-2:]
    do(lambda c: merge(c, one, other))
    with desk.store.read() as connection, pytest.raises(SolmuError, match="only 1 change is in force"):
        undo_last(connection, desk.hub, 3)
