"""Whether two cards' mailboxes are one reader's, or tell two people apart. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from solmu.match.desks import one_desk, one_phone
from solmu.match.features import PersonFeatures
from solmu.match.names import slip, spelt_alike
from solmu.match.spelling import as_heard
from solmu.normalise.given_names import known_as

_NUMBERED = 2  # digits in a mailbox name of which two people hardly ever think alike
_LONG = 8  # letters of a mailbox name of which one may be mistyped
_GIVEN = 3  # letters of a given name, which is no initial
_WHOLE = 5  # letters of a company's name that an address has
_SIGNS = re.compile(r"[^a-z]+")


def different_mailboxes(one: PersonFeatures, two: PersonFeatures) -> bool:
    """Whether both write from one employer's domain, but never from the same address or desk.

    All have one switchboard: two mailboxes there are two spellings of the name, one badly typed, or a namesake's.
    """
    if not each_a_mailbox(one, two) or one_desk(one, two):
        return False
    return not one_phone(one, two) or not any(
        _one_mailbox(mine.partition("@")[0], theirs.partition("@")[0]) or (_spells(mine, one) and _spells(theirs, two))
        for mine in one.emails
        for theirs in two.emails
    )


def _spells(address: str, one: PersonFeatures) -> bool:
    """Whether an address is a name, with a given name or an initial, and has no number behind it."""
    letters, given, family = _SIGNS.sub("", address.partition("@")[0]), one.given.partition(" ")[0], one.family
    forms = (given + family, family + given, given[:1] + family, family + given[:1])
    return not _number_of(address) and any(spelt_alike(letters, form) for form in forms)


def each_a_mailbox(one: PersonFeatures, two: PersonFeatures) -> bool:
    """Whether both write from one employer's domain, but never from the same address."""
    if one.emails & two.emails:
        return False
    domains = {address.partition("@")[2] for address in one.emails}
    return any(address.partition("@")[2] in domains for address in two.emails)


def two_mailboxes(one: PersonFeatures, two: PersonFeatures) -> bool:
    """Whether both write from one employer's domain, from different mailboxes that are no two spellings of a name.

    A domain that is a slip away is the same house. A mailbox that is a slip away is the same one, where the slip is not
    in the number, which is there to tell two of one name apart.
    """
    if not (numbered_mailboxes(one) or numbered_mailboxes(two)):
        return False
    together = [
        _one_mailbox(mine.partition("@")[0], theirs.partition("@")[0])
        for mine in one.emails
        for theirs in two.emails
        if slip(mine.partition("@")[2], theirs.partition("@")[2], at_least=6)
    ]
    return bool(together) and not any(together)


def _one_mailbox(one: str, two: str) -> bool:
    number = _number_of(one)
    return one == two or (bool(number) and number == _number_of(two) and slip(one, two, at_least=8))


def _number_of(local: str) -> str:
    return "".join(character for character in local if character.isdigit())


def masked_apart(one: PersonFeatures, two: PersonFeatures) -> bool:
    """Whether what is left to see of a masked address ("bwa***@example.com") is not the other's, of the same domain."""
    if not one.masked and not two.masked:
        return False
    return _unlike(one.masked, two) or _unlike(two.masked, one)


def _unlike(masked: Iterable[str], other: PersonFeatures) -> bool:
    found = [
        address.startswith(seen.partition("*")[0])
        for seen in masked
        for address in mails(other)
        if address.partition("@")[2] == seen.partition("@")[2]
    ]
    return bool(found) and not any(found)


def mails(one: PersonFeatures) -> frozenset[str]:
    """The addresses that are one reader's, at an employer's or a provider's."""
    return one.emails | one.free_emails


def one_mailbox_mistyped(one: PersonFeatures, two: PersonFeatures) -> bool:
    """Whether both write from a mailbox with a number that is nobody's name, or from one at domains a letter apart.

    Two providers are two, however alike they are called; so are two companies that a number or a country tells apart.
    """
    if any(sum(map(str.isdigit, mailbox)) >= _NUMBERED for mailbox in one.mailboxes & two.mailboxes):
        return True
    return any(
        mine.partition("@")[0] == theirs.partition("@")[0]
        and not (mine in one.free_emails and theirs in two.free_emails)
        and one_domain_mistyped(mine.partition("@")[2], theirs.partition("@")[2])
        for mine in mails(one)
        for theirs in mails(two)
    )


