"""Names of organisations."""

import re
from dataclasses import dataclass

from solmu.normalise.generic_words import is_generic
from solmu.normalise.invalid import Invalid
from solmu.normalise.legal_form import split_legal_form
from solmu.normalise.text import clean, fold, has_words


@dataclass(frozen=True, slots=True)
class OrganisationName:
    """``name`` as written, cleaned; ``core`` without the legal form; ``legal_form`` such as ``"oy"`` or None.

    ``key`` is the core's folded words, sorted: equal for "Oy Virtanen Ab", "VIRTANEN OSAKEYHTIÖ" and "Virtanen Oy".
    """

    name: str
    core: str
    legal_form: str | None
    key: str


_APOSTROPHES = re.compile("['’‘´`ʼ]")
_CONJUNCTION = re.compile(r"(?<=\S)\s+(?:and|und|och|og|ja|et|e|y|i|en|[uo]\.)\s+(?=\S)|[&+]", re.IGNORECASE)
_LONGEST_NAME = 255  # what CRMs take; anything longer is a note in the wrong column
_ARTICLE = "the"
_ADDRESS = re.compile(r"\S+@\S+")
_ABBREVIATIONS = (
    (re.compile(r"\bf\.?\s?lli\b\.?", re.IGNORECASE), "fratelli"),
    (re.compile(r"\bgebr\b\.?", re.IGNORECASE), "gebruder"),
    (re.compile(r"\bzn\b\.?", re.IGNORECASE), "zoon"),
    (re.compile(r"\bbrdr\b\.?", re.IGNORECASE), "brodrene"),
    (re.compile(r"^(?:firma|fa\.|ditta)\s+(?=\S{3})", re.IGNORECASE), ""),
    (re.compile(r"\bbros\b\.?", re.IGNORECASE), "brothers"),
    (re.compile(r"\bets\b\.?", re.IGNORECASE), "etablissements"),
    (re.compile(r"\bhnos\b\.?", re.IGNORECASE), "hermanos"),
    (re.compile(r"\bαφοι\b\.?|\bαφοί\b\.?", re.IGNORECASE), "adelfoi"),
    (re.compile(r"\bint['’]?l\b\.?", re.IGNORECASE), "international"),
    (re.compile(r"\bmfg\b\.?", re.IGNORECASE), "manufacturing"),
    (re.compile(r"\buniv\b\.?", re.IGNORECASE), "university"),
    (re.compile(r"\b(?:saint|sankt|sint)\b\.?(?=[\s-])", re.IGNORECASE), "st"),
)
# Latin letters and figures among characters that stand without spaces: 投資ファンドII号 is the second fund of a name.
_UNSPACED = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_BESIDE_UNSPACED = re.compile(f"(?<=[{_UNSPACED}])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[{_UNSPACED}])")
# English words that many write short, and "centre" on either side of the Atlantic; and which one it is, in figures.
_IN_FULL = {
    "dept": "department", "ctr": "center", "cntr": "center", "centre": "center", "svc": "service", "svcs": "services",
    "mgmt": "management", "mgt": "management", "natl": "national", "govt": "government", "hosp": "hospital",
    "assn": "association", "equip": "equipment", "engrg": "engineering",
    "1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth", "6th": "sixth", "7th": "seventh",
    "8th": "eighth", "9th": "ninth", "10th": "tenth",
    "1er": "premier", "1re": "premiere", "1ere": "premiere", "2eme": "deuxieme", "3eme": "troisieme",
}  # fmt: skip


def organisation_name(text: str | None) -> OrganisationName | None:
    """The name of an organisation, or None when the text is blank or a placeholder.

    Raises Invalid: ``not-an-organisation-name`` for text without letters and digits, of more than 255 characters, or an
    e-mail address.
    """
    parts = organisation_name_parts(text)
    if parts is None:
        return None
    name, core, legal_form = parts
    return OrganisationName(name=name, core=core, legal_form=legal_form, key=" ".join(sorted(core_words(core))))


def organisation_name_parts(text: str | None) -> tuple[str, str, str | None] | None:
    """``name``, ``core`` and ``legal_form`` of the same, for whoever has no use for the key. Raises Invalid."""
    name = clean(text)
    if name is None:
        return None
    if len(name) > _LONGEST_NAME:
        raise Invalid(
            "not-an-organisation-name",
            name,
            "this is too long for a name of an organisation",
            f"a name of at most {_LONGEST_NAME} characters, not {len(name)}",
        )
    if ("@" in name and _ADDRESS.fullmatch(name)) or not has_words(name):
        raise Invalid(
            "not-an-organisation-name", name, "this is no name of an organisation", "a name such as Virtanen Oy"
        )
    return name, *split_legal_form(name)


def tokens(name: str | None) -> list[str]:
    """The folded words of an organisation's name without its legal form; telling ones first, generic ones last.

    Each word once, otherwise in the order of the name. ``is_generic`` says which are which.
    """
    parsed = organisation_name(name)
    words = list(dict.fromkeys(core_words(parsed.core))) if parsed else []
    return sorted(words, key=is_generic)


def core_words(core: str) -> list[str]:
    """Folded words; initials in a row are one ("A.B.C." and "ABC"), conjunctions and a leading "the" don't count."""
    for abbreviation, whole in _ABBREVIATIONS:
        core = abbreviation.sub(whole, core)
    if not core.isascii():
        core = _BESIDE_UNSPACED.sub(" ", core)
    words: list[str] = []
    for part in _CONJUNCTION.split(_APOSTROPHES.sub("", core)):
        initials = ""
        for word in fold(part).split():
            if len(word) == 1:
                initials += word
                continue
            word = _IN_FULL.get(word, word)
            words += [initials, word] if initials else [word]
            initials = ""
        words += [initials] if initials else []
    if len(words) > 1 and _ARTICLE in (words[0], words[-1]):  # "Old Mill, The" as libraries write it
        words = words[1:] if words[0] == _ARTICLE else words[:-1]
    return words or fold(core).split()
