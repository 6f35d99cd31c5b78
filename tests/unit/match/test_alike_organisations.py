"""Organisations that are hard to tell apart: groups, abbreviations, scripts, sites; and the labelled set of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from benchmarks.organisation_cards import cards
from benchmarks.organisations import Counted, counted, matched
from solmu.match.comparisons import NOTHING_SAID
from solmu.match.features import Features, organisation_features
from solmu.match.houses import several_houses
from solmu.match.mates import Namesakes
from solmu.match.model import Thresholds, default_model
from solmu.match.names import abbreviates
from solmu.match.rules import Band, Verdict, judge
from solmu.match.score import Scorer
from solmu.model import Entity
from solmu.normalise import organisation_name


def verdict(left: Features, right: Features, weight: float = 0.0, others: Iterable[Features] = ()) -> Verdict:
    def mates(_: Iterable[str]) -> Namesakes:
        return Namesakes([left, right, *others])

    return judge(left, right, weight, Thresholds(ask=10.0), mates=mates)


def organisation(name: str, **values: Any) -> Features:
    return organisation_features({"name": name, **values})


REACHED: dict[str, Any] = {"domain": "merivirta.fi", "phone": ["+3581"], "city": "Rauma", "street": "Satamakatu 4"}


@pytest.mark.parametrize(
    "other", ["Merivirta Holding Oy", "Kiinteistöt Merivirta Oy", "Merivirta 2 Oy", "Merivirta III"]
)
def test_companies_of_a_group_are_no_question_however_much_they_share(other: str) -> None:
    assert verdict(organisation("Merivirta Oy", **REACHED), organisation(other, **REACHED), 40.0).band is Band.DIFFERENT


def test_the_same_number_in_a_register_holds_against_a_name_of_a_group() -> None:
    one, two = (organisation(name, business_id="FI:01234567") for name in ("Merivirta Oy", "Merivirta Holding Oy"))
    assert verdict(one, two).band is Band.SAME


@pytest.mark.parametrize("short", ["MTS Oy", "Meri Tela", "MeriTel", "Merivtel Suomi"])
def test_an_abbreviation_that_is_reached_in_the_same_way_is_asked_about(short: str) -> None:
    whole = organisation("Merivirta Telakka Suomi Oy", **REACHED)
    assert verdict(whole, organisation(short, **REACHED), -5.0) == Verdict(Band.ASK, "score")
    assert verdict(whole, organisation(short, city="Rauma"), -5.0).band is Band.DIFFERENT


def test_what_is_no_beginning_of_the_words_is_no_abbreviation() -> None:
    whole = ("merivirta", "telakka", "suomi")
    assert abbreviates(("mts",), whole)
    assert abbreviates(("meri", "suomi"), whole)
    assert not abbreviates(("tms",), whole)
    assert not abbreviates(("mks",), whole)
    assert not abbreviates(("m",), whole)
    assert not abbreviates(whole, whole)


def test_a_name_in_the_column_of_towns_is_asked_about() -> None:
    known = organisation("Merivirta Telakka", **REACHED)
    swapped = organisation("Rauma", city="Merivirta Telakka", phone=["+3581"])
    assert verdict(known, swapped, -5.0).band is Band.ASK
    assert verdict(known, organisation("Rauma", city="Kuulas Optiikka", phone=["+3581"]), -5.0).band is Band.DIFFERENT


def test_a_translated_name_with_the_same_phone_and_domain_is_asked_about() -> None:
    known = organisation("Merivirta Telakka Oy", **REACHED)
    abroad = organisation("Merivirta Shipyard Ltd", domain="merivirta.fi", phone=["+3581"])
    assert verdict(known, abroad, -5.0).band is Band.ASK
    assert verdict(known, organisation("Merivirta Shipyard Ltd", domain="merivirta.fi"), -5.0).band is Band.DIFFERENT


def test_an_acronym_one_letter_off_is_another_acronym() -> None:
    one, two = organisation("KLS Odlewnia S.A."), organisation("KLSD Odlewnia")
    assert verdict(one, two).band is not Band.SAME
    assert verdict(organisation("Merivirta Telakka Oy"), organisation("Merivirta Telaka")).rule == "name-alone"


def test_two_at_streets_of_their_own_are_two_sites_though_they_share_a_domain() -> None:
    def at(street: str) -> Features:
        return organisation("Merivirta Telakka", domain="merivirta.fi", street=street)

    assert verdict(at("Satamakatu 4"), at("Koivutie 9")).band is not Band.SAME
    assert verdict(at("Satamakatu 4"), organisation("Merivirta Telakka", domain="merivirta.fi")).band is Band.SAME


def test_a_name_that_many_bear_does_not_tell_who_is_at_an_address() -> None:
    one = organisation("United Partners", street="Satamakatu 4", postcode="26100", city="Rauma")
    two = organisation("United Partners Oy", street="Satamakatu 4", postcode="26100", city="Rauma")
    phone: dict[str, Any] = {"phone": ["+3581"], "street": "Satamakatu 4", "postcode": "26100", "city": "Rauma"}
    reached = organisation("United Partners", **phone), organisation("United Partners Oy", **phone)
    elsewhere = [organisation("United Partners", city=f"Town{letter}{letter}") for letter in "bcdfghjklmnpqrstvwxyz"]

    def among(left: Features, right: Features, others: list[Features]) -> Verdict:
        bearers = Namesakes([left, right, *others])
        return judge(left, right, 0.0, Thresholds(ask=10.0), mates=lambda _: bearers)

    assert among(one, two, elsewhere[:3]).rule == "name-and-street"
    assert among(one, two, elsewhere).band is Band.ASK
    assert among(*reached, elsewhere).rule == "name-and-street"


def test_one_postcode_of_two_towns_is_no_place_though_streets_begin_alike() -> None:
    one = organisation("United Group", street="4826 Birch Street", postcode="11239", city="Milan")
    two = organisation("United Group", street="0306 Birch Circle", postcode="11239", city="Oswego")
    assert verdict(one, two).band is not Band.SAME


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"name": 'ООО "Волжанка Строй"', "city": "Казань"}, {"name": "Volzhanka Stroy LLC", "city": "Kazan"}),
        ({"name": "Моравела д.о.о.", "city": "Ниш"}, {"name": "Moravela d.o.o.", "city": "Niš"}),
        ({"name": "Λιθοτεχνική Ε.Π.Ε.", "city": "Πάτρα"}, {"name": "Lithotechniki EPE", "city": "Patra"}),
        ({"name": "明川电子股份有限公司", "city": "苏州"}, {"name": "Mingchuan Dianzi Co., Ltd", "city": "Suzhou"}),
        ({"name": "Polgrat Spółka z o.o.", "city": "Opole"}, {"name": "Sp. z o.o. Polgrat", "city": "Opole"}),
    ],
)
def test_scripts_and_translated_legal_forms_are_one_company(one: dict[str, Any], two: dict[str, Any]) -> None:
    left, right = (organisation_features(values | {"phone": ["+7123456"]}) for values in (one, two))
    assert verdict(left, right).band is Band.SAME


def test_a_limited_company_and_a_partnership_are_two() -> None:
    one, two = (organisation(f"Fordkilash Foods {form}", **REACHED) for form in ("Ltd", "LLP"))
    assert verdict(one, two).band is not Band.SAME


@pytest.mark.parametrize(
    ("name", "core"),
    [('АО "Заря Завод"', "Заря Завод"), ("Delta Textiles S.A.E.", "Delta Textiles"), ("AO Foundation", "")],
)
def test_forms_of_other_countries_are_no_part_of_the_name(name: str, core: str) -> None:
    found = organisation_name(name)
    assert found is not None
    assert found.core == (core or name)


def test_the_town_says_nothing_more_where_street_and_house_are_the_same() -> None:
    place = {"street": "Satamakatu 4", "postcode": "26100", "city": "Rauma"}
    scorer = Scorer(default_model(Entity.ORGANISATION))
    here = organisation("Merivirta Telakka", **place)
    neighbour = organisation("Kuulas Optiikka", **place | {"street": "Satamakatu 6"})

    def town(other: Features) -> tuple[str, float]:
        return next((label, weight) for name, label, weight in scorer.score(here, other).levels if name == "town")

    assert town(organisation("Kuulas Optiikka", **place)) == ("told by the street", 0.0)
    assert town(neighbour)[0] == "same postcode"
    assert "told by the street" in NOTHING_SAID


@pytest.fixture(scope="module")
def kinds() -> dict[str, Counted]:
    every = cards()
    return counted(every, matched(every))


def test_no_two_organisations_of_the_labelled_set_are_merged_unasked(kinds: dict[str, Counted]) -> None:
    assert sum(one.organisations for one in kinds.values()) >= 300
    assert {kind: one.wrong for kind, one in kinds.items() if one.wrong} == {}


def test_most_cards_of_the_labelled_set_are_joined_or_asked_about(kinds: dict[str, Counted]) -> None:
    joins = sum(one.cards - one.organisations for one in kinds.values())
    missed = sum(one.missed for one in kinds.values())
    answered = sum(one.found_when_answered for one in kinds.values())
    assert missed <= 0.17 * joins
    assert missed - answered <= 0.05 * joins
    for kind in ("forms", "word_order", "typing", "former", "renamed"):
        assert kinds[kind].missed == 0


def test_the_labelled_set_is_the_same_each_time() -> None:
    assert cards() == cards()
    assert cards(seed=5) != cards()


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"phone": ["+35821111111"]}, {"phone": ["+35829999999"]}),
        ({"street": "Satamakatu 4"}, {"street": "Koivutie 77"}),
        ({"postcode": "26100"}, {"postcode": "26740"}),
        ({"domain": "merivirta.fi"}, {"domain": "aallokko.fi"}),
    ],
)
def test_a_name_alone_merges_nobody_where_something_else_speaks_of_two(
    one: dict[str, Any], two: dict[str, Any]
) -> None:
    known = organisation("Merivirta Telakka Oy")
    assert verdict(known, organisation("Merivirta Telakka", **one)).rule == "name-alone"
    told = organisation("Merivirta Telakka", **two)
    assert verdict(organisation("Merivirta Telakka Oy", **one), told) == Verdict(Band.ASK, "score")


def test_a_firm_that_moved_within_its_town_is_the_same_one() -> None:
    one, two = (
        organisation("Merivirta Telakka", city="Rauma", street=street) for street in ("Satamakatu 4", "Koivutie 7")
    )
    assert verdict(one, two).rule == "name-and-place"
    others = ({"domain": "merivirta.fi"}, {"domain": "aallokko.fi"})
    one, two = (organisation("Merivirta Telakka", city="Rauma", **other) for other in others)
    assert verdict(one, two) == Verdict(Band.ASK, "score")


def test_what_differs_by_a_slip_or_is_known_from_a_third_card_speaks_of_one_house() -> None:
    merivirta = {"name": "Merivirta Telakka", "city": "Rauma"}
    one = organisation_features({**merivirta, "phone": ["+35821111111"]})
    mistyped = organisation_features({**merivirta, "phone": ["+35821111171"]})
    other = organisation_features({**merivirta, "phone": ["+35829999999"]})
    both = organisation_features({**merivirta, "phone": ["+35829999999", "+35821111111"]})
    assert not several_houses([one, mistyped])
    assert several_houses([one, other])
    assert not several_houses([one, other, both])
    # The phone of somebody who works there is no second one of the house.
    lent = organisation_features(merivirta, people=[{"phone": ["+35827777777"]}])
    assert not several_houses([one, lent])


def test_a_domain_that_is_mistyped_on_one_card_leaves_the_others_as_they_are() -> None:
    one, two = organisation("Merivirta Telakka", domain="merivirta.fi"), organisation("Merivirta Telakka", city="Rauma")
    assert verdict(one, two).rule == "name-alone"
    mistyped = organisation("Merivirta Telakka", domain="merivirrta.fi")
    assert verdict(one, two, others=[mistyped]).rule == "name-alone"
    assert verdict(one, two, others=[organisation("Merivirta Telakka", domain="aallokko.fi")]).band is not Band.SAME
    assert verdict(one, mistyped).rule == "name-alone"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("merivirta.fi", "merivirta.fr"),  # a country's company
        ("merivirta1.fi", "merivirta2.fi"),
        ("merivirta-po.fi", "merivirta-ro.fi"),  # two towns
    ],
)
def test_a_domain_that_a_house_has_chosen_so_is_not_mistyped(mine: str, theirs: str) -> None:
    one, two = (organisation("Merivirta", domain=domain) for domain in (mine, theirs))
    assert verdict(one, two).band is not Band.SAME


def test_a_domain_a_letter_off_with_another_phone_is_asked_about() -> None:
    cards = (("merivirta.fi", "+35821111111"), ("merivirrta.fi", "+35829999999"))
    one, two = (organisation("Merivirta Telakka", domain=domain, phone=[phone]) for domain, phone in cards)
    assert verdict(one, two).band is not Band.SAME


def test_two_sites_of_a_chain_in_one_town_are_not_joined_by_its_domain() -> None:
    one, two = (
        organisation("Merivirta Kauppa", city="Rauma", domain="merivirta.fi", street=street, postcode=postcode)
        for street, postcode in (("Satamakatu 4", "26100"), ("Koivutie 7", "26740"))
    )
    unsaid = organisation("Merivirta Kauppa", city="Rauma", domain="merivirta.fi")

    def mates(_: Iterable[str]) -> Namesakes:
        return Namesakes([one, two, unsaid])

    assert judge(one, unsaid, 0.0, Thresholds(ask=10.0), mates=mates).band is Band.ASK
    assert verdict(one, unsaid).rule == "name-and-contact"


def test_a_site_with_its_town_behind_its_name_is_the_one_at_that_address() -> None:
    place = {"street": "Satamakatu 4", "city": "Rauma"}
    site = organisation("Merivirta Kauppa Rauma", **place)
    assert verdict(organisation("Merivirta Kauppa", **place), site).rule == "name-and-street"
    assert verdict(organisation("Merivirta Kauppa", street="Koivutie 7", city="Rauma"), site).band is not Band.SAME


def test_a_department_that_is_reached_as_the_company_is_asked_about() -> None:
    department = organisation("Merivirta Oy, Purchasing Department", **REACHED)
    assert verdict(organisation("Merivirta Oy", **REACHED), department, -5.0) == Verdict(Band.ASK, "score")


@pytest.mark.parametrize("name", ["Private", "Self-employed", "Yksityishenkilö", "TEST", "Privatperson"])
def test_where_a_form_was_told_that_there_is_no_company_there_is_none(name: str) -> None:
    one, two = organisation(name, city="Rauma"), organisation(name, city="Rauma")
    assert verdict(one, two).band is not Band.SAME


def test_a_misspelt_branch_is_a_branch() -> None:
    parent, branch = organisation("Merivirta Telakka", **REACHED), organisation("Merivirta Telakka Vermietumg")
    assert verdict(parent, branch).band is not Band.SAME
