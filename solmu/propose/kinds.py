"""What each row of a list is, by its headings, its values and what the list is called. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from solmu.propose.settle import Guess, Kind
from solmu.propose.words import Words, folded, squash

# What registers of companies and of customers tell, and hardly anybody who hands on leads.
_REGISTERED = frozenset(
    {
        "organisation.business_id",
        "organisation.customer_number",
        "organisation.legal_form",
        "organisation.employees",
        "organisation.industry",
    }
)
_ENOUGH = 3
_MAILED = frozenset({"consent", "person.opt_out"})
_OF_LEADS = frozenset({"lead.interest", "lead.partner", "lead.number"})


def kind_of(guesses: Sequence[Guess], known: Words, title: str) -> Kind:
    """What each row is. One heading that only attendee lists have is enough; of those that others may have too, two."""
    headings = {squash(guess.name) for guess in guesses}
    if headings & known.kinds.get("participants", frozenset()):
        return "participant"
    signs = len(headings & known.kinds.get("perhaps participants", frozenset()))
    signs += 2 * bool(set(folded(title).split()) & known.kinds.get("participants by file", frozenset()))
    signs += 2 * any(guess.evidence.share("attendance") >= 0.8 for guess in guesses)
    if signs >= 2:
        return "participant"
    is_customers = has_heading(guesses, known, "contacts") or has_heading(guesses, known, "ledgers")
    is_of_leads = bool(set(folded(title).split()) & known.kinds.get("leads by file", frozenset()))
    return "contact" if is_customers or (not is_of_leads and _is_kept(guesses, known)) else "lead"


def _is_kept(guesses: Sequence[Guess], known: Words) -> bool:
    """Whether a program keeps these records (it numbers them, and says when one was made or changed), and nothing tells
    of leads."""
    if has_heading(guesses, known, "leads") or any("lead" in folded(guess.name).split() for guess in guesses):
        return False
    there = {guess.readings[0].concept for guess in guesses if len({each.concept for each in guess.readings}) == 1}
    if there & _OF_LEADS:
        return False
    if "organisation.customer_number" in there and "date" not in there:
        return True
    # Beside what says whether somebody may be written to, a status says the same.
    if "status" in there and not there & _MAILED:
        return False
    signs = {squash(guess.name) for guess in guesses} & known.kinds.get("perhaps contacts", frozenset())
    return len(signs) + 2 * (len(there & _REGISTERED) >= _ENOUGH) >= 2


def has_heading(guesses: Sequence[Guess], known: Words, kind: str) -> bool:
    """Whether a list has one of the headings that give a kind away."""
    return not known.kinds.get(kind, frozenset()).isdisjoint(squash(guess.name) for guess in guesses)
