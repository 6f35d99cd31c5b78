"""Legal forms in the names of organisations: Oy, Ab, S.r.l., GmbH & Co. KG, Ltd, …

The common forms of the countries at hand stand here, with their spelt-out names; rarer ones come from rigour's list,
which is built on ISO 20275. Comparison ignores case, dots and spaces, so "S.r.l.", "s r l" and "SRL" are one.
"""

import functools
import re

from solmu.normalise.generic_words import is_generic
from solmu.normalise.text import fold, has_words
from solmu.normalise.word_list import word_set

# "label: spellings", those that stand after the name. The label itself is always one of them.
_AFTER = """
oy: osakeyhtiö | oy ab | oyab | ab oy
oyj: julkinen osakeyhtiö | oyj abp | abp oyj
ab: aktiebolag | aktiebolaget | ab publ
abp: publikt aktiebolag
ky: kommandiittiyhtiö
ay: avoin yhtiö
tmi: toiminimi
osk: osuuskunta | osuusk
ry: rekisteröity yhdistys | r.y.
rf: registrerad förening | r.f.
sr: säätiö sr
as oy: asunto oy | asunto-osakeyhtiö | bostads ab
koy: kiinteistö oy | kiint oy | fastighets ab
hb: handelsbolag | handelsbolaget
kb: kommanditbolag | kommanditbolaget
ef: ekonomisk förening | ek för
enskild firma: enskild näringsidkare
srl: s.r.l. | società a responsabilità limitata | societa' a responsabilita' limitata | soc. a r.l.
srls: società a responsabilità limitata semplificata
spa: s.p.a. | società per azioni | soc. per azioni
ss: società semplice
sapa: società in accomandita per azioni
snc: s.n.c. | società in nome collettivo
sas: s.a.s. | società in accomandita semplice | société par actions simplifiée
sasu: société par actions simplifiée unipersonnelle
scarl: soc. coop. a r.l. | s.c.a r.l. | scrl | soc coop arl | società cooperativa a responsabilità limitata
soc coop: società cooperativa | soc. coop
ditta individuale: impresa individuale
gmbh: g.m.b.h. | gesellschaft mit beschränkter haftung | ges.m.b.h. | gesmbh
gmbh & co kg: gmbh & co. | gmbh und co kg | gmbh u. co. kg
ggmbh: gemeinnützige gmbh
ug: unternehmergesellschaft | ug haftungsbeschränkt
ag: aktiengesellschaft
kg: kommanditgesellschaft
ag & co kg: ag & co. | ag und co kg
kgaa: kommanditgesellschaft auf aktien
ohg: offene handelsgesellschaft
gbr: gesellschaft bürgerlichen rechts
ek: e.k. | e. kfm. | e. kfr. | eingetragener kaufmann | eingetragene kauffrau
ev: e.v. | eingetragener verein
eg: e.g. | eingetragene genossenschaft
ltd: limited | private limited company | company limited | co ltd | co limited | private limited | pvt ltd | pte ltd
ltd: pte limited | pty ltd | pty limited
plc: public limited company
llp: limited liability partnership
lp: limited partnership
llc: limited liability company | l.l.c.
inc: incorporated | incorporation
corp: corporation
co: company | & company
sarl: s.à r.l. | s.a.r.l. | société à responsabilité limitée
sa: s.a. | société anonyme | sociedad anónima | sociedade anónima
eurl: entreprise unipersonnelle à responsabilité limitée
sci: société civile immobilière
scop: société coopérative et participative
bv: b.v. | besloten vennootschap
nv: n.v. | naamloze vennootschap
vof: v.o.f. | vennootschap onder firma
bvba: b.v.b.a.
sprl: s.p.r.l.
as: a/s | aktieselskab | aksjeselskap | aktsiaselts | a.s. | akciová společnost | akciju sabiedrība
asa: allmennaksjeselskap
aps: anpartsselskab
ivs: iværksætterselskab
is: i/s
oü: osaühing
tü: täisühing
uü: usaldusühing
mtü: mittetulundusühing
fie: füüsilisest isikust ettevõtja
sia: sabiedrība ar ierobežotu atbildību
uab: uždaroji akcinė bendrovė
ehf: einkahlutafélag
hf: hlutafélag
spzoo: sp. z o.o. | spółka z ograniczoną odpowiedzialnością
spk: sp. k. | spółka komandytowa
spj: sp. j. | spółka jawna
sro: s.r.o. | spol. s r.o. | společnost s ručením omezeným | spoločnosť s ručením obmedzeným
doo: d.o.o.
dd: d.d.
kft: korlátolt felelősségű társaság
zrt: zártkörűen működő részvénytársaság
nyrt: nyilvánosan működő részvénytársaság
bt: betéti társaság
sl: s.l. | sociedad limitada
slu: s.l.u. | sociedad limitada unipersonal
sau: s.a.u.
lda: limitada | ltda
ood: дружество с ограничена отговорност
eood: еднолично дружество с ограничена отговорност
ooo: общество с ограниченной ответственностью
oao: открытое акционерное общество
zao: закрытое акционерное общество
pao: публичное акционерное общество
tov: товариство з обмеженою відповідальністю
se: s.e. | societas europaea
kk: k.k. | 株式会社 | kabushiki kaisha
yk: 有限会社
ltd: 有限公司
plc: 股份有限公司
jusikhoesa: 주식회사 | ㈜
as: anonim şirketi | anonim şirket
ltd: limited şirketi | ltd. şti.
bhd: berhad
sdn bhd: sendirian berhad
fze: free zone establishment
fzco: free zone company
pjsc: public joint stock company
jsc: joint stock company
"""

