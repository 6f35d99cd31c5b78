"""What normalising a value costs, and mapping a whole row, where nearly every value is a new one.

The values are synthetic: words made of syllables and endings of Finnish, Swedish, Italian and German names, numbers and
addresses in the spellings that sheets of leads have them in. No two people are alike, so nothing that is remembered
helps with them; four organisations in ten rows are new. Each normaliser stands beside the library that it is built on,
called straight for the same values; ours also finds titles and legal forms, refuses what is none, and makes the keys.
CPU time of one process, the median of several runs; what else the machine did meanwhile is in its load.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import process_time
from typing import Any

import phonenumbers
import tldextract
from email_validator import validate_email
from nameparser import HumanName
from rigour.names import replace_org_types_compare

from solmu.beside.garbage import rarely_collected
from solmu.config.yaml import parse
from solmu.mapping import SourceMapping
from solmu.mapping.source import source_mapping
from solmu.normalise import Invalid, domain, emails, organisation_name, person_name, phones

AIM = 60.0
"""Microseconds a row: what is left for mapping of the 160 that a process may spend on a row to land 6,000 a second."""

BATCH = 500
MAPPING = """
record: lead
observed_at: {from: Date, order: dmy}
organisation:
  name: {from: Company}
  country: {from: Country}
  city: {from: City}
  postcode: {from: Postcode}
  email: {from: Office e-mail, on_invalid: drop}
person:
  name: {from: Contact person}
  email: {from: E-mail}
  phone: {from: Phone, region: {from: Country, default: FI}, on_invalid: drop}
lead:
  number: {from: Number}
  interest: {from: Interested in}
  on: {from: Date, order: dmy}
  text: {from: Notes}
"""


@dataclass(frozen=True)
class Land:
    """How a country writes: ``phones`` are patterns in which ``#`` is a digit."""

    name: str
    code: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    forms: tuple[str, ...]
    cities: tuple[str, ...]
    phones: tuple[str, ...]
    special: str


LANDS = (
    Land(
        "Finland",
        "fi",
        ("a", "o", "ka", "ri", "kki", "nen"),
        ("nen", "la", "mäki", "lainen", "niemi", "ranta"),
        ("Oy", "Oy Ab", "Ky", "Oyj", "Tmi"),
        ("Kotka", "Oulu", "Hämeenlinna", "Jyväskylä"),
        ("+358 40 #######", "040 #######", "050 ### ####", "044#######", "+358 9 ######", "09 ### ###"),
        "äö",
    ),
    Land(
        "Sverige",
        "se",
        ("a", "n", "rik", "var", "vig"),
        ("ström", "gren", "sson", "berg", "kvist", "lund"),
        ("AB", "Aktiebolag", "HB"),
        ("Västerås", "Luleå", "Malmö", "Kalmar"),
        ("+46 70 ### ## ##", "070-### ## ##", "073-#######", "08-### ### ##", "+46 8 ######"),
        "åäö",
    ),
    Land(
        "Italia",
        "it",
        ("o", "a", "ella", "ino", "anna"),
        ("ini", "etti", "ello", "one", "ari", "ucci"),
        ("S.r.l.", "SRL", "S.p.A.", "s.n.c."),
        ("Bergamo", "Forlì", "Brescia", "Padova"),
        ("+39 34# ### ####", "34# #######", "02 ########", "+39 02 ########", "33########"),
        "èò",
    ),
    Land(
        "Deutschland",
        "de",
        ("e", "a", "hard", "mut", "lind"),
        ("mann", "müller", "hoff", "stein", "bauer", "kötter"),
        ("GmbH", "GmbH & Co. KG", "AG", "e.K."),
        ("Köln", "Göppingen", "Bremen", "Hagen"),
        ("+49 151 ########", "0151 ########", "+49 30 #######", "030 #######", "089/########"),
        "äöüß",
    ),
)
SYLLABLES = tuple(first + second for first in "bdfghjklmnprstv" for second in "aeiou")
TRADES = ("Kone", "Sorvi", "Hitsi", "Officine", "Metall", "Verkstad", "Laser", "Stahl", "Service", "Group")


def words(random: Random, endings: tuple[str, ...], special: str, syllables: int) -> str:
    """A made-up word, in one of four with a letter of the language's own."""
    made = "".join(random.choices(SYLLABLES, k=syllables))
    return (made + (random.choice(special) if random.random() < 0.25 else "") + random.choice(endings)).capitalize()


def person(random: Random, land: Land) -> str:
    """A name; one of twenty in capitals, family name first, with a title, or with a second given name."""
    given, family = words(random, land.given, land.special, 2), words(random, land.family, land.special, 3)
    match random.randrange(80):
        case 0:
            return f"{given} {family}".upper()
        case 1:
            return f"{family}, {given}"
        case 2:
            return f"Dr. {given} {family}"
        case 3:
            return f"{given} {words(random, land.given, land.special, 2)} {family}"
        case _:
            return f"{given} {family}"


def ascii_of(text: str) -> str:
    """The letters of a mailbox or domain."""
    return "".join(each for each in text.lower().translate(str.maketrans("äöåüèòß", "aoaueos")) if each.isalnum())


