"""What merges by itself, what is asked, what stays apart. Pure.

As long as no steward's answers have proven a threshold, a score only asks; what merges by itself are *rules of
identity*, each of which names evidence that does not occur together by chance. They are measured on the synthetic
training set by ``tools/train_default_model.py``, which prints precision and count of each; its figures stand in the
bundle's notes.

No rule holds against a contradiction: another business id of the same country, another country, a legal form that no
one company can have both of, another place (a site of a chain shares name, phone and domain with its sisters), a given
name that does not fit. Rules marked *soft* rest on a name that nobody else has in its surroundings, and are withdrawn
when somebody turns up who has.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from solmu.match import organisation_questions, organisation_rules, person_questions, person_rules, two_companies
from solmu.match.cluster import Traits
from solmu.match.features import Features, OrganisationFeatures, PersonFeatures
from solmu.match.mates import Mates
from solmu.match.model import Thresholds


class Band(StrEnum):
    """What becomes of a pair."""

    SAME = "same"
    ASK = "ask"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of identity. ``soft``: see the module. ``names_aside``: it holds whatever given names are written."""

    name: str
    sentence: str
    soft: bool = False
    names_aside: bool = False


SCORE = "score"
PROTECTED = "protected"
PROVEN = "proven"
"""The rule of a stored pair whose score alone joins it: above a proven threshold, and nothing speaks against it."""
AS_BEFORE = "as-before"
WAS_ONE = "was-one"
"""The rule of a pair that a CRM was written as one, and that the cards say are two now: a person is asked."""

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        # A register gives each number once.
        Rule("business-id", "Both have the same business id."),
        # Within one system a customer number is that system's own word for who is who.
        Rule("customer-number", "Both have the same customer number in the same system."),
        # Domains and phones belong to one house; the name leaves out group companies and neighbours, and the town
        # leaves out the other sites of a chain (or nobody here knows of another site). Of several sites a colleague or
        # a phone tells which is meant; one business id at each of them makes them one company's.
        Rule("name-and-contact", "Same name, and the same phone, mail domain, web domain or personal mailbox."),
        # Two firms at one address have two names.
        Rule("name-and-street", "Same name at the same street address."),
        # The register keeps names apart within a trade, and clerks within a town.
        Rule("name-and-place", "Same name in the same town."),
        # Colloquial short forms lack a legal form; what names a branch, service or holding company is excluded.
        Rule("short-name-and-contacts", "One name is the other's short form, with the same contact details or town."),
        # The one company of that name that anybody has ever mentioned; no list is without other names to compare.
        Rule("name-alone", "Same name, and nobody else here has it.", soft=True),
        # The hub's administrator says of which field it holds; what is copied wrongly has nothing else in common.
        Rule("identifier", "Both have the same identifier, and more in common."),
        # No family shares both, so another given name is a second one, or another spelling.
        Rule("identifier-and-birth-date", "Same identifier and date of birth.", names_aside=True),
        # Two of one name are hardly ever born on one day; twins have other given names.
        # Whose number differs has two: of one name, neighbours are not born on one day, too.
        Rule("birth-date-and-place", "Same name, date of birth, and address or postcode."),
        # Of those who share a mailbox only twins share a birthday, and they have two given names and one family name.
        Rule("email-and-birth-date", "Same e-mail address and date of birth, and no other name.", names_aside=True),
        Rule("birth-date-and-name", "Same date of birth, and the same name but for slips."),
        Rule("birth-date-and-address", "Same date of birth and given name at the same street address."),
        # Twins have two given names and one family name; strangers of one day and town have hardly one in common.
        Rule("birth-date-and-town", "Same date of birth and town, and a name of which a part is left out or short."),
        # Where two are of one day and town, the third and fourth are known there, too, as a rule.
        Rule(
            "nobody-else-born-there",
            "Same date of birth and town, a name badly typed or half missing, and nobody else of that day there.",
            soft=True,
        ),
        # Twins may join on one day and get numbers in a row; their given names tell them apart.
        Rule("birth-date-and-nearly-identifier", "Same date of birth, identifiers one slip apart, a name in common."),
        # Of the few who bear that name, hardly any two are born so by chance.
        Rule("name-and-nearly-birth-date", "Same name, dates of birth one slip apart.", soft=True),
        # A personal mailbox at an employer's domain has one reader.
        Rule("personal-email", "Both have the same personal e-mail address."),
        # No family shares an address, a phone and half of a name; and relatives have one family name, spelt alike.
        Rule("email-and-phone", "Same e-mail address and phone, and a name badly typed.", names_aside=True),
        # Providers give each address once, too; the name excludes the family that shares it.
        Rule("private-email-and-name", "Same name and the same private e-mail address."),
        # Nobody else of that name has that mailbox name; what is a letter off was mistyped.
        Rule("email-and-name", "Same name, and the same mailbox but for a slip or its domain."),
        # A father does not carry his son's mobile phone, and colleagues have a switchboard in common.
        Rule("phone-and-name", "Same name and the same phone, or a short form of the name and the same mobile phone."),
        # At the shared mailbox of one company, the name tells who writes.
        Rule("shared-email-and-name", "Same name and the same shared mailbox."),
        # Two of one name in one company are rare, and are known by their mailboxes.
        Rule("name-and-employer", "Same name with the same employer.", soft=True),
        Rule("name-and-mail-domain", "Same name at the same mail domain.", soft=True),
        Rule("initial-and-employer", "Same family name and initial, and only one such person there.", soft=True),
        # Where a father and a son are known by their birthdays, a card without one may be either's.
        Rule("name-and-address", "Same name at the same street address and town, and nobody else of it there."),
        # To part them would make a second record of one customer in the CRM; see ``as_before``.
        Rule(AS_BEFORE, "They were one when the CRM was written, and nothing proves that they are two.", soft=True),
    )
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The band of a pair, and what decided: the name of a rule, ``score``, or ``protected``."""

    band: Band
    rule: str


def judge(
    left: Features,
    right: Features,
    weight: float,
    thresholds: Thresholds,
    *,
    mates: Mates,
    protected: bool = False,
) -> Verdict:
    """The band of a pair with that match weight.

    ``mates`` is asked only where a rule would rest on a name being unambiguous. ``protected``: one side has a flag that
    protects from unasked merges.
    """
    rule = identity_rule(left, right, mates)
    if rule is not None:
        return Verdict(Band.ASK, PROTECTED) if protected else Verdict(Band.SAME, rule.name)
    if thresholds.same is not None and weight >= thresholds.same and not protected and not contradict(left, right):
        return Verdict(Band.SAME, SCORE)
    if weight >= thresholds.ask and not _two_of_a_kind(left, right, mates):
        return Verdict(Band.ASK, SCORE)
    return Verdict(Band.ASK if _worth_asking(left, right, mates) else Band.DIFFERENT, SCORE)


def identity_rule(left: Features, right: Features, mates: Mates) -> Rule | None:
    """The rule by which two mentions are the same without asking, None where there is none."""
    if isinstance(left, OrganisationFeatures) and isinstance(right, OrganisationFeatures):
        name = organisation_rules.identity(left, right, mates)
    elif isinstance(left, PersonFeatures) and isinstance(right, PersonFeatures):
        name = person_rules.identity(left, right, mates)
    else:
        raise TypeError("an organisation is never a person")
    return RULES[name] if name else None


def contradict(left: Features, right: Features) -> bool:
    """Whether something on the two cards says that they are two, whatever else is alike."""
    if isinstance(left, OrganisationFeatures) and isinstance(right, OrganisationFeatures):
        return two_companies.contradict(left, right)
    if isinstance(left, PersonFeatures) and isinstance(right, PersonFeatures):
        return person_rules.contradict(left, right)
    return True


def _two_of_a_kind(left: Features, right: Features, mates: Mates) -> bool:
    """Whether these are family, colleagues or companies of a group, however much they share: not worth a question."""
    if isinstance(left, OrganisationFeatures) and isinstance(right, OrganisationFeatures):
        return organisation_questions.two_by_name(left, right)
    if isinstance(left, PersonFeatures) and isinstance(right, PersonFeatures):
        return person_questions.two_of_a_kind(left, right, mates)
    return False


def _worth_asking(left: Features, right: Features, mates: Mates) -> bool:
    """Whether a person is to be asked whatever the score."""
    if isinstance(left, OrganisationFeatures) and isinstance(right, OrganisationFeatures):
        return organisation_questions.worth_asking(left, right, mates)
    if isinstance(left, PersonFeatures) and isinstance(right, PersonFeatures):
        return person_questions.worth_asking(left, right, mates)
    return False


def traits_of(features: Features, *, protected: bool = False, crms: frozenset[str] = frozenset()) -> Traits:
    """What clustering must know of a mention with these features."""
    if isinstance(features, OrganisationFeatures):
        return Traits(protected=protected, crms=crms, business_ids=features.business_ids)
    people = frozenset({(features.given, features.family)}) if features.full else frozenset()
    return Traits(protected=protected, crms=crms, people=people, mailboxes=features.emails)
