"""How clerks, dealers and salespeople write what they know: the dirt of the data.

Every function takes the truth and a random generator and gives one way of writing it. None of them makes a name that
could as well be somebody else's: the sources are hard to read, not impossible.
"""

from __future__ import annotations

from random import Random

from examples.nordic.identifiers import country_of, dialling_code, national
from examples.nordic.vocabulary import REGIONS
from examples.nordic.world import Organisation, Person

_FOLD = str.maketrans(
    {"ä": "a", "ö": "o", "å": "a", "Ä": "A", "Ö": "O", "Å": "A", "ü": "u", "õ": "o", "ò": "o", "ß": "s"}
)

_LEGAL_FORMS: dict[str, tuple[str, ...]] = {
    "Oy": ("Oy", "OY", "oy", "Ltd"),
    "Oy Ab": ("Oy Ab", "OY AB", "Ab Oy", "Oy"),
    "Oyj": ("Oyj", "OYJ", "Abp"),
    "AB": ("AB", "Ab", "aktiebolag"),
    "Aktiebolag": ("Aktiebolag", "AB"),
    "S.r.l.": ("S.r.l.", "Srl", "SRL", "s.r.l", "S.R.L."),
    "S.p.A.": ("S.p.A.", "SpA", "SPA", "spa"),
    "S.n.c.": ("S.n.c.", "snc", "SNC"),
    "S.a.s.": ("S.a.s.", "sas", "SAS"),
    "GmbH": ("GmbH", "GMBH", "Gmbh", "G.m.b.H."),
    "GmbH & Co. KG": ("GmbH & Co. KG", "GmbH & Co KG", "GmbH u. Co. KG", "GmbH"),
    "OÜ": ("OÜ", "Oü", "OU"),
}
_PREFIXED = ("Oy", "AB", "OÜ", "AS")
"""Legal forms that are also written before the name: AB Björkvik Såg."""

_FORMERLY = {"FI": "ent.", "SE": "f.d.", "IT": "ex", "DE": "vorm.", "EE": "end."}


def fold(text: str) -> str:
    """The text as typed on a keyboard that lacks its letters."""
    return text.translate(_FOLD)


def typo(rng: Random, text: str) -> str:
    """One slip of the finger inside a word: two letters swapped, one doubled or one left out."""
    places = [i for i in range(2, len(text) - 2) if text[i - 1 : i + 2].isalpha() and text[i] != text[i + 1]]
    if not places:
        return text
    at = rng.choice(places)
    kind = rng.choice(("swap", "double", "drop"))
    if kind == "swap":
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == "double":
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1 :]


def organisation(rng: Random, one: Organisation, *, careful: bool = False, old: bool = False) -> str:
    """A way of writing a company's name. ``careful`` leaves out slips; ``old`` writes the former name, if any."""
    base = one.former_name if old and one.former_name else one.name
    legal = rng.choice(_LEGAL_FORMS.get(one.legal_form, (one.legal_form,)))
    dice = rng.random()
    if dice < 0.30:
        text = f"{base} {one.legal_form}"
    elif dice < 0.52:
        text = base
    elif dice < 0.68:
        text = f"{base} {legal}"
    elif dice < 0.75 and one.legal_form in _PREFIXED:
        text = f"{one.legal_form} {base}"
    elif dice < 0.81:
        text = f"{base}, {legal}" if REGIONS[one.country].trade_first else f"{base} {legal}"
    elif dice < 0.88:
        text = f"{base} {legal}".upper()
    elif dice < 0.93 and base == one.name and one.known_by_stem and not one.suffix and not careful:
        text = f"{one.stem} {one.legal_form}" if rng.random() < 0.5 else one.stem
    else:
        text = f"{base} {one.legal_form}"
    if rng.random() < 0.10:
        text = fold(text)
    if not careful and rng.random() < 0.07:
        text = typo(rng, text)
    if not old and one.former_name and rng.random() < 0.6:
        text += f" ({_FORMERLY[one.country]} {one.former_name})"
    return text


def person(rng: Random, one: Person, *, initials: bool = True) -> str:
    """A way of writing a person's whole name in one cell. ``initials`` allows "M. Virtanen"."""
    dice = rng.random()
    if dice < 0.70:
        text = one.name
    elif dice < 0.78:
        text = f"{one.family_name} {one.given_name}"
    elif dice < 0.83:
        text = f"{one.family_name.upper()} {one.given_name}"
    elif dice < 0.90 and initials:
        text = f"{one.given_name[0]}. {one.family_name}"
    elif dice < 0.95:
        text = one.name.upper()
    else:
        text = one.name.lower()
    return fold(text) if rng.random() < 0.08 else text


def email(rng: Random, address: str) -> str:
    """An address as people type it: now and then in capitals."""
    return address.title() if rng.random() < 0.06 else address


def phone(rng: Random, e164: str, *, abroad: bool = False) -> str:
    """A number as people write it; ``abroad`` with a plus, which every country understands."""
    local = national(e164)
    code = dialling_code(e164)
    rest = local if country_of(e164) in ("IT", "EE") else local[1:]
    if abroad:
        return rng.choice((f"+{code} {_spaced(rest)}", f"+{code}{rest}"))
    dice = rng.random()
    if dice < 0.35:
        return rng.choice((f"+{code} {_spaced(rest)}", f"+{code}{rest}", f"00{code} {_spaced(rest)}"))
    if dice < 0.65:
        return _spaced(local)
    if dice < 0.85:
        return f"{local[:3]}-{local[3:]}"
    return local


def _spaced(digits: str) -> str:
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}".strip()


def city(rng: Random, one: Organisation) -> str:
    """The city, sometimes by its name in the other language."""
    if one.city.other_name and rng.random() < 0.15:
        return one.city.other_name
    return fold(one.city.name) if rng.random() < 0.08 else one.city.name


def street(rng: Random, one: Organisation) -> str:
    """The street, sometimes shortened as on an envelope."""
    if rng.random() < 0.12:
        for word, short in (("katu ", "k. "), ("straße ", "str. "), ("gatan ", "g. "), ("Via ", "V. ")):
            if word in one.street:
                return one.street.replace(word, short)
    return one.street


def business_id(rng: Random, one: Organisation) -> str:
    """The business id or the VAT number, whichever the writer had at hand; empty where the country has neither."""
    choices = [number for number in (one.business_id, one.vat) if number]
    if not choices:
        return ""
    number = rng.choice(choices)
    return number.replace("-", "") if rng.random() < 0.1 else number
