"""Labelled sets through the product's own code: mapping, features, block keys, scores, rules and clusters, in memory.

The store is left out, because it would take hours and change nothing: the resolver looks up in it what lies here in
dictionaries. Rules are those that ship, models either those or what ``solmu match train`` learns from a set by itself;
only the mapping of a set's columns is its own.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.at_large import likely_pairs
from benchmarks.threshold import taken
from solmu.config.yaml import parse
from solmu.errors import Skippable
from solmu.mapping import map_batch
from solmu.mapping.source import SourceMapping, source_mapping
from solmu.match.blocking import block_keys
from solmu.match.cluster import Pair, cluster
from solmu.match.features import Features, Values, organisation_features, organisation_key, person_features
from solmu.match.identity import OwnFields
from solmu.match.learn import LEAST, frequencies, whole_parts
from solmu.match.mates import Namesakes, namesakes
from solmu.match.model import Model, default_model
from solmu.match.prior import pairs as candidates
from solmu.match.rows import row
from solmu.match.rules import RULES, Band, judge, traits_of
from solmu.match.score import Scorer
from solmu.match.train import Untrainable, train
from solmu.model import FIELDS, CanonicalField, Entity

BLOCK_CAP = 200
LARGE = 200_000
"""Records beyond which DuckDB scores."""
_CHANCE = 0.001
"""Pairs that are likelier different than this are counted and not kept: no threshold is ever below it, and of a million
records they are a hundred million."""
NUMBER, BORN, CONTACT = "custom.number", "custom.born", "custom.contact"
OWN_FIELDS = OwnFields(identifiers=(NUMBER,), birth_dates=(BORN,), contacts=(CONTACT,))
_KNOWN = {
    entity: {
        **FIELDS[entity],
        NUMBER: CanonicalField(NUMBER, "text", "Number"),
        BORN: CanonicalField(BORN, "text", "Born"),
        CONTACT: CanonicalField(CONTACT, "text", "Contact"),
    }
    for entity in Entity
}

MAPPINGS = {
    "febrl": """
record: member
person:
  given_name: {from: given_name}
  family_name: {from: surname}
  street: {from: address}
  postcode: {from: postcode}
  city: {from: suburb}
  region: {from: state}
  custom.number: {from: soc_sec_id}
  custom.born: {from: born}
""",
    "rldata": """
record: member
person:
  given_name: {from: given}
  family_name: {from: family}
  custom.born: {from: born}
""",
    "account": """
record: account
organisation:
  name: {from: account_name}
  custom.contact: {from: phone}
  website: {from: website}
  domain: {from: website, on_invalid: drop}
  street: {from: address_line1}
  postcode: {from: postal_code}
  city: {from: city}
  country: {from: country_code, on_invalid: drop}
  custom.number: {from: duns_number}
""",
    "lead": """
record: lead
organisation:
  name: {from: company_name}
person:
  given_name: {from: first_name}
  family_name: {from: last_name}
  email: {from: email, on_invalid: drop}
  custom.contact: {from: phone}
""",
}


@dataclass(frozen=True)
class Records:
    """A labelled set as matching sees it: features and truth by position."""

    entity: Entity
    features: list[Features]
    truth: list[str]


@dataclass(frozen=True)
class Figures:
    """How good a partition is: pairwise and B-cubed, each between 0 and 1."""

    precision: float
    recall: float
    f1: float
    b_cubed: float


def rows_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def mapping_of(name: str, text: str) -> SourceMapping:
    """A mapping, with whatever fields of one's own it has."""
    content, lines = parse(text, f"{name}.yaml")
    blocks = content.items() if isinstance(content, Mapping) else ()
    known = {entity: dict(fields) for entity, fields in _KNOWN.items()}
    for slot, block in blocks:
        for entity in Entity:
            if slot.partition("#")[0] == entity.value and isinstance(block, Mapping):
                own = (field for field in block if field.startswith("custom."))
                known[entity] |= {field: CanonicalField(field, "text", field) for field in own}
    return source_mapping(name, Path(f"{name}.yaml"), content, lines, known)