# Forms that also stand before the name. Not SA, AG, KG, BV, SE, Co: as first words these are somebody's initials.
_BEFORE = word_set(
    """
    oy ab oyj oyab aktiebolaget osakeyhtio toiminimi tmi osuuskunta kommandiittiyhtio asuntooy asoy
    asuntoosakeyhtio kiinteistooy kiintoy koy bostadsab fastighetsab handelsbolaget kommanditbolaget
    srl sarl eurl sas sasu sci scop snc soccoop societacooperativa dittaindividuale impresaindividuale
    as ou osauhing aktsiaselts mtu fie sia uab ooo oao zao pao tov kk zhushihuishe jusighoesa
    """
)

# A company may carry its form in both languages of the country, one before and one after its name: "Oy Karl Fazer Ab".
_BILINGUAL = frozenset({("oy", "ab"), ("ab", "oy"), ("oyj", "abp"), ("abp", "oyj"), ("oyj", "ab"), ("oy", "abp")})

# Forms that mean nothing else, and may be cut out of the middle: "Acme Oy Tampere", "Muster GmbH Niederlassung Wien".
_UNMISTAKABLE = frozenset(
    {"oy", "oyj", "gmbh", "gmbh & co kg", "srl", "srls", "ltd", "llc", "sarl", "spzoo", "oü", "uab"}
)

