"""Identifiers of businesses in public registers: Y-tunnus, partita IVA, organisationsnummer, VAT numbers, …"""

import importlib
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from solmu.normalise.invalid import Invalid
from solmu.normalise.text import clean


@dataclass(frozen=True, slots=True)
class BusinessId:
    """One identifier: ``scheme`` such as ``"fi-y-tunnus"``, ``value`` as its country writes it, ``country`` alpha-2.

    ``key`` is equal for all identifiers of one business that can be told from the digits: ``FI:12345671`` for
    "1234567-1" and "FI12345671"; a SIRET and its SIREN; a Swedish number with and without its VAT frame. Where a
    country's VAT number is not its register number, VAT keys say so: ``EE:VAT100931558``.
    """

    scheme: str
    value: str
    key: str
    country: str


@dataclass(frozen=True, slots=True)
class _Scheme:
    """``shape`` matches the compact text; its group, or the first that matched, is what ``checker`` of stdnum checks.

    Schemes without a checksum have no checker. ``written`` turns the number into the country's way of writing,
    ``key`` into the part after the country. ``width``: digits a spreadsheet may have stripped of leading zeros.
    """

    name: str
    shape: re.Pattern[str]
    checker: str | None
    example: str
    written: Callable[[str], str] = str
    key: Callable[[str], str] = str
    width: int = 0


def _scheme(name: str, shape: str, checker: str | None, example: str, **more: Any) -> _Scheme:
    return _Scheme(name, re.compile(shape), checker, example, **more)


