"""What the three dealers report: leads, before each dealer's layout turns them into cells."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from examples.nordic import spelling
from examples.nordic.identifiers import country_of
from examples.nordic.vocabulary import COUNTRY_NAMES, PRODUCTS, ROLE_WORDS
from examples.nordic.world import Organisation, Person, World

FIRST_DAY = date(2026, 1, 7)
DAYS = 172


@dataclass(frozen=True, slots=True)
class Dealer:
    """A partner who sells the machines abroad and reports leads in a layout and a language of their own."""

    code: str
    country: str
    name: str
    language: str
    rows: int
    """Rows in all their files, the refused and the repeated among them."""

    @property
    def source(self) -> tuple[str, str]:
        return f"partners-{self.code}", "leads"


FINNISH = Dealer("fi", "FI", "Pohjolan Sahakone Synteettinen Oy", "fi", 380)
ITALIAN = Dealer("it", "IT", "Macchine Sintetiche del Lario S.r.l.", "it", 260)
SWEDISH = Dealer("se", "SE", "Norrlands Syntetmaskin AB", "sv", 260)
DEALERS = (FINNISH, ITALIAN, SWEDISH)

_NOTES = {
    "fi": (
        "",
        "",
        "",
        "",
        "Näki koneen messuilla.",
        "Soita vasta kesälomien jälkeen.",
        "Kilpailijalla tarjous sisällä.",
    ),
    "it": ("", "", "", "", "Visto in fiera.", "Richiamare dopo Pasqua.", "Chiede un preventivo."),
    "sv": ("", "", "", "", "Såg maskinen på mässan.", "Ring efter semestern.", "Vill ha offert före juni."),
}
_PEOPLE_IN_NOTES = {
    "fi": (
        "Yhteyshenkilö myös {name}, puh. {phone}.",
        "Soita {name} {phone}, hän päättää.",
        "Yhteyshenkilö: {name}, {email}",
    ),
    "it": ("Contattare {name}, tel. {phone}.", "Contatto: {name} {phone}", "Referente tecnico: {name}, {email}"),
    "sv": ("Kontakta {name} {phone}.", "Kontaktperson: {name}, tel {phone}", "Kontaktperson: {name}, {email}"),
}


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead as reported. The first four say what it truly is, the rest how it is written."""

    on: date
    organisation: Organisation | None
    person: Person | None
    hidden: Person | None
    company: str = ""
    person_name: str = ""
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    phones: tuple[str, ...] = ()
    """E.164; `phone_text` is how they stand in the cell."""
    phone_text: str = ""
    business_id: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    interest: str = ""
    note: str = ""

    def identity_keys(self) -> set[str]:
        """What on this row would prove who is meant."""
        keys = {f"phone:{number}" for number in self.phones}
        if self.email:
            keys.add(f"email:{self.email.lower()}")
        if self.business_id and self.organisation:
            keys.add(f"business-id:{self.organisation.truth_id}")
        return keys

    def hidden_identity_keys(self) -> set[str]:
        """The same for the person in the note."""
        if not self.hidden:
            return set()
        return note_identity_keys(self.note, self.hidden, self.organisation)


def note_identity_keys(note: str, person: Person, organisation: Organisation | None) -> set[str]:
    """The address and the number of this person, as far as the note shows them."""
    email = person.email_at(organisation)
    keys = {f"email:{email}"} if email and email in note else set()
    digits = "".join(character for character in note if character.isdigit())
    if person.mobile and person.mobile[-7:] in digits:
        keys.add(f"phone:{person.mobile}")
    return keys


def leads_of(rng: Random, world: World, dealer: Dealer, number: int) -> list[Lead]:
    """That many leads of one dealer, oldest first; each company that the dealer knows is reported at least once."""
    companies = [one for one in world.known_to("leads") if dealer in dealers_of(one)]
    weights = [rng.choice((1, 1, 1, 2, 3)) for _ in companies]
    waiting = companies[:number]
    times: Counter[str] = Counter()
    # Company and address are the key of a sheet without numbers: no two leads of one dealer share both.
    leads: dict[tuple[str, ...], Lead] = {}
    while len(leads) < number:
        company = waiting.pop() if waiting else None
        if company is None and dealer is not ITALIAN and rng.random() < 0.05:
            lead = _private_lead(rng, world, dealer)
        else:
            company = company or rng.choices(companies, weights)[0]
            # Nobody reports one company for ever.
            if times[company.truth_id] >= 6:
                continue
            lead = _lead(rng, world, dealer, company)
            times[company.truth_id] += 1
        leads.setdefault(_distinction(dealer, lead), lead)
    return sorted(leads.values(), key=lambda lead: lead.on)


def _distinction(dealer: Dealer, lead: Lead) -> tuple[str, ...]:
    if dealer is ITALIAN:
        return lead.company, lead.email
    return str(lead.on), lead.company, lead.person_name, lead.email


def dealers_of(company: Organisation) -> tuple[Dealer, ...]:
    """Who sells in the company's country. Some companies at the borders are claimed by two dealers."""
    number = int(company.truth_id[1:])
    match company.country:
        case "IT":
            return (ITALIAN,)
        case "SE":
            return (SWEDISH, FINNISH) if number % 16 == 0 else (SWEDISH,)
        case "DE":
            return (SWEDISH, ITALIAN) if number % 9 == 0 else ((SWEDISH,), (ITALIAN,))[number % 2]
    return (FINNISH, SWEDISH) if number % 16 == 0 else (FINNISH,)


