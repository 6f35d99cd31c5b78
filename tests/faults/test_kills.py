"""A night that is killed anywhere loses nothing and doubles nothing: the next night comes to the same end.

The moment is drawn by a seed among those at which something was uncommitted or unacknowledged; see nights.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import KILLS
from tests.faults.conftest import Nights
from tests.faults.copies import Copies, on
from tests.faults.hubs import make_first, make_second, outcome
from tests.faults.nights import STAGES

# A write to another system is the one thing that no transaction takes back.
KILLS_EACH = {
    "sqlite": dict.fromkeys(STAGES, 3) | {"apply": 6},
    "postgresql": dict.fromkeys(STAGES, 1) | {"apply": 2},
}
MANY_EACH = {"sqlite": 30, "postgresql": 10}
FEW = [(kind, stage, seed) for kind, each in KILLS_EACH.items() for stage in STAGES for seed in range(each[stage])]

Kill = Callable[[str, str], None]


@dataclass(frozen=True)
class Undisturbed:
    """A hub before a night, how many moments that night has in each stage, and what it comes to."""

    before: Path
    moments: dict[str, int]
    end: dict[str, Any]


@pytest.fixture(scope="module")
def undisturbed(
    nights: Nights, copies: Copies, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Undisturbed]]:
    with first_and_second(nights, copies, tmp_path_factory.mktemp("undisturbed")) as both:
        yield both


@contextmanager
def first_and_second(nights: Nights, copies: Copies, folder: Path) -> Iterator[dict[str, Undisturbed]]:
    with copies.of(copies.blank, folder / "first") as first:
        make_first(first, copies.store)
        with copies.of(first, folder / "second") as second:
            assert nights.run(second)["exit"] == 3  # one row is refused
            make_second(second)
            yield {hub.name: never_killed(nights, copies, hub) for hub in (first, second)}


def never_killed(nights: Nights, copies: Copies, before: Path) -> Undisturbed:
    with copies.of(before, before.with_name(f"{before.name}-undisturbed")) as hub:
        told = nights.run(hub)
        assert set(told["moments"]) == set(STAGES)
        end = outcome(hub)
    assert end["wrong"] == []
    return Undisturbed(before, told["moments"], end)


@pytest.fixture
def kill(
    nights: Nights, copies: Copies, counted: None, undisturbed: dict[str, Undisturbed], tmp_path: Path,
    pytestconfig: pytest.Config,
) -> Kill:  # fmt: skip
    """Kill a night in a stage, at a moment that ``seed`` draws, and see that the next one comes to the same end."""

    def killed_then_finished(stage: str, seed: str) -> None:
        draw = random.Random(f"{stage} {seed}")
        night = undisturbed[draw.choice(["first", "second"])]
        moment = draw.randint(1, night.moments[stage])
        with copies.of(night.before, tmp_path / "hub") as hub:
            at = f"{night.before.name} night, {nights.kill(hub, stage, moment)}"
            pytestconfig.stash[KILLS][f"{stage} on {copies.kind}"] += 1
            finished = nights.run(hub)
            assert finished["exit"] in {0, 3}, (at, finished)
            end = outcome(hub)
        assert end["wrong"] == [], at
        assert end["crm"] == night.end["crm"], at
        assert end["golden"] == night.end["golden"], at

    return killed_then_finished


@pytest.mark.parametrize(("copies", "stage", "seed"), [on(*each) for each in FEW], indirect=["copies"])
def test_a_killed_night_is_finished_by_the_next_one(kill: Kill, stage: str, seed: int) -> None:
    kill(stage, str(seed))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("copies", "stage"), [on(kind, stage) for kind in MANY_EACH for stage in STAGES], indirect=["copies"]
)
def test_a_night_may_be_killed_anywhere(kill: Kill, copies: Copies, stage: str) -> None:
    for seed in range(MANY_EACH[copies.kind]):
        kill(stage, f"many {seed}")


def test_a_night_that_is_killed_again_and_again_comes_to_the_same_end(
    nights: Nights, copies: Copies, counted: None, undisturbed: dict[str, Undisturbed], tmp_path: Path,
    pytestconfig: pytest.Config,
) -> None:  # fmt: skip
    """Whoever pulls the plug does so in every stage in turn, and nobody runs a whole night in between."""
    night = undisturbed["first"]
    draw = random.Random("again and again")
    with copies.of(night.before, tmp_path / "hub") as hub:
        for stage in STAGES:
            told = nights.run(hub, stage, draw.randint(1, 2))
            if told["signal"] is not None:
                pytestconfig.stash[KILLS][f"{stage} on {copies.kind}"] += 1
        nights.run(hub)
        assert outcome(hub) == night.end
