"""Peoples the world: first the situations that must occur, whatever the seed, then the many ordinary companies."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from examples.nordic.vocabulary import REGIONS
from examples.nordic.world import Builder, Footprint, Organisation, Person, World, ascii_word

SHOWCASE_STEM = "Kuukkelivaara"
SHOWCASE_PERSON = ("Aino", "Ikäheimo")
MOVER = ("Oskari", "Lumikari")

_COUNTRIES = ("FI",) * 46 + ("SE",) * 19 + ("IT",) * 21 + ("DE",) * 10 + ("EE",) * 4
_ORDINARY: tuple[tuple[int, Footprint], ...] = (
    (48, Footprint(erp=True)),
    (84, Footprint(erp=True, leads=True)),
    (30, Footprint(erp=True, leads=True, crm=True)),
    (30, Footprint(erp=True, leads=True, jira=True)),
    (8, Footprint(erp=True, leads=True, jira=True, crm=True)),
    (20, Footprint(erp=True, crm=True)),
    (18, Footprint(erp=True, jira=True)),
    (160, Footprint(leads=True)),
    (28, Footprint(leads=True, jira=True)),
    (15, Footprint(leads=True, crm=True)),
    (92, Footprint(jira=True)),
    (15, Footprint(crm=True)),
)
"""How many ordinary companies are known to which sources."""


def populate(rng: Random) -> World:
    """The whole world for one seed."""
    builder = Builder(rng)
    _showcase(builder)
    _mover(builder)
    _subsidiaries(builder)
    _shared_stems(builder)
    _renamed(builder)
    _shared_addresses(builder)
    _key_accounts(builder)
    _families(builder)
    _two_posts_and_moves(builder)
    _namesakes(builder)
    _suppliers(builder)
    _ordinary(builder)
    _private_people(builder)
    return builder.world


def _showcase(builder: Builder) -> None:
    """The customer of the demo's last screen; `showcase.py` writes its rows."""
    joensuu = next(city for city in REGIONS["FI"].cities if city.name == "Joensuu")
    company = builder.organisation(
        "FI",
        Footprint(),
        stem=SHOWCASE_STEM,
        trade="Saha",
        legal_form="Oy",
        city=joensuu,
        street="Höyläämöntie 12",
        postcode="80100",
    )
    person = _with_mobile(builder, builder.person(company, name=SHOWCASE_PERSON), "+358400001207")
    builder.situation("showcase", company.truth_id, person.truth_id)


def _mover(builder: Builder) -> None:
    """Somebody whom the CRM knows at one company, and who will change to another (`change.py`)."""
    known = Footprint(erp=True, leads=True, crm=True)
    before = builder.organisation("FI", known, stem="Pikkukajava", trade="Elementti", legal_form="Oy")
    after = builder.organisation(
        "FI", Footprint(erp=True, leads=True), stem="Isokuovi", trade="Kaluste", legal_form="Oy"
    )
    person = _with_mobile(builder, builder.person(before, name=MOVER), "+358410001313")
    builder.person(after)
    builder.situation("mover", before.truth_id, after.truth_id, person.truth_id)


def _subsidiaries(builder: Builder) -> None:
    """Mother and daughter carry one name, often one mail domain; they are two companies and never one."""
    everywhere = Footprint(erp=True, leads=True)
    for country, daughter_country, suffix in (
        ("FI", "EE", "Eesti"),
        ("FI", "SE", "Sverige"),
        ("FI", "FI", "Huolto"),
        ("SE", "FI", "Suomi"),
        ("SE", "DE", "Deutschland"),
        ("IT", "DE", "Deutschland"),
        ("DE", "IT", "Italia"),
        ("FI", "EE", "Baltic"),
    ):
        mother = builder.organisation(
            country, Footprint(erp=True, leads=True, crm=builder.rng.random() < 0.5), known_by_stem=False
        )
        daughter = builder.organisation(
            daughter_country,
            everywhere,
            stem=mother.stem,
            trade=mother.trade,
            suffix=suffix,
            domain=mother.domain if builder.rng.random() < 0.5 else f"{ascii_word(mother.stem + suffix)}.example",
            parent=mother.truth_id,
            known_by_stem=False,
        )
        for company in (mother, daughter):
            _staff(builder, company)
        builder.situation("subsidiary", mother.truth_id, daughter.truth_id)


def _shared_stems(builder: Builder) -> None:
    """Two strangers with the same first word in their names: Ilvesmäki Konepaja, Ilvesmäki Kaluste."""
    for country in ("FI", "FI", "FI", "FI", "FI", "FI", "SE", "SE", "SE", "IT", "IT", "DE"):
        stem = builder.stem(country)
        trades = builder.rng.sample(REGIONS[country].trades, 2)
        cities = builder.rng.sample(REGIONS[country].cities, 2)
        for trade, city in zip(trades, cities, strict=True):
            company = builder.organisation(
                country,
                Footprint(erp=builder.rng.random() < 0.6, leads=True),
                stem=stem,
                trade=trade,
                city=city,
                domain=f"{ascii_word(stem)}-{ascii_word(trade)}.example",
                known_by_stem=False,
            )
            _staff(builder, company)
            builder.situation("shared-stem", company.truth_id)


