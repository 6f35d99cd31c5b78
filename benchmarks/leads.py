"""A list of synthetic leads as dealers send them: 12 columns, as many rows as wanted, the same in every run.

Nobody in it exists. Seven rows of ten are of a person who comes once, the others of one who comes again; a company has
about four of the rows; phones, dates and countries are written as people write them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from random import Random

HEADER = (
    "Number",
    "Company",
    "Contact person",
    "E-mail",
    "Phone",
    "Country",
    "City",
    "Postcode",
    "Date",
    "Partner",
    "Interested in",
    "Notes",
)
MAPPING = """
record: lead
observed_at: {from: Date, order: dmy}
organisation:
  name: {from: Company}
  domain: {from: E-mail, on_invalid: drop}
  country: {from: Country}
  city: {from: City}
  postcode: {from: Postcode}
person:
  name: {from: Contact person}
  email: {from: E-mail}
  phone: {from: Phone, region: {from: Country, default: FI}, on_invalid: drop}
lead:
  number: {from: Number}
  partner: {from: Partner}
  interest: {from: Interested in}
  on: {from: Date, order: dmy}
  text: {from: Notes}
"""
"""Every column says something of somebody."""

_SYLLABLES = (
    "ka",
    "to",
    "ri",
    "sa",
    "lo",
    "me",
    "nu",
    "pi",
    "ve",
    "ha",
    "ju",
    "ko",
    "ni",
    "ta",
    "ro",
    "mi",
    "la",
    "su",
)
_TRADES = (
    "Kone",
    "Sorvi",
    "Hitsi",
    "Rauta",
    "Levy",
    "Laser",
    "Putki",
    "Valu",
    "Paja",
    "Meccanica",
    "Verkstad",
    "Stahl",
)
_FORMS = {"Finland": "Oy", "Suomi": "Oy", "FI": "Oy", "Sverige": "AB", "Italia": "S.r.l.", "Deutschland": "GmbH"}
_PHONES = {"Sverige": "+46 70 {:07}", "Italia": "+39 347 {:07}", "Deutschland": "+49 151 1{:07}"}
_WISHES = ("Laser cutting", "Plasma", "Press brake", "Plasma; Laser cutting", "Saw", "Welding robot")
_REMARKS = ("asked for an offer on machine {}", "met at the fair, stand {}", "call back in week {}", "has {} people")
_AGAIN = 0.3
TOWNS = 400


def write(path: Path, rows: int, *, towns: int = TOWNS) -> Path:
    """Write the list as csv, and give its path. The companies are spread over so many towns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(_rows(rows, towns))
    return path


def _rows(count: int, towns_wanted: int) -> Iterator[tuple[str, ...]]:
    random = Random(11)
    towns = [_word(random, 3 if towns_wanted <= TOWNS else 5) for _ in range(towns_wanted)]
    partners = [f"{_word(random, 2)} {random.choice(_TRADES)}" for _ in range(30)]
    companies = [
        (f"{_word(random, 3)} {random.choice(_TRADES)} {number}", random.choice(list(_FORMS)), random.choice(towns))
        for number in range(max(1, count // 4))
    ]
    recent: list[tuple[str, ...]] = []
    for number in range(count):
        if recent and random.random() < _AGAIN:
            who = random.choice(recent)
        else:
            who = _person(random, *random.choice(companies))
            recent.append(who)
            if len(recent) > 5_000:
                recent.pop(0)
        yield (
            str(100_000 + number),
            *who,
            f"{random.randrange(1, 29)}.{random.randrange(1, 13)}.{random.randrange(2022, 2026)}",
            random.choice(partners),
            random.choice(_WISHES),
            random.choice(_REMARKS).format(random.randrange(1, 500)),
        )


def _person(random: Random, company: str, country: str, town: str) -> tuple[str, ...]:
    first, last = _word(random, 2), _word(random, 4)
    host = company.lower().replace(" ", "")
    return (
        f"{company} {_FORMS[country]}",
        f"{first} {last}",
        f"{first}.{last}@{host}.example".lower(),
        _PHONES.get(country, "040 {:07}").format(random.randrange(1_000_000, 10_000_000)),
        country,
        town,
        f"{random.randrange(1_000, 99_999):05}",
    )


def _word(random: Random, syllables: int) -> str:
    return "".join(random.choices(_SYLLABLES, k=syllables)).capitalize()
