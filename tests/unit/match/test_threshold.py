"""The threshold at which a model expects the best F1: benchmarks measure learnt models by it."""

from __future__ import annotations

from random import Random

from benchmarks.threshold import Scored, taken


def _pairs(*odds: tuple[int, int, float]) -> list[Scored]:
    return sorted(((left, right, p, p) for left, right, p in odds), key=lambda pair: -pair[3])


def test_pairs_are_joined_as_long_as_they_are_likelier_the_same_than_not() -> None:
    pairs = _pairs((0, 1, 0.99), (2, 3, 0.9), (4, 5, 0.6), (6, 7, 0.1))
    assert taken(pairs, 8, sum(p for *_, p in pairs)) == 3
    assert taken([], 8, 0.0) == 0


def test_a_pair_that_would_join_two_large_clusters_must_answer_for_all_of_their_pairs() -> None:
    cliques = [(a, b, 0.99) for some in (range(5), range(5, 10)) for a in some for b in some if a < b]
    bridge = (0, 5, 0.7)
    alone = (10, 11, 0.65)
    pairs = _pairs(*cliques, bridge, alone)
    assert taken(pairs, 12, sum(p for *_, p in pairs)) <= len(
        cliques
    )  # the bridge is left out, and what is alone stands behind it
    # The others across are as likely: then it is one cluster.
    across = [(a, b, 0.7) for a in range(5) for b in range(5, 10)]
    pairs = _pairs(*cliques, *across, alone)
    assert taken(pairs, 12, sum(p for *_, p in pairs)) > len(cliques)


def test_what_is_expected_of_clusters_is_what_their_pairs_add_up_to() -> None:
    random = Random(5)
    for _ in range(200):
        chosen = random.sample([(a, b) for a in range(8) for b in range(a + 1, 8)], 12)
        pairs = _pairs(*((a, b, random.random()) for a, b in chosen))
        expected = sum(p for *_, p in pairs) + random.random()
        curve = [_by_hand(pairs[:number], pairs, 8, expected) for number in range(1, 13)]
        enough = max(curve) - 0.0003
        assert taken(pairs, 8, expected) == next(at for at, f1 in enumerate(curve, 1) if f1 >= enough)


def _by_hand(joined: list[Scored], pairs: list[Scored], count: int, expected: float) -> float:
    cluster = list(range(count))
    for left, right, *_ in joined:
        cluster = [cluster[left] if one == cluster[right] else one for one in cluster]
    made = [(a, b) for a in range(count) for b in range(a + 1, count) if cluster[a] == cluster[b]]
    found = sum(p for left, right, _, p in pairs if (min(left, right), max(left, right)) in made)
    return 2 * found / (len(made) + expected)
