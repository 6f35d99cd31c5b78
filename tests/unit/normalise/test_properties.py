"""What holds for any text: nothing but Invalid is raised, the normal form is its own normal form, case does not matter.

Texts are drawn from what people write (the golden tables), changed at random, and from arbitrary Unicode.
"""

import contextlib
import csv
import datetime
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solmu import normalise
from solmu.normalise import Invalid
from solmu.normalise.legal_form import is_unmistakable

GOLDEN = Path(__file__).with_name("golden")
VOCABULARY = {"quiz": ["pub quiz"], "live music": ["bands", "elävä musiikki"]}


def golden_inputs(*tables: str) -> list[str]:
    found: list[str] = []
    for table in tables or sorted(path.stem for path in GOLDEN.glob("*.csv")):
        with (GOLDEN / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            found += [row[0] for row in list(csv.reader(file))[1:] if row[0]]
    return found


written = st.sampled_from(golden_inputs())
damaged = st.builds(
    lambda head, noise, tail: head[: len(head) // 2] + noise + tail, written, st.text(max_size=6), written
)
anything = st.one_of(
    written, damaged, st.text(max_size=40), st.text(alphabet="0123456789.,-/+() :;@aäΩ\x00\ud800", max_size=20)
)

few = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
more = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])

ALL: dict[str, Callable[[str], object]] = {
    "clean": normalise.clean,
    "tidy": normalise.tidy,
    "fold": normalise.fold,
    "is_placeholder": normalise.is_placeholder,
    "email": normalise.email,
    "emails": normalise.emails,
    "phones without region": normalise.phones,
    "phones in Finland": partial(normalise.phones, region="FI"),
    "phones in Italy": partial(normalise.phones, region="IT"),
    "phones anywhere": lambda text: normalise.phones("040 1234567", region=text),
    "person given first": normalise.person_name,
    "person family first": partial(normalise.person_name, order="family-first"),
    "person in parts": lambda text: normalise.person_name_parts(text, text[::-1]),
    "surname": normalise.surname_key,
    "organisation": normalise.organisation_name,
    "tokens": normalise.tokens,
    "business id": normalise.business_id,
    "business id in Finland": partial(normalise.business_id, country="FI"),
    "business id in Sweden": partial(normalise.business_id, country="SE"),
    "business id anywhere": lambda text: normalise.business_id("1234567-1", text),
    "business id of Japan": partial(normalise.business_id, country="JP"),
    "country": normalise.country,
    "language": normalise.language,
    "currency": normalise.currency,
    "amount": normalise.amount,
    "amount with comma": partial(normalise.amount, decimal=","),
    "domain": normalise.domain,
    "free domain": normalise.is_free_domain,
    "street": normalise.street_key,
    "postcode": normalise.postcode,
    "postcode in Britain": partial(normalise.postcode, country="GB"),
    "address": lambda text: normalise.address(text, text, text, "FI"),
    "address anywhere": lambda text: normalise.address(text, None, text, text),
    "date": normalise.date,
    "date day first": partial(normalise.date, order="dmy"),
    "timestamp": normalise.timestamp,
    "timestamp somewhere": lambda text: normalise.timestamp("2024-04-03", timezone=text),
    "terms": partial(normalise.terms, vocabulary=VOCABULARY),
    "terms without vocabulary": normalise.terms,
    "notes": partial(normalise.people_in_notes, region="FI"),
}


@pytest.mark.parametrize("function", list(ALL.values()), ids=list(ALL))
def test_nothing_but_invalid_is_ever_raised(function: Callable[[str], object]) -> None:
    @few
    @given(anything)
    def for_any(text: str) -> None:
        with contextlib.suppress(Invalid):
            function(text)

    for_any()


@more
@given(st.one_of(st.binary(max_size=60), st.text(max_size=30).map(lambda text: text.encode("utf-16", "surrogatepass"))))
def test_any_bytes_are_decoded_or_refused(raw: bytes) -> None:
    try:
        text, encoding = normalise.decode(raw)
    except Invalid:
        return
    assert isinstance(text, str)
    assert encoding


ONE: list[Callable[[str], object]] = [
    normalise.clean,
    normalise.email,
    normalise.person_name,
    normalise.organisation_name,
    normalise.business_id,
    normalise.country,
    normalise.language,
    normalise.currency,
    normalise.amount,
    normalise.domain,
    normalise.postcode,
    normalise.date,
    normalise.timestamp,
]
SEVERAL: list[Callable[[str], object]] = [
    normalise.emails,
    normalise.phones,
    normalise.terms,
    normalise.tokens,
    normalise.people_in_notes,
]


@pytest.mark.parametrize("nothing", ["", "   ", "\t\n", "\u00a0", "-", "n/a", "ei tiedossa", "\x00"])
def test_blank_is_nothing_everywhere(nothing: str) -> None:
    for function in ONE:
        assert function(nothing) is None
    for function in SEVERAL:
        assert function(nothing) == []
    assert normalise.address(nothing, nothing, nothing, nothing) is None
    assert normalise.person_name_parts(nothing, nothing) is None
    assert normalise.street_key(nothing) == normalise.surname_key(nothing) == ""


