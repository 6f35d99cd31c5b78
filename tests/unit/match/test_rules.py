"""Bands: what merges by itself, what is asked, what is left alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from solmu.match.features import Features, PersonFeatures, organisation_features, person_features
from solmu.match.legal_kinds import legal_forms_contradict
from solmu.match.mates import Namesakes
from solmu.match.model import Thresholds, default_model
from solmu.match.names import given_names_fit, id_scheme, marks_a_branch
from solmu.match.organisation_questions import FEW
from solmu.match.rules import RULES, Band, Verdict, judge
from solmu.match.score import Scorer
from solmu.model import Entity

UNPROVEN = Thresholds(ask=10.0)
PROVEN = Thresholds(ask=10.0, same=20.0)


def verdict(
    left: Features, right: Features, weight: float = 0.0, thresholds: Thresholds = UNPROVEN, **more: Any
) -> Verdict:
    def mates(_: Iterable[str]) -> Namesakes:
        return Namesakes([left, right])

    return judge(left, right, weight, thresholds, mates=mates, **more)


MERIVIRTA = organisation_features({"name": "Merivirta Telakka Oy", "phone": ["+3581"], "city": "Rauma"})
KUULAS = organisation_features({"name": "Kuulas Optiikka Oy", "phone": ["+3582"], "city": "Oulu"})


def test_as_long_as_nothing_is_proven_a_score_only_asks() -> None:
    assert verdict(MERIVIRTA, KUULAS, 99.0) == Verdict(Band.ASK, "score")
    assert verdict(MERIVIRTA, KUULAS, 9.9) == Verdict(Band.DIFFERENT, "score")


def test_a_proven_score_merges_what_does_not_contradict_itself() -> None:
    nameless = organisation_features({"phone": ["+3582"]})
    assert verdict(KUULAS, nameless, 20.0, PROVEN) == Verdict(Band.SAME, "score")
    assert verdict(MERIVIRTA, KUULAS, 20.0, PROVEN) == Verdict(Band.ASK, "score")


def test_a_rule_of_identity_merges_whatever_the_score() -> None:
    assert verdict(MERIVIRTA, MERIVIRTA, -99.0).band is Band.SAME


def test_what_is_protected_is_never_merged_unasked() -> None:
    one = organisation_features({"name": "Merivirta Oy", "business_id": "FI:1"})
    assert verdict(one, one, protected=True) == Verdict(Band.ASK, "protected")
    assert verdict(MERIVIRTA, MERIVIRTA, protected=True) == Verdict(Band.ASK, "protected")
    assert verdict(KUULAS, MERIVIRTA, 99.0, PROVEN, protected=True) == Verdict(Band.ASK, "score")


def test_a_soft_rule_gives_way_when_too_many_bear_the_name() -> None:
    bare = organisation_features({"name": "Merivirta Telakka"})
    assert verdict(MERIVIRTA, bare).rule == "name-alone"
    assert judge(MERIVIRTA, bare, 0.0, UNPROVEN, mates=lambda _: None).band is Band.DIFFERENT


def test_two_of_one_telling_name_are_asked_about_though_somebody_writes_from_elsewhere() -> None:
    moved = organisation_features(
        {"name": "Merivirta Telakka"}, people=[{"email": ["aino.laine@kuulasoptiikka.example"]}]
    )
    known = organisation_features({"name": "Merivirta Telakka Oy", "domain": "merivirta.example"})
    assert verdict(known, moved, -5.0) == Verdict(Band.ASK, "score")
    elsewhere = organisation_features({"name": "Merivirta Telakka", "domain": "other.example", "city": "Oulu"})
    assert verdict(MERIVIRTA, elsewhere, -5.0).band is Band.DIFFERENT


@pytest.mark.parametrize("other", ["Pohjan A Pelti Oy", "Pohjan Pelti B", "D Pohjan Pelti Oy"])
def test_a_letter_that_stands_alone_is_no_slip(other: str) -> None:
    plain, lettered = (organisation_features({"name": name, "city": "Oulu"}) for name in ("Pohjan Pelti Oy", other))
    assert verdict(plain, lettered, -5.0).band is Band.DIFFERENT
    assert verdict(lettered, organisation_features({"name": "Pohjan C Pelti Oy", "city": "Oulu"}), -5.0).band is (
        Band.DIFFERENT
    )


def test_a_name_that_many_bear_is_no_question_by_itself() -> None:
    one = organisation_features({"name": "Merivirta Telakka Oy", "domain": "merivirta.example"})
    other = organisation_features({"name": "Merivirta Telakka Oy", "domain": "other.example"})
    many = Namesakes([*[one] * FEW, other])
    assert judge(one, other, -5.0, UNPROVEN, mates=lambda _: many).band is Band.DIFFERENT


def test_relatives_at_one_phone_are_not_worth_a_question() -> None:
    one = person_features({"given_name": "Aino", "family_name": "Salmela", "phone": ["+3581"]})
    two = person_features({"given_name": "Eero", "family_name": "Salmela", "phone": ["+3581"]})
    assert verdict(one, two, 99.0).band is Band.DIFFERENT


def colleague(mail: str, **more: Any) -> Features:
    values = {"given_name": "Aino", "family_name": "Salmela", "email": [mail] if mail else [], **more}
    return person_features(values, employers=[7])


def test_a_number_behind_the_name_in_a_mailbox_says_that_two_of_that_name_work_there() -> None:
    switchboard: dict[str, Any] = {"phone": ["+3581"]}
    one, two = colleague("aino.salmela@merivirta.fi", **switchboard), colleague("a.salmela@merivirta.fi", **switchboard)
    numbered = colleague("aino.salmela2@merivirta.fi", **switchboard)
    assert verdict(one, two).rule == "phone-and-name"
    assert verdict(one, numbered).band is not Band.SAME
    assert verdict(one, colleague("aino.salmela2@merivirtta.fi", **switchboard)).band is not Band.SAME
    assert verdict(numbered, colleague("")).band is not Band.SAME
    assert verdict(colleague("aino.salmela@merivirta.fi"), colleague("")).rule == "name-and-employer"


def test_companies_of_a_group_share_a_mail_domain_and_not_their_staff() -> None:
    def at(firm: int, mail: str, phone: str) -> Features:
        values = {"given_name": "Aino", "family_name": "Salmela", "email": [mail], "phone": [phone]}
        return person_features(values, employers=[firm])

    one = at(1, "aino.salmela@merivirta.fi", "+3581")
    assert verdict(one, at(2, "info@merivirta.fi", "+3582")).band is not Band.SAME
    assert verdict(one, at(1, "info@merivirta.fi", "+3582")).rule == "name-and-employer"


def test_one_person_who_runs_two_firms_is_one_by_the_address_only() -> None:
    def at(firm: int, **values: Any) -> Features:
        return person_features({"given_name": "Aino", "family_name": "Salmela", **values}, employers=[firm])

    assert (
        verdict(at(1, email=["aino@salmela.example"]), at(2, email=["aino@salmela.example"])).rule == "personal-email"
    )
    assert verdict(at(1), at(2)).band is not Band.SAME


def test_a_masked_address_is_nobodys() -> None:
    one, two = colleague("ain***@merivirta.fi"), colleague("aino@merivirta.fi")
    assert isinstance(one, PersonFeatures)
    assert not one.emails
    assert not one.domains
    assert verdict(one, two).rule == "name-and-employer"


def organisation(name: str, **values: Any) -> Features:
    return organisation_features({"name": name, **values})


def test_a_name_in_another_script_is_the_same_name() -> None:
    one, two = organisation("Волга Строй", city="Kazan"), organisation("Volga Stroj", city="Kazan")
    assert verdict(one, two).band is Band.SAME


def test_a_former_name_finds_the_company_of_today() -> None:
    one = organisation("Merivirta Oy (ent. Kuulas Telakka Oy)", city="Rauma")
    assert verdict(one, organisation("Kuulas Telakka", city="Rauma")).band is Band.SAME


def test_two_sites_of_a_chain_share_name_and_phone_and_stay_two() -> None:
    one = organisation("Merivirta Telakka Oy", phone=["+3581"], street="Satamatie 1", postcode="26100", city="Rauma")
    two = organisation("Merivirta Telakka Oy", phone=["+3581"], street="Rantatie 9", postcode="90100", city="Oulu")
    assert verdict(one, two, 99.0, PROVEN).band is Band.ASK


def test_one_postcode_in_two_towns_is_no_one_place() -> None:
    one = organisation("Merivirta Telakka Oy", street="Satamatie 1", postcode="20100", city="Turku")
    two = organisation("Merivirta Telakka", street="Via Verdi 9", postcode="20100", city="Milano")
    assert verdict(one, two).band is not Band.SAME
    suburb = organisation("Merivirta Telakka", street="Satamatie 1", postcode="20100", city="Pansio")
    assert verdict(one, suburb).rule == "name-and-street"


def test_two_firms_at_one_address_stay_two() -> None:
    home: dict[str, Any] = {"street": "Satamatie 1", "postcode": "26100", "city": "Rauma", "phone": ["+3581"]}
    one, two = organisation("Merivirta Oy", **home), organisation("Kuulas Oy", **home)
    assert verdict(one, two).band is Band.DIFFERENT


@pytest.mark.parametrize("short", ["MT", "Merivirta"])
def test_an_abbreviation_is_compared_and_never_merges_by_itself(short: str) -> None:
    assert verdict(MERIVIRTA, organisation(short), 12.0) == Verdict(Band.ASK, "score")
    scorer = Scorer(default_model(Entity.ORGANISATION))
    labels = {name: label for name, label, _ in scorer.score(MERIVIRTA, organisation(short)).levels}
    assert labels["name"] in ("one name is the other's initials", "one name within the other")


def test_two_names_at_one_personal_address_are_asked() -> None:
    one = person_features({"given_name": "Aino", "family_name": "Salmela", "email": ["johto@merivirta.fi"]})
    two = person_features({"given_name": "Eero", "family_name": "Kivelä", "email": ["johto@merivirta.fi"]})
    assert verdict(one, two, 99.0).band is not Band.SAME


def test_somebody_who_married_keeps_the_address() -> None:
    one = person_features({"given_name": "Aino", "family_name": "Salmela", "email": ["aino@merivirta.fi"]})
    two = person_features({"given_name": "Aino", "family_name": "Kivelä", "email": ["aino@merivirta.fi"]})
    assert verdict(one, two).rule == "personal-email"


def test_names_of_generic_words_are_nobodys_own() -> None:
    one = organisation_features({"name": "Service Group Oy", "city": "Rauma"})
    assert verdict(one, one).band is Band.DIFFERENT


def test_every_rule_says_in_one_sentence_what_it_saw() -> None:
    for name, rule in RULES.items():
        assert rule.name == name
        assert rule.sentence.endswith(".")


@pytest.mark.parametrize(
    ("one", "two", "fit"),
    [
        ("aino", "aino", True),
        ("aino", "a", True),
        ("aino maria", "maria", True),
        ("alexander", "alex", True),
        ("maria", "marja", True),  # a slip, or a sister: alone it says nothing
        ("aino", "eero", False),
        ("aino", "e", False),
        ("", "eero", True),
    ],
)
def test_given_names_that_may_be_one_persons(one: str, two: str, fit: bool) -> None:
    assert given_names_fit(one, two) is fit
    assert given_names_fit(two, one) is fit


def test_maria_may_be_marjas_sister() -> None:
    assert not given_names_fit("maria", "marja", slips=False)


@pytest.mark.parametrize(
    ("one", "two", "country", "contradict"),
    [
        ("oy", "oyj", None, False),
        ("oy", "ltd", None, False),  # a translation
        ("oy", None, None, False),
        ("oy", "ab", "FI", False),  # the country's other language
        ("oy", "ab", None, True),  # the sister in Sweden
        ("oy", "ky", "FI", True),
        ("gmbh", "gmbh & co kg", "DE", False),
        ("srl", "spa", "IT", True),
    ],
)
def test_legal_forms_that_one_company_cannot_both_have(
    one: str, two: str | None, country: str | None, contradict: bool
) -> None:
    assert legal_forms_contradict(one, two, country) is contradict
    assert legal_forms_contradict(two, one, country) is contradict


def test_numbers_and_branches_tell_names_apart() -> None:
    assert marks_a_branch(["huolto"])
    assert marks_a_branch(["2"])
    assert not marks_a_branch(["konepaja"])


def test_ids_of_different_registers_of_one_country_do_not_contradict() -> None:
    assert id_scheme("EE:VAT101234567") == "EE:VAT"
    assert id_scheme("EE:12345678") == "EE"
    one = organisation_features({"name": "Merivirta OÜ", "business_id": "EE:VAT101234567", "phone": ["+3721"]})
    two = organisation_features({"name": "Merivirta OÜ", "business_id": "EE:12345678", "phone": ["+3721"]})
    assert verdict(one, two).rule == "name-and-contact"
