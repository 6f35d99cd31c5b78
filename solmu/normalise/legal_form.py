"""Legal forms in the names of organisations: Oy, Ab, S.r.l., GmbH & Co. KG, Ltd, …

Comparison ignores case, dots and spaces, so "S.r.l.", "s r l" and "SRL" are one.
"""

import functools
import re

from solmu.normalise.beside_name import other_name, without_addressee, without_department
from solmu.normalise.cut_name import completed
from solmu.normalise.generic_words import is_generic
from solmu.normalise.legal_form_list import forms, joined
from solmu.normalise.text import fold, has_words
from solmu.normalise.word_list import word_set

# Forms that also stand before the name. Not SA, AG, KG, BV, SE, Co: as first words these are somebody's initials.
_BEFORE = word_set(
    """
    oy ab oyj oyab aktiebolaget osakeyhtio toiminimi tmi osuuskunta kommandiittiyhtio asuntooy asoy
    asuntoosakeyhtio kiinteistooy kiintoy koy bostadsab fastighetsab handelsbolaget kommanditbolaget
    srl sarl eurl sas sasu sci scop snc soccoop societacooperativa dittaindividuale impresaindividuale
    as ou osauhing aktsiaselts mtu fie sia uab spzoo spolkazoo ooo oao zao pao tov
    kk zhushihuishe youxianhuishe hetonghuishe jusighoesa yuhanhoesa
    brf bostadsrattsforening bostadsrattsforeningen
    limitedliabilitycompany jointstockcompany openjointstockcompany closedjointstockcompany publicjointstockcompany
    """
) | {joined(form) for form in (
    "общество с ограниченной ответственностью", "открытое акционерное общество", "закрытое акционерное общество",
    "публичное акционерное общество", "акционерное общество", "товариство з обмеженою відповідальністю",
)}  # fmt: skip

# A company may carry its form in both languages of the country, one before and one after its name: "Oy Karl Fazer Ab".
_BILINGUAL = frozenset({("oy", "ab"), ("ab", "oy"), ("oyj", "abp"), ("abp", "oyj"), ("oyj", "ab"), ("oy", "abp")})

# Forms that mean nothing else, and may be cut out of the middle: "Acme Oy Tampere", "Muster GmbH Niederlassung Wien".
_UNMISTAKABLE = frozenset(
    {"oy", "oyj", "gmbh", "gmbh & co kg", "srl", "srls", "ltd", "llc", "sarl", "spzoo", "oü", "uab", "kk", "jusikhoesa"}
)

