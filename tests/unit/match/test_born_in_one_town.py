"""Who is one by a birthday, a town and a part of a name, and what the first of January says. All are synthetic."""

from __future__ import annotations

from typing import Any

import pytest

from solmu.match.birthdays import may_be_one_day, nearly
from solmu.match.blocking import block_keys, candidate_keys, mates_keys
from solmu.match.features import Features, PersonFeatures, person_features
from solmu.match.identity import OwnFields
from solmu.match.mates import Namesakes
from solmu.match.model import Thresholds
from solmu.match.rules import Band, Verdict, judge
from tests.unit.match.cards import Cards, Settings

OWN = OwnFields(identifiers=("custom.member",), birth_dates=("custom.born",))
DAY = "1967-03-09"


def person(given: str, family: str, born: str | None = DAY, city: str = "Rauma", **more: Any) -> PersonFeatures:
    values = {"given_name": given, "family_name": family, "custom.born": born, "city": city, **more}
    return person_features(values, identity=OWN)


AINO = person("Aino", "Salmela")


def judged(left: PersonFeatures, right: PersonFeatures, *others: Features, weight: float = 0.0) -> Verdict:
    return judge(left, right, weight, Thresholds(ask=18.0), mates=lambda _: Namesakes([left, right, *others]))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (("Aino Helena", "Salmela"), ("Helena", "Salmela")),
        (("Aino H", "Salmela"), ("Aino Helena", "Salmela")),
        (("Katariina", "Salmela"), ("Kata", "Salmelaa")),
        (("Aino", "Salmela"), ("Aino", "Salmela-Kivi")),
        (("Joost", "van der Velden"), ("Joost", "Velden")),
    ],
)
def test_a_name_of_which_a_part_is_left_out_is_one_persons_with_birthday_and_town(
    one: tuple[str, str], two: tuple[str, str]
) -> None:
    others = [person("Väinö", "Kivi"), person("Tuulikki", "Rinne")]
    assert judged(person(*one), person(*two), *others).rule == "birth-date-and-town"
    assert judged(person(*one), person(*two, city="Oulu")) == Verdict(Band.ASK, "score")
    assert judged(person(*one), person(*two, born="1967-08-21")).band is Band.DIFFERENT


@pytest.mark.parametrize(("given", "twin"), [("Aino Helena", "Eeva Helena"), ("Aino", "Eeva")])
def test_twins_have_two_given_names_whatever_they_share(given: str, twin: str) -> None:
    home = {"street": "Rantakatu 4", "postcode": "26100", "email": ["perhe@kotisatama.fi"]}
    assert judged(person(given, "Salmela"), person(twin, "Salmela")).band is Band.DIFFERENT
    assert judged(person(given, "Salmela", **home), person(twin, "Salmela", **home)).band is not Band.SAME


@pytest.mark.parametrize(("given", "family"), [("Aino", "Samlea"), ("Aino", "Salm"), ("A", "Salmela")])
def test_a_name_badly_typed_or_half_missing_is_that_of_the_one_who_is_born_there_on_that_day(
    given: str, family: str
) -> None:
    card = person(given, family)
    assert judged(AINO, card).rule == "nobody-else-born-there"
    assert judged(AINO, card, person("Armas", "Kivelä")).band is not Band.SAME
    assert judged(AINO, person(given, family, city="Oulu")).band is not Band.SAME


@pytest.mark.parametrize(
    ("his", "hers"),
    [
        *(("Paul", "Paula"), ("Mario", "Maria"), ("Victor", "Victoria"), ("Patrick", "Patricia"), ("Jan", "Jana")),
        *(("Daniel", "Danielle"), ("Andreas", "Andrea"), ("Alexander", "Alexandra"), ("Andre", "Andrea")),
        *(("Hans Peter", "Hans Georg"), ("María José", "María Elena")),
    ],
)
@pytest.mark.parametrize("home", [{}, {"street": "Rantakatu 4", "postcode": "26100", "email": ["perhe@gmail.com"]}])
def test_given_names_that_twins_have_are_asked_about_and_never_merged(
    his: str, hers: str, home: dict[str, Any]
) -> None:
    one, two = person(his, "Salmela", **home), person(hers, "Salmela", **home)
    assert judged(one, two, weight=20.0) == judged(two, one, weight=20.0) == Verdict(Band.ASK, "score")


def test_a_slip_in_a_given_name_is_merged_where_no_twin_is_called_so() -> None:
    assert judged(person("Katariina", "Salmela"), person("Kataraina", "Salmela")).rule == "birth-date-and-name"
    assert judged(person("Maria", "Salmela"), person("Marie", "Salmela")).rule == "birth-date-and-name"
    assert judged(person("Mauri", "Ivanov"), person("Mauri", "Ivanova")).rule == "birth-date-and-name"
    assert judged(person("Alexander", "Ivanov"), person("Alexandra", "Ivanova")) == Verdict(Band.ASK, "score")


def test_a_given_name_alone_is_many_peoples_in_a_town_and_hardly_two_peoples_in_a_postcode() -> None:
    known, here = person("Aino", "Salmela", postcode="26100"), {"postcode": "26100"}
    assert judged(AINO, person("Aino", "")) == Verdict(Band.ASK, "score")
    assert judged(known, person("Aino", "", **here)).rule == "nobody-else-born-there"
    assert judged(known, person("Aino", "", **here), person("Armas", "Kivelä", **here)) == Verdict(Band.ASK, "score")


def test_an_initial_is_nobodys_where_two_of_one_family_begin_with_it() -> None:
    assert judged(AINO, person("A", "Salmela"), person("Anna", "Salmela")) == Verdict(Band.ASK, "score")


