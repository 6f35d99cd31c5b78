"""Where whoever signs a mail is: by what the signature says, the sender's address, and what is usual here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from solmu.normalise import Invalid, country
from solmu.normalise.country import known_country
from solmu.normalise.legal_form import split_legal_form

# Where a legal form is one of the law's; those of many countries (Ltd, Inc, SA) say nothing. By ISO 20275.
_FORMS = """
oy oyj ky ay tmi osk koy: FI; ab abp hb kb ef: SE FI; srl srls spa sapa scarl: IT; ditta individuale: IT
gmbh ggmbh ohg kg: DE AT CH LI; gmbh & co kg: DE AT; ug kgaa gbr ek ev: DE; ag: DE CH AT LI; sarl: FR LU CH BE
eurl sasu sci scop: FR; aps ivs: DK; asa: NO; as: NO DK EE CZ SK LV TR; oü tü uü mtü fie: EE; sia: LV; uab: LT
spzoo spk spj: PL; sro: CZ SK; bv: NL BE; vof: NL BE; bvba sprl: BE; sl slu: ES; lda: PT BR; ehf hf: IS
kft zrt nyrt bt: HU; ood eood: BG
"""
# Next to nobody there has it alone: most are "Oy Ab".
_RARE = frozenset({("ab", "FI"), ("abp", "FI"), ("hb", "FI"), ("kb", "FI")})
_LABELS = re.compile(
    r"""\b(?:
    (?P<IT>P\.?\s?I\.?V\.?A\b|PARTITA\s?I\.?V\.?A\b|COD(?:ICE|\.)\s?FISC(?:ALE|\.))
    |(?P<FI>Y-?\s?TUNNUS|FO-?NUMMER|ALV-?(?:NUMERO|NRO|TUNNISTE))
    |(?P<FR>SIREN|SIRET)|(?P<DK>CVR)|(?P<NL>KVK)|(?P<PL>NIP|REGON)|(?P<EE>REGISTRIKOOD|KMKR)
    )[\s.:#-]*(?=[A-Z]{0,2}\s?\d)""",
    re.VERBOSE | re.IGNORECASE,
)
_VAT = re.compile(
    r"\b(AT|BE|BG|CZ|DE|DK|EE|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|NL|PL|PT|RO|SE|SI|SK|CHE)[-\s]?U?\d(?:[\s.-]?\d){7,}"
)
_NUMBER = re.compile(r"[A-Z]{0,3}[-\s]?U?\d(?:[\s.-]?\d){6,}")
_POSTAL = re.compile(r"\b(FIN|FI|SE|S|DE|D|IT|I|AT|A|CH|DK|NO|N|EE|PL|LT|LV|NL|FR|F|ES|BE|B)-\s?\d{4,5}\b")
_SHORT = {"FIN": "FI", "S": "SE", "D": "DE", "I": "IT", "A": "AT", "N": "NO", "F": "FR", "B": "BE", "CHE": "CH"}
_PARTS = re.compile(r"\s*[,;|/·•()]\s*|\s[-–]\s")
_SHORTEST = 4  # letters of a country's name; its code is too often a word
# Two-letter domains that everybody uses say nothing.
_ANYBODYS = frozenset({"IO", "CO", "AI", "ME", "TV", "CC"})


def country_of_address(email: str) -> str | None:
    """The country under whose domain an address is."""
    ending = email.rpartition(".")[2].upper()
    try:
        return country(ending) if len(ending) == 2 and ending not in _ANYBODYS else None
    except Invalid:
        return None


def place(
    lines: Iterable[str],
    *,
    organisation: str = "",
    email: str = "",
    phones: Sequence[str] = (),
    default: str | None = None,
) -> str | None:
    """The country (ISO alpha-2) in which a number without one is dialled; None where it cannot be told.

    ``lines`` are a signature's, ``phones`` the numbers in it. What is written there (a country, a number of a country's
    register, a legal form) goes before the sender's domain, that before numbers with a country, and all of these before
    ``default``. Where what is written contradicts itself, or leaves several countries open, nothing is guessed.
    """
    form = split_legal_form(organisation)[1] or ""
    strong = [*_written(lines), *([known] if (known := _countries_of_form(form)) else [])]
    domain, dialled = country_of_address(email), _dialled(phones)
    if not strong:
        return domain or (next(iter(dialled)) if len(dialled) == 1 else default)
    left = frozenset.intersection(*strong)
    usual = frozenset({default} if default and (form, default) not in _RARE else ())
    for hint in (frozenset({domain} if domain else ()), dialled, usual):
        left = left & hint or left
    return next(iter(left)) if len(left) == 1 else None


def without_register_numbers(line: str) -> str:
    """A line without what a company is numbered by in a register, which looks like a phone number."""
    label = _LABELS.search(line)
    number = _NUMBER.match(line, label.end()) if label else None
    if label and number:
        line = line[: label.start()] + line[number.end() :]
    return _VAT.sub("", line)


def _written(lines: Iterable[str]) -> Iterator[frozenset[str]]:
    """What each line says of a country."""
    for line in lines:
        if label := _LABELS.search(line):
            yield frozenset({str(label.lastgroup)})
        for found in (_VAT.search(line), _POSTAL.search(line)):
            if found:
                yield frozenset({_SHORT.get(found[1], found[1])})
        for part in _PARTS.split(line):
            words = "".join(each for each in part if not each.isdigit()).strip(" .*_")
            if len(words) >= _SHORTEST and (named := known_country(words)):
                yield frozenset({named})


def _countries_of_form(form: str) -> frozenset[str]:
    for known in _FORMS.replace("\n", ";").split(";"):
        labels, _, countries = known.partition(":")
        if form and (form == labels.strip() or form in labels.split()):
            return frozenset(countries.split())
    return frozenset()


def _dialled(phones: Sequence[str]) -> frozenset[str]:
    """The countries of the numbers that say theirs."""
    import phonenumbers

    found = set()
    for text in phones:
        try:
            found.add(phonenumbers.region_code_for_number(phonenumbers.parse(text, None)))
        except phonenumbers.NumberParseException:
            continue
    return frozenset(each for each in found if each and each.isalpha())


__all__ = ["country_of_address", "place", "without_register_numbers"]
