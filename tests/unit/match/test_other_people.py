"""Rules of people on cards of which much is missing, and in forms of other countries. All people are synthetic."""

from __future__ import annotations

from typing import Any

import pytest

from solmu.match.blocking import block_keys, candidate_keys, mates_keys
from solmu.match.features import PersonFeatures, person_features
from solmu.match.identity import OwnFields
from solmu.match.mates import Namesakes
from solmu.match.model import Thresholds
from solmu.match.people_alike import names_alike
from solmu.match.rules import Band, Verdict, judge

OWN = OwnFields(birth_dates=("custom.born",))


def person(
    given: str, family: str, born: str | None = None, mail: str = "", phone: str = "", **more: Any
) -> PersonFeatures:
    values = {"given_name": given, "family_name": family, "custom.born": born}
    reached = {"email": [mail] if mail else [], "phone": [phone] if phone else []}
    return person_features(values | reached | more, identity=OWN)


def verdict(left: PersonFeatures, right: PersonFeatures, *others: PersonFeatures) -> Verdict:
    return judge(left, right, 0.0, Thresholds(ask=10.0), mates=lambda _: Namesakes([left, right, *others]))


@pytest.mark.parametrize("written", ["19670319", "19.3.1967", "3/19/1967", "1967-03-19T00:00:00", "19 March 1967"])
def test_a_birthday_is_read_in_any_form_that_can_be_read_in_one_way(written: str) -> None:
    assert person("Aino", "Salmela", written).born == "19670319"


def test_a_birthday_that_can_be_read_in_two_ways_is_none_and_a_mistyped_one_stays_as_it_is() -> None:
    assert person("Aino", "Salmela", "03/04/1967").born is None
    assert person("Aino", "Salmela", "1967-03-39").born == "19670339"


def test_whoever_was_born_long_ago_has_a_birthday_too() -> None:
    cards = [person("Aino", family, "1832-03-09") for family in ("Salmela", "Salmella")]
    assert verdict(*cards).rule == "birth-date-and-name"
    spreadsheet = [person("Aino", family, "1899-12-30") for family in ("Salmela", "Salmella")]
    assert verdict(*spreadsheet).band is not Band.SAME


def test_a_year_in_which_nobody_alive_was_born_is_mistyped_beside_one_in_which_somebody_was() -> None:
    many = [person("Aino", "Salmela", f"19{year}-05-17") for year in range(40, 60)]
    living, dead = person("Aino", "Salmela", "1967-03-09"), person("Aino", "Salmela", "1767-03-09")
    assert verdict(living, dead, *many).rule == "name-and-nearly-birth-date"
    assert verdict(dead, person("Aino", "Salmela", "1767-03-08"), *many).band is not Band.SAME


def test_half_a_name_merges_with_the_reader_of_a_mailbox_unless_a_family_shares_it() -> None:
    reader, half = person("Aino", "Salmela", mail="koti@salmela.fi"), person("", "", mail="koti@salmela.fi")
    assert verdict(reader, half).rule == "personal-email"
    other = person("Eero", "Salmela", mail="koti@salmela.fi")
    assert verdict(reader, half, other).band is not Band.SAME


def test_when_somebody_else_writes_from_an_address_the_pairs_of_its_readers_are_judged_again() -> None:
    reader = person("Aino", "Salmela", mail="koti@salmela.fi")
    assert "p|mail|koti@salmela.fi" in mates_keys(block_keys(reader))


@pytest.mark.parametrize(("given", "family"), [("", "Salmela"), ("", "Salmella"), ("Aino", "")])
def test_half_a_name_and_a_birthday_are_asked_about(given: str, family: str) -> None:
    known = person("Aino", "Salmela", "1967-03-09", city="Rauma")
    other = person("Eero", "Kivelä", "1967-03-09", city="Rauma")
    assert verdict(known, person(given, family, "1967-03-09", city="Rauma"), other) == Verdict(Band.ASK, "score")


def test_a_given_name_and_a_birthday_alone_are_no_question() -> None:
    assert verdict(person("Aino", "Salmela", "1967-03-09"), person("Aino", "", "1967-03-09")).band is Band.DIFFERENT


def test_two_birthdays_at_one_mailbox_are_asked_about_where_the_name_is_one() -> None:
    known = person("Aino", "Salmela", "1967-03-09", "aino@salmela.fi")
    assert verdict(known, person("Aino", "Salmela", "1991-08-25", "aino@salmela.fi")) == Verdict(Band.ASK, "score")
    assert verdict(known, person("Aina", "Salmela", "1971-08-25", "aino@salmela.fi")).band is Band.DIFFERENT


def test_an_initial_at_one_phone_is_asked_about() -> None:
    known = person("Rita", "Holm", phone="+3581")
    assert verdict(known, person("R", "Holm", phone="+3581")) == Verdict(Band.ASK, "score")
    assert verdict(known, person("T", "Holm", phone="+3581")).band is Band.DIFFERENT


def test_two_misspelt_names_at_one_phone_are_asked_about_and_sisters_are_not() -> None:
    known = person("Kristen", "Salinger", phone="+3581")
    assert verdict(known, person("Kristin", "Salenger", phone="+3581")) == Verdict(Band.ASK, "score")
    assert verdict(known, person("Kristin", "Salinger", phone="+3581")).band is Band.DIFFERENT


def test_a_given_name_misspelt_is_asked_about_where_mailbox_and_phone_are_one() -> None:
    known = person("Keeley", "Holm", mail="kholm@merivirta.fi", phone="+3581")
    assert verdict(known, person("Kaylee", "Holm", mail="kholm@merivirta.fi", phone="+3581")).band is Band.ASK


def test_a_chinese_name_is_alike_to_what_it_is_read_as() -> None:
    written = person_features({"name": "李明"})
    assert names_alike(written, person("Ming", "Li"))
    assert not names_alike(written, person("Ming", "Wu"))


def test_a_town_narrows_a_name_where_there_is_no_postcode() -> None:
    one, two = person("Aino", "Salmela", city="Rauma"), person("Ainoo", "Salmella", city="Rauma")
    assert candidate_keys(block_keys(one)) & candidate_keys(block_keys(two))
    assert not candidate_keys(block_keys(one)) & candidate_keys(block_keys(person("Aino", "Salmela", city="Pori")))


def test_an_address_in_one_line_has_its_street_and_its_postcode() -> None:
    whole = person("Aino", "Salmela", street="12 Main Street, Springfield, OH 45501")
    parts = person("Aino", "Salmela", street="12 Main St.", postcode="45501-1234")
    assert (whole.street, whole.postcode) == (parts.street, parts.postcode) == ("main st|12", "45501")
    assert verdict(whole, parts).rule == "name-and-address"


def test_people_who_are_told_apart_by_a_number_are_not_asked_about() -> None:
    one = person("Eero", "Laine1", mail="lead1@gmail.example", city="Oulu")
    other = person("Eero", "Laine11", mail="lead11@gmail.example", city="Oulu")
    assert judge(one, other, 20.0, Thresholds(ask=10.0), mates=lambda _: Namesakes([one, other])).band is Band.DIFFERENT
    same = person("Eero", "Laine1", mail="lead1@firma.example", city="Oulu")
    assert (
        judge(one, same, 20.0, Thresholds(ask=10.0), mates=lambda _: Namesakes([one, same])).band is not Band.DIFFERENT
    )
