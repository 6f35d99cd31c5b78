"""Fields of a hub's own that tell who is meant: numbers and dates of birth. All people are synthetic."""

from __future__ import annotations

from typing import Any

import pytest

from solmu.match.blocking import block_keys, candidate_keys
from solmu.match.comparisons import COMPARISONS
from solmu.match.features import (
    Features,
    OrganisationFeatures,
    PersonFeatures,
    organisation_features,
    person_features,
)
from solmu.match.identity import OwnFields
from solmu.match.mates import Namesakes
from solmu.match.model import Thresholds
from solmu.match.rows import row
from solmu.match.rules import Band, Verdict, judge
from solmu.model import Entity

OWN = OwnFields(identifiers=("custom.member",), birth_dates=("custom.born",))
UNPROVEN = Thresholds(ask=8.0)


def person(given: str, family: str, born: str | None = None, member: str | None = None, **more: Any) -> PersonFeatures:
    values = {"given_name": given, "family_name": family, "custom.born": born, "custom.member": member, **more}
    return person_features(values, identity=OWN)


def verdict(left: Features, right: Features, *others: Features, weight: float = 0.0) -> Verdict:
    return judge(left, right, weight, UNPROVEN, mates=lambda _: Namesakes([left, right, *others]))


def judged(left: PersonFeatures, right: PersonFeatures, *others: PersonFeatures, weight: float = 0.0) -> Verdict:
    return verdict(left, right, *others, weight=weight)


AINO = person("Aino", "Salmela", "1967-03-09", "4081552")


def test_a_field_that_hub_yaml_does_not_name_takes_no_part() -> None:
    found = person_features({"given_name": "Aino", "family_name": "Salmela", "custom.born": "1967-03-09"})
    assert found.born is None
    assert found == person_features({"given_name": "Aino", "family_name": "Salmela"})


def test_numbers_that_stand_for_unknown_are_none() -> None:
    assert person("Aino", "Salmela", member="0000000").identifiers == frozenset()


def test_spaces_and_signs_in_a_number_do_not_count() -> None:
    assert person("Aino", "Salmela", member="40-81 552").identifiers == AINO.identifiers


def test_one_number_and_one_birthday_are_one_person_whatever_given_name_is_written() -> None:
    assert judged(AINO, person("Maria", "Salmela", "1967-03-09", "4081552")).rule == "identifier-and-birth-date"


def test_a_number_on_a_card_with_nothing_else_in_common_is_asked_about() -> None:
    stranger = person("Eero", "Kivelä", "1990-11-30", "4081552")
    assert judged(AINO, stranger, weight=9.0) == Verdict(Band.ASK, "score")


@pytest.mark.parametrize("name", [("Aion", "Salmela"), ("Aino", "Salmella"), ("Salmela", "Aino")])
def test_a_birthday_and_a_misspelt_or_swapped_name_are_one_person(name: tuple[str, str]) -> None:
    assert judged(AINO, person(*name, "1967-03-09")).rule == "birth-date-and-name"


def test_twins_are_two() -> None:
    home = {"street": "Rantakatu 4", "postcode": "26100", "city": "Rauma"}
    one = person("Aino", "Salmela", "1967-03-09", "4081552", **home)
    two = person("Eero", "Salmela", "1967-03-09", "4081553", **home)
    assert judged(one, two, weight=20.0).band is Band.ASK


def test_father_and_son_at_one_address_do_not_merge() -> None:
    home = {"street": "Rantakatu 4", "postcode": "26100", "city": "Rauma"}
    one = person("Eero", "Kivelä", "1941-05-17", **home)
    two = person("Eero", "Kivelä", "1968-10-02", **home)
    assert judged(one, two).band is not Band.SAME


def test_a_card_without_a_birthday_merges_at_an_address_only_where_one_of_that_name_lives() -> None:
    home = {"street": "Rantakatu 4", "postcode": "26100", "city": "Rauma"}
    father, son = (person("Eero", "Kivelä", born, **home) for born in ("1941-05-17", "1968-10-02"))
    card = person("Eero", "Kivelä", None, **home)
    assert judged(father, card).rule == "name-and-address"
    assert judged(father, card, son).band is not Band.SAME


