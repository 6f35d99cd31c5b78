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

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from itertools import combinations

from solmu.match.blocking import long_form_keys, name_keys, namesake_keys
from solmu.match.cluster import Traits
from solmu.match.features import Features, OrganisationFeatures, PersonFeatures
from solmu.match.model import Thresholds
from solmu.match.names import (
    countries_of,
    given_names_fit,
    id_scheme,
    legal_forms_contradict,
    marks_a_branch,
    misspelt,
    people_may_be_one,
    slip,
    telling,
)


class Band(StrEnum):
    """What becomes of a pair."""

    SAME = "same"
    ASK = "ask"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of identity. ``certain``: it merges even what is protected. ``soft``: see the module.

    ``names_aside``: it holds whatever given names are written.
    """

    name: str
    sentence: str
    certain: bool = False
    soft: bool = False
    names_aside: bool = False


@dataclass(frozen=True)
class Namesakes:
    """All that are found under some block keys. What was worked out about them is remembered for the next pair."""

    features: Sequence[Features]
    answers: dict[Hashable, bool] = field(default_factory=dict)

    def answer(self, question: Hashable, work_out: Callable[[], bool]) -> bool:
        """The answer to a question about them, worked out once."""
        if question not in self.answers:
            self.answers[question] = work_out()
        return self.answers[question]


Mates = Callable[[Iterable[str]], Namesakes | None]
"""Gives all mentions that are found under one of some block keys; None where they are more than ``MATES``."""

SCORE = "score"
PROTECTED = "protected"
MATES = 100
"""A name that more mentions bear than this is common, and no soft rule rests on it."""
FEW = 10
"""Two companies of one name that no more mentions bear than this are asked about, whatever their score."""

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        # A register gives each number once.
        Rule("business-id", "Both have the same business id.", certain=True),
        # Within one system a customer number is that system's own word for who is who.
        Rule("customer-number", "Both have the same customer number in the same system.", certain=True),
        # Domains and phones belong to one house; the name leaves out group companies and neighbours, and the town
        # leaves out the other sites of a chain (or nobody here knows of another site).
        Rule("name-and-contact", "Same name, and the same phone, mail domain or web domain."),
        # Two firms at one address have two names.
        Rule("name-and-street", "Same name at the same street address."),
        # The register keeps names apart within a trade, and clerks within a town.
        Rule("name-and-place", "Same name in the same town."),
        # Colloquial short forms lack a legal form; what names a branch, service or holding company is excluded.
        Rule("short-name-and-contacts", "One name is the other's short form, with the same contact details or town."),
        # The one company of that name that anybody has ever mentioned; no list is without other names to compare.
        Rule("name-alone", "Same name, and nobody else here has it.", soft=True),
        # The hub's administrator says of which field it holds; what is copied wrongly has nothing else in common.
        Rule("identifier", "Both have the same identifier, and more in common.", certain=True),
        # No family shares both, so another given name is a second one, or another spelling.
        Rule("identifier-and-birth-date", "Same identifier and date of birth.", certain=True, names_aside=True),
        # Two of one name are hardly ever born on one day; twins have other given names.
        Rule("birth-date-and-name", "Same date of birth, and the same name but for slips."),
        Rule("birth-date-and-address", "Same date of birth and given name at the same street address."),
        # Twins may join on one day and get numbers in a row; their given names tell them apart.
        Rule("birth-date-and-nearly-identifier", "Same date of birth, identifiers one slip apart, a name in common."),
        # Whoever bears a name that nobody else has is not born twice in a month.
        Rule("name-and-nearly-birth-date", "Same name, dates of birth one slip apart.", soft=True),
        # A personal mailbox at an employer's domain has one reader.
        Rule("personal-email", "Both have the same personal e-mail address.", certain=True),
        # Providers give each address once, too; the name excludes the family that shares it.
        Rule("private-email-and-name", "Same name and the same private e-mail address."),
        Rule("phone-and-name", "Same name and the same phone."),
        # At the shared mailbox of one company, the name tells who writes.
        Rule("shared-email-and-name", "Same name and the same shared mailbox."),
        # Two of one name in one company are rare, and are known by their mailboxes.
        Rule("name-and-employer", "Same name with the same employer.", soft=True),
        Rule("name-and-mail-domain", "Same name at the same mail domain.", soft=True),
        Rule("initial-and-employer", "Same family name and initial, and only one such person there.", soft=True),
        Rule("name-and-address", "Same name at the same street address and town."),
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
        if protected and not rule.certain:
            return Verdict(Band.ASK, PROTECTED)
        return Verdict(Band.SAME, rule.name)
    if thresholds.same is not None and weight >= thresholds.same and not protected and not contradict(left, right):
        return Verdict(Band.SAME, SCORE)
    if _two_people(left, right) or (weight < thresholds.ask and not _one_name(left, right, mates)):
        return Verdict(Band.DIFFERENT, SCORE)
    return Verdict(Band.ASK, SCORE)


def identity_rule(left: Features, right: Features, mates: Mates) -> Rule | None:
    """The rule by which two mentions are the same without asking, None where there is none."""
    if isinstance(left, OrganisationFeatures) and isinstance(right, OrganisationFeatures):
        name = _organisations(left, right, mates)
    elif isinstance(left, PersonFeatures) and isinstance(right, PersonFeatures):
        name = _people(left, right, mates)
    else:
        raise TypeError("an organisation is never a person")
    return RULES[name] if name else None


def contradict(left: Features, right: Features) -> bool:
    """Whether something on the two cards says that they are two, whatever else is alike."""
    if isinstance(left, OrganisationFeatures) and isinstance(right, OrganisationFeatures):
        return _two_entities(left, right) or _two_places(left, right)
    if isinstance(left, PersonFeatures) and isinstance(right, PersonFeatures):
        return _another_person(left, right) or not people_may_be_one(
            (left.given, left.family), (right.given, right.family)
        )
    return True


def _two_people(left: Features, right: Features) -> bool:
    """Whether these are family or colleagues, however much they share: not worth a question."""
    if not isinstance(left, PersonFeatures) or not isinstance(right, PersonFeatures):
        return False
    if left.identifiers & right.identifiers or (left.born is not None and left.born == right.born):
        return False
    return contradict(left, right) and not (left.emails | left.free_emails) & (right.emails | right.free_emails)


def _one_name(left: Features, right: Features, mates: Mates) -> bool:
    """Whether two bear the very same name, which few bear, and nothing says that they are two: organisations a telling
    one, people one and nearly the same date of birth.

    Another mail domain is no proof: people move and keep writing from where they were. Unasked, a second account would
    be made of the same company.
    """
    if isinstance(left, PersonFeatures) and isinstance(right, PersonFeatures):
        if not left.full or left.name != right.name or not left.born or not right.born or contradict(left, right):
            return False
        namesakes = mates(namesake_keys(left) | namesake_keys(right))
        return namesakes is not None and len(namesakes.features) <= FEW
    if not isinstance(left, OrganisationFeatures) or not isinstance(right, OrganisationFeatures):
        return False
    if len(left.words) < 2 or likeness(left, right) is not Likeness.EXACT or contradict(left, right):
        return False
    bearers = mates(name_keys(left) | name_keys(right))
    return bearers is not None and len(bearers.features) <= FEW


def traits_of(features: Features, *, protected: bool = False, crms: frozenset[str] = frozenset()) -> Traits:
    """What clustering must know of a mention with these features."""
    if isinstance(features, OrganisationFeatures):
        return Traits(protected=protected, crms=crms, business_ids=features.business_ids)
    people = frozenset({(features.given, features.family)}) if features.full else frozenset()
    return Traits(protected=protected, crms=crms, people=people, mailboxes=features.emails)


def different_mailboxes(one: PersonFeatures, two: PersonFeatures) -> bool:
    """Whether both write from one employer's domain, but never from the same address or phone."""
    if one.emails & two.emails or one.phones & two.phones:
        return False
    domains = {address.partition("@")[2] for address in one.emails}
    return any(address.partition("@")[2] in domains for address in two.emails)