# Tried in order; sources: the national registers' descriptions as collected in python-stdnum, and the structures of VAT
# numbers as the European Commission's VIES lists them.
_SCHEMES: dict[str, tuple[_Scheme, ...]] = {
    "FI": (
        _scheme(
            "fi-y-tunnus", r"(?:FI)?(\d{8})", "fi.ytunnus", "1234567-1", written=lambda n: f"{n[:7]}-{n[7]}", width=8
        ),
    ),
    "IT": (
        _scheme("it-partita-iva", r"(?:IT)?(\d{11})", "it.iva", "IT12345670017", width=11),
        _scheme(
            "it-codice-fiscale",
            r"([A-Z]{6}[\dLMNP-V]{2}[A-Z][\dLMNP-V]{2}[A-Z][\dLMNP-V]{3}[A-Z])",
            "it.codicefiscale",
            "",
        ),
    ),
    "SE": (
        _scheme(
            "se-organisationsnummer",
            r"SE(\d{10})01|SE(\d{10})|(\d{10})01|(?:16)?(\d{10})",
            "se.orgnr",
            "123456-7897",
            written=lambda n: f"{n[:6]}-{n[6:]}",
        ),
    ),
    "DE": (
        _scheme(
            "de-ust-idnr",
            r"(?:DE)?(\d{9})",
            "de.vat",
            "DE123456788",
            written=lambda n: f"DE{n}",
            key=lambda n: f"VAT{n}",
        ),
    ),
    "EE": (
        _scheme("ee-registrikood", r"(?:EE)?(\d{8})", "ee.registrikood", "12345678"),
        _scheme(
            "ee-kmkr", r"(?:EE)?(\d{9})", "ee.kmkr", "EE101234568", written=lambda n: f"EE{n}", key=lambda n: f"VAT{n}"
        ),
    ),
    "FR": (
        _scheme("fr-siren", r"(\d{9})", "fr.siren", "123 456 782", written=lambda n: f"{n[:3]} {n[3:6]} {n[6:]}"),
        _scheme("fr-siret", r"(\d{14})", "fr.siret", "123 456 782 00002", key=lambda n: n[:9]),
        _scheme(
            "fr-tva",
            r"(?:FR)?([\dA-HJ-NP-Z]{2}\d{9})",
            "fr.tva",
            "FR11123456782",
            written=lambda n: f"FR{n}",
            key=lambda n: n[2:],
        ),
    ),
    "BE": (
        _scheme(
            "be-ondernemingsnummer", r"(?:BE)?([01]\d{9}|\d{9})", "be.vat", "0123.456.749", key=lambda n: n.zfill(10)
        ),
    ),
    "DK": (_scheme("dk-cvr", r"(?:DK)?(\d{8})", "dk.cvr", "12345674"),),
    "NO": (_scheme("no-organisasjonsnummer", r"(?:NO)?(\d{9})(?:MVA)?", "no.orgnr", "123 456 785"),),
    "NL": (
        _scheme(
            "nl-btw",
            r"(?:NL)?(\d{9}B\d{2})",
            "nl.btw",
            "NL123456782B90",
            written=lambda n: f"NL{n}",
            key=lambda n: f"VAT{n}",
        ),
        _scheme("nl-kvk", r"(\d{8})", None, "12345678", key=lambda n: f"KVK{n}"),
    ),
    "AT": (
        _scheme(
            "at-uid", r"(?:AT)?(U\d{8})", "at.uid", "ATU12345675", written=lambda n: f"AT{n}", key=lambda n: f"VAT{n}"
        ),
        _scheme("at-firmenbuchnummer", r"(?:FN)?(\d{1,6}[A-Z])", None, "FN 123456m", key=lambda n: f"FN{n}"),
    ),
    "CH": (_scheme("ch-uid", r"(CHE\d{9})(?:MWST|TVA|IVA|VAT)?", "ch.uid", "CHE-123.456.788"),),
    "GB": (
        _scheme(
            "gb-vat",
            r"(?:GB|XI)?(\d{9}|\d{12}|(?:GD|HA)\d{3})",
            "gb.vat",
            "GB123456782",
            written=lambda n: f"GB{n}",
            key=lambda n: f"VAT{n}",
        ),
        _scheme("gb-company-number", r"(\d{8}|[A-Z]{2}\d{6}|R\d{7})", None, "01234567"),
    ),
    "ES": (_scheme("es-nif", r"(?:ES)?([A-Z\d]\d{7}[A-Z\d])", "es.nif", "B12345674"),),
    "PT": (_scheme("pt-nif", r"(?:PT)?(\d{9})", "pt.nif", "PT123456789"),),
    "PL": (
        _scheme("pl-nip", r"(?:PL)?(\d{10})", "pl.nip", "123-456-78-19"),
        _scheme("pl-regon", r"(\d{9}|\d{14})", "pl.regon", "123456785", key=lambda n: f"REGON{n[:9]}"),
    ),
    "CZ": (_scheme("cz-dic", r"(?:CZ)?(\d{8,10})", "cz.dic", "CZ12345679"),),
    "SK": (
        _scheme(
            "sk-ic-dph",
            r"(?:SK)?(\d{10})",
            "sk.dph",
            "SK2021234567",
            written=lambda n: f"SK{n}",
            key=lambda n: f"VAT{n}",
        ),
        _scheme("sk-ico", r"(\d{8})", None, "12345678"),
    ),
    "HU": (_scheme("hu-adoszam", r"(?:HU)?(\d{8})(?:\d{3})?", "hu.anum", "12345676"),),
    "IE": (_scheme("ie-vat", r"(?:IE)?(\d[A-Z\d+*]\d{5}[A-Z]{1,2})", "ie.vat", "IE1234567T", key=lambda n: f"VAT{n}"),),
    "GR": (_scheme("gr-afm", r"(?:EL|GR)?(\d{9})", "gr.vat", "EL123456783"),),
    "SI": (_scheme("si-ddv", r"(?:SI)?(\d{8})", "si.ddv", "SI12345679"),),
    "HR": (_scheme("hr-oib", r"(?:HR)?(\d{11})", "hr.oib", "HR12345678903"),),
    "RO": (_scheme("ro-cui", r"(?:RO)?(\d{2,10})", "ro.cf", "RO12345674"),),
    "BG": (_scheme("bg-eik", r"(?:BG)?(\d{9,10})", "bg.vat", "BG123456786"),),
    "CY": (_scheme("cy-vat", r"(?:CY)?(\d{8}[A-Z])", "cy.vat", "CY10234567S"),),
    "MT": (_scheme("mt-vat", r"(?:MT)?(\d{8})", "mt.vat", "MT12345634"),),
    "LU": (_scheme("lu-tva", r"(?:LU)?(\d{8})", "lu.tva", "LU12345613"),),
    "LV": (_scheme("lv-registracijas-numurs", r"(?:LV)?(\d{11})", "lv.pvn", "LV40001234504"),),
    "LT": (
        _scheme(
            "lt-pvm", r"LT(\d{9}|\d{12})", "lt.pvm", "LT123450018", written=lambda n: f"LT{n}", key=lambda n: f"VAT{n}"
        ),
        _scheme("lt-imones-kodas", r"(\d{9})", None, "123456789"),
    ),
    "US": (_scheme("us-ein", r"(\d{9})", "us.ein", "12-3456789", written=lambda n: f"{n[:2]}-{n[2:]}"),),
}

