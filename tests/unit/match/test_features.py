"""What matching sees of a card, and under which keys it is found."""

from __future__ import annotations

import time
from typing import Any

import pytest

from solmu.match.blocking import block_keys, candidate_keys, mates_keys, skeleton
from solmu.match.features import OrganisationFeatures, PersonFeatures, organisation_features, person_features


def organisation(**values: Any) -> OrganisationFeatures:
    return organisation_features(values, system="erp")


def person(**values: Any) -> PersonFeatures:
    return person_features(values, employers=[7], employer_names=["merivirta"])


def share_a_key(one: dict[str, Any], two: dict[str, Any]) -> bool:
    return bool(candidate_keys(block_keys(organisation(**one))) & candidate_keys(block_keys(organisation(**two))))


@pytest.mark.parametrize(
    "written", ["Merivirta Telakka Oy", "OY MERIVIRTA TELAKKA AB", "Merivirta-Telakka", "merivirta telakka oyj"]
)
def test_a_name_is_known_without_its_legal_form_and_its_capitals(written: str) -> None:
    assert organisation(name=written).compact == "merivirtatelakka"


@pytest.mark.parametrize(
    ("written", "now", "before"),
    [
        ("Valamis Oy (ent. Arcusys Oy)", "valamis", "arcusys"),
        ("Nuova Officina S.r.l. già Vecchia Officina Srl", "nuovaofficina", "vecchiaofficina"),
        ("Lumenor GmbH (vormals Kerzenhaus)", "lumenor", "kerzenhaus"),
        ("Brightwell Ltd, formerly Oldwell Ltd", "brightwell", "oldwell"),
        ("Brightwell Ltd (f/k/a Oldwell)", "brightwell", "oldwell"),
        ("Lukkosepät Oy (ent Avainmestarit)", "lukkosepat", "avainmestarit"),
    ],
)
def test_a_former_name_beside_the_name_counts_as_well(written: str, now: str, before: str) -> None:
    found = organisation(name=written)
    assert (found.compact, found.aliases) == (now, frozenset({before}))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Haselbach Akademie GmbH", ("haselbach", "akademie")),
        ("Autohuolto Akaa Oy", ("autohuolto", "akaa")),
        ("Stahl Formerei Brückl", ("stahl", "formerei", "bruckl")),
    ],
)
def test_a_word_that_begins_like_one_for_formerly_is_part_of_the_name(written: str, words: tuple[str, ...]) -> None:
    found = organisation(name=written)
    assert (found.words, found.aliases) == (words, frozenset())


def test_domains_and_mail_of_providers_are_no_evidence_for_an_organisation() -> None:
    found = organisation(
        name="Rannan Kahvila", email=["rannankahvila@gmail.com"], website="https://www.facebook.com/rannankahvila"
    )
    assert found.domains == frozenset()
    assert found.emails == frozenset()


def test_an_organisation_has_the_domains_and_phones_of_the_people_on_its_card() -> None:
    found = organisation_features(
        {"name": "Merivirta"},
        people=[{"email": ["aino@merivirta.fi", "aino@gmail.com"], "phone": ["+35828221234;ext=5"]}],
    )
    assert found.domains == frozenset({"merivirta.fi"})
    assert found.phones == frozenset({"+35828221234"})
    assert found.emails == frozenset()


def test_personal_shared_and_private_addresses_of_a_person_are_told_apart() -> None:
    found = person(email=["aino.salmela@merivirta.fi", "info@merivirta.fi", "Aino.Salmela+x@gmail.com"])
    assert found.emails == frozenset({"aino.salmela@merivirta.fi"})
    assert found.role_emails == frozenset({"info@merivirta.fi"})
    assert found.free_emails == frozenset({"ainosalmela@gmail.com"})
    assert found.domains == frozenset({"merivirta.fi"})


