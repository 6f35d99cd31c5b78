"""E-mail lists, domains, names, terms and dates beyond the golden tables. All names are synthetic."""

import datetime
import pickle
import time
from decimal import Decimal
from typing import Any

import pytest

from solmu import normalise
from solmu.normalise import Invalid, business_id, emails, is_generic, surname_key, terms, tokens
from solmu.normalise.business_id import _SCHEMES


def test_invalid_says_what_would_be_right_and_keeps_the_value_out_of_its_message() -> None:
    with pytest.raises(Invalid) as caught:
        normalise.email("matti@@secret.example")
    assert caught.value.code == "email-with-two-at"
    assert caught.value.value == "matti@@secret.example"
    assert "name@example.com" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_name_that_is_too_long_is_refused_for_its_length() -> None:
    with pytest.raises(Invalid, match="too long") as caught:
        normalise.organisation_name("Virtanen " * 39)
    assert caught.value.code == "not-an-organisation-name"
    assert caught.value.expected == "a name of at most 255 characters, not 350"


def test_invalid_survives_the_way_to_another_process() -> None:
    copy = pickle.loads(pickle.dumps(Invalid("code", "value", "message", "expected")))
    assert (copy.code, copy.value, copy.message, copy.expected) == ("code", "value", "message", "expected")


def test_several_addresses_in_a_field_are_found_once_each_and_names_passed_over() -> None:
    found = emails("Matti <a@example.com>; B@example.it, c@example.de / a@EXAMPLE.com")
    assert [email.address for email in found] == ["a@example.com", "B@example.it", "c@example.de"]
    assert emails(" ") == []


def test_a_field_of_addresses_without_any_is_invalid() -> None:
    with pytest.raises(Invalid, match="no @"):
        emails("ask Matti")
    with pytest.raises(Invalid, match="no e-mail"):
        emails("a@example.com; b@")


@pytest.mark.parametrize(
    "domain",
    ["gmail.com", "mail.gmail.com", "hotmail.fi", "yahoo.co.uk", "facebook.com", "jimdo.com", "ebay.co.uk", "a1.net"],
)
def test_domains_where_anybody_may_be_are_free(domain: str) -> None:
    assert normalise.is_free_domain(domain)


@pytest.mark.parametrize("domain", ["example.com", "acme.jimdo.com", "live.example.com", "notgmail.com", "com", ""])
def test_other_domains_are_not_free(domain: str) -> None:
    assert not normalise.is_free_domain(domain)


def test_tokens_put_telling_words_first_and_generic_ones_last() -> None:
    assert tokens("Suomen Koivu International Group Oy") == ["koivu", "suomen", "international", "group"]
    assert [is_generic(token) for token in tokens("Koivu Group")] == [False, True]
    assert tokens(None) == []


def test_a_family_name_has_one_key_however_it_is_spaced() -> None:
    assert surname_key("De Luca") == surname_key("deluca") == surname_key("DE LUCA") == "deluca"
    assert surname_key("O’Brien") == surname_key("O'BRIEN") == "obrien"
    assert surname_key(normalise.person_name("Matti Virtanen")) == "virtanen"
    assert surname_key(None) == ""


def test_a_persons_key_does_not_depend_on_the_order_of_the_parts() -> None:
    names = ["Matti Virtanen", "Virtanen Matti", "VIRTANEN, MATTI", "Dr. Matti Virtanen"]
    assert {name.key for text in names if (name := normalise.person_name(text))} == {"matti virtanen"}


@pytest.mark.parametrize("scheme", [(country, scheme) for country, some in _SCHEMES.items() for scheme in some])
def test_each_example_that_an_error_shows_is_a_valid_business_id(scheme: tuple[str, Any]) -> None:
    country, described = scheme
    if described.example:
        found = business_id(described.example, country)
        assert found is not None
        assert (found.scheme, found.country) == (described.name, country)


@pytest.mark.parametrize(
    ("one", "other", "country"),
    [
        ("1234567-1", "FI12345671", "FI"),
        ("12345670017", "IT12345670017", "IT"),
        ("123456-7897", "SE123456789701", "SE"),
        ("123456782", "FR11123456782", "FR"),
        ("123 456 782 00002", "FR11123456782", "FR"),
        ("0123.456.749", "BE123456749", "BE"),
        ("HRB 11223 Aachen", "Aachen HRB 11223", "DE"),
    ],
)
def test_the_domestic_form_and_the_vat_form_of_one_business_have_one_key(one: str, other: str, country: str) -> None:
    first, second = business_id(one, country), business_id(other, country)
    assert first is not None
    assert second is not None
    assert first.key == second.key


