"""What a score makes of relatives: a family's house, twins' birthday, a second name's initial. All are synthetic."""

from __future__ import annotations

from typing import Any

from solmu.match.comparisons import COMPARISONS, NOTHING_SAID
from solmu.match.features import PersonFeatures, person_features
from solmu.match.identity import OwnFields
from solmu.match.model import default_model
from solmu.match.rows import row
from solmu.match.score import Scorer
from solmu.model import Entity

OWN = OwnFields(identifiers=("custom.member",), birth_dates=("custom.born",))
HOME = {"street": "Rantakatu 4", "postcode": "26100", "city": "Rauma"}


def person(given: str, family: str, born: str | None = None, **more: Any) -> PersonFeatures:
    return person_features({"given_name": given, "family_name": family, "custom.born": born, **more}, identity=OWN)


def said(left: PersonFeatures, right: PersonFeatures) -> dict[str, str]:
    return {name: label for name, label, _ in Scorer(default_model(Entity.PERSON)).score(left, right).levels}


def test_a_familys_house_and_twins_birthday_do_not_score() -> None:
    one, twin = (person(given, "Salmela", "1967-03-09", **HOME) for given in ("Aino", "Eero"))
    assert {"relatives in one house", "twins"} <= NOTHING_SAID
    assert (said(one, twin)["street"], said(one, twin)["born"]) == ("relatives in one house", "twins")
    for given in ("Ainno", "A", ""):
        assert said(one, person(given, "Salmela", "1967-03-09", **HOME))["street"] == "same street and house"
    bob, robert = (person(given, "Holm", **HOME) for given in ("Bob", "Robert"))
    assert said(bob, robert)["street"] == "same street and house"


def test_the_initial_of_a_second_name_is_no_name_in_common() -> None:
    (given,) = (one for one in COMPARISONS[Entity.PERSON] if one.name == "given_name")
    left, right = row(person("Aino M", "Salmela")), row(person("Eero M", "Salmela"))
    assert given.levels[given.level(left, right)].label == "another given name"