def test_a_name_in_one_field_is_split_and_one_in_two_fields_never() -> None:
    assert person(name="Salmela, Aino").family == "salmela"
    assert person(given_name="Salmela", family_name="Aino").family == "aino"
    assert person(name="Salmela, Aino").name == person(given_name="Salmela", family_name="Aino").name


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"name": "Arcusys Oy", "phone": ["+358131"]}, {"name": "Valamis Oy", "phone": ["+358131"]}),  # renamed
        ({"name": "Arcusys", "domain": "valamis.com"}, {"name": "Valamis", "email": ["info@valamis.com"]}),
        ({"name": "Merivirta Telakka"}, {"name": "Meri Virta Telakka Oy"}),  # other spacing
        ({"name": "Merivirta Telakka"}, {"name": "Telakka Merivirta"}),  # other order
        ({"name": "Merivirta Telakka"}, {"name": "Merivrita Telaakka"}),  # slips in vowels and doubled letters
        ({"name": "Merivirta Telakka", "city": "Rauma"}, {"name": "Mervirta Telakka", "city": "Rauma"}),
        ({"name": "Merivirta Telakka", "city": "Rauma"}, {"name": "Merivirta Telahka", "city": "RAUMA"}),
        ({"name": "Müller Maschinenbau"}, {"name": "Mueller Maschinenbau GmbH"}),
        ({"name": "Arvela", "city": "Rauma"}, {"name": "Arvela Konepaja Oy", "city": "Rauma"}),  # short forms
        ({"name": "Rossi", "city": "Lecco"}, {"name": "Falegnameria Rossi S.r.l.", "city": "Lecco"}),
        ({"name": "Arcusys"}, {"name": "Valamis (ent. Arcusys)"}),
        (
            {"name": "A", "street": "Satamatie 1", "city": "Turku"},
            {"name": "B", "street": "SATAMATIE 1", "city": "Åbo"},
        ),
    ],
)
def test_two_cards_of_one_company_find_each_other(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert share_a_key(one, two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"name": "Merivirta Oy", "city": "Rauma"}, {"name": "Kuulas Oy", "city": "Rauma"}),
        ({"name": "Kahvila Oy", "email": ["a@gmail.com"]}, {"name": "Kukka Oy", "email": ["b@gmail.com"]}),
        ({"name": "Finland Service Oy", "country": "FI"}, {"name": "Finland Group Oy", "country": "FI"}),
    ],
)
def test_strangers_do_not(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert not share_a_key(one, two)


def test_sites_of_a_large_chain_are_told_apart_by_their_place_where_nothing_else_is_alike() -> None:
    chain = {"domain": "merivirta.fi"}
    one = {**chain, "name": "Merivirta Rauma", "street": "Satamakatu 3", "postcode": "26100", "city": "Rauma"}
    two = {**chain, "name": "MR", "street": "Satmakatu 3", "postcode": "26100", "city": "Rauna"}
    other = {**chain, "name": "Merivirta Turku", "street": "Linnankatu 8", "postcode": "20100", "city": "Turku"}

    def keys(card: dict[str, Any]) -> frozenset[str]:
        return candidate_keys(block_keys(organisation(**card)))

    domains_own = keys(chain)  # which too many have
    assert keys(one) & keys(two) - domains_own
    assert not keys(one) & keys(other) - domains_own


def test_a_long_name_knows_those_who_bear_a_short_form_of_it_and_pairs_with_none_for_that() -> None:
    long, short = block_keys(organisation(name="Falegnameria Rossi S.r.l.")), block_keys(organisation(name="Rossi"))
    assert mates_keys(long) & short
    assert not candidate_keys(long) & candidate_keys(short)


def test_a_persons_name_alone_blocks_nothing_and_half_of_it_in_a_town_neither() -> None:
    assert block_keys(person_features({"given_name": "Aino", "family_name": "Salmela"})) == frozenset()
    assert block_keys(person_features({"family_name": "Salmela", "city": "Rauma"})) == frozenset()


def test_a_shared_mailbox_blocks_only_with_a_name() -> None:
    one = block_keys(person_features({"given_name": "Aino", "family_name": "Salmela", "email": ["info@merivirta.fi"]}))
    two = block_keys(person_features({"given_name": "Eero", "family_name": "Kivelä", "email": ["info@merivirta.fi"]}))
    assert one
    assert not one & two


def test_an_empty_card_has_no_keys() -> None:
    assert block_keys(organisation()) == frozenset()
    assert block_keys(person_features({})) == frozenset()


@pytest.mark.parametrize("misspelt", ["muller maschinenbau", "mueller maschinen bau", "muler maschinenbau"])
def test_a_skeleton_survives_slips_in_vowels_and_spacing(misspelt: str) -> None:
    assert skeleton(misspelt) == "mlrmschnb"


@pytest.mark.parametrize("text", ["x" + " " * 20_000 + "(", "(  " * 7_000, ", " * 10_000, "- (x" * 5_000])
def test_a_field_full_of_signs_takes_no_time(text: str) -> None:
    began = time.perf_counter()
    organisation_features({"name": text, "city": text})
    assert time.perf_counter() - began < 2
