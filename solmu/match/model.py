"""Model bundles: what the score of a pair rests on, immutable and named by its hash.

A bundle holds Splink's own settings with trained m and u probabilities, so that Splink loads it as it is, and beside
them what Splink does not keep: frozen term frequencies and the thresholds between the bands. The bundles that ship are
in ``models/``; ``tools/train_default_model.py`` makes them.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import orjson

from solmu.errors import ConfigurationError
from solmu.match.comparisons import COMPARISONS, Comparison
from solmu.model import Entity

Frequencies = Mapping[str, Mapping[str, float]]
"""Column → value → share of the mentions that have something in the column, 0 to 1.

A value that is not listed gets no adjustment, as in Splink. Frequencies are frozen with the model, not counted afresh
each night: otherwise a pair's score would depend on when it was scored.
"""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the bands meet, as match weights (log2 of the odds).

    ``ask``: from here on a pair is worth a steward's time. ``same``: from here on the score alone merges; None as long
    as no steward's answers have proven it.
    """

    ask: float
    same: float | None = None


@dataclass(frozen=True)
class Model:
    """One bundle. ``settings`` is a settings dictionary of Splink 5; ``notes`` says how it was made, with figures."""

    entity: Entity
    version: str
    settings: Mapping[str, Any]
    frequencies: Frequencies
    thresholds: Thresholds
    notes: Mapping[str, Any]
    calibration: Mapping[str, Any] = field(default_factory=dict)  # what ``thresholds.same`` was proven on

    @functools.cached_property
    def parameters(self) -> str:
        """Names what changes a score, whatever the bands; 16 hexadecimal digits."""
        return _digest([self.entity, self.settings, self.frequencies])

    @functools.cached_property
    def hash(self) -> str:
        """Names the bundle by all that changes a score or a band; 16 hexadecimal digits."""
        return _digest([self.entity, self.settings, self.frequencies, [self.thresholds.ask, self.thresholds.same]])

    @property
    def name(self) -> str:
        """What pairs and reports call it: version and hash."""
        return f"{self.version}:{self.hash}"

    def as_dict(self) -> dict[str, Any]:
        """The bundle as JSON holds it."""
        return {
            "entity": self.entity.value,
            "version": self.version,
            "notes": dict(self.notes),
            "thresholds": {"ask": self.thresholds.ask, "same": self.thresholds.same},
            **({"calibration": dict(self.calibration)} if self.calibration else {}),
            "frequencies": {column: dict(values) for column, values in self.frequencies.items()},
            "settings": dict(self.settings),
        }


def from_dict(data: Mapping[str, Any]) -> Model:
    """The bundle that :meth:`Model.as_dict` gave.

    Raises ConfigurationError where it was trained with comparisons other than those of this release.
    """
    entity = Entity(data["entity"])
    model = Model(
        entity=entity,
        version=data["version"],
        settings=data["settings"],
        frequencies=data["frequencies"],
        thresholds=Thresholds(**data["thresholds"]),
        notes=data["notes"],
        calibration=data.get("calibration") or {},
    )
    _check(model, COMPARISONS[entity])
    return model


@functools.cache
def default_model(entity: Entity) -> Model:
    """The bundle that ships with this release."""
    return from_dict(orjson.loads(files("solmu.match").joinpath("models", f"{entity.value}.json").read_bytes()))


def _digest(parts: list[Any]) -> str:
    return hashlib.blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


def _check(model: Model, comparisons: tuple[Comparison, ...]) -> None:
    trained = [
        (comparison["output_column_name"], [level["sql_condition"] for level in comparison["comparison_levels"]])
        for comparison in model.settings["comparisons"]
    ]
    ours = [(one.name, [level.condition.sql for level in one.levels]) for one in comparisons]
    if trained != ours:
        raise ConfigurationError(
            f"the model {model.version} was trained with other comparisons than this release has",
            expected="a model trained by this release",
        )
