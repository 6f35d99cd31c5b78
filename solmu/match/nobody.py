"""What people type where a form insists and they have nothing to say: no company, nobody's mailbox. Pure."""

from __future__ import annotations

from solmu.normalise.word_list import phrase_set, word_set

_NO_COMPANY = phrase_set(
    """
    private|private person|private individual|individual|self|self employed|selfemployed|freelance|freelancer
    sole trader|independent|personal|home|none|no company|not provided|not applicable|na|n a|nil|student|retired
    unemployed|test|test company|test account|testing|asdf|xxx|unknown|unknown company|dummy|sample|example
    yksityinen|yksityishenkilo|yksityisasiakas|opiskelija|elakelainen|ei yritysta|testi|toiminimi
    privat|privatperson|egenforetagare|student|pensionar|ingen
    privatkunde|selbststandig|selbstandig|freiberufler|keine firma|keine|ohne firma|schuler|rentner
    privato|persona fisica|libero professionista|nessuna|studente|pensionato|prova
    particulier|independant|indépendant|aucune|aucun|sans|etudiant|retraite|particular|autonomo|ninguna|ninguno
    """
)
_MADE_UP = word_set(
    """
    none no nomail noemail noname nobody na nn unknown test tester testing test1 test123 example sample dummy fake
    email mail noone asdf asd qwerty xxx xx x aaa abc a b invalid blank notprovided notavailable notgiven nope
    keine keinemail keineemail ohne kunde geen geenmail ingen ingenmail aucun pasdemail sinemail sincorreo notiene
    nessuna nonha brak nincs eiole
    """
)
# Set aside for documentation (RFC 2606): no company is reached there.
_RESERVED = frozenset({"example.com", "example.net", "example.org"})


def is_no_company(core: str) -> bool:
    """Whether a folded name without its legal form says that there is no company."""
    return core in _NO_COMPANY


def is_made_up(local: str, host: str, *, free: bool) -> bool:
    """Whether an address was typed to get past a form: none@none.com, test@gmail.com. ``free``: a provider's host."""
    return _plain(local) in _MADE_UP and (free or host in _RESERVED or _plain(host.partition(".")[0]) in _MADE_UP)


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text))
