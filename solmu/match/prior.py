"""How many pairs of a random choice are one and the same: told by the candidates that matching meets. Pure.

A few rules that hardly ever err, and a guess of how many pairs they find, are what Splink starts from; where mentions
have neither addresses nor numbers there are no such rules. With what each likeness is worth known, the share that makes
the candidates' weights likeliest is unique (the likelihood is concave in it), and pairs that share no block key are
taken for different.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from math import log2

from solmu.match.blocking import block_keys, candidate_keys
from solmu.match.features import Features
from solmu.match.model import Model
from solmu.match.rows import row
from solmu.match.score import Scorer

_LEAST, _MOST = 1e-9, 0.5
_ROUNDS = 200
_CLOSE = 1e-4
_HIGHEST = 300.0  # bits: certain, and still a number


def candidates(features: Sequence[Features], cap: int) -> list[tuple[int, int]]:
    """Pairs of positions that share a block key which no more than ``cap`` hold."""
    blocks: dict[str, list[int]] = defaultdict(list)
    for position, one in enumerate(features):
        for key in candidate_keys(block_keys(one)):
            blocks[key].append(position)
    return sorted({pair for members in blocks.values() if len(members) <= cap for pair in combinations(members, 2)})


def prior(model: Model, features: Sequence[Features], cap: int) -> float:
    """The share of all pairs of these mentions that are the same; the model's own where they tell nothing."""
    known = float(model.settings["probability_two_random_records_match"])
    scorer, rows = Scorer(model), [row(one) for one in features]
    bias = log2(known / (1 - known))
    odds = [
        2.0 ** min(scorer.score_rows(rows[left], rows[right]).weight - bias, _HIGHEST)
        for left, right in candidates(features, cap)
    ]
    possible = len(features) * (len(features) - 1) / 2
    share = known
    for _ in range(_ROUNDS if odds else 0):
        found = sum(share * one / (share * one + 1 - share) for one in odds)
        before, share = share, min(max(found / possible, _LEAST), _MOST)
        if abs(share - before) < _CLOSE * before:
            break
    return share