def records(rows: Sequence[dict[str, Any]], mapping: str) -> Records:
    """The records of one of the sets that are known here."""
    document = mapping_of(mapping, MAPPINGS[mapping])
    return read(rows, document, [one["truth"] for one in rows])


def read(
    rows: Sequence[dict[str, Any]], document: SourceMapping, truth: list[str], entity: Entity | None = None
) -> Records:
    """The records of a set: people where its mapping knows any, if nobody asks for organisations.

    A record that the mapping refuses is nobody's, and stays alone. Organisations come first, as in the store: whom
    people work for is known by what the defaults make of the organisations on their cards.
    """
    said: list[dict[Entity, Values]] = [
        # Of two of a kind the first counts: a card's own contact comes before one that stands in a note.
        {} if isinstance(mapped, Skippable) else {one.entity: one.fields for one in reversed(mapped.mentions)}
        for mapped in map_batch(document, rows, document.name)
    ]
    people_too = any(program.entity is Entity.PERSON for program in document.entities)
    wanted = entity or (Entity.PERSON if people_too else Entity.ORGANISATION)
    people = [fields.get(Entity.PERSON) for fields in said]
    organisations: list[Features] = [
        organisation_features(
            fields.get(Entity.ORGANISATION, {}),
            system=document.name,
            people=[person] if person else [],
            identity=OWN_FIELDS,
        )
        for fields, person in zip(said, people, strict=True)
    ]
    if wanted is Entity.ORGANISATION:
        return Records(Entity.ORGANISATION, organisations, truth)
    employers = _employers(said, organisations)
    features: list[Features] = []
    for position, (fields, person) in enumerate(zip(said, people, strict=True)):
        employer = organisation_key(fields.get(Entity.ORGANISATION, {}).get("name") or "")
        features.append(
            person_features(
                person or {},
                employers=[employers[position]] if position in employers else [],
                employer_names=[employer],
                identity=OWN_FIELDS,
            )
        )
    return Records(Entity.PERSON, features, truth)


def _employers(said: Sequence[Mapping[Entity, Values]], organisations: Sequence[Features]) -> dict[int, int]:
    """Which organisation, by number, stands on each card that names one."""
    named = [position for position, fields in enumerate(said) if fields.get(Entity.ORGANISATION)]
    if not named:
        return {}
    found = Records(Entity.ORGANISATION, [organisations[position] for position in named], ["" for _ in named])
    parts, _ = match(found, default_model(Entity.ORGANISATION)).by_defaults()
    return {named[member]: min(part) for part in parts for member in part}


@dataclass
class Matched:
    """The likelier candidate pairs with their scores, best first, and what the product makes of all by its defaults.

    ``expected``: how many of all candidates are the same, as the model has it.
    """

    records: Records
    model: Model
    pairs: list[tuple[int, int, float, float]]  # left, right, weight, probability
    expected: float
    verdicts: dict[tuple[int, int], tuple[Band, str]]

    def by_expected_f1(self) -> list[frozenset[int]]:
        """Clusters at the threshold from which the model itself expects the best F1. The truth is not looked at."""
        first = taken(self.pairs, len(self.records.truth), self.expected)
        return joined(len(self.records.truth), ((left, right) for left, right, *_ in self.pairs[:first]))

    def by_defaults(self) -> tuple[list[frozenset[int]], list[tuple[int, int]]]:
        """The clusters that shipped defaults merge by themselves, and the pairs that a steward is then asked."""
        weights = {(left, right): weight for left, right, weight, _ in self.pairs}
        merging = [
            Pair(*key, weights[key], soft=RULES[rule].soft, names_aside=RULES[rule].names_aside)
            for key, (band, rule) in self.verdicts.items()
            if band is Band.SAME
        ]
        features = self.records.features
        parts = cluster(
            range(len(features)), merging, (), {i: traits_of(one) for i, one in enumerate(features)}
        ).clusters
        part_of = {member: number for number, part in enumerate(parts) for member in part}
        asked: dict[tuple[int, int], tuple[int, int]] = {}
        for left, right, *_ in self.pairs:
            between = min(part_of[left], part_of[right]), max(part_of[left], part_of[right])
            if (left, right) in self.verdicts and between[0] != between[1]:
                asked.setdefault(between, (left, right))
        return list(parts), list(asked.values())


