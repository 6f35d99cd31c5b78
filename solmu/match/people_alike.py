"""How two people's names and birthdays relate. Pure."""

from __future__ import annotations

from rapidfuzz.distance import DamerauLevenshtein

from solmu.match.features import PersonFeatures
from solmu.match.mailboxes import mails, named_after, of_the_company
from solmu.match.names import given_names_fit, misspelt, people_may_be_one, signed_alike, slip, spelt_alike
from solmu.match.spelling import as_heard
from solmu.normalise.given_names import known_as

_SHORT = 3  # letters of a name that are enough to begin another with


def one_name(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether both have the very same full name, umlauts written out or not, in a usual transliteration."""
    if left.undivided and right.undivided:
        return left.undivided == right.undivided
    if not left.full or not right.full:
        return False
    return left.name == right.name or left.name in right.spellings or right.name in left.spellings


def names_alike(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether given and family names are equal or misspelt; or equal, where one card has them swapped.

    Frank Peters and Peter Frank are two: many a family name is a letter away from a given name.
    """
    if one_name(left, right) or _read_alike(left, right):
        return True
    if not left.full or not right.full:
        return False
    if swapped(left, right):
        return True
    given = _equal_or_misspelt(left.given, right.given) or called_alike(left, right)
    return given and _equal_or_misspelt(left.family, right.family)


def _read_alike(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether one card has in Chinese characters what the other has in Latin letters: 李明 is read Li Ming."""
    if bool(left.undivided) == bool(right.undivided):
        return False
    written, latin = (left, right) if left.undivided else (right, left)
    read = written.name.replace(" ", "")
    return latin.full and read in {f"{latin.family}{latin.given}".replace(" ", ""), f"{latin.given}{latin.family}"}


def swapped(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether one card has the other's given name as family name, and the other way round."""
    return left.given == right.family and left.family == right.given


def called_alike(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether one given name is how people call whoever bears the other: Bob and Robert."""
    return known_as(left.given.partition(" ")[0], right.given.partition(" ")[0])


def given_equal_family_alike(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether given names are equal, which twins' are not, and family names equal or misspelt."""
    if one_name(left, right):
        return True
    if not left.full or not right.full:
        return False
    return swapped(left, right) or (left.given == right.given and _equal_or_misspelt(left.family, right.family))


def garbled(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether one card may have the other's name, badly typed or cut short.

    Relatives write one family name, and write it alike: where it is equal, a given name that is another is another's.
    """
    if not left.given or not right.given or not left.family or not right.family:
        return False
    if left.family == right.family:
        return _cut_short(left.given, right.given)
    return _resemble(left.given, right.given) and _resemble(left.family, right.family)


def partly_alike(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether what two write from one address are called may be one name, badly typed, cut short, or half renamed.

    Of two strangers one name is half alike by chance often enough; they are asked about where nothing says whose the
    address is. In letters that leave out vowels no more is alike of one name.
    """
    if garbled(left, right) or given_names_fit(left.given, right.given):
        return True
    if left.given == right.family or left.family == right.given:
        return True
    if left.transliterated != right.transliterated:
        return given_partly_alike(left, right)
    together = mails(left) & mails(right)
    if any(named_after(at, one) or of_the_company(at, one) for at in together for one in (left, right)):
        return False
    return given_partly_alike(left, right) or _resemble(left.family, right.family)


def characters_alike(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether two names in Chinese or Japanese characters are one, perhaps crosswise, but for a character of three."""
    one, two = left.undivided, right.undivided
    return bool(one and two) and (sorted(one) == sorted(two) or slip(one, two, at_least=_SHORT))


def in_characters_once(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether one name is in Chinese or Japanese characters and the other is not: neither speaks against the other."""
    return bool(left.name and right.name) and bool(left.undivided) != bool(right.undivided)


def given_partly_alike(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether one given name may be the other, badly typed or cut short."""
    return bool(left.given and right.given) and _resemble(left.given, right.given)


def half_a_name(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether one card has but one of the two names on the other, perhaps with an initial, and has it alike."""
    short, long = (right, left) if left.full else (left, right)
    if short.full or not short.name or not long.full or not given_names_fit(short.given, long.given):
        return False
    if short.family:
        return short.family == long.family or slip(short.family, long.family, at_least=5)
    return short.given == long.given


def family_alike(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether family names are one, misspelt, cut short, with a part left out, or in the place of the given name."""
    if _equal_or_misspelt(left.family, right.family) or _words_left_out(left.family, right.family):
        return True
    crosswise = left.family in right.name.split() or right.family in left.name.split()
    return crosswise or _cut_short(left.family, right.family)


def names_overlap(short: PersonFeatures, long: PersonFeatures) -> bool:
    """Whether a name of which half is missing has a word of the other's, or one short for it."""
    if short.family:
        return not set(short.family.split()).isdisjoint(long.family.split())
    return bool(short.given) and given_names_fit(short.given, long.given)


def shortened(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether one card leaves out a part of the other's name, or has it short: second names, one of two family names.

    Twins who have a second name in common have first names that differ.
    """
    if not left.full or not right.full or not _given_shortened(left.given, right.given):
        return False
    return _equal_or_misspelt(left.family, right.family) or _words_left_out(left.family, right.family)


def first_name_kept(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether neither card leaves out the first of the other's given names; in characters nobody sees which it is."""
    if left.undivided or right.undivided or one_name(left, right):
        return True
    one, two = left.given, right.given
    return _short_for(one.split()[0], two.split()[0]) or signed_alike(one, two) or spelt_alike(one, two)


def family_shortened(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether two of one given name have of two family names one in common: who marries, or signs with the first."""
    if not left.full or not right.full:
        return False
    one_given = spelt_alike(left.given.split()[0], right.given.split()[0])
    return one_given and _words_left_out(left.family, right.family)


def _given_shortened(one: str, two: str) -> bool:
    if spelt_alike(one, two):
        return True
    short, long = sorted((one.split(), two.split()), key=len)
    return all(any(_short_for(word, other) for other in long) for word in short)


def _short_for(one: str, two: str) -> bool:
    """Whether one of two given names is short for the other; Paula is not Paul, who may be her twin."""
    short, long = sorted((one, two), key=len)
    if one == two or known_as(one, two) or (len(short) == 1 and long[0] == short):
        return True
    return len(short) >= _SHORT and len(long) - len(short) > 1 and long.startswith(short)


def _words_left_out(one: str, two: str) -> bool:
    """Whether one of two family names has all words of the other, which is more than "de", and others beside."""
    short, long = sorted((set(one.split()), set(two.split())), key=len)
    return short < long and any(len(word) >= _SHORT for word in short)


def mistyped(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether given names are one's, and two thirds of the longer family name are as in the other, or it was cut off.

    Twins write one family name, and write it alike. Of two family names each is to be as on the other card.
    """
    if not left.full or not right.full or left.family == right.family:
        return False
    if not (_given_shortened(left.given, right.given) or misspelt(left.given, right.given)):
        return False
    words, others = left.family.split(), right.family.split()
    if len(words) == len(others):
        return all(one == two or _badly_typed(one, two) for one, two in zip(words, others, strict=True))
    return _badly_typed(left.family, right.family)


def _badly_typed(one: str, two: str) -> bool:
    """Whether one of two family names may be the other; where they are short, as Wan and Wang are, they are two."""
    if min(len(one), len(two)) <= _SHORT:
        return False
    most = max(len(one), len(two)) // 3
    return _cut_short(one, two) or DamerauLevenshtein.distance(one, two, score_cutoff=most) <= most


def names_resemble(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether no name is on both cards that is wholly another on one of them.

    Relatives write one family name: where it is equal, Aino and Anna are two.
    """
    fit = given_names_fit(left.given, right.given)
    if not left.family or not right.family or left.family == right.family:
        return fit
    if not fit and not _resemble(left.given, right.given):
        return False
    return _resemble(left.family, right.family) or _words_left_out(left.family, right.family)


def _resemble(one: str, two: str) -> bool:
    """Whether one begins as the other, or at least half of the longer one is as in the other."""
    most = max(len(one), len(two)) // 2
    return _cut_short(one, two) or DamerauLevenshtein.distance(one, two, score_cutoff=most) <= most


def _cut_short(one: str, two: str) -> bool:
    return min(len(one), len(two)) >= 2 and (one.startswith(two) or two.startswith(one))


def _equal_or_misspelt(one: str, two: str) -> bool:
    return one == two or misspelt(one, two)


def may_be_one(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether two of one family name, or with names swapped, may be one: no given name is taken for a slip."""
    return one_name(left, right) or people_may_be_one(
        (left.given, left.family), (right.given, right.family), slips=False
    )


def same_person_likely(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether the names may be one person's: an initial, second names left out, a slip in the family name, a swap.

    A slip in the given name is not taken for one: it makes Marja of Maria, who may be her sister.
    """
    if not left.family or not right.family or not left.given or not right.given:
        return False
    if left.undivided and right.undivided:
        return left.undivided == right.undivided  # other characters that sound alike are another name
    first, second = left.given.split(), right.given.split()
    if spelt_alike(left.family, right.family):
        agree = _first_names_agree(first[0], second[0]) or signed_alike(left.given, right.given)
        return agree or spelt_alike(left.given, right.given)
    if left.family == right.given:
        return _first_names_agree(first[0], right.family)
    if right.family == left.given:
        return _first_names_agree(second[0], left.family)
    return len(first[0]) > 1 and first[0] == second[0] and slip(left.family, right.family, at_least=5)


def heard_alike(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether both names may be transliterations of one, by other systems: Юрий Щербаков and Yury Scherbakov.

    Where neither card has it in letters of its own, the family name must show it: Marja and Maria may be sisters.
    """
    if not left.full or not right.full:
        return False
    slips = left.transliterated != right.transliterated
    if not slips and left.family == right.family:
        return False
    return any(
        _heard_alike(as_heard(one), as_heard(two), slips=slips)
        for one in {left.name} | left.spellings
        for two in {right.name} | right.spellings
    )


def _heard_alike(one: tuple[str, ...], two: tuple[str, ...], *, slips: bool) -> bool:
    apart = [(mine, theirs) for mine, theirs in zip(one, two, strict=False) if mine != theirs]
    if len(one) != len(two) or len(apart) > slips:
        return False
    return all(slip(mine, theirs, at_least=5) for mine, theirs in apart)


def _first_names_agree(one: str, two: str) -> bool:
    """Equal, or one the other's initial."""
    return one == two or (min(len(one), len(two)) == 1 and one[0] == two[0])


def names_do_not_clash(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether one reader of one mailbox could bear both names: one of them is missing, or the family name changed."""
    if not left.name or not right.name:
        return True
    if left.given and right.given and left.family and right.family:
        fits = given_names_fit(left.given, right.given) and (
            spelt_alike(left.family, right.family) or left.given.split()[0] == right.given.split()[0]
        )
        return fits or _given_before_an_initial(left, right) or _given_before_an_initial(right, left)
    return not set(left.name.split()).isdisjoint(right.name.split())


def _given_before_an_initial(short: PersonFeatures, long: PersonFeatures) -> bool:
    """Whether what one card has beside an initial is the other's given name: Rajesh Kumar S, and Rajesh Kumar."""
    return short.initial_only and short.family.split()[0] == long.given.split()[0]
