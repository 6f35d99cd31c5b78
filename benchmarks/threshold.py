"""From which score on pairs are joined where only the model is asked: where it expects the best F1. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_FLAT = 0.0003
"""Of thresholds whose expected F1 is as near the best as this, the highest is taken."""

Scored = tuple[int, int, float, float]
"""Left, right, weight and probability of a pair."""


def taken(pairs: Sequence[Scored], count: int, expected: float) -> int:
    """How many of these pairs, best first, are to be joined, of ``count`` records among which so many are expected."""
    curve = list(_expected_f1(pairs, count, expected))
    enough = max(curve, default=0.0) - _FLAT
    return next((number for number, f1 in enumerate(curve, 1) if f1 >= enough), 0)


def _expected_f1(pairs: Sequence[Scored], count: int, expected: float) -> Iterator[float]:
    """The F1 that is expected of the clusters when the first pair is joined, the first two, and so on.

    What joins one wrong pair joins all around it. So all candidates within a cluster count as made, each with the
    probability that it has itself. Of what was never compared nothing is known, and it counts for nothing.
    """
    near: list[dict[int, tuple[float, int]]] = [{} for _ in range(count)]  # by cluster: probabilities, and how many
    for left, right, _, probability in pairs:
        near[left][right] = near[right][left] = probability, 1
    root = list(range(count))
    found, made = 0.0, 0
    for left, right, *_ in pairs:
        one, two = _end(root, left), _end(root, right)
        if one != two:
            if len(near[one]) < len(near[two]):
                one, two = two, one
            probability, number = near[one].pop(two)
            found, made = found + probability, made + number
            del near[two][one]
            for other, (probability, number) in near[two].items():
                del near[other][two]
                before = near[one].get(other, (0.0, 0))
                near[one][other] = near[other][one] = before[0] + probability, before[1] + number
            near[two] = {}
            root[two] = one
        yield 2 * found / (made + expected)


def _end(root: list[int], at: int) -> int:
    while root[at] != at:
        root[at] = at = root[root[at]]
    return at
