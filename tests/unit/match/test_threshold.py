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
    across = [(a, b) for a in range(5) for b in range(5, 10)]
    bridge, *others = across
    alone = (10, 11, 0.65)
    apart = _pairs(*cliques, (*bridge, 0.7), *((*pair, 0.01) for pair in others), alone)
    # The bridge is left out, and what is alone stands behind it.
    assert taken(apart, 12, sum(p for *_, p in apart)) <= len(cliques)
    # The others across are as likely: then it is one cluster.
    near = _pairs(*cliques, *((*pair, 0.7) for pair in across), alone)
    assert taken(near, 12, sum(p for *_, p in near)) > len(cliques)


def test_what_was_never_compared_speaks_for_nothing() -> None:
    chain = _pairs(*((one, one + 1, 0.9) for one in range(6)))
    assert taken(chain, 7, sum(p for *_, p in chain)) == len(chain)


def test_what_is_expected_of_clusters_is_what_their_pairs_add_up_to() -> None:
    random = Random(5)
    for _ in range(200):
        chosen = random.sample([(a, b) for a in range(8) for b in range(a + 1, 8)], 12)
        pairs = _pairs(*((a, b, random.random()) for a, b in chosen))
        expected = sum(p for *_, p in pairs) + random.random()
        curve = [_by_hand(pairs[:number], pairs, expected) for number in range(1, 13)]
        enough = max(curve) - 0.0003
        assert taken(pairs, 8, expected) == next(at for at, f1 in enumerate(curve, 1) if f1 >= enough)


def _by_hand(joined: list[Scored], pairs: list[Scored], expected: float) -> float:
    cluster = list(range(8))
    for left, right, *_ in joined:
        cluster = [cluster[left] if one == cluster[right] else one for one in cluster]
    made = [p for left, right, _, p in pairs if cluster[left] == cluster[right]]
    return 2 * sum(made) / (len(made) + expected)
