"""What somebody newly wrote in a mail, apart from what they quote, pass on and sign with.

No mail program marks these for machines; what follows knows the marks that common programs leave, in the languages that
the mappings know. Where nothing is recognised the whole text counts as new: too much is better than a lost sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr

from solmu.normalise import fold


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The mail that was passed on: who wrote it, and its text with all that it quotes."""

    name: str
    email: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """A text in its parts; each may be empty. ``signature`` without the line that introduces it."""

    new: str
    signature: str = ""
    quoted: str = ""
    forwarded: Forwarded | None = None


_FORWARD = re.compile(
    r"^\W*(?:forwarded message|begin forwarded message|original message forwarded|välitetty viesti|edelleenlähetetty"
    r" viesti|vidarebefordrat meddelande|vidarebefordrat brev|weitergeleitete nachricht|anfang der weitergeleiteten"
    r" (?:e-mail|nachricht)|messaggio inoltrato|inizio messaggio inoltrato|message transféré)\W*$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^\W*(?:original message|alkuperäinen viesti|ursprungligt meddelande|ursprüngliche nachricht|messaggio originale"
    r"|message d'origine)\W*$",
    re.IGNORECASE,
)
_WROTE = re.compile(
    r"^(?:on\b.{4,200}\bwrote|.{4,200}\bkirjoitti(?: .{0,60})?|(?:den|på|mån|tis|ons|tors|fre|lör|sön)\b.{4,200}\bskrev"
    r"(?: .{0,80})?|am\b.{4,200}\bschrieb(?: .{0,80})?|il\b.{4,200}\bha scritto|le\b.{4,200}\ba écrit)\s*:\s*$",
    re.IGNORECASE,
)
_FROM = r"(?:from|lähettäjä|från|von|da|de)"
_HEADER = re.compile(
    r"^[>*\s]*(?P<name>from|lähettäjä|från|von|da|de|sent|date|lähetetty|päivämäärä|päiväys|skickat|datum|gesendet"
    r"|inviato|data|envoyé|to|vastaanottaja|till|an|a|à|cc|kopio|kopia|subject|aihe|ämne|betreff|oggetto|objet)"
    r"\s*\*?\s*:\s*\*?\s*(?P<value>.*)$",
    re.IGNORECASE,
)
_IS_FROM = re.compile(rf"^{_FROM}$", re.IGNORECASE)
_IS_SUBJECT = re.compile(r"^(?:subject|aihe|ämne|betreff|oggetto|objet)$", re.IGNORECASE)
_RULE = re.compile(r"^\s*[_\-*=]{5,}\s*$")
_DELIMITER = re.compile(r"^--\s?$")
_CLOSING = re.compile(
    r"^\W{0,2}(?:(?:with )?(?:best|kind|warm|many)? ?(?:regards|wishes|greetings)|sincerely|yours (?:sincerely|truly)"
    r"|cheers|thanks(?: in advance)?|(?:ystävällisin|parhain|terveisin|ystävällisesti|kiitos|yhteistyöterveisin)"
    r"(?: terveisin)?|t\.|terv\.?|med (?:vänlig|vänliga|bästa) hälsning(?:ar)?|vänliga hälsningar|mvh|hälsningar"
    r"|(?:mit )?(?:(?:freundliche|beste|herzliche|viele|schöne|liebe)[nm]? |einen schönen )?gr(?:ue|ü|u)(?:ß|ss)"
    r"(?:en?)?(?: (?:aus|nach|von|vom) [\w .]{2,30})?|mfg|lg|vg"
    r"|(?:med |venlig |vennlig )*hilsen|(?:med )?bästa hälsningar|vh|yst\.? ?terv\.?|parh\.? ?terv\.?"
    r"|(?:(?:i miei )?(?:più )?(?:cordiali|distinti|migliori)|un cordiale) salut[io]|cordialmente|saluti|grazie"
    r"|cordialement|bien à vous)[\s,.!–-]*$",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"^(?:sent from my |get outlook for |lähetetty (?:iphone|puhelimesta|outlook)|skickat från min |von meinem .{1,40}"
    r"gesendet|gesendet (?:mit|von)|inviato da)",
    re.IGNORECASE,
)
_SIGNATURE_LINES = 14  # a longer "signature" after a closing is text that goes on
_HEADER_LINES = 10


