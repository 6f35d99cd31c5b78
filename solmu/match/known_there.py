"""Whether anybody else of a name is known where two work, so that name and switchboard do not say who is meant."""

from __future__ import annotations

from itertools import combinations

from solmu.match.birthdays import may_be_one_day, no_parent, telling
from solmu.match.blocking import mail_keys, name_keys
from solmu.match.desks import two_desks, two_mobiles
from solmu.match.features import PersonFeatures
from solmu.match.mailboxes import different_mailboxes, mails, numbered_mailboxes
from solmu.match.mates import Mates
from solmu.match.people_alike import may_be_one, one_name
from solmu.match.person_births import both_born
from solmu.match.told_apart import another_person


def one_of_that_person(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether all with that family name there whose given name fits are one: names that fit, no two mailboxes."""
    bearers = mates(name_keys(left) | name_keys(right))
    if bearers is None:
        return False

    def agree() -> bool:
        people = [one for one in bearers.features if isinstance(one, PersonFeatures)]
        alike = [one for one in people if may_be_one(one, left) or may_be_one(one, right)]
        # The company had to tell two mailboxes of that name apart.
        if any(map(numbered_mailboxes, alike)) and not left.emails & right.emails:
            return False
        return all(
            may_be_one(one, two) and one.generation == two.generation and not reached_apart(one, two)
            for one, two in combinations(alike, 2)
        )

    names = frozenset((one.given, one.family) for one in (left, right))
    return bearers.answer(("one person", names), agree)


def no_namesakes_there(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether no two of their name are known where they work: a father and a son have one switchboard and mailbox."""
    bearers = mates(name_keys(left) | name_keys(right))
    if bearers is None:
        return True  # where that many bear a family name, the phone tells who is meant

    def agree() -> bool:
        people = [one for one in bearers.features if isinstance(one, PersonFeatures)]
        alike = [one for one in people if one.full and (one_name(one, left) or one_name(one, right))]
        return not any(_namesakes(one, two) for one, two in combinations(alike, 2))

    names = frozenset((one.given, one.family) for one in (left, right))
    return bearers.answer(("no namesakes", names), agree)


def no_parent_writes_from_there(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether no two of their name, a generation apart, write from their address: a father and a son have one mailbox
    at home, and a card without a birthday may be either's."""
    if both_born(left, right):
        return True
    bearers = mates(mail_keys(left) & mail_keys(right))
    if bearers is None:
        return True  # where that many write from an address, it is no family's

    def agree() -> bool:
        people = [one for one in bearers.features if isinstance(one, PersonFeatures) and one.full]
        alike = (one for one in people if one_name(one, left) or one_name(one, right))
        days = sorted({one.born for one in alike if one.born is not None and telling(one.born)})
        return all(may_be_one_day(one, two) or no_parent(one, two) for one, two in combinations(days, 2))

    names = frozenset((one.given, one.family) for one in (left, right))
    return bearers.answer(("no parent", names), agree)


def _namesakes(one: PersonFeatures, two: PersonFeatures) -> bool:
    """Whether two of one name may be two: by "Jr", birthdays, mailboxes or mobile phones of their own."""
    if one.generation != two.generation or another_person(one, two) or different_mailboxes(one, two):
        return True
    return two_mobiles(one, two) and not mails(one) & mails(two)


def reached_apart(one: PersonFeatures, two: PersonFeatures) -> bool:
    """Whether each has a mailbox, a desk or a mobile phone of their own, as namesakes at work have."""
    return different_mailboxes(one, two) or two_desks(one, two) or two_mobiles(one, two)
