"""A set that is too large for Python is scored by DuckDB, and nothing else about it changes."""

from __future__ import annotations

import pytest

from benchmarks import labelled
from solmu.match.features import organisation_features
from solmu.match.model import default_model
from solmu.model import Entity
from tools.training_data import make


def test_a_large_set_gives_the_pairs_and_clusters_that_a_small_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    world = make(7, 150)
    known = labelled.Records(
        Entity.ORGANISATION,
        [organisation_features(one.values) for one in world.organisations],
        [str(one.truth) for one in world.organisations],
    )
    model = default_model(Entity.ORGANISATION)
    small = labelled.match(known, model)
    monkeypatch.setattr(labelled, "LARGE", 0)
    large = labelled.match(known, model)

    likely = [(left, right) for left, right, _, chance in small.pairs if chance >= labelled._CHANCE]
    assert [(left, right) for left, right, *_ in large.pairs] == likely
    assert large.expected == pytest.approx(small.expected)
    assert large.by_defaults()[0] == small.by_defaults()[0]
    assert large.by_expected_f1() == small.by_expected_f1()
