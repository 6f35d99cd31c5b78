"""Under which keys a mention is found: candidates for a pair share at least one. Pure.

Three kinds of key. *Identity* keys are values that point at one entity (business id, address, phone). *Compound* keys
put a part of a name beside something that narrows it (postcode, city, employer, two parts of a date of birth).
*Spelling* keys stand for a whole organisation name in a form that survives slips, other spacing and other word order; a
person's name alone never blocks.

A renamed company is found by its domain, phone or street; a misspelt one by its skeleton, or by whichever end of its
name is right. A key that more mentions hold than the cap makes no pairs; the resolver counts and reports it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator

from solmu.match.features import Features, OrganisationFeatures, PersonFeatures
from solmu.match.memo import MEMO
from solmu.model import Entity

EDITION = 2
"""Raised with every release in which a card has other keys: see ``rekey``."""
_END = 6  # letters of a name's beginning or end that a key holds
_BEGINNING = 3
_NUMBER_END = 7  # digits that most numbers have without their prefixes
_LONG_MAILBOX = 9
_NAME, _LONG_FORM = "o|name|", "o|long|"
_BORN = "p|born+name|"
_BORN_IN, _BORN_NEAR = "p|born+town|", "p|born+pc|"
_HOME = "p|home|"
_MAIL = "p|mail|"
_NAMES = (_NAME, "o|words|", "p|sur+org|", "p|dom+sur|", _BORN, _BORN_IN, _BORN_NEAR, _HOME, _MAIL)
"""How keys begin that show who bears a name, or what else a rule asks of all who have it."""
CROWDS = (_NAME, "o|words|", "o|skel|", "o|dom|", "p|sur+org|", "p|dom+sur|", _MAIL)
"""How keys begin behind which a crowd may be one: see ``crowds``."""
FIRST = {Entity.ORGANISATION: "o|", Entity.PERSON: "p|"}
"""How the keys of an entity begin."""
NO_CANDIDATES = (_LONG_FORM, _BORN, _BORN_IN, _HOME)
"""How keys begin that make no pairs."""
_VOWELS = frozenset("aeiouy")


def block_keys(features: Features) -> frozenset[str]:
    """The keys of a mention: ``o|…`` for organisations, ``p|…`` for people, then the kind of key."""
    if isinstance(features, OrganisationFeatures):
        return frozenset(_organisation(features))
    return frozenset(_person(features))


def name_keys(features: Features) -> frozenset[str]:
    """Keys under which all are found who bear this mention's name: it is ambiguous where two of them contradict.

    For an organisation all of that name, for a person all of that family name with the same employer or mail domain.
    """
    if isinstance(features, OrganisationFeatures):
        return _organisation_names(features.compact, features.aliases, features.words)
    family = features.undivided or features.family
    if not family:
        return frozenset()
    employers = {f"p|sur+org|{family}|{employer}" for employer in features.employers}
    return frozenset(employers | {f"p|dom+sur|{domain}|{family}" for domain in features.domains})


@functools.lru_cache(maxsize=MEMO)
def _organisation_names(compact: str, aliases: frozenset[str], words: tuple[str, ...]) -> frozenset[str]:
    names = {f"{_NAME}{name}" for name in {compact} | aliases if name}
    whole = {f"o|words|{' '.join(sorted(words))}"} if len(words) > 1 else set()
    return frozenset(names | whole)


def namesake_keys(one: PersonFeatures) -> frozenset[str]:
    """The key under which all of that very name are found whose date of birth is known."""
    return frozenset({_BORN + (one.undivided or one.name)} if one.born and one.whole else ())


def birthplace_keys(one: PersonFeatures) -> frozenset[str]:
    """The keys under which all of that birthday are found who live in that town, or in that postcode.

    Of a town they make no pairs: in a large one they are many, and who may be one has an initial in common.
    """
    if not one.born:
        return frozenset()
    places = ((_BORN_IN, one.city), (_BORN_NEAR, one.postcode))
    return frozenset(f"{kind}{one.born}|{place}" for kind, place in places if place)


def home_keys(one: PersonFeatures) -> frozenset[str]:
    """The key under which all of that very name are found at that street and house."""
    return frozenset({f"{_HOME}{one.undivided or one.name}|{one.street}"} if one.street and one.whole else ())


def mail_keys(one: PersonFeatures) -> frozenset[str]:
    """The keys under which all are found who write from an address of this one's."""
    return frozenset(_MAIL + address for address in one.emails | one.free_emails)