def namesakes(count: int) -> list[PersonFeatures]:
    return [person("Aino", "Salmela", f"19{30 + number}-12-24") for number in range(count)]


@pytest.mark.parametrize(("born", "merged", "asked"), [("1967-03-08", 1, 10), ("1957-03-09", 0, 8)])
def test_a_digit_that_slipped_in_a_birthday_merges_where_few_have_the_name_and_is_asked_where_some_have(
    born: str, merged: int, asked: int
) -> None:
    slipped = person("Aino", "Salmela", born)
    assert judged(AINO, slipped, *namesakes(merged)).rule == "name-and-nearly-birth-date"
    assert judged(AINO, slipped, *namesakes(merged + 1)) == Verdict(Band.ASK, "score")
    assert judged(AINO, slipped, *namesakes(asked)) == Verdict(Band.ASK, "score")
    assert judged(AINO, slipped, *namesakes(asked + 1)).band is Band.DIFFERENT


def test_a_date_on_which_nobody_alive_was_born_is_mistyped_however_many_have_the_name() -> None:
    assert judged(AINO, person("Aino", "Salmela", "1967-03-39"), *namesakes(12)).rule == "name-and-nearly-birth-date"


@pytest.mark.parametrize("other", [person("Aino", "Salmela", "1967-11-09"), person("Aino", "Salmella", "1967-03-08")])
def test_two_things_in_doubt_are_asked_about_where_hardly_anybody_has_the_name(other: PersonFeatures) -> None:
    assert judged(AINO, other) == Verdict(Band.ASK, "score")
    assert judged(AINO, other, *namesakes(8)).band is Band.DIFFERENT
    assert judged(AINO, other, weight=-50.0) == Verdict(Band.ASK, "score")


def test_the_first_of_january_is_what_systems_write_and_merges_nobody_by_the_name() -> None:
    one = person("Aino", "Salmela", "1900-01-01", postcode="26100")
    assert judged(one, one) == Verdict(Band.ASK, "score")


def test_a_second_number_of_one_person_is_told_by_name_birthday_and_place() -> None:
    home = {"street": "Rantakatu 4", "postcode": "26100", "city": "Rauma"}
    one, two = (person("Aino", "Salmela", "1967-03-09", number, **home) for number in ("4081552", "7713008"))
    assert judged(one, two).rule == "birth-date-and-place"
    away = person("Aino", "Salmela", "1967-03-09", "7713008", city="Oulu")
    assert judged(one, away).band is not Band.SAME
    # Marja may be Maria's twin.
    twin = person("Ainu", "Salmela", "1967-03-09", "7713008", **home)
    assert judged(one, twin).band is not Band.SAME


def test_names_the_other_way_round_that_are_a_letter_apart_are_two() -> None:
    one, two = person("Frank", "Peters", "1990-07-01"), person("Peter", "Frank", "1990-07-01")
    assert judged(one, two).band is not Band.SAME


@pytest.mark.parametrize("written", ["9.3.67", "09.03.67", "9. 3. 1967", "09.03.1967"])
def test_a_birthday_that_is_parted_by_dots_is_read_and_a_year_of_two_digits_too(written: str) -> None:
    same = person("Aino", "Salmela", written)
    assert same.born == AINO.born
    assert judged(AINO, same).rule == "birth-date-and-name"


@pytest.mark.parametrize("written", ["3/9/67", "9/3/1967", "32.3.67", "9.13.67", "9.3.7", "67"])
def test_a_birthday_that_may_be_read_in_two_ways_is_none(written: str) -> None:
    assert person("Aino", "Salmela", written).born is None


def test_whose_century_two_digits_leave_open_is_not_told_apart_by_it() -> None:
    old, typed = person("Aino", "Salmela", "1922-03-09"), person("Aino", "Salmela", "9.3.22")
    assert typed.born == "20220309"
    assert judged(old, typed).rule == "name-and-nearly-birth-date"
    # Of many who bear that name, a child and a great-grandmother may be born so.
    crowd = [person("Aino", "Salmela", f"19{year}-11-17") for year in range(30, 60)]
    assert judged(old, typed, *crowd).band is not Band.SAME


