"""Rules of organisations in forms of other countries, and where a town is not said. All companies are invented."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from solmu.match.blocking import block_keys
from solmu.match.features import OrganisationFeatures, organisation_features
from solmu.match.legal_kinds import legal_forms_contradict
from solmu.match.likeness import Likeness, likeness
from solmu.match.mates import Namesakes
from solmu.match.model import Thresholds
from solmu.match.places import one_address
from solmu.match.rules import Band, Verdict, judge
from solmu.match.two_companies import two_entities


def organisation(name: str, **values: Any) -> OrganisationFeatures:
    return organisation_features({"name": name, **values})


def verdict(left: OrganisationFeatures, right: OrganisationFeatures, *others: OrganisationFeatures) -> Verdict:
    def mates(keys: Iterable[str]) -> Namesakes:
        asked = set(keys)
        return Namesakes([one for one in (left, right, *others) if not asked.isdisjoint(block_keys(one))])

    return judge(left, right, 0.0, Thresholds(ask=10.0), mates=mates)


STREET = {"street": "12 E. 12th St."}


def test_a_suburb_goes_by_its_own_name_and_by_the_citys() -> None:
    one = organisation("Harbour Lantern Grill", city="Brookport", phone=["+1211"], **STREET)
    two = organisation("Harbour Lantern Grill", city="Elm Village", phone=["+1211"], street="12 East 12th Street")
    assert verdict(one, two).band is Band.SAME
    far = organisation("Harbour Lantern Grill", city="Elm Village", postcode="60601", phone=["+1211"], **STREET)
    assert verdict(organisation("Harbour Lantern Grill", city="Brookport", postcode="10001", **STREET), far).band is (
        Band.DIFFERENT
    )


def test_one_phone_tells_a_suburb_by_two_names_from_two_towns_though_a_side_of_the_street_is_left_out() -> None:
    one = organisation("Harbour Lantern Grill", city="Brookport", phone=["+1211"], street="8300 Oakfield Blvd. West")
    two = organisation("Harbour Lantern Grill", city="W. Brookport", phone=["+1211"], street="8300 Oakfield Blvd.")
    assert verdict(one, two).band is Band.SAME
    longer = organisation(
        "Harbour Lantern at the Pier", city="W. Brookport", phone=["+1211"], street="8300 Oakfield Blvd"
    )
    assert verdict(organisation("Harbour Lantern", city="Brookport", phone=["+1211"], street="8300 W Oakfield Blvd"),
                   longer).band is not Band.DIFFERENT  # fmt: skip
    elsewhere = organisation(
        "Harbour Lantern Grill", city="W. Brookport", phone=["+1999"], street="8300 Oakfield Blvd."
    )
    assert verdict(one, elsewhere).band is not Band.SAME


@pytest.mark.parametrize("name", ["QV", "9K", "Xo Xo", "Q.On"])
def test_a_name_of_short_words_is_a_name_where_more_agrees(name: str) -> None:
    here = organisation(name, city="Brookport", phone=["+1211"])
    assert verdict(here, organisation(name, phone=["+1211"])).rule == "name-and-contact"
    assert verdict(organisation(name, **STREET), organisation(name, **STREET)).rule == "name-and-street"
    # Two in one town may both be called so.
    assert verdict(here, organisation(name, city="Brookport")).band is Band.ASK
    assert verdict(organisation(name), organisation(name)).band is not Band.SAME


@pytest.mark.parametrize("name", ["24", "Bar 24", "X Rent", "X"])
def test_a_number_a_letter_or_what_companies_do_is_no_name(name: str) -> None:
    assert likeness(organisation(name), organisation(name)) is Likeness.NONE


@pytest.mark.parametrize("more", ["Stiftung", "Säätiö", "Trust", "Pension Fund", "Securities"])
def test_a_companys_foundation_or_fund_is_another_organisation(more: str) -> None:
    reached = {"phone": ["+1211"], "postcode": "60608", **STREET}
    known = organisation("Harbour Lantern", **reached)
    assert verdict(known, organisation("Harbour Lantern Pier", **reached)).band is Band.SAME
    assert verdict(known, organisation(f"Harbour Lantern {more}", **reached)).band is Band.ASK


def test_a_whole_name_in_two_towns_of_one_country_is_asked_about_where_nobody_else_bears_it() -> None:
    here = organisation("Harbour Lantern Oy", city="Rauma", country="FI")
    there = organisation("Harbour Lantern Oy", city="Vaasa", country="FI")
    assert verdict(here, there).band is Band.ASK
    third = organisation("Harbour Lantern Oy", city="Kuopio", country="FI")
    assert verdict(here, there, third).band is Band.DIFFERENT
    formless = organisation("Harbour Lantern", city="Vaasa", country="FI")
    nowhere = organisation("Harbour Lantern Oy", city="Vaasa")
    assert verdict(here, formless).band is verdict(here, nowhere).band is Band.DIFFERENT
    one, two = (
        organisation("Harbour Lantern Oy", city=city, country="FI", business_id=number)
        for city, number in (("Rauma", "FI:01120389"), ("Vaasa", "FI:07375462"))
    )
    assert verdict(one, two).band is Band.DIFFERENT


def test_another_name_with_a_telling_word_in_common_at_one_phone_and_address_is_asked_about() -> None:
    reached = {"phone": ["+1211"], "postcode": "60608", **STREET}
    known = organisation("Lantern Learning Center", **reached)
    assert verdict(known, organisation("Oakfield Trust - Lantern", **reached)).band is Band.ASK
    assert verdict(known, organisation("Oakfield Trust - Pier", **reached)).band is Band.DIFFERENT
    by_phone = organisation("Oakfield Trust - Lantern", phone=["+1211"])
    assert verdict(known, by_phone).band is Band.DIFFERENT
    assert verdict(known, organisation("Lantern Holding", **reached)).band is Band.DIFFERENT


def test_one_name_at_one_street_and_house_is_one_where_no_town_is_said() -> None:
    one, two = (organisation("Harbour Lantern", street=street) for street in ("4301 S Grove Ave", "4301 S. Grove Ave"))
    assert verdict(one, two).rule == "name-and-street"
    assert verdict(one, organisation("Harbour Lantern", street="4307 S Grove Ave")).band is not Band.SAME


def test_a_name_and_its_longer_form_are_two_where_street_or_phone_is_another() -> None:
    known = organisation("Lantern", city="Brookport", phone=["+1211"], street="12 Mill Rd")
    assert verdict(known, organisation("Lantern Corner", city="Brookport")).band is Band.SAME
    assert verdict(known, organisation("Lantern Corner", city="Brookport", street="9 Oak Rd")).band is not Band.SAME
    assert verdict(known, organisation("Lantern Corner", city="Brookport", phone=["+1999"])).band is not Band.SAME


def test_one_name_in_one_postcode_with_two_streets_and_two_phones_is_asked_about() -> None:
    one = organisation("Harbour Lantern", postcode="60608", phone=["+1211"], street="12 Mill Rd")
    two = organisation("Harbour Lantern", postcode="60608", phone=["+1999"], street="77 Oak Rd")
    assert verdict(one, two) == Verdict(Band.ASK, "score")


def test_names_that_are_nearly_the_same_at_one_address_are_asked_about() -> None:
    place = {"street": "Satamakatu 4", "postcode": "26100"}
    assert verdict(organisation("Müllenkranz", **place), organisation("Mullenkrants", **place)).band is Band.ASK
    assert verdict(organisation("Müllenkranz"), organisation("Mullenkrants")).band is Band.DIFFERENT


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("1139 W 78th St", "1139 W 79th St", False),
        ("410 N Oakfield Ave", "410 S Oakfield Ave", False),
        ("410 N Oakfield Ave", "410 Oakfield Ave", True),
        ("410 Oakfield Ave", "410 Oakfeild Ave", True),
        ("12 High Street, Flat 3", "14 High Street, Flat 3", False),
        ("12 Main Street, Springfield OH 45501", "18 Main Street, Springfield OH 45501", False),
    ],
)
def test_numbers_and_sides_of_the_town_tell_streets_apart(one: str, two: str, same: bool) -> None:
    cards = [organisation("Lantern", street=street, postcode="45501") for street in (one, two)]
    assert one_address(*cards) is same


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Lantern's Old Mill", "Lanterns Old Mill"),
        ("Old Mill, The", "The Old Mill"),
        ("Rivers Mgmt Svcs", "Rivers Management Services"),
        ("1st Rivers Bank", "First Rivers Bank"),
        ("Rivers Medical Centre", "Rivers Medical Ctr."),
        ("Halden Chase & Co.", "Halden Chase and Co."),
        ("Open Joint Stock Company Romashka", "OAO Romashka"),
        ("Общество с ограниченной ответственностью «Ромашка Плюс»", "ООО Ромашка Плюс"),
    ],
)
def test_two_ways_to_write_a_name_are_one(one: str, two: str) -> None:
    assert likeness(organisation(one), organisation(two)) is Likeness.EXACT


def test_the_words_of_a_name_keep_their_order_whatever_signs_are_in_it() -> None:
    assert organisation("Philippe's the Original").words == ("philippes", "the", "original")


@pytest.mark.parametrize(("form", "country"), [("Ltda", "BR"), ("A.Ş.", "TR"), ("SRL", "RO"), ("S.A.", "MX")])
def test_a_legal_form_of_several_countries_is_no_other_country(form: str, country: str) -> None:
    assert not two_entities(organisation(f"Lantern {form}"), organisation("Lantern", country=country))


def test_clerks_write_ltd_for_a_form_of_a_far_country_and_not_for_a_trader() -> None:
    assert not legal_forms_contradict("kk", "ltd")
    assert not legal_forms_contradict("cty tnhh", "ltd")
    assert legal_forms_contradict("tmi", "ltd")
    assert legal_forms_contradict("kk", "gmbh")


def test_a_company_of_a_group_abroad_has_its_name_and_domain_and_is_not_merged() -> None:
    one = organisation("Oberwies Holzbau", country="AT", city="Linz", phone=["+4346912242"], domain="oberwies.example")
    abroad = organisation("Oberwies Holzbau", phone=["+4527665874"], domain="oberwies.example")
    assert verdict(one, abroad).band is Band.ASK
    assert verdict(one, organisation("Oberwies Holzbau", phone=["+4370665874"], domain="oberwies.example")).rule == (
        "name-and-contact"
    )
    # Of a company that says where it is, a phone abroad is somebody's who travels.
    there = organisation("Oberwies Holzbau", country="AT", phone=["+4527665874"], domain="oberwies.example")
    assert verdict(one, there).rule == "name-and-contact"
    # Whose card says nothing but the name may be either's.
    bare = organisation("Oberwies Holzbau")
    assert verdict(one, bare).rule == "name-alone"
    assert verdict(one, bare, abroad).band is not Band.SAME