# What normalises, and how its result stands in a record that comes back.
NORMAL_FORMS: dict[str, tuple[Callable[[str], Any], Callable[[Any], str]]] = {
    "clean": (normalise.clean, str),
    "tidy": (normalise.tidy, str),
    "fold": (normalise.fold, str),
    "email": (normalise.email, lambda email: str(email.address)),
    "emails": (normalise.emails, lambda emails: "; ".join(email.address for email in emails)),
    "phones": (partial(normalise.phones, region="FI"), lambda phones: "; ".join(phone.value for phone in phones)),
    "organisation": (normalise.organisation_name, lambda name: str(name.name)),
    "business id": (partial(normalise.business_id, country="FI"), lambda found: str(found.key)),
    "country": (normalise.country, str),
    "language": (normalise.language, str),
    "currency": (normalise.currency, str),
    "amount": (partial(normalise.amount, decimal="."), lambda number: f"{number:f}"),
    "domain": (normalise.domain, str),
    "postcode": (partial(normalise.postcode, country="SE"), str),
    "date": (normalise.date, datetime.date.isoformat),
    "timestamp": (normalise.timestamp, datetime.datetime.isoformat),
    "terms": (partial(normalise.terms, vocabulary=VOCABULARY), "; ".join),
}


@pytest.mark.parametrize(("function", "form"), list(NORMAL_FORMS.values()), ids=list(NORMAL_FORMS))
def test_the_normal_form_is_its_own_normal_form(function: Callable[[str], Any], form: Callable[[Any], str]) -> None:
    @few
    @given(anything)
    def for_any(text: str) -> None:
        try:
            once = function(text)
        except Invalid:
            return
        if once:
            assert form(function(form(once))) == form(once)

    for_any()


name_word = st.text(alphabet="abcdefghijklmnoprstuvyåäöüéèàß", min_size=3, max_size=9).map(str.capitalize)
names = st.lists(name_word, min_size=2, max_size=3).map(" ".join)
surround = st.sampled_from(["", " ", "\t", "\u00a0", "  \n"])


@more
@given(names.filter(lambda name: not any(map(is_unmistakable, name.split()))))
def test_a_persons_full_name_is_its_own_full_name(text: str) -> None:
    once = normalise.person_name(text)
    assert once is not None
    again = normalise.person_name(once.full)
    assert again is not None
    assert (again.full, again.key) == (once.full, once.key)


KEYS: dict[str, tuple[Callable[[str], str], st.SearchStrategy[str]]] = {
    "email": (
        lambda text: found.key if (found := normalise.email(text)) else "",
        st.sampled_from([text for text in golden_inputs("emails") if "<" not in text]),
    ),
    "organisation": (
        lambda text: found.key if (found := normalise.organisation_name(text)) else "",
        st.one_of(st.sampled_from(golden_inputs("organisations")), names.map(lambda name: f"{name} Oy")),
    ),
    "person": (lambda text: found.key if (found := normalise.person_name(text)) else "", names),
    "business id": (
        lambda text: found.key if (found := normalise.business_id(text, "FI")) else "",
        st.sampled_from([text for text in golden_inputs("business_ids") if "HR" not in text]),
    ),
    "street": (normalise.street_key, st.sampled_from(golden_inputs("streets"))),
    "surname": (normalise.surname_key, names),
    "folded": (normalise.fold, names),
    "country": (lambda text: normalise.country(text) or "", st.sampled_from(golden_inputs("countries"))),
}


@pytest.mark.parametrize(("key", "texts"), list(KEYS.values()), ids=list(KEYS))
def test_a_key_does_not_depend_on_case_or_surrounding_space(
    key: Callable[[str], str], texts: st.SearchStrategy[str]
) -> None:
    def key_or_refusal(text: str) -> str:
        try:
            return key(text)
        except Invalid as invalid:
            return invalid.code

    @more
    @given(texts, surround, surround)
    def for_any(text: str, before: str, after: str) -> None:
        expected = key_or_refusal(text)
        for spelling in (text.upper(), text.lower(), text.swapcase()):
            assert key_or_refusal(before + spelling + after) == expected

    for_any()


@more
@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2), st.sampled_from([" ", "\u00a0", ".", "’"]))
def test_an_amount_written_the_european_way_is_read_back(number: Decimal, thousands: str) -> None:
    written = f"{number:,.2f}".replace(",", "\0").replace(".", ",").replace("\0", thousands)
    assert normalise.amount(f"{written} €", decimal=",") == number
    assert normalise.amount(f"EUR {written}") == number


@more
@given(st.dates(min_value=datetime.date(1900, 1, 1), max_value=datetime.date(2099, 12, 31)))
def test_a_date_is_read_back_in_each_order(day: datetime.date) -> None:
    assert normalise.date(f"{day.day}.{day.month}.{day.year}", order="dmy") == day
    assert normalise.date(f"{day.month}/{day.day}/{day.year}", order="mdy") == day
    assert normalise.date(f"{day:%Y-%m-%d}") == day
    assert normalise.date(f"{day:%Y%m%d}") == day


@more
@given(st.datetimes(min_value=datetime.datetime(1900, 1, 1), timezones=st.just(datetime.UTC)))  # noqa: DTZ001
def test_a_timestamp_is_read_back_to_the_microsecond(moment: datetime.datetime) -> None:
    assert normalise.timestamp(moment.isoformat()) == moment
