"""Clusters and their ids: free of order, never against a hold or a decision."""

from __future__ import annotations

from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from solmu.match.anchor import anchor
from solmu.match.cluster import Decision, Pair, Rank, Traits, cluster

MENTIONS = range(1, 9)


@st.composite
def pairs(draw: st.DrawFn) -> list[Pair]:
    chosen = draw(st.lists(st.sampled_from(list(combinations(MENTIONS, 2))), unique=True, max_size=14))
    return [
        Pair(one, two, weight=float(draw(st.integers(-5, 20))), identity=draw(st.booleans()), soft=draw(st.booleans()))
        for one, two in chosen
    ]


@st.composite
def decisions(draw: st.DrawFn) -> list[Decision]:
    found = []
    for id in range(draw(st.integers(0, 4))):
        members = draw(st.lists(st.sampled_from(MENTIONS), unique=True, min_size=2, max_size=4))
        at = draw(st.integers(1, len(members) - 1))
        found.append(
            Decision(
                id, draw(st.sampled_from(Rank)), draw(st.booleans()), frozenset(members[:at]), frozenset(members[at:])
            )
        )
    return found


TRAITS = st.dictionaries(
    st.sampled_from(MENTIONS),
    st.builds(
        Traits,
        protected=st.booleans(),
        crms=st.frozensets(st.just("crm")),
        business_ids=st.frozensets(st.sampled_from(["FI:1", "FI:2", "SE:1"]), max_size=1),
        people=st.frozensets(st.sampled_from([("aino", "salmela"), ("eero", "salmela")]), max_size=1),
        mailboxes=st.frozensets(st.sampled_from(["a@a.fi", "b@a.fi"]), max_size=1),
    ),
)


@given(pairs(), decisions(), TRAITS, st.randoms(use_true_random=False))
def test_the_order_in_which_anything_comes_does_not_matter(
    joined: list[Pair], decided: list[Decision], traits: dict[int, Traits], random: Random
) -> None:
    mentions = list(MENTIONS)
    first = cluster(mentions, joined, decided, traits)
    for some in (mentions, joined, decided):
        random.shuffle(some)
    again = cluster(mentions, joined, decided, traits)
    assert again.clusters == first.clusters
    assert set(again.held) == set(first.held)


@given(pairs(), decisions(), TRAITS)
def test_every_mention_is_in_one_cluster(
    joined: list[Pair], decided: list[Decision], traits: dict[int, Traits]
) -> None:
    clusters = cluster(MENTIONS, joined, decided, traits).clusters
    assert sorted(id for part in clusters for id in part) == list(MENTIONS)


@given(pairs(), decisions(), TRAITS)
def test_a_component_can_be_clustered_by_itself(
    joined: list[Pair], decided: list[Decision], traits: dict[int, Traits]
) -> None:
    whole = cluster(MENTIONS, joined, decided, traits).clusters
    links = [(one.left, one.right) for one in joined]
    links += [(one, two) for each in decided for one, two in combinations(sorted(each.left | each.right), 2)]
    components = cluster(MENTIONS, [Pair(*sorted(link), weight=0.0) for link in links]).clusters
    by_parts = []
    for part in components:
        inside = [one for one in joined if one.left in part]
        by_parts += cluster(part, inside, [one for one in decided if one.left <= part], traits).clusters
    assert set(by_parts) == set(whole)


@given(pairs(), TRAITS, st.sampled_from(list(combinations(MENTIONS, 2))))
def test_what_a_steward_calls_different_is_never_joined(
    joined: list[Pair], traits: dict[int, Traits], apart: tuple[int, int]
) -> None:
    one, two = apart
    different = Decision(1, Rank.STEWARD, False, frozenset({one}), frozenset({two}))
    for part in cluster(MENTIONS, joined, [different], traits).clusters:
        assert not {one, two} <= part


@given(pairs(), TRAITS, st.sampled_from(list(combinations(MENTIONS, 2))))
def test_what_a_steward_calls_the_same_is_joined_whatever_holds_it(
    joined: list[Pair], traits: dict[int, Traits], together: tuple[int, int]
) -> None:
    one, two = together
    same = Decision(1, Rank.STEWARD, True, frozenset({one}), frozenset({two}))
    assert any({one, two} <= part for part in cluster(MENTIONS, joined, [same], traits).clusters)


@given(pairs(), TRAITS)
def test_the_machine_never_joins_two_live_records_of_one_crm_or_two_protected_ones(
    joined: list[Pair], traits: dict[int, Traits]
) -> None:
    for part in cluster(MENTIONS, joined, (), traits).clusters:
        assert sum(traits[id].protected for id in part if id in traits) <= 1
        assert sum("crm" in traits[id].crms for id in part if id in traits) <= 1


def test_what_is_held_says_why() -> None:
    crm = Traits(crms=frozenset({"crm"}))
    found = cluster([1, 2, 3], [Pair(1, 2, 9.0), Pair(2, 3, 8.0)], (), {1: crm, 3: crm})
    assert found.clusters == (frozenset({1, 2}), frozenset({3}))
    assert [(one.left, one.right, one.reason) for one in found.held] == [(2, 3, "both-in-crm")]


def test_rules_of_identity_come_before_any_score() -> None:
    crm = Traits(crms=frozenset({"crm"}))
    found = cluster([1, 2, 3], [Pair(1, 2, 99.0, identity=False), Pair(2, 3, 1.0)], (), {1: crm, 3: crm})
    assert found.clusters == (frozenset({1}), frozenset({2, 3}))


def test_a_stewards_word_outranks_a_merge_in_the_crm() -> None:
    merged = Decision(1, Rank.CRM, True, frozenset({1}), frozenset({2}))
    different = Decision(2, Rank.STEWARD, False, frozenset({1}), frozenset({2}))
    found = cluster([1, 2], [], [merged, different])
    assert found.clusters == (frozenset({1}), frozenset({2}))
    assert [one.reason for one in found.held] == ["decided-different"]


@given(st.frozensets(st.integers(1, 50), min_size=1), st.frozensets(st.integers(1, 50)))
def test_the_anchor_is_the_first_born_of_the_pinned_else_of_all(
    cluster: frozenset[int], pinned: frozenset[int]
) -> None:
    assert anchor(cluster, pinned) == min(cluster & pinned or cluster)


@given(st.frozensets(st.integers(1, 50), min_size=2), st.data())
def test_after_a_split_and_a_merge_the_id_is_what_it_was(cluster: frozenset[int], data: st.DataObject) -> None:
    part = data.draw(st.frozensets(st.sampled_from(sorted(cluster)), min_size=1, max_size=len(cluster) - 1))
    parts = anchor(part), anchor(cluster - part)
    assert anchor(cluster) == min(parts)
    assert parts[0] in part
    assert parts[1] not in part
