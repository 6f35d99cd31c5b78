"""What a column is where its heading leaves it open: whose name, whose address, the date of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from solmu.model import HANGING_FIELDS, Hanging
from solmu.propose.evidence import Evidence
from solmu.propose.reading import Reading
from solmu.propose.words import folded

Kind = Literal["lead", "participant", "contact"]

LEAST = 0.5
"""Below this confidence a column is left alone: a wrong field does more harm than a missing one."""

_NUMBERS = frozenset({"organisation.business_id", "organisation.customer_number"})
_OF_LEADS = frozenset({"lead.interest", "lead.number", "lead.partner", "agent", "date", "notes"})
# What a bookkeeping system has of its customers, not of whom they employ.
_KEPT = ("language", "owner", "tags")
_ADDRESS = ("street", "postcode", "city", "region", "country")
# What only an organisation has: where nothing is called its name, the name in the list is.
_OF_ORGANISATIONS = _NUMBERS | {"organisation.employees", "organisation.legal_form", "organisation.industry"}
_DAYS = frozenset({"date", "lead.on", "activity.on"})
_NUMBER_OF = {"lead": "lead.number"}
_PARTS = {"person.given_name", "person.family_name"}


@dataclass(slots=True)
class Guess:
    """A column while its field is being found."""

    name: str
    readings: list[Reading]
    evidence: Evidence
    concept: str | None = None
    confidence: float = 0.0
    why: str = ""
    second: bool = False

    def take(self, concept: str | None, confidence: float, why: str) -> None:
        self.concept, self.confidence, self.why = concept, confidence, why


def settle_names(guesses: list[Guess], *, is_ledger: bool = False) -> None:
    """Whose name "Name" is, and whether "Title" is a job or a form of address: the other columns tell."""
    there = {guess.concept for guess in guesses if guess.confidence >= LEAST}
    is_of_organisations = is_ledger or bool(_OF_ORGANISATIONS & there)
    for at, guess in enumerate(guesses):
        if guess.concept == "person.name" and there >= _PARTS:
            if "organisation.name" in there and (guess.second or "lead" in folded(guess.name).split()):
                # It names somebody else, or the lead itself.
                guess.take("ignore", guess.confidence, "the person's names have columns of their own")
            elif "organisation.name" not in there and is_of_organisations and not guess.second:
                # What a bookkeeping system calls its contacts are the companies that it sends invoices to.
                guess.take("organisation.name", guess.confidence * 0.85, "its heading; it may be a person's name")
        if guess.concept == "any.title":
            before = guesses[at + 1].concept if at + 1 < len(guesses) else None
            after = guesses[at - 1].concept if at else None
            is_address = before in {*_PARTS, "any.name"} or after == "person.title" or "person.job_title" in there
            is_address = is_address or guess.evidence.share("honorific") >= 0.5
            guess.concept = "person.title" if is_address else "person.job_title"
        if guess.concept == "link":
            # Among people's names it leads to a profile.
            guess.concept = "ignore" if there & _PARTS else "any.website"
        if guess.concept != "any.name":
            continue
        company = guess.evidence.share("company") >= 0.2
        if company and "organisation.name" not in there:
            guess.concept = "organisation.name"
        elif "person.given_name" in there and "person.family_name" not in there:
            guess.concept = "person.family_name"
        elif "person.family_name" in there and "person.given_name" not in there:
            guess.concept = "person.given_name"
        elif "organisation.name" in there:
            guess.concept = "person.name"
        elif is_of_organisations or {"person.name", "person.given_name"} & there:
            guess.concept = "organisation.name"
        else:
            guess.take("person.name", guess.confidence * 0.85, "its heading; it may be a company's name")


def is_of_customers(guesses: Sequence[Guess]) -> bool:
    """Whether a list numbers its customers, or calls its numbered organisations just "Name", and nobody has a first and
    a last name in it: it is of organisations, with a contact at best."""
    there = {guess.concept for guess in guesses if guess.confidence >= LEAST}
    is_bare = any(
        guess.concept == "organisation.name" and any(each.concept == "any.name" for each in guess.readings)
        for guess in guesses
    )
    is_numbered = "organisation.customer_number" in there or (is_bare and bool(there & {*_NUMBERS, "number"}))
    return is_numbered and not there & _PARTS


def settle_owners(guesses: list[Guess], *, is_ledger: bool = False) -> None:
    """Whose e-mail, whose address: a person's and an organisation's, if the sheet has them. ``is_ledger``: it is the
    customer list of a bookkeeping system, in which what stands before the contact is the organisation's."""
    there = {guess.concept for guess in guesses if guess.concept and guess.confidence >= LEAST}
    has_organisation = bool({"organisation.name", "organisation.business_id"} & there)
    of_customers = is_ledger or "organisation.customer_number" in there
    # A managing director in a list of companies is nobody whose e-mail address it gives.
    named = {guess.concept for guess in guesses if guess.confidence >= LEAST and not guess.second}
    has_person = bool({"person.name", "person.given_name", "person.family_name"} & named) or not has_organisation
    own = _organisations_own(guesses, is_ledger)
    # Beside a company's city that is called so, the other one is where the person lives.
    lives = {f"person.{field}" for field in _ADDRESS if f"organisation.{field}" in there} if there >= _PARTS else set()
    for at, guess in enumerate(guesses):
        owner, _, field = (guess.concept or "").partition(".")
        if owner == "any":
            organisation = has_organisation and (
                (field in (*_ADDRESS, "website") and f"person.{field}" not in lives)
                or not has_person
                or at in own
                or (of_customers and field in _KEPT)
            )
            guess.concept = f"{'organisation' if organisation else 'person'}.{field}"
        elif (
            owner == "organisation"
            and not has_organisation
            and field in (*_ADDRESS, "email", "phone", "language", "tags")
        ):
            guess.concept = f"person.{field}"
    if not has_organisation:
        for guess in guesses:
            if guess.concept and guess.concept.startswith("organisation."):
                guess.take(None, guess.confidence, "nothing in this list names an organisation")
            elif guess.concept == "person.website":
                guess.take("ignore", guess.confidence, "a person has no field for it")


