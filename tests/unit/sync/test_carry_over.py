"""What says the same tonight as before keeps its row, and goes over into the newer plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from connectors.memory.space import Trouble
from solmu.doctor.sent import sealed
from solmu.errors import Stopped
from solmu.store import Store, open_store
from solmu.store.tables import link, outbox, plan, run
from solmu.sync.part import Part
from tests.unit.sync.bench import Bench


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        yield store


def rows(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(outbox)) or 0


def broken_seals(store: Store) -> list[str]:
    unused: Any = None
    return list(sealed(store, unused))


def test_the_child_of_a_parent_that_is_refused_for_good_leaves_no_row_a_night(store: Store) -> None:
    bench = Bench(store)
    organisation = bench.organisation(city="Kotka")
    bench.lead(bench.person(organisation, family_name="Laine"), number="7")
    first = bench.plan()
    assert first.counts == {"rejected": 1, "blocked": 2}
    before = rows(store), [(each.id, each.message) for each in bench.actions(first.id) if each.state == "blocked"]
    for _ in range(5):
        newest = bench.plan()
        assert newest.counts == {"blocked": 2}
        bench.send(newest.id)
    assert (rows(store), [(each.id, each.message) for each in bench.actions(newest.id)]) == before
    assert broken_seals(store) == []
    assert bench.write_calls() == 0
    bench.change(organisation, name="Kotka Kone Oy")
    assert bench.push() == {"created": 3}
    assert broken_seals(store) == []


def test_a_record_beside_it_that_is_up_to_date_leaves_none_either(store: Store) -> None:
    bench = Bench(store)
    organisation = bench.organisation(name="Kotka Kone Oy")
    person = bench.person(organisation, family_name="Laine")
    bench.night()
    bench.employ(person, bench.organisation(city="Kotka"))
    bench.lead(person, number="7")
    bench.night()
    bench.night()
    before = rows(store)
    for _ in range(3):
        bench.night()
    assert rows(store) == before


def test_a_plan_that_waits_for_somebody_is_the_same_plan_the_next_night(store: Store) -> None:
    bench = Bench(store)
    ids = [bench.organisation(name=f"Company {number}") for number in range(5)]
    first = bench.plan()
    before = [each.id for each in bench.actions(first.id)]
    bench.change(ids[2], city="Oulu")
    second = bench.plan()
    assert second.counts == {"planned": 5}
    kept = [each.id for each in bench.actions(second.id) if each.id in before]
    assert len(kept) == 4
    assert [each.state for each in bench.actions(first.id)] == ["superseded"]
    assert broken_seals(store) == []
    assert bench.send(second.id).counts == {"created": 5}
    assert bench.send(first.id).counts == {"superseded": 1}
    assert len(bench.accounts()) == 5
    assert broken_seals(store) == []


def test_the_file_of_a_plan_that_has_given_up_lines_is_not_sent(store: Store, tmp_path: Path) -> None:
    bench = Bench(store)
    bench.organisation(name="Kotka Kone Oy")
    first = bench.plan(folder=tmp_path)
    bench.plan()
    with pytest.raises(Stopped, match="a newer plan has taken over") as stopped:
        bench.send(str(tmp_path / f"{first.id}.json"))
    assert stopped.value.guard == "plan-changed"
    assert bench.accounts() == []


def test_what_was_not_sent_when_the_target_went_away_goes_with_the_next_plan(store: Store) -> None:
    bench = Bench(store)
    for number in range(3):
        bench.organisation(name=f"Company {number}")
    first = bench.plan()
    with store.write() as connection:  # as a target that stops answering leaves what was not its turn yet
        connection.execute(update(outbox).values(state="retriable", code="unavailable", message="it stopped answering"))
    second = bench.plan()
    assert second.counts == {"planned": 3}
    assert bench.actions(first.id) == []
    assert [(each.code, each.message) for each in bench.actions(second.id)] == [(None, None)] * 3
    assert bench.send(second.id).counts == {"created": 3}


def test_what_was_sent_stays_with_the_plan_that_sent_it(store: Store) -> None:
    bench = Bench(store)
    bench.organisation(name="Kotka Kone Oy")
    first = bench.plan()
    bench.space.misbehave(Trouble.FAIL, times=99)
    bench.send(first.id)
    bench.space.behave()
    second = bench.plan()
    assert [each.state for each in bench.actions(first.id)] == ["superseded"]
    assert bench.send(second.id).counts == {"created": 1}
    assert broken_seals(store) == []


def test_a_plan_that_comes_to_no_end_takes_nothing_from_the_one_before(store: Store) -> None:
    class Died(Exception):
        pass

    def die(_more: int) -> None:
        raise Died

    bench = Bench(store)
    organisation = bench.organisation(name="Kotka Kone Oy")
    bench.organisation(name="Suomen Sorvi Oy")
    first = bench.plan()
    bench.change(organisation, city="Kotka")
    with pytest.raises(Died):
        bench.plan(progress=die)
    assert broken_seals(store) == []
    assert bench.send(first.id).counts["created"] == 1, "what is as it was then may still be sent"
    assert bench.push() == {"created": 1}
    assert sorted(each["Name"] for each in bench.accounts()) == ["Kotka Kone Oy", "Suomen Sorvi Oy"]
    assert broken_seals(store) == []


def test_a_plan_that_somebody_has_tampered_with_stays_seen_as_such(store: Store) -> None:
    bench = Bench(store)
    bench.organisation(name="Kotka Kone Oy")
    bench.organisation(name="Suomen Sorvi Oy")
    first = bench.plan()
    with store.write() as connection:
        one = bench.actions(first.id)[0]
        change = {**one.fields, "Name": {**one.fields["Name"], "new": "Somebody Else"}}
        connection.execute(update(outbox).where(outbox.c.id == one.id).values(fields=change))
    bench.plan()
    assert broken_seals(store) == [f"plan {first.id} is not what was sealed"]


def test_a_record_that_belongs_to_another_customer_now_has_one_open_action(store: Store) -> None:
    bench = Bench(store)
    mine, yours = bench.organisation(name="Kotka Kone Oy"), bench.organisation(name="Suomen Sorvi Oy")
    bench.known("accounts", mine, Name="Kotka")
    bench.plan()
    with store.write() as connection:
        (record,) = (each for each in bench.remotes() if each.state == "live")
        connection.execute(update(link).where(link.c.mention_id == record.mention_id).values(golden_id=yours))
    for id in (mine, yours):
        bench.change(id, city="Oulu")
    second = bench.plan()
    about = [each for each in bench.actions(second.id) if each.remote_pk == record.id]
    assert [(each.golden_id, each.state) for each in about] == [(yours, "planned")]
    with store.read() as connection:
        query = select(func.count()).where(outbox.c.remote_pk == record.id, outbox.c.state == "planned")
        assert connection.scalar(query) == 1


def test_a_small_run_takes_nothing_over_from_a_night(store: Store) -> None:
    bench = Bench(store)
    mine, yours = bench.organisation(name="Kotka Kone Oy"), bench.organisation(name="Suomen Sorvi Oy")
    night = bench.plan()
    bench.change(mine, city="Kotka")
    some = Part("small-run", lambda _connection: [mine])
    with store.write() as connection:
        made_at = bench.now + 1_000_000  # which is when the bench makes its next plan
        head = {"kind": "small-run", "state": "running", "started": made_at, "config_hash": "", "config": {}}
        connection.execute(run.insert().values(id=f"run_{made_at}", detail={}, **head))
    small = bench.plan(part=some)
    assert sorted(each.state for each in bench.actions(night.id)) == ["planned", "superseded"]
    assert [each.golden_id for each in bench.actions(small.id)] == [mine]
    with store.read() as connection:
        assert connection.scalar(select(plan.c.hash).where(plan.c.id == night.id)) == night.hash
        assert broken_seals(store) == []
    whole = bench.plan()
    assert sorted(each.golden_id for each in bench.actions(whole.id)) == sorted([mine, yours])
    assert bench.send(whole.id).counts == {"created": 2}
