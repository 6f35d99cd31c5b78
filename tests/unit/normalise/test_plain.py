"""Plain values take a short way, and it ends where the long way does, which asks the libraries."""

import contextlib
import csv
import dataclasses
import importlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import phonenumbers
import pytest
from anyascii import anyascii
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nameparser import Lexicon

from solmu import normalise
from solmu.normalise import Invalid
from solmu.normalise.name_parts import Order, plain_parts
from solmu.normalise.plain_phone import plain_phone

GOLDEN = Path(__file__).with_name("golden")
MODULES = ("email", "domain", "name_parts", "plain_phone")
some = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def golden_inputs(table: str) -> list[str]:
    with (GOLDEN / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [row[0] for row in list(csv.reader(file))[1:] if row[0]]


@contextlib.contextmanager
def the_long_way() -> Iterator[None]:
    """Nothing counts as plain."""
    with pytest.MonkeyPatch.context() as patched:
        for name in MODULES:
            patched.setattr(importlib.import_module(f"solmu.normalise.{name}"), "_PLAIN", re.compile("(?!)"))
        yield


def outcome(function: Callable[[str], object], text: str) -> object:
    try:
        return function(text)
    except Invalid as invalid:
        return (invalid.code, invalid.value, invalid.message, invalid.expected)


def assert_both_ways_agree(function: Callable[[str], object], text: str) -> None:
    short = outcome(function, text)
    with the_long_way():
        assert outcome(function, text) == short


# --- people ---------------------------------------------------------------------------------------------------------

LISTED = sorted(
    word
    for field in dataclasses.fields(Lexicon)
    if isinstance(entries := getattr(Lexicon.default(), field.name), frozenset)
    for entry in entries
    for word in entry.split()
)
made_up = st.text(alphabet="abdeiklmnorstuvxäåöüßéèñšž", min_size=1, max_size=8)
word = st.one_of(made_up, made_up, st.sampled_from(LISTED)).map(str.capitalize)
joined = st.one_of(word, word, word, st.tuples(word, word).map("-".join))
names = st.one_of(
    st.lists(joined, min_size=2, max_size=3).map(" ".join),
    st.lists(joined, min_size=2, max_size=3).map(lambda words: f"{words[0]}, {' '.join(words[1:])}"),
    st.sampled_from(golden_inputs("people")),
)


@pytest.mark.parametrize("order", ["given-first", "family-first"])
def test_a_plain_name_has_the_parts_that_nameparser_gives(order: Order) -> None:
    @some
    @given(names, st.sampled_from([str, str, str.upper, str.lower]))
    def for_any(text: str, written: Callable[[str], str]) -> None:
        assert_both_ways_agree(partial(normalise.person_name, order=order), written(text))

    for_any()


@pytest.mark.parametrize("name", ["Matti Virtanen", "Åsa-Märta Öberg", "Virtanen, Matti", "Günther Emil Groß"])
def test_most_names_are_plain(name: str) -> None:
    assert plain_parts(name, "given-first") is not None


@pytest.mark.parametrize(
    "name",
    [
        "Dr Matti Virtanen",
        "Jan von Essen",
        "Matti Virtanen Jr",
        "Matti J. Virtanen",
        "Maria De Luca",
        "Matti",
        "Karl Vi",
    ],
)
def test_a_name_with_anything_that_means_something_is_not(name: str) -> None:
    assert plain_parts(name, "given-first") is None


# --- phones ---------------------------------------------------------------------------------------------------------

REGIONS = (
    "FI",
    "AX",
    "SE",
    "IT",
    "VA",
    "DE",
    "NO",
    "DK",
    "EE",
    "GB",
    "JE",
    "US",
    "CA",
    "FR",
    "RU",
    "BR",
    "AR",
    "LT",
    None,
)


def spaced(digits: str, gaps: list[str]) -> str:
    return "".join(digit + gap for digit, gap in zip(digits, gaps, strict=True))


def example(region: str, kind: int, changed: str) -> str:
    found = phonenumbers.example_number_for_type(region, kind) or phonenumbers.example_number(region)
    assert found is not None
    number = phonenumbers.national_significant_number(found)
    return number[: -len(changed)] + changed if changed else number


def international(region: str, number: str) -> str:
    return f"+{phonenumbers.country_code_for_region(region)}{number}"


existing = st.builds(
    example,
    st.sampled_from([region for region in REGIONS if region]),
    st.sampled_from(sorted(set(phonenumbers.PhoneNumberType.values()) - {phonenumbers.PhoneNumberType.UNKNOWN})),
    st.text(alphabet="0123456789", max_size=4),
)
digits = st.one_of(
    st.text(alphabet="0123456789", min_size=4, max_size=13),
    existing,
    existing.map(lambda number: "0" + number),
    st.builds(international, st.sampled_from([region for region in REGIONS if region]), existing),
)


@pytest.mark.parametrize("region", REGIONS)
def test_a_plain_number_is_read_as_phonenumbers_reads_it(region: str | None) -> None:
    @settings(some, max_examples=60)
    @given(digits, st.data())
    def for_any(number: str, data: st.DataObject) -> None:
        gaps = data.draw(st.lists(st.sampled_from(["", "", "", " ", "-"]), min_size=len(number), max_size=len(number)))
        assert_both_ways_agree(partial(normalise.phones, region=region), spaced(number, gaps))

    for_any()


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("015991 88456", "IL"),  # the prefix for calls abroad, with a carrier's
        ("+046 60 12345", "SE"),  # no country's code begins with 0
        ("+46 0660 12345", None),
        ("391 1234567", "IT"),  # a mobile number that begins as the country's code does
        ("39 0639 123", "IT"),
        ("8 912 3456789", "RU"),
        ("00358 40 1234567", "FI"),
        ("+39 00 0000000", None),
        ("+800 12345678", None),
    ],
)
def test_a_number_that_could_be_read_in_two_ways_is_read_as_phonenumbers_reads_it(
    text: str, region: str | None
) -> None:
    assert_both_ways_agree(partial(normalise.phones, region=region), text)


