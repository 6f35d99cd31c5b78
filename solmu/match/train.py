"""Training a model bundle with Splink: u by random sampling, m by expectation maximisation.

Nothing here looks at the truth. Each expectation maximisation holds one kind of evidence fixed (pairs with the same
name, domain, phone …) and learns the others from those pairs; Splink takes the median of what the sessions say.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from solmu.errors import SolmuError
from solmu.match.features import Features
from solmu.match.model import Frequencies, Model, Thresholds
from solmu.match.splink_engine import linker, untrained_settings
from solmu.model import Entity

_MAX_PAIRS = 1_000_000
_FLOOR = 1e-5
"""The least probability that a level gets: a thing never seen in training is rare, not impossible."""
_LEAST_PRIOR = 1e-9


class Untrainable(SolmuError):
    """There is too little to learn from; what is in force stays."""


# What each session holds fixed. All of these are columns that a comparison reads, which is how Splink knows which
# comparison a session can say nothing about.
_SESSIONS: dict[Entity, tuple[str, ...]] = {
    Entity.ORGANISATION: (
        "l.name = r.name",
        "l.domains[1] = r.domains[1]",
        "l.phones[1] = r.phones[1]",
        "l.street = r.street and l.postcode = r.postcode",
    ),
    Entity.PERSON: (
        "l.name = r.name",
        "l.emails[1] = r.emails[1]",
        "l.phones[1] = r.phones[1]",
        "l.employers[1] = r.employers[1]",
        "l.identifiers[1] = r.identifiers[1]",
        "l.born = r.born",
    ),
}
# Rules that hardly ever err; with their recall they tell how many pairs of a random choice are one and the same.
_CERTAIN: dict[Entity, tuple[str, ...]] = {
    Entity.ORGANISATION: ("l.business_ids[1] = r.business_ids[1]", "l.name = r.name and l.city = r.city"),
    Entity.PERSON: ("l.emails[1] = r.emails[1]", "l.name = r.name and l.employers[1] = r.employers[1]"),
}


def train(
    entity: Entity,
    features: Sequence[Features],
    *,
    version: str,
    thresholds: Thresholds,
    seed: int,
    recall: float = 0.7,
    notes: Mapping[str, Any] | None = None,
    max_pairs: int = _MAX_PAIRS,
    base: Model | None = None,
    sampled: float = 1.0,
    frequencies: Frequencies | None = None,
) -> Model:
    """A model of these mentions. ``recall`` is the share of true pairs that a few certain rules are thought to find.

    ``base`` lends what the data say nothing about: a level that no pair is at keeps its probabilities. ``sampled`` is
    the share of golden records that ``features`` are all mentions of: among those, pairs are likelier to be the same.
    The same features and seed give the same bundle. Numbers are rounded to six digits, below which the order in which
    DuckDB's threads add them up shows. Raises Untrainable where nothing can be learnt.
    """
    with warnings.catch_warnings():
        # Splink and DuckDB warn of their own future; it is pinned.
        warnings.simplefilter("ignore")
        trained = linker(entity, features, untrained_settings(entity))
        trained.training.estimate_probability_two_random_records_match(list(_CERTAIN[entity]), recall=recall)
        trained.training.estimate_u_using_random_sampling(max_pairs=max_pairs, seed=seed)
        learnt = [rule for rule in _SESSIONS[entity] if _session(trained, rule, max_pairs)]
        if not learnt:
            raise Untrainable(f"no two of the {len(features)} mentions are alike in anything that training starts from")
        settings = trained.misc.save_model_to_json()
    return Model(
        entity=entity,
        version=version,
        settings=_settled(entity, settings, base, sampled),
        frequencies=frequencies or {},
        thresholds=thresholds,
        notes=dict(notes or {}),
    )


def _session(trained: Any, rule: str, max_pairs: int) -> bool:
    """One expectation maximisation; False where no pair is as the rule says, or nothing else differs among them."""
    from splink.internals.exceptions import EMTrainingException

    try:
        trained.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True, max_pairs=max_pairs
        )
    except EMTrainingException:
        return False
    return True


def _settled(entity: Entity, trained: Mapping[str, Any], base: Model | None, sampled: float) -> dict[str, Any]:
    """Our settings with the trained probabilities: every level has both, rounded, and adding up to one."""
    settings = untrained_settings(entity)
    lent = untrained_settings(entity)["comparisons"] if base is None else base.settings["comparisons"]
    prior = trained["probability_two_random_records_match"] * sampled
    settings["probability_two_random_records_match"] = _rounded(min(max(prior, _LEAST_PRIOR), 0.5))
    # Splink leaves out a comparison that no pair has anything in.
    learnt = {
        (comparison["output_column_name"], level["sql_condition"]): level
        for comparison in trained["comparisons"]
        for level in comparison["comparison_levels"]
    }
    for ours, known in zip(settings["comparisons"], lent, strict=True):
        levels = [
            (mine, learnt.get((ours["output_column_name"], mine["sql_condition"]), {}), lender)
            for mine, lender in zip(ours["comparison_levels"], known["comparison_levels"], strict=True)
            if not mine.get("is_null_level")
        ]
        for name in ("m_probability", "u_probability"):
            values = [_probability(theirs.get(name), lender.get(name)) for _, theirs, lender in levels]
            for (mine, _, _), value in zip(levels, values, strict=True):
                mine[name] = _rounded(value / sum(values))
    return settings


def _probability(learnt: float | None, lent: float | None) -> float:
    return max(float((lent if learnt is None else learnt) or 0.0), _FLOOR)


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