_PREFIX_OF = {"EL": "GR", "XI": "GB"}

# What people write before the number, and the country that it gives away.
_LABELS = re.compile(
    r"""^(?:
    (?P<FI>L?Y-?\s?TUNNUS|FO-?NUMMER|ALV-?(?:TUNNISTE|NUMERO|NRO)?|VAT-TUNNUS)
    |(?P<IT>P\.?\s?I\.?V?V?\.?A\.?(?=[\s:.]|IT)|PARTITA\s?I\.?V\.?A\.?|COD(?:ICE|\.)\s?FISC(?:ALE|\.)|C\.?F\.?(?=[\s:.]))
    |(?P<EE>REGISTRIKOOD|REG\.?\s?KOOD|KMKR(?:\s?NR)?)
    |(?P<DE>U?ST\.?-?ID(?:-?NR|ENT)?)
    |(?P<DK>CVR(?:-?NR|\sNO)?|SE-NR)
    |(?P<FR>SIREN|SIRET|N°\s?TVA)
    |(?P<NL>KVK|BTW(?:-?NR|-?ID)?)
    |(?P<PL>NIP|REGON)
    |BUSINESS\s?ID|COMPANY\s?(?:NO|NUMBER|REG)|ORG(?:ANI[SZ]A[TS][IJ]ONS?)?\.?-?\s?(?:NR|NUMMER|NO)|MOMS(?:REG)?\.?-?(?:NR)?|TVA
    |VAT(?:\s?(?:NO|NR|NUMBER|ID|REG(?:ISTRATION)?)\b\.?)*|TAX\s?ID
    )[\s.:#-]*(?=\S)""",
    re.VERBOSE,
)
# A key as this module writes it: what came out goes in again.
_OWN_KEY = re.compile(r"(?P<country>[A-Z]{2}):(?:VAT|KVK|REGON|FN)?(?P<number>[A-Z0-9]+)")
_GERMAN_REGISTER = re.compile(r"\bHR[AB]\b")
_COURT_WORDS = re.compile(r"\b(?:AMTSGERICHT|REGISTERGERICHT|HANDELSREGISTER|AG)\b\s*")
_SEPARATORS = re.compile(r"[\s.\-–—/·_,:()\"']+")


def business_id(text: str | None, country: str | None = None) -> BusinessId | None:
    """A business identifier, checked by its country's checksum; None when blank.

    ``country`` is ISO 3166 alpha-2. A text that says its country itself (a VAT number such as "IT01234567890", a label
    such as "Y-tunnus") goes by that. Identifiers of countries whose rules are unknown here are taken as they are, in
    scheme ``<country>-unchecked``.

    Raises Invalid: ``business-id-without-country``, ``business-id-checksum``, ``not-a-business-id``.
    """
    cleaned = clean(text)
    if cleaned is None:
        return None
    plain = unicodedata.normalize("NFKC", cleaned).upper()
    own_key = _OWN_KEY.fullmatch(plain)
    if own_key and own_key["country"] in _SCHEMES:
        return _identified(cleaned, own_key["number"], own_key["country"], key=plain)
    label = _LABELS.match(plain)
    if label:
        plain = plain[label.end() :]
    labelled = next((code for code, found in label.groupdict().items() if found), None) if label else None
    if _GERMAN_REGISTER.search(plain):
        return _in_german_register(plain, cleaned)
    compact = _SEPARATORS.sub("", re.sub(r"(?<=\d)\.0$", "", plain))
    # An identifier of zeros passes most checksums; it is what forms send when the field is compulsory.
    if not compact.isascii() or not compact.isalnum() or not compact.strip("0"):
        raise _not_an_id(cleaned, country)
    for code in (_self_described(compact), labelled, _country_code(country)):
        if code is not None:
            return _identified(cleaned, compact, code)
    raise Invalid(
        "business-id-without-country",
        cleaned,
        "this business id does not say its country",
        "a country beside it, or a VAT number that begins with its country's letters",
    )


