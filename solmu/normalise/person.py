"""Names of people."""

import re
from dataclasses import dataclass

from solmu.normalise.given_names import is_given_name
from solmu.normalise.invalid import Invalid
from solmu.normalise.legal_form import is_unmistakable
from solmu.normalise.name_parts import DEGREES, TITLES, NameParts, Order, name_parts, plain_parts
from solmu.normalise.text import clean, fold, has_words, is_placeholder, tidy
from solmu.normalise.word_list import word_set


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name in parts, each None where the name has no such part.

    ``full`` is given, middle and family name as one would write them; ``key`` the folded words of ``full``, sorted, so
    that the order in which a source writes them does not matter.
    """

    given: str | None
    family: str | None
    middle: str | None
    title: str | None
    suffix: str | None
    full: str
    key: str


_SEVERAL = re.compile(r"[;&|]|\s(?:and|ja|und|u\.|och|og|et|sekä|o|\+)\s", re.IGNORECASE)
_LETTER_RUN = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")
_PARTICLES = word_set(
    """
    af av d da dal de dei del della den der des di dos du la le of ten ter van von vom zu zum zur y
    """
)
_FAMILY_FIRST_PARTICLES = word_set("de del dell della delle degli dei des du dos ter ten")
"""What begins a family name however it is written; "Van" and "Di", with a capital, are given names as well."""
_PATRONYMIC = re.compile(r"(?:[оеё]вич|[ьи]ич|[оеё]вна|и[нч]ична|[иі]чна|[иіїй]вна)$")
_INITIALS = re.compile(r"[^\W\d_](?:\.|-[^\W\d_]\b)(?:[ -]?[^\W\d_]\.?)*")
# "Karl Brenner jun.", "ifj. Nagy István": with a full stop, for Jun and Sen are names, too.
_GENERATION = (
    re.compile(r"(?P<name>\S+\s.*\S),?\s+(?P<generation>(?:jun|sen|ml|st)\.)", re.IGNORECASE),
    re.compile(r"(?P<generation>(?:ifj|id)\.)\s*(?P<name>\S+\s.*\S)", re.IGNORECASE),
)
_APOSTROPHES = re.compile("['’‘´`ʼ]")
_LONGEST_NAME = 200
_TITLED = TITLES | DEGREES
_NULLS = frozenset({"null", "NULL", "Null"})


def _invalid(value: str, message: str, code: str = "not-a-person-name") -> Invalid:
    return Invalid(code, value, message, "the name of one person, such as Matti Virtanen")


def person_name(text: str | None, order: Order = "given-first") -> PersonName | None:
    """The parts of a name that came in one field; None when it is blank or a placeholder.

    "Virtanen, Matti" is family name first whatever ``order`` says, and so is "ROSSI Mario", where only the family
    name is in capitals. Raises Invalid: ``more-than-one-person``, ``organisation-as-person`` ("Virtanen Oy"), and
    ``not-a-person-name`` for an address or text without letters. Where the source has fields for given and family
    name use :func:`person_name_parts`.
    """
    plain = plain_person(text, order)
    if plain is not None and text is not None:
        key = " ".join(sorted(fold(text).split()))
        return PersonName(plain.given, plain.family, plain.middle or None, None, None, full=text, key=key)
    name = clean(text)
    if name is None:
        return None
    _refuse_what_is_no_name(name)
    if names_several(name) or _slashed_pair(name):
        raise _invalid(name, "this seems to be more than one person", "more-than-one-person")
    words = name.split()
    if len(words) > 1 and (is_unmistakable(words[-1]) or is_unmistakable(words[0])):
        raise _invalid(name, "this seems to be an organisation", "organisation-as-person")
    found = next(filter(None, (pattern.fullmatch(name) for pattern in _GENERATION)), None)
    if found:
        name = found["name"].rstrip(",")
        words = name.split()
    order = _order(words, order)
    given, middle, family, title, suffix = name_parts(
        _with_comma_after_particles(_in_ordinary_case(name), order), order
    )
    if given and _INITIALS.fullmatch(family) and not _INITIALS.fullmatch(given) and not _of_a_family(family, given):
        given, middle, family = family, "", f"{given} {middle}".strip()  # "Bianchi P.", and H.-J. of "H.-J. Meier"
    if found:
        suffix = found["generation"]
    if not family and suffix and given and "," not in name:
        family, suffix = suffix, ""  # two words are a whole name, whatever the second one looks like
    if given in _PARTICLES and family and not middle:
        given, family = "", f"{given} {family}"  # "von Essen" alone
    if not given and not family:
        raise _invalid(name, "there is no name here")
    return _person_name(given, family, middle, title, suffix, name)


def names_several(text: str) -> bool:
    """Whether a text names more than one person, as the given name "Anna & Peter" does."""
    return _SEVERAL.search(text) is not None


def _of_a_family(initial: str, given: str) -> bool:
    """Whether an initial behind a name is that of a family name: "Anna K."."""
    return len(fold(initial)) == 1 and is_given_name(fold(given).partition(" ")[0])


def plain_person(text: str | None, order: Order = "given-first") -> NameParts | None:
    """The parts of a name that is nothing but capitalised words, given name first; None of any other.

    They are what ``person_name`` gives, and the text itself is the full name.
    """
    if text is None or order != "given-first" or len(text) > _LONGEST_NAME or "," in text:
        return None
    parts = plain_parts(text, order)
    if parts is None or is_placeholder(text) or (parts.middle and names_several(text)):
        return None
    return None if is_unmistakable(parts.given) or is_unmistakable(parts.family) else parts


def person_name_parts(given: str | None, family: str | None) -> PersonName | None:
    """A name whose parts the source gave; they are cleaned and never split or swapped. None when both are blank."""
    given_name = clean(given)
    family_name = clean(family)
    if given_name and not family_name and family is not None and tidy(family) in _NULLS:
        family_name = "Null"  # beside a given name it is the family name of those who have it
    whole = " ".join(part for part in (given_name, family_name) if part)
    if not whole:
        return None
    _refuse_what_is_no_name(whole)
    if _is_single_case(whole):
        given_name, family_name = (part and _in_ordinary_case(part) for part in (given_name, family_name))
    return _person_name(given_name, family_name, None, None, None, whole)


def surname_key(name: "PersonName | str | None") -> str:
    """The family name as one folded word: "De Luca", "Deluca" and "DE LUCA" are alike. Empty when there is none.

    Takes a family name, or a PersonName, of which it takes the given name where that is all there is.
    """
    if isinstance(name, PersonName):
        name = name.family or name.given
    return fold(_APOSTROPHES.sub("", clean(name) or "")).replace(" ", "")


def _refuse_what_is_no_name(name: str) -> None:
    if "@" in name:
        raise _invalid(name, "this is an e-mail address, not a name")
    if len(name) > _LONGEST_NAME:
        raise _invalid(name, "this is too long for a name")
    if not _LETTER_RUN.search(name) or not has_words(name):
        raise _invalid(name, "there are no letters in this name")


def _slashed_pair(name: str) -> bool:
    if "/" not in name:
        return False
    sides = [side.split() for side in name.split("/")]
    return sum(len(side) > 1 for side in sides) > 1


def _order(words: list[str], order: Order) -> Order:
    """Whether the family name comes first; a name such as "ROSSI Mario" says so itself.

    So do "de Boer Gerrit", for no given name begins so, and "Иванов Алексей Петрович", with his father's name last.
    """
    capitals = [len(word) > 2 and word.isupper() for word in words]
    if len(words) > 1 and capitals[0] and not capitals[-1] and fold(words[0]) not in _TITLED:
        return "family-first"
    if any("," in word for word in words):
        return order
    particles = next((at for at, word in enumerate(words) if word.lower() not in _PARTICLES), len(words))
    if particles and len(words) - particles > 1 and _begins_a_family_name(words, particles):
        return "family-first"
    if len(words) == 3 and _PATRONYMIC.search(words[2].lower()) and not _PATRONYMIC.search(words[1].lower()):
        return "family-first"
    return order


def _begins_a_family_name(words: list[str], particles: int) -> bool:
    """Whether the particles before a name are part of its family name, and "Van" is not a given name."""
    shouted = all(word.isupper() or word.islower() for word in words)
    return particles > 1 or words[0].lower() in _FAMILY_FIRST_PARTICLES or (words[0].islower() and not shouted)


def _with_comma_after_particles(name: str, order: Order) -> str:
    """ "van der Berg Jan", family name first, as "van der Berg, Jan"."""
    if order == "given-first" or "," in name:
        return name
    words = name.split()
    particles = next((at for at, word in enumerate(words) if word.lower() not in _PARTICLES), 0)
    if not particles:
        return name
    return f"{' '.join(words[: particles + 1])}, {' '.join(words[particles + 1 :])}"


def _is_single_case(name: str) -> bool:
    return name.upper() == name or name.lower() == name


def _in_ordinary_case(name: str) -> str:
    """A name in capitals or small letters only, written as names are; any other unchanged."""
    if not _is_single_case(name):
        return name
    return " ".join(_ordinary_word(word, first=not at) for at, word in enumerate(name.split()))


def _without_shouting(part: str) -> str:
    # "Mario ROSSI": one part in capitals is emphasis; short ones may be initials.
    return _in_ordinary_case(part) if part.isupper() and len(part) > 3 and "." not in part else part


def _ordinary_word(word: str, *, first: bool) -> str:
    if word.lower() in _PARTICLES and not first:
        return word.lower()
    if len(word) == 2 and word.isupper() and not set(fold(word)) & set("aeiouy"):
        return word  # JP, TJ: initials, not a name of two consonants
    word = _LETTER_RUN.sub(lambda found: _capitalised(found.group()), word.lower())
    return re.sub(r"\bMc(\w)", lambda found: "Mc" + found.group(1).upper(), word)


def _capitalised(letters: str) -> str:
    head, mark, tail = letters.partition("’") if "’" in letters else letters.partition("'")
    # D'Angelo and O'Brien, but not the English genitive.
    return head.capitalize() + mark + (tail.capitalize() if len(head) <= 2 else tail)


def _person_name(
    given: str | None, family: str | None, middle: str | None, title: str | None, suffix: str | None, raw: str
) -> PersonName:
    given, family, middle = (part and _without_shouting(part) for part in (given, family, middle))
    full = " ".join(part for part in (given, middle, family) if part)
    key = " ".join(sorted(fold(_APOSTROPHES.sub("", full)).split()))
    if not key:
        raise _invalid(raw, "there are no letters in this name")
    return PersonName(
        given=given or None,
        family=family or None,
        middle=middle or None,
        title=title or None,
        suffix=suffix or None,
        full=full,
        key=key,
    )
