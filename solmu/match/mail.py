"""An e-mail address, and a domain, as matching compares it: without those that are anybody's or nobody's. Pure."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from solmu.match.memo import MEMO
from solmu.match.nobody import is_made_up
from solmu.normalise.domain import domain, is_free_domain
from solmu.normalise.email import email
from solmu.normalise.invalid import Invalid

_UNSAID = 5  # letters and digits of a mailbox name beyond its owner's name, from which on it is a name of its own


@dataclass(frozen=True, slots=True)
class Mail:
    """``domain`` is the registered one, None at a free provider."""

    key: str
    domain: str | None
    is_role: bool
    masked: str = ""


@functools.lru_cache(maxsize=MEMO)
def mail_of(text: str) -> Mail:
    """An address in parts; empty ones where a text is none, or is made up."""
    try:
        mail = email(text)
    except Invalid:
        mail = None
    # Exports mask what a reader may not see: "bwa***@example.com" is many people's.
    if mail is None or "*" in mail.key:
        return Mail("", None, False, mail.key if mail else "")
    if is_made_up(mail.key.partition("@")[0], mail.domain, free=mail.is_free):
        return Mail("", None, False)
    return Mail(mail.key, None if mail.is_free else domain_of(mail.domain), mail.is_role)


@functools.lru_cache(maxsize=MEMO)
def domain_of(text: str) -> str | None:
    """The registered domain, None for one at which anybody may have an address or page."""
    try:
        found = domain(text)
    except Invalid:
        return None
    return None if found is None or is_free_domain(found) else found


def telling_mailbox(address: str, name: str) -> str | None:
    """The local part of an address, where the words of its owner's folded name leave enough of it unsaid."""
    local = address.partition("@")[0]
    rest = local
    for word in sorted(name.split(), key=len, reverse=True):
        if len(word) >= 3:
            rest = rest.replace(word, "")
    return local if sum(map(str.isalnum, rest)) >= _UNSAID else None
