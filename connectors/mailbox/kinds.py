"""What sort of mail it is: by its headers a bounce or an answer of a machine, else by words that people write."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from email.message import Message

from solmu.normalise import fold

ENQUIRY, REPLY = "enquiry", "reply"
BOUNCE, AUTO_REPLY, AUTOMATIC, BULK, OWN = "bounce", "auto-reply", "automatic", "bulk", "own"
MEETING = "meeting request"

KINDS: dict[str, tuple[str, ...]] = {
    "complaint": (
        "complaint", "reklamaatio", "valitus", "viallinen", "reklamation", "klagomål", "reclamo", "difettoso",
        "beschwerde", "defective", "not working", "ei toimi", "fungerar inte", "non funziona", "funktioniert nicht",
    ),
    MEETING: (
        "meeting", "appointment", "demo", "tapaaminen", "tapaamis", "palaveri", "esittely", "möte", "mötet", "besök",
        "incontro", "appuntamento", "riunione", "termin", "besprechung",
    ),
}  # fmt: skip
"""Words for the kinds that are told apart without settings of one's own."""

_WHOLE = 6  # letters of the longest word that counts only whole: "termin" also begins "terminal"

_ANSWERED_BY_MACHINE = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office|automaattinen (?:poissaolo)?"
    r"vastaus|poissa(?:olo)?|autosvar|automatiskt svar|frånvaro|automatische antwort|abwesenheits\w*"
    r"|risposta automatica|fuori sede|réponse automatique)\b",
    re.IGNORECASE,
)
_FORWARDED = re.compile(r"^\s*(?:fwd?|vl|vb|wg|tr|i)\s*:", re.IGNORECASE)
_NOBODY = re.compile(r"^(?:mailer-daemon|postmaster)(?:@|$)", re.IGNORECASE)


def by_headers(message: Message) -> str | None:
    """A kind that no person's mail is of, by RFC 3464 (reports), RFC 3834 (automatic answers), RFC 2369 (lists) and
    headers in common use; None for what a person may have written."""
    said = {name.lower(): str(value).strip().lower() for name, value in message.items()}
    sender = re.sub(r"^.*<|>.*$", "", said.get("from", ""))
    report = str(message.get_param("report-type", "")).lower()
    if message.get_content_type() == "multipart/report":
        return BOUNCE if report in ("", "delivery-status") else AUTOMATIC
    if _NOBODY.match(sender) or "x-failed-recipients" in said:
        return BOUNCE
    submitted = said.get("auto-submitted", "no").partition(";")[0].strip()
    precedence = said.get("precedence", "")
    if (
        submitted == "auto-replied"
        or precedence == "auto_reply"
        or {"x-autoreply", "x-autorespond", "x-autoresponse"} & said.keys()
        or _ANSWERED_BY_MACHINE.match(said.get("subject", ""))
    ):
        return AUTO_REPLY
    if "list-unsubscribe" in said or "list-id" in said or precedence in ("bulk", "list", "junk"):
        return BULK
    return None if submitted == "no" else AUTOMATIC


def answers_automatically(subject: str) -> bool:
    """Whether a decoded subject is that of an absence note."""
    return _ANSWERED_BY_MACHINE.match(subject) is not None


def is_forward(subject: str) -> bool:
    """Whether the subject says that the mail was passed on, as mail programs of five languages do."""
    return _FORWARDED.match(subject) is not None


def by_words(subject: str, text: str, kinds: Mapping[str, Sequence[str]]) -> str | None:
    """The first kind of which a word stands in the subject, else in the text.

    Long words also count where more follows, for languages that inflect: "reklamaatio" is in "reklamaatiota".
    """
    for where in (subject, text):
        folded = f" {fold(where)} "
        for kind, words in kinds.items():
            if any(_begins(folded, fold(word)) for word in words):
                return kind
    return None


def _begins(folded: str, word: str) -> bool:
    return bool(word) and f" {word} "[: None if len(word) <= _WHOLE else -1] in folded