def trained(found: Records, seed: int, parts: Sequence[frozenset[int]]) -> Model:
    """What ``solmu match train`` makes of these records: learnt from them as they are, without the truth.

    ``parts`` are the clusters that defaults make, of which training takes whole ones where records are too many.
    """
    base = default_model(found.entity)
    if len(found.features) < LEAST:
        return base
    ids, share = whole_parts(((member, min(part)) for part in parts for member in part), seed)
    features = [found.features[one] for one in ids]
    try:
        return train(
            found.entity,
            features,
            version="trained",
            thresholds=base.thresholds,
            seed=seed,
            base=base,
            sampled=share,
            frequencies=frequencies(found.entity, [row(one) for one in features]),
        )
    except Untrainable:
        return base


def match(found: Records, model: Model) -> Matched:
    """Block, score and judge. Of a large set only likely pairs are judged: a rule that merges what looks unlikely by
    all else is not seen at work there."""
    blocks: dict[str, list[int]] = defaultdict(list)
    for position, one in enumerate(found.features):
        for key in block_keys(one):
            blocks[key].append(position)
    mates = _Mates(found.features, blocks)
    reached = candidates(blocks, len(found.features), BLOCK_CAP)
    expected, scored = (
        likely_pairs(found.features, model, reached, least=_CHANCE)
        if len(found.features) > LARGE
        else (0.0, _one_by_one(found.features, model, reached))
    )
    pairs: list[tuple[int, int, float, float]] = []
    verdicts: dict[tuple[int, int], tuple[Band, str]] = {}
    for left, right, weight, probability in scored:
        expected += probability
        verdict = judge(found.features[left], found.features[right], weight, model.thresholds, mates=mates)
        if verdict.band is not Band.DIFFERENT:
            verdicts[left, right] = verdict.band, verdict.rule
        if verdict.band is not Band.DIFFERENT or probability >= _CHANCE:
            pairs.append((left, right, weight, probability))
    pairs.sort(key=lambda pair: (-pair[2], pair[:2]))
    return Matched(found, model, pairs, expected, verdicts)


def _one_by_one(
    features: Sequence[Features], model: Model, pairs: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int, float, float]]:
    scorer = Scorer(model)
    compared = [row(one) for one in features]
    for left, right in pairs:
        score = scorer.score_rows(compared[left], compared[right])
        yield left, right, score.weight, score.probability


class _Mates:
    """Answers ``rules.Mates`` from the blocks in memory."""

    def __init__(self, features: Sequence[Features], blocks: Mapping[str, list[int]]) -> None:
        self._features, self._blocks = features, blocks
        self._answers: dict[frozenset[str], Namesakes | None] = {}

    def __call__(self, keys: Iterable[str]) -> Namesakes | None:
        asked = frozenset(keys)
        if asked not in self._answers:
            members = {member for key in asked for member in self._blocks.get(key, ())}
            self._answers[asked] = namesakes(self._features[member] for member in sorted(members))
        return self._answers[asked]


def joined(count: int, pairs: Iterable[tuple[int, int]]) -> list[frozenset[int]]:
    """What pairs connect."""
    return list(cluster(range(count), [Pair(left, right, 0.0) for left, right in pairs]).clusters)


def figures(parts: Iterable[Iterable[int]], truth: Sequence[str]) -> Figures:
    """Pairwise and B-cubed figures of a partition."""
    sizes = Counter(truth)
    both = merged = 0
    precision = recall = 0.0
    for part in parts:
        members = Counter(truth[one] for one in part)
        size = members.total()
        merged += size * (size - 1) // 2
        for entity, count in members.items():
            both += count * (count - 1) // 2
            precision += count * count / size
            recall += count * count / sizes[entity]
    true = sum(size * (size - 1) // 2 for size in sizes.values())
    b_precision, b_recall = precision / len(truth), recall / len(truth)
    return Figures(
        precision=both / max(merged, 1),
        recall=both / max(true, 1),
        f1=2 * both / max(merged + true, 1),
        b_cubed=2 * b_precision * b_recall / (b_precision + b_recall),
    )
