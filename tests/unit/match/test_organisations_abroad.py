"""Numbers, forms, towns and what stands behind a name, in many languages and scripts. All companies are invented."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from solmu.match.blocking import block_keys
from solmu.match.features import OrganisationFeatures, organisation_features
from solmu.match.legal_kinds import legal_forms_contradict
from solmu.match.likeness import Likeness, likeness
from solmu.match.mates import Namesakes
from solmu.match.model import Thresholds
from solmu.match.rules import Band, judge
from solmu.match.towns import town_and_region


def organisation(name: str, **values: Any) -> OrganisationFeatures:
    return organisation_features({"name": name, **values})


def band(left: OrganisationFeatures, right: OrganisationFeatures, *others: OrganisationFeatures) -> Band:
    def mates(keys: Iterable[str]) -> Namesakes:
        asked = set(keys)
        return Namesakes([one for one in (left, right, *others) if not asked.isdisjoint(block_keys(one))])

    return judge(left, right, 0.0, Thresholds(ask=10.0), mates=mates).band


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Harrenbrook Wind Fund II", "Harrenbrook Wind Fund III"),
        ("Harrenbrook Wind XI", "Harrenbrook Wind XII"),
        ("霧野投資ファンドII号", "霧野投資ファンドIII号"),
        ("새벽 투자조합 I호", "새벽 투자조합 II호"),
    ],
)
def test_roman_numerals_tell_funds_apart_and_are_no_slip(one: str, two: str) -> None:
    contacts = {"domain": "harrenbrook.example", "phone": ["+4930123"], "city": "Kiel"}
    assert likeness(organisation(one), organisation(two)) is Likeness.NONE
    assert band(organisation(one, **contacts), organisation(two, **contacts)) is Band.DIFFERENT
    assert band(organisation(one, **contacts), organisation(one, **contacts)) is Band.SAME


def test_a_fund_is_not_the_second_one_cut_short() -> None:
    contacts = {"domain": "harrenbrook.example", "city": "Kiel"}
    second = organisation("Harrenbrook Wind II GmbH", **contacts)
    assert band(organisation("Harrenbrook Wind", **contacts), second) is not Band.SAME


@pytest.mark.parametrize(
    ("one", "two", "country", "contradict"),
    [
        ("ag", "sa", "CH", False),
        ("gmbh", "sarl", "CH", False),
        ("nv", "sa", "BE", False),
        ("bvba", "srl", "BE", False),
        ("gmbh", "srl", "IT", False),
        ("ag", "gmbh", "CH", True),
        ("nv", "srl", "BE", True),
        ("ag", "sa", None, True),
        ("gmbh", "srl", "DE", True),
    ],
)
def test_forms_have_names_in_each_language_of_their_country(
    one: str, two: str, country: str | None, contradict: bool
) -> None:
    assert legal_forms_contradict(one, two, country) is contradict
    assert legal_forms_contradict(two, one, country) is contradict


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("株式会社みずのわ", "みずのわ㈱"),
        ("(株)みずのわ", "みずのわ 株式会社"),
        ("有限会社みずのわ", "みずのわ（有）"),
        ("주식회사 새벽물류", "(주)새벽물류"),
        ("㈜ 새벽물류", "새벽물류"),
        ("青河机械有限责任公司", "青河机械有限公司"),
        ('ברוש הנדסה בע"מ', "ברוש הנדסה בעמ"),
        ("شركة الريحان للنقل", "الريحان للنقل ذ.م.م"),
        ("Haselbach Gesellschaft m.b.H.", "Haselbach GmbH"),
        ("Hallman Teoranta", "Hallman Ltd"),
        ("Brf Tallbacken 3", "Bostadsrättsföreningen Tallbacken 3"),
    ],
)
def test_forms_in_other_scripts_are_no_part_of_the_name(one: str, two: str) -> None:
    assert likeness(organisation(one), organisation(two)) is Likeness.EXACT


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("東京都", "Tokyo"),
        ("大阪府大阪市", "大阪"),
        ("滋賀県大津市", "大津市"),
        ("서울특별시", "Seoul"),
        ("인천시", "인천"),
        ("杭州市", "Hangzhou"),
        ("г. Казань", "Kazan"),
        ("חיפה", "Haifa"),
        ("جدة", "Jeddah"),
        ("Ηράκλειο", "Heraklion"),
        ("Saint Louis", "St. Louis"),
        ("Sankt Pölten", "St.Pölten"),
        ("Fort Worth", "Ft. Worth"),
        ("Odense C", "Odense"),
    ],
)
def test_a_town_has_one_key_however_it_is_written(one: str, two: str) -> None:
    assert town_and_region(one) == town_and_region(two)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("Miami, FL", "Miami", True),
        ("Monteforese (VR)", "Monteforese", True),
        ("Cambridge, UK", "Cambridge, GB", True),
        ("Springfield, IL", "Springfield, MA", False),
        ("Castrovalle (BG)", "Castrovalle (LE)", False),
        ("Austin TX", "Austin, TX", True),
        ("AUSTIN TX", "Austin", True),
        ("SPRINGFIELD IL", "Springfield, MA", False),
        ("Washington DC", "Washington, IL", False),
        ("Mexico DF", "Ciudad de México", True),
        ("Buchs SG", "Buchs", True),
        ("Buchs SG", "Buchs AG", False),
        ("Sydney, NSW", "Sydney", True),
        ("København NV", "København SV", True),
    ],
)
def test_a_state_or_province_may_be_left_out_but_two_of_them_are_two_towns(one: str, two: str, same: bool) -> None:
    left, right = organisation("Brackenfield Dental", city=one), organisation("Brackenfield Dental", city=two)
    assert band(left, right) is (Band.SAME if same else Band.DIFFERENT)
    assert not block_keys(left).isdisjoint(block_keys(right))


def test_a_state_in_a_field_of_its_own_tells_two_towns_apart_and_a_sales_region_does_not() -> None:
    def card(city: str, region: str, country: str) -> OrganisationFeatures:
        return organisation("Brackenfield Dental", city=city, region=region, country=country)

    illinois = card("Springfield", "IL", "US")
    assert band(illinois, card("Springfield", "MA", "US")) is Band.DIFFERENT
    assert band(illinois, card("Springfield, IL", "", "US")) is Band.SAME
    assert band(illinois, card("Springfield", "Illinois", "US")) is Band.SAME
    assert band(card("Köln", "EU", "DE"), card("Köln", "NW", "DE")) is Band.SAME


def test_the_end_of_a_town_in_capitals_is_no_state_of_a_country_that_has_none() -> None:
    for town, written in (("SON LA", "Sơn La"), ("TAM KY", "Tam Kỳ")):
        one, two = (organisation("Brackenfield Dental", city=name, country="VN") for name in (town, written))
        assert band(one, two) is Band.SAME, town


@pytest.mark.parametrize("pair", [("Frankfurt (Oder)", "Frankfurt am Main"), ("京都市", "東京都"), ("津市", "大津市")])
def test_two_towns_stay_two(pair: tuple[str, str]) -> None:
    assert town_and_region(pair[0]) != town_and_region(pair[1])


@pytest.mark.parametrize(
    ("name", "former"),
    [
        ("Blažek Sklo s.r.o., dříve Lípa Sklo", "Lípa Sklo s.r.o."),
        ("Zonneveld B.V. (voorheen Haverkamp Zaden)", "Haverkamp Zaden B.V."),
        ("Figueral S.L. (antigua Castanedo Obras)", "Castanedo Obras"),
        ("ООО Заря (бывш. Сосновый Бор)", "Сосновый Бор"),
        ("株式会社あかつき（旧社名：みずのわ）", "みずのわ株式会社"),
        ("华岭建材有限公司（原青河建材）", "青河建材"),
        ('ברוש מחשבים בע"מ לשעבר אלון מחשבים', "אלון מחשבים"),
        ("شركة الريحان (سابقا ينبوع للتجارة)", "ينبوع للتجارة"),
    ],
)
def test_a_former_name_counts_in_other_languages(name: str, former: str) -> None:
    assert likeness(organisation(name), organisation(former)) is Likeness.ALIAS


def test_words_that_mean_formerly_only_in_brackets_are_part_of_a_name() -> None:
    assert organisation("Bodega Antigua Roblera SL").words == ("bodega", "antigua", "roblera")


@pytest.mark.parametrize(
    ("name", "company"),
    [
        ("Nordstern Vermögen GmbH c/o Kanzlei Kühnel", "Nordstern Vermögen GmbH"),
        ("Smedjan Lund AB v/Jens Hallman", "Smedjan Lund AB"),
        ("Hoekstra B.V. t.a.v. Inkoop", "Hoekstra B.V."),
        ("Obermooser GmbH, Abteilung Einkauf", "Obermooser GmbH"),
        ("Żabkowski Sp. z o.o., Dział Zakupów", "Żabkowski Sp. z o.o."),
        ("株式会社みずのわ 経理課", "株式会社みずのわ"),
        ("青河机械有限公司采购部", "青河机械有限公司"),
    ],
)
def test_whom_to_write_to_is_no_part_of_a_companys_name(name: str, company: str) -> None:
    one, two = organisation(name), organisation(company)
    assert (one.words, one.legal_form) == (two.words, two.legal_form)


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("University of Hallam, Department of Physics", "physics"),
        ("みずのわ株式会社 北部", "beibu"),
        ("Abteilung 7 GmbH", "7"),
        ("Studio C.A. Rossini Srl", "rossini"),
        ("Restaurant v/ Hallmann ApS", "hallmann"),
        ("Tømrerfirma v/ Jens Hallmann", "hallmann"),
    ],
)
def test_what_may_be_a_customer_of_its_own_stays_part_of_the_name(name: str, last: str) -> None:
    words = organisation(name).words
    assert words[-1] == last
    assert len(words) > 1


def test_two_tradesmen_of_one_town_are_not_one_because_of_their_trade() -> None:
    one, two = (organisation(f"Tømrerfirma v/ {name}", city="Odense") for name in ("Jens Hallmann", "Per Ravnkær"))
    assert band(one, two) is not Band.SAME


@pytest.mark.parametrize("name", ["Güney GmbH", "Öster AB", "Sever"])
def test_a_family_name_that_means_a_side_of_a_country_is_a_name(name: str) -> None:
    contacts = {"domain": "harrenbrook.example", "city": "Kiel"}
    assert band(organisation(name, **contacts), organisation(name, **contacts)) is Band.SAME
    assert band(organisation(name, city="Kiel"), organisation(name, city="Kiel")) is Band.ASK
    assert band(organisation(f"Harrenbrook {name}", **contacts), organisation(name, **contacts)) is not Band.SAME


def test_a_former_name_is_known_by_the_danish_word_without_a_full_stop() -> None:
    assert likeness(organisation("Skovlund ApS tidligere Hvidager"), organisation("Hvidager ApS")) is Likeness.ALIAS


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("华信青河科技有限公司", "华鑫青河科技有限公司"),  # both Huaxin Qinghe Keji
        ("ברוש תמרונים", "ברוש טמרונים"),
        ("مؤسسة صالحين", "مؤسسة سالحين"),
    ],
)
def test_names_that_only_latin_letters_make_one_are_merged_by_a_contact_alone(one: str, two: str) -> None:
    assert organisation(one).compact == organisation(two).compact
    here = {"city": "上海", "postcode": "200001"}
    assert band(organisation(one, **here), organisation(two, **here)) is Band.ASK
    assert band(organisation(one), organisation(two)) is not Band.SAME
    assert band(organisation(one, phone=["+86211"], **here), organisation(two, phone=["+86211"], **here)) is Band.SAME
    assert band(organisation(one, **here), organisation(one, **here)) is Band.SAME


def test_one_syllable_off_in_latin_letters_is_another_character() -> None:
    here = {"city": "上海", "postcode": "200001", "phone": ["+86211"]}
    assert band(organisation("瑞山贸易", **here), organisation("瑞商贸易", **here)) is not Band.SAME


@pytest.mark.parametrize(("one", "two"), [("ミズノワ印刷", "みずのわ印刷"), ("المدينة للنقل", "المدينه للنقل")])
def test_letters_that_writers_choose_between_make_one_name(one: str, two: str) -> None:
    assert likeness(organisation(one), organisation(two)) is Likeness.EXACT


def test_a_name_without_the_words_in_its_middle_is_asked_about_at_one_phone() -> None:
    short = organisation("Kranzberg Nord", phone=["+4930123"])
    long = {"phone": ["+4930123"], "city": "Kiel", "street": "Hafenstr. 5"}
    assert band(short, organisation("Kranzberg Verpackungen Nord GmbH", **long)) is Band.ASK
    assert band(short, organisation("Kranzberg Verpackungen Süd GmbH", **long)) is Band.DIFFERENT
    assert band(short, organisation("Kranzberg Vermietung Nord GmbH", **long)) is Band.DIFFERENT
    assert band(short, organisation("Kranzberg Verpackungen Nord GmbH", **{**long, "phone": ["+49309"]})) is (
        Band.DIFFERENT
    )
    other = organisation("Kranzberg Nord", phone=["+4930123"], domain="kranzberg.example")
    assert band(other, organisation("Kranzberg Verpackungen Nord GmbH", domain="kvn.example", **long)) is Band.DIFFERENT


def test_a_name_and_its_longer_form_at_one_address_are_asked_about_where_they_do_not_merge() -> None:
    here = {"city": "Kempten", "postcode": "87435", "street": "Alte Poststr. 7"}
    short = organisation("Brühlmayr & Söhne oHG", **here)
    assert band(short, organisation("Gebr. Brühlmayr & Söhne OHG", phone=["+49831"], **here)) is Band.ASK
    assert band(short, organisation("Brühlmayr & Söhne Immobilien", **here)) is Band.DIFFERENT
    elsewhere = {**here, "street": "Alte Poststr. 70"}
    assert band(short, organisation("Gebr. Brühlmayr & Söhne OHG", **elsewhere)) is Band.DIFFERENT


@pytest.mark.parametrize(
    ("name", "branch"),
    [
        ("青河茶叶有限公司", "青河茶叶有限公司北京分公司"),
        ("みずのわリース株式会社", "みずのわリース株式会社 福岡支店"),
        ("Haselbach Lifte GmbH", "Haselbach Lifte Niederlassung Graz"),
    ],
)
def test_a_branch_is_not_its_company_though_they_share_a_domain(name: str, branch: str) -> None:
    contacts = {"domain": "haselbach.example"}
    assert band(organisation(name, **contacts), organisation(branch, **contacts)) is not Band.SAME
    bare = organisation(name.removesuffix("有限公司").removesuffix("株式会社").removesuffix("GmbH"), **contacts)
    assert band(bare, organisation(branch, **contacts)) is not Band.SAME


@pytest.mark.parametrize("more", ["Verhuur", "Service", "Udlejning", "Vermietung"])
def test_a_groups_company_for_letting_or_service_is_no_question(more: str) -> None:
    here = {"city": "Breda", "postcode": "4811 AB", "street": "Nijverheidslaan 14", "phone": ["+31761"]}
    assert band(organisation("Kassenberg Bouw", **here), organisation(f"Kassenberg Bouw {more}", **here)) is (
        Band.DIFFERENT
    )
    assert band(organisation("Kassenberg Bouw", **here), organisation("Kassenberg Bouw Pier", **here)) is not (
        Band.DIFFERENT
    )


@pytest.mark.parametrize(("one", "two"), [("Este", "Oeste"), ("Ost", "West"), ("Norte", "Sul")])
def test_sides_of_a_country_are_no_slips_and_no_longer_form(one: str, two: str) -> None:
    contacts = {"domain": "olivarenca.example", "city": "Madrid"}
    left, right = (organisation(f"Distribuidora Olivarenca {side}", **contacts) for side in (one, two))
    assert likeness(left, right) is Likeness.NONE
    assert band(left, right) is not Band.SAME
    assert band(organisation("Distribuidora Olivarenca", **contacts), left) is not Band.SAME


def test_a_name_in_another_script_is_asked_about_where_one_phone_rings_in_one_town() -> None:
    reached = {"phone": ["+9727"], "city": "חיפה"}
    hebrew = organisation('ברושים מזון בע"מ', **reached)
    assert band(hebrew, organisation("Broshim Foods Ltd", phone=["+9727"], city="Haifa")) is Band.ASK
    assert band(hebrew, organisation("Broshim Foods Ltd", phone=["+9727"], city="Netanya")) is Band.DIFFERENT
    assert band(hebrew, organisation("Broshim Foods Ltd", phone=["+9728"], city="Haifa")) is Band.DIFFERENT
