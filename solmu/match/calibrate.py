"""From stewards' answers to a threshold that keeps a promise. Pure.

The threshold is *fixed* on one sample of answers and *audited* on another, which had no say in it. Which of the two an
answer belongs to follows from a hash of its pair, so that nobody can try until it fits. Only pairs that were drawn at
random are audited: what stewards pick from the top of a queue says nothing of the rest.

A pair that was drawn with a smaller chance stands for more pairs, so answers weigh the inverse of their chance, and
the interval is that of as many unweighted answers as these are worth (L. Kish, "Survey Sampling", 1965).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

from solmu.report.interval import wilson

AUDITED = 0.9
"""Share of the answers that are kept for the audit."""
LEAST = 20
"""Accepted answers that a threshold is fixed on, at least."""
CORRELATED = 0.6
"""From this correlation on, two comparisons count much of the same evidence twice."""
_LEAST_PAIRS = 200  # pairs from which a correlation is worth telling


@dataclass(frozen=True, slots=True)
class Answer:
    """What a steward said of a pair with that match weight.

    ``right``: the two are the same. ``chance``: with which the pair was drawn, 0 to 1; None where a steward picked it.
    ``cluster`` names what it would be merged into.
    """

    pair: tuple[int, int]
    weight: float
    right: bool
    chance: float | None
    cluster: int

    @property
    def audits(self) -> bool:
        """Whether it belongs to the audited sample; else it may fix the threshold. What was picked never audits."""
        if self.chance is None:
            return False
        digest = hashlib.blake2b(f"{self.pair[0]}-{self.pair[1]}".encode(), digest_size=4).digest()
        return int.from_bytes(digest) < AUDITED * 2**32


@dataclass(frozen=True, slots=True)
class Interval:
    """How many were right: ``answers`` and ``errors`` as counted, ``worth`` in answers of equal weight of which so many
    are ``against``, and the 95 % interval of the share that is right."""

    answers: int
    errors: int
    worth: int
    against: int
    low: float
    high: float

    def lacks(self, promised: float) -> int:
        """How many more answers, all of them right, would bring the lower bound up to a promise."""
        more = 0
        while (found := wilson(self.worth - self.against + more, self.worth + more)) is None or found[0] < promised:
            more += max(1, more // 50)
        return more

    def as_dict(self) -> dict[str, Any]:
        return {
            "answers": self.answers,
            "errors": self.errors,
            "worth": self.worth,
            "low": round(self.low, 5),
            "high": round(self.high, 5),
        }


@dataclass(frozen=True, slots=True)
class Audit:
    """What the audited sample says of a threshold, per accepted pair and per merged cluster."""

    threshold: float
    pairs: Interval
    clusters: Interval

    def keeps(self, promised: float) -> bool:
        """Whether both lower bounds reach the promised precision."""
        return min(self.pairs.low, self.clusters.low) >= promised

    def lacks(self, promised: float) -> int:
        """How many more accepted answers of equal weight, all of them right, would keep the promise."""
        return max(one.lacks(promised) for one in (self.pairs, self.clusters))

    def as_dict(self) -> dict[str, Any]:
        return {"threshold": self.threshold, "pairs": self.pairs.as_dict(), "clusters": self.clusters.as_dict()}


def answers_needed(promised: float) -> int:
    """How many accepted answers without an error prove a precision: 381 for 99 %."""
    count = 1
    while (found := wilson(count, count)) is not None and found[0] < promised:
        count = max(count + 1, int(count * 1.02))
    while count > 1 and (found := wilson(count - 1, count - 1)) is not None and found[0] >= promised:
        count -= 1
    return count


def about(promised: float) -> int:
    """The same as a round number of answers to plan for, those that fix the threshold among them."""
    return max(round(LEAST / (1 - AUDITED)), int(round(answers_needed(promised) / AUDITED, -2)))


def fixing(answers: Iterable[Answer], least: float) -> list[Answer]:
    """The answers that may fix a threshold, the heaviest first: those that do not audit it, from the weight on below
    which nothing may be accepted."""
    return sorted((one for one in answers if not one.audits and one.weight >= least), key=lambda one: -one.weight)


def fix_threshold(answers: Iterable[Answer], promised: float, least: float) -> float | None:
    """The lowest weight from which on the answers that are not audited keep the promise; None for too few of them.

    ``least`` is the weight below which nothing may be accepted. The promise must be kept just above the threshold, too:
    a stretch of errors is not hidden behind many right answers further up.
    """
    window = max(LEAST, ceil(2 / (1 - promised)))
    known = fixing(answers, least)
    found: float | None = None
    for count, one in enumerate(known, start=1):
        near = known[max(0, count - window) : count]
        if sum(each.right for each in near) / len(near) < promised:
            break
        if one.right and count >= LEAST and (count == len(known) or known[count].weight < one.weight):
            found = one.weight
    return found


def audit(answers: Iterable[Answer], threshold: float) -> Audit:
    """What the drawn answers of the audited sample say of a threshold."""
    accepted = [one for one in answers if one.audits and one.weight >= threshold]
    clusters: dict[int, list[Answer]] = {}
    for one in accepted:
        clusters.setdefault(one.cluster, []).append(one)
    # A cluster is right if nothing wrong was found in it, and stands for as many as its likeliest pair does.
    merged = [(all(one.right for one in those), max(one.chance or 1.0 for one in those)) for those in clusters.values()]
    return Audit(threshold, _interval([(one.right, one.chance or 1.0) for one in accepted]), _interval(merged))


def _interval(drawn: Sequence[tuple[bool, float]]) -> Interval:
    weights = [1 / chance for _, chance in drawn]
    total = sum(weights)
    errors = sum(not right for right, _ in drawn)
    if not total:
        return Interval(0, 0, 0, 0, 0.0, 1.0)
    worth = min(len(drawn), int(total**2 / sum(weight**2 for weight in weights) + 1e-9))
    wrong = sum(weight for weight, (right, _) in zip(weights, drawn, strict=True) if not right) / total
    # Rounded against us: an error is never worth less than one.
    against = min(worth, ceil(wrong * worth - 1e-9)) if errors else 0
    low, high = wilson(worth - against, worth) or (0.0, 1.0)
    return Interval(len(drawn), errors, worth, against, low, high)


def correlations(pairs: Iterable[tuple[bool, Mapping[str, float]]]) -> list[dict[str, Any]]:
    """Pairs of comparisons that count much of the same evidence twice: ``comparisons, among, correlation, pairs``.

    Takes for each pair whether it is one and the same, and the weight of each comparison that said something. A model
    adds weights as if comparisons were independent among the same, and among different ones; where two are not, the
    score is too sure. Only what goes together is told: opposites are an effect of looking at likely pairs only.
    """
    columns: dict[tuple[bool, str, str], list[tuple[float, float]]] = {}
    for same, weights in pairs:
        names = sorted(weights)
        for at, one in enumerate(names):
            for other in names[at + 1 :]:
                columns.setdefault((same, one, other), []).append((weights[one], weights[other]))
    found = []
    for (same, one, other), values in sorted(columns.items()):
        if len(values) >= _LEAST_PAIRS and (r := _pearson(values)) >= CORRELATED:
            found.append(
                {
                    "comparisons": [one, other],
                    "among": "same" if same else "different",
                    "correlation": round(r, 3),
                    "pairs": len(values),
                }
            )
    return found


def _pearson(values: Sequence[tuple[float, float]]) -> float:
    count = len(values)
    mean_x, mean_y = sum(x for x, _ in values) / count, sum(y for _, y in values) / count
    xx = sum((x - mean_x) ** 2 for x, _ in values)
    yy = sum((y - mean_y) ** 2 for _, y in values)
    xy = sum((x - mean_x) * (y - mean_y) for x, y in values)
    return xy / sqrt(xx * yy) if xx > 0 and yy > 0 else 0.0
