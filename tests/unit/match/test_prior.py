"""How many pairs of a random choice are the same, told by the candidates."""

from __future__ import annotations

import dataclasses
import random

import pytest

from solmu.match.features import Features, person_features
from solmu.match.model import Model, default_model
from solmu.match.prior import Candidates, pairs
from solmu.model import Entity


def people(count: int, known_twice: int) -> list[Features]:
    """So many people who have nothing in common; the first are on two cards."""
    draw = random.Random(7)

    def word() -> str:
        return "".join(draw.choices("abcdefghijklmnoprstuvy", k=9))

    cards: list[Features] = [
        person_features({"given_name": word(), "family_name": word(), "email": [f"{word()}@{word()}.example"]})
        for _ in range(count)
    ]
    return [*cards, *cards[:known_twice]]


def with_prior(share: float) -> Model:
    model = default_model(Entity.PERSON)
    return dataclasses.replace(model, settings={**model.settings, "probability_two_random_records_match": share})


def share(guess: float, cards: list[Features], cap: int = 100) -> float:
    model = with_prior(guess)
    return Candidates(model, cards, cap).share(model.settings)


@pytest.mark.parametrize("guess", [1e-6, 1e-3])
def test_it_is_the_share_that_is_there_whatever_was_guessed(guess: float) -> None:
    cards = people(200, 60)
    possible = len(cards) * (len(cards) - 1) / 2
    assert share(guess, cards) == pytest.approx(60 / possible, rel=0.15)


def test_where_no_two_are_alike_the_guess_stays() -> None:
    assert share(1e-4, people(1, 0)) == 1e-4


def test_it_is_told_what_the_candidates_speak_of() -> None:
    found = Candidates(with_prior(1e-4), people(3, 1), 100)
    assert found.speak_of({"email", "phone"}) == 1
    assert found.speak_of({"phone", "born"}) == 0
    assert Candidates(with_prior(1e-4), people(1, 0), 100).speak_of({"email"}) == 0


def test_candidates_are_pairs_that_share_a_key_which_is_not_crowded() -> None:
    blocks = {"p|mail|a": [0, 2, 3], "p|tel|1": [1, 2], "p|tel|2": [2, 3], "p|home|x": [0, 1]}
    assert list(pairs(blocks, 4, 3)) == [(0, 2), (0, 3), (1, 2), (2, 3)]
    assert list(pairs(blocks, 4, 2)) == [(1, 2), (2, 3)]
