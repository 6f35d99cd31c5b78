"""Who is one by a mailbox, a birthday and half a name, and which relatives and namesakes are not. All are synthetic."""

from __future__ import annotations

from typing import Any

import pytest

from solmu.match.features import Features, PersonFeatures, person_features
from solmu.match.identity import OwnFields
from solmu.match.mates import Namesakes
from solmu.match.model import Thresholds
from solmu.match.rules import Band, Verdict, judge

OWN = OwnFields(identifiers=("custom.member",), birth_dates=("custom.born",))
MAIL = "aino.s@kotisatama.fi"
HOME = {"street": "Rantakatu 4", "postcode": "26100", "city": "Rauma"}


def person(given: str, family: str, born: str | None = None, mail: str = "", **more: Any) -> PersonFeatures:
    values = {"given_name": given, "family_name": family, "custom.born": born, "email": [mail] if mail else [], **more}
    return person_features(values, identity=OWN)


AINO = person("Aino", "Salmela", "1967-03-09", MAIL)


def judged(left: PersonFeatures, right: PersonFeatures, *others: Features, weight: float = 0.0) -> Verdict:
    return judge(left, right, weight, Thresholds(ask=18.0), mates=lambda _: Namesakes([left, right, *others]))


@pytest.mark.parametrize(
    ("given", "family"), [("", "Salmella"), ("", "Kivelä"), ("Aino", "Kivelä"), ("Aiono", "Salmlea"), ("Aino", "")]
)
def test_one_mailbox_and_one_birthday_are_one_persons_whatever_part_of_the_name_is_written(
    given: str, family: str
) -> None:
    assert judged(AINO, person(given, family, "1967-03-09", MAIL)).band is Band.SAME


def test_twins_who_share_a_mailbox_are_two_and_half_a_name_may_be_either() -> None:
    eero = person("Eero", "Salmela", "1967-03-09", MAIL)
    assert judged(AINO, eero).band is not Band.SAME
    assert judged(AINO, person("", "Salmela", "1967-03-09", MAIL), eero).band is not Band.SAME
    assert judged(AINO, person("Aimi", "Salmela", "1967-03-09", MAIL)) == Verdict(Band.ASK, "score")
    father = person("Eero", "Salmela", "1938-07-21", MAIL)
    assert judged(AINO, person("", "Salmela", "1967-03-09", MAIL), father).rule == "email-and-birth-date"


def test_a_card_without_a_birthday_is_neither_the_fathers_nor_the_sons_where_both_write_from_its_mailbox() -> None:
    home = "familie114@gmx.de"
    card = person("Jürgen", "Müller", mail=home, city="Ulm")
    father, son = (person("Jürgen", "Müller", born, home) for born in ("1956-05-10", "1997-02-02"))
    for one, other in ((father, son), (son, father)):
        assert judged(card, one, weight=20.0).rule == "private-email-and-name"
        assert judged(card, one, other, weight=20.0) == Verdict(Band.ASK, "score")
    # No father is eight years older, and a slip makes nobody another generation.
    for same in ("1989-08-17", "1907-02-02"):
        assert judged(card, son, person("Jürgen", "Müller", same, home)).band is Band.SAME


@pytest.mark.parametrize("mail", ["anna-peter@berger.example", "annapeter.berger@gmx.de", "anna.berger@gmx.de"])
@pytest.mark.parametrize("phone", ["+4989123456", "+491701234567"])
def test_a_couple_that_shares_mailbox_phone_and_house_is_two(mail: str, phone: str) -> None:
    def one(given: str) -> PersonFeatures:
        return person(given, "Berger", mail=mail, phone=[phone], **HOME)

    assert judged(one("Anna"), one("Peter"), weight=40.0).band is Band.DIFFERENT
    assert judged(one("Petra"), one("Peter"), weight=40.0).band is not Band.SAME
    for given in ("Anna", "Peter"):  # of both it is nobody's card, and would make one of them
        assert judged(one("Anna & Peter"), one(given), weight=40.0).band is not Band.SAME
    assert judged(one("Anna & Peter"), one("Anna & Peter")).band is Band.SAME


@pytest.mark.parametrize(("his", "hers"), [("Andreas", "Andrea"), ("Christian", "Christiane"), ("Mario", "Maria")])
def test_a_couple_with_names_that_begin_alike_is_asked_about(his: str, hers: str) -> None:
    home = HOME | {"phone": ["+4989123456"]}
    one, two = (person(given, "Berger", mail="familie.berger@gmx.de", **home) for given in (his, hers))
    assert judged(one, two, weight=40.0).band is Band.ASK