def business_id_readings(text: str) -> list[BusinessId]:
    """What a number may be that does not say its country: one for each country here in which its checksum is right."""
    found: dict[str, BusinessId] = {}
    for country in (None, *_SCHEMES):
        with suppress(Invalid):
            one = business_id(text, country)
            if one is not None:
                found.setdefault(one.key, one)
    return list(found.values())


def _in_german_register(plain: str, text: str) -> BusinessId:
    """A Handelsregister number, which means nothing without its court: "HRB 12345 München"."""
    checker: Any = importlib.import_module("stdnum.de.handelsregisternummer")
    try:
        number = str(checker.validate(_COURT_WORDS.sub("", plain.removeprefix("DE:"))))
    except checker.ValidationError as error:
        raise Invalid(
            "not-a-business-id",
            text,
            "this is no number of the Handelsregister",
            "register, number and court, such as HRB 12345 München",
        ) from error
    return BusinessId("de-handelsregister", number, f"DE:{number}", "DE")


def _country_code(country: str | None) -> str | None:
    code = (country or "").strip().upper()
    return {"UK": "GB", "EL": "GR"}.get(code, code) or None


def _self_described(compact: str) -> str | None:
    """The country whose letters the text begins with, if the rest has the shape of its numbers."""
    prefix = "CH" if compact.startswith("CHE") else compact[:2]
    code = _PREFIX_OF.get(prefix, prefix)
    shapes = (scheme.shape.fullmatch(compact) for scheme in _SCHEMES.get(code, ()) if prefix in scheme.shape.pattern)
    return code if any(shapes) else None


def _not_an_id(text: str, country: str | None) -> Invalid:
    schemes = _SCHEMES.get(_country_code(country) or "", ())
    examples = " or ".join(scheme.example for scheme in schemes if scheme.example)
    return Invalid(
        "not-a-business-id",
        text,
        "this is no business id of that country" if schemes else "this is no business id",
        f"a number such as {examples or '1234567-1 (FI)'}",
    )


def _identified(text: str, compact: str, country: str, key: str | None = None) -> BusinessId:
    """The first scheme of the country that the number fits, or the one that gives ``key``."""
    if country not in _SCHEMES:
        return _of_other_country(text, compact, country)
    shaped = False
    for scheme in _SCHEMES[country]:
        for candidate in (*_candidates(compact, scheme), *([country + compact] if key else [])):
            matched = scheme.shape.fullmatch(candidate)
            if matched is None:
                continue
            shaped = True
            number = next(group for group in matched.groups() if group)
            if key not in (None, f"{country}:{scheme.key(number)}"):
                continue
            if _checks(number, scheme):
                return BusinessId(
                    scheme=scheme.name,
                    value=scheme.written(number),
                    key=f"{country}:{scheme.key(number)}",
                    country=country,
                )
    if shaped:
        raise Invalid(
            "business-id-checksum",
            text,
            "the check digit of this business id is wrong",
            "the number as the register has it; a digit is mistyped, missing or swapped",
        )
    raise _not_an_id(text, country)


def _candidates(compact: str, scheme: _Scheme) -> list[str]:
    if scheme.width - 2 <= len(compact) < scheme.width and compact.isdigit():
        return [compact.zfill(scheme.width)]
    return [compact]


def _checks(number: str, scheme: _Scheme) -> bool:
    if scheme.checker is None:
        return True
    checker: Any = importlib.import_module(f"stdnum.{scheme.checker}")
    return bool(checker.is_valid(number))


def _of_other_country(text: str, compact: str, country: str) -> BusinessId:
    """Checked by whatever stdnum has for the country; where it has nothing, taken as it is."""
    from stdnum import get_cc_module

    if not re.fullmatch("[A-Z]{2}", country):
        raise _not_an_id(text, None)
    module = get_cc_module(country, "businessid") or get_cc_module(country, "vat")
    if module is not None:
        if not module.is_valid(compact):
            raise Invalid(
                "business-id-checksum",
                text,
                "this business id does not pass its country's check",
                "the number as the register has it",
            )
        compact = str(module.compact(compact))
        return BusinessId(
            f"{country.lower()}-{module.__name__.rpartition('.')[2]}", compact, f"{country}:{compact}", country
        )
    if not re.search(r"\d", compact) or len(compact) < 4:
        raise _not_an_id(text, country)
    return BusinessId(f"{country.lower()}-unchecked", compact, f"{country}:{compact}", country)