# Of rigour's list: words of ordinary names.
_NO_LEGAL_FORM = word_set(
    """
    export import firma expcorp impand insaat lojistik ticaret tesisat sirketi santic detskiysad cooperation
    cooperative cooperatif kooperatsia kooperatsiya spoldzielni foundation fondacion fondacioni fundacion
    stiftung saatio compania kompani kompania kompaniya interneyshnl korporeshn unlimited noliability
    stateconcern statnipodnik preduzetnik jointventure privateenterprise soleproprietorship internazionale
    internazionali internationale international comanditasimple
    """
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
_FORMER_NAME = re.compile(
    r"\s*[(\[]\s*(?:ent\b|entinen|ex\b|formerly|previously|former|f\.?d\.?\s|tidigare|ehemals|vormals|früher|già\b|gia\b"
    r"|anciennement|endine)[^()\[\]]*[)\]]?\s*$",
    re.IGNORECASE,
)
# An Italian partnership names its partners after its form: "La Bottega S.a.s. di Rossi Anna & C."
_PARTNERS = re.compile(
    r"(?<=\S)[\s,]+(s\.?\s?a\.?\s?s|s\.?\s?n\.?\s?c|s\.?\s?s)\.?\s+(?:di|dei|degli|del|della)\s+\S.*$",
    re.IGNORECASE,
)
_AND_COMPANY = re.compile(r"[\s,]+(?:&|\+|e|and|und|u\.)\s*(?:c|co|cie|company|figli|soci)\.?$", re.IGNORECASE)
_UNSPACED_SCRIPTS = re.compile("株式会社|有限会社|股份有限公司|有限公司|주식회사|㈜")
_UNSPACED_COMMA = re.compile(r",(?=\S)")
_BESIDE_A_SPA = word_set("day health beauty wellness medi medical nail hotel resort and & hair urban city")
_LONGEST_FORM = 9


def _joined(text: str) -> str:
    return text.lower() if text.isascii() and text.isalnum() else fold(text).replace(" ", "")


@functools.cache
def _forms() -> dict[str, str]:
    """Every known spelling, folded and without spaces, with its label."""
    from rigour.data.names.org_types import ORG_TYPES

    forms: dict[str, str] = {}
    for line in _AFTER.strip().splitlines():
        label, _, spellings = line.partition(":")
        for spelling in (label, *spellings.split("|")):
            if spelling.strip():
                forms.setdefault(_joined(spelling), label)
    for listed in ORG_TYPES:
        short = listed.get("display") or listed.get("compare")
        if short is None:
            continue
        label = forms.get(_joined(short), fold(short))
        for spelling in listed["aliases"]:
            joined = _joined(spelling)
            # Short ones are somebody's initials more often than a form of a far country.
            if len(joined) >= 6 and joined not in _NO_LEGAL_FORM:
                forms.setdefault(joined, label)
    return forms


def split_legal_form(name: str) -> tuple[str, str | None]:
    """The name without its legal form, and the form's label (``"oy"``, ``"gmbh & co kg"``), None when it has none.

    Forms are taken off the end, off the beginning where they stand there, or both for bilingual names. A name that
    would be empty without its form, or of generic words only without the form before it, keeps it.
    """
    plain = name.isascii()
    if "(" in name or "[" in name:
        name = _FORMER_NAME.sub("", name) or name
    lower = name.lower()
    if not plain or "di" in lower or "de" in lower:
        name = _PARTNERS.sub(r" \1", name)
    if not plain:
        name = _UNSPACED_SCRIPTS.sub(r" \g<0> ", name)
    words = (_UNSPACED_COMMA.sub(", ", name) if "," in name else name).split()
    words, folded, after = _off_the_end(words)
    words, folded, before = _off_the_beginning(words, folded, after)
    form = before if (before, after) in _BILINGUAL and before in ("oy", "oyj") else after or before
    if form is None:
        words, form = _out_of_the_middle(words, folded)
    core = _trimmed(" ".join(words))
    if form is not None:
        core = _AND_COMPANY.sub("", core) or core
    return (core, form) if has_words(core) else (name, None)


def _trimmed(text: str) -> str:
    return text.strip(" ,;:-–—/|\"'“”„«»").strip()


def _off_the_end(words: list[str]) -> tuple[list[str], list[str], str | None]:
    """What is left of the words, the same folded, and the form."""
    folded = [_joined(word) for word in words]
    form: str | None = None
    for _ in range(3):
        if _may_end_in_state(words):
            text = " ".join(words)
            without_state = _STATE.sub("", text)
            if without_state != text and has_words(without_state):
                words = without_state.split()
                folded = [_joined(word) for word in words]
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
    forms = _forms()
    for size in range(min(_LONGEST_FORM, len(words) - 2), 0, -1):
        for start in range(1, len(words) - size):
            label = forms.get("".join(folded[start : start + size]))
            if label in _UNMISTAKABLE:
                return words[:start] + words[start + size :], label
    return words, None


def _longest(folded: list[str], *, from_end: bool) -> tuple[int, str | None]:
    """How many words at that end make the longest known form, and its label; something must be left of the name."""
    forms, joined = _forms(), ""
    longest: tuple[int, str | None] = (0, None)
    for size in range(1, min(_LONGEST_FORM, len(folded) - 1) + 1):
        if from_end:
            joined = folded[-size] + joined
            if joined in forms and any(folded[:-size]):
                longest = size, forms[joined]
        else:
            joined += folded[size - 1]
            if joined in _BEFORE and joined in forms and any(folded[size:]):
                longest = size, forms[joined]
    return longest


def is_unmistakable(word: str) -> bool:
    """Whether a word is a legal form and can hardly be anything else, such as Oy, GmbH or S.r.l."""
    return _joined(word) in _unmistakable()


@functools.cache
def _unmistakable() -> frozenset[str]:
    return frozenset(spelling for spelling, label in _forms().items() if label in _UNMISTAKABLE)
