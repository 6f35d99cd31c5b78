"""Training a model bundle with Splink: u by random sampling, m by expectation maximisation.

Nothing here looks at the truth. Each expectation maximisation holds one kind of evidence fixed (pairs with the same
name, domain, phone …) and learns the others from those pairs; the median of what the sessions say is taken. What the
data say of a likeness goes for nearly all; a base model has a small say in it too, so that something that no pair here
is at stays possible. How many pairs are the same is told by the candidates (``prior``).

What two strangers have in common by chance is counted on random pairs. Where mentions are few, or known to several
sources, a good part of the likeness that is seen there is that of pairs that are the same: it is taken off again.
Without that a name, or a number, seems to be worth as little as there are true pairs that share it.
"""

from __future__ import annotations

import copy
import dataclasses
import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from solmu.errors import SolmuError
from solmu.match.features import Features
from solmu.match.model import Frequencies, Model, Thresholds
from solmu.match.prior import Candidates
from solmu.match.splink_engine import linker, untrained_settings
from solmu.model import Entity

_MAX_PAIRS = 1_000_000
_FLOOR = 1e-5
"""The least probability that a level gets: a thing never seen in training is rare, not impossible."""
_LENT = 0.05
"""How much of an m probability is the base model's word."""
_BLOCK_CAP = 100
_ROUNDS = 20
_CLOSE = 1e-3
_LEFT = 0.1
"""How much of a likeness between random pairs is chance, at the least: what true pairs have of it is an estimate."""
_MOSTLY = 0.5
_KINDS: dict[Entity, tuple[frozenset[str], ...]] = {
    Entity.ORGANISATION: tuple(map(frozenset, (("name", "legal_form"), ("business_id",), ("domain",), ("phone",),
                                               ("street", "town")))),
    Entity.PERSON: tuple(map(frozenset, (("given_name", "family_name"), ("identifier",), ("born",), ("email",),
                                         ("employer",), ("phone",), ("street", "town")))),
}  # fmt: skip
"""Comparisons that speak of one thing, together."""
_SPEAKS = 0.05
"""The part of the candidates at which a kind of evidence must say anything to count as one."""


class Untrainable(SolmuError):
    """There is too little to learn from; what is in force stays."""


# What each session holds fixed. All of these are columns that a comparison reads, which is how Splink knows which
# comparison a session can say nothing about.
_SESSIONS: dict[Entity, tuple[str, ...]] = {
    Entity.ORGANISATION: (
        "l.name = r.name",
        "l.domains[1] = r.domains[1]",
        "l.phones[1] = r.phones[1]",
        "l.business_ids[1] = r.business_ids[1]",
        "l.street = r.street and l.postcode = r.postcode",
    ),
    Entity.PERSON: (
        "l.given = r.given and l.family = r.family",
        "l.emails[1] = r.emails[1]",
        "l.phones[1] = r.phones[1]",
        "l.employers[1] = r.employers[1]",
        "l.employer_name = r.employer_name and l.family = r.family",
        "l.identifiers[1] = r.identifiers[1]",
        "l.born = r.born",
    ),
}


def train(
    entity: Entity,
    features: Sequence[Features],
    *,
    version: str,
    thresholds: Thresholds,
    seed: int,
    notes: Mapping[str, Any] | None = None,
    max_pairs: int = _MAX_PAIRS,
    base: Model | None = None,
    sampled: float = 1.0,
    frequencies: Frequencies | None = None,
) -> Model:
    """A model of these mentions.

    ``base`` lends what the data say nothing about. ``sampled`` is the share of golden records that ``features`` are all
    mentions of: among those, pairs are likelier to be the same. The same features and seed give the same bundle.
    Numbers are rounded to six digits, below which the order in which DuckDB's threads add them up shows. Raises
    Untrainable where nothing can be learnt.
    """
    with warnings.catch_warnings():
        # Splink and DuckDB warn of their own future; it is pinned.
        warnings.simplefilter("ignore")
        started = linker(entity, features, untrained_settings(entity))
        started.training.estimate_u_using_random_sampling(max_pairs=max_pairs, seed=seed)
        settings = started.misc.save_model_to_json()
        sessions = [_session(entity, features, settings, rule, max_pairs) for rule in _SESSIONS[entity]]
    learnt = [one for one in sessions if one]
    if not learnt:
        raise _nothing_tells_apart(entity, "no two are alike in anything that training starts from")
    chance = _levels(settings, "u_probability")
    model = Model(
        entity=entity,
        version=version,
        settings=_settled(entity, chance, learnt, base),
        frequencies=frequencies or {},
        thresholds=thresholds,
        notes=dict(notes or {}),
    )
    candidates = Candidates(model, features, _BLOCK_CAP)
    # One kind of evidence cannot say how much of it is chance: any number of true pairs would explain it as well.
    if sum(candidates.speak_of(kind) >= _SPEAKS for kind in _KINDS[entity]) < 2:
        raise _nothing_tells_apart(entity, "nearly all have but one thing to compare")
    found, share = _by_chance_and_same(entity, chance, learnt, base, candidates)
    found["probability_two_random_records_match"] = _rounded(share * sampled)
    return dataclasses.replace(model, settings=found)