class Likeness(Enum):
    """How two organisations' names relate."""

    EXACT = auto()
    ALIAS = auto()  # one's former or other name
    SLIP = auto()  # but for one letter
    SHORT = auto()  # one is the beginning or the end of the other
    NONE = auto()


def likeness(left: OrganisationFeatures, right: OrganisationFeatures) -> Likeness:
    """How the names of two organisations relate. Names of generic words only are never alike."""
    one, two = left.compact, right.compact
    if not one or not two:
        return Likeness.NONE
    if not (any(map(telling, left.words)) and any(map(telling, right.words))):
        return Likeness.NONE
    if one == two or (len(left.words) > 1 and sorted(left.words) == sorted(right.words)):
        return Likeness.EXACT
    if one in right.aliases or two in left.aliases or left.aliases & right.aliases:
        return Likeness.ALIAS
    # Site 1 and site 2, Rakennus A and Rakennus B: what tells them apart is one sign, and no slip.
    if _digits(one) != _digits(two) or _letters(left.words) != _letters(right.words):
        return Likeness.NONE
    if slip(one, two, at_least=7):
        return Likeness.SLIP
    short, long = sorted((left.words, right.words), key=len)
    if len(short) < len(long):
        more = long[len(short) :] if long[: len(short)] == short else long[: -len(short)]
        if sorted((*short, *more)) == sorted(long) and not marks_a_branch(more):
            return Likeness.SHORT
    return Likeness.NONE