def test_day_and_month_in_the_other_order_are_a_slip() -> None:
    assert judged(AINO, person("Aino", "Salmela", "1967-09-03")).rule == "name-and-nearly-birth-date"


@pytest.mark.parametrize(
    "other",
    [
        person("Aino", "Salmella", "1967-03-19"),
        person("Anio", "Salmela", "1976-03-09"),
        person("Aino", "Koskela", "1967-03-09"),
        person("", "", None, "4081552"),
        person("Aino", "Salmela", None, "4081525"),
    ],
)
def test_whoever_has_a_slip_is_found_all_the_same(other: PersonFeatures) -> None:
    assert candidate_keys(block_keys(AINO)) & candidate_keys(block_keys(other))


def test_a_name_with_a_birthday_somewhere_makes_no_pairs_by_itself() -> None:
    other = person("Aino", "Salmela", "1988-12-24", "7713008")
    assert not candidate_keys(block_keys(AINO)) & candidate_keys(block_keys(other))


def test_numbers_of_two_kinds_say_nothing() -> None:
    both = OwnFields(identifiers=("custom.member", "custom.visitor"))
    one = person_features({"family_name": "Salmela", "custom.member": "4081552"}, identity=both)
    two = person_features({"family_name": "Salmela", "custom.visitor": "7713008"}, identity=both)
    comparison = next(one for one in COMPARISONS[Entity.PERSON] if one.name == "identifier")
    assert comparison.levels[comparison.level(row(one), row(two))].null


CONTACTS = OwnFields(contacts=("custom.reached",))


def reached(value: str, **more: str) -> PersonFeatures:
    return person_features({"given_name": "Aino", "family_name": "Salmela", "custom.reached": value, **more},
                           identity=CONTACTS)  # fmt: skip


def test_a_number_as_somebody_typed_it_counts_as_a_phone_where_hub_yaml_says_so() -> None:
    one, two = reached("+1-459-555-0126 x9523"), reached("1459 555 0126 / 9523")
    assert one.lines == two.lines == one.phones == frozenset({"#145955501269523"})
    assert judged(one, two).rule == "phone-and-name"
    assert reached("linkedin.example/in/aino-s").lines == frozenset({"#linkedinexampleinainos"})


def test_what_nobody_is_reached_by_is_no_contact() -> None:
    assert reached("n/a").lines == reached("0000000").lines == frozenset()


def organisation(name: str | None, number: str, **values: Any) -> OrganisationFeatures:
    return organisation_features({"name": name, "custom.member": number, **values}, identity=OWN)


def test_an_organisations_number_counts_as_its_business_id() -> None:
    one = organisation("Merivirta Oy", "40-211")
    assert one.business_ids == frozenset({"custom.member:40211"})
    assert verdict(one, organisation("Merivirta", "40211")).rule == "business-id"
    assert verdict(one, organisation(None, "40211")) == Verdict(Band.ASK, "score")
    assert verdict(one, organisation("Merrivirta", "40211"), weight=9.0) == Verdict(Band.ASK, "score")


def test_a_group_that_writes_one_number_on_all_its_companies_does_not_merge_them() -> None:
    assert verdict(organisation("Merivirta Telakka", "40211"), organisation("Merivirta Logistiikka", "40211")).band is (
        Band.DIFFERENT
    )


def test_a_new_name_with_the_old_number_and_a_contact_is_the_same_company() -> None:
    one = organisation("Merivirta Telakka", "40211", phone=["+3581"])
    assert verdict(one, organisation("Kuulas Optiikka", "40211", phone=["+3581"])).rule == "business-id"


def test_a_number_with_a_name_that_others_bear_is_asked_about() -> None:
    one, two = organisation("Merivirta Telakka", "40211"), organisation("Merivirta Telakka", "40211")
    other = organisation("Merivirta Telakka", "99123")
    assert verdict(one, two).rule == "business-id"
    assert verdict(one, two, other) == Verdict(Band.ASK, "score")