def _nothing_tells_apart(entity: Entity, why: str) -> Untrainable:
    more = "a domain, a phone, a place" if entity is Entity.ORGANISATION else "an e-mail, a phone, a place, an employer"
    return Untrainable(
        f"nothing here tells the {entity}s apart that could be learnt from: {why}; their model stays as it is",
        code="nothing-to-compare",
        expected=f"a second thing beside the name on more of them, such as {more}, mapped to a field of the hub",
    )


def _by_chance_and_same(
    entity: Entity, chance: Levels, learnt: Sequence[Levels], base: Model | None, candidates: Candidates
) -> tuple[dict[str, Any], float]:
    """Settings whose chance probabilities are of different pairs only, and the share of pairs that are the same.

    Each follows from the other. It begins with the least chance there may be: from too many true pairs it comes down
    to the right number, from too few it may not come up.
    """
    strangers = {key: value * _LEFT if value < 0.5 else value for key, value in chance.items()}
    share = 0.0
    for _ in range(_ROUNDS):
        settings = _settled(entity, strangers, learnt, base)
        before, share = share, candidates.share(settings)
        if abs(share - before) <= _CLOSE * share:
            break
        same = _levels(settings, "m_probability")
        strangers = {key: _of_strangers(value, share * same[key]) for key, value in chance.items()}
    return settings, share


def _of_strangers(seen: float, true: float) -> float:
    """How much of a likeness between random pairs is chance, where so much of it is that of pairs that are the same.

    That is an estimate: it is taken off only where it is most of what is seen.
    """
    return seen if true < _MOSTLY * seen else max(seen - true, _LEFT * seen)


Key = tuple[str, str]
Levels = dict[Key, float]
"""A probability by the name of a comparison and the condition of a level."""


def _session(
    entity: Entity, features: Sequence[Features], settings: Mapping[str, Any], rule: str, max_pairs: int
) -> Levels:
    """The m probabilities of one expectation maximisation; none where no pair is as the rule says, or they are alike.

    Each has a linker of its own: one that fails leaves a linker of which nobody knows what it holds.
    """
    from splink.internals.exceptions import EMTrainingException

    trained = linker(entity, features, copy.deepcopy(dict(settings)))
    try:
        trained.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True, max_pairs=max_pairs
        )
    except (EMTrainingException, ValueError):  # a probability too small for a number is a ValueError
        return {}
    return _levels(trained.misc.save_model_to_json(), "m_probability")


def _levels(settings: Mapping[str, Any], name: str) -> Levels:
    return {
        (comparison["output_column_name"], level["sql_condition"]): level[name]
        for comparison in settings["comparisons"]
        for level in comparison["comparison_levels"]
        if level.get(name) is not None
    }


def _settled(entity: Entity, chance: Levels, learnt: Sequence[Levels], base: Model | None) -> dict[str, Any]:
    """Our settings with the trained probabilities: every level has both, rounded, and adding up to one."""
    settings = untrained_settings(entity)
    lent = untrained_settings(entity)["comparisons"] if base is None else base.settings["comparisons"]
    if base is not None:
        settings["probability_two_random_records_match"] = base.settings["probability_two_random_records_match"]
    said: dict[Key, list[float]] = defaultdict(list)
    for one in learnt:
        for key, value in one.items():
            said[key].append(value)
    same = {key: median(values) for key, values in said.items()}
    for ours, known in zip(settings["comparisons"], lent, strict=True):
        levels = [
            (mine, lender, (ours["output_column_name"], mine["sql_condition"]))
            for mine, lender in zip(ours["comparison_levels"], known["comparison_levels"], strict=True)
            if not mine.get("is_null_level")
        ]
        heard = [key for _, _, key in levels if same.get(key) or chance.get(key)]
        for name, found in (("m_probability", same), ("u_probability", chance)):
            values = _mixed(
                [found.get(key) or 0.0 for _, _, key in levels],
                [float(lender.get(name) or 0.0) for _, lender, _ in levels],
                # Chance is counted, and needs no help but where nothing at all was seen.
                [name == "m_probability" or key not in heard for _, _, key in levels],
            )
            for (mine, _, _), value in zip(levels, values, strict=True):
                mine[name] = _rounded(value)
        _silence(levels, same)
    return settings


def _mixed(heard: Sequence[float], lent: Sequence[float], lends: Sequence[bool]) -> list[float]:
    """What the data say, with a small part of what is known elsewhere, adding up to one."""
    total = sum(heard)
    if not total:
        mixed = list(lent)
    else:
        part = _LENT if sum(lent) else 0.0
        mixed = [
            (1 - part) * one / total + (part * two if borrows else 0.0)
            for one, two, borrows in zip(heard, lent, lends, strict=True)
        ]
    values = [max(value, _FLOOR) for value in mixed]
    return [value / sum(values) for value in values]


def _silence(levels: Sequence[tuple[dict[str, Any], Mapping[str, Any], Key]], same: Levels) -> None:
    """A likeness at which no true pair was seen, by these data or a base model, says nothing: what is left of its
    probability would speak against."""
    silent = [mine for mine, lender, key in levels[:-1] if not same.get(key) and not lender.get("m_probability")]
    if len(silent) == len(levels) - 1:
        return
    left = 1 - sum(mine["u_probability"] for mine in silent)
    spoken = [mine for mine, _, _ in levels if mine not in silent]
    total = sum(mine["m_probability"] for mine in spoken)
    for mine in silent:
        mine["m_probability"] = mine["u_probability"]
    for mine in spoken:
        mine["m_probability"] = _rounded(mine["m_probability"] * left / total)


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
