"""A steward at the command line: merge, unmerge, split, move, pin; look first, do it, undo it, in any order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from solmu.config import Hub
from solmu.doctor.run import examine
from solmu.golden.rebuild import golden_differences
from solmu.review.names import PairId
from solmu.store import Store, time
from solmu.store.tables import audit, decision, golden, link, mention, pair, pin, remote, source_record
from tests.hubs import crm_of
from tests.night.commands import Solmu, in_process, on_hub
from tests.night.conftest import Night


@pytest.fixture
def solmu(hub: Hub, night: Night, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Solmu:
    """Runs a command on a hub that has seen a night, and gives its exit code and its document."""
    night()
    return on_hub(hub, in_process(monkeypatch, capsys))


def state(store: Store) -> Any:
    """The partition, the ids, the values and the live links."""
    with store.read() as connection:
        links = connection.execute(
            select(link.c.mention_id, link.c.golden_id).where(link.c.until.is_(None)).order_by(link.c.mention_id)
        ).all()
        goldens = connection.execute(
            select(golden.c.id, golden.c.public_id, golden.c.state, golden.c.document).where(golden.c.state != "merged")
        ).all()
    return [tuple(row) for row in links], {row.id: (row.public_id, row.state, row.document) for row in goldens}


def test_a_merge_is_what_was_shown_and_undoing_it_restores_everything(
    solmu: Solmu, store: Store, hub: Hub, night: Night
) -> None:
    before = state(store)
    code, refused = solmu("merge", "Kotka Kone Oy", "eero.salo@suomensorvi.example")
    assert (code, refused["error"]["code"]) == (1, "two-kinds")
    _, told = solmu("merge", "Kotka Kone Oy", "Suomen Sorvi Oy")
    assert (told["done"], state(store)) == (False, before)
    stays, goes = told["preview"]["golden"]
    assert (stays["becomes"], goes["becomes"], goes["into"]) == ("changed", "gone", [stays["golden_id"]])
    assert {each["from"] for each in stays["mentions"]} == {None, goes["golden_id"]}
    assert {each["role_after"] for each in told["preview"]["crm"]} == {"primary", "secondary"}
    assert {each["golden_after"] for each in told["preview"]["crm"]} == {stays["golden_id"]}
    merging = ("merge", "Kotka Kone Oy", "Suomen Sorvi Oy", "--yes", "--as", "anna", "--reason", "one owner", "--seen")
    code, refused = solmu(*merging, "0123456789abcdef")
    assert (code, refused["error"]["code"]) == (1, "changed-meanwhile")
    _, told = solmu(*merging, told["preview"]["seen"])
    shown = next(each for each in told["preview"]["golden"] if each["becomes"] == "changed")
    assert (told["done"], told["followed"], told["golden"]) == (True, True, [shown["golden_id"]])
    after = state(store)
    assert after != before
    (merged,) = [entry for entry in after[1].values() if entry[0] == shown["golden_id"]]
    for each in shown["fields"]:
        assert merged[2].get(each["field"], {}).get("value") == each["after"]
    gone = next(each["golden_id"] for each in told["preview"]["golden"] if each["becomes"] == "gone")
    assert solmu("explain", gone)[1]["golden_id"] == shown["golden_id"]
    for name in ("Kotka Kone Oy", "Suomen Sorvi"):  # the one that survived, and the one that only its sources say
        assert solmu("explain", name)[1]["golden_id"] == shown["golden_id"], name
    night()
    assert list(golden_differences(store, hub)) == []
    _, past = solmu("history", shown["golden_id"])
    assert [(each["kind"], each["who"], each["reason"], each["in_force"]) for each in past["changes"]] == [
        ("merge", "anna", "one owner", True)
    ]
    (about,) = past["changes"][0]["about"]
    assert {"name": "Suomen Sorvi Oy", "record": "one/leads/2"} in about["records"]
    _, undone = solmu("undo", "--last", "1", "--yes")
    assert undone["followed"]
    assert state(store) == before
    code, refused = solmu("undo", str(told["change"]), "--yes")
    assert (code, refused["error"]["code"]) == (1, "undone-already")
    solmu("undo", str(undone["change"]), "--yes")
    assert state(store) == after


def test_unmerge_sends_back_what_the_crm_wrote_and_names_the_part_by_its_own_id(solmu: Solmu, store: Store) -> None:
    before = state(store)
    _, whole = solmu("explain", "Kotka Kone Oy")
    assert len(whole["mentions"]) == 3
    code, refused = solmu("unmerge", whole["golden_id"])
    assert (code, refused["error"]["code"]) == (1, "which-one")
    assert "two/leads/A" in refused["error"]["expected"]
    _, told = solmu("unmerge", whole["golden_id"], "--of", "two/leads/A", "--yes")
    assert {each["becomes"] for each in told["preview"]["golden"]} == {"new", "changed"}
    assert [(each["what"], each["record"]) for each in told["preview"]["moves_along"]] == [("lead", "two/leads/A")]
    assert len(told["golden"]) == 2
    assert len(solmu("explain", "two/leads/A")[1]["found"]) == 2  # the organisation and the person of that row
    code, refused = solmu("merge", *told["golden"], "--yes")
    assert (code, refused["error"]["code"]) == (1, "contradicts-decisions")
    assert "are different" in refused["error"]["value"]
    solmu("undo", str(told["change"]), "--yes")
    assert state(store) == before


def test_unmerging_a_stewards_merge_takes_it_back_and_undo_goes_backwards(solmu: Solmu, store: Store) -> None:
    before = state(store)
    _, merged = solmu("merge", "Kotka Kone Oy", "Suomen Sorvi Oy", "--yes")
    joined = state(store)
    _, parted = solmu("unmerge", merged["golden"][0], "--yes")
    assert parted["preview"]["decisions"]["taken_back"][0]["verdict"] == "same"
    assert state(store) == before
    code, refused = solmu("undo", str(merged["change"]), "--yes")
    assert (code, refused["error"]["code"]) == (1, "undo-first")
    assert refused["error"]["expected"].startswith(f"`solmu undo {parted['change']}` first, or ")
    solmu("undo", str(parted["change"]), "--yes")
    assert state(store) == joined
    solmu("undo", str(merged["change"]), "--yes")
    assert state(store) == before


def places(store: Store) -> dict[str, str]:
    """Which golden record each row of the sheets speaks of."""
    return {
        f"{record} {slot}": public_id
        for record, slot, public_id in rows(
            store,
            select(source_record.c.key, mention.c.slot, golden.c.public_id)
            .select_from(link)
            .join(mention, mention.c.id == link.c.mention_id)
            .join(source_record, source_record.c.id == mention.c.record_id)
            .join(golden, golden.c.id == link.c.golden_id)
            .where(link.c.until.is_(None), source_record.c.stream == "leads"),
        )
    }


def rows(store: Store, query: Any) -> list[Any]:
    with store.read() as connection:
        return list(connection.execute(query).all())


def test_undoing_an_unmerge_joins_them_though_a_night_has_made_a_second_account(
    solmu: Solmu, store: Store, hub: Hub, night: Night
) -> None:
    before, accounts = places(store), len(crm_of(hub).records("accounts"))
    _, parted = solmu("unmerge", "Kotka Kone Oy", "--of", "two/leads/A", "--yes", "--as", "anna")
    apart = places(store)
    night()
    assert len(crm_of(hub).records("accounts")) == accounts + 1  # a customer of its own, for one night
    _, told = solmu("undo", str(parted["change"]))
    assert (told["preview"]["nothing"], told["preview"]["decisions"]["recorded"]) == (False, 1)
    _, undone = solmu("undo", str(parted["change"]), "--yes", "--as", "ben")
    assert places(store) == before
    night()
    assert places(store) == before
    assert {each["role_after"] for each in told["preview"]["crm"]} == {"primary", "secondary"}
    (one,) = rows(store, select(decision.c.who, decision.c.verdict).where(decision.c.withdrawn_at.is_(None)))
    assert tuple(one) == ("ben", "same")
    solmu("undo", str(undone["change"]), "--yes")
    assert places(store) == apart
    assert examine(store, hub)["ok"]


def test_in_whichever_order_two_partings_are_undone_they_are_one_again(
    solmu: Solmu, store: Store, hub: Hub, night: Night
) -> None:
    before = places(store)
    _, parted = solmu("unmerge", "Kotka Kone Oy", "--of", "two/leads/A", "--yes")
    # That the two differ is said once more, when they are two already.
    query = select(pair.c.left_id, pair.c.right_id).join(mention, mention.c.id == pair.c.right_id)
    record = select(source_record.c.id).where(source_record.c.key == "A")
    left, right = rows(store, query.where(pair.c.entity == "organisation", mention.c.record_id.in_(record)))[0]
    _, held = solmu("hold", str(PairId(left, right)), "--yes")
    night()
    for each in (parted, held):
        assert solmu("undo", str(each["change"]), "--yes")[1]["done"]
    assert places(store) == before


def test_undoing_both_an_organisation_and_a_person_at_once_joins_both(
    solmu: Solmu, store: Store, hub: Hub, night: Night
) -> None:
    before = places(store)
    solmu("unmerge", "aino.laine@kotkakone.example", "--of", "two/leads/A", "--yes")
    solmu("unmerge", "Kotka Kone Oy", "--of", "two/leads/A", "--yes")
    night()
    code, undone = solmu("undo", "--last", "2", "--yes")
    assert (code, places(store)) == (0, before), undone
    assert undone["preview"]["decisions"]["recorded"] == 2


def test_what_an_undo_has_joined_stands_in_no_way_of_undoing_an_older_merge(
    solmu: Solmu, store: Store, hub: Hub, night: Night
) -> None:
    before = places(store)
    _, merged = solmu("merge", "Kotka Kone Oy", "Suomen Sorvi Oy", "--yes")
    joined = places(store)
    _, parted = solmu("unmerge", "Kotka Kone Oy", "--of", "two/leads/A", "--yes")
    night()
    solmu("undo", str(parted["change"]), "--yes")
    assert places(store) == joined
    _, undone = solmu("undo", str(merged["change"]), "--yes")
    assert places(store) == before
    solmu("undo", str(undone["change"]), "--yes")
    assert places(store) == joined
    assert examine(store, hub)["ok"]


def test_undoing_a_word_that_somebody_else_has_said_too_tells_whose_it_is(solmu: Solmu, store: Store) -> None:
    left, right = rows(store, select(pair.c.left_id, pair.c.right_id).where(pair.c.entity == "organisation"))[0]
    name = str(PairId(left, right))
    _, first = solmu("hold", name, "--yes", "--as", "anna")
    solmu("hold", name, "--yes", "--as", "ben")
    _, told = solmu("undo", str(first["change"]))
    assert told["preview"]["nothing"]
    (line,) = told["preview"]["because"]
    assert line.startswith("ben said on ")


def test_of_a_change_that_was_half_taken_back_the_rest_is_undone(solmu: Solmu, store: Store) -> None:
    before = state(store)
    _, moved = solmu("move", "two/leads/A#organisation", "--to", "Suomen Sorvi Oy", "--yes")
    joining = next(each for each in solmu("review", "decisions")[1]["decisions"] if each["verdict"] == "same")
    solmu("review", "undo", str(joining["id"]))
    assert state(store) != before  # that they differ is still in force
    (past,) = [each for each in solmu("history")[1]["changes"] if each["change"] == moved["change"]]
    assert past["in_force"]
    assert solmu("undo", str(moved["change"]), "--yes")[1]["done"]
    assert state(store) == before
    code, refused = solmu("undo", str(moved["change"]), "--yes")
    assert (code, refused["error"]["code"]) == (1, "undone-already")


def test_a_split_makes_exactly_two_and_a_record_moves(solmu: Solmu, store: Store) -> None:
    before = state(store)
    _, whole = solmu("explain", "Kotka Kone Oy")
    of_crm = next(each for each in whole["mentions"] if each["connection"] == "crm")
    key = f"crm/{of_crm['stream']}/{of_crm['key']}"
    _, told = solmu("split", whole["golden_id"], "--apart", key, "--apart", "two/leads/A", "--yes")
    sizes = sorted(len(each["mentions"]) for each in told["preview"]["golden"])
    assert (sizes, len(told["golden"])) == ([1, 2], 2)
    _, goal = solmu("explain", "Suomen Sorvi Oy")
    _, moved = solmu("move", "one/leads/1", "--to", goal["golden_id"], "--yes")
    assert moved["done"]
    assert {each["what"] for each in moved["preview"]["moves_along"]} <= {"lead"}
    # The id that it had is an alias for ever, of wherever its birth mention is now.
    _, sorvi = solmu("explain", goal["golden_id"])
    assert "one/leads/1" in {f"{each['connection']}/{each['stream']}/{each['key']}" for each in sorvi["mentions"]}
    _, undone = solmu("undo", "--last", "2", "--yes")
    assert undone["done"]
    assert state(store) == before


def test_a_pin_beats_every_rule_says_who_set_it_and_goes_to_the_crm(
    solmu: Solmu, store: Store, hub: Hub, night: Night
) -> None:
    before = state(store)
    _, told = solmu("pin", "Kotka Kone Oy", "city", "Hamina", "--as", "anna", "--reason", "moved", "--yes")
    assert told["preview"]["golden"][0]["fields"][0] | {"label": None} == {
        "field": "city", "label": None, "before": "Kotka", "after": "Hamina", "source": "a steward's pin",
    }  # fmt: skip
    assert [each["changes"] for each in told["preview"]["crm"]] == [
        [{"field": "City", "old": "Kotka", "new": "Hamina"}]
    ]
    _, why = solmu("explain", "Kotka Kone Oy", "--field", "city")
    field = why["fields"]["city"]
    assert (field["value"], field["rule"], field["source"]) == ("Hamina", "pin", "pinned by anna")
    assert field["pin"]["reason"] == "moved"
    assert "pinned by anna: moved" in solmu("explain", "Kotka Kone Oy", "--field", "city", text=True)[1]
    night()
    assert crm_of(hub).get("accounts", "001").payload["City"] == "Hamina"
    # Somebody overrides it there: that is for a steward.
    crm_of(hub).put("accounts", {**crm_of(hub).get("accounts", "001").payload, "City": "Vaasa"}, key="001")
    report = night()
    assert report["targets"]["crm"]["conflicting"] == 1
    (waits,) = solmu("explain", "Kotka Kone Oy")[1]["conflicts"]
    assert (waits["field"], waits["hub"], waits["there"]) == ("City", "Hamina", "Vaasa")
    assert "What waits for you" in solmu("explain", "Kotka Kone Oy", text=True)[1]
    assert crm_of(hub).get("accounts", "001").payload["City"] == "Vaasa"
    solmu("unpin", "Kotka Kone Oy", "city", "--yes")
    assert state(store)[0] == before[0]
    assert solmu("explain", "Kotka Kone Oy", "--field", "city")[1]["fields"]["city"]["value"] != "Hamina"


def test_a_pin_that_ran_out_is_computed_without_by_the_next_run(
    solmu: Solmu, store: Store, hub: Hub, night: Night
) -> None:
    before = state(store)
    solmu("pin", "Kotka Kone Oy", "city", "Hamina", "--until", "2999-12-31", "--yes")
    with store.write() as connection:
        connection.execute(update(pin).values(expires_at=time.now() - 1))
    assert list(golden_differences(store, hub)) == []  # the next run computes it
    assert state(store) != before
    night(send=False)
    assert state(store) == before
    assert list(golden_differences(store, hub)) == []


def test_merges_on_the_same_evidence_are_told_and_held_with_one_command(
    solmu: Solmu, store: Store, hub: Hub, tmp_path: Path
) -> None:
    _, whole = solmu("explain", "Kotka Kone Oy")
    # Each of the three records shares the business id: one of them leaves, the other two rest on the same.
    _, told = solmu("unmerge", whole["golden_id"], "--of", "two/leads/A")
    (one,) = [each for each in told["preview"]["rests_on"] if each["kind"] == "business id"]
    assert one["records"] == 3
    assert len(one["merges"]) == 1
    words = told["preview"]["hold"].split()[1:]
    before = state(store)
    _, held = solmu(*words, "--yes")
    assert held["done"]
    assert state(store) != before
    solmu("undo", str(held["change"]), "--yes")
    assert state(store) == before


def test_a_reviewed_pair_is_undone_as_any_other_change(solmu: Solmu, store: Store, hub: Hub, night: Night) -> None:
    crm_of(hub).put("accounts", {"Name": "KOTKA KONE OY", "City": "Kotka", "BusinessId": "FI20925406"}, key="009")
    night()
    before = state(store)
    (asked,) = solmu("review", "list")[1]["pairs"]
    said = solmu("review", "decide", asked["pair"], "same", "--as", "anna")[1]
    assert state(store) != before
    assert said["change"] != said["decision"]
    _, refused = solmu("undo", str(said["decision"]))
    assert refused["error"]["expected"].endswith(f"`solmu review undo {said['decision']}`")
    solmu("undo", str(said["change"]), "--yes")
    assert state(store) == before
    did = [(each["kind"], each["said"]) for each in solmu("history")[1]["changes"]]
    assert did == [("undo", []), ("decide", ["same"])]
    assert "decide same" in solmu("history", text=True)[1]


def test_everything_can_be_read_in_a_terminal_and_stands_in_the_audit(solmu: Solmu, store: Store, hub: Hub) -> None:
    code, said = solmu("merge", "Kotka Kone Oy", "Suomen Sorvi Oy", text=True)
    assert (code, "nothing was done; do it with --yes" in said) == (0, True)
    solmu("merge", "Kotka Kone Oy", "Suomen Sorvi Oy", "--keep-id", "Suomen Sorvi Oy", "--yes", text=True)
    said = solmu("history", text=True)[1]
    assert "merge, keeping" in said
    assert "True" not in said
    shown = solmu("unmerge", "crm/accounts/001", "--yes", text=True)[1]
    assert "These decisions are taken back" in shown
    assert "take it back with: solmu undo" in shown
    with store.read() as connection:
        said = connection.scalars(select(audit.c.what).where(audit.c.what.startswith("steward"))).all()
    assert said[0] == "steward: merge"
    assert examine(store, hub)["ok"]


def test_a_merge_moves_what_we_hung_on_the_second_record_and_undoing_it_moves_it_back(
    solmu: Solmu, store: Store, hub: Hub, night: Night
) -> None:
    def hangs_on() -> dict[str, str]:
        return {each["LastName"]: each["AccountId"] for each in crm_of(hub).records("contacts").values()}

    accounts = {each["Name"]: key for key, each in crm_of(hub).records("accounts").items()}
    sorvi = next(key for name, key in accounts.items() if name.startswith("Suomen Sorvi"))
    # One whom a salesperson has put there, and whom nobody else knows.
    own = {"FirstName": "Onni", "LastName": "Aho", "Email": "onni.aho@posti.example", "AccountId": sorvi}
    crm_of(hub).put("contacts", own, key="own")
    night()
    assert hangs_on() == {"Laine": "001", "Salo": sorvi, "Aho": sorvi}
    _, merged = solmu("merge", "Kotka Kone Oy", "Suomen Sorvi Oy", "--yes")
    report = night()
    assert report["targets"]["crm"]["updated"] >= 1
    assert hangs_on() == {"Laine": "001", "Salo": "001", "Aho": sorvi}
    assert {each["WhatId"] for each in crm_of(hub).records("tasks").values()} == {"001"}
    with store.read() as connection:
        roles = dict(connection.execute(select(remote.c.remote_id, remote.c.role)).tuples().all())
    assert (roles["001"], roles[sorvi]) == ("primary", "secondary")
    solmu("undo", str(merged["change"]), "--yes")
    night()
    assert hangs_on() == {"Laine": "001", "Salo": sorvi, "Aho": sorvi}
    assert {each["WhatId"] for each in crm_of(hub).records("tasks").values()} == {"001", sorvi}
    assert examine(store, hub)["ok"]
