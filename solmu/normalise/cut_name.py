"""Names that a field was too short for: "Reinhardt & Hoffmann Lackiererei Gm" is a GmbH. Pure."""

from __future__ import annotations

import re

from solmu.normalise.legal_form_list import forms, joined

_LENGTHS = frozenset({30, 35, 40})
"""Characters that ERP systems' fields for names hold (SAP's, DATEV's, payment files' 35)."""
_FORMS = (
    "GmbH", "GmbH & Co. KG", "UG (haftungsbeschränkt)", "Gesellschaft mbH", "Aktiengesellschaft", "Limited",
    "Kommanditgesellschaft", "Aktiebolag", "Osakeyhtiö", "S.r.l.", "S.p.A.", "S.à r.l.", "Sociedad Limitada",
    "Sp. z o.o.", "B.V.", "Incorporated",
)  # fmt: skip
_WHOLE = {joined(form): form for form in _FORMS}
_DANGLING = re.compile(r"\s+[&+-]+$")
_TAIL = 4  # words of which a form is written at most
_TOLD = 3  # letters of it that say which one it is
_SOONER = frozenset({"gm", "sr"})  # what begins nothing else


def completed(name: str) -> str:
    """A name as long as such a field, with the legal form whole that was cut at its end; any other as it is."""
    if len(name) not in _LENGTHS:
        return name
    words = _DANGLING.sub("", name).split()
    for size in range(min(_TAIL, len(words) - 1), 0, -1):
        said = joined("".join(words[-size:]))
        if said in forms():
            break
        whole = [form for key, form in _WHOLE.items() if key.startswith(said)]
        if whole and (len(said) >= _TOLD or said in _SOONER):
            return " ".join([*words[:-size], min(whole, key=len)])
    return " ".join(words)
