"""What a column is where its heading leaves it open: whose name, whose address, the date of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from solmu.model import HANGING_FIELDS, Hanging
from solmu.propose.evidence import Evidence
from solmu.propose.headings import Reading

Kind = Literal["lead", "participant", "contact"]

LEAST = 0.5
"""Below this confidence a column is left alone: a wrong field does more harm than a missing one."""

_NUMBERS = frozenset({"organisation.business_id", "organisation.customer_number"})
_OF_LEADS = frozenset({"lead.interest", "lead.number", "lead.partner", "agent", "date", "notes"})
_ADDRESS = ("street", "postcode", "city", "region", "country")


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


def settle_names(guesses: list[Guess], language: str | None) -> None:
    """Whose name "Name" is, and whether "Title" is a job or a form of address: the other columns tell."""
    there = {guess.concept for guess in guesses if guess.confidence >= LEAST}
    has_parts = {"organisation.name", "person.given_name", "person.family_name"} <= there
    for guess in guesses:
        if guess.concept == "person.name" and has_parts:
            # It repeats them at best, and names somebody else at worst.
            guess.take("ignore", guess.confidence, "the person's names have columns of their own")
        if guess.concept == "any.title":
            is_address = "person.job_title" in there or guess.evidence.share("honorific") >= 0.5
            guess.concept = "person.title" if is_address else "person.job_title"
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
        elif {"person.name", "person.given_name", "organisation.business_id", "organisation.employees"} & there:
            guess.concept = "organisation.name"
        else:
            guess.take("person.name", guess.confidence * 0.85, "its heading; it may be a company's name")


def settle_owners(guesses: list[Guess], *, is_ledger: bool = False) -> None:
    """Whose e-mail, whose address: a person's and an organisation's, if the sheet has them. ``is_ledger``: it is the
    customer list of a bookkeeping system, in which what stands before the contact is the organisation's."""
    there = {guess.concept for guess in guesses if guess.concept and guess.confidence >= LEAST}
    has_organisation = bool({"organisation.name", "organisation.business_id"} & there)
    # A managing director in a list of companies is nobody whose e-mail address it gives.
    named = {guess.concept for guess in guesses if guess.confidence >= LEAST and not guess.second}
    has_person = bool({"person.name", "person.given_name", "person.family_name"} & named) or not has_organisation
    apart = _said_of_persons_apart(guesses, is_ledger) if has_organisation else {}
    for at, guess in enumerate(guesses):
        owner, _, field = (guess.concept or "").partition(".")
        if owner == "any":
            organisation = has_organisation and (
                field in (*_ADDRESS, "website") or not has_person or at < apart.get(field, 0)
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


def _said_of_persons_apart(guesses: Sequence[Guess], is_ledger: bool) -> dict[str, int]:
    """The fields that such a list has for the person expressly, and where the person's columns begin: before that, an
    e-mail address or a phone is the organisation's, as in the customer lists of bookkeeping systems."""
    sure = [(at, guess.concept) for at, guess in enumerate(guesses) if guess.concept and guess.confidence >= LEAST]
    first = next((at for at, concept in sure if concept.startswith("person.")), 0)
    return {
        field: first
        for field in ("email", "phone")
        if is_ledger or any(concept == f"person.{field}" for _, concept in sure)
    }


def settle_kind(guesses: list[Guess], kind: Kind) -> None:
    """What a date, a status and a note are of."""
    block = {"lead": "lead", "participant": "activity", "contact": None}[kind]
    there = {guess.concept or "" for guess in guesses if guess.confidence >= LEAST}
    # Where nothing tells of a lead, a status beside an organisation's numbers is the organisation's.
    is_of_leads = kind == "lead" and bool(there & _OF_LEADS)
    of_customers = kind != "participant" and bool(there & _NUMBERS) and not is_of_leads
    for guess in guesses:
        concept = guess.concept or ""
        owner, _, field = concept.partition(".")
        if concept == "agent":
            # One's own salesperson in a list of customers, who reported them in a list of leads.
            guess.concept = {"lead": "lead.partner", "contact": "organisation.owner"}.get(kind, "ignore")
        elif concept == "status" and of_customers:
            guess.concept = "organisation.status"
        elif concept in ("date", "status"):
            field = "on" if concept == "date" else concept
            guess.concept = f"{block}.{field}" if block else None
        elif concept == "consent":
            guess.concept = "consent.email"
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
