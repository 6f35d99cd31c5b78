"""When two mentions of people are the same without asking, and when they contradict each other. Pure."""

from __future__ import annotations

import re
from itertools import combinations

from solmu.match.birthdays import born_near, may_be_one_day, no_parent
from solmu.match.blocking import home_keys, mail_keys, name_keys
from solmu.match.desks import one_mobile, one_phone, two_mobiles
from solmu.match.features import PersonFeatures
from solmu.match.known_there import (
    no_namesakes_there,
    no_parent_writes_from_there,
    one_of_that_person,
    reached_apart,
)
from solmu.match.mailboxes import (
    different_mailboxes,
    in_full,
    mails,
    masked_apart,
    of_the_company,
    one_mailbox_misspelt,
    one_mailbox_mistyped,
    two_mailboxes,
)
from solmu.match.mates import Mates
from solmu.match.names import given_names_fit, people_may_be_one, slip
from solmu.match.people_alike import (
    called_alike,
    characters_alike,
    first_name_kept,
    garbled,
    given_equal_family_alike,
    half_a_name,
    names_alike,
    names_do_not_clash,
    one_name,
    same_person_likely,
    shortened,
)
from solmu.match.person_births import at_one_address, born_alike, both_born, one_birthday, one_birthday_and_place
from solmu.match.told_apart import another_number, another_person, identifiers_near
from solmu.match.twins import may_be_twins