def test_a_birthday_and_a_mailbox_at_a_mistyped_domain_are_one_persons() -> None:
    assert judged(AINO, person("", "Salmela", "1967-03-09", "aino.s@kotisatma.fi")).rule == "email-and-birth-date"
    assert judged(AINO, person("Eero", "Salmela", "1967-03-09", "aino.s@kotisatma.fi")).band is not Band.SAME


def test_a_birthday_that_is_no_parents_was_badly_typed_where_name_and_mailbox_are_one() -> None:
    assert judged(AINO, person("Aino", "Salmela", "1971-03-28", MAIL)).rule == "personal-email"
    assert judged(AINO, person("Aino", "Salmela", "1971-08-25", MAIL)).rule == "personal-email"
    assert judged(AINO, person("Aino", "", "1971-08-25", MAIL)).rule == "personal-email"
    assert judged(AINO, person("", "Salmela", "1971-08-25", MAIL)).band is not Band.SAME
    assert judged(AINO, person("Aino", "Salmela", "1991-03-28", MAIL)) == Verdict(Band.ASK, "score")
    assert judged(AINO, person("Aino", "", "1991-08-28", MAIL)) == Verdict(Band.ASK, "score")
    number = {"custom.member": "4081552"}, {"custom.member": "7713008"}
    one, two = (
        person("Aino", "Salmela", born, MAIL, **more)
        for born, more in zip(("1967-03-09", "1971-03-28"), number, strict=True)
    )
    assert judged(one, two).band is not Band.SAME


def test_the_first_of_january_of_one_year_tells_father_and_son_apart_in_one_postcode() -> None:
    one = person("Aino", "Salmela", "1931-01-01", postcode="26100")
    assert judged(one, one).rule == "birth-date-and-place"
    others = [person("Aino", "Salmela", f"19{30 + number}-12-24") for number in range(9)]
    assert judged(one, one, *others).band is not Band.SAME
    assert judged(one, person("Aino", "Salmela", "1931-01-01", postcode="90100")).band is not Band.SAME
    unknown = person("Aino", "Salmela", "1970-01-01", postcode="26100")
    assert judged(unknown, unknown).band is not Band.SAME


def test_a_slip_in_the_name_and_one_in_the_birthday_are_no_two_neighbours() -> None:
    one, two = person("Aino", "Salmela", "1967-03-09", **HOME), person("Aino", "Salmella", "1967-03-08", **HOME)
    assert judged(one, two).rule == "name-and-nearly-birth-date"
    assert judged(one, person("Aino", "Salmella", "1967-03-08", city="Rauma")).band is not Band.SAME
    assert judged(one, person("Eero", "Salmella", "1967-03-08", **HOME)).band is not Band.SAME


def test_one_name_in_one_postcode_is_asked_about_where_nothing_more_is_said() -> None:
    one = person("Aino", "Salmela", "1967-03-09", postcode="26100", city="Rauma")
    assert judged(one, person("Aino", "Salmella", postcode="26100")) == Verdict(Band.ASK, "score")
    assert judged(one, person("Eero", "Salmela", postcode="26100")).band is Band.DIFFERENT
    assert judged(one, person("Aino", "Salmela", "1980-11-30", postcode="26100")).band is Band.DIFFERENT


def test_who_married_is_asked_about_by_both_given_names_and_the_birthday() -> None:
    one = person("Aino M", "Salmela", "1967-03-09")
    assert judged(one, person("Aino M", "Kivelä", "1967-03-09")) == Verdict(Band.ASK, "score")
    assert judged(one, person("Aino K", "Kivelä", "1967-03-09")).band is Band.DIFFERENT


def test_mrs_is_nobodys_given_name() -> None:
    card = person("Mrs.", "Salmela", "1967-03-09")
    assert (card.given, card.name) == ("", "salmela")
    assert judged(person("Aino", "Salmela", "1967-03-09"), card) == Verdict(Band.ASK, "score")


def test_a_postcode_of_zeros_is_none_and_a_post_office_box_is_an_address() -> None:
    assert person("Aino", "Salmela", postcode="00000").postcode is None
    assert person("Aino", "Salmela", postcode="00100").postcode == "00100"
    boxes = ["P.O. Box 673", "PO Box 673", "po box 674"]
    one, same, other = (person("Aino", "Salmela", street=box, city="Rauma") for box in boxes)
    assert judged(one, same).rule == "name-and-address"
    assert judged(one, other).band is not Band.SAME