def _organisations_own(guesses: Sequence[Guess], is_ledger: bool) -> set[int]:
    """The e-mail and phone columns that are the organisation's: those before the person's columns, in the customer list
    of a bookkeeping system and in one that has such a field for the person expressly; where both hold, also those after
    them."""
    sure = [guess.concept or "" if guess.confidence >= LEAST else "" for guess in guesses]
    first = next((at for at, concept in enumerate(sure) if concept.startswith("person.")), len(sure))
    persons = {field for field in ("email", "phone") if f"person.{field}" in sure}
    before = {f"any.{field}" for field in ("email", "phone") if is_ledger or field in persons}
    anywhere = {f"any.{field}" for field in persons if is_ledger}
    return {at for at, guess in enumerate(guesses) if guess.concept in (before if at < first else anywhere)}


def settle_kind(guesses: list[Guess], kind: Kind) -> None:
    """What a date, a status and a note are of."""
    block = {"lead": "lead", "participant": "activity", "contact": None}[kind]
    there = {guess.concept or "" for guess in guesses if guess.confidence >= LEAST}
    # Where nothing tells of a lead, a status beside an organisation's numbers is the organisation's.
    is_of_leads = kind == "lead" and bool(there & _OF_LEADS)
    of_customers = kind == "contact" or (kind == "lead" and bool(there & _NUMBERS) and not is_of_leads)
    is_of_persons = bool(there & {*_PARTS, "person.name"}) and not there & _NUMBERS
    for guess in guesses:
        concept = guess.concept or ""
        owner, _, field = concept.partition(".")
        if concept == "agent":
            # One's own salesperson in a list of customers, who reported them in a list of leads.
            guess.concept = {"lead": "lead.partner", "contact": "organisation.owner"}.get(kind, "ignore")
        elif concept == "status" and of_customers and "organisation.name" in there and not is_of_persons:
            guess.concept = "organisation.status"
        elif concept in ("date", "status"):
            field = "on" if concept == "date" else concept
            guess.concept = f"{block}.{field}" if block else None
        elif concept == "role":
            # What a program calls "role" is that of its own users; what people call so is one at work.
            is_at_work = (kind == "lead" or not guess.name.islower()) and "person.job_title" not in there
            guess.concept = "person.job_title" if is_at_work else "ignore"
        elif concept == "outcome":
            # Of a talk, where it has a day; of a company's year else.
            guess.concept = f"{block}.status" if block and there & _DAYS else "ignore"
        elif concept == "number":
            # A code that numbers the rows of customers is the customer's.
            is_customers = of_customers and "organisation.customer_number" not in there and "organisation.name" in there
            guess.concept = "organisation.customer_number" if is_customers else _NUMBER_OF.get(kind, "ignore")
        elif concept == "consent":
            guess.concept = "consent.email"
        elif concept == "notes" and kind == "contact":
            guess.concept = f"{'person' if is_of_persons else 'organisation'}.description"
        elif owner in ("lead", "activity") and owner != block:
            moved = {"interest": "text"}.get(field, field)
            fits = block is not None and moved in HANGING_FIELDS[Hanging(block)] and field != "number"
            if field == "subject":
                # Where somebody was met is no product that interests them.
                guess.take(None, guess.confidence, f"a {kind} has no field for it")
            else:
                guess.concept = f"{block}.{moved}" if fits else "ignore"
        if guess.concept is None and guess.confidence and not guess.why.startswith(("nothing", "a ")):
            guess.why = f"a {kind} has no field for it"
