"""The dealers' spreadsheets: three layouts, three languages, five file formats, and the rows that must be refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from examples.nordic.leads import FINNISH, ITALIAN, SWEDISH, Dealer, Lead, leads_of
from examples.nordic.sheets import write_csv, write_ods, write_xls, write_xlsx
from examples.nordic.showcase import showcase_lead
from examples.nordic.truth import Ledger
from examples.nordic.world import World

NOTES_SLOT = "person#2"
"""Where a person found in a note is kept, beside the row's own contact person."""

FINNISH_HEADER = (
    "Liidinumero",
    "Jälleenmyyjä",
    "Päivämäärä",
    "Yritys",
    "Y-tunnus",
    "Yhteyshenkilö",
    "Sähköposti",
    "Puhelin",
    "Katuosoite",
    "Postinumero",
    "Paikkakunta",
    "Maa",
    "Kiinnostus",
    "Huomautukset",
)
ITALIAN_HEADER = (
    "Ragione sociale",
    "Referente",
    "E-mail",
    "Telefono",
    "P.IVA",
    "Città",
    "Paese",
    "Data",
    "Interesse",
    "Note",
    "Rivenditore",
)
SWEDISH_HEADER = (
    "Leadnr",
    "Återförsäljare",
    "Datum",
    "Företag",
    "Org.nr",
    "Förnamn",
    "Efternamn",
    "E-post",
    "Telefon",
    "Ort",
    "Land",
    "Intresse",
    "Anteckning",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a sheet: its key, its cells, the lead it came from, and why it must be refused, if it must."""

    key: str
    cells: tuple[str, ...]
    lead: Lead
    refused: str | None = None


def write_partners(rng: Random, world: World, folder: Path, ledger: Ledger) -> str:
    """Writes all sheets under ``folder`` and returns the key of the showcase's lead."""
    for dealer in (FINNISH, ITALIAN, SWEDISH):
        (folder / dealer.code).mkdir(parents=True, exist_ok=True)

    finnish = _entries(rng, world, FINNISH)
    header = [FINNISH_HEADER]
    first, second = [entry.cells for entry in finnish[:300]], [entry.cells for entry in finnish[300:]]
    write_xlsx(folder / "fi" / "liidit-2026-03.xlsx", "Liidit", [("Raportti 3/2026",), (), *header, *first])
    write_ods(folder / "fi" / "liidit-2026-06.ods", "Liidit", [("Raportti 6/2026",), (), *header, *second])

    italian = _entries(rng, world, ITALIAN)
    write_xls(folder / "it" / "contatti-2026.xls", "Contatti", [ITALIAN_HEADER, *(entry.cells for entry in italian)])

    swedish = _entries(rng, world, SWEDISH)
    first, second = [entry.cells for entry in swedish[:180]], [entry.cells for entry in swedish[180:]]
    write_csv(folder / "se" / "leads-2026-1.csv", [SWEDISH_HEADER, *first], delimiter=";", encoding="cp1252")
    write_csv(folder / "se" / "leads-2026-2.tsv", [SWEDISH_HEADER, *second], delimiter="\t", encoding="utf-8")

    for dealer, entries in ((FINNISH, finnish), (ITALIAN, italian), (SWEDISH, swedish)):
        record(ledger, dealer, entries)
    showcase = world.situations["showcase"][0]
    return next(one.key for one in finnish if one.lead.organisation and one.lead.organisation.truth_id == showcase)


def record(ledger: Ledger, dealer: Dealer, entries: list[Entry]) -> None:
    """Notes what each row speaks of; a row that stands there twice is one."""
    for entry in {entry.key: entry for entry in entries}.values():
        lead = entry.lead
        if entry.refused:
            ledger.refuse(dealer.source, entry.key, entry.refused)
            continue
        if lead.organisation:
            ledger.organisation(dealer.source, entry.key, lead.organisation.truth_id, lead.identity_keys())
        if lead.person:
            ledger.person(dealer.source, entry.key, lead.person.truth_id, lead.identity_keys())
        if lead.hidden:
            ledger.person(dealer.source, entry.key, lead.hidden.truth_id, lead.hidden_identity_keys(), NOTES_SLOT)


def finnish_entry(lead: Lead, number: int, refused: str | None = None) -> Entry:
    """A row of the Finnish sheet; dates day first."""
    key = f"L-2026-{number:04d}"
    on = f"{lead.on.day}.{lead.on.month}.{lead.on.year}"
    if refused == REASONS["date"]:
        on = "31.2.2026"
    cells = (
        key,
        FINNISH.name,
        on,
        lead.company,
        lead.business_id,
        lead.person_name,
        lead.email,
        lead.phone_text,
        lead.street,
        lead.postcode,
        lead.city,
        lead.country,
        lead.interest,
        lead.note,
    )
    return Entry(key, cells, lead, refused)


def _italian_entry(lead: Lead, number: int, refused: str | None = None) -> Entry:
    """A row of the Italian sheet, which numbers nothing: its key is company and address together."""
    on = "31/02/2026" if refused == REASONS["date"] else f"{lead.on:%d/%m/%Y}"
    cells = (
        lead.company,
        lead.person_name,
        lead.email,
        lead.phone_text,
        lead.business_id,
        lead.city,
        lead.country,
        on,
        lead.interest,
        lead.note,
        ITALIAN.name,
    )
    return Entry(f"{lead.company}|{lead.email}", cells, lead, refused)


def _swedish_entry(lead: Lead, number: int, refused: str | None = None) -> Entry:
    """A row of the Swedish sheet; its program was set up in American English, so the month comes first."""
    key = f"S{20260000 + number}"
    on = "02/31/2026" if refused == REASONS["date"] else f"{lead.on:%m/%d/%Y}"
    cells = (
        key,
        SWEDISH.name,
        on,
        lead.company,
        lead.business_id,
        lead.given_name,
        lead.family_name,
        lead.email,
        lead.phone_text,
        lead.city,
        lead.country,
        lead.interest,
        lead.note,
    )
    return Entry(key, cells, lead, refused)


_LAYOUTS: dict[str, Callable[[Lead, int, str | None], Entry]] = {
    "fi": finnish_entry,
    "it": _italian_entry,
    "se": _swedish_entry,
}

REASONS = {
    "email": "an e-mail address with two @",
    "date": "a date that no calendar has: 31 February",
    "nobody": "neither company nor person",
    "phone": "a national telephone number and no country",
}
_REFUSED = {
    "fi": ("email", "email", "date", "nobody", "nobody"),
    "it": ("email", "date", "email"),
    "se": ("email", "date", "nobody", "phone", "phone"),
}
_REPEATED = {"fi": 5, "it": 3, "se": 4}


def _entries(rng: Random, world: World, dealer: Dealer) -> list[Entry]:
    reasons, repeated = _REFUSED[dealer.code], _REPEATED[dealer.code]
    fixed = [showcase_lead(world)] if dealer is FINNISH else []
    leads = leads_of(rng, world, dealer, dealer.rows - repeated - len(fixed))
    broken = dict(zip(rng.sample(range(20, len(leads)), len(reasons)), reasons, strict=True))
    rows: list[tuple[Lead, str | None]] = [
        (_broken(lead, broken[at]), REASONS[broken[at]]) if at in broken else (lead, None)
        for at, lead in enumerate(leads)
    ]
    rows = sorted([*rows, *((lead, None) for lead in fixed)], key=lambda row: row[0].on)
    layout = _LAYOUTS[dealer.code]
    entries = [layout(lead, number, refused) for number, (lead, refused) in enumerate(rows, start=1)]
    # The same row pasted twice, some lines further down in the same file.
    for entry in rng.sample([entry for entry in entries[:150] if not entry.refused], repeated):
        entries.insert(entries.index(entry) + 5, entry)
    return entries


def _broken(lead: Lead, reason: str) -> Lead:
    """The lead as it must not be let in; a wrong date is written by the layout."""
    if reason == "email":
        return replace(lead, email=(lead.email or "info@puuttuu.example").replace("@", "@@"))
    if reason == "nobody":
        return Lead(lead.on, None, None, None, interest=lead.interest, country=lead.country, note="?")
    if reason == "phone":
        return replace(lead, country="", phones=(), phone_text="070-174 06 05")
    return lead