def _renamed(builder: Builder) -> None:
    """Companies that took a new name: old sources still have the former one."""
    for country in ("FI",) * 6 + ("SE",) * 3 + ("IT",) * 3 + ("DE",) * 2:
        region = REGIONS[country]
        words = [builder.stem(country), builder.rng.choice(region.trades)]
        former = " ".join(reversed(words) if region.trade_first else words)
        # Half of them kept the mail domain of the old name, as companies do for years.
        domain = f"{ascii_word(words[0])}.example" if builder.rng.random() < 0.5 else None
        footprint = Footprint(erp=True, leads=True, jira=builder.rng.random() < 0.4, crm=builder.rng.random() < 0.4)
        company = builder.organisation(country, footprint, former_name=former, domain=domain)
        _staff(builder, company)
        builder.situation("renamed", company.truth_id)


def _shared_addresses(builder: Builder) -> None:
    """Two firms behind one door."""
    for country in ("FI", "FI", "SE", "IT", "DE"):
        first = builder.organisation(country, Footprint(erp=True, leads=True))
        second = builder.organisation(
            country,
            Footprint(erp=True, leads=True),
            city=first.city,
            street=first.street,
            postcode=first.postcode,
        )
        for company in (first, second):
            _staff(builder, company)
        builder.situation("one-address", first.truth_id, second.truth_id)


def _key_accounts(builder: Builder) -> None:
    """Customers whom nobody may merge unasked. The first stands in the ERP twice (`erp.py`)."""
    for number, country in enumerate(("FI", "FI", "SE", "IT", "DE")):
        company = builder.organisation(country, Footprint(erp=True, leads=True, crm=number < 3), key_account=True)
        _staff(builder, company)
        builder.situation("key-account", company.truth_id)


def _families(builder: Builder) -> None:
    """Father and son in one company: two with the same initial, one pair with the very same name."""
    for country, family, father, son in (
        ("FI", "Rantapelto", "Mauno", "Mauri"),
        ("SE", "Silverhjelm", "Carl", "Casper"),
        ("IT", "Montevecchio", "Aldo", "Aldo"),
    ):
        company = builder.organisation(country, Footprint(erp=True, leads=True))
        people = [builder.person(company, name=(given, family)) for given in (father, son)]
        builder.situation("father-and-son", *(person.truth_id for person in people))


def _two_posts_and_moves(builder: Builder) -> None:
    """People with posts at two firms, and people who left one firm for another."""
    for kind, countries in (("two-posts", ("FI", "FI", "SE", "IT", "IT")), ("moved", ("FI", "FI", "SE", "DE", "IT"))):
        for country in countries:
            first, second = (builder.organisation(country, Footprint(erp=True, leads=True)) for _ in range(2))
            person = _with_mobile(builder, builder.person(first))
            builder.employ(person, second)
            builder.person(second)
            builder.situation(kind, person.truth_id, first.truth_id, second.truth_id)


def _namesakes(builder: Builder) -> None:
    """Two people of the same name at different firms: only the firm tells them apart."""
    for country in ("FI", "FI", "FI", "FI", "SE", "SE", "IT", "IT", "DE", "FI"):
        first, second = (
            builder.organisation(country, Footprint(erp=builder.rng.random() < 0.5, leads=True)) for _ in range(2)
        )
        one = builder.person(first)
        other = builder.person(second, name=(one.given_name, one.family_name))
        builder.situation("namesakes", one.truth_id, other.truth_id)


def _suppliers(builder: Builder) -> None:
    """They stand in the ERP's customer table too, and have no business in a CRM."""
    for _ in range(40):
        company = builder.organisation(builder.rng.choice(_COUNTRIES), Footprint(erp=True), supplier=True)
        if builder.rng.random() < 0.6:
            builder.person(company)
        builder.situation("supplier", company.truth_id)


def _ordinary(builder: Builder) -> None:
    footprints = [footprint for number, footprint in _ORDINARY for _ in range(number)]
    builder.rng.shuffle(footprints)
    for number, footprint in enumerate(footprints):
        country = builder.rng.choice(_COUNTRIES)
        status = "paused" if footprint.erp and number % 23 == 0 else "active"
        own_domain = builder.rng.random() >= 0.07
        company = builder.organisation(country, replace(footprint), status=status, own_domain=own_domain)
        _staff(builder, company)
        if status == "paused":
            builder.situation("paused", company.truth_id)


def _private_people(builder: Builder) -> None:
    """People who write from home and name no company."""
    for country in ("FI",) * 12 + ("SE",) * 8:
        builder.situation("free-mail", builder.person(None, country=country).truth_id)


def _staff(builder: Builder, company: Organisation) -> None:
    for _ in range(builder.rng.choice((1, 1, 1, 2, 2, 2, 3))):
        builder.person(company)


def _with_mobile(builder: Builder, person: Person, number: str | None = None) -> Person:
    """The person with a mobile number, so that something stays when the employer changes."""
    number = number or person.mobile or builder.mobile(person.jobs[0].organisation.country)
    changed = replace(person, mobile=number)
    builder.world.people[person.truth_id] = changed
    return changed