def test_the_same_digits_in_two_countries_are_two_businesses() -> None:
    found = {country: business_id("123456785", country) for country in ("NO", "PL")}
    assert {found_id.key for found_id in found.values() if found_id} == {"NO:123456785", "PL:REGON123456785"}


VENUE = {"quiz": ["pub quiz", "tietovisa"], "live music": ["elävä musiikki", "bands"], "A/V equipment": []}


def test_terms_are_found_by_synonym_without_regard_to_case_and_accents() -> None:
    assert terms("Pub Quiz; ELAVA MUSIIKKI / quiz, A/V equipment", VENUE) == ["quiz", "live music", "A/V equipment"]


def test_an_unknown_term_is_refused_with_the_nearest() -> None:
    with pytest.raises(Invalid, match=r"expected quiz$") as caught:
        terms("quizz", VENUE)
    assert caught.value.code == "unknown-term"
    with pytest.raises(Invalid, match="quiz or live music or A/V equipment"):
        terms("xyz", VENUE)


def test_without_a_vocabulary_terms_are_only_split() -> None:
    assert terms(" saw ;  drill, Saw ", None) == ["saw", "drill"]
    assert terms("n/a", VENUE) == []


def test_an_accepted_synonym_of_two_terms_is_the_first_ones() -> None:
    assert terms("music", {"live": ["music"], "recorded": ["music"]}) == ["live"]
    assert terms("live", {"recorded": ["live"], "live": []}) == ["live"]


def test_dates_that_are_dates_already_pass() -> None:
    assert normalise.date(datetime.date(2024, 4, 3)) == datetime.date(2024, 4, 3)
    assert normalise.date(datetime.datetime(2024, 4, 3, 23, 59, tzinfo=datetime.UTC)) == datetime.date(2024, 4, 3)
    assert normalise.date(None) is None


def test_a_float_is_the_serial_number_of_a_spreadsheet() -> None:
    assert normalise.date(45385.0) == datetime.date(2024, 4, 3)
    assert normalise.timestamp(45385.75) == datetime.datetime(2024, 4, 3, 18, tzinfo=datetime.UTC)
    for number in (0.5, -1.0, 3e6, float("nan"), float("inf")):
        with pytest.raises(Invalid):
            normalise.date(number)


def test_month_names_are_read_in_the_languages_stated() -> None:
    assert normalise.date("3. huhtikuuta 2024", languages=["fi"]) == datetime.date(2024, 4, 3)
    with pytest.raises(Invalid):
        normalise.date("3. huhtikuuta 2024", languages=["it"])


def test_a_moment_without_offset_is_measured_in_the_sources_time_zone() -> None:
    naive = datetime.datetime(2024, 7, 3, 10, 0)  # noqa: DTZ001 - what a spreadsheet gives
    expected = datetime.datetime(2024, 7, 3, 7, 0, tzinfo=datetime.UTC)
    assert normalise.timestamp(naive, timezone="Europe/Helsinki") == expected
    assert normalise.timestamp(expected, timezone="Europe/Helsinki") == expected
    assert normalise.timestamp(datetime.date(2024, 7, 3)) == datetime.datetime(2024, 7, 3, tzinfo=datetime.UTC)
    assert normalise.timestamp(None) is None


def test_numbers_are_amounts_as_they_are() -> None:
    assert normalise.amount(5) == Decimal(5)
    assert normalise.amount(0.1) == Decimal("0.1")
    assert normalise.amount(Decimal("1.50")) == Decimal("1.50")
    for nonsense in (True, float("nan"), float("inf")):
        with pytest.raises(Invalid):
            normalise.amount(nonsense)


def test_lines_of_a_field_are_separate_numbers() -> None:
    found = normalise.phones("040 1234567\n050 1234567", "FI")
    assert [phone.e164 for phone in found] == ["+358401234567", "+358501234567"]
    assert [phone.raw for phone in found] == ["040 1234567", "050 1234567"]


@pytest.mark.parametrize(
    "text", ["- " * 5000 + "x", "a " * 5000, "a1 " * 3000, "(ent " * 2000, "1" * 9999, "a@b.fi " * 999]
)
def test_a_note_in_the_wrong_column_is_refused_or_kept_in_no_time(text: str) -> None:
    started = time.process_time()
    for function in (normalise.organisation_name, normalise.person_name, normalise.email, normalise.phones):
        with pytest.raises(Invalid):
            function(text)
    assert normalise.split_street(text) == (text, None)
    assert time.process_time() - started < 2
