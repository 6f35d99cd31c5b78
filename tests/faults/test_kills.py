"""A night that is killed anywhere loses nothing and doubles nothing: the next night comes to the same end.

The moment is drawn by a seed among those at which something was uncommitted or unacknowledged; see nights.py.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import KILLS, Nights
from tests.faults.hubs import make_first, make_second, outcome
from tests.faults.nights import STAGES

# A write to another system is the one thing that no transaction takes back.
KILLS_EACH = {"land": 3, "map": 3, "resolve": 3, "golden": 3, "plan": 3, "apply": 6, "reconcile": 3}
MANY_EACH = 30

Kill = Callable[[str, str], None]


@dataclass(frozen=True)
class Undisturbed:
    """A hub before a night, how many moments that night has in each stage, and what it comes to."""

    before: Path
    moments: dict[str, int]
    end: dict[str, Any]


@pytest.fixture(scope="session")
def undisturbed(
    nights: Nights, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Undisturbed]:
    folder = tmp_path_factory.mktemp("undisturbed")
    make_first(folder / "first", migrated_sqlite)
    shutil.copytree(folder / "first", folder / "second")
    assert nights.run(folder / "second")["exit"] == 3  # one row is refused
    make_second(folder / "second")
    return {name: never_killed(nights, folder / name) for name in ("first", "second")}


def never_killed(nights: Nights, before: Path) -> Undisturbed:
    hub = before.with_name(f"{before.name}-undisturbed")
    shutil.copytree(before, hub)
    told = nights.run(hub)
    assert set(told["moments"]) == set(STAGES)
    end = outcome(hub)
    assert end["wrong"] == []
    return Undisturbed(before, told["moments"], end)


@pytest.fixture
def kill(nights: Nights, undisturbed: dict[str, Undisturbed], tmp_path: Path, pytestconfig: pytest.Config) -> Kill:
    """Kill a night in a stage, at a moment that ``seed`` draws, and see that the next one comes to the same end."""

    def killed_then_finished(stage: str, seed: str) -> None:
        draw = random.Random(f"{stage} {seed}")
        night = undisturbed[draw.choice(["first", "second"])]
        moment = draw.randint(1, night.moments[stage])
        hub = tmp_path / "hub"
        shutil.copytree(night.before, hub)
        told = nights.run(hub, stage, moment)
        at = f"{night.before.name} night, {stage}, moment {moment} of {night.moments[stage]}: {told.get('killed')}"
        assert told["signal"] == 9, at
        assert told["killed"].startswith(("uncommitted", "unacknowledged")), at
        pytestconfig.stash[KILLS][stage] += 1
        finished = nights.run(hub)
        assert finished["exit"] in {0, 3}, (at, finished)
        end = outcome(hub)
        assert end["wrong"] == [], at
        assert end["crm"] == night.end["crm"], at
        assert end["golden"] == night.end["golden"], at
        shutil.rmtree(hub)

    return killed_then_finished


@pytest.mark.parametrize(("stage", "seed"), [(stage, seed) for stage in STAGES for seed in range(KILLS_EACH[stage])])
def test_a_killed_night_is_finished_by_the_next_one(kill: Kill, stage: str, seed: int) -> None:
    kill(stage, str(seed))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("stage", STAGES)
def test_a_night_may_be_killed_anywhere(kill: Kill, stage: str) -> None:
    for seed in range(MANY_EACH):
        kill(stage, f"many {seed}")


def test_a_night_that_is_killed_again_and_again_comes_to_the_same_end(
    nights: Nights, undisturbed: dict[str, Undisturbed], tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """Whoever pulls the plug does so in every stage in turn, and nobody runs a whole night in between."""
    night = undisturbed["first"]
    draw = random.Random("again and again")
    hub = tmp_path / "hub"
    shutil.copytree(night.before, hub)
    for stage in STAGES:
        told = nights.run(hub, stage, draw.randint(1, 2))
        if told["signal"] is not None:
            pytestconfig.stash[KILLS][stage] += 1
    nights.run(hub)
    assert outcome(hub) == night.end