# What is said of a company's state, after its form.
_STATE = re.compile(
    r"[\s,(\[-]+(?:publ|in liquidazione|in liquidation|i\.\s?l\.|i likvidation|selvitystilassa|i konkurs|konkurssissa"
    r"|in fallimento|en liquidation|likvideerimisel|unipersonale|a socio unico|con socio unico|con unico socio|s\.?u\.?"
    r"|società benefit|societa benefit|s\.?b\.?|haftungsbeschränkt|in insolvenz|i\.\s?ins\.)[\s)\].]*$",
    re.IGNORECASE,
)
# The last words of these, as far as they are plain ones.
_ENDS_OF_STATES = word_set(
    """
    publ liquidazione liquidation likvidation selvitystilassa konkurs konkurssissa fallimento likvideerimisel
    unipersonale unico socio su benefit sb insolvenz
    """
)
# An Italian partnership names its partners after its form: "La Bottega S.a.s. di Rossi Anna & C."
_PARTNERS = re.compile(
    r"(?<=\S)[\s,]+(s\.?\s?a\.?\s?s|s\.?\s?n\.?\s?c|s\.?\s?s)\.?\s+(?:di|dei|degli|del|della)\s+\S.*$",
    re.IGNORECASE,
)
# What "Berg and Co." leaves of itself.
_DANGLING = re.compile(r"\s+(?:&|\+|e|and|und|och|og|ja)$", re.IGNORECASE)
_AND_COMPANY = re.compile(r"[\s,]+(?:&|\+|e|and|und|u\.)\s*(?:c|co|cie|company|soci)\.?$", re.IGNORECASE)
_AND_CO = re.compile(r"(?<=\w{3})\s*(?:&|\+|\s(?:e|et|and|und|u\.)\s)\s*(?:c|co|cie)\.?$", re.IGNORECASE)
# Forms in scripts where they stand without spaces, or shortened to what folds to somebody's initials; and the word
# "company" that stands before most Arabic names, or is left out.
_OTHER_SCRIPTS = re.compile("[\u0590-\u06ff\u3040-\u9fff\uac00-\ud7af\uff00-\uff65]|[\u3200-\u33ff]")
_FORMS_IN_THEM = tuple(
    (re.compile(pattern), f" {form} ")
    for pattern, form in (
        (r"株式[会會]社|㈱|[(（]株[)）]", "株式会社"),
        (r"有限[会會]社|㈲|[(（]有[)）]", "有限会社"),
        (r"合同[会會]社", "合同会社"),
        (r"股份有限公司", "股份有限公司"),
        (r"(?<!股份)有限公司|有限[责責]任公司", "有限公司"),
        (r"주식회사|㈜|[(（]주[)）]", "주식회사"),
        (r"유한회사|[(（]유[)）]", "유한회사"),
        (r"(?<!\w)בע[\"'״׳”’]{0,2}מ(?!\w)", "Ltd"),
        (r"(?<!\w)(?:ش[.\s]{0,2})?ذ[.\s]{1,2}م[.\s]{1,2}م(?!\w)|شركة\s+ذات\s+مسؤولية\s+محدودة", "LLC"),
        (r"^\s*شركة\s+(?=\w)", ""),
    )
)
# What stands before most names of Russia, Ukraine and Kazakhstan; in Latin letters it is somebody's initials.
_CYRILLIC_AO = re.compile(r'^\s*(?:АО|АТ|ПАТ|ПрАТ|ПП|ФОП|ИП|ТОО)\s+(?=["«„А-ЯЁІЇЄҐ])')
_UNSPACED_COMMA = re.compile(r",(?=\S)")
_BESIDE_A_SPA = word_set("day health beauty wellness medi medical nail hotel resort and & hair urban city")
_LONGEST_FORM = 9
_TELLING = 6
_BEGINNINGS = frozenset(form[:size] for form in _BEFORE for size in range(len(form) + 1))


def split_legal_form(name: str) -> tuple[str, str | None]:
    """The name without its legal form, and the form's label (``"oy"``, ``"gmbh & co kg"``), None when it has none.

    Forms are taken off the end, off the beginning where they stand there, or both for bilingual names. A name that
    would be empty without its form, or of generic words only without the form before it, keeps it.
    """
    name = completed(name)
    plain = name.isascii()
    owner = without_addressee(name)
    if owner != name and not all(map(is_generic, fold(owner).split())):
        name = owner
    if "(" in name or "[" in name or "（" in name:
        name = other_name(name)[0] or name
    lower = name.lower()
    if not plain or "di" in lower or "de" in lower:
        name = _PARTNERS.sub(r" \1", name)
    if not plain:
        name = _CYRILLIC_AO.sub("", name)
        if _OTHER_SCRIPTS.search(name):
            for form_in_it, written in _FORMS_IN_THEM:
                name = form_in_it.sub(written, name)
    words = (_UNSPACED_COMMA.sub(", ", name) if "," in name else name).split()
    words = _of_the_company(words)
    words, folded, after = _off_the_end(words)
    words, folded, before = _off_the_beginning(words, folded, after)
    form = before if (before, after) in _BILINGUAL and before in ("oy", "oyj") else after or before
    if form is None:
        words, form = _out_of_the_middle(words, folded)
    core = _trimmed(" ".join(words))
    core = (_AND_COMPANY if form is not None else _AND_CO).sub("", core) or core
    if form == "co":
        core = _DANGLING.sub("", core)
    return (core, form) if has_words(core) else (name, None)