def one_mailbox_misspelt(one: PersonFeatures, two: PersonFeatures) -> bool:
    """Whether two of one name write from one employer's domain, one from that name, one from it badly typed.

    A letter more may be the initial by which the house told two apart.
    """
    return any(
        mine.partition("@")[2] == theirs.partition("@")[2]
        and _number_of(mine) == _number_of(theirs)
        and (_typed_for(mine, theirs, one) or _typed_for(theirs, mine, two))
        for mine in one.emails
        for theirs in two.emails
    )


def _typed_for(address: str, typed: str, one: PersonFeatures) -> bool:
    """Letters in another order, or one wrong or missing in the family name: "marie.vogt" may be who is called so."""
    right, wrong = (_SIGNS.sub("", mail.partition("@")[0]) for mail in (address, typed))
    given, family = (_SIGNS.sub("", name) for name in (one.given, one.family))
    # To the letter: "anna.e.vogt" is an initial and no other spelling of "anna.vogt".
    whole = right in (given + family, family + given)
    if not one.full or not (whole or right in (given[:1] + family, family + given[:1])):
        return False
    # Johan Johansson has his given name in "johansson", too, which may be his father's.
    kept = (whole and given in wrong) or sorted(right) == sorted(wrong)
    return kept and len(wrong) <= len(right) and slip(right, wrong, at_least=_LONG)


def one_domain_mistyped(one: str, two: str) -> bool:
    """Whether a domain is another but for a letter, which is neither in a number nor in what tells a country."""
    (name, _, suffix), (other_name, _, other_suffix) = one.rpartition("."), two.rpartition(".")
    return suffix == other_suffix and _number_of(one) == _number_of(two) and slip(name, other_name, at_least=5)


def numbered_mailboxes(one: PersonFeatures) -> bool:
    """Whether a mailbox at an employer's has a number behind the name: somebody of that name had it before."""
    return any(address.partition("@")[0][-1:].isdigit() for address in one.emails)


def in_full(address: str, one: PersonFeatures) -> bool:
    """Whether an address is somebody's given and family name, in either order: aino.salmela@…"""
    if not one.full:
        return False
    letters, given, family = _SIGNS.sub("", address.partition("@")[0]), one.given.split()[0], one.family
    return spelt_alike(letters, given + family) or spelt_alike(letters, family + given)


def named_otherwise(one: PersonFeatures, two: PersonFeatures) -> bool:
    """Whether each writes from an address that has their own given name, and not the other's.

    Lena and Lina are a letter apart, as a slip is; but nobody makes it in the name and in the address.
    """
    mine, theirs = one.given.partition(" ")[0], two.given.partition(" ")[0]
    if mine == theirs or min(len(mine), len(theirs)) < _GIVEN or _may_be_one_name(mine, theirs):
        return False
    return _writes_as(one, mine, theirs) and _writes_as(two, theirs, mine)


def _writes_as(one: PersonFeatures, given: str, other: str) -> bool:
    return any(_names(address, given) and not _names(address, other) for address in mails(one))


def _may_be_one_name(one: str, two: str) -> bool:
    """Whether a given name is another spelling of the other, or short for it; Paula is not Paul."""
    short, long = sorted((one, two), key=len)
    if known_as(one, two) or spelt_alike(one, two) or as_heard(one) == as_heard(two):
        return True
    return len(long) - len(short) > 1 and long.startswith(short)


def named_after(address: str, one: PersonFeatures) -> bool:
    """Whether an address has somebody's given name: it is theirs, whoever else writes from it."""
    return len(one.given) >= _GIVEN and _names(address, one.given.partition(" ")[0])


def of_the_company(address: str, one: PersonFeatures) -> bool:
    """Whether an address at a provider is what somebody's employer is called: all who work there write from it."""
    letters = _SIGNS.sub("", address.partition("@")[0])
    return any(
        spelt_alike(letters, name) or (len(letters) >= _LONG and name.startswith(letters))
        for name in one.employer_names
        if len(name) >= _WHOLE
    )


def _names(address: str, given: str) -> bool:
    return any(spelt_alike(word, given) for word in _SIGNS.split(address.partition("@")[0]))
