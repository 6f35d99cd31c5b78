"""How good matching is on organisations that are hard to tell apart (``organisation_cards.py``), by kind.

Prints for each kind how many cards merged wrongly, were missed, and are asked about with the shipped model and rules.

    .venv/bin/python -m benchmarks.organisations [--seed 4]
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass

from benchmarks.labelled import Matched, Records, match
from benchmarks.organisation_cards import SEED, Card, cards
from solmu.match.features import organisation_features
from solmu.match.model import default_model
from solmu.model import Entity


@dataclass
class Counted:
    """Of one kind: what there is, merges that are wrong, joins that are missed, and questions, by what they are worth.

    ``missed`` counts before anything is answered, ``found_when_answered`` the questions that would join what is missed.
    """

    organisations: int = 0
    cards: int = 0
    wrong: int = 0
    missed: int = 0
    found_when_answered: int = 0
    asked: int = 0
    asked_in_vain: int = 0


def matched(every: list[Card]) -> Matched:
    features = [organisation_features(one.values, system="cards") for one in every]
    return match(
        Records(Entity.ORGANISATION, list(features), [one.truth for one in every]), default_model(Entity.ORGANISATION)
    )


def counted(every: list[Card], found: Matched) -> dict[str, Counted]:
    """What the shipped defaults make of each kind."""
    parts, asked = found.by_defaults()
    kinds: dict[str, Counted] = {}
    for kind in dict.fromkeys(one.kind for one in every):
        mine = [one for one in every if one.kind == kind]
        kinds[kind] = Counted(len({one.truth for one in mine}), len(mine))
    pieces = Counter(truth for part in parts for truth in {every[one].truth for one in part})
    for truth, count in pieces.items():
        kinds[truth.partition("-")[0]].missed += count - 1
    for part in parts:
        truths = Counter(every[one].truth for one in part)
        for truth in list(truths)[1:]:
            kinds[truth.partition("-")[0]].wrong += 1
    for left, right in asked:
        of_kind = kinds[every[left].kind]
        of_kind.asked += 1
        if every[left].truth == every[right].truth:
            of_kind.found_when_answered += 1
        else:
            of_kind.asked_in_vain += 1
    return kinds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=SEED)
    every = cards(parser.parse_args().seed)
    kinds = counted(every, matched(every))
    total = Counted()
    for each in kinds.values():
        for field in vars(total):
            setattr(total, field, getattr(total, field) + getattr(each, field))
    print(f"{'kind':20}{'organisations':>14}{'cards':>7}{'wrong':>7}{'missed':>8}{'asked':>7}{'rightly':>9}")
    for kind, one in [*kinds.items(), ("all", total)]:
        print(
            f"{kind:20}{one.organisations:14}{one.cards:7}{one.wrong:7}{one.missed:8}{one.asked:7}"
            f"{one.found_when_answered:9}"
        )


if __name__ == "__main__":
    main()
