"""Fathers and sons in one firm, colleagues of one given name, half a name at a switchboard. All are invented."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solmu.match.blocking import mail_keys
from solmu.match.features import PersonFeatures
from solmu.match.rules import Band
from tests.unit.match.test_contacts import FIRM, HOUSE, MOBILE, SWITCHBOARD, person, verdict

_OTHER_MOBILE = "+358401234568"
_JUNIOR = person("Luiz, Souza Jr.", f"luiz.souza@{HOUSE}", employer=FIRM)
_NUMBERED = [person("Luiz Souza", f"luiz.souza{at}@{HOUSE}", employer=FIRM) for at in ("", "2")]


@pytest.mark.parametrize("known", [[_JUNIOR], _NUMBERED], ids=["jr", "numbered"])
@pytest.mark.parametrize(
    "shared", [{"phone": SWITCHBOARD}, {"mail": f"info@{HOUSE}"}, {"street": "Satamatie 1", "city": "Rauma"}]
)
def test_where_namesakes_are_known_what_the_firm_shares_merges_nobody(
    known: list[PersonFeatures], shared: dict[str, str]
) -> None:
    one, two = (person("Luiz Souza", employer=firm, **shared) for firm in (FIRM, None))
    assert verdict(one, two).band is Band.SAME
    assert verdict(one, two, 30.0, known).band is Band.ASK


def test_two_mobile_phones_of_one_name_tell_that_the_shared_mailbox_is_of_two() -> None:
    one, two = person("Luiz Souza", f"info@{HOUSE}"), person("Luiz Souza", f"info@{HOUSE}", MOBILE)
    son = person("Luiz Souza", f"info@{HOUSE}", _OTHER_MOBILE)
    assert verdict(one, two).rule == "shared-email-and-name"
    assert verdict(one, two, 30.0, [son]).band is Band.ASK


def test_who_has_the_mobile_phone_of_a_father_is_the_father() -> None:
    one, two = (person("Luiz Souza", phone=MOBILE, employer=firm) for firm in (FIRM, None))
    assert verdict(one, two, others=[_JUNIOR]).rule == "phone-and-name"


def test_colleagues_are_no_question_however_much_of_the_firm_they_share() -> None:
    shared = {"phone": SWITCHBOARD, "street": "Satamatie 1", "city": "Rauma", "employer": FIRM}
    one, *others = (
        person(name, **shared)  # type: ignore[arg-type]
        for name in ("Daniel Rounier", "Daniel Petit", "D. Petit", "Daniela Rounier", "Daniel, Rounier Sand")
    )
    asked = [verdict(one, other, 30.0).band is Band.ASK for other in others]
    assert asked == [False, False, False, True]


def test_a_family_name_badly_typed_is_no_colleague_s() -> None:
    known = person("Ewa Szczepanska", phone=SWITCHBOARD, employer=FIRM)
    asked = [
        verdict(known, person(f"Ewa {name}", phone=SWITCHBOARD, employer=FIRM), 30.0).band is Band.ASK
        for name in ("Szepanka", "Shchepanska", "Nowak")
    ]
    assert asked == [True, True, False]


def test_half_a_name_is_that_of_the_one_whom_it_fits() -> None:
    known = person("Rita Holm", f"rita.holm@{HOUSE}", SWITCHBOARD, employer=FIRM)
    for name in ("Mr Holm", "R Holm"):
        card = person(name, phone=SWITCHBOARD, employer=FIRM)
        assert verdict(known, card).band is not Band.DIFFERENT, name
        husband = person("Rolf Holm", employer=FIRM)
        assert verdict(known, card, 30.0, [husband]).band is Band.DIFFERENT, name
        assert verdict(card, card, 30.0).band is not Band.DIFFERENT, name
        assert verdict(card, card, 30.0, [known, husband]).band is Band.DIFFERENT, name


def test_a_family_name_alone_is_asked_about_beside_the_one_who_bears_it_there() -> None:
    rita, rolf = (person(f"{given} Holm", phone=SWITCHBOARD, employer=FIRM) for given in ("Rita", "Rolf"))
    card = person("Mr Holm", phone=MOBILE, employer=FIRM)
    assert verdict(rita, card).band is Band.ASK
    assert verdict(rita, card, 30.0, [rolf]).band is Band.DIFFERENT
    assert verdict(rita, person("Mr Holm", phone=MOBILE)).band is Band.DIFFERENT


def test_half_a_name_with_one_mobile_phone_is_asked_about() -> None:
    known = person("Giuseppe, Bortolami Rossi", phone=MOBILE)
    for name in ("Beppe,", ", Bortolami", "G., Bortolami"):
        assert verdict(known, person(name, phone=MOBILE)).band is Band.ASK, name
    assert verdict(known, person("Maria,", phone=MOBILE)).band is Band.DIFFERENT


def test_one_mobile_phone_under_names_in_two_scripts_is_asked_about() -> None:
    assert verdict(person("خالد درويش", phone=MOBILE), person("Khaled Darwish", phone=MOBILE)).band is Band.ASK


def test_two_numbered_mailboxes_with_one_mobile_phone_are_asked_about() -> None:
    one, two = (person("Pilar Bustos", f"pilar.bustos{at}@{HOUSE}", MOBILE, employer=FIRM) for at in ("", "2"))
    assert verdict(one, two).band is Band.ASK
    assert verdict(one, person("Pilar Bustos", f"pilar.bustos2@{HOUSE}", employer=FIRM)).band is Band.DIFFERENT


def test_a_company_s_own_address_at_a_provider_is_no_question() -> None:
    firm = (7, "brunnholzbau")
    for mail in ("brunnholzbau@gmail.com", "brunnholz@gmail.com"):
        one, two = (person(name, mail, SWITCHBOARD, employer=firm) for name in ("Stefan Brünnhuber", "Birgit Huber"))
        assert verdict(one, two, 30.0).band is Band.DIFFERENT


def test_addresses_with_two_given_names_are_two_people_s_wherever_they_are() -> None:
    one, two, unsaid = (
        replace(person(f"{name} Terhorst", mail), born="19970822")
        for name, mail in (("Jannik", "jannik.t@gmx.de"), ("Jannis", "jannis-t@web.de"), ("Jannis", "terhorst7@web.de"))
    )
    assert verdict(one, unsaid).rule == "birth-date-and-name"
    assert verdict(one, two).band is not Band.SAME


def test_a_pet_name_at_an_address_in_the_full_name_is_its_reader_s() -> None:
    one, two = (person(f"{name} Winkler", "daniel.winkler@gmail.com") for name in ("Dan", "Daniel"))
    assert verdict(one, two).rule == "personal-email"
    one, two = (person(f"{name} Winkler", "winkler77@gmail.com") for name in ("Dan", "Daniel"))
    assert verdict(one, two).band is Band.ASK
    one, two = (person(name, "daniel.winkler@gmail.com") for name in ("Dan Winkler", "Daniel, Winkler Jr."))
    assert verdict(one, two).band is not Band.SAME


def test_a_mailbox_with_an_initial_may_be_mistyped_too() -> None:
    one, two = (person("Volker Langemann", f"{mail}@{HOUSE}") for mail in ("v.langemann", "v.lnagemann"))
    assert verdict(one, two).rule == "email-and-name"
    one, two = (person("Johan Johansson", f"{mail}@{HOUSE}") for mail in ("jjohansson", "johansson"))
    assert verdict(one, two).band is not Band.SAME
    one, two = (person("123 Langemann", f"langemann.{mail}@{HOUSE}") for mail in "ab")  # a column that has slipped
    assert verdict(one, two).band is not Band.SAME


def test_an_office_s_mobile_phone_is_no_question_of_two_names_that_anybody_can_read() -> None:
    one = person("Иван Петров", phone=MOBILE)
    assert verdict(one, person("Anna Orlova", phone=MOBILE)).band is Band.DIFFERENT
    assert verdict(one, person("Iwan Petrow", phone=MOBILE)).band is not Band.DIFFERENT


def test_a_given_name_at_the_address_of_a_firm_a_bookkeeper_or_a_family_is_not_merged() -> None:
    mail = "bar.do.luiz@gmail.com"
    known, card = person("Luiz Souza", mail, employer=FIRM), person("Luiz,", mail)
    assert verdict(known, card).rule == "personal-email"
    assert verdict(known, person("Luiz,", mail, employer=(8, "padariadez"))).band is Band.ASK
    for other in ("Luiz Prado", "Rita Souza"):
        assert verdict(known, card, others=[person(other, mail)]).band is Band.ASK, other
    firm = (7, "bardoluiz")
    assert verdict(person("Luiz Souza", mail, employer=firm), card).band is Band.ASK


def test_who_else_writes_from_an_address_at_a_provider_is_found() -> None:
    mail = "heather.wallace@gmail.com"
    assert mail_keys(person("Peter Wallace", mail)) & mail_keys(person("", mail))


def test_titles_in_the_column_of_given_names_are_no_part_of_them() -> None:
    for title in ("Dipl.-Ing.", "Dr. med. dent.", "Dr. rer. nat.", "Pfarrer"):
        assert person(f"{title} Daniela, Huber").given == "daniela"
    assert person("Phil Anna, Huber").given == "phil anna"
    assert person("Imam Budi, Santoso").given == "imam budi"  # what many in Java are called


def test_two_mailboxes_at_one_switchboard_may_be_two_namesakes() -> None:
    one, two = (person("Jens Hansen", f"{box}@{HOUSE}", SWITCHBOARD, employer=FIRM) for box in ("jha", "jeha"))
    card = person("Jens Hansen", phone=SWITCHBOARD, employer=FIRM)
    assert verdict(one, two).band is Band.ASK
    assert verdict(one, card).rule == "phone-and-name"
    assert verdict(one, card, 30.0, [two]).band is Band.ASK
    alias = person("Jens Hansen", f"jens.hansen@{HOUSE}", SWITCHBOARD)
    assert verdict(alias, person("Jens Hansen", f"jhansen@{HOUSE}", SWITCHBOARD)).rule == "phone-and-name"
    at_one_desk = (person("Jens Hansen", f"{box}@{HOUSE}", f"{SWITCHBOARD};ext=11") for box in ("jha", "jeha"))
    assert verdict(*at_one_desk).rule == "phone-and-name"