def separate(text: str, *, forward: bool = False, sender: str = "") -> Written:
    """Take a mail's text apart. ``forward``: its subject says that it passes on a mail, so that an Outlook header block
    in it introduces that one, not a quotation. ``sender``: the name of who wrote it, below which a signature may stand
    without any closing."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    for at, line in enumerate(lines):
        if _FORWARD.match(line) or (forward and (_ORIGINAL.match(line) or _is_header_block(lines, at))):
            start = at if _HEADER.match(line) else at + 1
            new, signature = _signed(lines[:at], sender)
            return Written(new, signature, forwarded=_forwarded(lines[start:]))
        if length := _introduces_quotation(lines, at):
            before, after = lines[:at], lines[at:]
            # People also answer below what they quote.
            below = [each for each in after[length:] if not each.startswith(">")]
            if any(each.startswith(">") for each in after[length:]):
                before, after = [*before, *below], [each for each in after if each not in below or not each]
            new, signature = _signed([each for each in before if not each.startswith(">")], sender)
            return Written(new, signature, _joined(after))
    own = [line for line in lines if not line.startswith(">")]
    new, signature = _signed(own, sender)
    return Written(new, signature, _joined([line for line in lines if line.startswith(">")]))


def _introduces_quotation(lines: list[str], at: int) -> int:
    """How many lines, from here on, introduce a quotation; 0 for none."""
    line = lines[at]
    if _ORIGINAL.match(line) or _is_header_block(lines, at) or (_RULE.match(line) and _is_header_block(lines, at + 1)):
        return 1
    for length in (1, 2, 3):  # programs break a long "On … wrote:"
        some = [each.strip() for each in lines[at : at + length]]
        if not all(some) or (length > 1 and _WROTE.match(some[-1])):
            return 0
        if _WROTE.match(" ".join(some)):
            return length
    return 0


def _is_header_block(lines: list[str], at: int) -> bool:
    """Whether "From:" stands here and at least two more header lines follow, as Outlook quotes."""
    first = _HEADER.match(lines[at]) if at < len(lines) else None
    if first is None or not _IS_FROM.match(first["name"]) or lines[at].startswith(">"):
        return False
    return sum(_HEADER.match(line) is not None for line in lines[at + 1 : at + 5]) >= 2


def _forwarded(lines: list[str]) -> Forwarded:
    """What follows the mark: header lines, a blank one, the text."""
    while lines and not lines[0].strip():
        lines = lines[1:]
    if lines and all(line.startswith(">") or not line for line in lines):
        lines = [re.sub(r"^> ?", "", line) for line in lines]
    headers: dict[str, str] = {}
    count = 0
    for line in lines[:_HEADER_LINES]:
        found = _HEADER.match(line)
        if not found:
            break
        headers.setdefault(found["name"].lower(), found["value"].strip())
        count += 1
    sender = next((value for name, value in headers.items() if _IS_FROM.match(name)), "")
    # Outlook writes "Name [mailto:address]", or only the name.
    name, address = parseaddr(re.sub(r"\[mailto:([^\]]+)\]", r"<\1>", sender).replace("*", ""))
    subject = next((value for name, value in headers.items() if _IS_SUBJECT.match(name)), "")
    if "@" not in address:
        name, address = sender, ""
    return Forwarded(name, address, subject, _joined(lines[count:]))


def _signed(lines: list[str], sender: str) -> tuple[str, str]:
    """New text and signature: after "-- " (RFC 3676), after a closing near the end, or from the sender's name on."""
    lines = [line for line in lines if not _SENT_FROM.match(line)]
    for at, line in enumerate(lines):
        if _DELIMITER.match(line):
            above, _ = _closing(lines[:at])
            return _joined(above), _joined(lines[at + 1 :])
    new, signature = _closing(lines)
    if not signature:
        new, signature = _below_the_name(lines, sender)
    return _joined(new), _joined(signature)


def _below_the_name(lines: list[str], sender: str) -> tuple[list[str], list[str]]:
    """A last block that begins with the sender's name, and goes on below it."""
    name = set(fold(sender).split())
    filled = [at for at, line in enumerate(lines) if line.strip()]
    for at in reversed(filled[-_SIGNATURE_LINES:-1]):
        if at and len(name) > 1 and set(fold(lines[at]).split()) == name:
            return lines[:at], lines[at:]
    return lines, []


def _closing(lines: list[str]) -> tuple[list[str], list[str]]:
    filled = [at for at, line in enumerate(lines) if line.strip()]
    for at in reversed(filled[-_SIGNATURE_LINES:]):
        if _CLOSING.match(lines[at].strip()):
            earlier = at
            while earlier and (not lines[earlier - 1].strip() or _CLOSING.match(lines[earlier - 1].strip())):
                earlier -= 1
            return lines[:earlier], lines[at + 1 :]
    return lines, []


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip()
