"""Makes the matching models that ship with Solmu, and prints what they are worth.

    .venv/bin/python tools/train_default_model.py [--size 4000] [--seed 20] [--check]

Trains both models on synthetic mentions (``training_data.py``), sets the threshold from which a pair is asked so that
scores ask a steward about at most 3 pairs per 1,000 mentions beside what is asked whatever the score (15 are promised,
and other data are dirtier), and measures on a second world of another seed: precision and count of every rule of
identity, pairwise precision and recall of what merges by itself, and what is left to ask.
``--check`` writes nothing.

The truth is used to measure and to set the threshold, never to train.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import orjson

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from solmu.match.anchor import anchor
from solmu.match.blocking import block_keys
from solmu.match.cluster import Pair, cluster
from solmu.match.features import Features, OrganisationFeatures, PersonFeatures, organisation_features, person_features
from solmu.match.identity import OwnFields
from solmu.match.mates import Mates, Namesakes, namesakes
from solmu.match.model import Model, Thresholds
from solmu.match.prior import pairs as candidates
from solmu.match.rows import row
from solmu.match.rules import RULES, Band, judge, traits_of
from solmu.match.score import Scorer
from solmu.match.train import train
from solmu.model import Entity
from tools.training_data import Mention, World, make
from tools.training_members import BORN, NUMBER, members

MODELS = Path(__file__).resolve().parent.parent / "solmu" / "match" / "models"
VERSION = "default-1"
BLOCK_CAP = 200
OWN_FIELDS = OwnFields(identifiers=(NUMBER,), birth_dates=(BORN,))
ASKED_PER_THOUSAND = 3.0


@dataclasses.dataclass
class Outcome:
    """What matching made of one entity's mentions."""

    parts: list[frozenset[int]]
    part_of: dict[int, int]
    judged: list[tuple[int, int, float, Band, str]]


def match(model: Model, features: Sequence[Features], records: Sequence[int]) -> Outcome:
    """Block, score, judge and cluster in memory, as the resolver does in the store."""
    scorer = Scorer(model)
    rows = [row(one) for one in features]
    blocks: dict[str, list[int]] = defaultdict(list)
    for position, one in enumerate(features):
        for key in block_keys(one):
            blocks[key].append(position)
    mates = _mates(features, blocks)
    judged: list[tuple[int, int, float, Band, str]] = []
    for left, right in candidates(blocks, len(features), BLOCK_CAP):
        if records[left] == records[right]:
            continue
        weight = scorer.score_rows(rows[left], rows[right]).weight
        verdict = judge(features[left], features[right], weight, model.thresholds, mates=mates)
        if verdict.band is not Band.DIFFERENT:
            judged.append((left, right, weight, verdict.band, verdict.rule))
    pairs = [
        Pair(left, right, weight, soft=RULES[rule].soft, names_aside=RULES[rule].names_aside)
        for left, right, weight, band, rule in judged
        if band is Band.SAME
    ]
    partition = cluster(range(len(features)), pairs, (), {i: traits_of(one) for i, one in enumerate(features)})
    part_of = {member: anchor(part) for part in partition.clusters for member in part}
    return Outcome(list(partition.clusters), part_of, judged)


def _mates(features: Sequence[Features], blocks: Mapping[str, list[int]]) -> Mates:
    answers: dict[frozenset[str], Namesakes | None] = {}

    def found(keys: Iterable[str]) -> Namesakes | None:
        asked = frozenset(keys)
        if asked not in answers:
            members = {member for key in asked for member in blocks.get(key, ())}
            answers[asked] = namesakes(features[member] for member in sorted(members))
        return answers[asked]

    return found