def test_every_countrys_examples_are_read_as_phonenumbers_reads_them() -> None:
    plain = 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in phonenumbers.PhoneNumberType.values():
            found = phonenumbers.example_number_for_type(region, kind)
            if found is not None:
                text = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
                plain += plain_phone(text, None) is not None
                assert_both_ways_agree(normalise.phones, text)
    assert plain > 1000


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("+358 40 1234567", None),
        ("040 1234567", "FI"),
        ("070-123 45 67", "SE"),
        ("347 1234567", "IT"),
        ("06 69812345", "IT"),
    ],
)
def test_most_numbers_are_plain(text: str, region: str | None) -> None:
    assert plain_phone(text, region) is not None


# --- addresses and domains ------------------------------------------------------------------------------------------

local = st.text(alphabet="abcXYZ019._+-'/|ſK", min_size=1, max_size=12)
host = st.lists(st.text(alphabet="abcXYZ019-", min_size=1, max_size=6), min_size=1, max_size=4).map(".".join)
mail = st.one_of(
    st.builds("{}@{}".format, local, host),
    st.builds("{}@{}.fi".format, local, host),
    st.sampled_from(
        ["a" * 64 + "@b.fi", "a" * 65 + "@b.fi", "a@" + "b." * 126 + "fi", "a@xn--mkel-loa.fi", "info@GMAIL.com"]
    ),
    st.sampled_from(
        ["a..b@c.fi", ".a@c.fi", "a.@c.fi", "ſ@c.fi", "a@\u212aelvin.fi", "a@b.c.fi.", "-a@c.fi", "a@-c.fi"]
    ),
    st.sampled_from(golden_inputs("emails")),
    st.sampled_from(golden_inputs("domains")),
)


@pytest.mark.parametrize("function", [normalise.email, normalise.emails, normalise.domain])
def test_a_plain_address_is_what_it_is_the_long_way(function: Callable[[str], object]) -> None:
    @some
    @given(mail, st.sampled_from(["", " ", "\t"]))
    def for_any(text: str, around: str) -> None:
        assert_both_ways_agree(function, around + text + around)

    for_any()


@some
@given(mail)
def test_addresses_are_those_of_the_emails(text: str) -> None:
    long = outcome(lambda text: tuple(each.address for each in normalise.emails(text)), text)
    assert outcome(normalise.addresses, text) == long


domain_module = importlib.import_module("solmu.normalise.domain")
SUFFIXES = [*sorted(domain_module._extractor().tlds), "example", "local", "test"]


@some
@given(st.data())
def test_a_domain_is_registered_where_the_public_suffix_list_says_so(data: st.DataObject) -> None:
    suffix = data.draw(st.sampled_from(SUFFIXES)).replace("*", "any").removeprefix("!")
    below = data.draw(st.lists(st.sampled_from(["www", "acme", "xn--mkel-loa", "co", "city"]), max_size=3))
    host = domain_module.ascii_host(".".join([*below, suffix]))
    if host is not None and "." in host:
        assert domain_module._registered(host) == domain_module._listed(host)


# --- organisations --------------------------------------------------------------------------------------------------

legal_form = importlib.import_module("solmu.normalise.legal_form")
STATES = [
    "(publ)", "in liquidazione", "in liquidation", "i.l.", "I. L.", "i likvidation", "selvitystilassa", "i konkurs",
    "konkurssissa", "in fallimento", "en liquidation", "likvideerimisel", "unipersonale", "a socio unico",
    "con unico socio", "su", "s.u.", "SU", "società benefit", "sb", "S.B.", "haftungsbeschränkt", "in Insolvenz",
    "i. Ins.", "i.ins.", "ſu",
]  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_a_company_is_looked_at(state: str) -> None:
    words = f"Acme Oy {state}".split()
    assert legal_form._STATE.search(" ".join(words))
    assert legal_form._may_end_in_state(words)


@some
@given(st.sampled_from(golden_inputs("organisations")))
def test_the_parts_of_an_organisations_name_are_those_of_the_name(text: str) -> None:
    def parts(text: str) -> object:
        found = normalise.organisation_name(text)
        return found and (found.name, found.core, found.legal_form)

    assert outcome(normalise.organisation_name_parts, text) == outcome(parts, text)


# --- text -----------------------------------------------------------------------------------------------------------


def test_letters_fold_as_anyascii_has_them() -> None:
    for code in (*range(0x80, 0x500), *range(0x1E00, 0x1F00)):
        lowered = unicodedata.normalize("NFC", f"a{chr(code)}".casefold())
        assert normalise.fold(f"A{chr(code)}") == re.sub("[^a-z0-9]+", " ", anyascii(lowered).lower()).strip()
