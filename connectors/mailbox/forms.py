"""Mails that a web form wrote: lines of "Label: value", as Contact Form 7 and its like send them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from solmu.normalise import fold

LABELS: dict[str, tuple[str, ...]] = {
    "name": (
        "name", "your name", "full name", "contact", "contact person", "nimi", "nimesi", "yhteyshenkilö", "namn",
        "ditt namn", "kontaktperson", "nome e cognome", "nome", "referente", "ansprechpartner", "from", "lähettäjä",
    ),
    "given_name": ("first name", "given name", "etunimi", "förnamn", "vorname"),
    "family_name": ("last name", "surname", "family name", "sukunimi", "efternamn", "cognome", "nachname"),
    "email": (
        "email", "e-mail", "your email", "email address", "e-mail address", "sähköposti", "sähköpostiosoite", "e-post",
        "epost", "e-postadress", "indirizzo email", "mail", "e-mail-adresse",
    ),
    "phone": (
        "phone", "telephone", "phone number", "mobile", "tel", "puhelin", "puhelinnumero", "puh", "telefon",
        "telefonnummer", "mobil", "telefono", "cellulare",
    ),
    "organisation": (
        "company", "organisation", "organization", "company name", "yritys", "yrityksen nimi", "organisaatio",
        "företag", "azienda", "ragione sociale", "società", "firma", "unternehmen",
    ),
    "country": ("country", "maa", "land", "paese"),
    "interest": (
        "product", "interested in", "interest", "tuote", "kiinnostus", "olen kiinnostunut", "produkt", "intresse",
        "prodotto", "interesse",
    ),
    "subject": ("subject", "aihe", "otsikko", "ämne", "oggetto", "betreff"),
    "message": (
        "message", "your message", "message body", "comments", "question", "viesti", "viestisi", "kysymys",
        "lisätiedot", "meddelande", "messaggio", "nachricht", "ihre nachricht",
    ),
}  # fmt: skip
"""What forms call their fields."""

_LINE = re.compile(r"^[ \t*]*(?P<label>[^\s:][^:\n]{0,40}?)[ \t*]*:[ \t*]*(?P<value>.*)$")
_BRACKETS = re.compile(r"[*(\[].*$")
_NAME_AND_ADDRESS = re.compile(r"^\s*\"?(?P<name>[^<\"]*?)\"?\s*<(?P<email>[^<>\s]+@[^<>\s]+)>\s*$")
_FOOTER = re.compile(r"^--\s*$|^(?:this|diese|questa|tämä|detta) .{0,30}(?:was sent|wurde|lähetettiin|skickades)", re.I)


@dataclass(frozen=True, slots=True)
class Form:
    """A form as filled in. ``fields``: by what they stand for; ``all``: by the form's own labels."""

    fields: dict[str, str]
    all: dict[str, str]


def read_form(text: str, more: Mapping[str, Sequence[str]] | None = None) -> Form | None:
    """The form that a text is; None where it is none.

    It is one if at least two of its labels are known, one of them that of an e-mail address. What follows the label of
    the message belongs to it, however many lines, up to the next known label or the footer.
    """
    known = {_plain(label): meaning for meaning, labels in LABELS.items() for label in labels}
    known |= {_plain(label): meaning for meaning, labels in (more or {}).items() for label in labels}
    values: dict[str, str] = {}
    meanings: dict[str, str] = {}
    current: str | None = None
    for line in text.splitlines():
        if _FOOTER.match(line):
            break
        found = _LINE.match(line)
        label = found["label"].strip() if found else ""
        meaning = known.get(_plain(label)) if found else None
        in_message = current is not None and meanings.get(current) == "message"
        if found and meaning and label not in values:
            current, values[label], meanings[label] = label, found["value"].strip(), meaning
        elif found and not in_message and not found["value"].startswith("//") and label not in values:
            current, values[label] = label, found["value"].strip()
        elif current is not None and (in_message or not values[current]) and (line.strip() or in_message):
            values[current] = f"{values[current]}\n{line.rstrip()}" if values[current] else line.strip()
    fields: dict[str, str] = {}
    for label, meaning in meanings.items():
        if value := values[label].strip():
            fields.setdefault(meaning, value)
    both = _NAME_AND_ADDRESS.match(fields.get("name", ""))
    if both:
        fields |= {"name": both["name"], "email": fields.get("email", both["email"])}
    if "@" not in fields.get("email", "") or len(fields) < 2:
        return None
    return Form({name: value for name, value in fields.items() if value}, {k: v.strip() for k, v in values.items()})


def _plain(label: str) -> str:
    return fold(_BRACKETS.sub("", label))
