"""Names that are written in other letters: umlauts written out, Cyrillic and Greek, Chinese and Japanese."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from solmu.match.blocking import block_keys, candidate_keys, name_keys
from solmu.match.features import Features, OrganisationFeatures, organisation_features, person_features
from solmu.match.likeness import Likeness, likeness
from solmu.match.mates import Namesakes
from solmu.match.model import Thresholds, default_model
from solmu.match.rows import row
from solmu.match.rules import Band, Verdict, judge
from solmu.match.score import Scorer
from solmu.match.splink_engine import score_all
from solmu.model import Entity
from solmu.normalise.text import fold
from tests.unit.match.cards import Cards


def verdict(left: Features, right: Features) -> Verdict:
    def mates(_: Iterable[str]) -> Namesakes:
        return Namesakes([left, right])

    return judge(left, right, -5.0, Thresholds(ask=10.0), mates=mates)


def colleague(name: str | tuple[str, str], *, employer: int | None = 7, **more: Any) -> Features:
    told = {"name": name} if isinstance(name, str) else {"family_name": name[0], "given_name": name[1]}
    return person_features(
        told | more,
        employers=[] if employer is None else [employer],
        employer_names=[] if employer is None else ["merivirta"],
    )


def organisation(name: str, **more: Any) -> OrganisationFeatures:
    return organisation_features({"name": name, **more})


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Böhm GmbH", "Boehm GmbH"),
        ("Wärtsilä Diesel GmbH", "Waertsilae Diesel"),
        ("Søstrene Gård AS", "Soestrene Gaard AS"),
        ("Müller Metallbau GmbH", "MUELLER METALLBAU GMBH"),
    ],
)
def test_an_organisation_with_its_umlauts_written_out_has_the_same_name(one: str, two: str) -> None:
    assert likeness(organisation(one), organisation(two)) is Likeness.EXACT
    assert verdict(organisation(one, city="Ulm"), organisation(two, city="Ulm")).rule == "name-and-place"


@pytest.mark.parametrize(("one", "two"), [("Blue Oy", "Blu Oy"), ("Goeta AB", "Gota AB"), ("Saari Oy", "Sari Oy")])
def test_vowels_that_nobody_wrote_out_are_the_name_s_own(one: str, two: str) -> None:
    assert likeness(organisation(one), organisation(two)) is not Likeness.EXACT
    assert verdict(organisation(one, city="Ulm"), organisation(two, city="Ulm")).band is not Band.SAME


def test_a_slip_in_a_name_with_its_umlauts_written_out_is_a_slip() -> None:
    assert likeness(organisation("Wärtsilä Diesel"), organisation("Waertsilae Disel")) is Likeness.SLIP


def test_what_an_umlaut_is_written_out_to_names_a_branch_as_before() -> None:
    assert likeness(organisation("Müller"), organisation("Müller Grundstücks GmbH")) is Likeness.NONE


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Jürgen Groß", "Juergen Gross"),
        ("Øystein Bjørnsen", "Oeystein Bjoernsen"),
        ("Юрий Щербаков", "Yuri Shcherbakov"),
        ("Юрий Щербаков", "Yury Shcherbakov"),
        ("Татьяна Ильина", "Tatiana Ilina"),
        ("Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos"),
        ("Μαρία Παπαδοπούλου", "Maria Papadopoulou"),
        ("Ευάγγελος Αυγερινός", "Evangelos Avgerinos"),
        ("Ευθύμιος Μπουτάρης", "Efthymios Boutaris"),
        ("Ευάγγελος Μπουτάρης", "Evaggelos Boutaris"),
        ("李小龙", "李小龙"),
        ("田中 太郎", "田中太郎"),
        (("田中", "太郎"), "田中太郎"),
        ("ヤマダ・タロウ", "ヤマダタロウ"),
    ],
)
def test_one_name_in_other_letters_merges_as_the_same_name_does(one: Any, two: Any) -> None:
    assert verdict(colleague(one), colleague(two)) == Verdict(Band.SAME, "name-and-employer")
    called = [colleague(name, employer=None, phone=["+3581"]) for name in (one, two)]
    assert verdict(*called) == Verdict(Band.SAME, "phone-and-name")
    assert candidate_keys(block_keys(colleague(one))) & block_keys(colleague(two))


def test_a_greek_address_is_the_same_in_latin_letters() -> None:
    greek = organisation("Αύρα Πλους Α.Ε.", street="Πανεπιστημίου 12", city="Αθήνα")
    latin = organisation("Avra Plous AE", street="Panepistimiou 12", city="Athens")
    assert verdict(greek, latin).band is Band.SAME
    assert candidate_keys(block_keys(greek)) & block_keys(latin)


def test_a_colleague_with_an_initial_is_looked_for_among_all_of_that_greek_name() -> None:
    initial, maria = colleague(("Παπαδοπούλου", "Μ.")), colleague(("Papadopoulou", "Maria"))
    assert verdict(initial, maria).rule == "initial-and-employer"
    assert name_keys(initial) & name_keys(maria)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Юрий Щербаков", "Yury Scherbakov"),
        ("Yuri Shcherbakov", "Yury Scherbakov"),
        ("Александр Соловьёв", "Alexander Solovyov"),
        ("Юрий Иванов", "Jurij Iwanow"),
        ("Γιώργος Παπαδόπουλος", "Yiorgos Papadopoulos"),
    ],
)
def test_a_name_in_another_transliteration_is_asked_about_where_more_is_the_same(one: str, two: str) -> None:
    ask = Verdict(Band.ASK, "score")
    assert verdict(colleague(one), colleague(two)) == ask
    assert verdict(*(colleague(name, employer=None, phone=["+3581"]) for name in (one, two))) == ask
    mails = ("info@merivirta.fi", "sales@merivirta.fi")
    assert (
        verdict(*(colleague(n, employer=None, email=[mail]) for n, mail in zip((one, two), mails, strict=True))) == ask
    )
    assert verdict(*(colleague(name, employer=None, city="Oulu") for name in (one, two))).band is Band.DIFFERENT


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Marja Mäkinen", "Maria Mäkinen"),
        ("Сергей Попов", "Anna Popova"),
        ("Юрий Щербаков", "Yana Shcherbakova"),
        ("王伟", "王薇"),
        ("李小龙", "李大龙"),
    ],
)
def test_another_name_is_no_question_however_alike_it_sounds(one: str, two: str) -> None:
    assert verdict(colleague(one), colleague(two)).band is Band.DIFFERENT


def test_twins_with_chinese_names_are_two() -> None:
    home = {"street": "Nanjing Lu 5", "city": "Shanghai", "birth_date": "1990-03-04"}
    assert verdict(*(colleague(name, employer=None, **home) for name in ("李小龙", "李大龙"))).band is not Band.SAME


def test_people_of_one_chinese_name_are_found_by_its_characters(cards: Cards) -> None:
    company = {"name": "Merivirta Telakka Oy", "business_id": "FI:01234567"}
    ids = [cards.add(company, {"name": name})[1] for name in ("王伟", "王 伟", "王薇")]
    cards.resolve()
    assert cards.together(*ids[:2])
    assert not cards.together(*ids[1:])


def test_a_soft_sign_parts_no_word() -> None:
    assert fold("Соловьёв") == "solovev"
    assert fold("Объединение") == "obedinenie"


def test_splink_scores_names_in_other_letters_as_the_compiled_scorer_does() -> None:
    pairs = (("Юрий Щербаков", "Yury Scherbakov"), ("田中 太郎", "田中太郎"), ("Jürgen Groß", "Juergen Gross"))
    left, right = zip(*((colleague(one), colleague(two)) for one, two in pairs), strict=True)
    model = default_model(Entity.PERSON)
    scorer = Scorer(model)
    scores = score_all(model, left, right)
    for (one, two), (weight, _) in scores.items():
        assert scorer.score_rows(row(left[one]), row(right[two])).weight == pytest.approx(weight, abs=1e-6)
