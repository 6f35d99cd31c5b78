"""Rules of people where names are badly typed, addresses masked, or colleagues named alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from solmu.match.features import Features, person_features
from solmu.match.mates import Namesakes
from solmu.match.model import Thresholds
from solmu.match.rules import Band, Verdict, judge


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
