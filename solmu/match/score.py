"""The compiled scorer: what Splink would say of a pair, without Splink.

Splink defines the score; this computes the same sum of match weights from the same bundle, in microseconds a pair and
with nothing to import. A property test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import NamedTuple

from solmu.match.comparisons import COMPARISONS
from solmu.match.conditions import Row
from solmu.match.features import Features
from solmu.match.model import Frequencies, Model
from solmu.match.rows import row

Levels = tuple[tuple[str, str, float], ...]
"""For each comparison its name, the label of the level that held, and what it added to the weight."""


@dataclass(frozen=True, slots=True)
class Score:
    """What the evidence says of a pair.

    ``weight`` is log2 of the odds, the prior included; ``levels`` gives for each comparison its name, the label of the
    level that held, and what it added to the weight.
    """

    weight: float
    probability: float
    levels: Levels


class _Level(NamedTuple):
    """``said`` is what a score has of it, where no frequency weighs it."""

    said: tuple[str, str, float]
    frequency: str | None
    log2_u: float
    frequency_weight: float
    frequency_floor: float


class Scorer:
    """Scores pairs by one model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        prior = model.settings["probability_two_random_records_match"]
        self._prior = log2(prior / (1 - prior))
        trained = [[_level(one["output_column_name"], each) for each in one["comparison_levels"]]
                   for one in model.settings["comparisons"]]  # fmt: skip
        self._comparisons = [
            (one.level, levels) for one, levels in zip(COMPARISONS[model.entity], trained, strict=True)
        ]

    def score(self, left: Features, right: Features, frequencies: Frequencies | None = None) -> Score:
        """The score of two mentions; by the model's own frequencies where none are given."""
        return self.score_rows(row(left), row(right), frequencies)

    def score_rows(self, left: Row, right: Row, frequencies: Frequencies | None = None) -> Score:
        """The same for rows that ``comparisons.row`` made before."""
        shares = self.model.frequencies if frequencies is None else frequencies
        total = self._prior
        told = []
        for place_of, levels in self._comparisons:
            level = levels[place_of(left, right)]
            said = level.said
            if level.frequency is not None:
                said = (said[0], said[1], said[2] + _adjustment(level, left, right, shares))
            total += said[2]
            told.append(said)
        return Score(weight=total, probability=_probability(total), levels=tuple(told))


def _level(name: str, settings: dict[str, object]) -> _Level:
    label = str(settings["label_for_charts"])
    if settings.get("is_null_level"):
        return _Level((name, label, 0.0), None, 0.0, 0.0, 0.0)
    m, u = float(str(settings["m_probability"])), float(str(settings["u_probability"]))
    column = settings.get("tf_adjustment_column")
    return _Level(
        said=(name, label, log2(m / u)),
        frequency=None if column is None else str(column),
        log2_u=log2(u),
        frequency_weight=float(str(settings.get("tf_adjustment_weight", 1.0))),
        frequency_floor=float(str(settings.get("tf_minimum_u_value", 0.0))),
    )


def _adjustment(level: _Level, left: Row, right: Row, shares: Frequencies) -> float:
    assert level.frequency is not None
    known = shares.get(level.frequency, {})
    found = [share for share in (known.get(left[level.frequency]), known.get(right[level.frequency])) if share]
    if not found:
        return 0.0
    return level.frequency_weight * (level.log2_u - log2(max(*found, level.frequency_floor)))


def _probability(weight: float) -> float:
    return 1 / (1 + 2**-weight) if weight >= 0 else 2**weight / (1 + 2**weight)