def test_two_family_names_are_each_as_on_the_other_card() -> None:
    both = person("Elena", "Castro López")
    assert judged(both, person("Elena", "Castro Lópaz")).band is Band.SAME
    assert judged(both, person("Elena", "Castro Pérez")) == Verdict(Band.ASK, "score")
    assert judged(person("Min", "Wang"), person("Min", "Wan")) == Verdict(Band.ASK, "score")


def test_a_country_is_no_town() -> None:
    home = {"city": "Suomi"}
    assert judged(person("Aino Helena", "Salmela", **home), person("Helena", "Salmela", **home)).band is Band.ASK
    assert judged(person("Aino", "Salmela", **home), person("Aino", "Samlea", **home)).band is Band.ASK


def test_a_family_name_and_a_birthday_may_be_a_twins() -> None:
    assert judged(AINO, person("", "Salmela")) == Verdict(Band.ASK, "score")


def test_another_family_name_is_asked_about_where_nobody_else_is_born_there_on_that_day() -> None:
    assert judged(AINO, person("Aino", "Kivelä")) == Verdict(Band.ASK, "score")
    assert judged(AINO, person("Aino", "Kivelä"), person("Armas", "Rinne")).band is Band.DIFFERENT
    assert judged(AINO, person("Aino", "Kivelä", city="Oulu")).band is Band.DIFFERENT


def test_all_of_one_birthday_and_town_are_known_and_only_neighbours_are_compared() -> None:
    one, two = person("Aino", "Salmela", postcode="26100"), person("Tuulikki", "Kivelä", postcode="26100")
    shared = block_keys(one) & block_keys(two)
    assert shared == {"p|born+town|19670309|rauma", "p|born+pc|19670309|26100"}
    assert candidate_keys(shared) == {"p|born+pc|19670309|26100"}
    assert shared <= mates_keys(block_keys(one))


def test_the_first_of_january_is_no_other_day_of_its_year() -> None:
    year = person("Aino", "Salmela", "1967-01-01", phone=["+358401234567"])
    assert judged(person("Aino", "Salmela", phone=["+358401234567"]), year).rule == "phone-and-name"
    assert judged(person("Aino", "Salmela", "1968-03-09", phone=["+358401234567"]), year).band is Band.DIFFERENT
    assert judged(AINO, person("Aino", "Salmela", "1967-01-01")) == Verdict(Band.ASK, "score")
    home = {"street": "Rantakatu 4", "postcode": "26100"}
    one, two = (person("Aino", "Salmela", born, **home) for born in (DAY, "1967-01-01"))
    assert judged(one, two).rule == "name-and-nearly-birth-date"


def test_a_date_that_systems_fill_in_tells_nobody_apart() -> None:
    assert may_be_one_day("19700101", "19670309")
    assert may_be_one_day("19670309", "19000101")
    assert nearly("19700101", "19650101") is None
    assert not may_be_one_day("19680101", "19670309")
    unknown = person("Aino", "Salmela", "1970-01-01", phone=["+358401234567"])
    assert judged(person("Aino", "Salmela", phone=["+358401234567"]), unknown).rule == "phone-and-name"


def test_two_years_that_are_a_digit_apart_may_be_a_fathers_and_a_sons() -> None:
    home = {"street": "Rantakatu 4", "postcode": "26100"}
    father, son = (person("Aino", "Salmela", born, **home) for born in ("1932-01-01", "1962-01-01"))
    assert judged(father, son).band is not Band.SAME
    assert judged(father, person("Aino", "Salmela", "1732-01-01", **home)).rule == "name-and-nearly-birth-date"
    assert judged(father, person("Aino", "Salmela", "1931-01-01", **home)).rule == "name-and-nearly-birth-date"
    near = person("Aino", "Salmela", "1931-01-01", postcode="26100")
    assert judged(father, near).rule == "name-and-nearly-birth-date"
    others = [person("Aino", "Salmela", f"19{30 + number}-12-24") for number in range(9)]
    assert judged(father, near, *others).band is not Band.SAME
    assert judged(father, person("Aino", "Salmela", "1931-01-01")) == Verdict(Band.ASK, "score")


def test_who_comes_and_is_born_there_on_that_day_too_parts_half_a_name_from_a_name(cards: Cards) -> None:
    cards.settings = Settings(birth_dates=("custom.born",))
    day = {"custom.born": DAY, "city": "Rauma"}
    aino, half = (cards.person(given_name=given, family_name="Salmela", **day) for given in ("Aino", "A"))
    cards.resolve()
    assert cards.together(aino, half)
    other = cards.person(given_name="Tuulikki", family_name="Kivelä", **day)
    cards.resolve()
    assert not cards.together(aino, half)
    cards.change(other, given_name="Tuulikki", family_name="Kivelä", city="Rauma")
    cards.resolve()
    assert cards.together(aino, half)


def test_one_name_and_one_year_in_one_town_are_asked_about() -> None:
    one = person("Aino", "Salmela", "1931-01-01")
    assert judged(one, one) == Verdict(Band.ASK, "score")
    near = person("Aino", "Salmela", "1931-01-01", postcode="26100")
    assert judged(near, near).rule == "birth-date-and-place"


def test_a_birthday_that_is_mistyped_twice_makes_no_third_bearer_of_a_name() -> None:
    left, right = AINO, person("Aino", "Salmela", "1967-03-08", city="Oulu")
    mistyped = [person("Aino", "Salmela", born) for born in ("1967-08-09", "1961-03-09", "1967-03-02", "1967-01-01")]
    assert judged(left, right, *mistyped).rule == "name-and-nearly-birth-date"
    others = [person("Aino", "Salmela", born) for born in ("1931-12-24", "1950-11-30", "1988-06-17")]
    assert judged(left, right, *others) == Verdict(Band.ASK, "score")
