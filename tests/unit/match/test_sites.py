"""Cards of a name that is at several places: whose they are. All companies are invented."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from solmu.match.features import OrganisationFeatures, organisation_features
from solmu.match.rules import Band, Verdict
from solmu.match.sites import switchboard
from tests.unit.match.test_other_organisations import verdict

NAME = "Harlindo Pumpen GmbH"
HAMM = {"street": "Weststr. 4", "postcode": "59065", "city": "Hamm", "country": "DE"}
KIEL = {"street": "Hafenweg 9", "postcode": "24103", "city": "Kiel", "country": "DE"}
NUMBER = "DE:123456788"


def card(people: Iterable[dict[str, Any]] = (), **values: Any) -> OrganisationFeatures:
    return organisation_features({"name": NAME, **values}, people=people)


def band(left: OrganisationFeatures, right: OrganisationFeatures, *others: OrganisationFeatures) -> Band:
    return verdict(left, right, *others).band


IN_KIEL = card(domain="harlindo.example", **KIEL)


@pytest.mark.parametrize("mailbox", ["arvo.lind@harlindo.example", "arvo.lind@gmail.com"])
def test_somebody_on_two_cards_tells_of_which_site_they_are(mailbox: str) -> None:
    """The domain is that of both sites, and the card without an address might be of either."""
    at_hamm = card([{"email": [mailbox]}], domain="harlindo.example", **HAMM)
    placeless = card([{"email": [mailbox]}])
    another = card([{"email": ["somebody.else@harlindo.example"]}])
    assert verdict(at_hamm, placeless, IN_KIEL) == Verdict(Band.SAME, "name-and-contact")
    assert band(at_hamm, another, IN_KIEL) is not Band.SAME


def test_somebody_at_two_sites_tells_nothing() -> None:
    people = [{"email": ["arvo.lind@harlindo.example"]}]
    assert band(card(people, **HAMM), card(people), card(people, **KIEL)) is not Band.SAME
    assert band(card(people, **HAMM), card(people, **KIEL)) is not Band.SAME


def test_a_shared_mailbox_tells_of_no_site() -> None:
    people = [{"email": ["info@harlindo.example"]}]
    assert band(card(people, **HAMM), card(people), IN_KIEL) is not Band.SAME


def test_the_phone_of_one_site_tells_which_is_meant() -> None:
    hamm, kiel = card(phone=["+4923811000"], **HAMM), card(phone=["+494315000"], **KIEL)
    placeless = card([{"phone": ["+4923811000"]}])
    assert verdict(hamm, placeless, kiel) == Verdict(Band.SAME, "name-and-contact")


@pytest.mark.parametrize(
    "others",
    [
        [card(**KIEL)],  # has no number of its own: it may be that one
        [card(phone=["+494315000", "+4923811000"], **KIEL)],
        [card(phone=["+494315000"], **KIEL), card(phone=["+4923812222"], **HAMM)],  # Hamm has its own beside it
    ],
)
def test_a_phone_that_may_be_a_switchboard_of_all_sites_tells_nothing(others: list[OrganisationFeatures]) -> None:
    assert band(card(phone=["+4923811000"], **HAMM), card(phone=["+4923811000"]), *others) is not Band.SAME


def test_one_business_id_at_all_sites_makes_what_is_at_the_domain_that_companys() -> None:
    hamm = card(business_id=NUMBER, domain="harlindo.example", **HAMM)
    kiel = card(business_id=NUMBER, domain="harlindo.example", **KIEL)
    placeless = card(domain="harlindo.example")
    assert verdict(hamm, placeless, kiel, IN_KIEL) == Verdict(Band.SAME, "name-and-contact")
    assert band(hamm, card(), kiel, IN_KIEL) is not Band.SAME


def test_a_site_without_the_number_may_be_another_companys() -> None:
    hamm = card(business_id=NUMBER, domain="harlindo.example", **HAMM)
    placeless = card(domain="harlindo.example")
    assert band(hamm, placeless, IN_KIEL) is not Band.SAME
    assert band(hamm, placeless, card(business_id="DE:136695976", domain="harlindo.example", **KIEL)) is not Band.SAME


def test_a_desk_at_the_switchboard_of_one_site_tells_which_is_meant() -> None:
    hamm, kiel = card(phone=["+4923814200"], domain="harlindo.example", **HAMM), card(phone=["+494315000"], **KIEL)
    desk = card([{"phone": ["+49238142037"]}], domain="harlindo.example")
    other = card([{"phone": ["+4923814399"]}], domain="harlindo.example")
    assert band(hamm, desk, kiel) is Band.SAME
    assert band(hamm, other, kiel) is not Band.SAME


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("+4923814200", "+4923814200", True),
        ("+4923814200", "+49238142037", True),
        ("+441154960120", "+441154960155", True),
        ("+441154960120", "+441154961155", False),
        ("+491701000120", "+491701000155", False),  # mobile phones of two people
    ],
)
def test_desks_of_one_switchboard(one: str, two: str, same: bool) -> None:
    assert bool(switchboard({one}, {two})) is same


def in_two_towns(*more: OrganisationFeatures) -> Band:
    """Five cards of one name, form and country in Hamm and Kiel."""
    hamm, kiel = card(phone=["+4923811000"], **HAMM), card(phone=["+494315000"], **KIEL)
    return band(hamm, kiel, hamm, kiel, card(**HAMM), *more)


AT_BOTH = (card(domain="harlindo.example", **HAMM), IN_KIEL)


def test_one_name_in_two_towns_is_asked_about_however_many_cards_there_are() -> None:
    assert in_two_towns(*AT_BOTH) is Band.ASK
    assert in_two_towns() is Band.DIFFERENT  # what the two places have in common nobody knows


def test_one_name_at_two_addresses_of_a_town_is_asked_about() -> None:
    moved = {"street": "Ostwall 70", "postcode": "59063", "city": "Hamm", "country": "DE"}
    at_domain = [card(domain="harlindo.example", **place) for place in (HAMM, moved)]
    assert band(card(**HAMM), card(**moved), *at_domain) is Band.ASK


@pytest.mark.parametrize(
    ("one", "two", "values", "expected"),
    [
        ("Almirel", "Almirel Europe Ltd", {"email": ["ann.holt@almirel.example"]}, Band.ASK),
        ("Almirel", "Almirel Europe Ltd", {"domain": "almirel.example", "city": "Derby"}, Band.ASK),
        ("Almirel", "Almirel Europe Ltd", {"domain": "almirel.example"}, Band.DIFFERENT),
        ("Almirel", "Almirel Holding Ltd", {"email": ["ann.holt@almirel.example"]}, Band.DIFFERENT),
        ("Almirel Tools", "Almirel Europe Ltd", {"email": ["ann.holt@almirel.example"]}, Band.DIFFERENT),
    ],
)
def test_a_name_with_more_words_is_asked_about_at_ones_mailbox_or_domain_and_town(
    one: str, two: str, values: dict[str, Any], expected: Band
) -> None:
    left, right = (organisation_features({"name": name, **values}) for name in (one, two))
    assert band(left, right) is expected


@pytest.mark.parametrize(
    "more",
    [
        [card(city="Ulm", country="DE")],
        [card(business_id=NUMBER, **HAMM), card(business_id="DE:136695976", **KIEL)],
    ],
)
def test_a_name_in_three_towns_or_of_two_companies_is_no_question(more: list[OrganisationFeatures]) -> None:
    assert in_two_towns(*AT_BOTH, *more) is Band.DIFFERENT


def test_a_company_at_its_own_domain_is_not_one_of_that_name_at_another() -> None:
    hamm, other = card(domain="harlindo.example", **HAMM), card(domain="harlindo-pumpen.example", **KIEL)
    placeless = card(domain="harlindo.example")
    assert verdict(hamm, placeless, other) == Verdict(Band.SAME, "name-and-contact")
    assert band(other, placeless, hamm) is not Band.SAME
    assert band(hamm, placeless, card(**KIEL)) is not Band.SAME  # which may be at that domain


RICCI = {"city": "Milano", "country": "IT"}


@pytest.mark.parametrize(
    "contact", [{"domain": "ricci-stampi.example"}, {"email": ["piera.ricci@ricci-stampi.example"]}]
)
def test_a_short_name_at_ones_own_contact_is_not_that_of_another_who_is_called_so(contact: dict[str, Any]) -> None:
    def ricci(name: str, **values: Any) -> OrganisationFeatures:
        return organisation_features({"name": name, **values})

    short, long = ricci("Ricci", **contact), ricci("Ricci Stampi", **contact, **RICCI)
    elsewhere = ricci("Ricci Arredi", domain="ricciarredi.example", **RICCI)
    assert verdict(short, long, elsewhere) == Verdict(Band.SAME, "short-name-and-contacts")
    assert band(short, long, ricci("Ricci Arredi", **RICCI)) is not Band.SAME  # whose contacts nobody knows
    assert band(short, long, ricci("Ricci Arredi", **contact, **RICCI)) is not Band.SAME


def test_of_which_of_two_sites_a_card_is_with_nothing_but_their_domain_is_asked() -> None:
    at_hamm, placeless = card(domain="harlindo.example", **HAMM), card(domain="harlindo.example")
    more = [card(domain="harlindo.example", phone=["+4923811000"], **HAMM), card(domain="harlindo.example")]
    assert band(at_hamm, placeless, IN_KIEL, *more) is Band.ASK
    assert band(at_hamm, card(), IN_KIEL, *more) is Band.DIFFERENT
    in_bonn = card(domain="harlindo.example", city="Bonn", country="DE")
    assert band(at_hamm, placeless, IN_KIEL, in_bonn, *more) is Band.DIFFERENT
