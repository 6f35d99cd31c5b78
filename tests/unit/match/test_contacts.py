"""Contacts of companies: desks of one switchboard, mailboxes named after somebody, mobile phones, namesakes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from solmu.match.features import PersonFeatures, person_features
from solmu.match.mates import Namesakes
from solmu.match.model import Thresholds
from solmu.match.rules import Band, Verdict, judge

FIRM = (7, "merivirta")
SWITCHBOARD, MOBILE = "+3582123456", "+358401234567"
HOUSE = "merivirta.fi"


def person(name: str, mail: str = "", phone: str | list[str] = "", **more: Any) -> PersonFeatures:
    """Somebody by given and family name, with a comma between them if there is a blank in one."""
    given, _, family = (part.strip() for part in name.partition("," if "," in name else " "))
    employer = more.pop("employer", None)
    values = {"given_name": given, "family_name": family, "email": [mail] if mail else []}
    return person_features(
        values | {"phone": [phone] if isinstance(phone, str) else phone} | more,
        employers=[employer[0]] if employer else (),
        employer_names=[employer[1]] if employer else (),
    )


def verdict(
    left: PersonFeatures, right: PersonFeatures, weight: float = 0.0, others: Iterable[PersonFeatures] = ()
) -> Verdict:
    def mates(_: Iterable[str]) -> Namesakes:
        return Namesakes([left, right, *others])

    return judge(left, right, weight, Thresholds(ask=10.0), mates=mates)


# --- a switchboard ------------------------------------------------------------------------------------------------


def test_two_extensions_of_one_switchboard_are_two_desks() -> None:
    known = person("Aino Salmela", phone=f"{SWITCHBOARD};ext=11", employer=FIRM)
    same = person("Aino Salmela", phone=f"{SWITCHBOARD};ext=11")
    elsewhere = person("Aino Salmela", phone=f"{SWITCHBOARD};ext=13")
    assert verdict(known, same).rule == "phone-and-name"
    assert verdict(known, person("Aino Salmela", phone=SWITCHBOARD)).rule == "phone-and-name"
    assert verdict(known, elsewhere).band is not Band.SAME


def test_namesakes_at_two_desks_of_one_company_are_asked_about() -> None:
    known, other = (person("Aino Salmela", phone=f"{SWITCHBOARD};ext={at}", employer=FIRM) for at in (11, 13))
    assert verdict(known, other) == Verdict(Band.ASK, "score")
    initial = person("A. Salmela", phone=f"{SWITCHBOARD};ext=13", employer=FIRM)
    assert verdict(known, initial).band is Band.DIFFERENT


def test_a_card_that_may_be_of_either_desk_is_not_merged() -> None:
    known, other = (person("Aino Salmela", phone=f"{SWITCHBOARD};ext={at}", employer=FIRM) for at in (11, 13))
    unsaid = person("Aino Salmela", employer=FIRM)
    assert verdict(known, unsaid).rule == "name-and-employer"
    assert verdict(known, unsaid, others=[other]).band is Band.ASK


@pytest.mark.parametrize("shared", [{"mail": f"info@{HOUSE}"}, {"street": "Satamatie 1", "city": "Rauma"}])
@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"phone": f"{SWITCHBOARD};ext=11"}, {"phone": f"{SWITCHBOARD};ext=13"}),
        ({"phone": MOBILE}, {"phone": "+358401234568"}),
    ],
)
def test_namesakes_share_the_address_of_their_company(
    one: dict[str, Any], two: dict[str, Any], shared: dict[str, Any]
) -> None:
    known, other = (person("Aino Salmela", employer=FIRM, **more, **shared) for more in (one, two))
    assert verdict(known, other) == Verdict(Band.ASK, "score")
    unsaid = person("Aino Salmela", employer=FIRM, **shared)
    assert verdict(known, unsaid).rule in ("shared-email-and-name", "name-and-address")


# --- mailboxes ----------------------------------------------------------------------------------------------------


def test_who_has_an_address_with_their_own_given_name_is_not_the_other_misspelt() -> None:
    lena = person("Lena Vogt", f"lena.vogt@{HOUSE}", SWITCHBOARD, employer=FIRM)
    lina = person("Lina Vogt", f"lina.vogt@{HOUSE}", SWITCHBOARD, employer=FIRM)
    assert verdict(lena, lina, 5.0).band is Band.DIFFERENT
    mistyped = person("Lina Vogt", f"lena.vogt@{HOUSE}", SWITCHBOARD)
    assert verdict(lena, mistyped).band is Band.SAME
    one_spelling = person("Jürgen Vogt", f"juergen@{HOUSE}"), person("Juergen Vogt", f"jurgen.vogt@{HOUSE}")
    assert verdict(*one_spelling, weight=20.0).band is not Band.DIFFERENT
    short = person("Katharina Vogt", f"katharina@{HOUSE}"), person("Kathi Vogt", f"kathi@{HOUSE}")
    assert verdict(*short, weight=20.0).band is not Band.DIFFERENT


@pytest.mark.parametrize("mail", ["familie.hofer@gmx.de", f"laden@{HOUSE}"])
@pytest.mark.parametrize("names", [("Sabine", "Martin"), ("Petra", "Peter")])
def test_spouses_with_one_mailbox_and_firm_are_not_asked_about(mail: str, names: tuple[str, str]) -> None:
    one, two = (person(f"{given} Hofer", mail, employer=FIRM) for given in names)
    assert verdict(one, two, 30.0).band is Band.DIFFERENT


def test_an_assistant_who_writes_from_the_boss_s_mailbox_is_not_asked_about() -> None:
    boss = person("Nienke Smit", f"nienke.smit@{HOUSE}", f"{SWITCHBOARD};ext=3", employer=FIRM)
    assistant = person("Rianne Kuiper", f"nienke.smit@{HOUSE}", f"{SWITCHBOARD};ext=3", employer=FIRM)
    assert verdict(boss, assistant, 30.0).band is Band.DIFFERENT


@pytest.mark.parametrize("name", ["", "Heather"])
def test_an_address_that_is_somebody_s_name_is_theirs_at_a_provider_too(name: str) -> None:
    known = person("Heather Wallace", "heather.wallace@gmail.com")
    letter = person(name, "heather.wallace@gmail.com")
    assert verdict(known, letter).rule == "personal-email"
    husband = person("Peter Wallace", "heather.wallace@gmail.com")
    assert verdict(known, letter, others=[husband]).band is not Band.SAME
    shared = person("Heather Wallace", "wallaces77@gmail.com"), person(name, "wallaces77@gmail.com")
    assert (verdict(*shared).band is Band.SAME) == bool(name)


def test_jr_at_a_mailbox_of_his_own_is_not_who_has_another_one_there() -> None:
    for phone in ("", SWITCHBOARD):
        father, son = person("Luiz Souza", f"luiz@{HOUSE}", phone), person("Luiz, Souza Jr.", f"junior@{HOUSE}", phone)
        assert verdict(father, son, 30.0).band is Band.DIFFERENT
    assert verdict(father, person("Luiz, Souza Jr.", phone=SWITCHBOARD), 30.0).band is Band.ASK


def test_an_initial_at_an_address_that_a_family_shares_is_anybody_s() -> None:
    hannele, initial = (person(name, "ojala.turku@kolumbus.fi") for name in ("Hannele Ojala", "H. Ojala"))
    assert verdict(hannele, initial).rule == "private-email-and-name"
    heikki = person("Heikki Ojala", "ojala.turku@kolumbus.fi")
    assert verdict(hannele, initial, others=[heikki]).band is Band.ASK


@pytest.mark.parametrize("name", ["Anna K.", "Anna, K", "K. Anna"])
def test_an_initial_may_stand_for_the_family_name_too(name: str) -> None:
    korhonen, initial = person("Anna Korhonen", employer=FIRM), person(name, employer=FIRM)
    kivela, again = person("Anna Kivelä", employer=FIRM), person(name, phone=SWITCHBOARD, employer=FIRM)
    assert verdict(korhonen, initial).rule == verdict(again, initial).rule == "initial-and-employer"
    assert verdict(korhonen, initial, others=[kivela]).band is not Band.SAME
    assert verdict(again, initial, others=[kivela, korhonen]).band is not Band.SAME
    assert verdict(person("Anna Salo", employer=FIRM), initial).band is not Band.SAME


def test_an_initial_behind_the_name_is_no_other_name_for_a_mailbox() -> None:
    kumar, initial = (person(name, f"kumar2@{HOUSE}") for name in ("Ramesh Kumar", "Ramesh Kumar, S"))
    assert verdict(kumar, initial).rule == "personal-email"


def test_a_korean_family_name_of_one_letter_is_a_whole_name() -> None:
    assert person("민수 이").full


def test_who_has_the_name_and_another_number_behind_it_is_not_asked_about() -> None:
    known = person("Simon Ingram", f"s.ingram@{HOUSE}", SWITCHBOARD, employer=FIRM)
    namesake = person("Simon Ingram", f"s.ingram1@{HOUSE}", SWITCHBOARD, employer=FIRM)
    assert verdict(known, namesake, 30.0).band is Band.DIFFERENT


def test_whose_names_are_half_alike_are_asked_about_where_the_address_is_nobody_s_by_name() -> None:
    typed, other = person("Latoya Warren", f"north@{HOUSE}"), person("Atoyxa Jw", f"north@{HOUSE}")
    assert verdict(typed, other).band is Band.ASK
    owner, stranger = person("Danuta Adamczyk", f"danuta@{HOUSE}"), person("Zaneta Urban", f"danuta@{HOUSE}")
    assert verdict(owner, stranger).band is Band.DIFFERENT


@pytest.mark.parametrize("mail", ["wendyh.olloway", "wnedy.holloway", "wendy.holoway", "wendyholloway"])
def test_a_letter_wrong_in_an_address_that_is_the_name_is_mistyped(mail: str) -> None:
    known = person("Wendy Holloway", f"wendy.holloway@{HOUSE}")
    assert verdict(known, person("Wendy Holloway", f"{mail}@{HOUSE}")).rule == "email-and-name"


@pytest.mark.parametrize("mail", ["wendi.holloway", "wendye.holloway", "wendy.e.holloway", "wendy.holloway2", "wh"])
def test_an_initial_a_number_or_another_given_name_in_an_address_tells_namesakes_apart(mail: str) -> None:
    known = person("Wendy Holloway", f"wendy.holloway@{HOUSE}")
    assert verdict(known, person("Wendy Holloway", f"{mail}@{HOUSE}")).band is not Band.SAME
    anna, other = (person("Anna Vogt-Lind", f"{local}.vogtlind@{HOUSE}") for local in ("anna", "anna.e"))
    assert verdict(anna, other).band is not Band.SAME


# --- a mobile phone -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Bob Salmela", "Robert, Salmela-Kivi", "Rob Salmela"])
def test_one_mobile_phone_and_a_short_name_are_one_person_s(name: str) -> None:
    known = person("Robert Salmela", phone=MOBILE)
    assert verdict(known, person(name, phone=MOBILE)).rule == "phone-and-name"
    asked = verdict(person("Robert Salmela", phone=SWITCHBOARD), person(name, phone=SWITCHBOARD))
    assert asked == Verdict(Band.ASK, "score")


def test_one_mobile_phone_tells_which_of_father_and_son_is_meant() -> None:
    senior = person("Karl, Brenner sen.", phone=MOBILE)
    assert verdict(senior, person("Karl Brenner", phone=MOBILE)).rule == "phone-and-name"
    assert verdict(senior, person("Karl, Brenner jun.", phone=MOBILE)).band is Band.DIFFERENT


def test_two_mobile_phones_of_one_name_with_one_employer_are_asked_about() -> None:
    known, other = (person("Aino Salmela", phone=phone, employer=FIRM) for phone in (MOBILE, "+358401234568"))
    assert verdict(known, other) == Verdict(Band.ASK, "score")
    assert verdict(known, person("Aino Salmela", phone=SWITCHBOARD, employer=FIRM)).rule == "name-and-employer"
    desk = f"{SWITCHBOARD};ext=1"
    known, other = (person("Aino Salmela", phone=[desk, one]) for one in (MOBILE, "+358401234568"))
    assert verdict(known, other) == Verdict(Band.ASK, "score")
    junior = person("Aino, Salmela Jr.", phone="+358401234568", employer=FIRM)
    assert verdict(known, junior).band is Band.DIFFERENT


@pytest.mark.parametrize("name", ["Jan Robert, Salmela", "Jan Robert, Salmela-Kivi"])
def test_a_child_called_after_its_father_may_have_his_mobile_phone(name: str) -> None:
    known, other = person("Robert Salmela", phone=MOBILE), person(name, phone=MOBILE)
    assert verdict(known, other) == Verdict(Band.ASK, "score")


@pytest.mark.parametrize("name", ["Roberta Salmela", "R. Salmela", "Rita Salmela"])
def test_a_family_may_have_one_mobile_phone(name: str) -> None:
    assert verdict(person("Robert Salmela", phone=MOBILE), person(name, phone=MOBILE)).band is not Band.SAME


# --- names --------------------------------------------------------------------------------------------------------


def test_who_has_one_of_two_family_names_with_one_employer_is_asked_about() -> None:
    known = person("Megan, Thornton-Barker", f"megan.barker@{HOUSE}", employer=FIRM)
    married = person("Megan Thornton", f"megan.thornton@{HOUSE}", employer=FIRM)
    assert verdict(known, married) == Verdict(Band.ASK, "score")
    assert verdict(known, person("Moira Thornton", employer=FIRM)).band is Band.DIFFERENT


def test_two_initials_are_two_given_names() -> None:
    known = person("Juha-Pekka Korhonen", f"jp.korhonen@{HOUSE}")
    assert verdict(known, person("JP Korhonen", f"jp.korhonen@{HOUSE}")).rule == "personal-email"
    assert verdict(known, person("JP Korhonen", phone=SWITCHBOARD)).band is not Band.SAME
    assert verdict(person("Juha-Pekka Korhonen", phone=MOBILE), person("JP Korhonen", phone=MOBILE)).band is Band.SAME
    assert verdict(known, person("JT Korhonen", f"jp.korhonen@{HOUSE}")).band is not Band.SAME


@pytest.mark.parametrize(
    ("mail", "phone", "band"),
    [(f"yumi@{HOUSE}", "", Band.ASK), ("", MOBILE, Band.ASK), ("", SWITCHBOARD, Band.DIFFERENT)],
)
def test_japanese_characters_do_not_speak_against_a_latin_name(mail: str, phone: str, band: Band) -> None:
    assert verdict(person("由美 山口", mail, phone), person("Yumi Yamaguchi", mail, phone)).band is band


@pytest.mark.parametrize(
    ("name", "band"),
    [
        *(("由美 小林", Band.DIFFERENT), ("小林 由美", Band.DIFFERENT), ("Koji Kobayashi", Band.DIFFERENT)),
        *(("小林 優子", Band.ASK), ("憂子 小林", Band.ASK)),
    ],
)
def test_who_of_a_family_writes_is_told_by_the_characters(name: str, band: Band) -> None:
    known = person("優子 小林", "kobayashi.home@gmail.com")
    assert verdict(known, person(name, "kobayashi.home@gmail.com"), 30.0).band is band


def test_a_woman_s_form_of_a_colleague_s_names_is_not_asked_about() -> None:
    known = person("Aleksandr Ivanov", phone=SWITCHBOARD)
    assert verdict(known, person("Aleksandra Ivanova", phone=SWITCHBOARD)).band is Band.DIFFERENT


@pytest.mark.parametrize(
    ("name", "short"),
    [("Katarzyna", "Kasia"), ("Georgios", "George"), ("Дмитрий", "Дима"), ("Сергій", "Sergey"), ("István", "Pista")],
)
def test_short_and_foreign_forms_of_given_names_are_known(name: str, short: str) -> None:
    mail = f"k@{HOUSE}"
    assert verdict(person(f"{name} Novak", mail), person(f"{short} Novak", mail)).rule == "personal-email"