def _world(seed: int, size: int) -> World:
    """Companies and their people, and half as many private people."""
    world = make(seed, size)
    records = max(one.record for one in world.organisations) + 1
    truths = max(one.truth for one in world.people) + 1
    world.people += members(seed, size // 2, first_truth=truths, first_record=records)
    return world


def organisations_of(world: World) -> list[Features]:
    return [organisation_features(one.values, system=one.system, people=one.people) for one in world.organisations]


def people_of(world: World, outcome: Outcome, organisations: Sequence[Features]) -> list[Features]:
    found: list[Features] = []
    for one in world.people:
        if one.employer is None:
            found.append(person_features(one.values, identity=OWN_FIELDS))
            continue
        employer = organisations[one.employer]
        assert isinstance(employer, OrganisationFeatures)
        found.append(
            person_features(one.values, employers=[outcome.part_of[one.employer]], employer_names=[employer.compact])
        )
    return found


def measure(mentions: Sequence[Mention], features: Sequence[Features], outcome: Outcome) -> dict[str, Any]:
    """Pairwise figures of what merged, by rule and altogether, and the questions left to a steward."""
    truth = [one.truth for one in mentions]
    by_truth: dict[int, list[int]] = defaultdict(list)
    for position, one in enumerate(truth):
        by_truth[one].append(position)
    merged = [pair for part in outcome.parts for pair in combinations(sorted(part), 2)]
    right = sum(truth[one] == truth[two] for one, two in merged)
    true_pairs = [pair for members in by_truth.values() for pair in combinations(members, 2)]
    keyless = [(one, two) for one, two in true_pairs if not _share_identity(features[one], features[two])]
    found = sum(outcome.part_of[one] == outcome.part_of[two] for one, two in keyless)
    rules: dict[str, Counter[bool]] = defaultdict(Counter)
    for one, two, _, band, rule in outcome.judged:
        if band is Band.SAME:
            rules[rule][truth[one] == truth[two]] += 1
    asked = questions(outcome)
    good = sum(truth[one] == truth[two] for one, two, _ in asked)
    return {
        "mentions": len(mentions),
        "precision": round(right / max(len(merged), 1), 5),
        "recall": round(right / max(len(true_pairs), 1), 4),
        "true_pairs_without_identity_key": round(len(keyless) / max(len(true_pairs), 1), 3),
        "recall_without_identity_key": round(found / max(len(keyless), 1), 4),
        "wrongly_merged_per_10000": round(
            10_000 * sum(len({truth[one] for one in part}) - 1 for part in outcome.parts) / len(mentions), 2
        ),
        "asked_per_1000": round(1000 * len(asked) / len(mentions), 2),
        "asked_rightly": round(good / max(len(asked), 1), 3),
        "rules": {
            name: {"pairs": count.total(), "precision": round(count[True] / count.total(), 4)}
            for name, count in sorted(rules.items())
        },
    }


def questions(outcome: Outcome) -> list[tuple[int, int, float]]:
    """The strongest open pair between any two clusters, strongest first: what a steward would be asked."""
    best: dict[tuple[int, int], tuple[int, int, float]] = {}
    for one, two, weight, _, _ in sorted(outcome.judged, key=lambda pair: -pair[2]):
        first, second = sorted((outcome.part_of[one], outcome.part_of[two]))
        if first != second:
            best.setdefault((first, second), (one, two, weight))
    return list(best.values())


def _share_identity(one: Features, two: Features) -> bool:
    if isinstance(one, OrganisationFeatures) and isinstance(two, OrganisationFeatures):
        return bool(one.business_ids & two.business_ids or one.phones & two.phones or one.domains & two.domains)
    assert isinstance(one, PersonFeatures)
    assert isinstance(two, PersonFeatures)
    return bool(one.emails & two.emails or one.phones & two.phones)


def with_threshold(model: Model, mentions: Sequence[Mention], features: Sequence[Features]) -> Model:
    """The model with the lowest threshold that asks no more than it may, and never at less than even odds."""
    records = [one.record for one in mentions]
    never = match(dataclasses.replace(model, thresholds=Thresholds(ask=float("inf"))), features, records)
    anyway = {frozenset(never.part_of[end] for end in ends) for *ends, _ in questions(never)}
    outcome = match(dataclasses.replace(model, thresholds=Thresholds(ask=0.0)), features, records)
    weights = sorted(
        (
            weight
            for *ends, weight in questions(outcome)
            if frozenset(outcome.part_of[end] for end in ends) not in anyway
        ),
        reverse=True,
    )
    allowed = int(ASKED_PER_THOUSAND * len(mentions) / 1000)
    ask = weights[allowed] if len(weights) > allowed else weights[-1]
    return dataclasses.replace(model, thresholds=Thresholds(ask=round(max(ask + 0.05, 0.0), 1)))


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=4000, help="organisations in each synthetic world")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--check", action="store_true", help="measure, and write nothing")
    options = parser.parse_args(list(arguments) if arguments is not None else None)
    started = time.monotonic()
    training, other = _world(options.seed, options.size), _world(options.seed + 1, options.size)
    models: dict[Entity, Model] = {}
    figures: dict[Entity, dict[str, Any]] = {}
    known: dict[int, tuple[Outcome, list[Features]]] = {}
    for entity in (Entity.ORGANISATION, Entity.PERSON):
        for number, world in enumerate((training, other)):
            if entity is Entity.ORGANISATION:
                mentions, features = world.organisations, organisations_of(world)
            else:
                mentions, features = world.people, people_of(world, *known[number])
            if number == 0:
                model = train(entity, features, version=VERSION, thresholds=Thresholds(ask=0.0), seed=options.seed)
                model = with_threshold(model, mentions, features)
            outcome = match(model, features, [one.record for one in mentions])
            known[number] = (outcome, features)
        figures[entity] = measure(mentions, features, outcome)
        notes = {
            "made_by": "tools/train_default_model.py, on synthetic data",
            "seed": options.seed,
            "organisations": options.size,
            "figures_on_another_seed": figures[entity],
        }
        models[entity] = dataclasses.replace(model, notes=notes)
        show(models[entity])
    if not options.check:
        MODELS.mkdir(exist_ok=True)
        for entity, model in models.items():
            text = orjson.dumps(model.as_dict(), option=orjson.OPT_INDENT_2)
            (MODELS / f"{entity.value}.json").write_bytes(text + b"\n")
    print(f"{time.monotonic() - started:.0f} s")


def show(model: Model) -> None:
    figures = dict(model.notes["figures_on_another_seed"])
    rules = figures.pop("rules")
    print(f"\n{model.entity} {model.name}, asked from weight {model.thresholds.ask} on")
    for name, value in figures.items():
        print(f"  {name:34} {value}")
    for name, found in rules.items():
        print(f"  {name:34} {found['precision']:.4f} of {found['pairs']}")


if __name__ == "__main__":
    main()
