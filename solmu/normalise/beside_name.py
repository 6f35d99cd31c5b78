"""What stands behind a company's name in its field and is no part of it: addressees, departments, former names."""

import re

# "Formerly" and "also called", by language: words that mean it anywhere, and those that do in brackets only.
_OTHERWISE = r"""
    (?:entinen|entiseltä|aiemmin|aikaisemmin|aputoiminimi|bifirma|tidigare|förut|tidligere|endine|dawniej|dříve|predtým
      |ehemals|vormals|früher|voorheen|v/h|anciennement|anteriormente|già|gia|ранее|раніше|πρώην|τέως
      |formerly|previously|former(?:\s+name)?|f/?k/?a|a/?k/?a|d/?b/?a|t/a)\b
    |(?:ent|ehem|vorm|end|tidl?|бывш)\.|f\.?\s?d\.|ex[\s.:-]|бывш(?:ее|ая|ий)
    |לשעבר|(?:المعروفة\s+)?سابق(?:اً|ًا|ا)(?:\s+باسم)?|曾用名|旧社名|旧称
"""
_OTHERWISE_IN_BRACKETS = r"""
    ent\s|f\.?d\s|antes\b|antigu[oa]\b|antig[oa]\b|anc\.|voormalig\b|fost[aă]?\b|eski\b|d\.\s
    |[旧舊](?=[^()（）]{2})|原(?=[^()（）]{3})|구(?=[\s,])
"""
_OTHER_NAME = re.compile(
    rf"""(?:(?<![\s,(\[（/–-])[\s,(\[（/–-]+(?:{_OTHERWISE})|(?<!\s)\s*[(\[（]\s*(?:{_OTHERWISE_IN_BRACKETS}))
    \s*(?:nimi\b|name\b|known\s+as\b)?[\s:：,]*(?P<other>[^()\[\]（）]+?)\s*[)\]）]?\s*$""",
    re.IGNORECASE | re.VERBOSE,
)

_ADDRESSEE = re.compile(
    r"(?<=\S)[\s,;(–-]+(?:c\s?/\s?o\b|℅|z\.\s?hd\.|z\.\s?h\.|zu\s+händen\b|t\.\s?a\.\s?v\."
    r"|attn?\b[.:]|attention:|à\s+l['’]attention\s+de\b|all['’]attenzione\s+di\b)\s*\S.*$",
    re.IGNORECASE,
)
# The word "department", before what it is of; in the East behind it, where 北部 is the north of a country. And "v/", by
# which Danes name whom to write to, but the owner, too: "Tømrer v/ Jens Holm" is not "Tømrer v/ Per Berg".
_DEPARTMENT = re.compile(
    r"[\s,;(/|–—-]+(?:abt|abteilung|dept|department|dpto|departamento|afd|afdeling|avd|avdelning|avdelningen|avdeling|dział"
    r"|oddělení|ufficio|отдел|відділ|τμήμα|מחלקת|قسم)\b[^,;]*$"
    r"|[\s,;(–-]+(?:v\s?/\s?(?![ah]\b)|inh\.|inhaber(?:in)?\b)\s*\S.*$"
    r"|[\s,;(/|–—-]+(?:accounts(?:\s+payable)?|accounting|billing|invoic(?:es|ing)|purchas(?:e\s+ledger|ing)|procurement"
    r"|(?:finanz|kreditoren)?buchhaltung|rechnung(?:en|swesen|seingang)|kreditoren|einkauf|laskutus|ostolaskut|kirjanpito|fakturering"
    r"|ekonomi|bogholderi|regnskab|regnskap|fatturazione|contabilità|amministrazione|comptabilité|facturation|facturación"
    r"|contabilidad|administración|boekhouding|facturatie|crediteuren|księgowość|účtárna)\)?$"
    r"|\s+[\u3040-\u9fff\uac00-\ud7af]{1,8}(?:(?<![東西南北中东])部|[課课]|팀)$",
    re.IGNORECASE,
)


def other_name(name: str) -> tuple[str, str]:
    """What a company is called, and its former or other name, empty where none stands behind that.

    "Valamis Oy (ent. Arcusys)", "Nuova Srl già Vecchia Srl", "Acme Ltd t/a Bob's Tools".
    """
    found = _OTHER_NAME.search(name)
    return (name[: found.start()], found["other"]) if found else (name, "")


def without_addressee(name: str) -> str:
    """ "Acme GmbH c/o Kanzlei Kühn" without whom to write to there: the name is whose mail it is."""
    return _ADDRESSEE.sub("", name)


def without_department(name: str) -> str:
    """A name without the department, or whom to ask for, at its end; whether a company is left is for the caller."""
    return _DEPARTMENT.sub("", name)
