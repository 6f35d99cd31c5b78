"""Model bundles and explanations."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from solmu.errors import ConfigurationError
from solmu.match.cluster import Rank
from solmu.match.comparisons import COMPARISONS
from solmu.match.explain import HELD, explanation
from solmu.match.features import organisation_features
from solmu.match.model import default_model, from_dict
from solmu.match.rules import PROTECTED, RULES, SCORE
from solmu.match.score import Scorer
from solmu.match.splink_engine import untrained_settings
from solmu.match.train import train
from solmu.model import Entity

BOTH = pytest.mark.parametrize("entity", list(Entity))


@BOTH
def test_the_shipped_model_is_of_this_releases_comparisons_and_comes_back_from_json(entity: Entity) -> None:
    model = default_model(entity)
    again = from_dict(model.as_dict())
    assert again == model
    assert again.hash == model.hash


@BOTH
def test_the_shipped_models_state_is_unproven(entity: Entity) -> None:
    assert default_model(entity).thresholds.same is None


@BOTH
def test_the_shipped_model_keeps_what_its_rules_were_worth_when_it_was_made(entity: Entity) -> None:
    figures = default_model(entity).notes["figures_on_another_seed"]
    assert figures["precision"] >= 0.99
    assert figures["asked_per_1000"] <= 15
    assert figures["true_pairs_without_identity_key"] >= 0.25
    assert figures["rules"].keys() <= RULES.keys()


@BOTH
def test_agreement_speaks_for_and_disagreement_against(entity: Entity) -> None:
    for comparison in default_model(entity).settings["comparisons"]:
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        best, worst = levels[0], levels[-1]
        assert best["m_probability"] > best["u_probability"]
        assert worst["m_probability"] < worst["u_probability"]


def test_a_model_of_other_comparisons_is_refused() -> None:
    data = default_model(Entity.PERSON).as_dict()
    data["settings"]["comparisons"] = data["settings"]["comparisons"][1:]
    with pytest.raises(ConfigurationError):
        from_dict(data)


def test_the_hash_names_all_that_changes_a_band() -> None:
    model = default_model(Entity.PERSON)
    thresholds = dataclasses.replace(model.thresholds, ask=model.thresholds.ask + 1)
    assert dataclasses.replace(model, thresholds=thresholds).hash != model.hash
    assert dataclasses.replace(model, notes={}).hash == model.hash


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_training_gives_the_same_bundle_twice() -> None:
    names = ["merivirta", "kuulas", "rannikko", "laivuri", "tuulos", "kivinen"]
    cards = [
        organisation_features(
            {
                "name": f"{names[number % 6]} {names[number // 6 % 6]} Oy",
                "phone": [f"+3582{number // 2}"],
                "domain": f"{names[number // 2 % 6]}{number // 4}.fi",
                "city": names[number // 3 % 6],
                "street": f"Katu {number // 2}",
                "postcode": f"0{number // 3}100",
                "business_id": f"FI:{number // 2}",
            }
        )
        for number in range(120)
    ]
    one, two = (
        train(
            Entity.ORGANISATION,
            cards,
            version="test",
            thresholds=default_model(Entity.ORGANISATION).thresholds,
            seed=1,
        )
        for _ in range(2)
    )
    assert one.hash == two.hash
    for comparison in one.settings["comparisons"]:
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        assert sum(level["m_probability"] for level in levels) == pytest.approx(1, abs=1e-4)


@BOTH
def test_splink_gets_every_comparison_once(entity: Entity) -> None:
    names = [comparison["output_column_name"] for comparison in untrained_settings(entity)["comparisons"]]
    assert names == [one.name for one in COMPARISONS[entity]]


def test_an_explanation_names_fields_and_no_values() -> None:
    one = organisation_features({"name": "Merivirta Oy", "phone": ["+3581"], "domain": "merivirta.fi"})
    two = organisation_features({"name": "Merivirta Oy", "phone": ["+3581"], "domain": "kuulas.fi"})
    score = Scorer(default_model(Entity.ORGANISATION)).score(one, two)
    told = explanation(Entity.ORGANISATION, SCORE, score)
    assert "For it, same phone" in told["sentence"]
    assert "against it, web and mail domain: another domain" in told["sentence"]
    assert [bar["field"] for bar in told["bars"]] == [c.name for c in COMPARISONS[Entity.ORGANISATION]]
    assert "merivirta" not in str(told).lower()
    assert explanation(Entity.ORGANISATION, PROTECTED, score)["sentence"].startswith("One of them is protected")


def test_every_reason_to_hold_a_pair_has_words() -> None:
    assert all(sentence.endswith(".") for sentence in HELD.values())
    assert sorted(Rank) == [Rank.STEWARD, Rank.HUB, Rank.CRM, Rank.RELATION]


def test_a_night_does_without_splink() -> None:
    code = "import sys, solmu.match.resolve; print({'splink', 'duckdb', 'pandas', 'pyarrow'} & sys.modules.keys())"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