def neighbourhood(features: Features) -> str:
    """Where a mention stands in a line in which most who share keys stand together."""
    if isinstance(features, OrganisationFeatures):
        return features.compact or min(features.domains, default="")
    if features.employers:
        return f"{min(features.employers):020}"
    return features.family or features.name or min(features.emails | features.free_emails, default="")


def long_form_keys(short: OrganisationFeatures) -> frozenset[str]:
    """The key under which all are found whose longer name begins or ends with this one."""
    return frozenset({_LONG_FORM + short.compact} if short.compact else ())


def candidate_keys(keys: Iterable[str]) -> frozenset[str]:
    """Of a mention's block keys those that make pairs."""
    return frozenset(key for key in keys if not key.startswith(NO_CANDIDATES))


def mates_keys(keys: Iterable[str]) -> frozenset[str]:
    """Where to find the *mates* of a mention with these block keys.

    Whether a name is enough to go by depends on all who bear it, or a longer form of it. So when a mention comes,
    changes or goes, the pairs of its mates may change, though they themselves do not.
    """
    own = {key for key in keys if key.startswith(_NAMES)}
    shorter = {_NAME + key.removeprefix(_LONG_FORM) for key in keys if key.startswith(_LONG_FORM)}
    return frozenset(own | shorter)


@functools.lru_cache(maxsize=MEMO)
def skeleton(name: str) -> str:
    """A name's first letter and its consonants, equal neighbours once: the same after most slips.

    "muller maschinenbau" and "mueller maschinen bau" both give ``mlrmschnb``.
    """
    letters = name.replace(" ", "")
    kept = letters[:1]
    for letter in letters[1:]:
        if letter not in _VOWELS and not kept.endswith(letter):
            kept += letter
    return kept


def _organisation(one: OrganisationFeatures) -> Iterator[str]:
    for kind, values in (
        ("bid", one.business_ids),
        ("num", one.numbers),
        ("dom", one.domains),
        ("mail", one.emails),
        ("tel", one.phones),
        ("-tel", {number[-_NUMBER_END:] for number in one.phones if len(number) > _NUMBER_END + 2}),
    ):
        yield from (f"o|{kind}|{value}" for value in values)
    places = _places(one)
    if one.street:
        yield from (f"o|adr|{one.street}|{place}" for place in places)
    # A domain that too many have, a chain's or a portal's, still narrows down who is meant in one place.
    yield from (f"o|dom+pl|{domain}|{place}" for domain in one.domains for place in places[:1])
    if not one.compact:
        return
    for name in {one.compact} | one.aliases:
        yield f"o|name|{name}"
        if len(name) >= 5:
            yield f"o|skel|{skeleton(name)}"
    if len(one.words) > 1:
        yield f"o|words|{' '.join(sorted(one.words))}"
    for place in places:
        yield from (f"o|tok+pl|{word}|{place}" for word in one.rare_words)
        if len(one.compact) > _END:
            yield f"o|head+pl|{one.compact[:_END]}|{place}"
            yield f"o|tail+pl|{one.compact[-_END:]}|{place}"
    # Of what it is the long form: "Arvela" of "Arvela Konepaja", "Rossi" of "Falegnameria Rossi".
    for at in range(1, len(one.words)):
        for part in (one.words[:at], one.words[at:]):
            if not one.rare_words.isdisjoint(part):
                yield f"{_LONG_FORM}{''.join(part)}"


