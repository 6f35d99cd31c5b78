"""Words of which the labelled synthetic organisations are made (``organisation_cards.py``), by country and script."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Land:
    """What companies of one country are called after."""

    code: str
    dial: str
    forms: tuple[str, ...]  # spellings of one legal form
    other: str  # another form, which another company may have
    trades: tuple[str, ...]
    towns: tuple[str, ...]
    streets: tuple[str, ...]
    syllables: tuple[str, ...]
    word: str  # the land, as companies write it in a name
    holding: str


def _land(
    code: str, dial: str, forms: str, other: str, words: str, towns: str, streets: str, syl: str, *own: str
) -> Land:
    return Land(
        code, dial, tuple(forms.split("|")), other, tuple(words.split("|")), tuple(towns.split("|")),
        tuple(streets.split("|")), tuple(syl.split()), *own,
    )  # fmt: skip


LANDS = (
    _land("FI", "358", "Oy|OY|Osakeyhtiö|oy", "Ky", "Konepaja|Telakka|Optiikka", "Rauma|Oulu|Kuopio|Lahti",
          "Satamakatu|Koivutie|Asemakatu", "kuu las meri vir ta hal po suo nie mi", "Suomi", "Holding"),
    _land("SE", "46", "AB|Aktiebolag|Ab|ab", "HB", "Verkstad|Möbler|Plåt", "Borås|Umeå|Örebro|Lund",
          "Storgatan|Hamngatan|Skolvägen", "björk stor lund sjö hag vik ek mos dal ström", "Sverige", "Förvaltning"),
    _land("DE", "49", "GmbH|G.m.b.H.|gmbh|GMBH", "KG", "Maschinenbau|Elektrotechnik|Druckerei", "Kassel|Ulm|Jena|Trier",
          "Bahnhofstraße|Lindenweg|Marktstraße", "stein berg hof tal wald brun hes kir lau mar", "Deutschland",
          "Beteiligungs"),
    _land("IT", "39", "Srl|S.r.l.|SRL|srl", "S.n.c.", "Officina|Falegnameria|Tessuti", "Parma|Lecco|Bari|Udine",
          "Via Roma|Via Garibaldi|Via Verdi", "ro sal ven to ri mon ga lo bel fio", "Italia", "Finanziaria"),
    _land("FR", "33", "SARL|S.A.R.L.|Sarl|sarl", "SNC", "Menuiserie|Imprimerie|Charpentes", "Rennes|Dijon|Pau|Tours",
          "rue Pasteur|rue Hugo|avenue Foch", "bel mon cour ron lau prer gar vil ter tin", "France", "Participations"),
    _land("PL", "48", "Sp. z o.o.|sp. z o.o.|Spółka z o.o.|SP. Z O.O.", "Sp. j.", "Odlewnia|Meble|Opakowania",
          "Radom|Opole|Elbląg|Kielce", "Polna|Leśna|Szkolna", "gra tar mir zor pol ster dan bor kow now", "Polska",
          "Holding"),
    _land("EE", "372", "OÜ|Osaühing|oü|OU", "TÜ", "Puit|Metall|Trükikoda", "Tartu|Pärnu|Võru|Paide",
          "Pikk|Tartu mnt|Lai", "kal ju mets saar rand lin nu poh tam kivi", "Eesti", "Holding"),
    _land("GB", "44", "Ltd|Limited|LTD|ltd.", "LLP", "Printers|Joinery|Foods", "Derby|Leeds|Bath|Truro",
          "High Street|Canal Road|Mill Lane", "bram stow kil ton wick mer ash ford cas den", "UK", "Holdings"),
    _land("DK", "45", "ApS|Aps|aps|APS", "I/S", "Møbler|Emballage|Elteknik", "Odense|Vejle|Hobro|Ribe",
          "Bredgade|Havnegade|Skovvej", "raun skov hvid nør tof strøm bak lund rin ager", "Danmark", "Ejendomme"),
)  # fmt: skip

# Written as their owners do, and as somebody abroad writes them from hearing or a table; the trade is part of the name.
SCRIPTS = (
    ("RU", "7", ('ООО "Волжанка Строй"', "Волжанка Строй", "Volzhanka Stroy LLC"), "Казань", "Kazan"),
    ("RU", "7", ('ООО "Светлогор"', "Светлогор ООО", "OOO Svetlogor"), "Тверь", "Tver"),
    ("RU", "7", ('АО "Заря Дон Завод"', "Заря Дон Завод", "Zarya Don Zavod JSC"), "Ростов", "Rostov"),
    ("UA", "380", ('ТОВ "Дніпролан Агро"', "Дніпролан Агро", "Dniprolan Agro LLC"), "Дніпро", "Dnipro"),
    ("BG", "359", ("Родопела ЕООД", "РОДОПЕЛА ЕООД", "Rodopela EOOD"), "Пловдив", "Plovdiv"),
    ("RS", "381", ("Моравела д.о.о.", "Моравела ДОО", "Moravela d.o.o."), "Ниш", "Niš"),
    ("GR", "30", ("Πελαγονία Αλιευτική Α.Ε.", "ΠΕΛΑΓΟΝΙΑ ΑΛΙΕΥΤΙΚΗ ΑΕ", "Pelagonia Alieutiki SA"), "Βόλος", "Volos"),
    ("GR", "30", ("Λιθοτεχνική Ε.Π.Ε.", "Λιθοτεχνική ΕΠΕ", "Lithotechniki EPE"), "Πάτρα", "Patra"),
    ("GR", "30", ("Θαλασσινός Ο.Ε.", "ΘΑΛΑΣΣΙΝΟΣ ΟΕ", "Thalassinos OE"), "Χανιά", "Chania"),
    ("CN", "86", ("瑞林机械有限公司", "瑞林机械", "Ruilin Jixie Co., Ltd."), "苏州", "Suzhou"),
    ("CN", "86", ("海源贸易有限公司", "海源贸易 有限公司", "Haiyuan Maoyi Co Ltd"), "青岛", "Qingdao"),
    ("CN", "86", ("明川电子股份有限公司", "明川电子", "Mingchuan Dianzi Co., Ltd"), "厦门", "Xiamen"),
    ("AE", "971", ("شركة الواحات للتجارة", "الواحات للتجارة", "Al Wahat Trading LLC"), "دبي", "Dubai"),
    ("AE", "971", ("Al-Noorain Trading L.L.C.", "Alnoorain Trading LLC", "AL NOORAIN TRADING"), "Sharjah", "Sharjah"),
    ("EG", "20", ("Sharikat El-Menyal lil-Nasij", "El Menyal Textiles S.A.E.", "Al Menyal Textiles"), "Tanta", "Tanta"),
)
