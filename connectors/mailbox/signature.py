"""The signature under a mail: whose it is, their job, organisation, numbers and web address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.mailbox.place import place, without_register_numbers
from solmu.normalise import Invalid, domain, fold, person_name
from solmu.normalise.legal_form import is_unmistakable, split_legal_form


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature says; texts as written, empty where it says nothing."""

    name: str = ""
    job_title: str = ""
    organisation: str = ""
    phones: tuple[str, ...] = field(default=())
    email: str = ""
    website: str = ""
    country: str | None = None


_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_WEBSITE = re.compile(r"(?:https?://|www\.)[^\s<>|,;]+", re.IGNORECASE)
_FAX = re.compile(r"\b(?:fax|faksi|telefax|telekopio)\b|^\s*f[.:]", re.IGNORECASE)
_NAME = re.compile(r"^[^\W\d_]+(?:[-’'.][^\W\d_]*)*(?:\s+[^\W\d_]+(?:[-’'.][^\W\d_]*)*){1,3}$")
_NOTICE = re.compile(
    r"confidential|luottamuksellinen|konfidentiell|vertraulich|riservat|confidentiel|disclaimer|privileged", re.I
)
_PARTS = re.compile(r"\s*[|•·]\s*|\s{3,}|\t+")
_LONGEST = 80  # characters of a line that is a name, a job or an organisation


def read_signature(text: str, *, sender_name: str = "", sender_email: str = "", region: str | None = None) -> Signature:
    """What a signature block says. ``region`` (ISO alpha-2) is where local numbers are dialled if nothing tells;
    ``country`` of the answer is where these are, None if that cannot be told.

    The sender's name and address only help to tell lines apart: nothing is taken from them.
    """
    lines: list[str] = []
    for line in text.splitlines():
        if _NOTICE.search(line):
            break
        lines += [part.strip(" ,*_") for part in _PARTS.split(line) if part.strip(" ,*_-–")]
    words = [line for line in lines if len(line) <= _LONGEST and not _EMAIL.search(line) and not _WEBSITE.search(line)]
    organisation = _organisation([line for line in words if fold(line) != fold(sender_name)], sender_email)
    name = _name([line for line in words if line != organisation], sender_name, sender_email)
    phones = list(dict.fromkeys([*_phones(lines, None), *_phones(lines, region)]))
    others = [line for line in lines if line not in (name, organisation)]
    country = place(others, organisation=organisation, email=sender_email, phones=phones, default=region)
    if country != region:
        # A number that is none in the one country may be one in the other.
        phones = list(dict.fromkeys([*phones, *_phones(lines, country)]))
    return Signature(
        name,
        _job_title(words, name, organisation),
        organisation,
        tuple(phones),
        next((found.group() for line in lines if (found := _EMAIL.search(line))), ""),
        next((found.group().rstrip("./") for line in lines if (found := _WEBSITE.search(line))), ""),
        country,
    )


def _organisation(lines: Sequence[str], sender_email: str) -> str:
    """A line with a legal form, or one that spells the domain from which its writer writes."""
    for line in lines:
        if len(line.split()) > 1 and any(is_unmistakable(word.strip(",")) for word in line.split()):
            return line
    try:
        registered = domain(sender_email.rpartition("@")[2]) or ""
    except Invalid:
        registered = ""
    label = registered.partition(".")[0].replace("-", "")
    spelt = [line for line in lines if label and label in (fold(line).replace(" ", ""), *fold(line).split())]
    return next((line for line in (*spelt, *lines) if line in spelt or _ends_in_legal_form(line)), "")


def _ends_in_legal_form(line: str) -> bool:
    """Whether a line is a name before a legal form that could mean something else too: Kvarnlunda Möbler AB."""
    name, form = split_legal_form(line)
    rest = line.removeprefix(name)
    return form is not None and rest != line and rest != rest.lower() and all(w[:1].isupper() for w in name.split())


def _name(lines: Sequence[str], sender_name: str, sender_email: str) -> str:
    """The line that is the sender's name or spells their address, else a first line that looks like a name."""
    local = fold(sender_email.partition("@")[0]).replace(" ", "")
    for line in lines:
        parts = [part for part in fold(line).split() if len(part) > 2]
        if not _is_name(line):
            continue
        if fold(line) == fold(sender_name) or (parts and all(part in local for part in parts)):
            return line
    return lines[0] if lines and _is_name(lines[0]) else ""


def _is_name(line: str) -> bool:
    if not _NAME.match(line) or not all(word[:1].isupper() or len(word) <= 3 for word in line.split()):
        return False
    try:
        found = person_name(line)
    except Invalid:
        return False
    return found is not None and bool(found.family)


def _job_title(lines: Sequence[str], name: str, organisation: str) -> str:
    """The line just under the name, if it is words and no address."""
    if name not in lines:
        return ""
    after = lines[lines.index(name) + 1 :][:1]
    if not after or after[0] == organisation or any(character.isdigit() for character in after[0]) or ":" in after[0]:
        return ""
    return after[0] if len(after[0].split()) <= 6 else ""


def _phones(lines: Sequence[str], region: str | None) -> list[str]:
    from phonenumbers import PhoneNumberMatcher

    lines = [without_register_numbers(line) for line in lines]
    numbers = [line for line in lines if not _FAX.search(line) and sum(map(str.isdigit, line)) >= 5]
    return list(dict.fromkeys(found.raw_string for line in numbers for found in PhoneNumberMatcher(line, region)))
