"""Names of companies as people type them, and phones that tell which of a chain's sites a card is of."""

from __future__ import annotations

import pytest

from solmu.match.features import organisation_features
from solmu.match.rules import Band
from tests.unit.match.test_other_organisations import organisation, verdict

HEAD, SITE = "+49351926010", "+4937564081"
NAME = "Dretal Textil GmbH"


@pytest.mark.parametrize("typed", ["Tessarri Mecanica", "Tesari Meccanica", "Tessari Mecannica", "Tesari Mecanika"])
@pytest.mark.parametrize("shared", [{"phone": [HEAD]}, {"city": "Lodi"}])
def test_doubled_letters_are_no_second_slip(typed: str, shared: dict[str, object]) -> None:
    one, two = (organisation(name, **shared) for name in ("Tessari Meccanica", typed))
    assert verdict(one, two).band is Band.SAME


def test_two_slips_at_one_phone_are_asked_about_and_no_more_where_two_streets_are_known() -> None:
    one, two = (organisation(name, phone=[HEAD]) for name in ("Tessari Meccanica", "Tessali Mechanica"))
    assert verdict(one, two).band is Band.ASK
    there, here = (
        organisation(name, phone=[HEAD], street=street, city="Lodi")
        for name, street in (("Tessari Meccanica", "Via Roma 1"), ("Tessali Mechanica", "Via Milano 9"))
    )
    assert verdict(there, here).band is Band.DIFFERENT


@pytest.mark.parametrize("other", ["Fjord Invest III", "Fjord Invest I"])
def test_numbers_behind_a_name_are_no_doubled_letters(other: str) -> None:
    one, two = (organisation(name, phone=[HEAD]) for name in ("Fjord Invest II", other))
    assert verdict(one, two).band is not Band.SAME


def test_a_phone_tells_of_which_site_a_card_without_an_address_is() -> None:
    dresden = organisation(NAME, city="Dresden", street="Parkstr. 94", phone=[HEAD])
    zwickau = organisation(NAME, city="Zwickau", street="Im Tal 48", phone=[SITE])
    card = organisation(NAME, phone=[HEAD])
    assert verdict(dresden, card, zwickau).rule == "name-and-contact"
    assert verdict(zwickau, card, dresden).band is not Band.SAME


def test_a_phone_of_two_sites_tells_nothing() -> None:
    dresden, zwickau = (
        organisation(NAME, city=city, street=street, phone=[HEAD])
        for city, street in (("Dresden", "Parkstr. 94"), ("Zwickau", "Im Tal 48"))
    )
    card = organisation(NAME, phone=[HEAD])
    assert verdict(dresden, card, zwickau).band is not Band.SAME
    # Nor where one of them names a postcode and the other a town: nobody can say that it is one place.
    town = organisation(NAME, city="Dresden", phone=[HEAD])
    postcode = organisation(NAME, postcode="08393", street="Im Tal 48", phone=[HEAD])
    assert verdict(town, card, postcode, zwickau).band is not Band.SAME


def test_somebody_who_is_known_at_two_sites_makes_them_no_one_site() -> None:
    driver = {"phone": ["+491715550123"]}
    dresden, zwickau = (
        organisation_features({"name": NAME, "phone": [phone]}, people=[driver]) for phone in (HEAD, SITE)
    )
    known = organisation(NAME, city="Dresden", phone=[HEAD]), organisation(NAME, city="Zwickau", phone=[SITE])
    assert verdict(dresden, zwickau, *known).band is not Band.SAME