def _of_the_company(words: list[str]) -> list[str]:
    """The words without a department behind them, where a company's form says that a whole name stands before it.

    A university's department, or a town's, may be a customer of its own.
    """
    text = " ".join(words)
    rest = without_department(text)
    if rest == text or not has_words(rest):
        return words
    left = rest.split()
    folded = [joined(word) for word in left]
    known = _longest(folded, from_end=True)[1] or _longest(folded, from_end=False)[1]
    return words if known is None else left


def _trimmed(text: str) -> str:
    return text.strip(" ,;:-–—/|\"'“”„«»").strip()


def _off_the_end(words: list[str]) -> tuple[list[str], list[str], str | None]:
    """What is left of the words, the same folded, and the form."""
    folded = [joined(word) for word in words]
    form: str | None = None
    for _ in range(3):
        if _may_end_in_state(words):
            text = " ".join(words)
            without_state = _STATE.sub("", text)
            if without_state != text and has_words(without_state):
                words = without_state.split()
                folded = [joined(word) for word in words]
        size, label = _longest(folded, from_end=True)
        if label is None:
            break
        if label == "spa" and (fold(words[-2]) or words[-2]) in _BESIDE_A_SPA:
            break
        if label == "co" and form is not None and all(is_generic(fold(word)) for word in words[:-size]):
            break
        words, folded = words[:-size], folded[:-size]
        # "X Oy Ab", "X Co. Ltd": the form that names the kind of company is the national one, or the last.
        form = label if form is None or ((label, form) in _BILINGUAL and label in ("oy", "oyj")) else form
    return words, folded, form


def _may_end_in_state(words: list[str]) -> bool:
    """Whether it is worth looking closer: a plain word that ends no state is what most names end in."""
    last = words[-1] if words else ""
    return not last.isascii() or not last.isalnum() or last.lower() in _ENDS_OF_STATES


def _off_the_beginning(
    words: list[str], folded: list[str], after: str | None
) -> tuple[list[str], list[str], str | None]:
    size, label = _longest(folded, from_end=False)
    if label is None or (after is not None and (label, after) not in _BILINGUAL):
        return words, folded, None
    if all(is_generic(fold(word)) for word in words[size:]):
        return words, folded, None
    return words[size:], folded[size:], label


def _out_of_the_middle(words: list[str], folded: list[str]) -> tuple[list[str], str | None]:
    known = forms()
    for size in range(min(_LONGEST_FORM, len(words) - 2), 0, -1):
        for start in range(1, len(words) - size):
            label = known.get("".join(folded[start : start + size]))
            if label in _UNMISTAKABLE:
                return words[:start] + words[start + size :], label
    return words, None


def _longest(folded: list[str], *, from_end: bool) -> tuple[int, str | None]:
    """How many words at that end make the longest known form, and its label; something must be left of the name."""
    known, ends, form = forms(), _ends(), ""
    longest: tuple[int, str | None] = (0, None)
    for size in range(1, min(_LONGEST_FORM, len(folded) - 1) + 1):
        if from_end:
            form = folded[-size] + form
            if form[-_TELLING:] not in ends:
                break
            if form in known and any(folded[:-size]):
                longest = size, known[form]
        else:
            form += folded[size - 1]
            if form not in _BEGINNINGS:
                break
            if form in _BEFORE and form in known and any(folded[size:]):
                longest = size, known[form]
    return longest


@functools.cache
def _ends() -> frozenset[str]:
    """What a form may end in, up to as many characters as tell: most names' last words are the end of none."""
    return frozenset(form[-size:] for form in ("", *forms()) for size in range(1, _TELLING + 1))


def is_unmistakable(word: str) -> bool:
    """Whether a word is a legal form and can hardly be anything else, such as Oy, GmbH or S.r.l."""
    return joined(word) in _unmistakable()


@functools.cache
def _unmistakable() -> frozenset[str]:
    return frozenset(spelling for spelling, label in forms().items() if label in _UNMISTAKABLE)
