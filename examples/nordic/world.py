"""The synthetic world as it truly is: organisations, people and who works where.

The sources only ever show a part of it, misspelt. A truth id is the same in every source.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from random import Random

from examples.nordic.identifiers import Identifiers
from examples.nordic.vocabulary import INDUSTRIES, REGIONS, City, Region

FREE_MAIL = {
    "FI": ("gmail.com", "hotmail.com", "outlook.com"),
    "SE": ("gmail.com", "hotmail.com", "outlook.com"),
    "IT": ("gmail.com", "libero.it", "hotmail.com"),
    "DE": ("gmail.com", "outlook.com"),
    "EE": ("gmail.com", "hotmail.com"),
}
"""Real providers, because telling them from a company's domain is part of the task; every local part is invented."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """One company as it is. ``name`` is without the legal form; ``stem`` is its one distinctive word."""

    truth_id: str
    stem: str
    trade: str
    legal_form: str
    country: str
    street: str
    postcode: str
    city: City
    business_id: str | None
    vat: str | None
    phone: str | None
    domain: str | None
    industry: str
    mail_style: str
    former_name: str | None = None
    suffix: str | None = None
    parent: str | None = None
    status: str = "active"
    key_account: bool = False
    supplier: bool = False
    known_by_stem: bool = True
    """Whether the stem alone says which company is meant."""

    @property
    def name(self) -> str:
        words = (self.trade, self.stem) if REGIONS[self.country].trade_first else (self.stem, self.trade)
        return " ".join([*words, *([self.suffix] if self.suffix else [])])

    @property
    def full_name(self) -> str:
        return f"{self.name} {self.legal_form}"


@dataclass(frozen=True, slots=True)
class Job:
    """A person's post at one organisation; ``email`` is the address they have there."""

    organisation: Organisation
    email: str | None
    title: str


