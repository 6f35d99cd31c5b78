"""What stands behind a company's name in its field and is no part of it: addressees, departments, former names."""

import re

# Words for "formerly", by language, and those that mean it in brackets only.
FORMERLY = (
    r"v/h\b|voorheen\b|dříve\b|predtým\b|anteriormente\b|бывш(?:\.|ее|ая|ий)|ранее\b|раніше\b|πρώην\b|τέως\b|לשעבר"
    r"|(?:المعروفة\s+)?سابق(?:اً|ًا|ا)(?:\s+باسم)?|曾用名|旧社名|旧称"
)
FORMERLY_IN_BRACKETS = (
    r"antes\b|antigu[oa]\b|antig[oa]\b|anc\.|voormalig\b|fost[aă]?\b|eski\b|d\.\s"
    r"|[旧舊](?=[^()（）]{2})|原(?=[^()（）]{3})|구(?=[\s,])"
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
    r"|[\s,;(–-]+v\s?/\s?(?![ah]\b)\S.*$"
    r"|\s+[\u3040-\u9fff\uac00-\ud7af]{1,8}(?:(?<![東西南北中东])部|[課课]|팀)$",
    re.IGNORECASE,
)


def without_addressee(name: str) -> str:
    """ "Acme GmbH c/o Kanzlei Kühn" without whom to write to there: the name is whose mail it is."""
    return _ADDRESSEE.sub("", name)


def without_department(name: str) -> str:
    """A name without the department, or whom to ask for, at its end; whether a company is left is for the caller."""
    return _DEPARTMENT.sub("", name)
