"""The maker's own mailbox: what customers write to ``myynti@``, and what else such a mailbox holds, as a maildir.

Drawn from a generator of its own, so that the other sources stay what they were without a mailbox.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from pathlib import Path
from random import Random

from examples.nordic import spelling
from examples.nordic.identifiers import country_of
from examples.nordic.leads import DAYS, FIRST_DAY
from examples.nordic.truth import Ledger
from examples.nordic.vocabulary import PRODUCTS
from examples.nordic.world import Organisation, Person, World

SOURCE = ("mail", "enquiries")
MAILBOX = "myynti@sahakonetehdas.example"
ENQUIRIES = 60

_LANGUAGES = {"FI": "fi", "SE": "sv", "IT": "it"}


@dataclass(frozen=True, slots=True)
class _Words:
    """How one writes to a supplier in one language; ``{product}`` is what it is about."""

    asks: tuple[tuple[str, str], ...]
    complains: tuple[str, str]
    wants_to_meet: tuple[str, str]
    greeting: str
    wrote: str


_WORDS = {
    "fi": _Words(
        (
            ("Tarjouspyyntö: {product}", "Hei,\n\npyydämme tarjousta: {product}. Toimitus syksyllä?"),
            ("{product}, hinta?", "Hei!\n\nMitä maksaa {product} asennettuna?"),
        ),
        ("Reklamaatio", "Hei,\n\n{product} on viallinen: terä lukittuu kesken ajon. Milloin pääsette katsomaan?"),
        ("Tapaaminen", "Hei,\n\nsopiiko tapaaminen ensi viikolla? Aiheena {product}."),
        "Ystävällisin terveisin",
        "Myynti kirjoitti",
    ),
    "sv": _Words(
        (
            ("Offertförfrågan: {product}", "Hej,\n\nvi önskar offert på {product}. Leverans i höst?"),
            ("Pris på {product}", "Hej!\n\nVad kostar {product} monterad?"),
        ),
        ("Reklamation", "Hej,\n\nvår {product} fungerar inte: bladet låser sig. När kan ni titta på den?"),
        ("Möte", "Hej,\n\npassar ett möte nästa vecka? Det gäller {product}."),
        "Med vänliga hälsningar",
        "Försäljningen skrev",
    ),
    "it": _Words(
        (
            ("Richiesta di offerta: {product}", "Buongiorno,\n\nchiediamo un preventivo: {product}."),
            ("Prezzo {product}", "Buongiorno,\n\nquanto costa {product}, installazione compresa?"),
        ),
        ("Reclamo", "Buongiorno,\n\n{product} arrivato difettoso: la lama si blocca. Quando potete intervenire?"),
        ("Appuntamento", "Buongiorno,\n\nè possibile un incontro la prossima settimana? Tema: {product}."),
        "Cordiali saluti",
        "L'ufficio vendite ha scritto",
    ),
    "en": _Words(
        (
            ("Quotation: {product}", "Hello,\n\nplease send us a quotation for one {product}."),
            ("Price of a {product}", "Hello,\n\nwhat does the {product} cost, installed?"),
        ),
        ("Complaint", "Hello,\n\nour {product} is not working: the blade jams. When can somebody come?"),
        ("Meeting", "Hello,\n\nwould a meeting next week suit you? It is about the {product}."),
        "Kind regards",
        "Sales wrote",
    ),
}


@dataclass(frozen=True, slots=True)
class _Writer:
    """Who writes, from where; the address is the one that the mail shows."""

    organisation: Organisation
    person: Person
    email: str

    @property
    def language(self) -> str:
        return _LANGUAGES.get(self.organisation.country, "en")


def write_mails(seed: int, world: World, maildir: Path, ledger: Ledger) -> int:
    """Writes the maildir and notes whom each mail speaks of; gives how many mails it holds."""
    rng = Random(f"mail {seed}")
    for folder in (maildir, maildir / ".Asiakkaat"):
        for part in ("cur", "new", "tmp"):
            (folder / part).mkdir(parents=True, exist_ok=True)
    writers = _writers(rng, world)
    mails: list[tuple[EmailMessage, bool]] = []
    for number, writer in enumerate(writers):
        day = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
        moment = datetime.combine(day, time(7, 30), UTC) + timedelta(minutes=rng.randrange(600))
        if number % 10 == 9:
            mails.append((_form(rng, writer, number, moment, ledger), False))
        else:
            mails.append((_letter(rng, writer, number, moment, ledger), number % 20 == 3))
    mails += [(mail, False) for mail in _from_machines(writers)]
    for number, (mail, twice) in enumerate(mails):
        _put(maildir, number, mail)
        if twice:  # somebody has copied it into the folder for customers
            _put(maildir / ".Asiakkaat", number, mail)
    return len(mails)


def _writers(rng: Random, world: World) -> list[_Writer]:
    """People with an address of their own at companies that dealers or the ERP know as well."""
    found = [
        _Writer(company, person, address)
        for company in world.known_to("leads")
        for person in world.staff_of(company)
        if (address := person.email_at(company))
    ]
    return rng.sample(found, ENQUIRIES)


def _letter(rng: Random, writer: _Writer, number: int, moment: datetime, ledger: Ledger) -> EmailMessage:
    """An enquiry, a complaint, a wish to meet or an answer, signed as people sign."""
    words = _WORDS[writer.language]
    subject, text = rng.choice(words.asks)
    quoted = ""
    match number % 10:
        case 5:
            subject, text = words.complains
        case 6:
            subject, text = words.wants_to_meet
        case 7:
            subject = f"Re: {subject}"
            quoted = (
                f"\n\n{moment - timedelta(days=2):%d.%m.%Y} {words.wrote}:\n> Kiitos yhteydenotosta. / Thank you.\n"
            )
    product = PRODUCTS[rng.choice(sorted(PRODUCTS))][writer.language]
    phone = writer.person.mobile if rng.random() < 0.7 else None
    signature = _signature(rng, writer, phone)
    mail = _mail(writer, number, moment, subject.format(product=product))
    if quoted:
        mail["In-Reply-To"] = "<offer@sahakonetehdas.example>"
    body = f"{text.format(product=product)}\n\n{words.greeting}\n\n{signature}{quoted}"
    mail.set_content(body, charset="iso-8859-1" if number % 7 == 2 and _fits(body) else "utf-8", cte="quoted-printable")
    keys = {f"email:{writer.email}"} | ({f"phone:{phone}"} if phone else set())
    _note(ledger, writer, _key(number, moment), keys)
    return mail


def _signature(rng: Random, writer: _Writer, phone: str | None) -> str:
    company = writer.organisation
    lines = [writer.person.name, writer.person.jobs[-1].title, company.full_name]
    if phone:
        lines.append(f"Tel. {spelling.phone(rng, phone, abroad=country_of(phone) != company.country)}")
    if company.domain:
        lines.append(f"www.{company.domain}")
    return "\n".join(lines)


def _form(rng: Random, writer: _Writer, number: int, moment: datetime, ledger: Ledger) -> EmailMessage:
    """What the form of a website mails when somebody has filled it in; the server is its sender."""
    product = PRODUCTS[rng.choice(sorted(PRODUCTS))]["en"]
    mail = _headers(number, moment, formataddr(("Website", "wordpress@sahakonetehdas.example")), f"Form: {product}")
    mail["Reply-To"] = writer.email
    mail.set_content(
        f"Your name: {writer.person.name}\nYour email: {writer.email}\nCompany: {writer.organisation.full_name}\n"
        f"Product: {product}\nYour message: Please call me.\n\n-- \nThis e-mail was sent from a contact form.\n",
        cte="quoted-printable",
    )
    _note(ledger, writer, _key(number, moment), {f"email:{writer.email}"})
    return mail


def _from_machines(writers: Sequence[_Writer]) -> list[EmailMessage]:
    """A report of a mail that could not be delivered, an absence note and a newsletter: no leads."""
    moment = datetime.combine(FIRST_DAY, time(12), UTC)
    # A report would speak of whoever no longer has that address; this one never had one.
    report = _headers(901, moment, "Mail Delivery System <MAILER-DAEMON@sahakonetehdas.example>", "Undelivered Mail")
    report.set_content("Your message could not be delivered.\n\n<ei.ketaan@poistunut.example>: user unknown\n")
    report.make_mixed(boundary="solmu-report")
    server, recipient, status = MIMEPart(policy=SMTP), MIMEPart(policy=SMTP), MIMEPart(policy=SMTP)
    server["Reporting-MTA"] = "dns; sahakonetehdas.example"
    recipient["Final-Recipient"] = "rfc822; ei.ketaan@poistunut.example"
    recipient["Action"], recipient["Status"] = "failed", "5.1.1"
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([server, recipient])
    report.attach(status)
    report.replace_header("Content-Type", 'multipart/report; report-type="delivery-status"; boundary="solmu-report"')
    absent = _mail(writers[0], 902, moment, "Automaattinen vastaus: Tarjous")
    absent["Auto-Submitted"] = "auto-replied"
    absent.set_content("Olen lomalla.\n", cte="quoted-printable")
    news = _headers(903, moment, "Messut <uutiset@messut.example>", "Ohjelma on julkaistu")
    news["List-Unsubscribe"] = "<https://messut.example/peru>"
    news.set_content("Tervetuloa!\n")
    return [report, absent, news]


def _mail(writer: _Writer, number: int, moment: datetime, subject: str) -> EmailMessage:
    return _headers(number, moment, formataddr((writer.person.name, writer.email)), subject)


def _headers(number: int, moment: datetime, sender: str, subject: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, MAILBOX, subject
    mail["Date"] = format_datetime(moment)
    mail["Message-ID"] = f"<{_id(number)}>"
    return mail


def _id(number: int) -> str:
    return f"{number:04d}@mail.example"


def _key(number: int, moment: datetime) -> str:
    """What a mail is known by: its Message-ID and its date."""
    return f"{_id(number)}|{moment.isoformat()}"


def _note(ledger: Ledger, writer: _Writer, key: str, keys: set[str]) -> None:
    ledger.organisation(SOURCE, key, writer.organisation.truth_id, keys)
    ledger.person(SOURCE, key, writer.person.truth_id, keys)


def _put(folder: Path, number: int, mail: EmailMessage) -> None:
    path = folder / "cur" / f"{number:04d}.mail:2,S"
    path.write_bytes(mail.as_bytes())
    moment = mail["Date"].datetime.timestamp()
    os.utime(path, (moment, moment))


def _fits(text: str) -> bool:
    return text == text.encode("iso-8859-1", "ignore").decode("iso-8859-1")