@dataclass(frozen=True, slots=True)
class Person:
    """One human being, who may have had several jobs; the last one is the present one."""

    truth_id: str
    country: str
    given_name: str
    family_name: str
    mobile: str | None
    free_mail: str | None
    jobs: tuple[Job, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def email_at(self, organisation: Organisation | None) -> str | None:
        """The address used at that organisation, else the private one."""
        jobs = [job for job in self.jobs if organisation and job.organisation.truth_id == organisation.truth_id]
        return (jobs[0].email if jobs else None) or self.free_mail


@dataclass(slots=True)
class Footprint:
    """Which sources know an organisation."""

    erp: bool = False
    leads: bool = False
    jira: bool = False
    crm: bool = False


@dataclass(slots=True)
class World:
    """Everybody and everything, in the order in which it was made."""

    organisations: list[Organisation] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    staff: dict[str, list[str]] = field(default_factory=dict)
    footprints: dict[str, Footprint] = field(default_factory=dict)
    situations: dict[str, list[str]] = field(default_factory=dict)
    """Situations from real life, by name, with the truth ids of those who are in them."""

    def staff_of(self, organisation: Organisation) -> list[Person]:
        return [self.people[truth_id] for truth_id in self.staff.get(organisation.truth_id, [])]

    def known_to(self, source: str) -> list[Organisation]:
        """The organisations that a source (a field of `Footprint`) knows."""
        return [one for one in self.organisations if getattr(self.footprints[one.truth_id], source)]


class Builder:
    """Makes organisations and people whose names don't collide unless a situation wants them to."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.world = World()
        self._identifiers = Identifiers(rng)
        self._stems = {code: _shuffled_stems(region, rng) for code, region in REGIONS.items()}
        self._names_taken: set[str] = set()

    def organisation(
        self,
        country: str,
        footprint: Footprint,
        *,
        stem: str | None = None,
        trade: str | None = None,
        legal_form: str | None = None,
        city: City | None = None,
        street: str | None = None,
        postcode: str | None = None,
        domain: str | None = None,
        suffix: str | None = None,
        former_name: str | None = None,
        parent: str | None = None,
        status: str = "active",
        key_account: bool = False,
        supplier: bool = False,
        known_by_stem: bool = True,
        own_domain: bool = True,
    ) -> Organisation:
        """A new organisation; what isn't given is drawn. ``own_domain=False`` is a company that lives on free mail."""
        rng, region = self.rng, REGIONS[country]
        stem = stem or self.stem(country)
        city = city or rng.choice(region.cities)
        business_id, vat = self._identifiers.business_ids(country)
        made = Organisation(
            truth_id=f"o{len(self.world.organisations) + 1:04d}",
            stem=stem,
            trade=trade or rng.choice(region.trades),
            legal_form=legal_form or rng.choice(region.legal_forms),
            country=country,
            street=street or _street(rng, region),
            postcode=postcode or _postcode(rng, country, city),
            city=city,
            business_id=business_id,
            vat=vat,
            phone=self._identifiers.landline(country, city),
            domain=domain or (f"{ascii_word(stem)}.example" if own_domain else None),
            industry=rng.choice(INDUSTRIES),
            mail_style=rng.choice(("first.last", "first.last", "first.last", "f.last", "last", "first")),
            former_name=former_name,
            suffix=suffix,
            parent=parent,
            status=status,
            key_account=key_account,
            supplier=supplier,
            known_by_stem=known_by_stem,
        )
        self.world.organisations.append(made)
        self.world.footprints[made.truth_id] = footprint
        self.world.staff[made.truth_id] = []
        return made

    def stem(self, country: str) -> str:
        """A distinctive word that no company of that country has yet."""
        return next(self._stems[country])

    def mobile(self, country: str) -> str | None:
        """A mobile number that nobody has yet."""
        return self._identifiers.mobile(country)

    def situation(self, name: str, *truth_ids: str) -> None:
        """Notes that these organisations and people are in this situation."""
        self.world.situations.setdefault(name, []).extend(truth_ids)

    def person(
        self, organisation: Organisation | None, *, country: str | None = None, name: tuple[str, str] | None = None
    ) -> Person:
        """A new person, employed where ``organisation`` is given. A ``name`` may repeat; drawn names never do."""
        country = organisation.country if organisation else country or "FI"
        given, family = name or self._fresh_name(REGIONS[country])
        self._names_taken.add(ascii_word(given + family))
        free_mail = None
        if organisation is None or organisation.domain is None:
            word, provider = REGIONS[country].example_word, self.rng.choice(FREE_MAIL[country])
            free_mail = f"{word}.{ascii_word(given)}.{ascii_word(family)}.{self.rng.randint(1000, 9999)}@{provider}"
        made = Person(
            truth_id=f"p{len(self.world.people) + 1:04d}",
            country=country,
            given_name=given,
            family_name=family,
            mobile=self._identifiers.mobile(country) if self.rng.random() < 0.85 else None,
            free_mail=free_mail,
        )
        self.world.people[made.truth_id] = made
        return self.employ(made, organisation) if organisation else made

    def employ(self, person: Person, organisation: Organisation, email: str | None = None) -> Person:
        """The person with one more job, the present one. The address is the company's style unless given."""
        if email is None and organisation.domain:
            taken = {job.email for one in self.world.staff_of(organisation) for job in one.jobs}
            local = _local_part(person, organisation.mail_style)
            if f"{local}@{organisation.domain}" in taken:
                local = _local_part(person, "first.last")
            if f"{local}@{organisation.domain}" in taken:
                local += ".jr"
            email = f"{local}@{organisation.domain}"
        title = self.rng.choice(REGIONS[organisation.country].titles)
        employed = replace(person, jobs=(*person.jobs, Job(organisation, email, title)))
        self.world.people[person.truth_id] = employed
        self.world.staff[organisation.truth_id].append(person.truth_id)
        return employed

    def _fresh_name(self, region: Region) -> tuple[str, str]:
        while True:
            given = self.rng.choice(self.rng.choice((region.men, region.women)))
            family = self.rng.choice(region.surnames)
            if ascii_word(given + family) not in self._names_taken:
                return given, family


def ascii_word(text: str) -> str:
    """The text as a mail address or a domain carries it: lower-case letters, accents dropped, umlauts as in German."""
    text = text.lower().replace("ü", "ue").replace("ß", "ss")
    flat = unicodedata.normalize("NFKD", text)
    return "".join(character for character in flat if character.isascii() and character.isalnum())


def _shuffled_stems(region: Region, rng: Random) -> Iterator[str]:
    stems = [head + tail for head, tail in product(region.stem_heads, region.stem_tails)]
    rng.shuffle(stems)
    return iter(stems)


def _street(rng: Random, region: Region) -> str:
    number = str(rng.randint(1, 98)) + (rng.choice("ABC") if rng.random() < 0.15 else "")
    return f"{rng.choice(region.streets)} {number}"


def _postcode(rng: Random, country: str, city: City) -> str:
    digits = f"{rng.randint(0, 999):03d}"
    code = (city.postcode + digits)[:5]
    return f"{code[:3]} {code[3:]}" if country == "SE" else code


def _local_part(person: Person, style: str) -> str:
    given, family = ascii_word(person.given_name), ascii_word(person.family_name)
    return {"first.last": f"{given}.{family}", "f.last": f"{given[0]}.{family}", "last": family, "first": given}[style]
