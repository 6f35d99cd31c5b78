"""Whether somebody attended: what a column of yes and no means, and what the other columns say where there is none."""

from __future__ import annotations

from solmu.propose.proposal import Proposal
from solmu.propose.words import folded, squash, words

_YES = ("Yes", "Y", "True", "1", "X", "Kyllä", "K", "Ja", "J", "Sì", "Si", "Oui", "Sí", "✓")
_NO = ("No", "N", "False", "0", "Ei", "E", "Nej", "Nei", "Nein", "Non")
# What a yes stands for under such a heading; else it stands for attendance.
_REGISTERED = (
    "regist",
    "ilmoit",
    "anmal",
    "anmeld",
    "angemeld",
    "iscri",
    "confirm",
    "vahvist",
    "rsvp",
    "zugesagt",
    "pameld",
    "tilmeld",
)
_ABSENT = ("no show", "noshow", "absent", "poissa", "franvar", "abwesend", "assent")


def words_for_status(proposal: Proposal) -> dict[str, str]:
    """What yes and no mean in the column that says who attended; nothing where it holds words of its own."""
    columns = proposal.columns_of("activity.status")
    if not columns or not proposal.is_flag(columns[0]):
        return {}
    heading = folded(columns[0])
    yes, no = "attended", "did not attend"
    if any(word in heading for word in _ABSENT):
        yes, no = no, yes
    elif any(word in heading for word in _REGISTERED):
        yes, no = "registered", "not registered"
    return {**dict.fromkeys(_YES, yes), **dict.fromkeys(_NO, no)}


def status_by_columns(proposal: Proposal) -> str | None:
    """What all of a list's people did, as far as its columns give it away: who has a time of leaving was there."""
    headings = {squash(column.name) for column in proposal.columns}
    known = words().kinds
    if headings & known.get("there", frozenset()):
        return "attended"
    return "registered" if headings & known.get("registered", frozenset()) else None