def _organisations(left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates) -> str | None:
    if left.business_ids & right.business_ids:
        return "business-id"
    names = likeness(left, right)
    if left.numbers & right.numbers and (names is not Likeness.NONE or not left.compact or not right.compact):
        return "customer-number"
    if names is Likeness.NONE or _two_entities(left, right) or _two_places(left, right):
        return None
    contacts = bool(left.domains & right.domains) + bool(left.phones & right.phones)
    same_town = _same_town(left, right)
    same_street = same_town and left.street is not None and left.street == right.street
    if names is Likeness.SHORT:
        short, long = sorted((left, right), key=lambda one: len(one.words))
        if short.legal_form is None and contacts + same_street + same_town >= 1 and _one_long_form(short, long, mates):
            return "short-name-and-contacts"
        return None
    if same_street:
        return "name-and-street"
    if contacts and (same_town or _one_of_that_name(left, right, mates)):
        return "name-and-contact"
    # With nothing but the name and perhaps the town to go by, a slip must be seen to be one.
    if names is Likeness.SLIP and not _seen_to_be_a_slip(left, right, mates):
        return None
    if same_town:
        return "name-and-place" if _one_of_that_name(left, right, mates, here=True) else None
    return "name-alone" if _names_one_company(left, right, mates) and _one_of_that_name(left, right, mates) else None


def _names_one_company(left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates) -> bool:
    """Whether a name says which company is meant: no acronym, no single word with which longer names begin or end."""
    if len(left.compact) < 5:
        return False
    if len(left.words) > 1 and len(right.words) > 1:
        return True
    longer = mates(long_form_keys(left) | long_form_keys(right))
    return longer is not None and not longer.features


def _seen_to_be_a_slip(left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates) -> bool:
    """Whether a name that is one letter off another is no name of its own: it is long, and written only once.

    Nobody mistypes the first letter, and nobody mistypes a name twice in the same way: Valdonico and Galdonico are two.
    """
    bearers = mates(name_keys(left) | name_keys(right))
    if bearers is None or left.compact[0] != right.compact[0] or min(len(left.compact), len(right.compact)) < 10:
        return False
    written = [one.compact for one in bearers.features if isinstance(one, OrganisationFeatures)]
    return min(written.count(left.compact), written.count(right.compact)) <= 1


def _one_of_that_name(
    left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates, *, here: bool = False
) -> bool:
    """Whether no two of all that bear one of the names, in the town of these two if ``here``, seem to be two."""
    bearers = mates(name_keys(left) | name_keys(right))
    if bearers is None:
        return False

    def agree() -> bool:
        organisations = [
            one
            for one in bearers.features
            if isinstance(one, OrganisationFeatures) and (not here or _same_town(one, left) or _same_town(one, right))
        ]
        return not any(
            (contradict(one, two) or _two_houses(one, two)) and not one.business_ids & two.business_ids
            for one, two in combinations(organisations, 2)
        )

    towns = frozenset((one.country, one.postcode, one.city) for one in (left, right)) if here else None
    return bearers.answer(("one organisation", towns), agree)


def _one_long_form(short: OrganisationFeatures, long: OrganisationFeatures, mates: Mates) -> bool:
    """Whether all names that begin or end as the short one are spellings of the long one."""
    bearers = mates(long_form_keys(short))
    if bearers is None:
        return False
    names = [one for one in bearers.features if isinstance(one, OrganisationFeatures)]
    return all(likeness(one, long) in (Likeness.EXACT, Likeness.SLIP) for one in names) and _one_of_that_name(
        short, long, mates
    )


