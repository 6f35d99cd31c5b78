"""Rules of people where names are badly typed, addresses masked, or colleagues named alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from solmu.match.features import Features, PersonFeatures, person_features
from solmu.match.mates import Namesakes
from solmu.match.model import Thresholds
from solmu.match.rules import Band, Verdict, judge
from solmu.normalise.given_names import known_as


def verdict(left: Features, right: Features, weight: float = 0.0) -> Verdict:
    def mates(_: Iterable[str]) -> Namesakes:
        return Namesakes([left, right])

    return judge(left, right, weight, Thresholds(ask=10.0), mates=mates)


def person(given: str, family: str, mail: str = "", phone: str = "", **more: Any) -> Features:
    employer = more.pop("employer", None)
    values = {"given_name": given, "family_name": family, "email": [mail] if mail else []}
    return person_features(
        values | {"phone": [phone] if phone else []} | more,
        employers=[employer[0]] if employer else (),
        employer_names=[employer[1]] if employer else (),
    )


@pytest.mark.parametrize(
    ("given", "family"),
    [("Pesgygy", "Clantu"), ("PEGY", "Cntu"), ("Pe", "Cantu"), ("Peggy", "Ca"), ("Pexgy", "Caxtuu")],
)
def test_one_mailbox_and_one_phone_are_one_persons_however_badly_the_name_is_typed(given: str, family: str) -> None:
    known = person("Peggy", "Cantu", "peggy.cantu@merivirta.fi", "+3581")
    typed = person(given, family, "peggy.cantu@merivirta.fi", "+3581")
    assert verdict(known, typed).band is Band.SAME
    elsewhere = person(given, family, "peggy.cantu@merivirta.fi", "+3582")
    assert verdict(known, elsewhere).rule in ("score", "personal-email")


@pytest.mark.parametrize(("given", "family"), [("Jukka", "Virtanen"), ("Eero", "Virtanen"), ("Salla", "Korhonen")])
def test_who_shares_a_mailbox_and_a_phone_with_relatives_is_not_them(given: str, family: str) -> None:
    known = person("Pekka", "Virtanen", "toimisto@virtanen.fi", "+3581")
    assert verdict(known, person(given, family, "toimisto@virtanen.fi", "+3581"), 5.0).band is not Band.SAME


def test_a_mailbox_is_misspelt_where_its_number_is_the_same() -> None:
    known = person("Aino", "Salmela", "aino.salmela42@merivirta.fi", "+3581")
    assert verdict(known, person("Aino", "Salmela", "aimo.salmela42@merivirta.fi", "+3581")).rule == "phone-and-name"
    assert verdict(known, person("Aino", "Salmela", "aino.salmela43@merivirta.fi", "+3581")).band is not Band.SAME


def test_what_is_left_of_a_masked_address_tells_two_apart() -> None:
    known = person("Aino", "Salmela", "aino.salmela@merivirta.fi", "+3581")
    assert verdict(known, person("Aino", "Salmela", "ain***@merivirta.fi", "+3581")).rule == "phone-and-name"
    assert verdict(known, person("Aino", "Salmela", "ais***@merivirta.fi", "+3581")).band is not Band.SAME
    assert verdict(known, person("Aino", "Salmela", "toi***@example.com", "+3581")).rule == "phone-and-name"


def test_a_mailbox_says_which_name_an_initial_stands_for() -> None:
    firm = (7, "merivirta")
    known = person("Tessa", "Bennett", employer=firm)
    assert verdict(known, person("T.", "Bennett", "tessa@merivirta.fi", employer=firm)).rule == "initial-and-employer"
    assert (
        verdict(known, person("T.", "Bennett", "tbennett@merivirta.fi", employer=firm)).rule == "initial-and-employer"
    )
    assert verdict(known, person("T.", "Bennett", "trevor@merivirta.fi", employer=firm)).band is not Band.SAME


def test_companies_of_a_group_share_a_mail_domain_and_each_may_have_one_of_that_name() -> None:
    known = person("Aino", "Salmela", "aino.salmela@merivirta.fi", employer=(1, "merivirtatelakka"))
    shared = "info@merivirta.fi"
    assert verdict(known, person("Aino", "Salmela", shared, employer=(2, "merivirtavuokraus"))).band is not Band.SAME
    assert verdict(known, person("Aino", "Salmela", shared, employer=(2, "merivirtatelaka"))).band is Band.SAME
    assert verdict(known, person("Aino", "Salmela", shared)).rule == "name-and-mail-domain"


FIRM = (7, "merivirta")


def test_who_is_called_by_a_short_name_is_asked_about_and_merged_where_a_birthday_or_a_mailbox_says_so() -> None:
    robert = person("Robert", "Salmela", "r.salmela@merivirta.fi", employer=FIRM)
    assert verdict(robert, person("Bob", "Salmela", employer=FIRM), -5.0) == Verdict(Band.ASK, "score")
    assert verdict(robert, person("Bob", "Salmela", "r.salmela@merivirta.fi")).rule == "personal-email"
    assert verdict(robert, person("Bill", "Salmela", employer=FIRM), -5.0).band is Band.DIFFERENT


def test_a_short_name_of_two_names_does_not_make_them_one() -> None:
    assert known_as("alex", "alexander")
    assert known_as("alex", "alexandra")
    assert not known_as("alexander", "alexandra")
    assert not known_as("aino", "aino")  # not a name of which anything is known


@pytest.mark.parametrize(("one", "two"), [("Jr.", "Sr."), ("junior", "SENIOR"), ("II", "III"), ("jun.", "sen.")])
def test_a_father_and_a_son_are_told_apart_by_what_stands_behind_the_name(one: str, two: str) -> None:
    father, son = (person("Pekka", f"Salmela {which}", phone="+3581") for which in (one, two))
    assert verdict(father, son, 5.0).band is Band.DIFFERENT
    assert verdict(father, person("Pekka", f"Salmela {one}", phone="+3581")).rule == "phone-and-name"
    unsaid = person("Pekka", "Salmela", phone="+3581")
    assert verdict(father, unsaid, -5.0) == Verdict(Band.ASK, "score")


def test_jun_and_sen_without_a_full_stop_are_names() -> None:
    known = person_features({"given_name": "Amartya", "family_name": "Kumar Sen"})
    assert isinstance(known, PersonFeatures)
    assert (known.family, known.generation) == ("kumar sen", "")


@pytest.mark.parametrize(
    "columns",
    [
        {"given_name": "Dr. Aino", "family_name": "Salmela, PhD"},
        {"given_name": "Aino Salmela", "family_name": ""},
        {"given_name": "", "family_name": "Salmela, Aino"},
    ],
)
def test_titles_and_a_name_in_one_column_change_nothing(columns: dict[str, str]) -> None:
    known, other = person_features({"given_name": "Aino", "family_name": "Salmela"}), person_features(columns)
    assert (other.name, other.given, other.family) == (known.name, known.given, known.family)


def test_a_family_name_of_two_words_is_not_taken_for_a_whole_name() -> None:
    alone = person_features({"family_name": "Garcia Marquez"})
    assert (alone.given, alone.family) == ("", "garcia marquez")


def test_a_mail_domain_that_is_a_letter_off_was_mistyped() -> None:
    known = person("Aino", "Salmela", "aino.salmela@merivirta.fi")
    assert verdict(known, person("Aino", "Salmela", "aino.salmela@meriivrta.fi")).rule == "email-and-name"
    assert verdict(known, person("Aino", "Salmela", "aino.salmela@merivirta.se")).band is not Band.SAME
    numbered = person("Aino", "Salmela", "aino.salmela@merivirta2.fi")
    assert verdict(known, numbered).band is not Band.SAME
    assert verdict(known, person("Salla", "Salmela", "aino.salmela@meriivrta.fi")).band is not Band.SAME


def test_a_mailbox_name_that_nobody_is_called_is_one_persons_wherever_it_is() -> None:
    known = person("Aino", "Salmela", "dragonfly77@gmail.com")
    assert verdict(known, person("Aino", "Salmela", "dragonfly77@luukku.com")).rule == "email-and-name"
    assert verdict(known, person("Eero", "Laine", "dragonfly77@luukku.com"), -5.0).band is Band.DIFFERENT


def test_an_address_that_was_made_up_to_get_past_a_form_is_nobodys() -> None:
    for address in ("none@none.com", "test@gmail.com", "keine@web.de", "noemail@noemail.fi", "test@example.com"):
        assert not (told := person_features({"given_name": "Aino", "email": [address]})).emails
        assert not told.free_emails
    assert person_features({"given_name": "Aino", "email": ["test@merivirta.fi"]}).emails


def test_one_mailbox_with_a_name_badly_typed_is_asked_about_and_relatives_are_not() -> None:
    known = person("Peggy", "Cantu", "peggy.cantu@gmail.com")
    assert verdict(known, person("Pxgy", "Cntuu", "peggy.cantu@gmail.com"), -5.0) == Verdict(Band.ASK, "score")
    assert verdict(known, person("Louis", "Cantu", "peggy.cantu@gmail.com"), -5.0).band is Band.DIFFERENT


def test_the_same_name_at_a_company_whose_name_was_cut_short_is_asked_about() -> None:
    known = person("Aino", "Salmela", employer=(1, "merivirtatelakka"))
    assert verdict(known, person("Aino", "Salmela", employer=(2, "merivirta")), -5.0) == Verdict(Band.ASK, "score")
    assert verdict(known, person("Aino", "Salmela", employer=(3, "kuulas")), -5.0).band is Band.DIFFERENT
    mueller = person("Jörg", "Müller", employer=(1, "merivirtatelakka"))
    assert verdict(mueller, person("Joerg", "Mueller", employer=(1, "merivirtatelakka"))).rule == "name-and-employer"