def number(random: Random, pattern: str) -> str:
    """A phone number; it need not exist."""
    return "".join(random.choice("0123456789") if each == "#" else each for each in pattern)


def leads(count: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Rows of twelve columns, as a sheet of leads has them."""
    random = Random(seed)
    known: list[tuple[Land, str, str]] = []
    for row in range(count):
        if not known or random.random() < 0.4:
            land = random.choice(LANDS)
            name = words(random, land.family, land.special, 2)
            company = " ".join((*((random.choice(TRADES),) if random.random() < 0.5 else ()), name))
            known.append((land, f"{company} {random.choice(land.forms)}", f"{ascii_of(company)}.{land.code}"))
        land, company, host = random.choice(known)
        who = person(random, land)
        mailbox = ".".join(map(ascii_of, who.removeprefix("Dr. ").split()))
        yield {
            "Number": str(row),
            "Company": company,
            "Contact person": who,
            "E-mail": f"{mailbox}@{host if random.random() < 0.9 else 'gmail.com'}",
            "Phone": number(random, random.choice(land.phones)),
            "Country": land.name,
            "City": random.choice(land.cities),
            "Postcode": f"{random.randrange(10000, 99999)}",
            "Office e-mail": f"info@{host}",
            "Interested in": random.choice(("Laser", "Plasma; Laser", "Saw", "")),
            "Date": f"{random.randrange(1, 29)}.{random.randrange(1, 13)}.2025",
            "Notes": f"wants an offer for {random.randrange(10**6)} pieces",
        }


def lead_mapping() -> SourceMapping:
    """A fresh mapping, which remembers nothing yet."""
    return source_mapping("leads", Path("leads.yaml"), *parse(MAPPING, "leads.yaml"))


def cost(function: Callable[[Any], object], values: Iterable[Any]) -> float:
    """Microseconds of CPU for each value."""
    items = list(values)
    gc.collect()
    started = process_time()
    for item in items:
        try:
            function(item)
        except (Invalid, ValueError, phonenumbers.NumberParseException):
            continue
    return (process_time() - started) / len(items) * 1e6


def library_phone(value: tuple[str, str]) -> object:
    parsed = phonenumbers.parse(*value)
    valid = phonenumbers.is_valid_number(parsed)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if valid else None


def map_all(rows: list[dict[str, Any]]) -> float:
    """Microseconds of CPU for each row, in batches as landing has them."""
    mapping = lead_mapping()
    gc.collect()
    started = process_time()
    with rarely_collected():
        for start in range(0, len(rows), BATCH):
            mapping.map_all(rows[start : start + BATCH], connection="bench")
    return (process_time() - started) / len(rows) * 1e6


def results(count: int, runs: int) -> Iterator[dict[str, Any]]:
    """A line for each normaliser, and one for the whole row."""
    rows = list(leads(count))
    regions = {land.name: land.code.upper() for land in LANDS}
    numbers = [(row["Phone"], regions[row["Country"]]) for row in rows]
    extract = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)
    column = {name: list(dict.fromkeys(row[name] for row in rows)) for name in ("Contact person", "E-mail", "Company")}
    mail = partial(validate_email, check_deliverability=False, test_environment=True)
    for name, values, ours, peer, peer_name in (
        ("person_name", column["Contact person"], person_name, HumanName, "nameparser.HumanName"),
        (
            "phones",
            list(dict.fromkeys(numbers)),
            lambda value: phones(*value),
            library_phone,
            "phonenumbers.parse, is_valid_number, format_number",
        ),
        ("emails", column["E-mail"], emails, mail, "email_validator.validate_email, without DNS"),
        ("domain", column["E-mail"], domain, extract, "tldextract, bundled list"),
        (
            "organisation_name",
            column["Company"],
            organisation_name,
            lambda value: replace_org_types_compare(value.lower()),
            "rigour.names.replace_org_types_compare",
        ),
    ):
        cost(ours, values[:200])
        cost(peer, values[:200])
        mine = median(cost(ours, values) for _ in range(runs))
        theirs = median(cost(peer, values[:5000]) for _ in range(runs))
        yield line(f"normalise {name}", f"{len(values)} distinct values", "µs a value", mine, theirs, peer_name, 1.0)
    map_all(rows[:200])
    mapped = median(map_all(rows) for _ in range(runs))
    yield line(
        "map a lead", f"{count} rows of 12 columns, nearly all people distinct", "µs a row", mapped, None, None, AIM
    )


def line(
    name: str, work: str, unit: str, ours: float, peer: float | None, peer_name: str | None, aim: float
) -> dict[str, Any]:
    ratio = round(ours / peer, 3) if peer else None
    return {
        "name": name,
        "work": work,
        "ours": round(ours, 2),
        "peer": round(peer, 2) if peer else None,
        "peer_name": peer_name,
        "unit": unit,
        "ratio": ratio,
        "aim": {"op": "<=", "value": aim},
        "met": (ours if ratio is None else ratio) <= aim,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rows and runs")
    parser.add_argument("--json", action="store_true", help="the same: all that is printed is JSON lines")
    arguments = parser.parse_args()
    for each in results(5_000 if arguments.quick else 50_000, 3):
        print(json.dumps(each, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