def _person(one: PersonFeatures) -> Iterator[str]:
    for address in one.emails | one.free_emails:
        yield _MAIL + address
    yield from (f"p|id|{identifier}" for identifier in one.identifiers)
    yield from _mailboxes(one)
    if not one.name:
        return
    yield from namesake_keys(one)
    yield from home_keys(one)
    yield from (f"p|tel|{number}" for number in one.phones)
    yield from (f"p|-tel|{number[-_NUMBER_END:]}" for number in one.lines if len(number) > _NUMBER_END + 2)
    yield from (f"p|role+name|{address}|{one.name}" for address in one.role_emails)
    # Without a split, or with it the wrong way round, any word may be the family name.
    names = {*one.name.split(), one.family, one.undivided}
    yield from _born_with(one, (name for name in names if len(name) > 1))
    for name in names:
        if len(name) < 2:
            continue
        if one.postcode:
            yield f"p|skel+pc|{skeleton(name)}|{one.postcode}"
        if one.street:
            yield f"p|skel+adr|{skeleton(name)}|{one.street}"
        yield from (f"p|dom+sur|{domain}|{name}" for domain in one.domains)
        yield from (f"p|sur+org|{name}|{employer}" for employer in one.employers)
    yield from _numbers_with(one, names)
    whole = "|".join(sorted({skeleton(name) for name in names if len(name) > 1}))
    # A family name alone is many people's in a town.
    if one.city and not one.postcode and "|" in whole:
        yield f"p|skels+city|{whole}|{one.city}"
    for employer in one.employer_names:
        yield from (f"p|skel+emp|{skeleton(name)}|{employer}" for name in names if len(name) > 1)
        # Both names, however misspelt, and the beginning of an employer's name.
        if "|" in whole:
            yield f"p|skels+emp|{whole}|{employer[:_BEGINNING]}"
    initial = one.given[:1]
    if initial:
        # A slip in the family name: the employer, the initial and the skeleton of the name are left.
        yield from (f"p|skel+org|{initial}{skeleton(one.family)}|{employer}" for employer in one.employers)
        yield from (f"p|skel+dom|{initial}{skeleton(one.family)}|{domain}" for domain in one.domains)
    if one.street:
        yield from (f"p|adr+ini|{one.street}|{place}|{letter}" for place in _places(one) for letter in _initials(one))


def _mailboxes(one: PersonFeatures) -> Iterator[str]:
    """Mailbox names that are nobody's name, whatever the domain; and their ends, for a slip leaves one of them."""
    for mailbox in one.mailboxes:
        yield f"p|box|{mailbox}"
        if len(mailbox) >= _LONG_MAILBOX:
            yield f"p|box-|{mailbox[:_END]}"
            yield f"p|-box|{mailbox[-_END:]}"


def _places(one: Features) -> list[str]:
    return [place for place in (one.postcode, one.city) if place]


def _initials(one: PersonFeatures) -> set[str]:
    return {word[0] for word in one.name.split()}


def _numbers_with(one: PersonFeatures, names: Iterable[str]) -> Iterator[str]:
    """Either half of an identifier with a name: one slip leaves the other half as it was."""
    for identifier in one.identifiers:
        kind, _, number = identifier.partition(":")
        half = len(number) // 2
        if half >= 3:
            for part in (f"{number[:half]}-", f"-{number[half:]}"):
                yield from (f"p|half+skel|{kind}:{part}|{skeleton(name)}" for name in names if len(name) > 1)


def _born_with(one: PersonFeatures, names: Iterable[str]) -> Iterator[str]:
    """A date of birth with initials; and two of its three parts with a name, for the slip may be in the third."""
    if one.born is None:
        return
    year, month, day = one.born[:4], one.born[4:6], one.born[6:]
    yield from (f"p|born+ini|{one.born}|{letter}" for letter in _initials(one))
    yield from birthplace_keys(one)
    for name in set(map(skeleton, names)):
        yield from (f"p|skel+{part}|{name}" for part in (f"md|{month}{day}", f"ym|{year}{month}", f"yd|{year}-{day}"))
    # Somebody wrote the month first.
    if month != day and day <= "12":
        yield from (f"p|born+ini|{year}{day}{month}|{letter}" for letter in _initials(one))