def _people(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> str | None:
    if left.identifiers & right.identifiers:
        if left.born is not None and right.born is not None and _born_near(left.born, right.born):
            return "identifier-and-birth-date"
        if _more_in_common(left, right):
            return "identifier"
    if _another_person(left, right):
        return None
    same = bool(left.full and right.full and left.name == right.name)
    if left.born and right.born and (name := _born_alike(left, right, mates, same=same)):
        return name
    fits = same or _same_person_likely(left, right)
    if left.emails & right.emails and (fits or _names_do_not_clash(left, right)):
        return "personal-email"
    if not fits:
        return None
    if left.free_emails & right.free_emails:
        return "private-email-and-name"
    if left.phones & right.phones and not (left.initial_only or right.initial_only):
        return "phone-and-name"
    if same and left.role_emails & right.role_emails:
        return "shared-email-and-name"
    # Father and son have one name and one address; a date of birth shows that it is not them.
    narrowed = (left.born is not None and right.born is not None) or _identifiers_near(left, right)
    named = same or (narrowed and _names_alike(left, right))
    if named and left.street is not None and left.street == right.street and _same_town(left, right):
        return "name-and-address"
    together = bool(left.employers & right.employers)
    if different_mailboxes(left, right):
        return None
    if not (together or left.domains & right.domains) or not _one_of_that_person(left, right, mates):
        return None
    if left.initial_only or right.initial_only:
        return "initial-and-employer"
    return "name-and-employer" if together else "name-and-mail-domain"


def _born_alike(left: PersonFeatures, right: PersonFeatures, mates: Mates, *, same: bool) -> str | None:
    """The rule by which two are one whose dates of birth are equal, or a slip apart.

    Of people of one name, one in about two thousand pairs is born as if it were a slip apart in the same year.
    """
    at_home = left.street is not None and left.street == right.street and _same_town(left, right)
    if left.born == right.born:
        if same or _names_alike(left, right):
            return "birth-date-and-name"
        if not given_names_fit(left.given, right.given):
            return None
        if _identifiers_near(left, right) and (at_home or not set(left.name.split()).isdisjoint(right.name.split())):
            return "birth-date-and-nearly-identifier"
        return "birth-date-and-address" if left.full and right.full and at_home else None
    if not same or left.born is None or right.born is None:
        return None
    narrowed = (
        at_home or _identifiers_near(left, right) or (left.postcode is not None and left.postcode == right.postcode)
    )
    alone = left.born[:4] == right.born[:4] and _no_namesake(left, right, mates)
    return "name-and-nearly-birth-date" if narrowed or alone else None


def _names_alike(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether given and family names are equal or misspelt, also where one card has them swapped."""
    if not left.full or not right.full:
        return False
    orders = ((right.given, right.family), (right.family, right.given))
    return any(_equal_or_misspelt(left.given, one) and _equal_or_misspelt(left.family, two) for one, two in orders)


def _equal_or_misspelt(one: str, two: str) -> bool:
    return one == two or misspelt(one, two)


def _no_namesake(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether all who bear that very name are born when these two are, but for a slip."""
    bearers = mates(namesake_keys(left) | namesake_keys(right))
    if bearers is None:
        return False

    def agree() -> bool:
        people = [one for one in bearers.features if isinstance(one, PersonFeatures)]
        return not any(_another_person(one, two) for one, two in combinations(people, 2))

    return bearers.answer("born alike", agree)


def _more_in_common(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether anything beside an identifier is alike, or nothing can be: a number may be copied to the wrong row."""
    if not left.name or not right.name or not set(left.name.split()).isdisjoint(right.name.split()):
        return True
    return _names_alike(left, right) or (left.street is not None and left.street == right.street)


def _another_person(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether identifiers of one kind, or dates of birth, differ by more than a slip."""
    if left.born is not None and right.born is not None and not _born_near(left.born, right.born):
        return True
    kinds = _kinds(left.identifiers) & _kinds(right.identifiers)
    return bool(kinds) and not left.identifiers & right.identifiers and not _identifiers_near(left, right)


def _identifiers_near(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether an identifier of the one is a slip away from one of the other, or the same."""
    return any(
        one.partition(":")[0] == two.partition(":")[0] and slip(one, two, at_least=6)
        for one in left.identifiers
        for two in right.identifiers
    )


def _kinds(identifiers: Iterable[str]) -> set[str]:
    return {identifier.partition(":")[0] for identifier in identifiers}


def _born_near(one: str, two: str) -> bool:
    """Whether two dates of birth are the same but for one digit, or for day and month in the other order."""
    return slip(one, two, at_least=8) or (one[:4] == two[:4] and one[4:6] == two[6:] and one[6:] == two[4:6])


def _one_of_that_person(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether all with that family name there whose given name fits are one: names that fit, no two mailboxes."""
    bearers = mates(name_keys(left) | name_keys(right))
    if bearers is None:
        return False

    def agree() -> bool:
        people = [one for one in bearers.features if isinstance(one, PersonFeatures)]
        alike = [one for one in people if _may_be_one(one, left) or _may_be_one(one, right)]
        return all(_may_be_one(one, two) and not different_mailboxes(one, two) for one, two in combinations(alike, 2))

    names = frozenset((one.given, one.family) for one in (left, right))
    return bearers.answer(("one person", names), agree)


def _may_be_one(left: PersonFeatures, right: PersonFeatures) -> bool:
    return people_may_be_one((left.given, left.family), (right.given, right.family), slips=False)


def _same_person_likely(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether the names may be one person's: an initial, second names left out, a slip in the family name, a swap.

    A slip in the given name is not taken for one: it makes Marja of Maria, who may be her sister.
    """
    if not left.family or not right.family or not left.given or not right.given:
        return False
    first, second = left.given.split(), right.given.split()
    if left.family == right.family:
        return _first_names_agree(first[0], second[0])
    if left.family == right.given:
        return _first_names_agree(first[0], right.family)
    if right.family == left.given:
        return _first_names_agree(second[0], left.family)
    return len(first[0]) > 1 and first[0] == second[0] and slip(left.family, right.family, at_least=5)


def _first_names_agree(one: str, two: str) -> bool:
    """Equal, or one the other's initial."""
    return one == two or (min(len(one), len(two)) == 1 and one[0] == two[0])


def _names_do_not_clash(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether one reader of one mailbox could bear both names: one of them is missing, or the family name changed."""
    if not left.name or not right.name:
        return True
    if left.given and right.given and left.family and right.family:
        return given_names_fit(left.given, right.given) and (
            left.family == right.family or left.given.split()[0] == right.given.split()[0]
        )
    return not set(left.name.split()).isdisjoint(right.name.split())


def _two_entities(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether business ids, countries or legal forms say that these are two companies."""
    if _ids_exclude_each_other(left, right):
        return True
    here, there = _countries(left), _countries(right)
    if here and there and here.isdisjoint(there):
        return True
    country = left.country if left.country == right.country else None
    return legal_forms_contradict(left.legal_form, right.legal_form, country)


def _countries(one: OrganisationFeatures) -> frozenset[str]:
    """Where an organisation may be: by its address, else its business ids, else its legal form; empty: anywhere."""
    if one.country:
        return frozenset({one.country})
    if one.business_ids:
        # Numbers in fields of the hub's own have the field's name where others have a country.
        found = frozenset(text[:2] for text in one.business_ids if text[2:3] == ":")
        if found:
            return found
    return countries_of(one.legal_form)


def _ids_exclude_each_other(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    registers = set(map(id_scheme, left.business_ids)) & set(map(id_scheme, right.business_ids))
    return bool(registers) and not left.business_ids & right.business_ids


def _two_places(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether the two cards name two places, so that these may be two sites."""
    if left.postcode and left.postcode == right.postcode:
        return False
    if left.city and right.city and not _one_town(left.city, right.city):
        return True
    # Another postcode alone may be a slip, or the one of the post box.
    return bool(left.postcode and right.postcode and left.street and right.street and left.street != right.street)


def _two_houses(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether two of one name have other domains, and no phone or street in common."""
    if not left.domains or not right.domains or left.domains & right.domains:
        return False
    return not left.phones & right.phones and (left.street is None or left.street != right.street)


def _same_town(left: Features, right: Features) -> bool:
    if left.country and right.country and left.country != right.country:
        return False
    if left.postcode and left.postcode == right.postcode:
        return True
    return bool(left.city and right.city and _one_town(left.city, right.city))


def _one_town(one: str, two: str) -> bool:
    return one == two or slip(one, two, at_least=6)


def _letters(words: Sequence[str]) -> list[str]:
    return sorted(word for word in words if len(word) == 1)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
