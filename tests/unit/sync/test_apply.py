"""Taking a sealed plan to a target that behaves, and to one that does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from connectors.memory import MemoryConnector, Trouble
from solmu.config.settings import Guards
from solmu.errors import ConfigurationError, Fatal, Skippable, Stopped
from solmu.exchange import Capabilities, Journal, Result, Write
from solmu.store import Store, open_store
from solmu.store.tables import golden, link, mention, outbox, plan, remote_job, source_record
from solmu.sync.arm import arm, confirm_first_ten, disarm
from tests.unit.sync.bench import CRM, Bench


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        yield store


def names(bench: Bench) -> list[str]:
    return sorted(account["Name"] for account in bench.accounts())


# --- the plain way ----------------------------------------------------------------------------------------------------


def test_what_was_planned_is_there_and_running_again_writes_nothing(store: Store) -> None:
    bench = Bench(store)
    organisation = bench.organisation(name="Kotka Kone Oy", city="Kotka")
    person = bench.person(organisation, family_name="Laine")
    bench.lead(person, number="7")
    assert bench.night() == {"created": 3}
    (account,), (contact,) = bench.accounts(), bench.contacts()
    assert account == {"Name": "Kotka Kone Oy", "City": "Kotka", "Owner": "005"}
    assert contact["AccountId"] == bench.account_id("Kotka Kone Oy")
    (task,) = bench.space.records("tasks").values()
    assert task["WhatId"] == contact["AccountId"]
    calls = bench.write_calls()
    assert bench.night() == {"unchanged": 3}
    assert bench.night() == {}
    assert bench.write_calls() == calls


def test_only_the_difference_goes_out(store: Store) -> None:
    bench = Bench(store)
    organisation = bench.organisation(name="Kotka Kone Oy", city="Kotka")
    bench.night()
    bench.change(organisation, city="Hamina")
    planned = bench.plan()
    assert bench.actions(planned.id)[0].fields == {
        "City": {"old": "Kotka", "new": "Hamina", "rule": "hub", "source": "erp/customers/1"}
    }
    assert bench.send(planned.id).counts == {"updated": 1}
    assert bench.accounts()[0]["City"] == "Hamina"


def test_a_record_that_we_made_is_known_to_be_ours_before_it_lands(store: Store) -> None:
    bench = Bench(store)
    organisation = bench.organisation(name="Kotka Kone Oy")
    bench.push()
    account = bench.account_id("Kotka Kone Oy")
    (remote,) = bench.remotes()
    assert (remote.state, remote.remote_id, remote.stamped) == ("live", account, True)
    assert remote.written == {"Name": "Kotka Kone Oy", "Owner": "005"}
    with store.read() as connection:
        row = connection.execute(
            select(source_record.c.state, source_record.c.content_hash, link.c.golden_id, link.c.why, mention.c.claim)
            .join(mention, mention.c.record_id == source_record.c.id)
            .join(link, link.c.mention_id == mention.c.id)
            .where(source_record.c.connection == CRM, source_record.c.key == account)
        ).one()
    assert tuple(row) == ("awaited", None, organisation, "created-by-us", {})


def test_the_books_balance(store: Store) -> None:
    bench = Bench(store)
    bench.organisation(city="without a name")
    for number in range(5):
        bench.person(bench.organisation(name=f"Company {number}"), family_name=f"Person {number}")
    bench.space.misbehave(Trouble.REJECT)
    planned = bench.plan()
    counts = bench.send(planned.id).counts
    assert counts == {"created": 8, "rejected": 2, "blocked": 1}
    assert sum(counts.values()) == len(bench.actions(planned.id))


# --- what stops an apply ----------------------------------------------------------------------------------------------


def stopped(bench: Bench, plan_id: str, **more: Any) -> str:
    with pytest.raises(Stopped) as error:
        bench.send(plan_id, **more)
    assert {action.state for action in bench.actions(plan_id)} == {"held"}
    assert bench.write_calls() == 0
    return error.value.guard


def test_a_target_is_read_only_until_it_is_armed(store: Store) -> None:
    bench = Bench(store, armed=False)
    bench.organisation(name="Kotka Kone Oy")
    planned = bench.plan()
    assert stopped(bench, planned.id) == "not-armed"
    arm(store, CRM, who="tester", now=1)
    assert bench.send(planned.id).counts == {"created": 1}
    disarm(store, CRM, who="tester", now=2)
    with pytest.raises(Stopped):
        bench.send(planned.id)


def test_the_first_apply_stops_after_ten_records_until_somebody_has_looked_at_them(store: Store) -> None:
    bench = Bench(store, armed=False)
    for number in range(25):
        bench.organisation(name=f"Company {number:02}")
    arm(store, CRM, who="tester", now=1)
    planned = bench.plan()
    applied = bench.send(planned.id)
    assert (applied.counts, applied.stopped_by) == ({"created": 10, "held": 15}, "first-ten")
    with pytest.raises(Stopped) as error:
        bench.send(planned.id)
    assert error.value.guard == "first-ten"
    assert len(bench.accounts()) == 10
    confirm_first_ten(store, CRM, who="tester", now=2)
    assert bench.send(planned.id).counts == {"created": 25}


def test_the_first_ten_are_some_of_each_kind_with_what_they_hang_on(store: Store) -> None:
    bench = Bench(store, armed=False)
    people = [bench.person(bench.organisation(name=f"Company {n}"), family_name=f"Person {n}") for n in range(20)]
    for number, person in enumerate(people):
        bench.lead(person, number=str(number))
    planned = bench.plan()
    arm(store, CRM, who="tester", now=1)
    assert bench.send(planned.id, limit=2).stopped_by == "limit"
    assert bench.send(planned.id).stopped_by == "first-ten"
    made = {stream: len(bench.space.records(stream)) for stream in ("accounts", "contacts", "tasks")}
    assert sum(made.values()) == 10
    assert min(made.values()) >= 2
    confirm_first_ten(store, CRM, who="tester", now=1)
    assert bench.send(planned.id).counts == {"created": 60}


def test_only_what_is_armed_can_be_confirmed(store: Store) -> None:
    with pytest.raises(ConfigurationError, match="not armed"):
        confirm_first_ten(store, CRM, who="tester", now=1)


def test_a_guard_stops_a_plan_unless_it_is_overridden(store: Store) -> None:
    bench = Bench(store, limits=Guards(created_count=0))
    bench.organisation(name="Kotka Kone Oy")
    planned = bench.plan()
    assert stopped(bench, planned.id) == "created-count"
    assert bench.send(planned.id, override={"created-count"}).counts == {"created": 1}


def test_a_plan_made_under_other_rules_is_not_sent(store: Store) -> None:
    bench = Bench(store)
    bench.organisation(name="Kotka Kone Oy")
    assert stopped(bench, bench.plan().id, rules_hash="other rules") == "rules-changed"


def test_a_plan_that_is_not_what_was_sealed_is_not_sent(store: Store) -> None:
    bench = Bench(store)
    bench.organisation(name="Kotka Kone Oy")
    planned = bench.plan()
    with store.write() as connection:
        forged = {"Name": {"old": None, "new": "Somebody else", "rule": "hub", "source": None}}
        connection.execute(update(outbox).where(outbox.c.plan_id == planned.id).values(fields=forged))
    assert stopped(bench, planned.id) == "plan-changed"


def test_a_plan_that_was_not_finished_is_not_sent(store: Store) -> None:
    bench = Bench(store)
    bench.organisation(name="Kotka Kone Oy")
    planned = bench.plan()
    with store.write() as connection:
        connection.execute(update(plan).where(plan.c.id == planned.id).values(state="open", hash=None))
    assert stopped(bench, planned.id) == "not-sealed"


def test_a_plan_that_does_not_exist_is_a_mistake(store: Store) -> None:
    with pytest.raises(ConfigurationError):
        Bench(store).send("plan_nothing")


def test_no_more_than_the_limit_is_sent_and_the_rest_waits(store: Store) -> None:
    bench = Bench(store)
    for number in range(5):
        bench.organisation(name=f"Company {number}")
    planned = bench.plan()
    applied = bench.send(planned.id, limit=2)
    assert (applied.counts, applied.stopped_by) == ({"created": 2, "held": 3}, "limit")
    assert bench.send(planned.id).counts == {"created": 5}


# --- what moved since -------------------------------------------------------------------------------------------------


def test_a_golden_record_that_changed_after_the_plan_is_planned_anew(store: Store) -> None:
    bench = Bench(store)
    organisation = bench.organisation(name="Kotka Kone Oy")
    planned = bench.plan()
    with store.write() as connection:
        connection.execute(update(golden).where(golden.c.id == organisation).values(version=2))
    assert bench.send(planned.id).counts == {"superseded": 1}
    assert bench.accounts() == []
    assert bench.push() == {"created": 1}


def test_an_edit_in_the_crm_between_plan_and_apply_is_not_overwritten(store: Store) -> None:
    bench = Bench(store, rules={"city": "ask"})
    first, second = bench.organisation(name="One", city="Kotka"), bench.organisation(name="Two", city="Kotka")
    bench.night()
    for organisation in (first, second):
        bench.change(organisation, city="Hamina")
    planned = bench.plan()
    bench.space.change("accounts", bench.account_id("One"), {"City": "Oulu"})
    assert bench.send(planned.id).counts == {"superseded": 1, "updated": 1}
    assert bench.night() == {"conflicting": 1, "unchanged": 1}
    assert sorted(account["City"] for account in bench.accounts()) == ["Hamina", "Oulu"]


def test_an_edit_in_the_last_moment_is_refused_by_a_target_that_writes_conditionally(store: Store) -> None:
    class Late(MemoryConnector):
        """Somebody edits the record after our look and before our write."""

        def write(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result]:
            for each in writes:
                if each.remote_id:
                    self.space.change(stream, each.remote_id, {"City": "Oulu"})
            return super().write(stream, writes, journal)

    bench = Bench(store, connector=Late)
    organisation = bench.organisation(name="One", city="Kotka")
    bench.night()
    bench.change(organisation, city="Hamina")
    assert bench.push() == {"superseded": 1}
    assert bench.accounts()[0]["City"] == "Oulu"


def test_a_record_that_was_deleted_meanwhile_is_noticed(store: Store) -> None:
    bench = Bench(store)
    organisation = bench.organisation(name="One", city="Kotka")
    bench.night()
    bench.change(organisation, city="Hamina")
    planned = bench.plan()
    bench.space.remove("accounts", bench.account_id("One"))
    assert bench.send(planned.id).counts == {"superseded": 1}
    assert bench.remotes()[0].state == "deleted"


def test_without_versions_the_values_are_compared(store: Store) -> None:
    class Unversioned(MemoryConnector):
        """A target that says nothing of versions in its answers."""

        def write(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result]:
            for each in super().write(stream, writes, journal):
                yield Result(each.id, each.outcome, each.remote_id)

    bench = Bench(store, connector=Unversioned)
    organisation = bench.organisation(name="One", city="Kotka")
    bench.push()
    bench.change(organisation, city="Hamina")
    bench.resolve()
    planned = bench.plan()
    bench.space.change("accounts", bench.account_id("One"), {"City": "Oulu"})
    assert bench.send(planned.id).counts == {"superseded": 1}


# --- failures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", [Trouble.LOSE, Trouble.TIME_OUT, Trouble.GARBLE, Trouble.FAIL, Trouble.THROTTLE])
def test_a_lost_answer_makes_no_double(store: Store, trouble: Trouble) -> None:
    bench = Bench(store)
    for number in range(3):
        bench.organisation(name=f"Company {number}")
    bench.space.misbehave(trouble, after=1)
    assert bench.push() == {"created": 3}
    assert names(bench) == ["Company 0", "Company 1", "Company 2"]
    calls = bench.write_calls()
    assert set(bench.night()) <= {"unchanged"}
    assert bench.write_calls() == calls


def test_without_a_unique_key_of_ours_what_had_no_answer_is_looked_up_before_anything_is_sent(store: Store) -> None:
    bench = Bench(store)
    organisation = bench.organisation(name="Kotka Kone Oy", city="Kotka")
    bench.night()
    bench.change(organisation, city="Hamina")
    bench.space.misbehave(Trouble.LOSE)
    bench.space.calls.clear()
    assert bench.push() == {"updated": 1}
    assert [call.verb for call in bench.space.calls] == ["fetch", "write", "fetch"]


def test_a_search_is_not_asked_before_it_can_know(store: Store) -> None:
    class Slow(MemoryConnector):
        @property
        def capabilities(self) -> Capabilities:
            return Capabilities(can_write=True, upserts_by_external_id=True, search_lag=30.0)

    bench = Bench(store, connector=Slow)
    bench.organisation(name="Kotka Kone Oy")
    bench.space.misbehave(Trouble.LOSE)
    assert bench.push() == {"created": 1}
    assert 30.0 in bench.slept


def test_a_locked_record_is_tried_again_and_the_others_do_not_wait(store: Store) -> None:
    bench = Bench(store)
    for number in range(3):
        bench.organisation(name=f"Company {number}")
    bench.space.misbehave(Trouble.LOCK)
    assert bench.push() == {"created": 3}
    assert bench.slept == [2.0]


def test_a_record_that_stays_locked_returns_the_next_night_by_itself(store: Store) -> None:
    bench = Bench(store)
    bench.organisation(name="Kotka Kone Oy")
    bench.space.misbehave(Trouble.LOCK, times=3)
    assert bench.push() == {"retriable": 1}
    assert bench.push() == {"created": 1}


def test_mondays_failed_value_does_not_overwrite_what_was_entered_on_tuesday(store: Store) -> None:
    bench = Bench(store, rules={"city": "ask"})
    organisation = bench.organisation(name="One", city="Kotka")
    bench.night()
    bench.change(organisation, city="Hamina")
    bench.space.misbehave(Trouble.LOCK, times=3)
    assert bench.push() == {"retriable": 1}
    bench.space.change("accounts", bench.account_id("One"), {"City": "Oulu"})
    assert bench.night() == {"conflicting": 1}
    assert bench.accounts()[0]["City"] == "Oulu"


def test_a_target_that_is_away_all_night_is_left_alone_and_everything_returns(store: Store) -> None:
    bench = Bench(store)
    for number in range(3):
        bench.person(bench.organisation(name=f"Company {number}"), family_name=f"Person {number}")
    bench.space.misbehave(Trouble.THROTTLE, times=99)
    bench.space.misbehave(Trouble.THROTTLE, on="find", times=99)
    assert bench.push() == {"unknown": 3, "blocked": 3}
    assert bench.accounts() == []
    bench.space.behave()
    assert bench.push() == {"created": 6}
    assert len(bench.accounts()) == len(bench.contacts()) == 3


def test_a_target_that_stops_answering_is_not_asked_again_and_again(store: Store) -> None:
    bench = Bench(store)
    organisations = [bench.organisation(name=f"Company {number}", city="Kotka") for number in range(3)]
    bench.night()
    for organisation in organisations:
        bench.change(organisation, city="Hamina")
    bench.space.misbehave(Trouble.THROTTLE, on="fetch", times=99)
    planned = bench.plan()
    bench.space.calls.clear()
    applied = bench.send(planned.id)
    assert (applied.counts, applied.stopped_by) == ({"retriable": 3}, "unavailable")
    assert len(bench.space.calls) == 9
    bench.space.behave()
    assert bench.push() == {"updated": 3}


def test_a_session_that_cannot_be_opened_stops_the_connection_and_everything_returns(store: Store) -> None:
    bench = Bench(store)
    bench.person(bench.organisation(name="Kotka Kone Oy"), family_name="Laine")
    bench.space.misbehave(Trouble.EXPIRE, times=2)
    planned = bench.plan()
    with pytest.raises(Fatal):
        bench.send(planned.id)
    assert [action.state for action in bench.actions(planned.id)] == ["unknown", "retriable"]
    assert bench.push() == {"created": 2}


def test_a_child_waits_for_a_parent_that_was_refused_and_comes_with_it(store: Store) -> None:
    bench = Bench(store)
    organisation = bench.organisation(name="Kotka Kone Oy")
    bench.person(organisation, family_name="Laine")
    bench.space.misbehave(Trouble.REJECT)
    assert bench.push() == {"rejected": 1, "blocked": 1}
    assert bench.contacts() == []
    bench.change(organisation, city="Kotka")
    assert bench.push() == {"created": 2}


def test_a_batch_that_is_refused_as_a_whole_is_halved_until_the_culprit_stands_alone(store: Store) -> None:
    class Touchy(MemoryConnector):
        """Refuses every call that holds a bad record, as a malformed request is refused."""

        def write(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result]:
            if any("bad" in str(each.fields["Name"]) for each in writes):
                raise Skippable("the request cannot be read", code="malformed", field="Name")
            yield from super().write(stream, writes, journal)

    bench = Bench(store, connector=Touchy)
    for number in range(7):
        bench.organisation(name=f"Company {number}")
    bench.organisation(name="a bad one")
    planned = bench.plan()
    assert bench.send(planned.id).counts == {"created": 7, "rejected": 1}
    assert [action.code for action in bench.actions(planned.id) if action.state == "rejected"] == ["malformed"]


def test_a_field_that_somebody_keeps_changing_back_is_left_alone_in_the_end(store: Store) -> None:
    bench = Bench(store)
    bench.organisation(name="Kotka Kone Oy", city="Kotka")
    bench.night()
    account = bench.account_id("Kotka Kone Oy")
    seen = []
    for _ in range(4):
        bench.space.change("accounts", account, {"City": "Oulu"})
        seen.append(bench.night())
    assert seen == [{"updated": 1}, {"updated": 1}, {"held": 1}, {"held": 1}]
    assert bench.accounts()[0]["City"] == "Oulu"


# --- crashes ----------------------------------------------------------------------------------------------------------


class Crash(BaseException):
    """The process dies."""


class Dying(MemoryConnector):
    """Dies in the middle of a call, after the CRM has done its work, or before."""

    after: bool = True
    armed: bool = False

    def write(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result]:
        if self.armed and not self.after:
            raise Crash
        results = list(super().write(stream, writes, journal))
        if self.armed:
            raise Crash
        yield from results


@pytest.mark.parametrize("after", [True, False])
def test_a_crash_in_the_middle_of_a_call_loses_and_doubles_nothing(store: Store, after: bool) -> None:
    bench = Bench(store, connector=Dying)
    organisation = bench.organisation(name="Company 0", city="Kotka")
    bench.night()
    assert isinstance(bench.connector, Dying)
    bench.connector.after, bench.connector.armed = after, True
    for number in range(1, 4):
        bench.person(bench.organisation(name=f"Company {number}"), family_name=f"Person {number}")
    bench.change(organisation, city="Hamina")
    planned = bench.plan()
    with pytest.raises(Crash):
        bench.send(planned.id)
    bench.connector.armed = False
    for _ in range(2):
        bench.night()
    assert names(bench) == [f"Company {number}" for number in range(4)]
    assert len(bench.contacts()) == 3
    assert {account.get("City") for account in bench.accounts()} == {"Hamina", None}
    assert bench.night() == {}


def test_what_landed_before_it_was_looked_up_is_recognised_by_our_id(store: Store) -> None:
    bench = Bench(store, connector=Dying)
    assert isinstance(bench.connector, Dying)
    bench.connector.armed = True
    organisation = bench.organisation(name="Kotka Kone Oy", city="Kotka")
    planned = bench.plan()
    with pytest.raises(Crash):
        bench.send(planned.id)
    bench.connector.armed = False
    bench.land()
    (remote,) = bench.remotes()
    assert (remote.state, remote.stamped) == ("live", True)
    assert remote.written == {"Name": "Kotka Kone Oy", "City": "Kotka", "Owner": "005"}
    with store.read() as connection:
        query = select(link.c.golden_id).where(link.c.mention_id == remote.mention_id, link.c.until.is_(None))
        assert connection.scalars(query).all() == [organisation]
    bench.push()
    assert [action.state for action in bench.actions(planned.id)] == ["created"]
    assert len(bench.accounts()) == 1


def test_what_was_read_when_a_plan_was_sealed_is_not_read_again_and_is_held_against_the_seal(store: Store) -> None:
    bench = Bench(store)
    bench.organisation(name="Kotka Kone Oy")
    planned = bench.plan()
    assert planned.digest is not None
    assert planned.digest.hash == planned.hash
    with pytest.raises(Stopped) as stopped:
        bench.send(planned.id, digest=replace(planned.digest, hash="0" * 32))
    assert stopped.value.guard == "plan-changed"
    again = bench.plan()
    assert bench.send(again.id, digest=again.digest).counts == {"created": 1}


# --- bulk -------------------------------------------------------------------------------------------------------------


def test_many_records_go_as_one_job_that_is_journalled_first(store: Store) -> None:
    bench = Bench(store, bulk_above=300)
    for number in range(310):
        bench.organisation(name=f"Company {number}")
    assert bench.push() == {"created": 310}
    assert [call.verb for call in bench.space.calls if call.verb in {"job", "upload", "write"}] == ["job", "upload"]
    with store.read() as connection:
        (job,) = connection.execute(select(remote_job))
    assert (job.state, len(job.action_ids)) == ("done", 310)


@pytest.mark.parametrize("trouble", [Trouble.LOSE, Trouble.FAIL])
def test_a_job_without_an_answer_is_asked_for_its_results_before_anything_is_sent(
    store: Store, trouble: Trouble
) -> None:
    bench = Bench(store, bulk_above=3)
    for number in range(4):
        bench.organisation(name=f"Company {number}")
    bench.space.misbehave(trouble, on="upload")
    assert bench.push() == {"unknown": 4}
    for _ in range(2):
        bench.push()
    assert names(bench) == [f"Company {number}" for number in range(4)]
    assert any(call.verb == "resume" for call in bench.space.calls)
    with store.read() as connection:
        assert set(connection.scalars(select(remote_job.c.state))) == {"done"}
