"""Which legal forms may be those of one legal entity: of what kind each is, and where it is at home. Pure."""

from __future__ import annotations

_KINDS: dict[str, tuple[str, str]] = {
    # label of solmu.normalise: (kind of entity, countries whose law knows it; empty where it is any country's English)
    **dict.fromkeys(("oy", "oyj", "abp"), ("company", "FI")),
    "ab": ("company", "FI SE LT"),
    **dict.fromkeys(("gmbh", "gmbh & co kg", "ag", "ug", "kgaa", "ag & co kg"), ("company", "DE AT CH LI")),
    "srl": ("company", "IT SM RO MD BE AR BO CR DO PE PY UY"),
    "srls": ("company", "IT"),
    "spa": ("company", "IT SM CL DZ"),
    "sapa": ("company", "IT"),
    **dict.fromkeys(("as", "asa"), ("company", "NO DK FO GL EE CZ SK LV TR")),
    "aps": ("company", "DK FO GL"),
    **dict.fromkeys(("hf", "ehf"), ("company", "IS")),
    "oü": ("company", "EE"),
    "sia": ("company", "LV"),
    "uab": ("company", "LT"),
    **dict.fromkeys(("bv", "nv"), ("company", "NL BE AW CW SR SX")),
    **dict.fromkeys(("bvba", "sprl"), ("company", "BE")),
    "sarl": ("company", "FR LU CH BE MC MA TN DZ LB SN CI CM ML BF BJ TG GA CG MG"),
    "sasu": ("company", "FR"),
    "eurl": ("company", "FR DZ"),
    "sa": (
        "company",
        "FR ES PT BE LU CH IT PL GR RO AD MC MA TN DZ LB SN CI CM ML BF BJ TG GA CG MG AO MZ"
        " AR BO BR CL CO CR DO EC GT HN MX NI PA PE PY SV UY VE",
    ),
    "spzoo": ("company", "PL"),
    "sro": ("company", "CZ SK"),
    **dict.fromkeys(("doo", "dd"), ("company", "SI HR RS BA MK ME XK")),
    **dict.fromkeys(("kft", "zrt", "nyrt"), ("company", "HU")),
    **dict.fromkeys(("sl", "slu"), ("company", "ES AD")),
    "sau": ("company", "ES AR"),
    "lda": ("company", "PT AO CV MZ BR BO CL CO CR EC GT HN NI PE PY SV"),
    "sa de cv": ("company", "MX SV HN"),
    **dict.fromkeys(("ltd", "inc", "corp", "co", "llc", "jsc", "pjsc", "ojsc", "cjsc", "se"), ("company", "")),
    "plc": ("company", "GB IE"),
    "llp": ("partnership", "GB IE US CA IN SG"),
    "lp": ("partnership", ""),
    **dict.fromkeys(("ooo", "oao", "zao", "pao"), ("company", "RU BY KG KZ TJ TM UZ")),
    "tov": ("company", "UA"),
    **dict.fromkeys(("ood", "eood", "ead"), ("company", "BG")),
    **dict.fromkeys(("ae", "epe", "ike"), ("company", "GR CY")),
    "sae": ("company", "EG LB"),
    **dict.fromkeys(("kk", "yk", "godo kaisha"), ("company", "JP")),
    **dict.fromkeys(("jusikhoesa", "yuhanhoesa"), ("company", "KR")),
    **dict.fromkeys(("bhd", "sdn bhd"), ("company", "MY BN")),
    **dict.fromkeys(("fze", "fzco"), ("company", "AE")),
    "ky": ("partnership", "FI"),
    "ay": ("partnership", "FI"),
    **dict.fromkeys(("hb", "kb"), ("partnership", "SE")),
    **dict.fromkeys(("kg", "ohg", "gbr"), ("partnership", "DE AT CH LI")),
    "snc": ("partnership", "IT FR BE CH LU MC RO"),
    "sas": ("", "IT FR MC AR CO EC UY"),  # a partnership in Italy, a company in France
    "vof": ("partnership", "NL BE"),
    **dict.fromkeys(("spk", "spj", "spzoo spk"), ("partnership", "PL")),
    "bt": ("partnership", "HU"),
    **dict.fromkeys(("tü", "uü"), ("partnership", "EE")),
    "oe": ("partnership", "GR CY"),
    **dict.fromkeys(("osk", "ef", "brf", "eg", "soc coop", "scarl", "scop"), ("cooperative", "")),
    **dict.fromkeys(("ry", "rf", "ev", "mtü"), ("association", "")),
    **dict.fromkeys(("as oy", "koy"), ("property", "FI")),
    **dict.fromkeys(("tmi", "enskild firma", "ek", "fie", "ditta individuale", "ei"), ("trader", "")),
}
_ANY_COMPANY = ("company", "")
_ONE_FORM = {
    **dict.fromkeys(("FI", "AX"), ("oy ab", "oyj abp", "oyj ab", "oy abp", "ab abp", "ky kb")),
    **dict.fromkeys(("CH", "LU"), ("ag sa", "gmbh sarl", "gmbh srl", "sarl srl", "kg sas", "ohg snc")),
    "BE": ("nv sa", "bv srl", "bvba sprl", "bvba srl", "bv sprl", "bv bvba", "sprl srl", "vof snc"),
    "IT": ("gmbh srl", "ag spa", "kg sas", "ohg snc"),
}
"""Forms that one company has in the languages of its country, or by its law before and after Belgium's reform of 2019.

Sources: Finland's limited companies act, the Swiss code of obligations, Luxembourg's law on commercial companies,
Belgium's code of companies and associations, and the statute of South Tyrol.
"""
_ONE_COMPANY = (frozenset({"oy", "oyj", "abp"}), frozenset({"gmbh", "gmbh & co kg"}), frozenset({"as", "asa"}),
                frozenset({"srl", "srls"}), frozenset({"ae", "sa"}), frozenset({"sa", "sa de cv"}),
                frozenset({"oao", "pao"}), frozenset({"sl", "slu"}), frozenset({"sa", "sau"}),
                frozenset({"sarl", "eurl"}), frozenset({"sas", "sasu"}), frozenset({"gmbh", "ug"}),
                frozenset({"spk", "spzoo spk"}))  # fmt: skip
"""Forms that clerks write for one another, that a company grows from one into the other, or that say whether it has
one owner."""


def countries_of(legal_form: str | None) -> frozenset[str]:
    """Where companies of that form are at home; empty where the form does not say."""
    return frozenset(_KINDS.get(legal_form or "", ("", ""))[1].split())


def legal_forms_contradict(one: str | None, two: str | None, country: str | None = None) -> bool:
    """Whether two names with these forms cannot be those of one legal entity.

    ``country`` is where both are known to be, None where that is not known. "Ltd" and the like are also how clerks
    translate their own form, so they contradict only another kind of entity. Oy and Ab are one form in Finland's two
    languages, as AG and SA are in Switzerland, but an Oy and an AB in Sweden are two companies of one group.
    """
    if one is None or two is None or one == two or any({one, two} <= forms for forms in _ONE_COMPANY):
        return False
    if country is not None and any({one, two} == set(forms.split()) for forms in _ONE_FORM.get(country, ())):
        return False
    first, second = _KINDS.get(one), _KINDS.get(two)
    if first is None or second is None:
        # A form that is rare here may be the one that clerks write "Ltd" for.
        return (first or second) != _ANY_COMPANY
    (kind, countries), (other_kind, other_countries) = first, second
    if kind and other_kind and kind != other_kind:
        return True
    # Both are national: two forms of one kind are still two forms, and so two companies, or a conversion.
    return bool(countries and other_countries)