def person_in_note(
    rng: Random, templates: tuple[str, ...], person: Person, organisation: Organisation | None, *, home: str
) -> str:
    """A remark that names somebody, with a number or an address to reach them by; empty if they have neither.

    ``home`` is the country of whoever writes: numbers from elsewhere carry their country's code.
    """
    email = person.email_at(organisation)
    usable = [one for one in templates if ("{email}" not in one or email) and ("{phone}" not in one or person.mobile)]
    phone = spelling.phone(rng, person.mobile, abroad=country_of(person.mobile) != home) if person.mobile else ""
    return rng.choice(usable).format(name=person.name, phone=phone, email=email) if usable else ""


def _lead(rng: Random, world: World, dealer: Dealer, company: Organisation) -> Lead:
    staff = world.staff_of(company)
    person = rng.choices(staff, [4, 2, 1][: len(staff)])[0] if staff else None
    named = person is not None and (company.domain is None or rng.random() < 0.94)
    lead = _written(rng, world, dealer, company, person if named else None)
    # A namesake in the note would be read as the contact person once more, by people too.
    others = [one for one in staff if person is None or one.name != person.name]
    if others and rng.random() < 0.12:
        hidden = rng.choice(others)
        if note := person_in_note(rng, _PEOPLE_IN_NOTES[dealer.language], hidden, company, home=dealer.country):
            return replace(lead, hidden=hidden, note=note)
    return lead


def _written(rng: Random, world: World, dealer: Dealer, company: Organisation, person: Person | None) -> Lead:
    country = company.country
    # The Italian sheet's key holds the address, so its clerk always asks for one.
    wants_email = dealer is ITALIAN or rng.random() < 0.78
    email = ""
    if wants_email:
        email = (person.email_at(company) or "") if person else ""
        if company.domain and (not email or rng.random() < 0.10):
            email = f"{rng.choice(ROLE_WORDS[country])}@{company.domain}"
    phones = _phones(rng, company, person)
    # Where father and son share an initial, nobody writes only that.
    confusable = person is not None and person.truth_id in world.situations["father-and-son"]
    # A clerk who leaves the country out writes the number with its code, and the one who leaves both out is refused.
    without_country = dealer is SWEDISH and rng.random() < 0.08
    # A careful name where nothing else on the row would tell who is meant.
    bare = not email and not phones
    located = rng.random() < 0.85 or bare
    addressed = located and rng.random() < 0.65
    return Lead(
        on=FIRST_DAY + timedelta(days=rng.randrange(DAYS)),
        organisation=company,
        person=person,
        hidden=None,
        company=spelling.organisation(rng, company, careful=bare),
        **_names(rng, person, initials=bool(email or phones) and not confusable),
        email=spelling.email(rng, email) if email else "",
        phones=phones,
        phone_text=_phone_text(rng, phones, "" if without_country else country),
        # A business id without its country means nothing.
        business_id=spelling.business_id(rng, company) if rng.random() < 0.33 and not without_country else "",
        street=spelling.street(rng, company) if addressed else "",
        postcode=company.postcode if addressed else "",
        city=spelling.city(rng, company) if located else "",
        country="" if without_country else COUNTRY_NAMES[dealer.language][country],
        interest=_interest(rng, dealer),
        note=rng.choice(_NOTES[dealer.language]),
    )


def _private_lead(rng: Random, world: World, dealer: Dealer) -> Lead:
    """Somebody without a company, reachable at a free-mail address."""
    country = dealer.country
    people = (world.people[one] for one in world.situations["free-mail"])
    person = rng.choice([one for one in people if one.country == country])
    phones = (person.mobile,) if person.mobile and rng.random() < 0.5 else ()
    return Lead(
        on=FIRST_DAY + timedelta(days=rng.randrange(DAYS)),
        organisation=None,
        person=person,
        hidden=None,
        **_names(rng, person, initials=False),
        email=person.free_mail or "",
        phones=phones,
        phone_text=_phone_text(rng, phones, country),
        country=COUNTRY_NAMES[dealer.language][country],
        interest=_interest(rng, dealer),
    )


def _names(rng: Random, person: Person | None, *, initials: bool) -> dict[str, str]:
    if person is None:
        return {}
    return {
        "person_name": spelling.person(rng, person, initials=initials),
        "given_name": spelling.fold(person.given_name) if rng.random() < 0.06 else person.given_name,
        "family_name": spelling.fold(person.family_name) if rng.random() < 0.06 else person.family_name,
    }


def _phones(rng: Random, company: Organisation, person: Person | None) -> tuple[str, ...]:
    """No number, the person's, the company's or both, as far as they have one."""
    mobile = person.mobile if person else None
    choices: tuple[tuple[str | None, ...], ...] = ((), (mobile,), (company.phone,), (mobile, company.phone))
    [chosen] = rng.choices(choices, (30, 36, 20, 14))
    return tuple(number for number in chosen if number)


def _phone_text(rng: Random, phones: tuple[str, ...], country: str) -> str:
    between = rng.choice((" / ", "; ", " / "))
    return between.join(spelling.phone(rng, number, abroad=country_of(number) != country) for number in phones)


def _interest(rng: Random, dealer: Dealer) -> str:
    products = rng.sample(sorted(PRODUCTS), rng.choice((1, 1, 2)))
    return ", ".join(PRODUCTS[product][dealer.language] for product in products)
