"""Names of companies and towns as forms, partners abroad and short fields write them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solmu.match.company_name import company_name
from solmu.match.legal_kinds import legal_forms_contradict
from solmu.match.likeness import Likeness, likeness
from solmu.match.places import same_town, two_places
from solmu.match.rules import Band
from solmu.match.towns import town_and_region
from solmu.normalise.cut_name import completed
from tests.unit.match.test_other_organisations import organisation, verdict


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Wiegand u. Ziegler", "Wiegand & Ziegler GmbH"),
        ("Dahl o. Lindgren AB", "Dahl och Lindgren"),
        ("Nowak Maschinen GmbH - Buchhaltung", "Nowak Maschinen GmbH"),
        ("Whitaker Joinery Ltd. Billing", "Whitaker Joinery"),
        ("Ventmer Engineering A/S (Accounts Payable)", "Ventmer Engineering"),
        ("Hartwig & Schäfer e.K. Inh. Holger Hartwig", "Hartwig & Schäfer e.K."),
        ("Barbieri & C.", "Barbieri & C. S.n.c."),
        ("Pellegrini & Figli", "Pellegrini e Figli S.r.l."),
        ("Jansen en Zn.", "Jansen & Zoon"),
        ("Brdr. Madsen", "Brødrene Madsen A/S"),
        ("Fa. Hollenbach", "Hollenbach GmbH"),
        ("ПрАТ «Київпласт»", "Київпласт"),
        ("Grupo Heliomar S.Coop.", "Grupo Heliomar"),
        ("BaumannDruck", "Druck Baumann AG"),
        ("OrtegaHormigones", "Hormigones Ortega S.L."),
    ],
)
def test_two_ways_to_write_a_name_are_one(one: str, two: str) -> None:
    assert likeness(organisation(one), organisation(two)) is Likeness.EXACT


@pytest.mark.parametrize(
    ("name", "compact"),
    [
        ("Smith Accounting", "smithaccounting"),  # who keeps books for others, and no department
        ("Einkauf GmbH", "einkauf"),
        ("Friseur Inh. Max Holm", "friseurinhmaxholm"),
        ("H & C", "hc"),
        ("Firma", "firma"),
    ],
)
def test_what_is_the_name_itself_stays_in_it(name: str, compact: str) -> None:
    assert company_name(name).compact == compact


def test_words_in_another_order_are_one_name_only_where_they_are_all_there() -> None:
    assert likeness(organisation("BaumannDruck"), organisation("Druck Baumann Söhne")) is not Likeness.EXACT
    assert likeness(organisation("Druckbaumann"), organisation("Baum Druckann")) is not Likeness.EXACT


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("Reinhold & Hofmann Lackiererei Gmb", None),  # 34 characters: nothing was cut
        ("Reinhold & Hofmanns Lackiererei Gmb", "Reinhold & Hofmanns Lackiererei GmbH"),
        ("RHM SERVICE UG (HAFTUNGSBESCHR", "RHM SERVICE UG (haftungsbeschränkt)"),
        ("Norwood Catering Services Limi", "Norwood Catering Services Limited"),
        ("Reinhold & Hoffmann Autolacke GmbH", None),
        ("Société Centrale de Travaux SA", None),  # 30 characters, and no beginning of S.à r.l.
        ("Verlag für Reisen und Freizeit", None),
        ("Fabryka Okien i Drzwi Zielo Sp", None),
        ("Reinholdt & Hoffmann Autolacke GmbH", None),
    ],
)
def test_a_legal_form_that_a_short_field_cut_is_whole_again(name: str, whole: str | None) -> None:
    assert completed(name) == (whole or name)


def test_a_polish_limited_partnership_is_not_its_partner() -> None:
    full, partner = (company_name(f"Zielony Dach sp. z o.o.{more}").legal_form for more in (" sp. k.", ""))
    assert (full, partner) == ("spzoo spk", "spzoo")
    assert legal_forms_contradict(full, partner)
    assert not legal_forms_contradict(full, "spk")  # as many write it


@pytest.mark.parametrize(("one", "two"), [("sl", "slu"), ("sarl", "eurl"), ("sas", "sasu"), ("gmbh", "ug")])
def test_how_many_own_a_company_makes_no_other_one(one: str, two: str) -> None:
    assert not legal_forms_contradict(one, two)


@pytest.mark.parametrize(
    ("here", "abroad"),
    [
        ("Szczecin", "Stettin"),
        ("Lyon", "Lione"),
        ("Salzburg", "Salisburgo"),
        ("'s-Hertogenbosch", "Den Bosch"),
        ("Århus", "Aarhus C"),
        ("Newcastle upon Tyne", "Newcastle"),
        ("München", "Monaco di Baviera"),
        ("Sevilla", "Siviglia"),
    ],
)
def test_a_town_as_people_abroad_call_it_is_that_town(here: str, abroad: str) -> None:
    assert town_and_region(here) == town_and_region(abroad)
    one, two = (organisation("Koralmer Werkzeuge", city=city, domain="koralmer.example") for city in (here, abroad))
    assert verdict(one, two).band is Band.SAME


@pytest.mark.parametrize(
    ("one", "two"),
    [("Monaco", "München"), ("Augusta", "Augsburg"), ("Freiburg", "Fribourg"), ("Aken", "Aachen"), ("Vienne", "Wien")],
)
def test_a_name_that_another_town_has_is_no_name_abroad(one: str, two: str) -> None:
    assert town_and_region(one) != town_and_region(two)


@pytest.mark.parametrize(
    ("abroad", "here", "country"),
    [
        ("Vienne", "Wien", "AT"),
        ("Carlsbad", "Karlovy Vary", "CZ"),
        ("Karlsbad", "Karlovy Vary", "CZ"),
        ("Syracuse", "Siracusa", "IT"),
        ("Videm", "Udine", "IT"),
        ("Neuenburg", "Neuchâtel", "CH"),
    ],
)
def test_it_is_one_on_cards_that_name_the_country(abroad: str, here: str, country: str) -> None:
    one, two = organisation("Koralmer Werkzeuge", city=abroad), organisation("Koralmer Werkzeuge", city=here)
    assert not same_town(one, two)
    there = replace(one, country=country), replace(two, country=country)
    assert same_town(*there)
    assert not two_places(*there)
    # What is written alike is one town, whichever card names the country; and "Rome" means the great city.
    assert same_town(one, there[0])
    assert town_and_region("Rome") == town_and_region("Roma")


def test_a_short_name_whose_domain_is_the_other_in_full_is_asked_about_in_one_town() -> None:
    short = organisation("Ricci", city="Milano", email=["francesca@ricci-stampi.it"])
    full, rival = (organisation(name, city="Milano") for name in ("Stampi Ricci S.r.l.", "Ricci Arredi S.r.l."))
    assert verdict(short, full, rival).band is Band.ASK
    assert verdict(short, rival, full).band is Band.DIFFERENT
    elsewhere = organisation("Stampi Ricci S.r.l.", city="Bari")
    assert verdict(short, elsewhere, rival).band is Band.DIFFERENT
