"""The legal forms there are, in every spelling.

The common forms of the countries at hand stand here, with their spelt-out names; rarer ones come from rigour's list,
which is built on ISO 20275.
"""

import functools

from solmu.normalise.text import fold
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
brf: bostadsrättsförening | bostadsrättsföreningen
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
soc coop: società cooperativa | soc. coop | s. coop.
ditta individuale: impresa individuale
gmbh: g.m.b.h. | gesellschaft mit beschränkter haftung | ges.m.b.h. | gesmbh | gesellschaft m.b.h. | mbh
gmbh & co kg: mbh & co kg | gmbh & co. | gmbh und co kg | gmbh u. co. kg | gmbh & co. k
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
ltd: teoranta
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
spzoo: sp. z o.o. | spółka z o.o. | spolka z oo | spółka z ograniczoną odpowiedzialnością
spk: sp. k. | spółka komandytowa | sp. komandytowa
spzoo spk: sp. z o.o. sp. k. | spółka z o.o. sp. k. | sp. z o.o. spółka komandytowa | sp. z o.o. sp. komandytowa
spzoo spk: spółka z o.o. sp. komandytowa | spółka z ograniczoną odpowiedzialnością sp. k. | sp. z o.o. s.k.
spzoo spk: spółka z ograniczoną odpowiedzialnością spółka komandytowa
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
oe: ο.ε. | ομόρρυθμη εταιρεία
epe: ε.π.ε. | εταιρεία περιορισμένης ευθύνης
ae: α.ε. | ανώνυμη εταιρεία
ike: ι.κ.ε.
sae: s.a.e.
se: s.e. | societas europaea
kk: k.k. | 株式会社 | kabushiki kaisha
yk: 有限会社
godo kaisha: 合同会社
ltd: 有限公司 | 有限责任公司
jsc: 股份有限公司
jusikhoesa: 주식회사
yuhanhoesa: 유한회사
as: anonim şirketi | anonim şirket
ltd: limited şirketi | ltd. şti.
bhd: berhad
sdn bhd: sendirian berhad
fze: free zone establishment
fzco: free zone company
pjsc: public joint stock company | публічне акціонерне товариство
ojsc: open joint stock company
cjsc: closed joint stock company
jsc: joint stock company | акционерное общество | приватне акціонерне товариство | акціонерне товариство
"""

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


def joined(text: str) -> str:
    """A text folded, without spaces."""
    return text.lower() if text.isascii() and text.isalnum() else fold(text).replace(" ", "")


@functools.cache
def forms() -> dict[str, str]:
    """Every known spelling, folded and without spaces, with its label."""
    from rigour.data.names.org_types import ORG_TYPES

    found: dict[str, str] = {}
    for line in _AFTER.strip().splitlines():
        label, _, spellings = line.partition(":")
        for spelling in (label, *spellings.split("|")):
            if spelling.strip():
                found.setdefault(joined(spelling), label)
    for listed in ORG_TYPES:
        short = listed.get("display") or listed.get("compare")
        if short is None:
            continue
        label = found.get(joined(short), fold(short))
        for spelling in listed["aliases"]:
            word = joined(spelling)
            # Short ones are somebody's initials more often than a form of a far country.
            if len(word) >= 6 and word not in _NO_LEGAL_FORM:
                found.setdefault(word, label)
    return found
