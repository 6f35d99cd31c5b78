"""How many pairs of a random choice are one and the same: told by the candidates that matching meets. Pure.

A few rules that hardly ever err, and a guess of how many pairs they find, are what Splink starts from; where mentions
have neither addresses nor numbers there are no such rules. With what each likeness is worth known, the share that makes
the candidates' weights likeliest is unique (the likelihood is concave in it), and pairs that share no block key are
taken for different.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from math import log2
from typing import Any

from solmu.match.blocking import block_keys, candidate_keys
from solmu.match.comparisons import NOTHING_SAID
from solmu.match.features import Features
from solmu.match.model import Model
from solmu.match.rows import row
from solmu.match.score import Scorer

_LEAST, _MOST = 1e-9, 0.5
_ROUNDS = 200
_CLOSE = 1e-4
_HIGHEST = 300.0  # bits: certain, and still a number
_SAME = 1e-9  # bits by which two weights of one level differ at most

_NOT_COMPARED = NOTHING_SAID | {"no town to compare"}  # one country, and no more, is nearly all companies'

_Level = tuple[str, str]
"""The name of a comparison and the label of a level."""


def pairs(blocks: Mapping[str, list[int]], count: int, cap: int) -> Iterator[tuple[int, int]]:
    """Pairs of ``count`` positions that share a block key which no more than ``cap`` hold, in order.

    ``blocks`` has the positions behind each key, rising. Pairs are made one position after another: of a million
    mentions no machine holds them all at once.
    """
    held: list[list[list[int]]] = [[] for _ in range(count)]
    for key in candidate_keys(blocks):
        if 1 < len(members := blocks[key]) <= cap:
            for member in members:
                held[member].append(members)
    for left, groups in enumerate(held):
        for right in sorted({other for members in groups for other in members[bisect_right(members, left) :]}):
            yield left, right


class Candidates:
    """The candidates among some mentions, by how they compare; so a model's probabilities may change, and they not."""

    def __init__(self, model: Model, features: Sequence[Features], cap: int) -> None:
        blocks: dict[str, list[int]] = defaultdict(list)
        for position, one in enumerate(features):
            for key in block_keys(one):
                blocks[key].append(position)
        scorer, rows, plain = Scorer(model), [row(one) for one in features], _weights(model.settings)
        self._possible = len(features) * (len(features) - 1) / 2
        # A level that a frequency weighs is worth the same whatever its own chance is: it is counted with its weight.
        self._looks: Counter[tuple[tuple[str, str, float | None], ...]] = Counter(
            tuple(
                (name, label, None if abs(weight - plain[name, label]) < _SAME else round(weight, 1))
                for name, label, weight in scorer.score_rows(rows[left], rows[right]).levels
            )
            for left, right in pairs(blocks, len(features), cap)
        )

    def share(self, settings: Mapping[str, Any]) -> float:
        """The share of all pairs of these mentions that are the same; the settings' own where they tell nothing."""
        known = float(settings["probability_two_random_records_match"])
        weights = _weights(settings)
        odds = [(2.0 ** min(_weight(look, weights), _HIGHEST), count) for look, count in self._looks.items()]
        share = known
        for _ in range(_ROUNDS if odds else 0):
            found = sum(count * share * one / (share * one + 1 - share) for one, count in odds)
            before, share = share, min(max(found / self._possible, _LEAST), _MOST)
            if abs(share - before) < _CLOSE * before:
                break
        return share

    def speak_of(self, names: Collection[str]) -> float:
        """The part of the candidates at which one of these comparisons says anything, 0 to 1."""
        spoken = sum(
            count
            for look, count in self._looks.items()
            if any(name in names and label not in _NOT_COMPARED for name, label, _ in look)
        )
        return spoken / max(self._looks.total(), 1)


def _weights(settings: Mapping[str, Any]) -> dict[_Level, float]:
    return {
        (one["output_column_name"], level["label_for_charts"]): (
            0.0 if level.get("is_null_level") else log2(level["m_probability"] / level["u_probability"])
        )
        for one in settings["comparisons"]
        for level in one["comparison_levels"]
    }


def _weight(look: Iterable[tuple[str, str, float | None]], weights: Mapping[_Level, float]) -> float:
    return sum(weights[name, label] if weight is None else weight for name, label, weight in look)