def identity(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> str | None:
    """The name of the rule by which two cards are of one person, None where there is none."""
    if left.identifiers & right.identifiers:
        if left.born is not None and right.born is not None and born_near(left.born, right.born):
            return "identifier-and-birth-date"
        if _more_in_common(left, right):
            return "identifier"
    if one_birthday_and_place(left, right):
        return "birth-date-and-place"
    if another_person(left, right):
        return _mailbox_rule(left, right) if _birthday_badly_typed(left, right) else None
    if one_birthday(left, right) and may_be_twins(left, right):
        return None
    same = one_name(left, right)
    if _one_mailbox_and_birthday(left, right, mates):
        return "email-and-birth-date"
    if (name := born_alike(left, right, mates, same=same)) is not None:
        return name
    fits = same or same_person_likely(left, right)
    if masked_apart(left, right):
        return None
    if left.emails & right.emails and (fits or (names_do_not_clash(left, right) and _one_reader(left, right, mates))):
        return "personal-email"
    if _in_the_name_of_one(left, right, mates):
        return "personal-email"
    # Andrea and Andreas may be a couple, who have one mailbox and one phone.
    if mails(left) & mails(right) and one_phone(left, right) and garbled(left, right) and not may_be_twins(left, right):
        return "email-and-phone"
    if _one_who_carries_it(left, right, same=same):
        return "phone-and-name"
    if not fits:
        return None
    if left.free_emails & right.free_emails and _one_reader(left, right, mates):
        return "private-email-and-name" if no_parent_writes_from_there(left, right, mates) else None
    if same and one_mailbox_mistyped(left, right):
        return "email-and-name"
    # A card that does not say which of the two it is may be the father's or the son's.
    if left.generation != right.generation:
        return None
    apart = two_mailboxes(left, right) or different_mailboxes(left, right) or two_mobiles(left, right)
    if one_phone(left, right) and not (left.initial_only or right.initial_only) and not apart:
        return "phone-and-name" if no_namesakes_there(left, right, mates) else None
    if same and one_mailbox_misspelt(left, right):
        return "email-and-name"
    # At a company's address and shared mailbox are all who work there, namesakes too.
    if reached_apart(left, right):
        return None
    if same and left.role_emails & right.role_emails:
        return "shared-email-and-name" if no_namesakes_there(left, right, mates) else None
    # Father and son have one name and one address; a date of birth shows that it is not them, on their own cards or on
    # any other of that name there.
    narrowed = both_born(left, right) or identifiers_near(left, right) or bool(left.generation)
    named = same or (narrowed and names_alike(left, right))
    if named and at_one_address(left, right):
        one = _one_at_home(left, right, mates) and no_namesakes_there(left, right, mates)
        return "name-and-address" if narrowed or one else None
    together = bool(left.employers & right.employers)
    if not together and _two_houses(left, right):
        return None
    if not (together or left.domains & right.domains) or not one_of_that_person(left, right, mates):
        return None
    if left.initial_only or right.initial_only:
        another = _mailbox_of_another(left, right) or _family_of_another(left, right, mates)
        return None if another else "initial-and-employer"
    if together:
        return "name-and-employer"
    return None if _two_employers(left, right) else "name-and-mail-domain"


def _mailbox_rule(left: PersonFeatures, right: PersonFeatures) -> str:
    """What the rule is called by which two of one name are one: whose mailbox it is, an employer's or a provider's."""
    return "personal-email" if left.emails & right.emails else "private-email-and-name"


def _birthday_badly_typed(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether two of one name, or half of it, write from one mailbox, and nothing but a birthday says they are two.

    A father and a son who share name and mailbox are born a generation apart; brothers have two given names.
    """
    if not mails(left) & mails(right) or not left.born or not right.born or left.generation != right.generation:
        return False
    if another_number(left, right) or not no_parent(left.born, right.born):
        return False
    named = bool(left.given) and left.given == right.given and half_a_name(left, right)
    return named or given_equal_family_alike(left, right)


def _one_mailbox_and_birthday(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether two write from one mailbox, perhaps mistyped, and are born on one day.

    Twins who share their parents' have two given names, and one family name, spelt alike.
    """
    if not one_birthday(left, right):
        return False
    if not mails(left) & mails(right):
        return one_mailbox_mistyped(left, right) and given_names_fit(left.given, right.given)
    if given_names_fit(left.given, right.given):
        return _one_reader(left, right, mates, left.born)
    return garbled(left, right)


def _one_at_home(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether nothing says that two of that name live there, and there is anything but the name to go by."""
    bearers = mates(home_keys(left) | home_keys(right))
    if bearers is None or two_mailboxes(left, right):
        return False

    def agree() -> bool:
        people = [one for one in bearers.features if isinstance(one, PersonFeatures)]
        return not any(another_person(one, two) for one, two in combinations(people, 2))

    return bearers.answer("one at home", agree)


def _more_in_common(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether anything beside an identifier is alike, or nothing can be: a number may be copied to the wrong row."""
    if not left.name or not right.name or not set(left.name.split()).isdisjoint(right.name.split()):
        return True
    return names_alike(left, right) or (left.street is not None and left.street == right.street)


def _in_the_name_of_one(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether a card has no name, half a one or a short one, and the other bears the one that their address at a
    provider is; or has the given name alone of the other, who writes from there.

    Families share addresses; one of whom it has both names reads it alone, and two have hardly one given name. An
    address that is the firm's, or on cards of two employers, is anybody's.
    """
    short, long = (right, left) if left.full else (left, right)
    called = called_alike(left, right) and left.family == right.family and left.generation == right.generation
    if short.name and not half_a_name(short, long) and not called:
        return False
    together = left.free_emails & right.free_emails
    if any(in_full(at, one) for at in together for one in (left, right)):
        return _one_reader(left, right, mates)
    if not together or short.family or len(short.given) < 2 or short.given != long.given or _two_employers(left, right):
        return False  # a bookkeeper's address is on the cards of all whose books they keep
    if any(of_the_company(at, one) for at in together for one in (left, right)):
        return False
    return _one_reader(left, right, mates) and _one_family(left, right, mates)


def _one_who_carries_it(left: PersonFeatures, right: PersonFeatures, *, same: bool) -> bool:
    """Whether two have one mobile phone, which no father shares with a son, and one name, or one short for it."""
    if not same and (left.generation != right.generation or not shortened(left, right) or may_be_twins(left, right)):
        return False
    # Ahmed Hassan is the father of Mohamed Ahmed Hassan, and Maria may be Anna Maria's mother, whose phone that is.
    return one_mobile(left, right) and first_name_kept(left, right) and not two_mailboxes(left, right)


def _one_reader(left: PersonFeatures, right: PersonFeatures, mates: Mates, born: str | None = None) -> bool:
    """Whether all who write from an address may be one: where a family shares it, half a name is anybody's.

    Of a family only those count who may be ``born`` on that day, where it is given.
    """
    if left.full and right.full:
        return True
    bearers = mates(mail_keys(left) & mail_keys(right))
    if bearers is None:
        return False

    def agree() -> bool:
        people = [one for one in bearers.features if isinstance(one, PersonFeatures) and one.full]
        if born is not None:
            people = [one for one in people if one.born is None or may_be_one_day(one.born, born)]
        names = {(one.given, one.family) for one in people}
        return all(people_may_be_one(one, two) for one, two in combinations(sorted(names), 2))

    return bearers.answer(("one reader", born), agree)


def _one_family(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether all with a family name who write from an address have one: two called Maria may work in one shop."""
    bearers = mates(mail_keys(left) & mail_keys(right))
    return bearers is not None and bearers.answer(
        "one family",
        lambda: len({one.family for one in bearers.features if isinstance(one, PersonFeatures) and one.full}) < 2,
    )


def _mailbox_of_another(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether the mailbox of who is written with an initial begins with a given name that is not the other's."""
    short, long = (left, right) if left.initial_only else (right, left)
    words = {re.split(r"[^a-z]", address.partition("@")[0])[0] for address in short.emails}
    given = {word for word in words if len(word) > 2 and word[0] == short.given and short.family not in word}
    return bool(given) and not any(given_names_fit(word, long.given) for word in given)


def _family_of_another(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether an initial may stand for the family names of two who work there: Anna K. for Korhonen and Kivelä."""
    short, long = (left, right) if left.initial_only else (right, left)
    bearers = mates(name_keys(short))
    if bearers is None:
        return True
    families = {
        one.family
        for one in bearers.features
        if isinstance(one, PersonFeatures) and one.full
        if short.family in one.given.split() and one.family[0] == short.given
    }
    return len((families | {long.family}) - {short.family}) > 1


def _two_employers(one: PersonFeatures, two: PersonFeatures) -> bool:
    """Whether both employers are known, by names that are not alike: companies of a group share a mail domain."""
    if not one.employers or not two.employers or not one.employer_names or not two.employer_names:
        return False
    return not any(_resembling(mine, theirs) for mine in one.employer_names for theirs in two.employer_names)


def _resembling(one: str, two: str) -> bool:
    return one == two or slip(one, two, at_least=5)


def _two_houses(one: PersonFeatures, two: PersonFeatures) -> bool:
    """Whether both employers and phones are known, and differ: companies of a group share a domain, not their staff."""
    if not one.employers or not two.employers or not one.phones or not two.phones:
        return False
    return one.employers.isdisjoint(two.employers) and one.phones.isdisjoint(two.phones)


def contradict(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether something on the two cards says that they are two, whatever else is alike."""
    if another_person(left, right):
        return True
    if left.undivided and right.undivided:
        return not characters_alike(left, right)
    one, two = (left.given, left.family), (right.given, right.family)
    return not (one_name(left, right) or people_may_be_one(one, two))
